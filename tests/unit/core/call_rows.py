"""Rows in which the dialplan tells calls: one at noon that Anna took on her mobile, or with other fields in it."""

from __future__ import annotations

from datetime import UTC, datetime

from router.core.calls import Call, call_in
from tests.unit.core.offices import MOBILE, NUMBER

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CALLER = "+4930555001"
ROW = {
    "id": "1772452800.17", "number": NUMBER, "caller": CALLER, "trunk": "telekom", "way": "mobile",
    "began": "1772452800000", "rang": "1500", "answered": "12300", "ended": "1772452860000", "by": MOBILE, "end": "",
    "legs": f"gsm:{MOBILE}:answer",
}  # fmt: skip


def row(**other: str) -> str:
    assert not other.keys() - ROW.keys()
    return "|".join({**ROW, **other}.values())


def call(**other: str) -> Call:
    found = call_in(row(**other))
    assert found is not None, row(**other)
    return found


def nobody(**other: str) -> Call:
    """A call that nobody took: Anna's mobile was busy."""
    return call(**{"answered": "", "by": "", "end": "nobody", "legs": f"gsm:{MOBILE}:486", **other})
