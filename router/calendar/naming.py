"""Who is on duty by an event's title: names of people in it, as whole words, in the order in which they stand there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST_TITLE = 4096
"""Characters that are looked at."""
SHOWN = 60


def named_in(title: str, people: Iterable[str]) -> tuple[str, ...]:
    """Each once, by the name that the office has for him. Of two names at one place the longer one counts."""
    known = {_folded(name): name for name in people if name.strip()}
    if not known:
        return ()
    wanted = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    found = re.findall(rf"(?<!\w)(?:{wanted})(?!\w)", _folded(title[:LONGEST_TITLE]))
    return tuple(dict.fromkeys(known[name] for name in found))


def shown(title: str) -> str:
    """As a sentence quotes it: one line, printable, short."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in title[:LONGEST_TITLE]).split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
