"""Real callers who were missed: one row for each, gone for everybody once somebody has called back."""

from __future__ import annotations

from tests.lab.call import Call
from tests.lab.forwarding import CUSTOMER
from tests.lab.lab import MOBILE, Lab
from tests.lab.page import browser, colleague
from tests.lab.router import NUMBER, Router, number
from tests.lab.told_calls import journal

SHOWN, OTHER, OTHER_SHOWN = "0160 1111111", "+4930555002", "030 555002"


async def gives_up(lab: Lab, caller: str) -> None:
    """It rings in the office, and he hangs up."""
    call = lab.telekom.calls(NUMBER, caller=caller)
    await call.ringing()
    call.hangup()
    await call.ended()


async def takes(ring: Call) -> None:
    """Answers and presses 1."""
    await ring.answered()
    ring.presses("1")


async def test_five_attempts_are_one_row_that_a_call_back_takes_away_for_everybody(lab: Lab, router: Router) -> None:
    lab.desk.only_rings()
    for _ in range(5):
        await gives_up(lab, CUSTOMER)
    await gives_up(lab, OTHER)
    await journal(router, lambda found: len(found) == 6)
    async with browser(router, "Anna") as anna, colleague(router, "Ben") as ben:
        assert f"{SHOWN} 5 Mal " in await anna.call_backs()
        assert f"{OTHER_SHOWN} einmal " in await ben.call_backs()

        lab.desk.answers()
        call = lab.telekom.calls(NUMBER, caller=OTHER)
        await call.answered()
        call.hangup()
        await journal(router, lambda found: found[0]["outcome"] == "taken")
        assert OTHER_SHOWN not in await anna.call_backs(), "a call that was taken is not missed"

        assert "Niemand wartet auf einen Rückruf." in await anna.marks(CUSTOMER, "done", "kommt morgen")
        said = await ben.call_backs()
        assert "Niemand wartet auf einen Rückruf." in said
        assert f"{SHOWN} erledigt Anna" in said
        assert "kommt morgen" in said

        lab.desk.only_rings()
        await gives_up(lab, CUSTOMER)
        await journal(router, lambda found: len(found) == 8)
        assert f"{SHOWN} einmal " in await ben.call_backs(), "he tried again"
        assert "Anrufe 8 Angenommen 1 Verpasst 7" in await ben.all_calls()


async def test_a_call_taken_on_the_mobile_by_staffs_own_word_is_forwarded_and_no_rescue(
    lab: Lab, router: Router
) -> None:
    assert (await router.override("mobile")).status_code == 200
    lab.mobile.answers(after=0.2)
    call = lab.zweit.calls(NUMBER, caller=CUSTOMER)
    await takes(await lab.mobile.rang(since=call.begun_at))
    await call.answered()
    call.hangup()
    [told] = await journal(router, lambda found: len(found) == 1)
    assert (told["by"], told["forwarded"], told["rescued"]) == (MOBILE, True, False)


async def test_a_call_taken_on_the_mobile_while_the_line_is_down_is_rescued(lab: Lab, router: Router) -> None:
    with lab.telekom.silent():
        await router.wait_for(lambda s: number(s, NUMBER)["inbound"] == "mobile" and s["route"]["verified"], within=20)
        lab.mobile.answers(after=0.2)
        call = lab.zweit.calls(NUMBER, caller=CUSTOMER)
        await takes(await lab.mobile.rang(since=call.begun_at))
        await call.answered()
        call.hangup()
        [told] = await journal(router, lambda found: len(found) == 1)
        assert (told["by"], told["forwarded"], told["rescued"]) == (MOBILE, True, True)
        async with browser(router) as anna:
            assert "gestört: Anrufe, die uns darüber gar nicht erst erreicht haben" in await anna.call_backs()
