"""Phones that come and go at random: what must hold at every moment, whatever they did before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.office_phones import BACK_SHARE, MOST_DOUBLINGS
from router.core.site import Way
from tests.unit.core.offices import NUMBER, site
from tests.unit.core.play import Play

PHONES = ("PJSIP/20", "PJSIP/21")
AWAY = 30.0
STEP = 0.7
"""Seconds. No multiple of it is a time that counts: what happens just then may be taken either way."""
BACK = AWAY * BACK_SHARE
HERE, GONE = ("NOT_INUSE", "INUSE", "RINGING"), ("UNAVAILABLE", "INVALID")

changes = st.tuples(
    st.sampled_from([1, 7, 14, 15, 42, 43, 170]),
    st.sampled_from(PHONES),
    st.sampled_from((*HERE, *GONE, "UNKNOWN")),
)


@settings(max_examples=40, deadline=None)
@given(story=st.lists(changes, max_size=12))
def test_calls_leave_only_long_enough_gone_phones_and_come_back_only_to_one_that_is_long_enough_there(story):
    play = Play(site(phones=PHONES)).connect().run(20)
    states = dict.fromkeys(PHONES, "NOT_INUSE")
    since = dict.fromkeys(PHONES, 0.0)  # when it was last known to change between here, gone and not known
    for steps, device, state in story:
        if _kind(state) != _kind(states[device]):
            since[device] = play.now
        states[device] = state
        play.phone(device, state)
        for _ in range(steps):
            before = play.way(NUMBER)
            play.run(STEP)
            _held_to(play, before, {d: (_kind(states[d]), play.now - since[d]) for d in PHONES}, states)


def _held_to(play: Play, before: Way, known: dict[str, tuple[str, float]], states: dict[str, str]) -> None:
    """`known`: of each phone how it is, and for how many seconds."""
    way = play.way(NUMBER)
    kinds = {kind for kind, _ in known.values()}
    gone_for = min(lasted for _, lasted in known.values())
    here_for = max((lasted for kind, lasted in known.values() if kind == "here"), default=0.0)
    nobody = kinds == {"gone"} and "UNAVAILABLE" in states.values()
    if way is Way.MOBILE and before is Way.OFFICE:
        assert nobody
        assert gone_for >= AWAY
    if way is Way.OFFICE and before is Way.MOBILE:
        assert here_for >= BACK or set(states.values()) == {"INVALID"}
    if nobody and gone_for > AWAY + STEP:
        assert way is Way.MOBILE
    if here_for > BACK * 2**MOST_DOUBLINGS + STEP:
        assert way is Way.OFFICE


def _kind(state: str) -> str:
    return "here" if state in HERE else "gone" if state in GONE else "not known"
