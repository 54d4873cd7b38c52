import pytest

from router.ami.framing import MAX_MESSAGE_BYTES, Framing
from router.ami.wire import AmiError, AmiUnsendable, Message, check_action, redact

GREETING = b"Asterisk Call Manager/11.0.0\r\n"


@pytest.mark.parametrize("value", ["1\r\nAction: Originate", "1\nAction: Originate", "1\r", "1\0"])
def test_a_value_cannot_become_a_second_line(value: str) -> None:
    with pytest.raises(AmiUnsendable, match="Val of DBPut contains a line break or NUL"):
        check_action("DBPut", {"Val": value})
    with pytest.raises(AmiUnsendable):
        check_action("Setvar", {"Variable": ["fine=1", value]})


@pytest.mark.parametrize(
    "name", ["Val: 1\r\nX", "Va l", "Val:", "", "1Val", "Välue", "Val\n", "Action", "actionid", "CommandID"]
)
def test_a_header_name_is_a_plain_word_and_none_of_the_links_own(name: str) -> None:
    with pytest.raises(AmiUnsendable, match="may not be an AMI header"):
        check_action("DBPut", {name: "1"})


@pytest.mark.parametrize("name", ["", "DB Put", "DBPut\r\nX: y", "DBPut\n"])
def test_an_action_name_is_a_plain_word(name: str) -> None:
    with pytest.raises(AmiUnsendable, match="not the name of an AMI action"):
        check_action(name)


def test_a_line_may_hold_1022_bytes_and_no_more() -> None:
    fits = "ü" * ((1022 - len("Val: ")) // 2)  # two bytes each
    assert check_action("DBPut", {"Val": fits})["Val"] == fits
    with pytest.raises(AmiUnsendable, match="a line of 1023 bytes"):
        check_action("DBPut", {"Val": fits + "xx"})


def test_at_most_120_headers_count_and_each_value_of_a_repeated_one_is_a_header() -> None:
    assert check_action("Originate", {"Variable": ["a=1"] * 118})
    with pytest.raises(AmiUnsendable, match="121 AMI headers"):
        check_action("Originate", {"Variable": ["a=1"] * 119})


def test_what_cannot_be_encoded_is_refused_without_quoting_it() -> None:
    with pytest.raises(AmiUnsendable) as refused:
        check_action("Login", {"Secret": "hunter2\ud800"})
    assert "hunter2" not in str(refused.value)


def test_headers_are_found_in_any_case_and_the_first_of_several_counts() -> None:
    message = Message({"Event": ["UserEvent", "FullyBooted"], "ChanVariable": ["a=1", "b=2"], "Empty": ""})
    assert message["event"] == "UserEvent"
    assert message.all("CHANVARIABLE") == ("a=1", "b=2")
    assert (message.all("Event"), message.all("Empty"), message.all("none")) == (
        ("UserEvent", "FullyBooted"),
        ("",),
        (),
    )
    assert dict(message) == {"Event": "UserEvent", "ChanVariable": "a=1", "Empty": ""}
    assert Message({"Event": "UserEvent", "EVENT": "Reload"})["event"] == "UserEvent"
    assert "chanvariable" in message
    assert message.get("none", "?") == "?"


def test_a_message_is_immutable_and_its_repr_keeps_secrets() -> None:
    message = Message({"Event": "AuthDetail", "Password": "hunter2", "Md5Cred": "hunter2", "Username": "office"})
    with pytest.raises(TypeError):
        message["Event"] = "x"  # type: ignore[index]
    assert "office" in repr(message)
    assert "hunter2" not in repr(message)


@pytest.mark.parametrize("line", ["Secret: hunter2", "{'Action': 'Login', 'Secret': 'hunter2'}", "password=hunter2"])
def test_a_secret_is_cut_out_of_a_log_line(line: str) -> None:
    assert "hunter2" not in redact(line)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_messages_come_whole_however_tcp_cuts_them(size: int) -> None:
    stream = (
        GREETING + "Event: A\r\nName: Müller 日本 \U0001f4de\r\n\r\nEvent: B\r\nLast: \r\n\r\nEvent: C\r\n".encode()
    )
    framing, whole = Framing(), []
    for start in range(0, len(stream), size):
        whole += framing.feed(stream[start : start + size])
    assert whole == ["Event: A\r\nName: Müller 日本 \U0001f4de", "Event: B\r\nLast: "]
    assert framing.version == "11.0.0"


def test_bytes_that_are_no_utf8_are_shown_as_such_not_left_out() -> None:
    framing = Framing()
    assert framing.feed(GREETING + b"Event: A\r\nName: M\xfcller\r\n\r\n") == ["Event: A\r\nName: M\ufffdller"]


@pytest.mark.parametrize(
    "start", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\r\n", b"HTTP/1.1 400 Bad", b"Asterisk Call Manager/" + b"1" * 300]
)
def test_a_peer_that_is_no_ami_is_found_out_by_its_first_line(start: bytes) -> None:
    with pytest.raises(AmiError, match="not Asterisk's manager interface"):
        Framing().feed(start)


def test_a_message_without_end_is_given_up_at_its_limit() -> None:
    framing = Framing()
    framing.feed(GREETING)
    with pytest.raises(AmiError, match="more than"):
        for _ in range(MAX_MESSAGE_BYTES // 65536 + 1):
            framing.feed(b"x" * 65536)


def test_a_message_just_over_the_limit_is_not_let_through_by_ending() -> None:
    framing = Framing()
    framing.feed(GREETING)
    with pytest.raises(AmiError, match="more than"):
        framing.feed(b"x" * (MAX_MESSAGE_BYTES + 1) + b"\r\n\r\n")
