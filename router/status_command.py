"""`failover status`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from router import spoken
from router.command import DEFAULT_CONFIG, Config, asked, settings_in


def status(
    config: Config = DEFAULT_CONFIG, as_json: Annotated[bool, typer.Option("--json", help="As GET status.")] = False
) -> None:
    """What the running router sees, where calls go, and whose fault it is."""
    settings = settings_in(config)
    body = asked(lambda client: client.status(), settings)
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    for line in spoken.status_told(body, spoken.speech_of(settings)):
        typer.echo(line)
