"""Whose fault it is that the office as a whole has trouble: one sentence for the head of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from router.core.blame import Blame, Exhibit, Held, Whose
from router.core.health import State
from router.core.office import Office
from router.core.sentence import say

_ORDER = list(Whose)


def office_blame(office: Office) -> Held | None:
    """The PBX where it is out of sight; else a dead trunk that published numbers depend on; else the phones; else any
    other trouble. Of several trunks' blames the one nearest to us.

    A fallback's trouble counts only where nothing else is in trouble. None while all is well.
    """
    pbx = office.pbx
    if not pbx.connected:
        return None if pbx.since is None else Held(_of_the_pbx(office), pbx.since)
    dead = {name: held for name, held in office.blames.items() if _is_dead(office, name)}
    if dead:
        return _nearest(office, dead)[1]
    if office.troubles.phones and office.troubles.phones_since:
        return Held(_of_the_phones(office.troubles.phones, office.troubles.phones_since), office.troubles.phones_since)
    if not office.blames:
        return None
    name, held = _nearest(office, office.blames)
    if not is_fallback(office, name):
        return held
    text = say(
        "Only the fallback {trunk} is in trouble; calls do not depend on it just now. {then}",
        trunk=office.site.trunk(name).label, then=held.blame.text,
    )  # fmt: skip
    return replace(held, blame=replace(held.blame, whose=Whose.FALLBACK, text=text))


def is_fallback(office: Office, name: str) -> bool:
    """Whether no published number depends on that trunk."""
    return not any(number.trunk == name for number in office.site.numbers)


def _is_dead(office: Office, name: str) -> bool:
    """Whether calls to published numbers are cut off by it: more than a dip, or one number alone."""
    return office.trunks[name].health.state is State.DOWN and not is_fallback(office, name)


def _nearest(office: Office, blames: Mapping[str, Held]) -> tuple[str, Held]:
    return min(blames.items(), key=lambda item: _rank(office, *item))


def _rank(office: Office, name: str, held: Held) -> tuple[bool, int]:
    return is_fallback(office, name), _ORDER.index(held.blame.whose)


def _of_the_phones(phones: tuple[str, ...], since: datetime) -> Blame:
    named = ", ".join(phones)
    text = say(
        "Our own phones: {phones} do not answer the PBX. Their switch, cable or power, most likely.", phones=named
    )
    seen = say("Asterisk has had no answer from {phones} since {second}.", phones=named, second=since)
    return Blame(Whose.PHONES, text, (Exhibit(since, seen),))


def _of_the_pbx(office: Office) -> Blame:
    pbx = office.pbx
    text = say("The PBX itself: Asterisk does not answer us. What its trunks do is not known.")
    if pbx.refused:
        text = say("The PBX itself: Asterisk refuses our login. What its trunks do is not known.")
    exhibits = [Exhibit(pbx.since, pbx.why)] if pbx.since else []
    if pbx.seen_at:
        exhibits.append(Exhibit(pbx.seen_at, say("Asterisk was last in sight.")))
    return Blame(Whose.PBX, text, tuple(exhibits))
