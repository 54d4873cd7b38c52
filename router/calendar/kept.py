"""The last good text of the calendar in a file of its own, for a start while the source is away."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

FILE = "failover.ics"
_LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    text: bytes
    read_at: datetime


def kept(path: Path, mark: str) -> Kept | None:
    """What was kept of the source with that mark; None where there is nothing to be had."""
    try:
        with path.open("rb") as file:
            head, _, text = file.read(_LARGEST).partition(b"\n")
        whose, _, moment = head.decode().partition(" ")
        read_at = datetime.fromisoformat(moment)
    except (OSError, ValueError):
        return None
    return Kept(text, read_at.astimezone(UTC)) if whose == mark and read_at.tzinfo else None


def keep(path: Path, mark: str, text: bytes, read_at: datetime) -> None:
    """For its owner only, since titles of events are nobody else's business. Raises nothing."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(f"{mark} {read_at.isoformat()}\n".encode() + text)
        part.replace(path)
    except OSError as error:
        log.warning("the calendar's text cannot be kept for a restart: %s", error.strerror)
