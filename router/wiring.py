"""The parts of a running router, made from the settings and each told of those that it speaks to."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.answers import HeardAnswers
from router.calendar.holidays import holidays_of
from router.calendar.kept import FILE as CALENDAR_FILE
from router.calendar.watching import Calendar
from router.core.duty import Plan, seeded
from router.core.office import opened
from router.core.signals import DutySet
from router.core.site import Site
from router.internet.around import Around
from router.loop import Loop
from router.panel.app import create_app
from router.panel.demo import DemoPort
from router.panel.deps import PanelDeps
from router.panel.ends import Hours
from router.panel.server import Server
from router.ports import Access
from router.settings import Settings
from router.settings.panel import tls_files
from router.sign_on_of import sign_on_of
from router.site_of import site_of
from router.store.accounts import StoredAccounts
from router.store.call_book import StoredCallBook
from router.store.callbacks import StoredCallBacks
from router.store.database import Database
from router.store.duty import StoredDuty
from router.store.familiar import StoredFamiliar
from router.store.journal import StoredJournal
from router.store.links import StoredLinks
from router.store.outages import StoredOutages
from router.store.passwords import Passwords
from router.store.second_factor import StoredSecondFactor
from router.store.tokens import StoredTokens

YEARS_AHEAD = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs, and what it keeps; nothing of it has begun. `seed`: the duty plan of the settings."""

    loop: Loop
    pbx: Pbx
    around: Around
    calendar: Calendar
    server: Server
    database: Database
    journal: StoredJournal
    accounts: StoredAccounts
    duty: StoredDuty
    outages: StoredOutages
    seed: Plan


def account_of(settings: Settings) -> Account:
    asterisk = settings.asterisk
    tls = None
    if asterisk.tls:
        tls = ssl.create_default_context(cafile=asterisk.tls_ca or None)
    return Account(asterisk.host, asterisk.port, asterisk.username, settings.secret(), tls)


def with_holidays(site: Site, settings: Settings, year: int) -> Site:
    """With the public holidays from the year before `year` on, for longer than a process runs."""
    region = settings.hours.holidays
    return replace(site, holidays=holidays_of(region, range(year - 1, year + YEARS_AHEAD), settings.office.language))


def wired(settings: Settings, writer: str, token: str, place: Path, demo: DemoPort | None) -> Parts:
    """`writer`: our own id in the table. `token` opens the API on this machine. `place`: for files of our own."""
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
    return Parts(loop, pbx, around, calendar, server, database, journal, accounts, duty, outages, seed)
