"""`failover users`: who may log in to the panel, as what, and a way back in for who forgot his password."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from router.command import DEFAULT_CONFIG, Config, settings_in
from router.ports import Role
from router.settings import Settings

if TYPE_CHECKING:  # the database takes half a second to load
    from router.store.accounts import StoredAccounts
    from router.store.database import Database

users_app = typer.Typer(no_args_is_help=True, help="Who may log in to the panel.")

T = TypeVar("T")
_OF = "viewer sees, staff steers, admin also manages users."


@users_app.command("add")
def users_add(
    name: str,
    role: Annotated[
        Role | None, typer.Option(help=f"{_OF} Without it: admin where there is none yet, else staff.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add a user; the password is asked for, or read from standard input where that is no terminal."""
    password = _password(name)

    async def add(accounts: StoredAccounts, database: Database) -> Role:
        admins = [user for user in await accounts.users() if user.role is Role.ADMIN]
        given = role or (Role.STAFF if admins else Role.ADMIN)
        await accounts.add(name, password, given)
        return given

    typer.echo(f"{name} may log in, as {_with(settings_in(config), add)}.")


@users_app.command("list")
def users_list(config: Config = DEFAULT_CONFIG) -> None:
    """Who may log in, and as what."""
    settings = settings_in(config)
    zone = ZoneInfo(settings.office.timezone)
    for user in _with(settings, lambda accounts, database: accounts.users()):
        last = f"last login {_local(user.last_login, zone)}" if user.last_login else "never logged in"
        more = "".join((", second factor" if user.second_factor else "", ", sign-on" if user.outside else ""))
        typer.echo(f"{user.name}  ({user.role}, {last}{more})")


@users_app.command("remove")
def users_remove(name: str, config: Config = DEFAULT_CONFIG) -> None:
    """Take a user's access away and end all his sessions, tokens and links."""
    if not _with(settings_in(config), lambda accounts, database: accounts.remove(name)):
        raise _nobody(name)
    typer.echo(f"{name} may no longer log in.")


@users_app.command("role")
def users_role(name: str, role: Annotated[Role, typer.Argument(help=_OF)], config: Config = DEFAULT_CONFIG) -> None:
    """Change what a user may do. The only admin stays one."""
    if not _with(settings_in(config), lambda accounts, database: accounts.set_role(name, role)):
        raise _nobody(name)
    typer.echo(f"{name} is {role} now.")


@users_app.command("link")
def users_link(
    name: str,
    second_factor_off: Annotated[
        bool, typer.Option("--second-factor-off", help="Also ask for no code any more: the phone is gone.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """A link with which a user sets a new password: good once, for 24 hours."""
    from router.store.links import StoredLinks  # noqa: PLC0415 - as above
    from router.store.second_factor import StoredSecondFactor  # noqa: PLC0415

    async def link(accounts: StoredAccounts, database: Database) -> str | None:
        made = await StoredLinks(database).reset(name, by="cli")
        if made and second_factor_off:
            await StoredSecondFactor(database).off(name)
        return made

    settings = settings_in(config)
    token = _with(settings, link)
    if token is None:
        raise _nobody(name)
    typer.echo(f"{settings.panel.address}/password/{token}")


def _password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(f"Password for {name} (at least ten characters): ")
    if getpass.getpass("Once more: ") != password:
        typer.echo("The two are not the same; nothing was changed.", err=True)
        raise typer.Exit(2)
    return password


def _local(at: datetime, zone: ZoneInfo) -> str:
    told = at.astimezone(zone).isoformat(" ", "minutes")
    return f"{told[:-6]}, UTC{told[-6:]}"


def _nobody(name: str) -> typer.Exit:
    typer.echo(f"There is no user {name}.", err=True)
    return typer.Exit(1)


def _with(settings: Settings, work: Callable[[StoredAccounts, Database], Awaitable[T]]) -> T:
    from router.store.accounts import StoredAccounts  # noqa: PLC0415 - as above
    from router.store.database import Database, StoreUnavailable  # noqa: PLC0415

    async def do() -> T:
        database = Database(settings.database.url)
        try:
            await database.migrate()
            return await work(StoredAccounts(database), database)
        finally:
            await database.close()

    try:
        return asyncio.run(do())
    except (StoreUnavailable, ValueError) as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(2) from None
