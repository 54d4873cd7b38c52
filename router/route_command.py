"""`failover route`: staff's word from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from router import spoken
from router.command import DEFAULT_CONFIG, Config, asked, refused, settings_in, some
from router.core.numbers import NotANumber, e164
from router.core.orders import Mode
from router.moments import NoMoment, moment


def route(
    mode: Annotated[str, typer.Argument(help="auto, office or mobile")],
    number: Annotated[str | None, typer.Option(help="Only this published number.")] = None,
    until: Annotated[str | None, typer.Option(help="18:00, or a date and time; open end without.")] = None,
    reason: Annotated[str | None, typer.Option(help="Shown to everybody.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Give the order, and say what holds then: exit code 0 verified, 1 stored but not verified."""
    settings = settings_in(config)
    if mode not in {known.value for known in Mode}:
        raise refused(f"mode {mode!r} is none of auto, office, mobile")
    some("--number", number, "all numbers")
    some("--until", until, "an open end")
    if mode == Mode.AUTO and until:
        raise refused("--until goes with office or mobile only: auto has no end")
    body = {
        "mode": mode,
        "number": _number(number, settings.office.country) if number else None,
        "until": _end(until, ZoneInfo(settings.office.timezone)) if until else None,
        "reason": reason,
    }
    code, answer = asked(lambda client: client.override(body), settings)
    if code not in (200, 202):
        raise refused(str(answer.get("detail") or answer.get("why") or f"refused (HTTP {code})"))
    for line in spoken.order_told(answer, body["number"], spoken.speech_of(settings)):
        typer.echo(line)
    raise typer.Exit(0 if code == 200 else 1)


def _number(text: str, country: str) -> str:
    try:
        return e164(text, country)
    except NotANumber as wrong:
        raise refused(f"--number {text!r} {wrong}") from None


def _end(text: str, zone: ZoneInfo) -> str:
    try:
        return moment(text.strip(), datetime.now(UTC), zone).isoformat()
    except NoMoment as wrong:
        raise refused(f"--until {text!r} {wrong}") from None
