"""Why Asterisk is out of sight, as staff read it: every way to lose it has its sentence, without technical detail."""

import asyncio
import re
import socket
import ssl
from pathlib import Path

import pytest

import router.ami
from router.ami import loss
from router.ami.connection import _in_plain_words
from router.ami.wire import AmiRefused
from tests.contract.fake_ami import FakeAmi, silence
from tests.contract.running_link import RunningLink

SOURCES = ("link.py", "connection.py", "framing.py")


def told(reason: str) -> str:
    return str(loss.in_words(reason))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "its host is there, but does not answer."),
        (ConnectionRefusedError(111, "refused"), "nothing answers at its address; is Asterisk running?"),
        (socket.gaierror(-2, "unknown"), "the name of its host is not known."),
        (OSError(113, "no route"), "there is no way to its host; is the network down?"),
        (ssl.SSLCertVerificationError(1, "self-signed"), "its TLS certificate is not accepted."),
        (ssl.SSLError(1, "wrong version"), "no encrypted connection (TLS) comes about."),
        (OSError(24, "Too many open files"), "no connection comes about; the router's log tells why."),
    ],
)
def test_what_the_system_says_becomes_a_sentence(error: Exception, said: str) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    elif isinstance(error, ssl.SSLError):
        error.reason = "WRONG_VERSION_NUMBER"
    assert told(_in_plain_words(error, 2.0)) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("no answer to the heartbeat for 2 s", "it has stopped answering."),
        ("no answer to DBPut: no answer to the heartbeat for 2 s", "it has stopped answering."),
        ("no answer to DBPut within 2 s", "it gave no answer in time."),
        ("no answer to Login within 2 s", "its host is there, but does not answer."),
        ("during the login: Asterisk closed the connection", "the connection broke off."),
        ("could not read what Asterisk has within 10 s", "it does not tell its state in time."),
        (
            f"could not read what Asterisk has: {AmiRefused('CoreSettings', 'Permission denied')}",
            "it refused what we asked for; our account may lack a right.",
        ),
    ],
)
def test_what_the_link_says_becomes_a_sentence(reason: str, said: str) -> None:
    assert told(reason) == said


def test_every_reason_that_the_link_gives_has_a_sentence_of_its_own() -> None:
    text = "".join((Path(router.ami.__file__).parent / name).read_text() for name in SOURCES)
    given = re.findall(r'(?:\.fail\(|AmiDown\(|AmiError\(|return )f?"([^"\n]+)"', text)
    without = {
        "during the login: {connection.reason}",
        "given up",
        "closed by the router",
        "no connection to Asterisk: {self.reason}",
        "cannot connect: {error}",
    }
    assert len(given) > 12
    assert {reason for reason in given if loss.in_words(reason) is loss._ELSE} - without == set()


async def test_seen_on_the_wire() -> None:
    async with FakeAmi() as pbx, RunningLink(pbx.port) as running:
        await running.ready()
        pbx.freeze()
        assert told(await running.lost()) == "it has stopped answering."
        pbx.thaw()
        await running.ready()
        pbx.session.cut()
        assert told(await running.lost()) == "the connection broke off."
    async with RunningLink(pbx.port) as running:
        assert told(await running.down()) == "nothing answers at its address; is Asterisk running?"


async def test_a_web_server_at_that_port_is_told() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server, RunningLink(server.sockets[0].getsockname()[1]) as running:
        assert told(await running.down()) == "what answers at its address is not Asterisk's manager interface."


async def test_a_login_that_nobody_answers_is_told() -> None:
    async with FakeAmi() as pbx:
        pbx.answer = silence  # type: ignore[method-assign]
        async with RunningLink(pbx.port) as running:
            assert told(await running.down()) == "its host is there, but does not answer."
