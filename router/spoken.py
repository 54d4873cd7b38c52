"""What the commands tell of the running router, in the office's language: laid out in columns for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from router.core.orders import Mode
from router.core.sentence import say
from router.core.site import Way
from router.panel import marks
from router.panel.speech import Speech, isolated
from router.settings import Settings


def speech_of(settings: Settings) -> Speech:
    """The office's language, now."""
    office = settings.office
    return Speech(office.language, ZoneInfo(office.timezone), office.country, datetime.now(UTC))


def order_told(answer: dict[str, Any], number: str | None, speech: Speech) -> Iterator[str]:
    """What holds after an order for `number` (None: all), from the answer to PUT override; why where unverified."""
    status, verified = answer["status"], bool(answer["verified"])
    checked = speech.text(marks.VERIFIED.word if verified else marks.UNVERIFIED.word)
    orders = [
        (known, known["override"] or status["override"])
        for known in status["numbers"]
        if number in (None, known["number"])
    ]
    told = {known["number"]: _holds(known, order, speech) for known, order in orders}
    if number is None and len(set(told.values())) == 1:
        yield f"{speech.render(say('All numbers'))}: {next(iter(told.values()))}, {checked}."
    else:
        for each, holds in told.items():
            yield f"{_written(each, speech)}: {holds}, {checked}."
    yield from (str(known["why"]) for known, order in orders if _disobeyed(known, order))
    if not verified:
        yield str(answer["why"])


def _holds(number: dict[str, Any], order: dict[str, Any], speech: Speech) -> str:
    """ "Handy (Anna) bis morgen 17:00"."""
    goes = _goes(number, speech)
    if order["mode"] == Mode.AUTO:
        return f"{speech.text(marks.MODES[Mode.AUTO])}, {speech.render(say('now: {way}', way=goes))}"
    if _disobeyed(number, order):
        return goes
    if order["until"] is None:
        return f"{goes} {speech.render(say('until further notice'))}"
    end = speech.moment(datetime.fromisoformat(order["until"]))
    return f"{goes} {speech.render(say('until {until}', until=end))}"


def _disobeyed(number: dict[str, Any], order: dict[str, Any]) -> bool:
    """Nobody is left to forward to, or nothing to forward over; the number's own sentence says which."""
    return bool(order["mode"] == Mode.MOBILE and number["inbound"] == Way.OFFICE)


def _goes(number: dict[str, Any], speech: Speech) -> str:
    """Where its calls go, in a word, with who is rung first."""
    word = speech.text(marks.WAYS[Way(number["inbound"])])
    people = number["people"]
    return f"{word} ({isolated(people[0])})" if people and number["inbound"] != Way.OFFICE else word


def _written(number: str, speech: Speech) -> str:
    return speech.text("{number}", number=number)
