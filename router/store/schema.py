"""The tables. `migrations/` builds the same ones; a test holds the two against each other.

Every text is of unlimited length: a caller's name of 300 characters must not be what stops the journal.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, Text, false

from router.store import account_tables  # its tables are of the same metadata
from router.store.columns import Moment, Serial, metadata

__all__ = ["Moment", "Serial", "account_tables", "metadata"]

journal = Table(
    "journal",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("trunk", Text),
    Column("number", Text),
    Column("by", Text),
    Column("text", Text, nullable=False),
    Column("values", JSON, nullable=False),
    Column("data", JSON, nullable=False),
    Column("shape", Text, index=True),
    Column("words", Text),
    Index("ix_journal_kind", "kind", "id"),
    Index("ix_journal_trunk", "trunk", "id"),
    Index("ix_journal_number", "number", "id"),
    sqlite_autoincrement=True,
)
"""What happened, in the order of `id`. `text` is English with {named} places that `values` fill.

`shape` and `words` are for the search: `text` and the sentences it is filled with, and what else fills them."""

calls = Table(
    "calls",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("call", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False),
    Column("caller", Text),
    Column("trunk", Text),
    Column("way", Text),
    Column("began", Moment, nullable=False),
    Column("rang_ms", Integer),
    Column("answered_ms", Integer),
    Column("ended", Moment, nullable=False),
    Column("by", Text),
    Column("end", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("away", Boolean, nullable=False),
    Column("legs", JSON, nullable=False),
    Column("by_hand", Boolean, nullable=False, server_default=false()),
    Column("forwarded", Boolean, nullable=False, server_default=false()),
    Column("rescued", Boolean, nullable=False, server_default=false()),
    Index("ix_calls_page", "began", "outcome", "number", "forwarded", "rescued", "caller"),
    Index("ix_calls_caller", "caller", "outcome", "began"),
    sqlite_autoincrement=True,
)
"""The calls that came in, as in core.calls. `call` is Asterisk's own id; `legs` are [trunk, number, end]; `forwarded`
and `rescued` as core.counted says. The first index has all that figures and filters ask for."""

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("caller", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text),
    Column("done", Boolean, nullable=False),
    Index("ix_callbacks_caller", "caller", "at"),
    Index("ix_callbacks_at", "at"),
    sqlite_autoincrement=True,
)
"""What staff said of the callers who were missed, as core.call_backs.Remark."""

overrides = Table(
    "overrides",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("mode", Text, nullable=False),
    Column("number", Text),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("by", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("reason", Text),
)
"""Staff's words that hold now; what they said before stands in the journal."""

outages = Table(
    "outages",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("began", Moment, nullable=False, index=True),
    Column("last", Serial, nullable=False),
    Column("down", Moment),
    Column("answered", Moment),
    Column("ended", Moment),
    Column("ending", Text, nullable=False, index=True),
    Column("found", Boolean, nullable=False),
    Column("relapses", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("whose", Text, nullable=False),
    Column("set_back", Boolean, nullable=False),
    Column("calls", JSON(none_as_null=True)),
    Column("ticket", Text, nullable=False),
    Column("false_alarm", Boolean, nullable=False),
)
"""As in core.outages, told from the journal; `id` is that of the line that opened it. What only looks bad stands here
too, with `down` empty. `calls` are [number, saved, lost, office], written down before the calls are forgotten."""

outage_notes = Table(
    "outage_notes",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("outage_id", Serial, ForeignKey("outages.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)

outages_read = Table(
    "outages_read",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line", Serial, nullable=False),
    Column("at", Moment),
)
"""One row: up to which line of the journal the outages have been told, and when that was noted."""

people = Table(
    "people",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("stands_by", Boolean, nullable=False),
    Column("numbers", JSON, nullable=False),
    Column("absent_since", Moment),
    Column("absent_until", Moment),
)
"""In the order in which they are rung. `numbers` are [E.164, confirmed]. No row: the settings still hold."""

duty_rows = Table(
    "duty_rows",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("day", Text, nullable=False),
    Column("begin", Text, nullable=False),
    Column("end", Text, nullable=False),
    Column("who", JSON, nullable=False),
)
"""The weekly plan, as in core.duty.Row; clocks are written 08:00, `who` is a list of names."""

duty_exceptions = Table(
    "duty_exceptions",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("begin", Text, nullable=False),
    Column("end", Text, nullable=False),
    Column("who", JSON, nullable=False),
)
"""As in core.duty.Special; days are written 2026-12-24."""

duty_taken = Table(
    "duty_taken",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("by", Text, nullable=False),
)
"""Who has taken over by hand: at most one."""
