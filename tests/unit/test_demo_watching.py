"""The demo's terminal tells what the router's journal says, and outlives a journal that does not answer at once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from demo.watching import Watching
from router.state import TOKEN_FILE
from tests.unit.test_settings import MINIMAL, loaded

LATE = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
LINES = json.dumps({"lines": [{"id": 2, "text": "Zweit answers."}, {"id": 1, "text": "Telekom answers."}]}).encode()
TOLD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(LINES), LINES)


async def test_a_journal_that_answers_late_is_asked_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers, told_twice = [LATE, TOLD, LATE, TOLD], asyncio.Event()

    async def journal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        await reader.readuntil(b"\r\n\r\n")
        told_twice.set()
        writer.close()

    async with await asyncio.start_server(journal, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        place = (
            f'[panel]\nlisten = "127.0.0.1:{port}"\n[database]\nurl = "sqlite+aiosqlite:///{tmp_path}/failover.db"\n'
        )
        (tmp_path / TOKEN_FILE).write_text("a-token")
        async with asyncio.timeout(20):
            await Watching(loaded(tmp_path, MINIMAL + place)).tell_of_events()  # until the router ends
            await told_twice.wait()
    words = [line.partition("Router")[2].strip() for line in capsys.readouterr().out.splitlines()]
    assert words == ["Telekom answers.", "Zweit answers."]
