"""Brings a database to the tables of this version; the revisions are in the package."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS = Path(__file__).with_name("migrations")

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells what it is about at every attempt

_ONE_AT_A_TIME = 0x6661696C
"""Key of PostgreSQL's advisory lock; with SQLite, the transaction itself keeps others out."""


HEAD = "0004"
"""The newest revision. Where the database is there already, Alembic is not loaded: it would stay, with 12 MB."""


def configuration(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(REVISIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Within the transaction that is open on `connection`: all of it, or nothing where the process dies."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    if revision == "head" and _is_at_head(connection):
        return
    from alembic import command

    command.upgrade(configuration(connection), revision)


def _is_at_head(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]


def downgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.downgrade(configuration(connection), revision)
