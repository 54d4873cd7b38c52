"""Tables for spreadsheets: a mark that says UTF-8, the separator that the reader's language expects, nothing that runs.

Quoted as RFC 4180 says. A cell that a spreadsheet would take for a formula gets an apostrophe in front; a number of a
telephone is none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

MARK = "\N{BYTE ORDER MARK}"
SEPARATORS: Mapping[str, str] = {"de": ";"}
"""By language; a comma in all others."""
_RUNS = ("=", "+", "-", "@", "\t", "\r")


class Phone(str):
    """A cell that is a telephone number as people write it."""

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


def _tame(cell: str) -> str:
    abroad = isinstance(cell, Phone) and cell[:1] == "+" and cell[1:2].isdigit()
    runs = cell.startswith(_RUNS) and not abroad
    return f"'{cell}" if runs else cell
