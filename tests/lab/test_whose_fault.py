"""Whose fault it is, on a real Asterisk: where its trunks lead, and what a look around finds beside them.

On loopback the line itself cannot be cut; that is done in network namespaces elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from tests.lab.lab import Lab
from tests.lab.router import trunk
from tests.lab.running import QUICK, running


async def test_the_carrier_is_blamed_while_a_target_answers_and_our_own_line_while_none_does(
    lab: Lab, tmp_path: Path
) -> None:
    target, port = f"127.0.{lab.net}.70", 4433
    web = await asyncio.start_server(lambda reader, writer: writer.close(), target, port)
    probes = {"internet": {"probes": [f"tcp:{target}:{port}"]}}
    async with web, running(lab, tmp_path, lambda settings: settings.update(probes), **QUICK) as product:
        said = await product.status()
        assert (said["fault"], trunk(said, "telekom")["fault"]) == (None, None)
        with lab.telekom.silent():
            said = await product.wait_for(lambda s: trunk(s, "telekom")["state"] == "down")
            fault = trunk(said, "telekom")["fault"]
            assert (fault["whose"], fault["text"]) == (
                "carrier_silent", "The carrier: Telekom does not answer, though our internet works."
            )  # fmt: skip
            evidence = " ".join(piece["text"] for piece in fault["evidence"])
            assert f"Telekom at 127.0.{lab.net}." in evidence
            assert "has left every probe (SIP OPTIONS) unanswered since" in evidence
            assert f"tcp:{target}:{port} at {target} took our connection" in evidence
            assert said["fault"] == fault
        web.close()
        await product.wait_for(lambda s: trunk(s, "telekom")["fault"] is None)
        with deaf(target, port), lab.telekom.silent(), lab.zweit.silent(), lab.gsm.silent():
            said = await product.wait_for(lambda s: (s["fault"] or {}).get("whose") == "own_internet")
            assert said["fault"]["text"].startswith("Our own internet connection")
            await product.wait_for(lambda s: all(known["state"] == "down" for known in s["trunks"]))
        answer = await product.request("GET", "log")
        lines = [line["text"] for line in answer.json()["lines"] if line["kind"] == "blame"]
        assert len([text for text in lines if text.startswith("The carrier:")]) == 1
        assert any(text.startswith("Our own internet connection") for text in lines)


@contextlib.contextmanager
def deaf(host: str, port: int) -> Iterator[None]:
    """A listener whose queue is full: connections get no answer at all. A refusal would be one."""
    with socket.create_server((host, port), backlog=0), socket.create_connection((host, port)):
        yield
