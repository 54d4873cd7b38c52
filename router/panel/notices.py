"""What must be said before all else: that we see nothing, may write nothing, could not verify, or keep no journal."""

from __future__ import annotations

from dataclasses import dataclass

from router.core.office import Office
from router.core.sentence import Sentence, say
from router.panel import marks
from router.panel.marks import Mark
from router.panel.speech import Speech, sentence_case


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` is what happens, `more` what that means for whoever calls."""

    mark: Mark
    text: str
    more: str


def notices(office: Office, trouble: str | None, speech: Speech) -> tuple[Notice, ...]:
    """The worst first."""
    found = [_blind(office), _read_only(office), _unverified(office), _no_journal(trouble)]
    return tuple(
        Notice(mark, sentence_case(speech.render(text)), " ".join(sentence_case(speech.render(part)) for part in more))
        for mark, text, *more in filter(None, found)
    )


Said = tuple[Mark, Sentence, Sentence] | tuple[Mark, Sentence, Sentence, Sentence]


def _blind(office: Office) -> Said | None:
    pbx = office.pbx
    if pbx.connected:
        return None
    still = say("Calls are routed as before; after a minute without us the PBX judges by itself which trunk answers.")
    if pbx.refused:
        return (
            marks.BLIND,
            say("The PBX refuses our login. Until it fits, we see nothing and switch nothing."),
            pbx.why,
            still,
        )
    if pbx.seen_at is None:
        return marks.BLIND, say("We have not seen the PBX yet."), pbx.why, say("Until then nothing is switched.")
    return marks.BLIND, say("We have not seen the PBX since {since}. It still routes as before.", since=pbx.since or pbx.seen_at), pbx.why, still  # fmt: skip


def _read_only(office: Office) -> Said | None:
    if not office.other_writer:
        return None
    return (
        marks.READ_ONLY,
        say("Another router ({id}) writes the routes of this PBX; this one only reads.", id=office.other_writer),
        say("Orders given here have no effect. This router takes over once the other has been silent for a minute."),
    )


def _unverified(office: Office) -> Said | None:
    """Silent while a switch is under way: that takes milliseconds, and the mark beside the numbers says so."""
    if not office.pbx.connected or office.other_writer or office.route.verified or office.route.under_way:
        return None
    return (
        marks.UNVERIFIED,
        say("The PBX has not confirmed what stands here."),
        office.route.why,
        say("We keep trying; until then calls may take another way."),
    )


def _no_journal(trouble: str | None) -> Said | None:
    if trouble is None:
        return None
    return (
        marks.NO_JOURNAL,
        say("The journal cannot be written just now. Calls are routed all the same."),
        Sentence(trouble.replace("{", "{{").replace("}", "}}")),
    )
