"""Who was called back, whether a call was sent to the mobiles by hand, and indexes for the page of calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)
_TRIED_ON_A_MOBILE = (
    """UPDATE calls SET forwarded = TRUE WHERE outcome != 'refused' AND CAST(legs AS TEXT) LIKE '%"+%'"""
)
_TAKEN_ON_A_MOBILE = """UPDATE calls SET forwarded = TRUE, rescued = TRUE WHERE outcome = 'taken' AND "by" LIKE '+%'"""
"""Of calls from before, nobody knows whether staff had sent them there."""


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", _serial, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_callbacks_caller", "callbacks", ["caller", "at"])
    op.create_index("ix_callbacks_at", "callbacks", ["at"])
    op.add_column("calls", sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("calls", sa.Column("forwarded", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("calls", sa.Column("rescued", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(_TAKEN_ON_A_MOBILE)
    op.execute(_TRIED_ON_A_MOBILE)
    op.create_index("ix_calls_page", "calls", ["began", "outcome", "number", "forwarded", "rescued", "caller"])
    op.create_index("ix_calls_caller", "calls", ["caller", "outcome", "began"])
    op.drop_index("ix_calls_began", "calls")


def downgrade() -> None:
    op.create_index("ix_calls_began", "calls", ["began"])
    op.drop_index("ix_calls_caller", "calls")
    op.drop_index("ix_calls_page", "calls")
    for column in ("rescued", "forwarded", "by_hand"):
        op.drop_column("calls", column)
    op.drop_table("callbacks")
