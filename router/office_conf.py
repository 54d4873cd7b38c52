"""failover_office.conf: what the dialplan knows of this office without the route table, so calls work without it."""

from __future__ import annotations

from router.core.numbers import deliveries, numbering
from router.core.site import NumberSite, Site, TrunkSite

HEAD = """\
; Written by `failover init` from failover.toml; do not edit: run it again and `dialplan reload`.
; What holds for this office even when the route table is gone and the router is dead.
[globals]
"""


def office_values(site: Site) -> dict[str, str]:
    """The global variables by name."""
    country_code, national, international = numbering(site.country)
    return {
        "FAILOVER_CALLS": "|".join(_number(number, site) for number in site.numbers),
        "FAILOVER_TRUNKS": "|".join(_trunk(trunk) for trunk in site.trunks),
        "FAILOVER_EMERGENCY": "/" + "/".join(site.emergency) + "/",
        "FAILOVER_NUMBERING": "=".join((country_code, national, international, site.outside_prefix)),
        "FAILOVER_RING": str(site.ring_seconds),
    }


def office_conf(site: Site) -> str:
    """The whole file. Raises ValueError, in plain words, where a value cannot stand in it."""
    values = office_values(site)
    for name, value in values.items():
        if any(sign in value for sign in ";\r\n\0"):
            raise ValueError(f"{name} cannot hold a line end or a semicolon: {value[:60]!r}")
    return HEAD + "".join(f"{name}={value}\n" for name, value in values.items())


def _number(number: NumberSite, site: Site) -> str:
    """/name/name/=NUMBER=TRUNK=CONTEXT&EXTENSION&PRIORITY"""
    names = dict.fromkeys((*deliveries(number.number, site.country), *number.arrives_as))
    target = number.calls.replace("{did}", "~").replace(",", "&")
    return f"/{'/'.join(names)}/={number.number}={number.trunk}={target}"


def _trunk(trunk: TrunkSite) -> str:
    """/name/=DIAL=FORMAT=ENDPOINT=CHANNELS"""
    return f"/{trunk.name}/={trunk.dial.replace('{number}', '~')}={trunk.number_format}={trunk.peer}={trunk.channels}"
