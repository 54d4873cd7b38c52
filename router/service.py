"""The running router: what it claims on this machine, one TaskGroup, start and stop."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import structlog

from router.alive import keep_alive, last_alive, started
from router.core.signals import DutySet, Remembered
from router.panel.demo import DemoPort
from router.panel.server import Server, listening
from router.plain_log import Unfailing, log_plainly
from router.settings import Settings
from router.state import ID_FILE, TOKEN_FILE, kept_secret, state_directory
from router.store.accounts import StoredAccounts
from router.store.database import StoreUnavailable
from router.wiring import wired

log = structlog.get_logger(__name__)

READING_THE_DATABASE = 3.0
STOPPING = 2.0
PANEL_RETRY = 5.0
BARE = (
    "Passwords cross the network readable by everybody on it: the panel listens beyond this machine without a "
    "certificate. Give [panel] tls_certificate and tls_key, or name the proxy in front in [panel] proxies."
)


class CannotStart(Exception):  # noqa: N818 - named for what it says
    """What the machine refuses the router, in one sentence."""


async def serve(settings: Settings, demo: DemoPort | None = None) -> None:
    """Until SIGTERM or SIGINT. Raises CannotStart."""
    log_plainly()
    try:
        place = state_directory(settings)
        writer = kept_secret(place / ID_FILE, secrets.token_hex(8))
        token = kept_secret(place / TOKEN_FILE, secrets.token_urlsafe(32))
        claim = (place / ID_FILE).open()
    except OSError as error:
        raise CannotStart(f"The router cannot keep its files: {error}. Give it a directory of its own.") from None
    with claim:
        _claim(claim, place)
        await _serve(settings, writer, token, place, demo)


def _claim(identity: TextIO, place: Path) -> None:
    """Two routers with one id would take each other's plans for damage, and write over them without end.

    The lock ends with the process, however it ends. A file system that knows no locks is no reason not to start.
    """
    try:
        fcntl.flock(identity, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(f"A router with the files in {place} is running already.") from None
    except OSError as error:
        log.warning("whether this router runs twice cannot be told", why=str(error))


async def _serve(settings: Settings, writer: str, token: str, place: Path, demo: DemoPort | None) -> None:
    parts = wired(settings, writer, token, place, demo)
    if settings.panel.bare and not os.environ.get("FORWARDED_ALLOW_IPS"):
        log.warning(BARE, listen=settings.panel.listen)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts.journal.note(datetime.now(UTC), started(last_alive(place), datetime.now(UTC)))
    try:
        parts.loop.post(DutySet(parts.seed, kept=False))
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(READING_THE_DATABASE):
                await parts.database.migrate()
                parts.loop.post(Remembered(await parts.journal.remembered()))
                await parts.duty.load()
        async with asyncio.TaskGroup() as group:
            panel = group.create_task(_serve_panel(parts.server, settings.panel.listen))
            running = [
                group.create_task(parts.loop.run(parts.pbx, parts.around)),
                group.create_task(parts.pbx.run()),
                group.create_task(parts.around.run()),
                group.create_task(parts.journal.run()),
                group.create_task(keep_alive(place)),
                group.create_task(parts.outages.run()),
                group.create_task(parts.duty.run()),
                group.create_task(parts.calendar.run()),
                group.create_task(_invite(parts.accounts, settings)),
                group.create_task(parts.server.renew()),
            ]
            await stop.wait()
            parts.server.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOPPING):
                    await asyncio.wait([panel])
            for task in (panel, *running):
                task.cancel()
    finally:
        await parts.database.close()


async def _serve_panel(server: Server, listen: str) -> None:
    """Without its address the panel is not to be had; calls are routed all the same, and the address is tried again."""
    while True:
        try:
            bound = listening(listen)
        except OSError as error:
            log.error("The panel cannot have its address; trying again.", listen=listen, error=str(error))
            await asyncio.sleep(PANEL_RETRY)
        else:
            return await server.serve(sockets=[bound])


async def _invite(accounts: StoredAccounts, settings: Settings) -> None:
    """At the first start, print the one-time link by which the first user names himself."""
    try:
        if not await accounts.users():
            link = f"{settings.panel.address}/welcome/{await accounts.invite()}"
            out = Unfailing(sys.stdout)
            out.write(f"Nobody may log in yet. Open this link once, within 24 hours: {link}\n")
            out.flush()
    except StoreUnavailable as error:
        log.warning("The database cannot be used just now; calls are routed all the same.", why=str(error))
