"""What must be said before all else: that we see nothing, may write nothing, could not verify, or keep no journal."""

from __future__ import annotations

from dataclasses import dataclass

from router.core.office import Office
from router.core.sentence import Sentence, say
from router.panel import marks
from router.panel.marks import Mark
from router.panel.speech import Speech


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` is what happens, `more` what that means for whoever calls."""

    mark: Mark
    text: str
    more: str


def notices(office: Office, trouble: str | None, speech: Speech) -> tuple[Notice, ...]:
    """The worst first."""
    found = (_blind(office), _read_only(office), _unverified(office), _no_journal(trouble), _no_evidence(office))
    return tuple(_notice(said, speech) for said in found if said)


@dataclass(frozen=True, slots=True)
class _Said:
    mark: Mark
    text: Sentence
    more: tuple[Sentence, ...]


def _notice(said: _Said, speech: Speech) -> Notice:
    more = " ".join(_stopped(speech.line(part)) for part in said.more)
    return Notice(said.mark, speech.line(said.text), more)


def _stopped(text: str) -> str:
    """What others say may lack its full stop."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _blind(office: Office) -> _Said | None:
    pbx = office.pbx
    if pbx.connected:
        return None
    alone = _alone(office)
    if pbx.refused:
        until = say("Until the login fits, we see nothing and switch nothing.")
        still = say("Calls are routed as before.")
        return _Said(marks.BLIND, say("The PBX refuses our login."), (pbx.why, until, still, *alone))
    if pbx.seen_at is None:
        never = say("We have not seen the PBX yet.")
        return _Said(marks.BLIND, never, (pbx.why, say("Until then nothing is switched.")))
    lost = say(
        "We have not seen the PBX since {since}. If it runs, it routes as before. Call your own number to try.",
        since=pbx.since or pbx.seen_at,
    )
    return _Said(marks.BLIND, lost, (pbx.why, *alone))


def _alone(office: Office) -> tuple[Sentence, ...]:
    """What was set by hand has no lease: of that the PBX judges nothing by itself."""
    if all(decision.word for decision in office.decisions):
        return ()
    return (say("After a minute without us the PBX judges by itself which trunk answers."),)


def _read_only(office: Office) -> _Said | None:
    if not office.other_writer:
        return None
    text = say("Another router ({id}) writes the routes of this PBX; this one only reads.", id=office.other_writer)
    more = say("Orders given here have no effect. This router takes over once the other has been silent for a minute.")
    return _Said(marks.READ_ONLY, text, (more,))


def _unverified(office: Office) -> _Said | None:
    """Silent while a switch is under way: that takes milliseconds, and the mark beside the numbers says so.

    But not while one that could not be verified is tried again: the notice would come and go.
    """
    route = office.route
    if not office.pbx.connected or office.other_writer or route.verified or (route.under_way and not route.doubted):
        return None
    text = say("The PBX has not confirmed what stands here.")
    return _Said(marks.UNVERIFIED, text, (route.why, say("We keep trying; until then calls may take another way.")))


def _no_journal(trouble: str | None) -> _Said | None:
    """`trouble`, the database's own word in English, is for the log, where it stands already."""
    if trouble is None:
        return None
    text = say("The journal cannot be written just now. That holds up no call.")
    return _Said(marks.NO_JOURNAL, text, (say("Why, the router's log tells."),))


def _no_evidence(office: Office) -> _Said | None:
    """A target that never answers would stay unseen until the day on which it is wanted."""
    targets = office.troubles.targets
    if not targets:
        return None
    text = say("{targets} cannot be reached, though trunks to the outside answer.", targets=", ".join(targets))
    more = say(
        "So it cannot show whose fault an outage is. Is the target right ([internet] probes), does a firewall let it "
        "out?"
    )
    return _Said(marks.NO_EVIDENCE, text, (more,))
