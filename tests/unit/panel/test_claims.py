"""Every sentence that claims something of reachability, in an office where it is true and in one where it is not.

Whoever adds such a sentence adds a row here: what makes it true, and the change that makes it false.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import router
from router.core.facts import Troubles
from router.core.health import Cause, State
from router.core.orders import Mode
from router.core.site import Way
from tests.unit.panel.claimed import BY_HAND, LONG_AGO, UNTIL, Plight, said_in
from tests.unit.panel.fakes import ago

CLAIMING = (
    "core/about.py", "core/unproven.py", "core/telling.py", "core/directions.py", "core/office_blame.py",
    "panel/notices.py", "panel/advice.py",
    "panel/view.py", "panel/control.py", "panel/phones.py",
)  # fmt: skip
NO_CLAIM = {
    # parts of sentences, and names
    "{some} and {last}", "All numbers", "nobody is set", "nobody is on duty", "by number", "{device} (since {since})",
    "{device} (unknown to Asterisk)", "Asterisk was last in sight.",
    # what a button or a choice does
    "all calls ring here", "not possible just now", "1 hour", "until we close ({time})", "until tomorrow 8:00",
    "open end", "until a time",
    # what follows a claim and stands or falls with it
    "Orders given here have no effect. This router takes over once the other has been silent for a minute.",
    "So it cannot show whose fault an outage is. Is the target right ([internet] probes), does a firewall let it out?",
    "Why, the router's log tells.",
    # of the journal of calls: tests/unit/panel/test_panel_calls.py
    "No call has come in yet.", "The calls cannot be read just now.",
    # of the journal: tests/unit/panel/test_panel_board.py
    "Nothing has happened yet.", "The journal cannot be read just now.",
}  # fmt: skip

DOWN, UP, FAILING, RECOVERING = State.DOWN, State.UP, State.FAILING, State.RECOVERING
MOBILE, OFFICE = BY_HAND[Mode.MOBILE], BY_HAND[Mode.OFFICE]
FINE, CALLS = Plight(), Cause.CALLS
DEAD = Plight(state=DOWN, called_in=LONG_AGO, called_out=LONG_AGO, silent=True)
BACK = Plight(state=RECOVERING)
ALL_DEAD = replace(DEAD, other=DOWN)
CALLS_FAIL = replace(DEAD, cause=CALLS, silent=False)
LOST, UNSURE, NEVER = Plight(seen="lost"), Plight(seen="unverified"), Plight(seen="never")
READ_ONLY = Plight(seen="read only")
AWAY, ALONE = Plight(away=True), Plight(alone=True)
TARGETS = Plight(troubles=Troubles(targets=("https://example.net",)))
PHONES = Plight(troubles=Troubles(phones=("20",), phones_since=ago(minutes=18)))


def but(plight: Plight, **changes: Any) -> Plight:
    return replace(plight, **changes)


ROWS: dict[str, tuple[Plight, Plight]] = {
    # core/about.py, core/telling.py, core/unproven.py: of each published number
    "Calls to {number} ring in the office.": (FINE, DEAD),
    "{trunk} answers. That calls to {number} arrive has not been proven yet.": (but(FINE, arrived=None), FINE),
    "{trunk} answers. That calls to {number} arrive has not been proven since {last}.": (
        but(FINE, arrived=LONG_AGO), FINE),
    "Calls to {number} ring in the office. Nothing is known of {trunk} yet.": (but(FINE, state=State.UNKNOWN), FINE),
    "Calls to {number} ring in the office. {trunk} looks bad just now.": (but(FINE, state=FAILING), FINE),
    "Whoever dials {number} cannot reach us right now. Calls that arrive by another trunk {go}": (DEAD, BACK),
    "Whoever dials {number} cannot reach us right now. {order}": (but(DEAD, word=OFFICE), but(FINE, word=OFFICE)),
    "Until that has lasted, calls to {number} {go}": (BACK, FINE),
    "{trunk} looks good again. {then}": (BACK, DEAD),
    "go to {mobile} over {over}.": (DEAD, but(DEAD, when_down=Way.OFFICE)),
    "{person}'s mobile": (but(DEAD, people=("Anna",)), but(DEAD, people=("Anna", "Ben"), fallbacks=())),
    "the mobiles of {people}": (DEAD, but(DEAD, people=("Anna",))),
    "ring in the office first and then go to {mobile} over {over}.": (
        but(DEAD, when_down=Way.OFFICE_THEN_MOBILE), DEAD),
    "{trunk} is down. Whoever dials {number} and gets through rings the office.": (
        but(DEAD, when_down=Way.OFFICE), FINE),
    "Whoever dials {number} and gets through rings the office.": (but(BACK, when_down=Way.OFFICE), BACK),
    "{trunk} is down, and no other trunk is left to forward over. "
    "Whoever dials {number} and gets through rings the office.": (ALL_DEAD, DEAD),
    "{trunk} is down, and {over} looks bad too: calls do not go there before it is proven to work. "
    "Whoever dials {number} and gets through rings the office.": (
        but(DEAD, other=FAILING, proven=False), DEAD),
    "{trunk} is down, and today's minutes for forwarded calls are used up. "
    "Whoever dials {number} and gets through rings the office.": (but(DEAD, spent=True), DEAD),
    "Calls over {trunk} fail; whether {number} can be reached is not proven. Calls that arrive {go}": (
        CALLS_FAIL, DEAD),
    "Calls over {trunk} fail. Whoever dials {number} and gets through rings the office.": (
        but(CALLS_FAIL, when_down=Way.OFFICE), but(FINE, when_down=Way.OFFICE)),
    "Calls over {trunk} fail, and no other trunk is left to forward over. "
    "Whoever dials {number} and gets through rings the office.": (but(CALLS_FAIL, other=DOWN), CALLS_FAIL),
    "Calls in the name of {number} fail, while {trunk} carries others; whether it can be reached is not proven. "
    "Calls that arrive {go}": (ALONE, FINE),
    "Calls in the name of {number} fail, while {trunk} carries others. "
    "Whoever dials it and gets through rings the office.": (but(ALONE, when_down=Way.OFFICE), FINE),
    "None of the office phones behind {number} can be reached; calls {go}": (AWAY, FINE),
    "None of the office phones behind {number} can be reached. {order}": (but(AWAY, word=OFFICE), AWAY),
    "None of the office phones behind {number} can be reached, and its calls are to stay in the office.": (
        but(AWAY, when_down=Way.OFFICE), AWAY),
    "None of the office phones behind {number} can be reached, "
    "and today's minutes for forwarded calls are used up.": (but(AWAY, spent=True), AWAY),
    "None of the office phones behind {number} can be reached, and nobody has a mobile.": (
        but(AWAY, people=(), mobiles=False), but(AWAY, people=())),
    "None of the office phones behind {number} can be reached, and nobody is on duty.": (but(AWAY, people=()), AWAY),
    "{trunk} is down, and nobody is on duty. Whoever dials {number} and gets through rings the office.": (
        but(DEAD, people=()), DEAD),
    "None of the office phones behind {number} can be reached, and no trunk is left to forward over.": (
        but(AWAY, state=DOWN, other=DOWN), AWAY),
    "By order of {by}, calls to {number} ring in the office.": (but(FINE, word=OFFICE), but(FINE, word=MOBILE)),
    "By order of {by}, calls to {number} ring in the office until {until}.": (
        but(FINE, word=UNTIL[Mode.OFFICE]), but(FINE, word=OFFICE)),
    "By order of {by}, calls to {number} go to {mobile}.": (but(FINE, word=MOBILE), but(ALL_DEAD, word=MOBILE)),
    "By order of {by}, calls to {number} go to {mobile} until {until}.": (
        but(FINE, word=UNTIL[Mode.MOBILE]), but(FINE, word=MOBILE)),
    "{by} wants calls to {number} on the mobile, but no trunk is left to forward over: they ring in the office.": (
        but(ALL_DEAD, word=MOBILE), but(DEAD, word=MOBILE)),
    "{by} wants calls to {number} on the mobile, but nobody has one: they ring in the office.": (
        but(FINE, word=MOBILE, people=(), mobiles=False), but(FINE, word=MOBILE)),
    "{by} wants calls to {number} on the mobile, but nobody is on duty: they ring in the office.": (
        but(FINE, word=MOBILE, people=()), but(FINE, word=MOBILE)),
    "{by} wants calls to {number} on the mobile, but today's minutes for forwarded calls are used up: "
    "they ring in the office.": (but(FINE, word=MOBILE, spent=True), but(FINE, word=MOBILE)),
    "Calls to {number} should ring in the office; the PBX does not confirm it.": (UNSURE, FINE),
    "Calls to {number} should go to {mobile}; the PBX does not confirm it.": (but(DEAD, seen="unverified"), DEAD),
    "{by} wants calls to {number} on the mobile; the PBX does not confirm it.": (
        but(UNSURE, word=MOBILE), but(FINE, word=MOBILE)),
    "{by} wants calls to {number} in the office; the PBX does not confirm it.": (
        but(UNSURE, word=OFFICE), but(FINE, word=OFFICE)),
    "We do not see the PBX. When last seen, calls to {number} rang in the office. "
    "If it runs, it routes as before; call your own number to try.": (LOST, FINE),
    "We do not see the PBX. When last seen, calls to {number} went to {mobile}. "
    "If it runs, it routes as before; call your own number to try.": (but(DEAD, seen="lost"), DEAD),
    "{by} wants calls to {number} on the mobile. We do not see the PBX: whether they go there is not known.": (
        but(LOST, word=MOBILE), but(FINE, word=MOBILE)),
    "{by} wants calls to {number} in the office. We do not see the PBX: whether they ring there is not known.": (
        but(LOST, word=OFFICE), but(FINE, word=OFFICE)),
    "We have not seen the PBX yet. Where calls to {number} go is not known.": (NEVER, FINE),
    "We do not see the PBX. When last seen, calls to {number} rang in the office; "
    "whether it knows what has changed since is not known.": (
        but(DEAD, seen="lost", was=OFFICE), LOST),
    "We do not see the PBX. When last seen, calls to {number} went to {mobile}; "
    "whether it knows what has changed since is not known.": (but(LOST, was=MOBILE), LOST),
    "We do not see the PBX. Where calls to {number} go is not known.": (but(LOST, proven=False), LOST),
    "Where calls to {number} go, another router decides.": (READ_ONLY, FINE),
    # core/directions.py: of each trunk, in and out
    "calls come in, the last at {last}.": (FINE, but(FINE, called_in=LONG_AGO, other=DOWN)),
    "no call has come in since {last}.": (but(FINE, called_in=LONG_AGO), FINE),
    "no call has come in yet.": (but(FINE, called_in=None), FINE),
    "calls go out, the last at {last}.": (FINE, but(FINE, called_out=LONG_AGO, other=DOWN)),
    "no call has gone out since {last}.": (but(FINE, called_out=LONG_AGO), FINE),
    "no call has gone out yet.": (but(FINE, called_out=None), FINE),
    "the last call out failed with {code}.": (but(FINE, code="503"), FINE),
    "the last call out failed: {end}": (but(FINE, code="none"), FINE),
    "the last calls out failed; the next one decides.": (but(FINE, trial=True), FINE),
    "nothing is heard of it.": (DEAD, FINE),
    "a call came in at {last} all the same.": (but(DEAD, called_in=ago(minutes=1)), DEAD),
    "a call went out at {last} all the same.": (but(DEAD, called_out=ago(minutes=1)), DEAD),
    "calls out fail; whether calls come in is not proven.": (CALLS_FAIL, but(CALLS_FAIL, called_in=ago(minutes=1))),
    "calls out fail, but one came in at {last}.": (but(CALLS_FAIL, called_in=ago(minutes=1)), CALLS_FAIL),
    "calls out fail.": (CALLS_FAIL, but(CALLS_FAIL, called_out=ago(minutes=1))),
    "without our registration the carrier sends us no calls.": (
        but(DEAD, cause=Cause.REGISTRATION, registered=False), DEAD),
    "it answers; whether it takes calls without our registration is not proven.": (
        but(DEAD, cause=Cause.REGISTRATION, registered=False, silent=False), DEAD),
    "it looks bad just now.": (but(FINE, state=FAILING), FINE),
    "it looks good again, but has not for long.": (BACK, FINE),
    # core/office_blame.py: at the head of the page
    "Only the fallback {trunk} is in trouble; calls do not depend on it just now. {then}": (
        but(FINE, other=DOWN, blamed="gsm"), but(DEAD, blamed="telekom")),
    "Our own phones: {phones} do not answer the PBX. Their switch, cable or power, most likely.": (PHONES, FINE),
    "Asterisk has had no answer from {phones} since {second}.": (PHONES, FINE),
    # panel/notices.py
    "We have not seen the PBX since {since}. If it runs, it routes as before. Call your own number to try.": (
        LOST, FINE),
    "After a minute without us the PBX judges by itself which trunk answers.": (LOST, but(LOST, word=MOBILE)),
    "Calls are routed as before.": (
        but(FINE, seen="refused"), FINE),
    "The PBX refuses our login.": (but(FINE, seen="refused"), LOST),
    "Until the login fits, we see nothing and switch nothing.": (but(FINE, seen="refused"), LOST),
    "We have not seen the PBX yet.": (NEVER, LOST),
    "Until then nothing is switched.": (NEVER, LOST),
    "Another router ({id}) writes the routes of this PBX; this one only reads.": (READ_ONLY, FINE),
    "The PBX has not confirmed what stands here.": (UNSURE, FINE),
    "We keep trying; until then calls may take another way.": (UNSURE, FINE),
    "The journal cannot be written just now. That holds up no call.": (but(FINE, trouble="full"), FINE),
    "{targets} cannot be reached, though trunks to the outside answer.": (TARGETS, FINE),
    # panel/view.py: whether the route is confirmed
    "calls go to: {goes}": (FINE, UNSURE),
    "calls should go to: {goes}": (UNSURE, FINE),
    "The PBX confirms: calls have gone this way since {since}.": (FINE, UNSURE),
    "Nothing is confirmed while we do not see the PBX.": (LOST, FINE),
    "Which way calls take is not known yet.": (NEVER, LOST),
    # panel/advice.py
    "Only {trunk} can redirect who dials {number} now: in its customer portal, have that number forwarded to "
    "{person}'s mobile. A rule you have set there for outages works without us.": (DEAD, BACK),
    "Only {trunk} can redirect who dials {number} now: in its customer portal, have that number forwarded.": (
        but(DEAD, people=()), DEAD),
    "{number} can be reached: tell your customers that one.": (but(DEAD, numbers=2), but(ALL_DEAD, numbers=2)),
    "Call your own number to try:": (DEAD, FINE),
    # panel/control.py: under the buttons
    "now: {way}": (FINE, LOST),
    "last: {way}": (LOST, NEVER),
    "not known yet": (NEVER, FINE),
    # panel/phones.py
    "Cannot be reached: {phones}": (AWAY, FINE),
}  # fmt: skip
ELSEWHERE = {
    # said by the API alone: tests/unit/core/test_directions.py
    "we do not see the PBX.",
    # said by the API alone, the board has notices of its own: tests/unit/core/test_blame.py
    "The PBX itself: Asterisk does not answer us. What its trunks do is not known.",
    "The PBX itself: Asterisk refuses our login. What its trunks do is not known.",
}


@pytest.mark.parametrize("claim", ROWS.keys() - ELSEWHERE)
def test_a_claim_is_made_where_it_is_true_and_gone_where_it_is_not(claim: str) -> None:
    true, false = ROWS[claim]
    assert claim in said_in(true)
    assert claim not in said_in(false)


def test_every_sentence_that_claims_something_has_its_row() -> None:
    found = {text for name in CLAIMING for text in sentences(Path(router.__file__).parent / name)}
    known = ROWS.keys() | NO_CLAIM | ELSEWHERE
    assert found - known == set(), "a sentence without a row: what makes it true, and what makes it false?"
    assert known - found == set(), "a row without its sentence"


def sentences(file: Path) -> set[str]:
    """What `say` and `sentence` are given there."""
    calls = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in ("say", "sentence")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
