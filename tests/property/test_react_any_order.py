"""react takes any input in any order: it never raises, and always says when to wake."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.calls import call_in
from router.core.duty import Absence, Day, Member, Mobile, Plan, Row, Taken
from router.core.effects import ApplyPlan, RingOnce, RingTold, WakeAt
from router.core.evidence import NO_CONTACT, NOT_QUALIFIED, REACHABLE, UNREACHABLE, Sight
from router.core.held import WORDS
from router.core.office import opened
from router.core.orders import Mode, Override
from router.core.peer import Host
from router.core.react import react
from router.core.registration import Timing
from router.core.sentence import say
from router.core.shifts import Shift
from router.core.signals import (
    Applied,
    At,
    CalendarRead,
    CallEnded,
    CallFailed,
    CallKept,
    CallWentThrough,
    Connected,
    ContactSaid,
    Disconnected,
    DutySet,
    LegBegan,
    LegEnded,
    LegMoved,
    LegSpoke,
    LookedAround,
    Ordered,
    PhoneSaid,
    Probed,
    RangOut,
    RegistrationSaid,
    Remembered,
    RingWanted,
    Surveyed,
    Table,
    Tick,
)
from router.core.site import WatchKind
from router.core.surroundings import Ending, Exit, Look, Lookup, Reach
from tests.unit.core.call_rows import row
from tests.unit.core.offices import GSM_NUMBER, MORNING, NUMBER, site, trunk_site

names = st.sampled_from(["telekom", "gsm", "iax", "nobody"])
contacts = st.sampled_from([None, REACHABLE, UNREACHABLE, NO_CONTACT, NOT_QUALIFIED, "Removed", "", *WORDS])
statuses = st.sampled_from([None, "Registered", "Unregistered", "Rejected", "Timeout", "Stopped", ""])
devices = st.sampled_from(["PJSIP/20", "PJSIP/21", "PJSIP/nobody"])
states = st.sampled_from(["NOT_INUSE", "INUSE", "UNAVAILABLE", "INVALID", "UNKNOWN", ""])
phones = st.dictionaries(devices, states)
seconds = st.floats(-1e6, 2e9, allow_nan=False)
short = st.text(max_size=20)
sights = st.builds(
    Sight,
    contact=contacts,
    rtt_us=st.none() | st.integers(0, 10**8),
    registration=statuses,
    timing=st.none() | st.builds(Timing, *[st.floats(0, 4000)] * 3),
    peer=st.none() | st.sampled_from([Host("203.0.113.1"), Host("192.168.1.9", port=True), Host("sip.test")]),
    registrar=st.none() | st.just(Host("b.test")),
)
overrides = st.builds(
    Override,
    mode=st.sampled_from(Mode),
    since=st.integers(-9999, 9999).map(lambda s: MORNING + timedelta(seconds=s)),
    by=short,
    number=st.sampled_from([None, NUMBER, "+4940999999"]),
    until=st.none() | st.integers(-9999, 9999).map(lambda s: MORNING + timedelta(seconds=s)),
    reason=st.none() | short,
)
rows = (
    st.sampled_from(
        [NUMBER, "", "[]", "[[1]]", "{", "null", "7", "telekom:probe,gsm:", ",,:,", "a|b|c", f"{NUMBER},,x"]
    )
    | short
)
tables = st.builds(
    Table,
    now=seconds,
    current=st.none() | st.integers(0, 50),
    writer=st.sampled_from([None, "", "router-1", "router-2"]),
    lease=st.none() | seconds,
    version=st.sampled_from([None, "1", "2"]),
    order=st.sampled_from([None, "", "mobile@1", f"office,{NUMBER}@99999999999", "auto@x"]) | short,
    entries=st.none()
    | st.fixed_dictionaries({}, optional=dict.fromkeys((NUMBER, "out", "trunks", "numbers", "orders", "phones"), rows)),
)
channels = st.sampled_from([f"PJSIP/{name}-{n:08x}" for name in ("telekom", "gsm") for n in range(3)]) | short
dialled = st.sampled_from(["+4930777@telekom", "gsm/sip:112@host", "112@gsm", "@", "/", ":;", ""]) | short
codes = st.sampled_from(["403", "503"]) | short
called = st.sampled_from(["", "+49900111", "+49900222", "+49900333"]) | short
callers = st.sampled_from(["", "1.1", "1.2"]) | short
lookups = st.builds(
    Lookup, st.sampled_from(["sip.test", "b.test"]), st.sampled_from(Ending), st.floats(0, 9), st.just(MORNING)
)
reaches = st.builds(Reach, short, st.sampled_from(Ending), st.floats(0, 9), st.just(MORNING))
exits = st.builds(Exit, short, short, st.sampled_from(Ending), st.floats(0, 9), st.just(MORNING))
looks = st.builds(
    Look,
    began=st.floats(0, 3000),
    at=st.just(MORNING),
    exits=st.none() | st.lists(exits, max_size=2).map(tuple),
    targets=st.lists(reaches, max_size=2).map(tuple),
    names=st.lists(lookups, max_size=2).map(tuple),
)
listings = st.dictionaries(names, sights)
moments = st.integers(-90_000, 90_000).map(lambda seconds: MORNING + timedelta(seconds=seconds))
whose = st.lists(st.sampled_from(["Anna", "Ben", "nobody we know"]), max_size=2).map(tuple)
members = st.builds(
    lambda ready, away: Member("", (Mobile("+491711234567", ready),), absent=away),
    st.booleans(), st.none() | st.builds(Absence, moments, st.none() | moments),
)  # fmt: skip
clocks = st.builds(time, st.integers(0, 23))
duty_rows = st.builds(Row, st.sampled_from(Day), clocks, clocks, whose)
duty_plans = st.builds(
    lambda anna, ben, rows, taken: Plan((replace(anna, name="Anna"), replace(ben, name="Ben")), tuple(rows), (), taken),
    members, members, st.lists(duty_rows, max_size=4),
    st.none() | st.builds(Taken, st.sampled_from(["Anna", "Ben"]), moments, st.none() | moments, st.just("x")),
)  # fmt: skip
hours = st.integers(1, 30)
tickets = st.sampled_from(["t1", "t2", "t3"])
shifts = st.builds(lambda begin, lasts, who: Shift(begin, begin + timedelta(hours=lasts), who), moments, hours, whose)
inputs = st.one_of(
    st.builds(DutySet, duty_plans, st.booleans()),
    st.builds(
        CalendarRead, short, st.none() | st.lists(shifts, max_size=3).map(tuple), st.none() | st.just(say("No."))
    ),
    st.builds(Connected, short, listings, tables, phones),
    st.builds(Disconnected, st.just(say("We do not see the PBX.")), st.booleans()),
    st.builds(Surveyed, listings, st.none() | tables, st.none() | st.integers(0, 50), phones),
    st.builds(PhoneSaid, devices, states),
    st.builds(Probed, names, seconds, st.booleans(), st.none() | sights),
    st.builds(ContactSaid, names, contacts.map(lambda contact: contact or ""), st.none() | st.integers(0, 9999)),
    st.builds(RegistrationSaid, names, statuses.map(lambda status: status or "")),
    st.builds(CallFailed, names, codes, callers, st.sampled_from(["", NUMBER, GSM_NUMBER]) | short, called),
    st.builds(LegBegan, channels, names, dialled, callers),
    st.builds(LegSpoke, channels),
    st.builds(LegEnded, channels),
    st.builds(LegMoved, channels, names, st.floats(0, 100), st.booleans()),
    st.builds(CallWentThrough, names, st.booleans(), st.none() | st.sampled_from([NUMBER, GSM_NUMBER]) | short, called),
    st.builds(CallEnded, st.sampled_from([call_in(row()), call_in(row(by=""))]), st.none() | st.integers(1, 500)),
    st.builds(CallKept, short, st.none() | st.integers(1, 500)),
    st.builds(Ordered, overrides, st.none() | short),
    st.builds(Remembered, st.lists(overrides, max_size=3).map(tuple)),
    st.builds(Applied, st.integers(0, 50), st.booleans(), st.booleans()),
    st.builds(LookedAround, looks),
    st.builds(RingWanted, st.sampled_from(["+491711234567", "+49112", NUMBER]) | short, tickets),
    st.builds(RangOut, tickets, st.sampled_from(["answer", "486", "barred"]) | short, st.none() | st.just(say("No."))),
    st.just(Tick()),
)


OFFICE = site(
    trunks=(trunk_site("telekom"), trunk_site("gsm"), trunk_site("iax", WatchKind.IAX2)),
    phones=("PJSIP/20", "PJSIP/21"),
)


@settings(max_examples=150, deadline=None)
@given(story=st.lists(st.tuples(st.floats(0, 100), inputs), max_size=25))
def test_whatever_comes_it_is_taken(story):
    office, mono, latest = opened(OFFICE, "router-1", MORNING), 1000.0, 0
    for pause, said in story:
        mono += pause
        office, effects = react(office, said, At(mono, MORNING + timedelta(seconds=mono)))
        wakes = [effect.mono for effect in effects if isinstance(effect, WakeAt)]
        assert len(wakes) == 1
        assert mono < wakes[0] <= mono + 30
        for effect in effects:
            if isinstance(effect, ApplyPlan):
                assert effect.plan.id > latest
                latest = effect.plan.id
                assert office.pbx.connected


ringing = st.one_of(
    st.just(RingWanted("+491711234567", "")), st.builds(RangOut, st.none(), st.sampled_from(["answer", "486"])), inputs
)


@settings(max_examples=150, deadline=None)
@given(story=st.lists(st.tuples(st.floats(0, 30), ringing), max_size=25))
def test_whoever_wants_a_test_ring_is_answered_once_and_one_is_rung_at_a_time(story):
    """A RangOut that names none is about the one under way, as the PBX tells it."""
    office, mono, ringing_now, waiting = opened(OFFICE, "router-1", MORNING), 1000.0, "", set()
    for serial, (pause, word) in enumerate([*story, (60.0, Tick())]):
        mono += pause
        said = word
        if isinstance(word, RingWanted):
            said = replace(word, ticket=f"t{serial}")
            waiting.add(said.ticket)
        if isinstance(word, RangOut) and not word.ticket:
            said = replace(word, ticket=ringing_now)
        office, effects = react(office, said, At(mono, MORNING + timedelta(seconds=mono)))
        for effect in effects:
            if isinstance(effect, RingTold):
                waiting.remove(effect.ticket)
                ringing_now = "" if effect.ticket == ringing_now else ringing_now
        for effect in effects:
            if isinstance(effect, RingOnce):
                assert not ringing_now
                assert office.pbx.connected
                ringing_now = effect.ticket
        assert waiting == ({ringing_now} - {""})
    assert not waiting


@settings(max_examples=150, deadline=None)
@given(story=st.lists(st.tuples(st.floats(0, 40_000), inputs), max_size=25))
def test_what_is_remembered_of_decisions_and_table_is_what_would_be_made_anew(story):
    office, mono = opened(OFFICE, "router-1", MORNING), 1000.0
    for pause, said in story:
        mono += pause
        at = At(mono, MORNING + timedelta(seconds=mono))
        forgetful, as_well = react(replace(office, basis=None, written=None), said, at)
        office, effects = react(office, said, at)
        assert effects == as_well
        assert (office, office.table) == (forgetful, forgetful.table)


@settings(max_examples=150, deadline=None)
@given(story=st.lists(st.tuples(st.floats(0, 9_000), inputs), max_size=25))
def test_the_duty_is_looked_at_whenever_it_may_have_changed(story):
    office, mono = opened(OFFICE, "router-1", MORNING), 1000.0
    for pause, said in story:
        mono += pause
        at = At(mono, MORNING + timedelta(seconds=mono))
        anew, as_well = react(replace(office, duty=replace(office.duty, due=None)), said, at)
        office, effects = react(office, said, at)
        assert [one for one in effects if not isinstance(one, WakeAt)] == [
            one for one in as_well if not isinstance(one, WakeAt)
        ]
        assert (office.site, office.duty.who, office.duty.warned) == (anew.site, anew.duty.who, anew.duty.warned)
