"""The journal can be searched: what its lines are found by, and in which order they come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_journal = sa.table(
    "journal", sa.column("id", sa.BigInteger), sa.column("text", sa.Text), sa.column("by", sa.Text),
    sa.column("values", sa.JSON), sa.column("data", sa.JSON), sa.column("shape", sa.Text), sa.column("words", sa.Text),
)  # fmt: skip
_HELPING = 1000
_DAY = (
    r"\b(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|"
    r"(?:0?[1-9]|[12][0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:[0-9]{4}|[0-9]{2})?)(?![0-9])"
)
_NUMBER = re.compile(rf"(?P<day>{_DAY})|\+?[0-9][0-9 ()/.-]{{4,}}[0-9]")


def upgrade() -> None:
    op.add_column("journal", sa.Column("shape", sa.Text))
    op.add_column("journal", sa.Column("words", sa.Text))
    _fill(op.get_bind())
    op.create_index("ix_journal_shape", "journal", ["shape"])
    for column in ("kind", "trunk", "number"):
        op.create_index(f"ix_journal_{column}", "journal", [column, "id"])


def downgrade() -> None:
    for column in ("number", "trunk", "kind", "shape"):
        op.drop_index(f"ix_journal_{column}", "journal")
    with op.batch_alter_table("journal") as journal:
        journal.drop_column("words")
        journal.drop_column("shape")


def _fill(connection: sa.Connection) -> None:
    """The lines that are there already, as new ones are written."""
    last = 0
    kept = sa.select(_journal.c.id, _journal.c.text, _journal.c.by, _journal.c["values"], _journal.c.data)
    change = (
        sa.update(_journal).where(_journal.c.id == sa.bindparam("line"))
        .values(shape=sa.bindparam("its_shape"), words=sa.bindparam("its_words"))
    )  # fmt: skip
    while rows := connection.execute(kept.where(_journal.c.id > last).order_by(_journal.c.id).limit(_HELPING)).all():
        connection.execute(change, [_found_by(row) for row in rows])
        last = rows[-1].id


def _found_by(row: Any) -> dict[str, Any]:
    values, data = row._mapping["values"], row.data if isinstance(row.data, dict) else {}
    reason = _NUMBER.sub(lambda it: it[0] if it["day"] else " ", str(data.get("reason") or ""))
    found = [*_values(values), row.by or "", reason]
    plain = " ".join(dict.fromkeys(part for part in found if part)).casefold()
    return {
        "line": row.id, "its_shape": "\n".join([row.text, *_texts(values)]),
        "its_words": re.sub(r"\+[0-9]{5,}", " ", plain),
    }  # fmt: skip


def _texts(values: Any) -> Iterator[str]:
    for value in values.values() if isinstance(values, dict) else ():
        if isinstance(value, dict) and isinstance(value.get("say"), str):
            yield value["say"]
            yield from _texts(value.get("with"))


def _values(values: Any) -> Iterator[str]:
    for value in values.values() if isinstance(values, dict) else ():
        if isinstance(value, dict):
            yield from _values(value.get("with") if "say" in value else {})
        elif value is not None:
            yield str(value)
