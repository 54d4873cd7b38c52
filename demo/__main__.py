"""The demo from start to end: lab, router, login, calls; Ctrl-C takes all of it down."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path

from demo.home import home
from demo.stage import Stage
from demo.story import Story
from demo.terminal import keep_time_of, say
from demo.watching import Watching
from router.office_conf import office_conf
from router.service import CannotStart, serve
from router.settings import Settings, load
from router.site_of import site_of
from router.store.accounts import StoredAccounts
from router.store.database import Database
from tests.lab.lab import Lab
from tests.lab.router import settings as lab_settings
from tests.lab.toml_text import toml_text

USER = "demo"
RISE = 15  # seconds, where an office has 120: nobody wants to watch that
RETRY = 5  # seconds between two tries to register, where an office has 60
FIRST_PORT, PORTS = 8080, 20
NOTES = (
    "Cut the Telekom trunk there and see who rings. Ctrl-C ends the demo.",
    f"Calls go back {RISE} s after the trunk is well again; in an office that takes 120 s.",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--first-switch", action="store_true", help="cut the trunk at once, print the first verified switch, end"
    )
    parser.add_argument(
        "--calls-every", type=float, default=15.0, metavar="SECONDS", help="0: only by the button (default 15)"
    )
    asked = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("The demo needs root: its lab is a chroot with real Asterisks.")
    with contextlib.suppress(KeyboardInterrupt), home() as folder:
        try:
            asyncio.run(show(folder, first_switch=asked.first_switch, calls_every=asked.calls_every))
        except CannotStart as why:
            sys.exit(str(why))


async def show(folder: Path, *, first_switch: bool, calls_every: float) -> None:
    """The whole demo, its files in `folder`."""
    say("Starting the office, its carriers and its phones (six Asterisks) …")
    async with Lab(retry_interval=RETRY) as lab:
        settings = wired(lab, folder)
        keep_time_of(settings.office.timezone)
        login = (
            f"Panel     http://{settings.panel.listen}",
            f"Name      {USER}",
            f"Password  {await new_user(settings)}",
        )
        stage = Stage(lab)
        story = Story(stage, Watching(settings), (*login, "", *NOTES, f"Settings and the router's log: {folder}"))
        told = story.first_switch() if first_switch else story.goes_on(calls_every)
        with (folder / "router.log").open("w") as log, contextlib.redirect_stderr(log):
            await until_either_ends(serve(settings, demo=stage), told)
    say("The demo has ended; nothing of it is left.")


async def until_either_ends(router: Coroutine[None, None, None], told: Coroutine[None, None, None]) -> None:
    """The router ends by SIGTERM or SIGINT, the story by itself; then the other is ended. Raises what they raise."""
    running, telling = asyncio.create_task(router), asyncio.create_task(told)
    await asyncio.wait((running, telling), return_when=asyncio.FIRST_COMPLETED)
    if telling.done() and not running.done():
        os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait((running,))
    telling.cancel()
    for ended in await asyncio.gather(running, telling, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


def wired(lab: Lab, folder: Path) -> Settings:
    """The office with the product in its dialplan, and the settings to start the router with."""
    config = folder / "failover.toml"
    config.write_text(toml_text(lab_settings(lab) | {
        "asterisk": {"host": lab.office.address, "username": "failover", "secret": lab.office.ami_secret},
        "policy": {"rise_seconds": RISE, "rise_max_seconds": RISE, "max_switches_per_hour": 1000},
        "panel": {"listen": f"127.0.0.1:{free_port()}"},
        "database": {"url": f"sqlite+aiosqlite:///{folder}/failover.db"},
    }))  # fmt: skip
    settings = load(config, {})
    lab.office.install_dialplan(office_conf(site_of(settings)))
    return settings


def free_port() -> int:
    """8080, or the next that nobody listens on."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise CannotStart(f"The ports {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are all in use.")


async def new_user(settings: Settings) -> str:
    """Adds the user; the password."""
    password = secrets.token_urlsafe(9)
    database = Database(settings.database.url)
    try:
        await database.migrate()
        await StoredAccounts(database).add(USER, password)
    finally:
        await database.close()
    return password


if __name__ == "__main__":
    main()
