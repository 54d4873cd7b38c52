"""Outages as the journal tells them: played by the real core, then read from its lines alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from router.core.orders import Mode
from router.core.outage_story import Count, numbers_of, story, tally
from router.core.outage_sums import months, sums
from router.core.outages import Ending, Outage, What
from router.core.sentence import Sentence, say
from router.core.sights import held_at_start
from router.ports import Line
from tests.unit.core.call_rows import call
from tests.unit.core.offices import GSM_NUMBER, MORNING, NUMBER, site
from tests.unit.core.play import Play
from tests.unit.core.played_lines import journal, ledgered, set_back, told

BERLIN = ZoneInfo("Europe/Berlin")


def at_peace(**about: object) -> Play:
    play = Play(site(**about)) if about else Play()  # type: ignore[arg-type]
    return play.connect().run(20)


def silent(play: Play, seconds: float, name: str = "telekom") -> Play:
    play.pbx.trunks[name].silent = True
    play.run(seconds)
    play.pbx.trunks[name].silent = False
    return play


def lines_of(play: Play, **wanted: str) -> list[datetime]:
    """When the journal says that a trunk came from one state to another."""
    want = wanted.items()
    return [line.at for line in journal(play) if line.kind == "transition" and want <= line.data.items()]


def test_an_outage_begins_with_the_first_bad_evidence_and_ends_when_the_trunk_is_up_again() -> None:
    play = silent(at_peace(), 600).run(300)
    [outage] = told(journal(play))
    assert (outage.what, outage.subject, outage.label) == (What.TRUNK, "telekom", "Telekom")
    assert [outage.began] == lines_of(play, to="failing")
    assert [outage.down] == lines_of(play, to="down")
    assert [outage.answered] == lines_of(play, to="recovering")
    assert [outage.ended] == lines_of(play, to="up")[-1:]
    assert (outage.ending, outage.relapses, outage.cause) == (Ending.SEEN, 0, "probe")
    assert outage.id == next(line.id for line in journal(play) if line.data.get("to") == "failing")


def test_a_dip_that_is_over_before_the_fall_time_is_no_outage() -> None:
    play = silent(at_peace(), 6.5)
    play.run(60)
    assert lines_of(play, to="down") == [] != lines_of(play, to="failing")
    assert told(journal(play)) == []
    assert {one.ending for one in ledgered(journal(play)).values()} == {Ending.NOTHING}


def test_a_relapse_before_it_is_up_again_belongs_to_the_same_outage() -> None:
    play = silent(silent(at_peace(), 60).run(40), 60).run(600)
    assert len(lines_of(play, **{"from": "recovering", "to": "down"})) == 1
    [outage] = told(journal(play))
    assert outage.relapses == 1
    assert [outage.ended] == lines_of(play, to="up")[-1:]


def test_lost_sight_while_it_recovered_is_no_relapse() -> None:
    play = silent(at_peace(), 60).run(20)
    play.lose_ami().run(5)
    play.connect().run(600)
    outage, blind = told(journal(play))
    assert (outage.relapses, outage.ending) == (0, Ending.SEEN)
    assert (blind.what, blind.subject, blind.whose) == (What.PBX, "", "pbx")
    assert (blind.ended - blind.began).total_seconds() == 5  # type: ignore[operator]


def test_two_trunks_at_once_are_two_outages_and_share_the_blame_that_names_no_single_one() -> None:
    play = at_peace()
    play.pbx.trunks["gsm"].silent = True
    silent(play, 100).run(100)
    play.pbx.trunks["gsm"].silent = False
    play.run(600)
    first, second = told(journal(play))
    assert {first.subject, second.subject} == {"telekom", "gsm"}
    assert first.whose == second.whose != ""
    ended = {one.subject: one.ended for one in (first, second)}
    assert ended["telekom"] < ended["gsm"]  # type: ignore[operator]


def test_an_outage_that_lasts_is_open() -> None:
    play = at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(900)
    [outage] = told(journal(play))
    assert (outage.open, outage.ended) == (True, None)
    assert outage.seconds(outage.began + timedelta(minutes=15)) == 900


def test_a_restart_in_its_midst_goes_on_with_the_same_outage() -> None:
    play = at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    play.restart_router().connect()
    play.run(60)
    play.pbx.trunks["telekom"].silent = False
    play.run(300)
    [outage] = told(journal(play))
    assert [outage.began] == lines_of(play, to="failing")
    assert (outage.ending, [outage.ended]) == (Ending.SEEN, lines_of(play, to="up")[-1:])
    starts = [held_at_start(line.data) for line in journal(play)]
    assert [held["down"] for held in starts if held] == [frozenset(), {"telekom"}]


def test_what_came_back_while_the_router_was_away_ended_unseen() -> None:
    play = silent(at_peace(), 60)
    play.pbx.heads["lease"] = "1"  # long lapsed: nobody vouches for the route in force
    play.pbx.trunks["telekom"].contact = "Reachable"
    play.restart_router().run(60)
    [outage] = told(journal(play))
    start = next(line for line in reversed(journal(play)) if held_at_start(line.data))
    assert (outage.ending, outage.ended) == (Ending.UNSEEN, start.at)


def test_without_a_table_the_same_outage_goes_on_once_it_is_found_down_again() -> None:
    play = at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    play.pbx.wipe()
    play.restart_router().connect()
    play.run(60)
    [outage] = told(journal(play))
    assert (outage.open, outage.relapses) == (True, 0)
    assert outage.began == lines_of(play, to="failing")[0]


def test_a_journal_that_begins_in_mid_outage_says_that_it_was_found_down() -> None:
    play = at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    play.lines.clear()
    play.restart_router().connect()
    play.pbx.trunks["telekom"].silent = False
    play.run(300)
    [outage] = told(journal(play))
    assert outage.found
    assert outage.ending is Ending.SEEN


def test_a_clock_set_back_in_its_midst_is_told_and_makes_no_negative_time() -> None:
    lines = journal(silent(at_peace(), 600).run(300))
    down = next(place for place, line in enumerate(lines) if line.data.get("to") == "down")
    [outage] = told(set_back(lines, down + 1, 7200))
    assert outage.set_back
    assert outage.ending is Ending.SEEN
    assert outage.seconds(MORNING) == 0.0
    assert not told(lines)[0].set_back


def test_a_line_that_got_lost_makes_no_outage_without_an_end() -> None:
    lines = journal(silent(silent(at_peace(), 60).run(300), 60).run(600))
    lost = next(line for line in lines if line.data.get("from") == "recovering")
    first, second = told([line for line in lines if line is not lost])
    assert (first.ending, first.ended) == (Ending.UNSEEN, second.began)
    assert second.ending is Ending.SEEN


def test_office_phones_that_are_gone_are_an_outage_of_their_own_kind() -> None:
    play = at_peace(phones=("PJSIP/20",))
    play.phone("PJSIP/20", "UNAVAILABLE").run(120)
    play.phone("PJSIP/20", "NOT_INUSE").run(120)
    [outage] = told(journal(play))
    assert (outage.what, outage.subject, outage.whose) == (What.PHONES, NUMBER, "phones")
    assert outage.ending is Ending.SEEN


def test_a_number_that_fails_alone_is_an_outage_of_its_own_kind_with_its_own_blame() -> None:
    play = at_peace()
    for _ in range(3):
        play.call_fails("telekom", "503", number=NUMBER)
        play.call_goes_through("telekom", number=GSM_NUMBER)
    play.run(30)
    outages = told(journal(play))
    assert [(one.what, one.subject) for one in outages] == [(What.NUMBER, NUMBER)]
    assert outages[0].whose == "one_number"


def line(place: int, seconds: float, kind: str, text: Sentence, trunk: str | None = None, **data: object) -> Line:
    return Line(place, MORNING + timedelta(seconds=seconds), kind, text, trunk, data=data)


def moved(place: int, seconds: float, came: str, to: str, trunk: str = "telekom") -> Line:
    return line(place, seconds, "transition", say("…", trunk=trunk), trunk, **{"from": came, "to": to})


def start(place: int, seconds: float, down: str = "") -> Line:
    return line(place, seconds, "pbx", say("Asterisk is in sight."), sight="seen", down=down, alone="", away="")


def test_one_line_for_a_common_reason_blames_all_that_are_down_and_a_carriers_only_its_own() -> None:
    both = [moved(1, 0, "up", "down"), moved(2, 0, "up", "down", "gsm")]
    common = say("Our own internet connection is dead, and {trunks} go over it.", trunks="Telekom and GSM")
    shared = told([*both, line(3, 1, "blame", common, "telekom", whose="own_internet")])
    assert [one.whose for one in shared] == ["own_internet", "own_internet"]
    carrier = say("The carrier: {trunk} does not answer, though our internet works.", trunk="Telekom")
    single = told([*both, line(3, 1, "blame", carrier, "telekom", whose="carrier_silent")])
    assert [one.whose for one in single] == ["carrier_silent", ""]
    target = say("{target} cannot be reached, though trunks to the outside answer.", target="tcp:x:1")
    assert [one.whose for one in told([*both, line(3, 1, "blame", target)])] == ["", ""]


def test_down_again_long_after_a_start_that_found_it_over_is_another_outage() -> None:
    lines = [moved(1, 0, "up", "down"), start(2, 60)]
    [at_once] = told([*lines, moved(3, 70, "unknown", "down")])
    assert at_once.open
    first, second = told([*lines, moved(3, 60 + 601, "unknown", "down")])
    assert (first.ending, first.ended) == (Ending.UNSEEN, lines[1].at)
    assert second.open


def test_found_down_by_a_start_long_after_one_that_found_it_over_is_another_outage() -> None:
    lines = [moved(1, 0, "up", "down"), start(2, 60)]
    [at_once] = told([*lines, start(3, 70, "telekom")])
    assert at_once.open
    first, second = told([*lines, start(3, 60 + 601, "telekom")])
    assert (first.ending, first.ended) == (Ending.UNSEEN, lines[1].at)
    assert (second.open, second.found, second.began) == (True, True, MORNING + timedelta(seconds=661))


# --- One outage in full. ----------------------------------------------------------------------------------------------


def test_its_story_has_both_switches_verified_and_counted_from_the_verdict() -> None:
    play = silent(at_peace(), 600).run(300)
    lines = journal(play)
    [outage] = told(lines)
    found = story(outage, [line for line in lines if line.id >= outage.id], (), (NUMBER,), MORNING)
    assert [step.state for step in found.steps] == ["failing", "down", "recovering", "up"]
    assert [(switch.verified, switch.after is not None and switch.after < 1) for switch in found.switches] == [
        (True, True), (True, True),
    ]  # fmt: skip
    assert [line.at for line in lines[4:] if line.kind == "switch"] == [switch.line.at for switch in found.switches]
    assert len(found.blames) == 1


def test_an_outage_whose_first_lines_are_no_longer_kept_is_not_drawn_as_unsteady_all_along() -> None:
    play = silent(at_peace(), 600).run(300)
    lines = journal(play)
    [outage] = told(lines)
    left = [line for line in lines if line.at > (outage.down or MORNING)]
    steps = story(outage, left, (), (NUMBER,), MORNING).steps
    assert [(step.state, step.at) for step in steps[:2]] == [("failing", outage.began), ("down", outage.down)]
    assert [step.state for step in steps[2:]] == ["recovering", "up"]
    nothing = story(replace(outage, ended=None, ending=Ending.OPEN), [], (), (NUMBER,), MORNING).steps
    assert nothing == steps[:2]
    at_once = an_outage(MORNING, None)
    assert [step.state for step in story(at_once, [], (), (NUMBER,), MORNING).steps] == ["down"]


def test_orders_during_it_belong_to_it_and_later_ones_do_not() -> None:
    play = at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    play.order(Mode.OFFICE)
    play.run(60)
    play.pbx.trunks["telekom"].silent = False
    play.run(300)
    play.order(Mode.AUTO)
    lines = journal(play)
    [outage] = told(lines)
    found = story(outage, lines, (), (NUMBER,), MORNING)
    assert [line.data["mode"] for line in found.orders] == ["office"]


def an_outage(began: datetime, ended: datetime | None, **others: object) -> Outage:
    made = {"id": 1, "what": What.TRUNK, "subject": "telekom", "label": "Telekom", "last": 9, "down": began} | others
    ending = Ending.SEEN if ended else Ending.OPEN
    return Outage(began=began, ended=ended, ending=ending, **made)  # type: ignore[arg-type]


def test_calls_of_its_time_to_its_numbers_are_counted_by_what_became_of_them() -> None:
    began, ended = MORNING, MORNING + timedelta(minutes=30)
    kinds = [(call(id=f"{n}.1", by=by, end=end), at) for n, (by, end, at) in enumerate((
        ("+4917112345678", "", 60), ("", "nobody", 61), ("", "", 62), ("PJSIP/20", "", 63), ("", "loop", 64),
        ("+4917112345678", "", -1), ("", "nobody", 1801),
    ))]  # fmt: skip
    calls = [replace(one, began=began + timedelta(seconds=at), number=NUMBER) for one, at in kinds]
    foreign = replace(calls[0], id="9.9", number=GSM_NUMBER)
    found = story(an_outage(began, ended), (), [*calls, foreign], (NUMBER,), MORNING)
    assert [one.id for one in found.calls] == ["0.1", "1.1", "2.1", "3.1"]
    counted = tally(((one.number, one.outcome, one.by, 1) for one in found.calls), (NUMBER,))
    assert counted.numbers == {NUMBER: Count(saved=1, lost=2, office=1)}
    assert counted.whole.all == 4


def test_a_trunk_takes_its_own_numbers_and_the_pbx_all_of_them() -> None:
    about = site()
    outage = an_outage(MORNING, None)
    assert numbers_of(outage, about) == (NUMBER,)
    assert numbers_of(an_outage(MORNING, None, what=What.PBX, subject=""), about) == (NUMBER, GSM_NUMBER)
    assert numbers_of(an_outage(MORNING, None, what=What.PHONES, subject=GSM_NUMBER), about) == (GSM_NUMBER,)


# --- Sums. ------------------------------------------------------------------------------------------------------------


def test_months_are_those_of_the_offices_calendar_and_a_change_of_the_clocks_is_in_them() -> None:
    now = datetime(2025, 11, 1, 11, 0, tzinfo=UTC)
    found = list(months(datetime(2025, 9, 15, tzinfo=UTC), now, BERLIN))
    assert [begin.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M") for begin, _ in found] == [
        "2025-11-01 00:00", "2025-10-01 00:00", "2025-09-15 02:00",
    ]  # fmt: skip
    assert (found[1][1] - found[1][0]).total_seconds() == (31 * 24 + 1) * 3600
    assert found[0][1] == now


def test_an_outage_over_the_turn_of_the_month_is_counted_once_and_its_time_in_both() -> None:
    turn = datetime(2025, 10, 31, 23, 0, tzinfo=UTC)
    outage = an_outage(turn - timedelta(hours=2), turn + timedelta(hours=1))
    now = turn + timedelta(days=1)
    november, october = sums([outage], [("telekom", "Telekom")], turn - timedelta(days=10), now, BERLIN)
    assert (november.count, november.down) == (0, 3600)
    assert (october.count, october.down) == (1, 7200)
    assert november.availability == 1 - 1 / 24
    assert (october.year, october.month, october.span) == (2025, 10, 10 * 86400)
