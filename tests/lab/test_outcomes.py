"""However a leg ends, the right step follows, and it counts against the trunk only where the trunk is at fault.

What must follow stands in outcome_table.py, how it is brought about in outcome_situations.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.lab import chroot
from tests.lab.fixtures import left_out_without_root
from tests.lab.forwarding import ANNA, BEN, CUSTOMER
from tests.lab.lab import Lab
from tests.lab.office import PRODUCT_DIALPLAN
from tests.lab.outcome_scene import DESK, OUTSIDE_E164, OWN, SUITE, End, Scene, Step, scene
from tests.lab.outcome_table import TABLE, UNLISTED, Next, Outcome
from tests.lab.polled import polled
from tests.lab.router import OTHER_NUMBER

ALL = (*TABLE, *UNLISTED)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    left_out_without_root()
    async with scene(tmp_path_factory.mktemp("office")) as standing:
        yield standing


@pytest.fixture
def standing_lab(standing_scene: Scene) -> Lab:
    return standing_scene.lab  # in the place of the session's


@pytest.fixture
def office(standing_scene: Scene, lab: Lab) -> Iterator[Scene]:
    assert lab is standing_scene.lab
    standing_scene.at_rest()
    yield standing_scene


def test_the_table_and_the_dialplan_have_the_same_rows() -> None:
    rows = re.findall(r"^FAILOVER_ENDS_(\w+)=", PRODUCT_DIALPLAN.read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == {outcome.row for outcome in TABLE}
    assert not set(rows) & {outcome.row for outcome in UNLISTED}


@pytest.mark.parametrize("outcome", [o for o in ALL if o.out is not Next.NEVER], ids=str)
async def test_a_call_by_the_desk(office: Scene, outcome: Outcome) -> None:
    situation = outcome.situation
    _left_out_where_there_is_no_patience(outcome)
    office.plans(situation.trunk, situation.patience)
    await situation.prepare(office, outcome.code)
    call = office.dials()
    await situation.meanwhile(office, call)
    if outcome.out is Next.END:
        await call.ended()
        assert outcome.told in (0, call.sip_code)
    steps = _steps(outcome, outcome.out, (OUTSIDE_E164,), "")
    await _seen(office, call.begun_at, steps, _ends(outcome, outcome.out))


@pytest.mark.parametrize("outcome", [o for o in ALL if o.forwarded is not Next.NEVER], ids=str)
async def test_a_forwarded_call(office: Scene, outcome: Outcome) -> None:
    situation = outcome.situation
    _left_out_where_there_is_no_patience(outcome)
    office.plans(situation.trunk, situation.patience)
    await situation.prepare(office, outcome.code)
    call = office.is_called()
    await situation.meanwhile(office, call)
    steps = _steps(outcome, outcome.forwarded, situation.rung, CUSTOMER)
    in_order = len(situation.rung) == 1
    await _seen(office, call.begun_at, steps, _ends(outcome, outcome.forwarded), in_order)


async def test_what_went_out_under_the_offices_number_is_not_sent_once_more_under_it(office: Scene) -> None:
    office.lab.office.set_global("FAILOVER_CALLER_ID", "office")
    office.sipp.refuses(403)
    office.plans("sipp")
    call = office.is_called()
    steps = [Step("sipp", ANNA, OWN), Step("zweit", ANNA, OTHER_NUMBER)]
    await _seen(office, call.begun_at, steps, [End("sipp", "403", True)])


@pytest.mark.campaign
async def test_without_a_patience_of_its_own_as_on_asterisk_16_the_whole_time_to_ring_is_silence(office: Scene) -> None:
    office.lab.office.set_global("FAILOVER_RING", "13")
    office.sipp.only_tries()
    office.plans("sipp", patience=30)
    call = office.is_called()
    await office.lab.zweit.invited(since=call.begun_at, within=16)
    steps = [Step(trunk, ANNA, CUSTOMER) for trunk in ("sipp", "zweit")]
    await _seen(office, call.begun_at, steps, [End("sipp", "silence", True)])


async def test_that_one_trunk_rang_says_nothing_of_the_next_one(office: Scene) -> None:
    office.sipp.refuses(503, rings=0.2)
    office.lab.zweit.refuses(19)
    office.plans("sipp")
    call = office.dials()
    steps = [Step(trunk, OUTSIDE_E164, _shown(trunk)) for trunk in ("sipp", "zweit")]
    await _seen(office, call.begun_at, steps, [End("sipp", "503", True), End("zweit", "480", False)])


async def test_a_redirect_by_the_carrier_is_not_followed_into_the_office(office: Scene) -> None:
    office.sipp.refuses(302, header="Contact: <sip:+4930888@carrier.invalid>")
    office.plans("sipp")
    call = office.dials()
    await office.sipp.invited(since=call.begun_at)
    await asyncio.sleep(1)
    assert not office.lab.office.board.all("FailoverInbound", call.begun_at)
    assert len(office.sipp.invites(call.begun_at)) == 1


async def test_a_withheld_number_is_withheld_from_the_next_trunk_too(office: Scene) -> None:
    office.sipp.refuses(433)
    office.plans("sipp")
    call = office.is_called("anonymous")
    leg = await office.lab.zweit.invited(since=call.begun_at)
    assert [step.caller for step in office.steps(call.begun_at)][:-1] == ["anonymous", OWN]
    assert "anonymous" in leg["From"].lower()


async def test_a_desk_phone_whose_call_nobody_took_is_told_so(office: Scene) -> None:
    office.sipp.only_rings()
    office.plans("sipp")
    call = office.dials()
    await call.ended()
    assert call.sip_code == 480  # it gets 603, declined


def _left_out_where_there_is_no_patience(outcome: Outcome) -> None:
    if outcome.row == "silence" and SUITE != chroot.SUITE:
        pytest.skip("Asterisk 16 leaves no silent leg before the time to ring is over")


def _steps(outcome: Outcome, then: Next, numbers: tuple[str, ...], caller: str) -> list[Step]:
    """The legs that there must be, and no others; `caller` empty: a desk phone, which shows another number on each."""
    trunk = outcome.situation.trunk
    first = [Step(trunk, number, caller or _shown(trunk)) for number in numbers] if outcome.situation.reaches else []
    after = Step("zweit", numbers[0], caller or _shown("zweit"))
    return {
        Next.TRUNK: [*first, after],
        Next.AGAIN: [*first, Step(trunk, numbers[0], OWN), after],
        Next.PERSON: [*first, Step(trunk, BEN, caller)],
        Next.END: first,
    }[then]


def _shown(trunk: str) -> str:
    """What a desk phone shows over it: the trunk's own number, its extension where that has none."""
    return {"sipp": OWN, "zweit": OTHER_NUMBER}.get(trunk, DESK)


def _ends(outcome: Outcome, then: Next) -> list[End]:
    """How the legs over the first trunk are told to end. Of a call that is over nothing more is told."""
    if outcome.row in ("taken", "cancel"):
        return []
    tried_first = [End(outcome.situation.trunk, outcome.row, False)] if then is Next.AGAIN else []
    return [*tried_first, End(outcome.situation.trunk, outcome.row, outcome.counts)]


async def _seen(office: Scene, since: float, steps: list[Step], ends: list[End], in_order: bool = True) -> None:
    """Those legs and ends come, and no others."""
    arranged = list if in_order else sorted

    def seen() -> tuple[list[Step], list[End]]:
        return arranged(office.steps(since)), office.ends(since)

    wanted = (arranged(steps), ends)
    with contextlib.suppress(TimeoutError):
        await polled("all of it", lambda: seen() == wanted, within=6)
    assert seen() == wanted
