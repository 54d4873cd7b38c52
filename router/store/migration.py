"""Brings a database to the tables of this version; the revisions are in the package."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

REVISIONS = Path(__file__).with_name("migrations")

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells what it is about at every attempt

_ONE_AT_A_TIME = 0x6661696C
"""Key of PostgreSQL's advisory lock; with SQLite, the transaction itself keeps others out."""


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(REVISIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Within the transaction that is open on `connection`: all of it, or nothing where the process dies."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    command.upgrade(configuration(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    command.downgrade(configuration(connection), revision)
