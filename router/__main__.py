"""The command line: failover init, run, check, prompts, status, calls, route, users."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from router.calls_command import calls
from router.command import DEFAULT_CONFIG, Config, refused
from router.command import settings_in as _settings
from router.route_command import route
from router.status_command import status
from router.users_command import users_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Calls go to the mobiles while a trunk is down.",
)
app.add_typer(users_app, name="users")
app.command()(calls)
app.command()(route)
app.command()(status)


@app.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Watch the trunks and keep the routes right, until stopped."""
    settings = _settings(config)
    from router.service import CannotStart, serve  # takes a second, and a bad file needs none of it

    try:
        asyncio.run(serve(settings))
    except CannotStart as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(2) from None


@app.command()
def init(
    config: Config = DEFAULT_CONFIG,
    asterisk_dir: Annotated[Path, typer.Option(help="Where extensions.conf is.")] = Path("/etc/asterisk"),
) -> None:
    """Write failover_office.conf from the settings file; without such a file, first write one from what the PBX has."""
    from router.office_conf import office_conf
    from router.office_file import lay
    from router.site_of import site_of

    if not asterisk_dir.is_dir():
        raise refused(f"There is no directory {asterisk_dir}: say with --asterisk-dir where extensions.conf is.")
    if not config.exists():
        _write_first_settings(config, asterisk_dir)
    settings = _settings(config)
    try:
        target = asterisk_dir / "failover_office.conf"
        readers = lay(target, office_conf(site_of(settings)))
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise refused(f"{asterisk_dir / 'failover_office.conf'} cannot be written: {why}") from None
    if settings.office.pin and readers == "everybody":
        typer.echo(f"{target} holds the PIN and can be read by everybody: chmod 640, its group that of Asterisk.")
    typer.echo(f"Wrote {target}; {readers} can read it. Now: asterisk -rx 'dialplan reload', then failover check.")


def _write_first_settings(config: Path, asterisk_dir: Path) -> None:
    """Asks the PBX, and on a terminal the person before it, for what only the office knows."""
    from router import first_settings
    from router.check import Unusable

    try:
        account = first_settings.account_in(asterisk_dir, os.environ)
        seen = asyncio.run(first_settings.found(account))
    except Unusable as why:
        typer.echo(f"There is no {config} yet, and the PBX cannot be asked for one. {why}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"Trunks on the PBX: {', '.join(seen.trunks) or 'none found'}.")
    told = first_settings.Told()
    if sys.stdin.isatty():
        told = first_settings.Told(
            office=typer.prompt("Name of the office"),
            number=typer.prompt("Its published number"),
            person=typer.prompt("Who is rung in an outage"),
            mobile=typer.prompt("On which mobile number"),
        )
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(first_settings.toml_text(seen, told, account))
    except OSError as error:
        typer.echo(f"{config} cannot be written: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(
        f"Wrote {config}. What is still to be filled in, if anything, is said next; then run failover init again."
    )


@app.command()
def check(config: Config = DEFAULT_CONFIG) -> None:
    """What stands between this office and a working failover. Changes nothing."""
    from router import check_duty
    from router.check import Unusable, checked
    from router.prompts.places import hint, mute
    from router.service import BARE
    from router.site_of import site_of
    from router.wiring import account_of

    settings = _settings(config)
    try:
        told = asyncio.run(checked(account_of(settings), site_of(settings), settings.internet.probes))
        people = asyncio.run(check_duty.told(site_of(settings), settings.database.url))
        shifts = asyncio.run(check_duty.calendar(site_of(settings), settings.database.url, settings.duty.calendar))
    except Unusable as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(2) from None
    found = (*told.findings, *mute(settings.asterisk.host, settings.office.language))
    for line in (*(f"Watch: {watch}" for watch in told.watches), *(f"- {finding}" for finding in found)):
        typer.echo(line)
    if shifts:
        typer.echo(shifts)
    typer.echo(f"{len(found)} findings." if found else "All is as it should be.")
    bare = BARE if settings.panel.bare else None
    for one in filter(
        None,
        (
            *told.hints,
            *people,
            *check_duty.region(settings.hours.holidays),
            hint(settings.asterisk.host, settings.office.language),
            bare,
        ),
    ):
        typer.echo(f"Hint: {one}")
    raise typer.Exit(1 if found else 0)


@app.command()
def prompts(
    into: Annotated[Path | None, typer.Option(help="The sounds directory; without: that of this Asterisk.")] = None,
    language: Annotated[str, typer.Option(metavar="de|en|both", help="Which to make.")] = "both",
    config: Annotated[
        Path | None, typer.Option(envvar="FAILOVER_CONFIG", help=f"For the office's name; {DEFAULT_CONFIG} if there.")
    ] = None,
) -> None:
    """Make the spoken prompts for Asterisk; own recordings stay."""
    from router.prompts import making, places, voice

    if language not in (*voice.VOICES, "both"):
        raise refused(f"--language {language!r} is none of {', '.join(voice.VOICES)}, both")
    if config is None and os.access(DEFAULT_CONFIG, os.R_OK):
        config = DEFAULT_CONFIG
    office = None if config is None else _settings(config).office.name
    into = into or next(iter(places.sounds_directories()), None)
    if into is None:
        typer.echo("Here is no sounds directory of an Asterisk: say where with --into DIR", err=True)
        raise typer.Exit(2)
    languages = list(voice.VOICES) if language == "both" else [language]
    try:
        for made in making.make(into, languages, office):
            typer.echo(str(made))
    except voice.NoPrompts as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(2) from None


def main() -> None:
    app()


if __name__ == "__main__":
    main()
