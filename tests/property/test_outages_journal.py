"""The outages of any journal, told a second time in a dumb way: by looking at one trunk's lines side by side."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.health import RULES, State, Verdict
from router.core.outage_sums import overlap, sums
from router.core.outages import Ending
from router.core.sentence import say
from router.ports import Line
from tests.unit.core.played_lines import told

TRUNKS = ("telekom", "gsm", "zweit")
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
LOST_SIGHT = "Lost sight of {trunk} while it recovered; counting afresh."


@dataclass(frozen=True)
class Dumb:
    began: datetime
    down: datetime
    ended: datetime | None
    relapses: int


def journal(seed: int, length: int) -> list[Line]:
    """A walk of three trunks over the table, with restarts of the router that keep what is diverted."""
    rng, at = random.Random(seed), BEGAN
    states = dict.fromkeys(TRUNKS, State.UNKNOWN)
    lines: list[Line] = []
    for place in range(1, length):
        at += timedelta(seconds=rng.choice((0.0, 0.5, 3.0, 120.0, 40000.0)))
        if rng.random() < 0.08:
            held = [name for name, state in states.items() if state in (State.DOWN, State.RECOVERING)]
            states = {name: State.DOWN if name in held else State.UNKNOWN for name in TRUNKS}
            data: dict[str, object] = {"sight": "seen", "down": ",".join(held), "alone": "", "away": ""}
            lines.append(Line(place, at, "pbx", say("Asterisk {version} is in sight.", version="22"), data=data))
            continue
        name = rng.choice(TRUNKS)
        rule = rng.choice([rule for rule in RULES if rule.state is states[name]])
        text = say("…", trunk=name) if rule.verdict is not Verdict.BLIND else say(LOST_SIGHT, trunk=name)
        moves = {"from": rule.state.value, "to": rule.to.value}
        lines.append(Line(place, at, "transition", text, trunk=name, data=dict(moves)))
        states[name] = rule.to
    return lines


def dumbly(lines: list[Line], name: str) -> list[Dumb]:
    """The runs of down and recovering among the states that follow each other."""
    found: list[Dumb] = []
    own = [line for line in lines if line.trunk == name or line.kind == "pbx"]
    place = 0
    while place < len(own):
        line = own[place]
        if line.data.get("to") != "down":
            place += 1
            continue
        before = own[place - 1] if place else line
        began = before.at if before.data.get("to") == "failing" else line.at
        rest = own[place:]
        ups = [one for one in rest if one.data.get("to") == "up"]
        run = rest[: rest.index(ups[0])] if ups else rest
        bad = [one for one in run if one.data.get("from") == "recovering" and one.text.text != LOST_SIGHT]
        found.append(Dumb(began, line.at, ups[0].at if ups else None, len(bad)))
        place += len(run)
    return found


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**9), length=st.integers(1, 120))
def test_the_outages_told_are_the_runs_of_bad_states(seed: int, length: int) -> None:
    lines = journal(seed, length)
    outages = told(lines)
    for name in TRUNKS:
        own = [Dumb(o.began, o.down or o.began, o.ended, o.relapses) for o in outages if o.subject == name]
        assert own == dumbly(lines, name)
    assert all(outage.ending in (Ending.OPEN, Ending.SEEN) for outage in outages)
    assert len({outage.id for outage in outages}) == len(outages)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), length=st.integers(1, 120))
def test_the_sums_of_the_months_are_those_of_the_outages(seed: int, length: int) -> None:
    lines = journal(seed, length)
    outages, since = told(lines), BEGAN
    now = max([BEGAN, *(line.at for line in lines)]) + timedelta(days=3)
    named = [(name, name) for name in TRUNKS]
    months = sums(outages, named, since, now, UTC)
    for name in TRUNKS:
        own = [month for month in months if month.subject == name]
        ours = [outage for outage in outages if outage.subject == name]
        assert sum(month.count for month in own) == len(ours)
        down = sum(overlap(o.began, o.ended or now, BEGAN, now) for o in ours)
        assert abs(sum(month.down for month in own) - down) < 1e-3
        assert abs(sum(month.span for month in own) - (now - BEGAN).total_seconds()) < 1e-3
        assert all(0.0 <= month.availability <= 1.0 for month in own)
