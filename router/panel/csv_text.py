"""Tables for spreadsheets: a mark that says UTF-8, the separator that the reader's language expects, nothing that runs.

Quoted as RFC 4180 says. A cell that a spreadsheet would take for a formula gets an apostrophe in front, also where the
sign is a wide one or stands behind blanks; a number of a telephone is none.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from router.core.sentence import say
from router.panel.speech import Speech

MARK = "\N{BYTE ORDER MARK}"
SEPARATORS: Mapping[str, str] = {"de": ";"}
"""By language; a comma in all others."""
_RUNS = ("=", "+", "-", "\N{MINUS SIGN}", "@")
_ABROAD = re.compile(r"\+[0-9•][0-9•+ (),/.-]*")


class Phone(str):
    """A cell that is a telephone number as people write it, or several."""

    __slots__ = ()


def lines(rows: Iterable[Sequence[str]], language: str) -> str:
    """The rows as text; the first piece of a file begins with `MARK`."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=SEPARATORS.get(language, ","), lineterminator="\r\n")
    writer.writerows([_tame(cell) for cell in row] for row in rows)
    return text.getvalue()


def headers(name: str) -> dict[str, str]:
    """Of the answer: a file of that name, to be kept and not shown."""
    return {"content-disposition": f'attachment; filename="{name}.csv"'}


def ended(most: int, speech: Speech) -> str:
    """The last row of a table that has not all."""
    return lines([[speech.line(say("There is more: a table ends after {most} rows.", most=most))]], speech.language)


def _tame(cell: str) -> str:
    abroad = isinstance(cell, Phone) and _ABROAD.fullmatch(cell)
    return f"'{cell}" if _runs(cell) and not abroad else cell


def _runs(cell: str) -> bool:
    """Programs drop blanks, and what nobody sees, from the beginning of a cell, and take wide signs for plain ones."""
    first = next((character for character in cell if not _is_blank(character)), "")
    return unicodedata.category(cell[:1] or "x") == "Cc" or unicodedata.normalize("NFKC", first).startswith(_RUNS)


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf")
