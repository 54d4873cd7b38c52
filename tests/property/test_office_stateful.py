"""An office under any weather: whatever happens in whatever order, the routes keep their promises.

The machine below plays on a simulated PBX (tests/unit/core). What it holds the core to knows no states of the table,
only what was sent, answered and said; the play itself checks wake-ups, double probes and plan ids.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from router.core import orders
from router.core.effects import Kind, Record
from router.core.evidence import REACHABLE
from router.core.orders import Mode
from router.core.registration import REGISTERED
from router.core.site import Policy, Way
from tests.unit.core.offices import GSM_NUMBER, NUMBER, site, trunk_site
from tests.unit.core.play import Play

POLICY = Policy(probe=5, fall=3, rise=20, rise_most=80, switches_per_hour=2)
SOON = POLICY.probe + POLICY.fall + 0.6
"""Seconds: the longest wait for the first unanswered probe, the fall time, and the patience with the last one."""
TRUNKS = ("telekom", "gsm")
OF = {NUMBER: "telekom", GSM_NUMBER: "gsm"}

trunk_names = st.sampled_from(TRUNKS)
pauses = st.sampled_from([0.0, 0.0, 0.3, 1.1, 2.6, 4.0, 6.3, 9.0, 14.0, 30.0])
"""Seconds that pass after each turn of the weather."""


class OfficeUnderWeather(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.play = Play(site(tuple(trunk_site(name) for name in TRUNKS), POLICY))
        self.play.doubtful = True
        self.play.connect()
        self.in_sight_since = 0.0
        self.silent_since: dict[str, float] = {}
        self.unregistered_since: dict[str, float] = {}
        self.moved: dict[str, list[tuple[float, bool]]] = {name: [] for name in TRUNKS}
        self.good_since = dict.fromkeys(TRUNKS, 0.0)
        self.by_calls = dict.fromkeys(TRUNKS, False)
        self.read = 0
        self.dialled: list[str] = []
        self.moves_read = 0

    # --- the weather ------------------------------------------------------------------------------------------------

    @rule(pause=pauses, name=trunk_names)
    def a_trunk_falls_silent(self, pause: float, name: str) -> None:
        self.play.pbx.trunks[name].silent = True
        self.silent_since.setdefault(name, self.play.now)
        self.play.run(pause)

    @rule(pause=pauses, name=trunk_names)
    def a_trunk_speaks_again(self, pause: float, name: str) -> None:
        self.play.pbx.trunks[name].silent = False
        self.silent_since.pop(name, None)
        self.play.run(pause)

    @rule(pause=pauses, name=trunk_names, lost=st.integers(1, 2))
    def some_options_get_lost(self, pause: float, name: str, lost: int) -> None:
        self.play.pbx.trunks[name].loses = lost
        self.play.run(pause)

    @rule(pause=pauses, name=trunk_names, answer=st.sampled_from([None, 403, 503]))
    def asterisk_registers(self, pause: float, name: str, answer: int | None) -> None:
        self.play.pbx.trunks[name].refuses = answer
        self.play.registers(name)
        self.play.run(pause)

    @rule(pause=pauses, name=trunk_names, times=st.integers(1, 4))
    def calls_fail(self, pause: float, name: str, times: int) -> None:
        self.play.call_fails(name, times=times)
        self.play.run(pause)

    @rule(pause=pauses, number=st.sampled_from([*OF]), others=st.booleans(), times=st.integers(1, 4))
    def calls_in_one_name_fail(self, pause: float, number: str, others: bool, times: int) -> None:
        """`others`: while calls in other names go through."""
        for _ in range(times):
            self.play.call_fails(OF[number], number=number)
            if others:
                self.play.call_goes_through(OF[number])
        self.play.run(pause)

    @rule(pause=pauses, number=st.sampled_from([*OF]), inbound=st.booleans())
    def a_call_in_one_name_goes_through(self, pause: float, number: str, inbound: bool) -> None:
        self.play.call_goes_through(OF[number], inbound=inbound, number=number)
        self.play.run(pause)

    @rule(pause=pauses, name=trunk_names)
    def a_call_goes_through(self, pause: float, name: str) -> None:
        self.play.call_goes_through(name)
        self.play.run(pause)

    @rule(pause=pauses, number=st.sampled_from(["+4930777", "112"]), times=st.integers(1, 4))
    def desk_phones_call_out(self, pause: float, number: str, times: int) -> None:
        for _ in range(times):
            self.play.presses_28(number)
        self.play.run(pause)

    @rule(pause=pauses, name=trunk_names, delay=st.sampled_from([0.1, 3.0, 8.0]))
    def a_carrier_needs_its_time_to_ring(self, pause: float, name: str, delay: float) -> None:
        self.play.pbx.trunks[name].delay = delay
        self.play.run(pause)

    @precondition(lambda self: self.play.connected)
    @rule(pause=pauses)
    def ami_is_lost(self, pause: float) -> None:
        self.play.lose_ami()
        self.play.run(pause)

    @rule(pause=pauses)
    def asterisk_is_listed(self, pause: float) -> None:
        if not self.play.connected:
            self.in_sight_since = self.play.now
        self.play.connect()
        self.play.run(pause)

    @rule(pause=pauses, database=st.booleans())
    def the_router_is_killed_and_starts_again(self, pause: float, database: bool) -> None:
        play = self.play
        known = play.connected and play.office.route.verified and not play.pbx.refuses_writes
        known = known and (not database or play.memory == play.office.overrides)  # it may have been dead before
        left = float(play.pbx.heads.get("lease", 0)) - play.epoch
        known = known and "order" not in play.pbx.heads and 0 < left <= 60
        before = {number: play.way(number) for number in OF}
        held = {name for name in TRUNKS if play.office.trunks[name].health.diverted}
        alone = play.office.alone
        table = play.pbx.table(play.epoch)
        self.in_sight_since = play.now
        self.moved = {name: [] for name in TRUNKS}
        play.restart_router(database)
        play.run(0.01)
        for number, way in before.items():
            waited_for_its_fallback = way is Way.OFFICE and (OF[number] in held or number in alone)
            same = play.way(number) is way
            assert not known or waited_for_its_fallback or same, (number, way, table, play.pbx.table(play.epoch))
        self.play.run(pause)

    @rule(
        pause=pauses,
        mode=st.sampled_from(Mode),
        number=st.sampled_from([None, *OF]),
        minutes=st.sampled_from([None, -1, 1, 600]),
    )
    def staff_say(self, pause: float, mode: Mode, number: str | None, minutes: int | None) -> None:
        until = None if minutes is None else self.play.wall + timedelta(seconds=minutes * 60)
        self.play.order(mode, number, until)
        self.play.run(pause)

    @rule(
        pause=pauses,
        word=st.sampled_from(["mobile", "office", "auto", f"mobile,{NUMBER}", "nonsense"]),
        ago=st.integers(0, 60),
    )
    def somebody_writes_an_order_by_hand(self, pause: float, word: str, ago: int) -> None:
        there = self.play.pbx.heads.get("order")
        order = f"{word}@{int(self.play.epoch) - ago}"
        self.play.pbx.heads["order"] = f"{there}&{order}" if there else order
        self.play.run(pause)

    @rule(pause=pauses, number=st.sampled_from([None, *OF]))
    def a_desk_phone_dials(self, pause: float, number: str | None) -> None:
        order = self.play.presses_28(number)
        self.play.pbx.fates.pop(order, None)  # of the same moment, before the clock was set back
        self.dialled.append(order)
        self.play.run(pause)

    @rule(pause=pauses, minutes=st.sampled_from([-90, -1, 1, 90]))
    def the_wall_clock_is_set(self, pause: float, minutes: int) -> None:
        self.play.wall_ahead += timedelta(minutes=minutes)
        self.play.run(pause)

    @rule(pause=pauses)
    def somebody_deletes_the_table(self, pause: float) -> None:
        self.dialled = []
        self.play.pbx.wipe()
        self.play.run(pause)

    @rule(pause=pauses, refuses=st.booleans())
    def astdb_takes_nothing(self, pause: float, refuses: bool) -> None:
        self.play.pbx.refuses_writes = refuses
        self.play.run(pause)

    # --- the promises -----------------------------------------------------------------------------------------------

    @invariant()
    def every_move_has_its_proof(self) -> None:
        for at, line in self.play.lines[self.read :]:
            if line.kind is Kind.TRANSITION and line.trunk:
                self._check_move(at, line)
        self.read = len(self.play.lines)
        for name, trunk in self.play.pbx.trunks.items():
            if trunk.registration == REGISTERED:
                self.unregistered_since.pop(name, None)
            else:
                self.unregistered_since.setdefault(name, self.play.now)

    def _check_move(self, at: float, line: Record) -> None:
        name = line.trunk or ""
        diverted = ("down", "recovering")
        was, now = line.data["from"] in diverted, line.data["to"] in diverted
        if line.data["to"] == "down" and line.data["cause"] == "probe" and not was:
            row = []
            for sent, told, answered in reversed(self.play.answers[name]):
                if told <= at and answered:
                    break
                row += [sent] if told <= at else []
            assert len(row) >= 3, "three probes in a row"
            assert at - row[-1] >= POLICY.fall - 1e-6, "never before the fall time of unbroken silence"
        if line.data["to"] == "down":
            self.good_since[name], self.by_calls[name] = at, line.data["cause"] == "calls"
        if line.data["to"] == "recovering" and not self.by_calls[name]:
            self.good_since[name] = at
        if was == now:
            return
        moves = self.moved[name]
        if not now and line.data["from"] == "recovering":
            assert at - self.good_since[name] >= POLICY.rise - 1e-6, "never back before the rise time"
            lately = [moment for moment, _ in moves if at - moment < 3600]
            assert len(lately) < POLICY.switches_per_hour, "no way back beyond the switches of an hour"
        moves.append((at, now))

    @invariant()
    def no_leg_is_moved_without_proof(self) -> None:
        """Never one that was heard, nor an emergency call; else only after two seconds of silence, or the verdict."""
        for at, effect in self.play.moves[self.moves_read :]:
            call, _ = self.play.calls.legs[effect.channel]
            assert call.number not in self.play.site.emergency
            assert call.rings != effect.trunk, "what rings stays"
            told = [line for when, line in self.play.lines if when <= at and line.kind is Kind.TRANSITION]
            states = [line.data["to"] for line in told if line.trunk == effect.trunk]
            answers = self.play.answers[effect.trunk]
            lately = [yes for sent, told_at, yes in answers if told_at <= at and told_at > at - 2.0 + 1e-6]
            assert (states and states[-1] == "down") or (len(lately) >= 3 and not any(lately)), (at, states, lately)
        self.moves_read = len(self.play.moves)

    @invariant()
    def a_silent_trunk_is_left_soon(self) -> None:
        for name, since in self.silent_since.items():
            seen = self.play.now - max(since, self.in_sight_since)
            if self.play.connected and seen > SOON:
                assert self.play.office.trunks[name].health.diverted

    @invariant()
    def staffs_word_wins(self) -> None:
        for decision in self.play.office.decisions:
            word = orders.in_force(self.play.office.overrides, decision.number, self.play.wall)
            if word is not None and decision.word == word:
                assert (decision.way is Way.MOBILE) == (word.mode is Mode.MOBILE and bool(decision.over))

    @invariant()
    def no_call_is_sent_over_a_trunk_that_is_down(self) -> None:
        for decision in self.play.office.decisions:
            assert all(self.play.state(name) != "down" for name in decision.over)

    @invariant()
    def what_is_verified_is_what_the_dialplan_does(self) -> None:
        play = self.play
        if play.office.route.verified and play.pbx.table(play.epoch).current == play.office.route.plan.id:
            for decision in play.office.decisions:
                wanted = Way.MOBILE if decision.word and decision.word.mode is Mode.MOBILE else decision.way
                if decision.word is None or decision.word.holds(play.wall):
                    vouched = decision.word or float(play.pbx.heads["lease"]) > play.epoch
                    assert not vouched or play.pbx.way(decision.number, play.epoch, asked=True) is wanted

    @invariant()
    def no_order_of_a_desk_phone_is_lost(self) -> None:
        there = self.play.pbx.heads.get("order", "").split("&")
        for order in self.dialled:
            assert (order in there) != (self.play.told_phone(order) is not None), "it is in the table until it is heard"

    def teardown(self) -> None:
        """When all is well again, all is as before: nothing stays down for ever."""
        play = self.play
        play.pbx.refuses_writes = False
        for name, trunk in play.pbx.trunks.items():
            trunk.silent, trunk.refuses, trunk.loses = False, None, 0
            play.registers(name)
        play.connect().order(Mode.AUTO).run(POLICY.rise_most + 45)
        self.every_move_has_its_proof()
        assert "order" not in play.pbx.heads
        assert play.pbx.lamp == any(play.way(number) is not Way.OFFICE for number in OF)
        for name in TRUNKS:
            if len(play.office.trunks[name].health.switches) < POLICY.switches_per_hour:
                assert play.state(name) == "up", play.why(name)
                assert play.pbx.trunks[name].contact == REACHABLE
                number = next(number for number, own in OF.items() if own == name)
                assert play.way(number) is Way.OFFICE or number in play.office.alone
                own = play.office.numbers.get(number)
                assert own is None or not own.alone or len(own.health.switches) >= POLICY.switches_per_hour


TestOffice = OfficeUnderWeather.TestCase
TestOffice.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.generate],  # shrinking a story of an office takes minutes; run it by hand where one fails
    suppress_health_check=[HealthCheck.too_slow],
)
