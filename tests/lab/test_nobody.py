"""Where nobody takes the call, and `nobody` names a place that is not there: the announcement, and check says so."""

from __future__ import annotations

from pathlib import Path

from tests.lab.forwarding import ANNA, forwarding
from tests.lab.lab import Lab
from tests.lab.listening import names, overheard
from tests.lab.router import NUMBER
from tests.lab.sounding import sounds
from tests.lab.wiretap import Wiretap

PLACE = "no-such-voicemail,s,1"


async def test_the_announcement_takes_its_place_and_begins_after_a_moment(
    lab: Lab, tap: Wiretap, tmp_path: Path
) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), nobody=PLACE) as router:
        lab.mobile.refuses()
        lab.desk.refuses()
        said = (await router.command("check")).stdout
        assert f"nobody = {PLACE} does not exist in the dialplan" in said
        with sounds(lab.office, names=["nobody"], seconds=1.0):
            call = lab.telekom.calls(NUMBER, early=True)
            await call.answered()
            spans = await overheard(tap, call)
        assert names(spans) == ["nobody"]
        assert 0.3 < spans[0].begins < 1.0
