"""`failover calls`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from router import spoken
from router.command import DEFAULT_CONFIG, Config, asked, refused, settings_in, some
from router.core.numbers import e164
from router.settings import Settings

MOST = 500


def calls(
    missed: Annotated[bool, typer.Option("--missed", help="Only those that nobody took.")] = False,
    number: Annotated[str | None, typer.Option(help="Only calls to this published number.")] = None,
    limit: Annotated[str, typer.Option(metavar=f"1-{MOST}", help="How many, the newest first.")] = "20",
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="As GET calls.")] = False,
) -> None:
    """Who called, who took it, and what the mobiles said."""
    some("--number", number, "all numbers")
    query = {"limit": _many(limit), "missed": missed} | ({"number": number} if number else {})
    settings = settings_in(config)
    code, body = asked(lambda client: client.calls(**query), settings)
    if code != 200:
        raise refused(str(body.get("detail") or f"refused (HTTP {code})"))
    if number and not body["calls"]:
        _must_be_ours(number, settings)  # one that was ours once still has its calls
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    if body["trouble"]:
        typer.echo(body["trouble"], err=True)
    for line in spoken.calls_told(body, spoken.speech_of(settings)):
        typer.echo(line)


def _many(limit: str) -> int:
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MOST):
        raise refused(f"--limit {limit!r} is no number from 1 to {MOST}")
    return int(limit)


def _must_be_ours(number: str, settings: Settings) -> None:
    read = e164(number, settings.office.country)  # the router has read it already
    if read not in {known.number for known in settings.numbers}:
        raise refused(spoken.not_ours(read, spoken.speech_of(settings)))
