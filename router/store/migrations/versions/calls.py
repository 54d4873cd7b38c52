"""The journal of calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", _serial, nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("caller", sa.Text),
        sa.Column("trunk", sa.Text),
        sa.Column("way", sa.Text),
        sa.Column("began", _moment, nullable=False),
        sa.Column("rang_ms", sa.Integer),
        sa.Column("answered_ms", sa.Integer),
        sa.Column("ended", _moment, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("end", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("away", sa.Boolean, nullable=False),
        sa.Column("legs", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("call", name="uq_calls_call"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_calls_began", "calls", ["began"])


def downgrade() -> None:
    op.drop_table("calls")
