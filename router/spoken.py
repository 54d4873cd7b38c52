"""What the commands tell of the running router, in the office's language: laid out in columns for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from router.core.calls import Outcome
from router.core.decision import Reachable
from router.core.health import State
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


def status_told(body: dict[str, Any], speech: Speech) -> Iterator[str]:
    """The office in a line, then its numbers, then its trunks with either direction and whose fault it is below."""
    yield _office(body, speech)
    faults = [trunk["fault"] for trunk in body["trunks"] if trunk["fault"]]
    if body["fault"]:
        yield f"  {body['fault']['text']}"
    if body["fault"] and body["fault"]["evidence"] not in [fault["evidence"] for fault in faults]:
        yield from (f"  {told}" for told in _evidence(body["fault"], speech))
    numbers = [(_written(known["number"], speech), _goes(known, speech), known["why"]) for known in body["numbers"]]
    for line, known in zip(in_columns(numbers), body["numbers"], strict=True):
        yield f"  {line}"
        yield from (f"    {gone}" for gone in _away(known, speech))
    connected = body["asterisk"]["connected"]
    trunks = [(each["label"], _state(each, connected, speech), each["why"]) for each in body["trunks"]]
    ways = in_columns([row for each in body["trunks"] for row in _ways(each, speech)])
    for line, trunk in zip(in_columns(trunks), body["trunks"], strict=True):
        yield f"  {line}"
        yield f"    {next(ways)}"
        yield f"    {next(ways)}"
        yield from (f"    {told}" for told in _fault(trunk["fault"], speech))
    if body["fault"] or faults:
        yield f"  {speech.zone()}"


def _away(number: dict[str, Any], speech: Speech) -> Iterator[str]:
    """The office phones behind it that cannot be reached."""
    gone = [_phone(phone, speech) for phone in number["phones"] if phone["reachable"] is False]
    if gone:
        yield speech.render(say("Cannot be reached: {phones}", phones=", ".join(gone)))


def _phone(phone: dict[str, Any], speech: Speech) -> str:
    if phone["since"] is None:
        return str(phone["device"])
    since = datetime.fromisoformat(phone["since"])
    return speech.render(say("{device} (since {since})", device=phone["device"], since=since))


def _fault(fault: dict[str, Any] | None, speech: Speech) -> Iterator[str]:
    """Whose fault, and the evidence below."""
    if fault is None:
        return
    yield fault["text"]
    yield from _evidence(fault, speech)


def _evidence(fault: dict[str, Any], speech: Speech) -> Iterator[str]:
    for one in fault["evidence"]:
        at = datetime.fromisoformat(one["at"]).astimezone(speech.timezone)
        yield f"  {at:%Y-%m-%d %H:%M:%S}{speech.aside(at)}  {one['text']}"


def _office(body: dict[str, Any], speech: Speech) -> str:
    seen, route = body["asterisk"], body["route"]
    pbx = f"Asterisk {seen['version']}" if seen["connected"] else speech.text(marks.BLIND.word)
    mixed = route["inbound"] not in {way.value for way in Way}
    goes = speech.render(say("by number")) if mixed else speech.text(marks.WAYS[Way(route["inbound"])])
    target = speech.render(say("calls go to: {goes}", goes=goes))
    checked = speech.text(marks.VERIFIED.word)
    if not route["verified"]:
        checked = f"{speech.text(marks.UNVERIFIED.word)}: {route['why']}"
    return f"{body['office']['name']}: {pbx}, {target}, {checked}"


def _state(trunk: dict[str, Any], connected: bool, speech: Speech) -> str:
    word = speech.text(marks.TRUNKS[State(trunk["state"])].word)
    return word if connected else f"{speech.text(marks.LAST_KNOWN.word)}: {word}"


def _ways(trunk: dict[str, Any], speech: Speech) -> list[Sequence[str]]:
    return [
        (speech.render(name), speech.text(marks.PROVEN[Reachable(way["state"])].word), way["text"])
        for name, way in ((say("Calls in"), trunk["inbound"]), (say("Calls out"), trunk["outbound"]))
    ]


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


def not_ours(number: str, speech: Speech) -> str:
    """As the router itself says it of an order."""
    return speech.render(say("{number} is none of our numbers.", number=number))


def calls_told(body: dict[str, Any], speech: Speech) -> Iterator[str]:
    """A line for each call, the tries to forward it below."""
    rows = [_call(call, speech) for call in body["calls"]]
    for call, line in zip(body["calls"], in_columns(rows), strict=True):
        yield line
        yield from (f"    {leg['text']}" for leg in call["legs"])
    if not rows and not body["trouble"]:
        yield speech.render(say("no calls"))


def _call(call: dict[str, Any], speech: Speech) -> Sequence[str]:
    caller = _written(call["caller"], speech) if call["caller"] else speech.render(say("number withheld"))
    away = f"  ({speech.render(say('while the router was away'))})" if call["router_away"] else ""
    to = speech.render(say("to {number}", number=call["number"]))
    outcome = speech.text(marks.CALLS[Outcome(call["outcome"])].word)
    return call["began"][:19].replace("T", " "), outcome, caller, to, call["text"] + away


def in_columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each column but the last as wide as its widest entry, two blanks between."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join([*(text.ljust(width) for text, width in zip(row[:-1], widths, strict=False)), row[-1]])
