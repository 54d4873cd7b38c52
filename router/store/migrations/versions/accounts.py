"""Roles, sessions that tell where they began, links, second factors, tokens. Whoever could log in before may do all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_moment = sa.DateTime(timezone=True)


def _of_a_user(table: str, key: str = "user_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([key], ["users.id"], name=f"fk_{table}_{key}", ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("users", sa.Column("role", sa.Text, nullable=False, server_default="admin"))
    op.add_column("users", sa.Column("language", sa.Text))
    op.add_column("users", sa.Column("subject", sa.Text))
    op.create_index("ix_users_subject", "users", ["subject"], unique=True)
    op.add_column("sessions", sa.Column("address", sa.Text))
    op.add_column("sessions", sa.Column("browser", sa.Text))
    op.drop_table("invitations")  # held at most the link of the first start, which the next start makes anew
    op.create_table(
        "invitations",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("role", sa.Text, nullable=False, server_default="admin"),
        sa.Column("name", sa.Text),
        sa.Column("by_id", _serial),
        sa.PrimaryKeyConstraint("token", name="pk_invitations"),
        _of_a_user("invitations", "by_id"),
    )
    op.create_table(
        "resets",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("user_id", _serial, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_resets"),
        _of_a_user("resets"),
    )
    op.create_table(
        "second_factors",
        sa.Column("user_id", _serial, autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("confirmed", _moment),
        sa.Column("used", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
        _of_a_user("second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", _serial, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "code", name="pk_recovery_codes"),
        _of_a_user("recovery_codes"),
    )
    op.create_table(
        "login_steps",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("user_id", _serial, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_login_steps"),
        _of_a_user("login_steps"),
    )
    op.create_table(
        "familiar",
        sa.Column("user_id", _serial, autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("last_seen", _moment, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "mark", name="pk_familiar"),
        _of_a_user("familiar"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", _serial, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("user_id", _serial, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("last_use", _moment),
        sa.Column("until", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token", name="uq_api_tokens_token"),
        _of_a_user("api_tokens"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])


def downgrade() -> None:
    for table in ("api_tokens", "familiar", "login_steps", "recovery_codes", "second_factors", "resets", "invitations"):
        op.drop_table(table)
    op.create_table(
        "invitations",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_invitations"),
    )
    op.drop_column("sessions", "browser")
    op.drop_column("sessions", "address")
    op.drop_index("ix_users_subject", "users")
    for column in ("subject", "language", "role"):
        op.drop_column("users", column)
