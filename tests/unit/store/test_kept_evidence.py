"""The evidence under a blame is there for as long as its line is, and can be told in any language."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from router.core.blame import Blame, Exhibit, Whose
from router.core.effects import Kind, Record
from router.core.kept_blame import evidence_in, kept, whose_in
from router.core.sentence import say
from router.panel.speech import Speech
from router.store import schema
from router.store.database import Database
from router.store.journal import StoredJournal
from tests.unit.store.running_journal import being_kept

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SILENT = say("The carrier: {trunk} does not answer, though our internet works.", trunk="Telekom")
BLAME = Blame(Whose.CARRIER_SILENT, SILENT, tuple(
    Exhibit(NOON + timedelta(milliseconds=count), text) for count, text in enumerate([
        say("{trunk} at {host} has left every probe (SIP OPTIONS) unanswered since {second}: {count} in a row.",
            trunk="Telekom", host="203.0.113.11", second=NOON - timedelta(seconds=3), count=7),
        *(say("{trunk} at {host} answered a probe.", trunk=f"T{count}", host="192.0.2.1") for count in range(12)),
    ])
))  # fmt: skip
BEFORE = {
    "whose": "carrier_silent",
    "evidence_1": {"say": "{trunk} at {host} has left every probe (SIP OPTIONS) unanswered since {second}: {count} in "
                          "a row.", "with": {"trunk": "Telekom", "host": "203.0.113.11",
                                             "second": {"at": "2026-03-01T11:59:57+00:00"}, "count": 7}},
    "evidence_1_at": {"at": "2026-03-01T12:00:00+00:00"},
}  # fmt: skip
"""As it stands in databases."""


async def test_the_evidence_comes_back_whole_and_in_order(database: Database) -> None:
    async with being_kept(database) as journal:
        journal.note(NOON, Record(Kind.BLAME, SILENT, trunk="telekom", data=kept(BLAME)))
    (line,) = await StoredJournal(database).latest()
    assert (whose_in(line.data), evidence_in(line.data)) == ("carrier_silent", BLAME.evidence)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de", "Telekom (203.0.113.11) lässt seit 12:59:57 jede Testanfrage (SIP OPTIONS) unbeantwortet: 7 in Folge."),
        ("en", "Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 12:59:57: 7 in a row."),
    ],
)
async def test_a_row_that_was_written_before_is_told_in_the_readers_language(
    database: Database, language: str, told: str
) -> None:
    row = {"at": NOON, "kind": "blame", "text": SILENT.text, "values": {"trunk": "Telekom"}, "data": BEFORE}
    async with database.writing() as connection:
        await connection.execute(insert(schema.journal), [row])
    (line,) = await StoredJournal(database).latest()
    (piece,) = evidence_in(line.data)
    assert piece.at == NOON
    assert Speech(language, ZoneInfo("Europe/Berlin"), "DE", NOON).line(piece.text) == told
