"""Wires the adapters around the loop: one TaskGroup, start and stop."""

from __future__ import annotations

import asyncio
import fcntl
import io
import logging
import os
import secrets
import signal
import ssl
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO, cast
from zoneinfo import ZoneInfo

import structlog

from router.alive import keep_alive, last_alive, started
from router.ami.link import Account
from router.ami.pbx import Pbx
from router.answers import HeardAnswers
from router.calendar.holidays import holidays_of
from router.calendar.kept import FILE as CALENDAR_FILE
from router.calendar.watching import Calendar
from router.core.duty import Plan, seeded
from router.core.office import opened
from router.core.signals import DutySet, Remembered
from router.core.site import Site
from router.internet.around import Around
from router.loop import Loop
from router.panel.app import create_app
from router.panel.demo import DemoPort
from router.panel.deps import PanelDeps
from router.panel.ends import Hours
from router.panel.server import Server, listening
from router.ports import Access
from router.settings import Settings
from router.settings.panel import tls_files
from router.sign_on_of import sign_on_of
from router.site_of import site_of
from router.state import ID_FILE, TOKEN_FILE, kept_secret, state_directory
from router.store.accounts import StoredAccounts
from router.store.call_book import StoredCallBook
from router.store.callbacks import StoredCallBacks
from router.store.database import Database, StoreUnavailable
from router.store.duty import StoredDuty
from router.store.familiar import StoredFamiliar
from router.store.journal import StoredJournal
from router.store.links import StoredLinks
from router.store.outages import StoredOutages
from router.store.passwords import Passwords
from router.store.second_factor import StoredSecondFactor
from router.store.tokens import StoredTokens

log = structlog.get_logger(__name__)

READING_THE_DATABASE = 3.0
STOPPING = 2.0
YEARS_AHEAD = 5
PANEL_RETRY = 5.0
BARE = (
    "Passwords cross the network readable by everybody on it: the panel listens beyond this machine without a "
    "certificate. Give [panel] tls_certificate and tls_key, or name the proxy in front in [panel] proxies."
)


class CannotStart(Exception):  # noqa: N818 - named for what it says
    """What the machine refuses the router, in one sentence."""


def account_of(settings: Settings) -> Account:
    asterisk = settings.asterisk
    tls = None
    if asterisk.tls:
        tls = ssl.create_default_context(cafile=asterisk.tls_ca or None)
    return Account(asterisk.host, asterisk.port, asterisk.username, settings.secret(), tls)


async def serve(settings: Settings, demo: DemoPort | None = None) -> None:
    """Until SIGTERM or SIGINT. Raises CannotStart."""
    _log_plainly()
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


def with_holidays(site: Site, settings: Settings, year: int) -> Site:
    """With the public holidays from the year before `year` on, for longer than a process runs."""
    region = settings.hours.holidays
    return replace(site, holidays=holidays_of(region, range(year - 1, year + YEARS_AHEAD), settings.office.language))


async def _serve(settings: Settings, writer: str, token: str, place: Path, demo: DemoPort | None) -> None:
    site = with_holidays(site_of(settings), settings, datetime.now(UTC).year)
    database = Database(settings.database.url)
    days = settings.database
    journal = StoredJournal(
        database, keep_calls=timedelta(days=days.keep_calls_days), keep_lines=timedelta(days=days.keep_lines_days)
    )
    passwords = Passwords()
    accounts = StoredAccounts(database, passwords=passwords)
    access = Access(
        StoredLinks(database, passwords=passwords), StoredSecondFactor(database), StoredTokens(database),
        StoredFamiliar(database),
    )  # fmt: skip
    answers = HeardAnswers((trunk.name for trunk in site.trunks), datetime.now(UTC))
    loop = Loop(opened(site, writer, datetime.now(UTC)), journal, watching=answers.heard)
    outages = StoredOutages(
        database, lambda: loop.office.site, keep_lines=timedelta(days=days.keep_lines_days),
        keep_calls=timedelta(days=days.keep_calls_days),
    )  # fmt: skip
    seed = seeded(site)
    names = [member.name for member in seed.people]

    def tell(plan: Plan, kept: bool) -> None:
        loop.post(DutySet(plan, kept))
        before, names[:] = tuple(names), [member.name for member in plan.people]
        if before != tuple(names):
            calendar.look_again()  # its events may name whoever was added

    duty = StoredDuty(database, seed, tell)
    calendar = Calendar(
        settings.duty.calendar, lambda: names, site.timezone, loop.post, place / CALENDAR_FILE,
        minutes=settings.duty.calendar_minutes,
    )  # fmt: skip
    pbx = Pbx(account_of(settings), site, writer, loop.post)
    around = Around(settings.internet.probes, loop.post)
    deps = PanelDeps(
        board=loop, accounts=accounts, journal=journal, duties=duty, rings=loop, call_book=StoredCallBook(database),
        call_backs=StoredCallBacks(database), outages=outages, answers=answers, access=access,
        language=settings.office.language, sign_on=sign_on_of(settings),
        timezone=ZoneInfo(settings.office.timezone), hours=Hours(settings.hours.week, site.holidays.__contains__),
        api_token=token, demo=demo, refresh_seconds=1.0 if demo else 10.0,
    )  # fmt: skip
    server = Server(create_app(deps), tls=tls_files(settings.panel), proxies=settings.panel.proxies)
    if settings.panel.bare and not os.environ.get("FORWARDED_ALLOW_IPS"):
        log.warning(BARE, listen=settings.panel.listen)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    journal.note(datetime.now(UTC), started(last_alive(place), datetime.now(UTC)))
    try:
        loop.post(DutySet(seed, kept=False))
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(READING_THE_DATABASE):
                await database.migrate()
                loop.post(Remembered(await journal.remembered()))
                await duty.load()
        async with asyncio.TaskGroup() as group:
            panel = group.create_task(_serve_panel(server, settings.panel.listen))
            running = [
                group.create_task(loop.run(pbx, around)),
                group.create_task(pbx.run()),
                group.create_task(around.run()),
                group.create_task(journal.run()),
                group.create_task(keep_alive(place)),
                group.create_task(outages.run()),
                group.create_task(duty.run()),
                group.create_task(calendar.run()),
                group.create_task(_invite(accounts, settings)),
                group.create_task(server.renew()),
            ]
            await stop.wait()
            server.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOPPING):
                    await asyncio.wait([panel])
            for task in (panel, *running):
                task.cancel()
    finally:
        await database.close()


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
            out = _Unfailing(sys.stdout)
            out.write(f"Nobody may log in yet. Open this link once, within 24 hours: {link}\n")
            out.flush()
    except StoreUnavailable as error:
        log.warning("The database cannot be used just now; calls are routed all the same.", why=str(error))


class _Unfailing(io.TextIOBase):
    """What cannot be written is left out: a full disk under the log, or a reader that has gone, ends no router."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _printable(logger: object, method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Words of others stand in it: none may move the cursor of whoever reads the log, or begin a line of its own."""
    for key, value in said.items():
        if not isinstance(value, bool | int | float | None):
            said[key] = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in str(value))
    return said


def _log_plainly() -> None:
    """One line each to standard error; httpx names whole URLs at INFO, secrets included, so it stays silent."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _printable,
            structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event")),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
