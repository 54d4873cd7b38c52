"""How what opens a door is kept: as its SHA-256, since it is long and random and no dictionary holds it."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import ColumnElement, func
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.schema import Column

SHOWN: Final = 16
"""Hex digits of the fingerprint by which a session or an invitation is named on a page: they open nothing."""


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def shown(column: Column[str] | ColumnClause[str]) -> ColumnElement[str]:
    return func.substr(column, 1, SHOWN)
