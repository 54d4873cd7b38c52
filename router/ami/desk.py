"""The desk phones' part of AstDB: their lamp, and how their orders are named to the dialplan."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence

from router.ami.link import AmiLink
from router.ami.wire import AmiError

log = logging.getLogger(__name__)

LAMP_FAMILY, LAMP_KEY = "CustomDevstate", "failover"
"""Where Asterisk keeps the device state Custom:failover."""
LAMP_STATE = "DEVICE_STATE(Custom:failover)"
LIT = {True: "INUSE", False: "NOT_INUSE"}
LONGEST_CHAIN = 900
"""Bytes: a line of AMI holds 1022."""
_NEVER_IN_AN_ORDER = re.compile(r"[^a-z0-9+@.,]")
"""The dialplan's own FILTER, see [failover-orders]."""


def chains(fates: Sequence[tuple[str, str]]) -> Iterator[str]:
    """`order:fate&order:fate`, at least one, none longer than a line; AMI takes a comma for the end of a variable."""
    chain = ""
    for order, fate in fates:
        item = _NEVER_IN_AN_ORDER.sub("", order).replace(",", "=") + f":{fate}"
        if chain and len(chain) + len(item) >= LONGEST_CHAIN:
            yield chain
            chain = ""
        chain = f"{chain}&{item}" if chain else item
    yield chain


def lit(state: str | None) -> bool | None:
    """Whether the lamp is lit by that device state; None where nobody can tell."""
    return next((lit for lit, means in LIT.items() if means == state), None)


async def light(link: AmiLink, lit: bool) -> None:
    """Set the lamp. Raises nothing: it is looked at again with the table."""
    try:
        await link.act("Setvar", Variable=LAMP_STATE, Value=LIT[lit])
    except AmiError as error:
        log.info("the desk phones' lamp was not set: %s", error)
