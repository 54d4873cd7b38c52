"""A real outage as the carrier is shown it: its page tells what the journal and the lab's own clock tell."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import ARTEFACTS, CHROMIUM, DESK, chromium, screen
from tests.browser.test_outage_pages import pictured, sheets
from tests.lab.fixtures import ON_CI
from tests.lab.forwarding import CUSTOMER
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router, trunk
from tests.lab.running import QUICK, forwarded, rings_office, running
from tests.lab.told_calls import journal

USER, PASSWORD = "Erika Müller", "drei Wörter hintereinander"
ENGLISH = {"accept-language": "en"}


@dataclass(frozen=True)
class Clock:
    """The lab's own, in Unix seconds: when the carrier fell silent, and when it was heard again."""

    cut: float
    mended: float


async def outage(lab: Lab, router: Router) -> Clock:
    """Of the telekom, with two calls that come by the other carrier: one taken on the mobile, one given up."""
    with lab.telekom.silent():
        cut = time.time()
        await router.wait_for(lambda s: trunk(s, "telekom")["state"] == "down" and forwarded(s, NUMBER))
        lab.mobile.answers(after=0.5)
        taken = lab.zweit.calls(NUMBER, caller=CUSTOMER)
        ring = await lab.mobile.rang(since=taken.begun_at)
        await ring.answered()
        ring.presses("1")
        await taken.answered()
        taken.hangup()
        lab.mobile.only_rings()
        missed = lab.zweit.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang(since=missed.begun_at)
        missed.hangup()
        await journal(router, lambda found: len(found) == 2)
        mended = time.time()
    await router.wait_for(lambda s: trunk(s, "telekom")["state"] == "up" and rings_office(s, NUMBER), within=20)
    return Clock(cut, mended)


async def told(router: Router) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The one outage as the API has it, and the whole journal, oldest first."""
    listed = (await router.request("GET", "outages", headers=ENGLISH)).json()["outages"]
    assert [one["subject"] for one in listed if one["what"] == "trunk"] == ["telekom"]
    [number] = [one["id"] for one in listed if one["what"] == "trunk"]
    one = (await router.request("GET", f"outages/{number}", headers=ENGLISH)).json()
    log = await router.request("GET", "log", headers=ENGLISH, params={"most": 500, "limit": 500})
    return one, list(reversed(log.json()["lines"]))


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


@pytest.mark.timeout(120)
async def test_the_page_of_an_outage_equals_the_journal_and_the_labs_own_clock(lab: Lab, tmp_path: Path) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        clock = await outage(lab, router)
        one, log = await told(router)
        own = [line for line in log if line["kind"] == "transition" and line["trunk"] == "telekom"]
        bad = [line for line in own if "looks bad" in line["text"] or "is down" in line["text"]]
        up = [line for line in own if "has been good for long enough" in line["text"]]
        near = {"began": bad[0], "down": bad[-1], "ended": up[-1]}
        for name, line in near.items():
            assert abs(seconds(one[name]) - seconds(line["at"])) < 0.001, name
        assert 0 <= seconds(one["began"]) - clock.cut < 3
        assert 0 <= seconds(one["answered"]) - clock.mended < 3
        assert 3 <= seconds(one["ended"]) - clock.mended < 10
        assert abs(one["seconds"] - (seconds(up[-1]["at"]) - seconds(bad[0]["at"]))) < 0.01
        assert one["calls"] == [{"number": NUMBER, "saved": 1, "lost": 1, "office": 0}]
        switches = [line for line in log if line["kind"] == "switch" and line["id"] > bad[0]["id"]]
        lines_at = [pytest.approx(seconds(line["at"]), abs=0.001) for line in switches]  # the log tells milliseconds
        assert [seconds(switch["at"]) for switch in one["switches"]] == lines_at
        assert [switch["verified"] for switch in one["switches"]] == [True, True]
        assert all(switch["seconds_after"] < 1 for switch in one["switches"])
        assert len(one["faults"]) == 1
        await printed(router, one)


async def printed(router: Router, one: dict[str, Any]) -> None:
    """One sheet, with the same numbers on it; a picture of it goes to the artefacts."""
    if not CHROMIUM.exists():
        assert not ON_CI, f"there is no {CHROMIUM}"
        pytest.skip(f"there is no {CHROMIUM}: the printed page is left out")
    added = await router.command("users", "add", USER, typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added
    file = ARTEFACTS / "outage-of-the-lab.pdf"
    async with chromium() as browser, screen(browser, router, "en", DESK) as window:
        await window.logs_in(USER, PASSWORD)
        await window.opens(f"/outages/{one['id']}")
        await window.pictured("outage-of-the-lab")
        await window.page.pdf(path=file, prefer_css_page_size=True)
        paper = " ".join((await window.page.locator(".paper").evaluate("p => p.textContent")).split())
    assert sheets(file) == ["595", "842"]
    pictured(file)
    begin, end = (datetime.fromisoformat(one[name]).strftime("%H:%M:%S") for name in ("began", "ended"))
    lasted = f"{int(one['seconds'])} seconds"
    assert re.search(rf"Telekom was down .*{begin} to .*{end}, {lasted}\.", paper), paper
    assert "Calls that reached us: 1 taken on a mobile, 1 missed, 0 taken in the office." in paper
    assert "Calls to 030 123456 that the carrier did not deliver never reached us and are not counted." in paper
    assert CUSTOMER[3:] not in paper.replace(" ", "")
