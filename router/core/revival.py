"""A registration that Asterisk has given up is revived: when it is asked to register anew, and what is told of that.

Asterisk gives up for ever after one 403 or 404, or after max_retries. What it is asked for is refused just the same
while the carrier is of the same mind, and carriers ban whoever knocks too often: so the pace is that of RFC 5626
(section 4.5), which allows half a minute between two attempts at first and half an hour in the end, and wants chance in
it.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

from router.core import registration as registering
from router.core.effects import Effect, Kind, Record, Reregister
from router.core.evidence import UNREACHABLE
from router.core.heard import Outcome
from router.core.office import Office
from router.core.registration import REGISTERED, Registration
from router.core.sentence import say
from router.core.signals import At
from router.core.site import WatchKind
from router.core.trunk import Trunk

PAUSE, LONGEST_PAUSE = 45.0, 1800.0
"""Seconds from the last word of a REGISTER to the next asking, at most; with the up to 10 s by which Asterisk puts off
what it is asked for, a carrier that accepts again has a REGISTER within a minute."""
EAGER = 900.0
"""Seconds from the first asking for which that pace is kept."""
LATER = 0.1
"""From then on a pause is this share of the time for which it has been tried: 90 s after a quarter of an hour, six
minutes after an hour, half an hour after five."""
JITTER = 0.2
"""The share of a pause that chance takes off."""


def revived(office: Office, at: At) -> Outcome:
    """Every registration whose moment has come. A router that only reads asks for nothing."""
    effects: list[Effect] = []
    trunks = dict(office.trunks)
    for name, known in office.trunks.items():
        register = known.evidence.register
        if register.status == REGISTERED and register.asks:
            effects.append(_back(known, register))
            trunks[name] = _with(known, registering.settled(register))
        elif not office.other_writer and (due := due_at(known, office)) is not None and due <= at.mono:
            effects += [Reregister(name), *([] if register.asks else [_first(known)])]
            trunks[name] = _with(known, registering.asked_again(register, at.mono))
    return (replace(office, trunks=trunks) if effects else office), effects


def wake_at(office: Office) -> list[float]:
    """The moments at which a registration is to be revived."""
    moments = [due_at(known, office) for known in office.trunks.values()]
    return [due for due in moments if due is not None] if not office.other_writer else []


def due_at(trunk: Trunk, office: Office) -> float | None:
    """When Asterisk is to be asked next; None while it is registered, or we cannot see.

    Where it tries by itself, it is left to that, until its next try is overdue. Into silence nothing is sent early.
    """
    register = trunk.evidence.register
    if not register.failed or not office.pbx.connected or trunk.site.watch is not WatchKind.PJSIP:
        return None
    pause = register.heard + pause_after(register, f"{office.writer}/{trunk.site.name}")
    silent = trunk.evidence.unanswered > 0 or trunk.evidence.contact == UNREACHABLE
    return pause if register.hopeless and not silent else max(pause, register.overdue)


def pause_after(register: Registration, seed: str) -> float:
    """Seconds to wait before the next asking. Chance is drawn from `seed` and the count: told again, it is the same."""
    trying = register.heard - register.asked_first if register.asked_first is not None else 0.0
    most = PAUSE if trying < EAGER else min(trying * LATER, LONGEST_PAUSE)
    chance = zlib.crc32(f"{seed}/{register.asks}".encode()) / 2**32
    return most * (1 - JITTER * chance)


def _with(trunk: Trunk, register: Registration) -> Trunk:
    return replace(trunk, evidence=replace(trunk.evidence, register=register))


def _first(trunk: Trunk) -> Record:
    text = say(
        "{trunk} is not registered, and Asterisk may have given up; the router has it try again, about every "
        "{seconds} s for a quarter of an hour, then less and less often.",
        trunk=trunk.site.label, seconds=int(PAUSE),
    )  # fmt: skip
    return Record(Kind.PBX, text, trunk=trunk.site.name)


def _back(trunk: Trunk, register: Registration) -> Record:
    text = say("{trunk} is registered again. The router had asked for it {count} times.",
               trunk=trunk.site.label, count=register.asks)  # fmt: skip
    if register.asks == 1:
        text = say("{trunk} is registered again. The router had asked for it once.", trunk=trunk.site.label)
    return Record(Kind.PBX, text, trunk=trunk.site.name)
