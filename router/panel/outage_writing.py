"""What people write beside an outage, by page and by API; each of it is a line of the journal."""

from __future__ import annotations

from router.core.effects import Kind, Record
from router.core.sentence import Sentence, Value, say
from router.panel.deps import Panel
from router.panel.outage_words import label
from router.panel.outages_kept import NO_SUCH, one, read
from router.panel.refusal import Refusal
from router.panel.session import Caller
from router.ports import KeptOutage, Note

LONGEST_TICKET, LONGEST_NOTE = 60, 1000


async def write_ticket(panel: Panel, caller: Caller, outage: int, ticket: str) -> None:
    """Empty takes it away. Raises Refusal 404, 422 or 503."""
    ticket, kept = one_line(ticket), await one(panel, outage)
    if len(ticket) > LONGEST_TICKET:
        raise Refusal(422, say("A ticket number may have at most {most} characters.", most=LONGEST_TICKET))
    await read(panel.deps.outages.set_ticket(outage, ticket))
    said = say("{by} wrote down the carrier's ticket number {ticket} for the outage of {what}.", by=caller.name,
               ticket=ticket, what=_what(panel, kept))  # fmt: skip
    gone = say("{by} took the ticket number off the outage of {what}.", by=caller.name, what=_what(panel, kept))
    _noted(panel, caller, kept, said if ticket else gone)


async def write_note(panel: Panel, caller: Caller, outage: int, note: str) -> Note:
    """Raises Refusal 404, 422 or 503."""
    note, kept = note.strip(), await one(panel, outage)
    if not note:
        raise Refusal(422, say("The note is empty."))
    if len(note) > LONGEST_NOTE:
        raise Refusal(422, say("A note may have at most {most} characters.", most=LONGEST_NOTE))
    made = await read(panel.deps.outages.add_note(outage, note, caller.name, panel.deps.now()))
    if made is None:
        raise Refusal(404, NO_SUCH)
    _noted(panel, caller, kept, say("{by} wrote a note about the outage of {what}.", by=caller.name,
                                    what=_what(panel, kept)))  # fmt: skip
    return made


async def write_false_alarm(panel: Panel, caller: Caller, outage: int, false_alarm: bool) -> None:
    """Raises Refusal 404 or 503."""
    kept = await one(panel, outage)
    await read(panel.deps.outages.set_false_alarm(outage, false_alarm))
    said = say("{by} called the outage of {what} a false alarm.", by=caller.name, what=_what(panel, kept))
    back = say("{by} called the outage of {what} a real one again.", by=caller.name, what=_what(panel, kept))
    _noted(panel, caller, kept, said if false_alarm else back)


def one_line(text: str) -> str:
    return " ".join(text.split())


def _what(panel: Panel, kept: KeptOutage) -> str:
    return label(kept.outage, panel.office.site, panel.speech("en"))


def _noted(panel: Panel, caller: Caller, kept: KeptOutage, said: Sentence) -> None:
    data: dict[str, Value] = {"outage": kept.outage.id, "via": caller.via, "address": caller.address}
    panel.deps.journal.note(panel.deps.now(), Record(Kind.OUTAGE, said, by=caller.name, data=data))
    panel.hub.touch()
