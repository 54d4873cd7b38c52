"""What Asterisk 22 says of the legs of a call, as recorded in the lab, and what a caller could put into it."""

from __future__ import annotations

import pytest

from router.ami.legs import Named, is_leg, leg
from router.ami.translate import Names, signal
from router.ami.wire import Message
from router.core.signals import CallFailed, CallWentThrough, LegBegan, LegEnded, LegSpoke
from tests.unit.core.offices import site

NAMES = Names.of(site())
CHANNEL = "PJSIP/telekom-0000000c"
DIAL = {
    "Channel": "PJSIP/20-00000009", "ChannelStateDesc": "Ring", "CallerIDNum": "20", "Context": "failover-dial",
    "Exten": "s", "Uniqueid": "office-1795352153.29", "DestChannel": CHANNEL, "DestContext": "failover-inbound",
    "DestUniqueid": "office-1795352153.30",
}  # fmt: skip


def event(name: str, **headers: str | tuple[str, ...]) -> Message:
    return Message({"Event": name, "Privilege": "call,all", **DIAL, **headers})


def begin(**headers: str | tuple[str, ...]) -> Message:
    return event("DialBegin", **{"DialString": "+4930777@telekom", **headers})


def test_a_leg_begins_with_what_is_dialled_and_who_wants_to_be_connected() -> None:
    assert leg(begin(), NAMES) == LegBegan(CHANNEL, "telekom", "+4930777@telekom", "office-1795352153.29")


@pytest.mark.parametrize("status", ["RINGING", "PROGRESS", "PROCEEDING"])
def test_a_leg_speaks(status: str) -> None:
    assert leg(event("DialState", DialStatus=status), NAMES) == LegSpoke(CHANNEL)


@pytest.mark.parametrize("status", ["ANSWER", "NOANSWER", "CANCEL", "CHANUNAVAIL", "CONGESTION"])
def test_a_leg_ends(status: str) -> None:
    assert leg(event("DialEnd", DialStatus=status), NAMES) == LegEnded(CHANNEL)


def test_the_end_of_its_channel_is_the_end_of_a_leg() -> None:
    gone = Message({"Event": "Hangup", "Channel": CHANNEL, "Uniqueid": "office-1795352153.30", "Cause": "38"})
    assert leg(gone, NAMES) == LegEnded(CHANNEL)
    assert leg(Message({"Event": "Hangup", "Channel": "PJSIP/20-00000009"}), NAMES) is None


def test_ringing_is_a_call_that_goes_through_as_before() -> None:
    assert signal(event("DialState", DialStatus="RINGING"), NAMES) == CallWentThrough("telekom", inbound=False)
    assert signal(event("DialState", DialStatus="PROCEEDING"), NAMES) is None


@pytest.mark.parametrize("channel", ["PJSIP/20-00000007", "Local/112@failover-outbound-00000003;1", "", "telekom"])
def test_a_leg_to_a_phone_or_within_the_pbx_is_none(channel: str) -> None:
    assert leg(begin(DestChannel=channel), NAMES) is None


@pytest.mark.parametrize("context", ["office-phones", "from-internal", ""])
def test_a_leg_of_the_offices_own_dialplan_is_not_ours_to_move(context: str) -> None:
    """Nobody knows what it does when its Dial() returns."""
    assert leg(begin(Context=context), NAMES) is None


@pytest.mark.parametrize(
    "twice", ["Event", "DestChannel", "Uniqueid", "Context", "DialString", "DialStatus", "Channel"]
)
def test_a_header_that_a_caller_put_in_a_second_time_makes_the_event_void(twice: str) -> None:
    first = begin(DialStatus="RINGING").get(twice, "")
    assert leg(begin(**{twice: ("PJSIP/telekom-00000001", first)}), NAMES) is None


def test_a_failed_leg_names_the_caller_so_that_one_that_we_ended_can_be_told_apart() -> None:
    failed = Message({
        "Event": "UserEvent", "Channel": "PJSIP/20-00000009", "Uniqueid": "office-1795352153.29",
        "UserEvent": "FailoverLeg", "Trunk": "telekom", "Ended": "silence", "Means": "fault",
    })  # fmt: skip
    assert signal(failed, NAMES) == CallFailed("telekom", "silence", "office-1795352153.29")


@pytest.mark.parametrize(
    "channel", ["/^PJSIP/telekom-.*/", "PJSIP/telekom-.*", "PJSIP/telekom-", "PJSIP/gsm-00000001", "PJSIP/telekom",
                "PJSIP/telekom-00000001,all", "all", ""],
)  # fmt: skip
def test_only_the_exact_channel_of_that_trunk_is_a_leg_of_it(channel: str) -> None:
    assert is_leg(CHANNEL, "telekom", NAMES)
    assert not is_leg(channel, "telekom", NAMES)


def named(**headers: str | tuple[str, ...]) -> Message:
    """What our dialplan says before it dials."""
    told = {"UserEvent": "FailoverName", "Trunk": "telekom", "To": "+4930777", "Number": "+4930123456", **headers}
    return Message({"Event": "UserEvent", "Channel": "PJSIP/20-00000009", "Uniqueid": DIAL["Uniqueid"], **told})


def through(message: Message) -> CallWentThrough:
    said = signal(message, NAMES)
    assert isinstance(said, CallWentThrough)
    return said


RINGS = event("DialState", DialStatus="RINGING")


def test_a_call_that_goes_through_bears_the_name_that_the_dialplan_told() -> None:
    names = Named()
    assert names.add(through(RINGS), RINGS).number is None
    names.told(named())
    assert names.add(through(RINGS), RINGS) == CallWentThrough("telekom", False, "+4930123456", "+4930777")


def test_the_next_leg_of_a_call_has_the_name_of_its_own_trunk_or_none() -> None:
    names = Named()
    names.told(named())
    names.told(named(Trunk="gsm"))
    assert names.add(through(RINGS), RINGS).number is None


@pytest.mark.parametrize("name", ["Number", "Trunk", "To", "Uniqueid", "UserEvent"])
def test_a_name_that_a_stranger_may_have_written_is_none(name: str) -> None:
    names = Named()
    names.told(named(**{name: ("+4930123456", "+4930999999")}))
    assert names.add(through(RINGS), RINGS).number is None


def test_what_an_inbound_call_was_for_is_told_by_its_own_event() -> None:
    names = Named()
    names.told(named())
    said = CallWentThrough("telekom", inbound=True, number="+4930999999")
    assert names.add(said, RINGS) == said


def test_the_oldest_names_are_forgotten() -> None:
    names = Named()
    names.told(named())
    for serial in range(Named.MOST):
        names.told(named(Uniqueid=f"1.{serial}"))
    assert names.add(through(RINGS), RINGS).number is None


def test_a_failed_call_bears_its_name() -> None:
    told = {"UserEvent": "FailoverLeg", "Trunk": "telekom", "Ended": "403", "Means": "fault", "Number": "+4930123456"}
    said = signal(Message({"Event": "UserEvent", "Uniqueid": "1.1", "To": "+49900111", **told}), NAMES)
    assert said == CallFailed("telekom", "403", "1.1", "+4930123456", "+49900111")
