"""The journal, the overrides in force, and who may log in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", _serial, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("trunk", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("by", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_table(
        "overrides",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("since", _moment, nullable=False),
        sa.Column("until", _moment),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("position", name="pk_overrides"),
    )
    op.create_table(
        "users",
        sa.Column("id", _serial, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("last_login", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("folded", name="uq_users_folded"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("user_id", _serial, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("last_seen", _moment, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "invitations",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_invitations"),
    )


def downgrade() -> None:
    for table in ("invitations", "sessions", "users", "overrides", "journal"):
        op.drop_table(table)
