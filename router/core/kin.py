"""Which far ends most likely belong to one carrier: neighbours by address, or servers of one domain."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network

from router.core.peer import address_in

_BITS = {4: 24, 6: 48}
"""A network that small is in one hand as a rule."""
_UNDER_COUNTRIES = frozenset({"ac", "co", "com", "edu", "gov", "gv", "ne", "net", "or", "org"})
"""Second-level domains under which names are sold, as in co.uk."""


@lru_cache(maxsize=1000)
def family(host: str) -> str:
    """What far ends of one carrier have in common: the network of an address, the registered domain of a name.

    Empty where nothing is known of it. What is on this machine stands for something behind it, and has no neighbours.
    """
    address = address_in(host)
    if address is None:
        labels = host.lower().rstrip(".").split(".")
        most = 3 if len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _UNDER_COUNTRIES else 2
        return ".".join(labels[-most:]) if len(labels) >= most else ""
    return "" if address.is_loopback else str(network_of(host))


def network_of(address: str) -> str:
    """The network of an address, as small as any is: neighbours in it are in one hand. Empty where it is none."""
    there = address_in(address)
    if there is None:
        return ""
    plain = str(there).partition("%")[0]
    return str(ip_network(f"{plain}/{_BITS[there.version]}", strict=False))
