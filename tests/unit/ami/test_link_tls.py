"""The link over TLS, with certificates made for the test."""

import asyncio
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.fake_ami import FakeAmi
from tests.contract.running_link import QUICK, RunningLink

PATIENT = replace(QUICK, connect=3.0)


class Certificate:
    """Self-signed, for one address."""

    def __init__(self, directory: Path, address: str) -> None:
        self.file, key = directory / f"{address}.pem", directory / f"{address}.key"
        subject = ["-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}"]
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        command = ["openssl", "req", "-x509", *curve, "-keyout", str(key), "-out", str(self.file), *subject]
        subprocess.run(command, check=True, capture_output=True)
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(self.file, key)

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1")


async def test_actions_and_events_flow_over_verified_tls(certificate: Certificate) -> None:
    async with (
        FakeAmi(tls=certificate.server) as pbx,
        RunningLink(pbx.port, tls=certificate.trusted(), deadlines=PATIENT) as running,
    ):
        await running.ready()
        assert (await running.link.act("Ping"))["Ping"] == "Pong"
        pbx.session.transport.abort()
        await running.lost()
        await running.ready()


async def test_a_certificate_nobody_vouches_for_ends_it_before_the_login(certificate: Certificate) -> None:
    async with (
        FakeAmi(tls=certificate.server) as pbx,
        RunningLink(pbx.port, tls=ssl.create_default_context(), deadlines=PATIENT) as running,
    ):
        assert await running.down() == "TLS certificate not accepted: self-signed certificate"
        assert pbx.logins == []


async def test_a_trusted_certificate_of_another_host_is_not_accepted(tmp_path: Path) -> None:
    other = Certificate(tmp_path, "127.0.0.9")
    async with (
        FakeAmi(tls=other.server) as pbx,
        RunningLink(pbx.port, tls=other.trusted(), deadlines=PATIENT) as running,
    ):
        assert "IP address mismatch" in await running.down()
        assert pbx.logins == []


async def test_an_asterisk_without_tls_is_told_apart(certificate: Certificate) -> None:
    async with (
        FakeAmi() as pbx,
        RunningLink(pbx.port, tls=certificate.trusted(), deadlines=PATIENT) as running,
    ):
        assert (await running.down()).startswith("TLS failed")
        assert pbx.received == []


@pytest.mark.parametrize("ended_by", ["its deadline", "a stop"])
async def test_a_handshake_that_is_never_answered_leaves_no_socket(certificate: Certificate, ended_by: str) -> None:
    tasks = asyncio.all_tasks()
    async with FakeAmi() as pbx:
        pbx.greeting = b""
        deadlines = PATIENT if ended_by == "a stop" else QUICK
        async with RunningLink(pbx.port, tls=certificate.trusted(), deadlines=deadlines) as running:
            await pbx.until(lambda: pbx.sessions and pbx.session.segments)
            if ended_by == "its deadline":
                await running.until(lambda: running.link.reason == "no answer within 0.3 s")
            await running.stop()
            for session in pbx.sessions:
                await asyncio.wait_for(session.gone.wait(), 1)
        assert asyncio.all_tasks() == tasks


async def test_a_frozen_tls_peer_is_found_and_left_like_any_other(certificate: Certificate) -> None:
    async with (
        FakeAmi(tls=certificate.server) as pbx,
        RunningLink(pbx.port, tls=certificate.trusted(), deadlines=replace(PATIENT, ping=0.3)) as running,
    ):
        await running.ready()
        lost = asyncio.create_task(running.lost())
        pbx.freeze()
        assert await lost == "no answer to the heartbeat for 0.3 s"
        pbx.thaw()
        await running.ready()
