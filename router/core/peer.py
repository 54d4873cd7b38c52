"""Where the far end of a trunk is, as Asterisk's SIP URIs tell it: a name or an address, and in whose network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_URI = re.compile(
    r"<?\s*sips?:(?:[^@<>\s]*@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?(?:[;?>].*)?",
    re.IGNORECASE | re.DOTALL,
)
_MOST_URI = 1000
_INSIDE = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")),
) + tuple(map(IPv6Network, ("fc00::/7", "fe80::/10")))  # fmt: skip
"""RFC 1918, RFC 3927, RFC 4193, RFC 4291. Not loopback: what listens there stands for something behind it. Not
100.64.0.0/10: that is the carriers' own (RFC 6598)."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Host:
    """A host of a SIP URI, in lower case and without brackets. With a port no SRV is asked for (RFC 3263, 4.2)."""

    name: str
    port: bool = False

    @property
    def address(self) -> Address | None:
        """None where it is a name."""
        return address_in(self.name)


def host_in(uri: str) -> Host | None:
    """The host of a SIP URI; None where there is none that can be read."""
    found = _URI.fullmatch(uri[:_MOST_URI].strip())
    if found is None:
        return None
    host = found["host"].strip("[]").lower().rstrip(".")
    brackets = found["host"].startswith("[")
    if not host or (brackets and address_in(host) is None) or not all(0 < len(part) < 64 for part in host.split(".")):
        return None
    return Host(host, found["port"] is not None)


def address_in(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=1000)
def is_inside(address: str) -> bool:
    """Whether it is an address of a private network: the office's own, as a rule."""
    there = address_in(address)
    return there is not None and any(there in net for net in _INSIDE if net.version == there.version)


_OWN_DOMAINS = ("local", "lan", "home", "internal", "intern", "private", "corp", "home.arpa", "fritz.box")
"""RFC 6762 (and its appendix G), RFC 8375, and those that home routers and offices are wont to use."""


def is_own_name(name: str) -> bool:
    """Whether it is a name that only our own network can know: without a dot, or in a domain that the world has not."""
    if not name or name == "localhost" or address_in(name):
        return False
    return "." not in name or name.endswith(tuple(f".{domain}" for domain in _OWN_DOMAINS))
