"""The duty plan: people with their mobiles, the week, exceptions, and who has taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("stands_by", sa.Boolean, nullable=False),
        sa.Column("numbers", sa.JSON, nullable=False),
        sa.Column("absent_since", _moment),
        sa.Column("absent_until", _moment),
        sa.PrimaryKeyConstraint("position", name="pk_people"),
    )
    op.create_table(
        "duty_rows",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("begin", sa.Text, nullable=False),
        sa.Column("end", sa.Text, nullable=False),
        sa.Column("who", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_duty_rows"),
    )
    op.create_table(
        "duty_exceptions",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("first", sa.Text, nullable=False),
        sa.Column("last", sa.Text, nullable=False),
        sa.Column("begin", sa.Text, nullable=False),
        sa.Column("end", sa.Text, nullable=False),
        sa.Column("who", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_duty_exceptions"),
    )
    op.create_table(
        "duty_taken",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", _moment, nullable=False),
        sa.Column("until", _moment),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_duty_taken"),
    )


def downgrade() -> None:
    for table in ("duty_taken", "duty_exceptions", "duty_rows", "people"):
        op.drop_table(table)
