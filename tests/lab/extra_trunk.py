"""A further trunk of the office, to what is no carrier of the lab: a stand-in, a closed port, a name that nobody knows.

Lab(extra_trunks=[ExtraTrunk("refused", "127.0.{net}.99", transport="tcp"), ExtraTrunk("nameless", "nosuch.invalid")])
"""

from __future__ import annotations

import dataclasses

_TRUNK = """
[{name}]
type = endpoint
transport = {transport}
context = failover-inbound
disallow = all
allow = alaw
direct_media = no
send_pai = yes
trust_id_outbound = yes
aors = {name}
{auth}
[{name}]
type = aor
contact = sip:{address};transport={transport}
qualify_frequency = {qualify_frequency}
qualify_timeout = {qualify_timeout}
"""

_IDENTIFY = """
[{name}]
type = identify
endpoint = {name}
match = {host}
"""

_AUTH = """
[{name}]
type = auth
auth_type = userpass
username = office
password = {secret}
"""


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
        auth = f"outbound_auth = {self.name}" if self.secret else ""
        text = _TRUNK.format(name=self.name, address=address, transport=self.transport, auth=auth, **told)
        if self.secret:
            text += _AUTH.format(name=self.name, secret=self.secret)
        if host[0].isdigit():  # a name would be looked up while pjsip.conf loads
            text += _IDENTIFY.format(name=self.name, host=host)
        return text
