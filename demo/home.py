"""The demo's own folder in /tmp: gone when the demo ends, and where it was killed, when the next one starts."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "failover-demo-"
YOUNG = 60.0  # seconds in which a folder may have been made and not claimed yet


@contextmanager
def home(place: Path | None = None) -> Iterator[Path]:
    """A fresh folder in `place` (the system's own for such things), after those that dead demos left there are gone."""
    place = place or Path(tempfile.gettempdir())
    remove_leftovers(place)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place) as made, _claimed(Path(made)):
        yield Path(made)


def remove_leftovers(place: Path) -> None:
    """A living demo holds a lock on its folder, which ends with its process, however that ends."""
    for left in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            seen = left.lstat()
            if seen.st_uid != os.geteuid() or time.time() - seen.st_mtime < YOUNG:
                continue
            with _claimed(left):
                shutil.rmtree(left)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Raises OSError where another process has it, or where it is no folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
