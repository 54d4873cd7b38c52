"""The sections of pjsip.conf that every trunk of the office has, to a carrier of the lab or to anything else."""

from __future__ import annotations

_ENDPOINT = """
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
contact = {contact}
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


def endpoint(name: str, contact: str, transport: str, *, answers: bool, times: dict[str, float]) -> str:
    """Where its calls go to and come from; `answers`: it answers a challenge with what `auth` says."""
    auth = f"outbound_auth = {name}" if answers else ""
    return _ENDPOINT.format(name=name, contact=contact, transport=transport, auth=auth, **times)


def identify(name: str, host: str) -> str:
    """Calls from that address are this trunk's."""
    return _IDENTIFY.format(name=name, host=host)


def auth(name: str, secret: str) -> str:
    """The office's account there."""
    return _AUTH.format(name=name, secret=secret)
