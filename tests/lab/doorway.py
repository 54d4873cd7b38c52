"""A way from the host into a namespace: whoever connects to the same address here is connected to it there."""

from __future__ import annotations

import asyncio
import contextlib

from tests.lab import backstage
from tests.lab.place import HERE, Place


class Doorway:
    """Open from its making to `close`."""

    def __init__(self, place: Place, address: str, port: str) -> None:
        self._place, self._address, self._port = place, address, int(port)
        self._ways: set[asyncio.Task[None]] = set()
        self._server = backstage.run(HERE.listening(self._entered, address, int(port)))

    def close(self) -> None:
        def closed() -> None:
            self._server.close()
            for way in self._ways:
                way.cancel()

        backstage.call(closed)

    async def _entered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, there = await self._place.connected(self._address, self._port)
        except OSError:
            writer.transport.abort()
            return
        for source, sink in ((reader, there), (answers, writer)):
            way = asyncio.create_task(_pass(source, sink))
            self._ways.add(way)
            way.add_done_callback(self._ways.discard)


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()
