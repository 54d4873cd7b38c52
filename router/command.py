"""What all commands share: the settings, and the running router's answer. Without them they end with 2 and 3."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from router.settings import BadSettings, Settings, load

DEFAULT_CONFIG = Path("/etc/failover/failover.toml")
Config = Annotated[Path, typer.Option("--config", envvar="FAILOVER_CONFIG", help="The settings file.")]


def settings_in(config: Path) -> Settings:
    """Exit code 2 and one line per problem where the file is not usable."""
    try:
        return load(config)
    except BadSettings as bad:
        for problem in bad.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


def asked(question: Any, settings: Settings) -> Any:
    from router.client import Client, NotRunning  # noqa: PLC0415 - most commands need no HTTP

    try:
        return question(Client(settings))
    except NotRunning as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(3) from None


def refused(why: str) -> typer.Exit:
    """To be raised: one line without a frame, and exit code 2."""
    typer.echo(why, err=True)
    return typer.Exit(2)


def some(option: str, given: str | None, without: str) -> None:
    """An option that is given must hold something: a script's empty variable is no wish. `without`: what that means."""
    if given is not None and not given.strip():
        raise refused(f"{option} is empty: leave it out for {without}")
