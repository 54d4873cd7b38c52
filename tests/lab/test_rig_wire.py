"""The rig's wire to AMI, which can be cut, stalled, or die unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.lab.ami_relay import AmiRelay
from tests.lab.lab import Lab


@pytest.fixture
def wire(lab: Lab) -> Iterator[AmiRelay]:
    relay = AmiRelay(f"127.0.{lab.net}.70", lab.office.address)
    relay.start()
    yield relay
    relay.stop()


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def _connected(wire: AmiRelay) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(wire.address, 5038)
    try:
        yield reader, writer
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def _logged_in(wire: AmiRelay, lab: Lab) -> AsyncIterator[Line]:
    async with _connected(wire) as (reader, writer):
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"Asterisk Call Manager")
        login = f"Action: Login\r\nUsername: failover\r\nSecret: {lab.office.ami_secret}\r\nEvents: off\r\n\r\n"
        writer.write(login.encode())
        assert b"Success" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 2)
        yield reader, writer


async def _ping(line: Line, within: float = 2) -> bytes:
    line[1].write(b"Action: Ping\r\n\r\n")
    return await asyncio.wait_for(line[0].readuntil(b"\r\n\r\n"), within)


async def test_the_wire_counts_what_passes_and_tells_no_secret(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as line:
        assert b"Pong" in await _ping(line)
    assert [a.kind for a in wire.actions()] == ["Login", "Ping"]
    assert "Secret" not in wire.actions("Login")[0].fields


async def test_a_cut_wire_is_reset_and_takes_new_connections(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as (reader, _):
        wire.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 2)
    async with _logged_in(wire, lab) as line:
        assert b"Pong" in await _ping(line)


async def test_a_half_open_wire_swallows_everything_and_new_connections_hear_nothing(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as old:
        with wire.half_open():
            with pytest.raises(TimeoutError):
                await _ping(old, within=0.3)
            async with _connected(wire) as (reader, _):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.3)
        with pytest.raises(TimeoutError):
            await _ping(old, within=0.3)
        assert wire.actions("Ping") == []
        async with _logged_in(wire, lab) as line:
            assert b"Pong" in await _ping(line)


async def test_a_hiccup_of_the_wire_loses_nothing(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as line:
        with wire.stalled(), pytest.raises(TimeoutError):
            await _ping(line, within=0.3)
        assert b"Pong" in await asyncio.wait_for(line[0].readuntil(b"\r\n\r\n"), 2)
        begun = time.monotonic()
        hiccup = asyncio.create_task(wire.hiccup(0.5))
        await asyncio.sleep(0)
        assert b"Pong" in await _ping(line)
        assert 0.4 < time.monotonic() - begun < 1.5
        await hiccup


async def test_a_refusing_wire_resets_every_connection(lab: Lab, wire: AmiRelay) -> None:
    with wire.refusing(), pytest.raises(ConnectionResetError):  # at the connect, or right after it
        async with _connected(wire) as (reader, _):
            await asyncio.wait_for(reader.read(1), 2)
    async with _logged_in(wire, lab) as line:
        assert b"Pong" in await _ping(line)
