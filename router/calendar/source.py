"""Where the duty calendar is: a file, or an address whose path may be a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from router.core.sentence import Sentence


class Unread(Exception):  # noqa: N818 - named for what it says
    """The calendar could not be had, or is none; `why` holds no part of an address but its host."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Source:
    """`named` is all that is ever shown of it. One of `address` and `path` is there."""

    named: str
    address: str | None = field(default=None, repr=False)
    path: Path | None = None

    @property
    def mark(self) -> str:
        """By which text that was kept is known to be of this source."""
        return sha256(f"{self.address or self.path}".encode()).hexdigest()


def source_in(text: str) -> Source:
    """As router.settings.checks has let it pass."""
    if "://" in text:
        return Source(urlsplit(text).hostname or "", address=text)
    return Source(Path(text).name, path=Path(text))
