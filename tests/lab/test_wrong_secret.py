"""A wrong AMI secret: said by page, command line and log, and tried again once a minute at most."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.page import browser
from tests.lab.router import Router

WORDS = "user name or secret is wrong"


@pytest.fixture
def refused(lab: Lab, tmp_path: Path) -> Iterator[Router]:
    product = Router(lab, tmp_path)
    product.settings["office"]["language"] = "en"
    product.settings["asterisk"]["secret"] = "not-the-one"
    product.start()
    yield product
    product.close()


async def test_a_wrong_secret_is_said_by_page_command_line_and_log(refused: Router) -> None:
    status = await refused.wait_for(lambda s: WORDS in s["route"]["why"], within=15)
    assert not status["asterisk"]["connected"]
    assert not status["route"]["verified"]
    async with browser(refused) as page:
        assert WORDS in await page.board()
    told = await refused.command("status")
    assert told.returncode == 0
    assert WORDS in told.stdout
    checked = await refused.command("check")
    assert checked.returncode == 2
    assert "login refused" in checked.stderr
    assert refused.log().count(WORDS) == 1
    assert "not-the-one" not in refused.log() + told.stdout + told.stderr + checked.stdout + checked.stderr
    # one by the router, one by the check
    assert len(refused.ami.actions("Login")) == 2


@pytest.mark.campaign
@pytest.mark.timeout(200)
async def test_a_wrong_secret_is_tried_once_a_minute_at_most(refused: Router) -> None:
    def tried() -> list[float] | None:
        moments = [login.at for login in refused.ami.actions("Login")]
        return moments if len(moments) == 3 else None

    moments = await refused.ami.board.until("three logins", tried, within=150)
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    report("wrong AMI secret", gaps_s=[round(gap, 1) for gap in gaps])
    assert all(60 <= gap < 70 for gap in gaps)
    assert refused.log().count(WORDS) == 1
