"""Who is missing in the list of people to call back: those without a number, and those whose calls never reached us."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, time

import structlog

from router.core.call_backs import DAYS, CallBackList
from router.core.office import Office
from router.core.outages import Outage, What
from router.core.sentence import Sentence, say
from router.panel.callbacks import SPAN
from router.panel.deps import Panel
from router.panel.lines import PATIENCE
from router.panel.outage_words import lasted
from router.panel.speech import Speech

log = structlog.get_logger(__name__)


async def past_outages(panel: Panel, speech: Speech) -> Sequence[Outage]:
    """Of trunks, in the days of the list, oldest first; a dead database costs these only."""
    first = datetime.combine(speech.now.astimezone(speech.timezone).date() - SPAN, time(), speech.timezone)
    try:
        async with asyncio.timeout(PATIENCE):
            found = await panel.deps.outages.since(first)
    except Exception as fault:  # whatever the database throws
        log.warning("outages unreadable", fault=repr(fault))
        return ()
    return [kept.outage for kept in found if kept.outage.what is What.TRUNK and not kept.false_alarm]


def untold(backs: CallBackList | None, past: Sequence[Outage], office: Office, speech: Speech) -> list[str]:
    """In one sentence each."""
    return [speech.line(one) for one in (*_withheld(backs), *_unreached(past, office, speech))]


def _withheld(backs: CallBackList | None) -> Iterator[Sentence]:
    if not (backs and backs.withheld and backs.withheld_last):
        return
    count, last = backs.withheld, backs.withheld_last
    if count == 1:
        yield say("Besides, a caller without a number was missed ({last}): nobody can call back.", last=last)
    else:
        yield say("Besides, {count} calls without a number were missed, the last one {last}: nobody can call back.",
                  count=count, last=last)  # fmt: skip


def _unreached(past: Sequence[Outage], office: Office, speech: Speech) -> Iterator[Sentence]:
    for name in dict.fromkeys(number.trunk for number in office.site.numbers):
        trunk, own = office.trunks[name], [one for one in past if one.subject == name]
        if trunk.health.diverted and trunk.since is not None:
            yield say("{trunk} has had an outage since {since}: calls that never reached us by it stand in no list.",
                      trunk=trunk.site.label, since=trunk.since)  # fmt: skip
        elif own:
            yield say("{trunk} was down in the last {days} days (last: {last}, {duration}): calls that never reached "
                      "us meanwhile stand in no list.", trunk=trunk.site.label, days=DAYS, last=own[-1].began,
                      duration=lasted(own[-1].seconds(speech.now), speech))  # fmt: skip
