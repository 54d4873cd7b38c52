"""A further trunk of the office, to what is no carrier of the lab: a stand-in, a closed port, a name that nobody knows.

Lab(extra_trunks=[ExtraTrunk("refused", "127.0.{net}.99", transport="tcp"), ExtraTrunk("nameless", "nosuch.invalid")])
"""

from __future__ import annotations

import dataclasses

from tests.lab import trunk_conf


@dataclasses.dataclass(frozen=True)
class ExtraTrunk:
    """A trunk without registration. `{net}` in `host` stands for the lab's; `transport` is udp or tcp.

    `port` 0: none in the URI, so that a name is asked for by NAPTR and SRV too (RFC 3263, section 4). `secret`: what
    the office answers a challenge with; empty, it has no answer. `qualify` False: never probed, so never unreachable.
    """

    name: str
    host: str
    port: int = 5060
    transport: str = "udp"
    secret: str = ""
    qualify: bool = True

    def pjsip(self, net: int, times: dict[str, float]) -> str:
        """Its part of pjsip.conf; `times` as TIMES of the office."""
        host = self.host.format(net=net)
        told = times | {"qualify_frequency": times["qualify_frequency"] if self.qualify else 0}
        address = f"{host}:{self.port}" if self.port else host
        contact = f"sip:{address};transport={self.transport}"
        text = trunk_conf.endpoint(self.name, contact, self.transport, answers=bool(self.secret), times=told)
        if self.secret:
            text += trunk_conf.auth(self.name, self.secret)
        if host[0].isdigit():  # a name would be looked up while pjsip.conf loads
            text += trunk_conf.identify(self.name, host)
        return text
