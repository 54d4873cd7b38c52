"""Lays failover_office.conf where Asterisk reads it, and where not everybody does: it holds the PIN."""

from __future__ import annotations

import contextlib
import grp
import os
from pathlib import Path

NEW = 0o640
ASTERISK = "asterisk"
"""The group under which Asterisk runs, where the files beside it tell nothing."""


def lay(target: Path, text: str) -> str:
    """Whole or not at all. An existing file keeps its owner, group and mode; a new one gets the group of the dialplan
    beside it. Returns who may read it, in words. Raises OSError.
    """
    owner, group, mode = _kept(target) or (-1, _group(target.parent), NEW)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        with contextlib.suppress(PermissionError):  # only root may give a file away
            os.fchown(file.fileno(), owner, group)
        os.fchmod(file.fileno(), mode)
    part.replace(target)
    return _readers(target)


def _kept(target: Path) -> tuple[int, int, int] | None:
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    return found.st_uid, found.st_gid, found.st_mode & 0o7777


def _group(folder: Path) -> int:
    """Whoever reads extensions.conf must read this file, too: without it Asterisk loads no dialplan at all."""
    beside = folder / "extensions.conf"
    group = (beside if beside.exists() else folder).stat().st_gid
    if group == 0:
        with contextlib.suppress(KeyError):
            return grp.getgrnam(ASTERISK).gr_gid
    return group


def _readers(target: Path) -> str:
    found = target.stat()
    if found.st_mode & 0o004:
        return "everybody"
    name = str(found.st_gid)
    with contextlib.suppress(KeyError):
        name = grp.getgrgid(found.st_gid).gr_name
    return f"its owner and the group {name}" if found.st_mode & 0o040 else "its owner alone"
