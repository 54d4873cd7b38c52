"""Calls of an afternoon, told by the minute after noon at which they began; each lasts half a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from router.core.call_backs import Remark
from router.core.calls import Call
from tests.unit.core.call_rows import CALLER, NOON, call, nobody


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def missed(minute: float, caller: str | None = CALLER, **other: object) -> Call:
    """Nobody took it."""
    return _at(nobody(), minute, caller, **other)


def taken(minute: float, caller: str | None = CALLER, **other: object) -> Call:
    return _at(call(), minute, caller, **other)


def _at(told: Call, minute: float, caller: str | None, **other: object) -> Call:
    name = f"{1772452800 + int(minute * 60)}.{len(caller or '')}{(caller or '0')[-1]}{len(told.end)}"
    began = at(minute)
    return replace(told, id=name, caller=caller, began=began, ended=began + timedelta(seconds=30), **other)  # type: ignore[arg-type]


def done(minute: float, caller: str = CALLER, by: str = "anna", note: str | None = None) -> Remark:
    return Remark(caller, at(minute), by, note, done=True)


def noted(minute: float, note: str, caller: str = CALLER) -> Remark:
    return Remark(caller, at(minute), "ben", note)
