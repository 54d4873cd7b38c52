"""failover_office.conf: what the dialplan knows of this office without the route table, so calls work without it."""

from __future__ import annotations

import re

from router.core.numbers import deliveries, numbering
from router.core.site import Forwarding, NumberSite, Site, TrunkSite

HEAD = """\
; Written by `failover init` from failover.toml; do not edit: run it again and `dialplan reload`.
; What holds for this office even when the route table is gone and the router is dead.
[globals]
"""


LONGEST_VALUE = 3500
"""Asterisk cuts a line of about 4096 bytes without a word."""


def office_values(site: Site) -> dict[str, str]:
    """The global variables by name. Raises ValueError where two numbers would arrive under the same name."""
    country_code, national, international = numbering(site.country)
    values = {
        "FAILOVER_TRUNKS": "&".join(trunk.name for trunk in site.trunks),
        "FAILOVER_EMERGENCY": "/" + "/".join(site.emergency) + "/",
        "FAILOVER_NUMBERING": "=".join((country_code, national, international, site.outside_prefix)),
        "FAILOVER_CALLS": _number(site.numbers[0]),
        **_forwarding(site.forwarding),
        "FAILOVER_LANGUAGE": site.desk.language,
        "FAILOVER_PIN": site.desk.pin,
        "FAILOVER_INSIDE": site.desk.inside,
    }
    values |= {f"FAILOVER_TRUNK_{trunk.name}": _trunk(trunk, site) for trunk in site.trunks}
    values |= {f"FAILOVER_PEER_{_bare(peer)}": trunk.name for trunk in site.trunks if (peer := trunk.channels_of)}
    values |= {f"FAILOVER_NUMBER_{place}": number.number for place, number in enumerate(site.numbers, 1)}
    values |= {f"FAILOVER_EMERGENCY_{n}": n for n in site.emergency}
    if site.outside_prefix:
        values |= {f"FAILOVER_EMERGENCY_{site.outside_prefix}{n}": n for n in site.emergency}
    for number in site.numbers:
        for arrival in (*deliveries(number.number, site.country), *number.arrives_as):
            name = "FAILOVER_CALLS_" + re.sub(r"[^A-Za-z0-9_]", "", arrival)
            if values.setdefault(name, _number(number)) != _number(number):
                raise ValueError(f"{arrival} cannot be told from a name under which another number arrives")
    return values


def office_conf(site: Site) -> str:
    """The whole file. Raises ValueError, in plain words, where a value cannot stand in it."""
    values = office_values(site)
    for name, value in values.items():
        if any(sign in value for sign in ";\r\n\0"):
            raise ValueError(f"{name} cannot hold a line end or a semicolon: {value[:60]!r}")
        if len(value) > LONGEST_VALUE:
            raise ValueError(f"{name} is too long for Asterisk: {len(value)} characters")
    return HEAD + "".join(f"{name}={value}\n" for name, value in values.items())


def _number(number: NumberSite) -> str:
    """NUMBER=TRUNK=CONTEXT&EXTENSION&PRIORITY"""
    target = number.calls.replace("{did}", "~").replace(",", "&")
    return f"{number.number}={number.trunk}={target}"


def _trunk(trunk: TrunkSite, site: Site) -> str:
    """DIAL=FORMAT=ENDPOINT=CHANNELS=OWN NUMBER, the first that customers dial to reach it."""
    dial = trunk.dial.replace("{number}", "~")
    own = next((number.number for number in site.numbers if number.trunk == trunk.name), "")
    return f"{dial}={trunk.number_format}={trunk.peer}={trunk.channels}={own}"


def _bare(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)


def _forwarding(forwarding: Forwarding) -> dict[str, str]:
    return {
        "FAILOVER_RING": str(forwarding.ring_seconds),
        "FAILOVER_TOTAL": str(forwarding.total_seconds),
        "FAILOVER_TOGETHER": "yes" if forwarding.together else "no",
        "FAILOVER_CONFIRM": "yes" if forwarding.confirm else "no",
        "FAILOVER_CALLER_ID": "office" if forwarding.office_caller_id else "caller",
        "FAILOVER_NOBODY": forwarding.nobody.replace(",", "&"),
        "FAILOVER_PREFIXES": "&".join(forwarding.prefixes),
        "FAILOVER_MOST": str(forwarding.most_calls),
        "FAILOVER_MINUTES": str(forwarding.minutes_per_day),
    }
