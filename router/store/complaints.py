"""What is wrong with the database, in words for the person who has to put it right."""

from __future__ import annotations

import socket
import sqlite3
from typing import Final

_LOCKED: Final = "another program is holding it"
_MISSING: Final = "its tables are missing"
_WORDS: Final = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: "its file may be read but not written",
    sqlite3.SQLITE_PERM: "its file may not be opened",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk reports errors",
    sqlite3.SQLITE_IOERR_SHMSIZE: "the disk is full",
    sqlite3.SQLITE_CORRUPT: "its file is damaged",
    sqlite3.SQLITE_NOTADB: "its file is damaged or no database at all",
    sqlite3.SQLITE_ERROR: _MISSING,
}
"""By result code, the primary one where the extended one is not listed, https://sqlite.org/rescode.html. SQLITE_ERROR
is bad SQL: for statements that never change, a table or column that is not there."""

_POSTGRESQL: Final = {
    "28": "the server refuses its user or password",
    "3D": "the server has no database of that name",
    "42": _MISSING,
    "53": "the server is out of disk, memory or connections",
    "57": "the server is shutting down or starting",
}
"""By class of SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html."""

_SYSTEM: Final[dict[type[Exception], str]] = {
    TimeoutError: "it does not answer",
    ConnectionError: "its server cannot be reached",
    socket.gaierror: "the name of its server is not known",
    PermissionError: "its folder may not be written to",
    FileExistsError: "where its folder should be is a file",
    NotADirectoryError: "where its folder should be is a file",
    ModuleNotFoundError: "the package asyncpg is missing: pip install 'call-failover-router[postgresql]'",
}


def why(wrong: BaseException) -> str:
    """A clause that follows "the database cannot be used: ". Never quotes a statement or its values."""
    for error in _causes(wrong):
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _WORDS:
            return _WORDS.get(code) or _WORDS[code & 0xFF]
        state = str(getattr(error, "sqlstate", None) or "")
        if state[:2] in _POSTGRESQL:
            return _POSTGRESQL[state[:2]]
        if type(error).__module__.startswith("alembic."):  # which is not loaded for a question
            return "it was written by another version of this router"
        for kind, words in _SYSTEM.items():
            if isinstance(error, kind):
                return words
        if isinstance(error, OSError):
            return (error.strerror or type(error).__name__).lower()
    return f"an unexpected error ({type(wrong).__name__})"


def _causes(wrong: BaseException) -> list[BaseException]:
    """`wrong`, then what it wraps, innermost last."""
    chain: list[BaseException] = []
    error: BaseException | None = wrong
    while error is not None and error not in chain:
        chain.append(error)
        error = getattr(error, "orig", None) or error.__cause__
    return chain
