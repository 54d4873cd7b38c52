"""The outages that the journal tells of, with what staff write beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outages",
        sa.Column("id", _serial, autoincrement=False, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("began", _moment, nullable=False),
        sa.Column("last", _serial, nullable=False),
        sa.Column("down", _moment),
        sa.Column("answered", _moment),
        sa.Column("ended", _moment),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("found", sa.Boolean, nullable=False),
        sa.Column("relapses", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("whose", sa.Text, nullable=False),
        sa.Column("set_back", sa.Boolean, nullable=False),
        sa.Column("calls", sa.JSON),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("false_alarm", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
    )
    op.create_index("ix_outages_began", "outages", ["began"])
    op.create_index("ix_outages_ending", "outages", ["ending"])
    op.create_table(
        "outage_notes",
        sa.Column("id", _serial, nullable=False),
        sa.Column("outage_id", _serial, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outage_notes"),
        sa.ForeignKeyConstraint(["outage_id"], ["outages.id"], name="fk_outage_notes_outage_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outage_notes_outage_id", "outage_notes", ["outage_id"])
    op.create_table(
        "outages_read",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("line", _serial, nullable=False),
        sa.Column("at", _moment),
        sa.PrimaryKeyConstraint("position", name="pk_outages_read"),
    )


def downgrade() -> None:
    for table in ("outage_notes", "outages", "outages_read"):
        op.drop_table(table)
