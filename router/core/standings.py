"""What a dead target is worth: it speaks against our own internet only if it worked while all was well.

One typo, or a firewall that lets SIP out and no HTTPS, would else turn every outage of a carrier into our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from router.core.effects import Effect, Kind, Record
from router.core.facts import far_of
from router.core.heard import Outcome
from router.core.office import Office
from router.core.sentence import say
from router.core.surroundings import Ending, Look, Standing

VAIN = 300.0
"""Seconds for which a target must be dead, look by look, while trunks to the outside answer, until it counts for
nothing: longer than a line that comes and goes."""
NOT_THERE = (Ending.NO_SUCH_NAME, Ending.NO_ADDRESS)
"""The name service has answered: it knows no such name."""


def looked(office: Office, look: Look) -> Outcome:
    """The office with what `look` found, and the line for each target that is exposed by it."""
    around = office.around
    standings = {**_kept(office), **dict(_targets(office, look)), **dict(_names(office, look))}
    lines: list[Effect] = [
        Record(Kind.BLAME, say(
            "{target} cannot be reached, though trunks to the outside answer: it is no evidence of our internet until "
            "it answers. Is the target right ([internet] probes), does a firewall let it out?", target=target,
        ))
        for target, now in standings.items()
        if now.exposed and not around.standings.get(target, Standing()).exposed
    ]  # fmt: skip
    return replace(office, around=replace(around, look=look, under_way=False, standings=standings)), lines


def exposed(office: Office) -> tuple[str, ...]:
    """The targets that cannot be reached though trunks to the outside answer."""
    return tuple(name for name, known in office.around.standings.items() if known.exposed)


def _kept(office: Office) -> dict[str, Standing]:
    """Of targets all; of names those of the trunks as they are now."""
    hosts = {host.name for trunk in office.trunks.values() for host in (trunk.peer, trunk.registrar) if host}
    return {what: known for what, known in office.around.standings.items() if ":" in what or what in hosts}


def _targets(office: Office, look: Look) -> Iterator[tuple[str, Standing]]:
    """What the look before this one found dead is held against the trunks that have answered since."""
    before = office.around.look
    was_dead = {reach.target for reach in before.targets if not reach.answered} if before else set()
    works = before is not None and any(
        answered > before.began for answered, _ in far_of(office.trunks.values(), before).answered
    )
    for reach in look.targets:
        known = office.around.standings.get(reach.target, Standing())
        if reach.answered:
            yield reach.target, Standing(good=True)
        elif not (works and before and reach.target in was_dead):
            yield reach.target, replace(known, vain=None)
        else:
            vain = before.began if known.vain is None else known.vain
            over = known.exposed or look.began - vain >= VAIN
            yield reach.target, Standing(known.good and not over, vain, over)


def _names(office: Office, look: Look) -> Iterator[tuple[str, Standing]]:
    """A name that the name service never knew, of a trunk that answers all the same, is known to the PBX alone.

    So it is `vain` at once, and stays so until it is looked up well.
    """
    before = office.around.look
    for lookup in look.names:
        known = office.around.standings.get(lookup.name, Standing())
        if lookup.ending is Ending.OK:
            yield lookup.name, Standing(good=True)
            continue
        was = before.name(lookup.name) if before else None
        if before and was and was.ending in NOT_THERE and not known.good and _answers(office, lookup.name, before):
            known = replace(known, vain=before.began)
        yield lookup.name, known


def _answers(office: Office, name: str, before: Look) -> bool:
    """Whether a trunk at that host has answered since."""
    return any(
        host and host.name == name and (trunk.evidence.answered or 0.0) > before.began
        for trunk in office.trunks.values()
        for host in (trunk.peer, trunk.registrar)
    )
