"""What `failover check` says of the office's own targets on the internet, asked on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router import check, check_internet, check_watches
from router.__main__ import app
from router.check_watches import Told
from router.internet.around import Around
from router.internet.deadlines import Deadlines
from router.internet.exits import Exits
from router.internet.names import Names
from tests.unit.internet.listeners import WebServer, black_hole, free_port
from tests.unit.internet.name_server import NameServer
from tests.unit.test_bad_settings_command import GOOD

QUICK = Deadlines(connect=0.3, answer=0.4)


async def test_targets_that_answer_need_no_word() -> None:
    async with WebServer().running(None) as one, WebServer().running(None) as two:
        assert await check_internet.told([f"tcp:127.0.0.1:{one.port}", f"tcp:localhost:{two.port}"]) == Told()


async def test_each_target_that_cannot_be_reached_is_a_finding_with_why(tmp_path: Path) -> None:
    refused = f"tcp:127.0.0.1:{free_port()}"
    async with NameServer().running() as names, WebServer().running(None) as plain:
        around = partial(Around, names=Names([("127.0.0.1", names.port)]), exits=Exits(tmp_path), deadlines=QUICK)
        mistyped = "https://exmaple.test"
        told = await check_internet.told([refused, mistyped], around)
        assert told.findings == (
            f"[internet] probes: Our connection to {refused} at 127.0.0.1 was refused. {check_internet.NO_EVIDENCE}",
            f"[internet] probes: {mistyped} could not be tried: its name could not be looked up. "
            f"{check_internet.NO_EVIDENCE}",
        )
        no_tls = f"https://127.0.0.1:{plain.port}"
        told = await check_internet.told([no_tls, f"tcp:127.0.0.1:{plain.port}"], around)
        assert [no_tls in finding for finding in told.findings] == [True]
    assert (told.watches, told.hints) == ((), ())


async def test_where_none_is_set_a_hint_says_what_that_costs() -> None:
    told = await check_internet.told([])
    assert (told.findings, len(told.hints)) == ((), 1)
    assert "whose fault an outage is then stays unproven" in told.hints[0]


async def test_it_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    with black_hole() as hole, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await check_internet.told([f"tcp:127.0.0.1:{hole}"])
    assert asyncio.all_tasks() == before


def test_the_command_tries_the_targets_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PBX has nothing to complain of; one target is dead, and without any there is the hint."""

    @asynccontextmanager
    async def pbx(_: object) -> AsyncIterator[tuple[None, None]]:
        yield None, None

    async def nothing(*_: object) -> Told:
        return Told()

    async def none(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(check, "connected", pbx)
    monkeypatch.setattr(check_watches, "told", nothing)
    for part in ("version_findings", "dialplan_hints", "_globals", "_answers", "_places"):
        monkeypatch.setattr(check, part, none)
    dead, file = f"tcp:127.0.0.1:{free_port()}", tmp_path / "failover.toml"
    file.write_text(f'{GOOD}\n[internet]\nprobes = ["{dead}"]\n')
    done = CliRunner().invoke(app, ["check", "--config", str(file)])
    assert done.exit_code == 1
    assert f"- [internet] probes: Our connection to {dead} at 127.0.0.1 was refused." in done.output
    file.write_text(GOOD)
    done = CliRunner().invoke(app, ["check", "--config", str(file)])
    assert "Hint: No target on the internet is set" in done.output
