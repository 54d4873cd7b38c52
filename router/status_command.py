"""`failover status`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from router.command import DEFAULT_CONFIG, Config, asked, settings_in


def status(
    config: Config = DEFAULT_CONFIG, as_json: Annotated[bool, typer.Option("--json", help="As GET status.")] = False
) -> None:
    """What the running router sees, where calls go, and whose fault it is."""
    body = asked(lambda client: client.status(), settings_in(config))
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    verified = "verified" if body["route"]["verified"] else "NOT VERIFIED: " + str(body["route"]["why"])
    seen = f"Asterisk {body['asterisk']['version']}" if body["asterisk"]["connected"] else "Asterisk is out of sight"
    typer.echo(f"{body['office']['name']}: {seen}, route {body['route']['inbound']} ({verified})")
    if body.get("fault"):
        typer.echo(f"  {body['fault']['text']}")
    for number in body["numbers"]:
        typer.echo(f"  {number['number']}  {number['inbound']:<8} {number['why']}")
        for phone in number["phones"]:
            if phone["reachable"] is False:
                typer.echo(f"    {phone['device']} cannot be reached, since {phone['since'][:19].replace('T', ' ')}")
    known = "" if body["asterisk"]["connected"] else "last known: "
    for trunk in body["trunks"]:
        typer.echo(f"  {known}{trunk['label']}  {trunk['state']:<10} {trunk['why']}")
        for name in ("inbound", "outbound"):
            typer.echo(f"    {name:<8} {trunk[name]['state']:<8} {trunk[name]['text']}")
        _tell(trunk.get("fault"))


def _tell(fault: dict[str, Any] | None) -> None:
    """Whose fault, and the evidence with its moments in UTC."""
    if fault is None:
        return
    typer.echo(f"    {fault['text']}")
    for piece in fault["evidence"]:
        typer.echo(f"      {piece['at'][:19].replace('T', ' ')} UTC  {piece['text']}")
