"""`failover calls`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from router.command import DEFAULT_CONFIG, Config, asked, settings_in


def calls(
    missed: Annotated[bool, typer.Option("--missed", help="Only those that nobody took.")] = False,
    number: Annotated[str | None, typer.Option(help="Only calls to this published number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, the newest first.")] = 20,
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="As GET calls.")] = False,
) -> None:
    """Who called, who took it, and what the mobiles said."""
    query = {"limit": limit, "missed": missed} | ({"number": number} if number else {})
    code, body = asked(lambda client: client.calls(**query), settings_in(config))
    if code != 200:
        typer.echo(str(body.get("detail") or ""), err=True)
        raise typer.Exit(2)
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    if body["trouble"]:
        typer.echo(body["trouble"], err=True)
    for call in body["calls"]:
        when, caller = call["began"][:19].replace("T", " "), call["caller"] or "withheld"
        away = "  (while the router was away)" if call["router_away"] else ""
        typer.echo(f"{when}  {call['outcome']:<7}  {caller:<16} to {call['number']:<14}  {call['text']}{away}")
        for leg in call["legs"]:
            typer.echo(f"    {leg['text']}")
