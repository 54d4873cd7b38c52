"""The published numbers that fail alone: what calls say of them, and what is told of it.

A call counts by the name in which it goes out: the caller's number that it shows, or the number that a forwarded call
was for. Only the number's own trunk can prove anything of it: what another carrier makes of a foreign number does not.
A refusal (403, say) may be about the number called: it is surely not where others were reached there over that trunk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from router.core import evidence as seen
from router.core import one_number
from router.core.effects import Effect, Kind, Record
from router.core.health import Rule, State
from router.core.heard import Outcome
from router.core.office import Office
from router.core.one_number import OneNumber
from router.core.sentence import say
from router.core.signals import At, CallFailed, CallWentThrough
from router.core.site import NumberSite


def heard(office: Office, said: CallFailed | CallWentThrough, at: At) -> Office:
    """The numbers after a call. One that came in proves its own number, and says nothing of others."""
    own = _own(office, said)
    known = dict(office.numbers)
    if isinstance(said, CallFailed):
        if own is None:
            return office
        before, reached = known.get(own.number, OneNumber()), office.trunks[own.trunk].reached
        known[own.number] = one_number.call_failed(before, said.code, at.mono, said.to, reached)
        return replace(office, numbers=known)
    for site in office.site.numbers if known and not said.inbound else ():
        if site.trunk == said.trunk and site is not own and site.number in known:
            known[site.number] = one_number.other_went_through(known[site.number], said.to)
    if own is not None:
        known[own.number] = one_number.call_went_through(known.get(own.number, OneNumber()))
    return replace(office, numbers=known) if known != office.numbers else office


def explains(office: Office, failed: CallFailed) -> bool:
    """Whether a call failed since it went out in the name of a number that is known to fail alone."""
    own = _own(office, failed)
    return own is not None and own.number in office.numbers and office.numbers[own.number].alone


def judged(office: Office, at: At) -> Outcome:
    """Every number by the table, while we see. What its trunk explains is not held against it."""
    if not office.numbers or not office.pbx.connected:
        return office, []
    effects: list[Effect] = []
    known, trunks = dict(office.numbers), dict(office.trunks)
    for number, before in office.numbers.items():
        if before.settled:
            continue
        site = office.site.number(number)
        trunk = trunks[site.trunk]
        now = one_number.excused(before) if trunk.health.diverted else before
        known[number], walked = one_number.settle(now, at.mono, at.wall, office.site.policy)
        if known[number].alone and not before.alone:  # its failures were no fault of the trunk's
            trunks[site.trunk] = replace(trunk, evidence=seen.run_ended(trunk.evidence))
        effects += _told(site, known[number], walked, office)
    return replace(office, numbers=known, trunks=trunks), effects


def restored(office: Office, numbers: Iterable[str], at: At) -> Office:
    """From the route in force."""
    ours = {site.number for site in office.site.numbers}
    found = {number: one_number.restored(at.mono, at.wall) for number in numbers if number in ours}
    return replace(office, numbers={**office.numbers, **found})


def wake_at(office: Office, at: float) -> list[float]:
    """When numbers come back by time alone."""
    moments = [one_number.wake_at(known, at, office.site.policy) for known in office.numbers.values()]
    return [moment for moment in moments if moment is not None]


def _own(office: Office, said: CallFailed | CallWentThrough) -> NumberSite | None:
    """The published number in whose name the call was, where it went over that number's own trunk."""
    if not said.number:
        return None
    return next((n for n in office.site.numbers if (n.number, n.trunk) == (said.number, said.trunk)), None)


def _told(site: NumberSite, now: OneNumber, walked: tuple[Rule, ...], office: Office) -> list[Effect]:
    """A line for each fall and each return."""
    label = office.site.trunk(site.trunk).label
    lines = {
        State.DOWN: say(
            "Calls in the name of {number} fail, while {trunk} carries others: {evidence}",
            number=site.number, trunk=label, evidence=now.why,
        ),
        State.UP: say("{number} is trusted with calls over {trunk} again: {evidence}",
                      number=site.number, trunk=label, evidence=now.why),
    }  # fmt: skip
    return [
        Record(
            Kind.TRANSITION, lines[rule.to], number=site.number,
            data={"from": rule.state.value, "to": rule.to.value, "cause": now.health.cause or ""},
        )
        for rule in walked
        if rule.to is State.DOWN or (rule.to is State.UP and rule.state is State.RECOVERING)
    ]  # fmt: skip
