"""The calendar is read again and again; while it cannot be read, what it said last holds, and that is told."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from router.calendar import events, fetching
from router.calendar.source import Unread, source_in
from router.calendar.watching import Calendar, Patience
from router.core.signals import CalendarRead, Input
from tests.lab.polled import polled
from tests.unit.calendar.texts import BERLIN, NOW, PEOPLE, calendar, event, local
from tests.unit.calendar.web import Web, page

GOOD = calendar(event("Anna", local("20261123T080000"), local("20261123T160000"), "RRULE:FREQ=WEEKLY"))
OTHER = calendar(event("Ben", local("20261124T080000"), local("20261124T160000")))
QUICK = Patience(step=0.5, fetching=1.0, reading=5.0)
SECRETS = ("t0ken", "s3cret")


@dataclass
class Reader:
    """A calendar that is read when a test says so, and what came of it."""

    source: str
    file: Path
    said: list[CalendarRead] = field(default_factory=list)
    people: tuple[str, ...] = PEOPLE
    now: datetime = NOW
    patience: Patience = QUICK

    def __post_init__(self) -> None:
        self.begins()

    def begins(self) -> None:
        def post(said: Input) -> None:
            assert isinstance(said, CalendarRead)
            self.said.append(said)

        self.calendar = Calendar(
            self.source, lambda: self.people, BERLIN, post, self.file,
            minutes=60, patience=self.patience, wall=lambda: self.now,
        )  # fmt: skip
        self.task = asyncio.create_task(self.calendar.run())

    async def ends(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def restarts(self) -> None:
        await self.ends()
        self.said.clear()
        self.begins()

    async def reading(self, number: int = 1) -> CalendarRead:
        await polled(f"reading {number}", lambda: len(self.said) >= number, within=10)
        return self.said[number - 1]

    async def again(self) -> CalendarRead:
        before = len(self.said)
        self.calendar.look_again()
        return await self.reading(before + 1)


def who(read: CalendarRead) -> list[str]:
    return ["+".join(shift.who) for shift in read.shifts or ()]


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    web = Web()
    web.answers = page(GOOD)
    await web.comes()
    yield web
    await web.goes()


@pytest.fixture
async def reading(tmp_path: Path) -> AsyncIterator[Callable[[str], Reader]]:
    made: list[Reader] = []

    def make(source: str) -> Reader:
        made.append(Reader(source, tmp_path / "failover.ics"))
        return made[-1]

    yield make
    for reader in made:
        await reader.ends()


Make = Callable[[str], Reader]


async def test_an_address_is_read_and_its_shifts_are_posted(web: Web, reading: Make) -> None:
    read = await reading(web.address).reading()
    assert read == CalendarRead("127.0.0.1", read.shifts, None, NOW, None)
    assert who(read) == ["Anna"] * 4
    assert web.asked[0].startswith("GET /shifts/t0ken-in-the-path.ics?key=s3cret ")
    assert "accept-encoding: identity" in web.asked[0].lower()


async def test_a_file_is_read_and_named_by_its_last_part(tmp_path: Path, reading: Make) -> None:
    (tmp_path / "shifts.ics").write_bytes(GOOD)
    reader = reading(str(tmp_path / "shifts.ics"))
    read = await reader.reading()
    assert (read.source, who(read)) == ("shifts.ics", ["Anna"] * 4)
    (tmp_path / "shifts.ics").unlink()
    gone = await reader.again()
    assert (who(gone), gone.failing_since) == (["Anna"] * 4, NOW)
    assert "is not there" in str(gone.trouble)


async def test_a_source_that_goes_leaves_its_plan_in_force_until_it_comes_back(web: Web, reading: Make) -> None:
    reader = reading(web.address)
    await reader.reading()
    await web.goes()
    reader.now += timedelta(minutes=5)
    gone = await reader.again()
    assert who(gone) == ["Anna"] * 4
    assert (gone.read_at, gone.failing_since) == (NOW, NOW + timedelta(minutes=5))
    assert str(gone.trouble) == (
        "The duty calendar cannot be read since 10:05 UTC: 127.0.0.1 cannot be reached. "
        "What it said before (10:00 UTC) still holds."
    )
    reader.now += timedelta(minutes=5)
    assert (await reader.again()).failing_since == NOW + timedelta(minutes=5)
    web.answers = page(OTHER)
    await web.comes()
    back = await reader.again()
    assert (who(back), back.trouble, back.failing_since) == (["Ben"], None, None)
    assert back.read_at == NOW + timedelta(minutes=10)


async def test_while_it_is_away_its_plan_is_laid_out_on(web: Web, reading: Make) -> None:
    reader = reading(web.address)
    first = await reader.reading()
    await web.goes()
    reader.now += timedelta(weeks=10)
    later = await reader.again()
    assert later.shifts and first.shifts
    assert later.shifts[0].begin > first.shifts[-1].end


async def test_after_a_restart_without_the_source_its_plan_is_there_at_once(web: Web, reading: Make) -> None:
    reader = reading(web.address)
    await reader.reading()
    await web.goes()
    reader.now += timedelta(hours=1)
    await reader.restarts()
    kept = await reader.reading(1)
    assert (who(kept), kept.read_at, kept.failing_since) == (["Anna"] * 4, NOW, None)
    gone = await reader.reading(2)
    assert (who(gone), gone.read_at, gone.failing_since) == (["Anna"] * 4, NOW, reader.now)
    assert stat.S_IMODE(reader.file.stat().st_mode) == 0o600
    assert not any(word in reader.file.read_bytes().decode() for word in SECRETS)


async def test_what_was_kept_of_another_source_is_not_used(web: Web, reading: Make, tmp_path: Path) -> None:
    await reading(web.address).reading()
    read = await reading(str(tmp_path / "none.ics")).reading()
    assert (read.shifts, read.read_at) == (None, None)
    assert "What it said" not in str(read.trouble)


async def test_a_state_that_was_spoilt_or_cannot_be_written_stops_nothing(web: Web, reading: Make) -> None:
    reader = reading(web.address)
    await reader.reading()
    for junk in (b"", b"\xff\xfe", b"mark never\nBEGIN", reader.file.read_bytes()[:90]):
        reader.file.write_bytes(junk)
        await reader.restarts()
        assert (await polled("read", lambda: reader.said and reader.said[-1].read_at, within=5)) == NOW
    reader.file.unlink()
    reader.file.mkdir()
    assert who(await reader.again()) == ["Anna"] * 4


async def test_new_people_are_found_in_the_same_text(web: Web, reading: Make) -> None:
    web.answers = page(calendar(event("Otto", local("20261124T080000"), local("20261124T160000"))))
    reader = reading(web.address)
    stranger = await reader.reading()
    assert (who(stranger), stranger.failing_since) == ([], None)
    assert "“Otto”" in str(stranger.trouble)
    reader.people = (*PEOPLE, "Otto")
    known = await reader.again()
    assert (who(known), known.trouble) == (["Otto"], None)


async def test_without_a_source_nothing_is_done(reading: Make) -> None:
    reader = reading("")
    await reader.task
    assert reader.said == []


# --- hostile answers --------------------------------------------------------------------------------------------------


async def _for_ever(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def _by_drops(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"B")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _never(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


BOMB = gzip.compress(b"\0" * 20_000_000)
HOSTILE = {
    "too much": (page(b"BEGIN:VCALENDAR" + b"\r\n" * 600_000), "more than a calendar of shifts"),
    "without end": (_for_ever, "more than a calendar of shifts"),
    "by drops": (_by_drops, "did not answer in time"),
    "never": (_never, "did not answer in time"),
    "login page": (page(b"<!DOCTYPE html><form>"), "A web page came instead"),
    "a bomb": (page(BOMB, "200 OK", "Content-Encoding: gzip"), "no proper answer"),
    "refused": (page(b"", "401 Unauthorized"), "answered with status 401"),
    "no HTTP": (b"\x00\xff not HTTP at all\r\n\r\n", "no proper answer"),
    "leads to http": (page(b"", "302 Found", "Location: http://127.0.0.1:1/other"), "an address without https"),
    "leads to a file": (page(b"", "302 Found", "Location: file:///etc/passwd"), "an address without https"),
    "leads nowhere": (page(b"", "302 Found", "Location: https://"), "an address without https"),
    "goes on as before": (page(b"", "301 Moved", "Location: /again"), "an address without https"),
}


@pytest.mark.parametrize("how", HOSTILE)
async def test_a_hostile_answer_is_told_in_time_and_the_plan_stays(web: Web, reading: Make, how: str) -> None:
    reader = reading(web.address)
    await reader.reading()
    web.answers, why = HOSTILE[how]
    began = time.monotonic()
    read = await reader.again()
    assert time.monotonic() - began < 4
    assert why in str(read.trouble)
    assert who(read) == ["Anna"] * 4
    assert read.failing_since == NOW


async def test_a_rule_that_is_work_without_end_is_given_up_and_the_next_reading_goes_on(
    web: Web, reading: Make
) -> None:
    never = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    begins, ends = local("20000101T000000"), local("20000101T010000")
    bomb = calendar(*(event("Ben", begins, ends, never, uid=f"{n}") for n in range(300)))
    reader = reading(web.address)
    await reader.reading()
    reader.patience = Patience(step=0.5, fetching=1.0, reading=0.7)
    await reader.restarts()
    await reader.reading(2)
    web.answers = page(bomb)
    began = time.monotonic()
    read = await reader.again()
    assert time.monotonic() - began < 6
    assert "take too long" in str(read.trouble)
    web.answers = page(OTHER)

    async def well() -> bool:
        return (await reader.again()).trouble is None

    for _ in range(20):
        if await well():
            break
    assert who(reader.said[-1]) == ["Ben"]


async def test_no_secret_of_the_address_is_ever_told(
    web: Web, reading: Make, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # as a service is started, not as pytest sets them
        logging.getLogger(name).setLevel(logging.WARNING)
    reader = reading(web.address.replace("//", "//anna:pa55word@"))
    await reader.reading()
    for answer, _ in (HOSTILE["refused"], HOSTILE["login page"], HOSTILE["leads nowhere"], HOSTILE["no HTTP"]):
        web.answers = answer
        await reader.again()
    await web.goes()
    await reader.again()
    told = "".join([caplog.text, *capfd.readouterr(), repr(reader.said), repr(reader.calendar.__dict__)])
    assert [word for word in (*SECRETS, "pa55word") if word in told] == []


async def test_a_path_that_is_no_file_is_told(reading: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert "is no file" in str((await reading(str(path)).reading()).trouble)


async def test_it_is_read_again_by_itself(web: Web, tmp_path: Path) -> None:
    said: list[Input] = []
    watched = Calendar(web.address, lambda: PEOPLE, BERLIN, said.append, tmp_path / "kept", minutes=0.001)
    task = asyncio.create_task(watched.run())
    try:
        await polled("three readings", lambda: len(said) > 2, within=5)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert all(isinstance(one, CalendarRead) and one.trouble is None for one in said)
    assert datetime.now(UTC) - said[-1].read_at < timedelta(minutes=1)  # type: ignore[union-attr, operator]


def test_an_office_without_a_calendar_loads_nothing_that_reads_calendars() -> None:
    """They cost ten megabytes, and as much again for holidays."""
    wanted = "{'icalendar', 'recurring_ical_events', 'holidays', 'httpx'} & set(sys.modules)"
    code = f"import sys, router.service; print(sorted({wanted}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("which", ["failover.ics", f"failover.ics.{os.getpid()}"])
async def test_a_disk_that_does_not_answer_holds_up_neither_the_loop_nor_the_reading(
    web: Web, reading: Make, tmp_path: Path, which: str
) -> None:
    """To open a pipe waits for its other end, as a dead disk waits: here for five seconds, then it is released."""
    os.mkfifo(tmp_path / which)
    ends: list[int] = []
    release = threading.Timer(5, lambda: ends.append(os.open(tmp_path / which, os.O_RDWR)))
    release.start()
    try:
        began = time.monotonic()
        assert who(await reading(web.address).reading()) == ["Anna"] * 4
        assert time.monotonic() - began < 4
    finally:
        await asyncio.to_thread(release.join)
        for end in ends:
            os.close(end)


@pytest.mark.parametrize(
    ("begins", "leads", "refused"),
    [
        ("https://9.9.9.9/a.ics", "https://192.168.1.1/admin", True), ("https://9.9.9.9/a.ics", "https://[::1]/", True),
        ("https://9.9.9.9/a.ics", "https://[::ffff:10.0.0.1]", True), ("https://9.9.9.9/", "https://localhost/", True),
        ("https://9.9.9.9/a.ics", "https://1.1.1.1/b.ics", False), ("https://192.168.1.9/", "https://10.0.0.1/", False),
        ("https://9.9.9.9/a.ics", "/b.ics", False),
    ],
)  # fmt: skip
def test_an_address_out_there_does_not_lead_into_our_own_network(begins: str, leads: str, refused: bool) -> None:
    address, answer = httpx.URL(begins), httpx.Response(302, headers={"location": leads})
    if refused:
        with pytest.raises(Unread, match="our own network"):
            fetching.further(address, answer, source_in(begins))
    else:
        assert fetching.further(address, answer, source_in(begins)) == address.join(leads)


async def test_a_text_that_cannot_be_made_out_any_more_ends_nothing_not_even_after_a_restart(
    web: Web, reading: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = reading(web.address)
    await reader.reading()

    def broken(*args: object, **more: object) -> None:
        raise OverflowError

    with monkeypatch.context() as patched:
        patched.setattr(events, "read", broken)
        read = await reader.again()
        assert (read.shifts, "A fault of the router" in str(read.trouble)) == (None, True)
        await reader.restarts()
        assert (await reader.reading()).shifts is None
        assert not reader.task.done()
    assert who(await reader.again()) == ["Anna"] * 4


async def test_a_shift_for_ever_that_comes_near_ends_no_router(web: Web, reading: Make) -> None:
    begins, ends = local("20270120T080000"), ";TZID=America/New_York:99991231T235959"
    web.answers = page(calendar(event("Ben", begins, ends)))
    reader = reading(web.address)
    assert who(await reader.reading()) == []
    await web.goes()
    reader.now += timedelta(days=60)
    assert who(await reader.again()) == ["Ben"]
    assert not reader.task.done()
