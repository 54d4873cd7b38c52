"""Names that this machine knows by itself: /etc/hosts, which answers before any name service, and localhost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from router.core.peer import address_in

MOST_BYTES = 128 * 1024
"""Of the file; what comes after is left out. Some keep lists of advertisers there, at the end as a rule."""
MOST_ADDRESSES, _MOST_READ = 4, 16
"""Of one name: those that are told, and those that are read."""
_LOCAL = ("127.0.0.1", "::1")


@dataclass
class Hosts:
    """Read when it is asked for, and anew once the file has changed."""

    file: Path = Path("/etc/hosts")
    _known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _seen: tuple[int, ...] | None = None

    def addresses(self, name: str) -> tuple[str, ...]:
        """A few, IPv4 first; none where the file does not tell. `name` is in lower case. Never raises."""
        self._read()
        found = self._known.get(name, ())
        if not found and (name == "localhost" or name.endswith(".localhost")):  # RFC 6761, 6.3
            return _LOCAL
        return found

    def _read(self) -> None:
        """A file that is replaced while it is read is read again the next time."""
        try:
            with self.file.open("rb") as opened:
                about = os.fstat(opened.fileno())
                seen = (about.st_ino, about.st_mtime_ns, about.st_size)
                if seen != self._seen:
                    self._known, self._seen = _parsed(opened.read(MOST_BYTES)), seen
        except OSError:
            self._known, self._seen = {}, None


def _parsed(content: bytes) -> dict[str, tuple[str, ...]]:
    """As hosts(5) has it: an address, then its names; what is no address, or cut off at the end, is left out."""
    lines = content.decode("ascii", "replace").split("\n")
    if len(content) == MOST_BYTES:
        lines.pop()
    found: dict[str, list[str]] = {}
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        if address_in(address) is None or "%" in address:
            continue
        for name in names:
            known = found.setdefault(name.lower().rstrip("."), [])
            if len(known) < _MOST_READ and address not in known:
                known.append(address)
    return {
        name: tuple(sorted(known, key=lambda address: ":" in address)[:MOST_ADDRESSES])
        for name, known in found.items()
    }  # fmt: skip
