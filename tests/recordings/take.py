"""Takes the recordings: a real lab, faults as verbs, and what the router's AMI account gets to hear of them.

    python -m tests.recordings.take forky|bullseye [SITUATION …]

As root, some six minutes for all of one suite. The recorder logs in with the router's own account, sets the router's
own filters, lists what the router lists, and writes down every message as it came: nothing is left out or changed.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from router.ami.pbx import _FORGED, _HEEDED
from router.ami.unprobed import filters
from router.settings import load
from router.site_of import site_of
from tests.lab import chroot
from tests.lab.iax2 import Iax2Carrier
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router

HERE = Path(__file__).parent
VERSIONS = {"forky": "22", "bullseye": "16"}
LISTED = (
    "PJSIPShowRegistrationsOutbound", "IAXpeerlist", "IAXregistry", "Getvar|Variable: DEVICE_STATE(PJSIP/20)",
    "Getvar|Variable: DEVICE_STATE(IAX2/iax)", "Getvar|Variable: DEVICE_STATE(PJSIP/none)",
)  # fmt: skip


class Recorder:
    """One connection after the other to the office's Asterisk, and everything that comes over them."""

    def __init__(self, lab: Lab, wanted: list[str]) -> None:
        self._lab, self._wanted = lab, wanted
        self._begun = time.monotonic()
        self._blocks: list[str] = []
        self._writer: asyncio.StreamWriter | None = None
        self._up = asyncio.Event()

    def note(self, text: str) -> None:
        self._keep("NOTE " + text, "")

    def _keep(self, head: str, text: str) -> None:
        self._blocks.append(f"@{time.monotonic() - self._begun:.2f} {head}\n{text}".rstrip("\n"))

    def text(self, heading: str) -> str:
        return heading + "\n\n" + "\n\n".join(self._blocks) + "\n"

    def forget(self) -> None:
        self._blocks.clear()
        self._begun = time.monotonic()

    async def follow(self) -> None:
        """Until cancelled; a lost connection is made anew, as the router does."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._connection()
            if self._up.is_set():
                self.note("the connection is lost")
            self._up.clear()
            await asyncio.sleep(0.2)

    async def _connection(self) -> None:
        reader, self._writer = await asyncio.open_connection(self._lab.office.address, 5038)
        try:
            await reader.readline()
            self._send(f"Login|Username: failover|Secret: {self._lab.office.ami_secret}|Events: on")
            for wanted in self._wanted:
                self._send(f"Filter|Operation: Add|Filter: {wanted}", separator="|", parts=3)
            self._up.set()
            self.note("logged in")
            while True:
                message = (await reader.readuntil(b"\r\n\r\n")).decode()
                self._heard(message.strip("\r\n").replace("\r\n", "\n"))
        finally:
            self._writer.close()

    def _heard(self, text: str) -> None:
        if "ActionID: listing" in text:
            return self._keep("LISTING", text)
        if text.startswith("Event: "):
            return self._keep("EVENT", text)
        return None  # answers to the login and the filters

    def _send(self, action: str, separator: str = "|", parts: int = -1) -> None:
        assert self._writer
        lines = action.split(separator, parts - 1 if parts > 0 else -1)
        self._writer.write(("Action: " + "\r\n".join(lines) + "\r\n\r\n").encode())

    async def lists(self, *endpoints: str) -> None:
        """What the router reads at each login; the long answers about endpoints only of those named."""
        await self._up.wait()
        shown = (f"PJSIPShowEndpoint|Endpoint: {endpoint}" for endpoint in endpoints)
        for number, action in enumerate((*LISTED, *shown)):
            name, *fields = action.split("|")
            self._send("|".join([name, f"ActionID: listing-{number}", *fields]))
        await asyncio.sleep(0.5)


async def silent_carrier(lab: Lab, recorder: Recorder) -> None:
    await recorder.lists("telekom")
    recorder.note("every packet of telekom gets lost; probes, and a call out")
    with lab.telekom.silent():
        call = lab.desk.dials("030555")
        for _ in range(4):
            lab.office.qualify("telekom")
            await asyncio.sleep(1)
        with suppress(TimeoutError):  # 22 leaves the silent leg after 12 s, 16 stays on it
            await call.answered(within=12)
        call.hangup()
        await call.ended()
    recorder.note("telekom answers again")
    for _ in range(3):
        lab.office.qualify("telekom")
        await asyncio.sleep(1)
    await recorder.lists("telekom")


async def refused_registration(lab: Lab, recorder: Recorder) -> None:
    await recorder.lists()
    recorder.note("telekom answers REGISTER with 403")
    with lab.telekom.refuses_registration(403):
        lab.office.register("telekom")
        await lab.office.sees("telekom", registration="Rejected", within=20)
        await recorder.lists()
    recorder.note("the 403 is withdrawn; registered anew by PJSIPRegister")
    lab.office.register("telekom")
    await lab.office.sees("telekom", registration="Registered", within=20)
    await recorder.lists()


async def refused_calls(lab: Lab, recorder: Recorder) -> None:
    recorder.note("telekom answers INVITE with 503; three calls out, and one after it")
    with lab.telekom.answers_invites_with(503):
        for _ in range(3):
            call = lab.desk.dials("030555")
            await call.answered()
            call.hangup()
            await call.ended()
    call = lab.desk.dials("030555")
    await call.answered()
    call.hangup()
    await call.ended()
    await asyncio.sleep(1)


async def good_calls(lab: Lab, recorder: Recorder) -> None:
    recorder.note("a call in over telekom, answered at the desk; a call out")
    call = lab.telekom.calls(NUMBER)
    await call.answered()
    call.hangup()
    await call.ended()
    await asyncio.sleep(1)
    call = lab.desk.dials("030555")
    await call.answered()
    call.hangup()
    await call.ended()
    await asyncio.sleep(1)


async def restart(lab: Lab, recorder: Recorder) -> None:
    await recorder.lists("telekom", "20")
    recorder.note("asterisk is stopped and started")
    await lab.office.restart()
    await asyncio.sleep(1)
    await recorder.lists("telekom", "20")
    await lab.at_rest()
    await asyncio.sleep(20)
    await recorder.lists("telekom", "20")


async def iax2_peer_dead(lab: Lab, recorder: Recorder, carrier: Iax2Carrier) -> None:
    await recorder.lists()
    recorder.note("every packet of the IAX2 carrier gets lost")
    with carrier.silent():
        await asyncio.sleep(8)
        await recorder.lists()
    recorder.note("it answers again")
    await asyncio.sleep(6)
    await recorder.lists()
    recorder.note("it refuses the registration")
    with carrier.refuses_registration():
        lab.office.cli("iax2 reload")
        await asyncio.sleep(4)
        await recorder.lists()


async def phone_gone(lab: Lab, recorder: Recorder) -> None:
    lab.office.qualify("20")  # until then Asterisk, just booted, holds it for unavailable
    await asyncio.sleep(1)
    await recorder.lists("20")
    recorder.note("every packet of the desk phone gets lost")
    with lab.firewall.losing([lab.desk.address]):
        lab.office.qualify("20")
        await asyncio.sleep(5)
        await recorder.lists("20")
    recorder.note("it answers again")
    lab.office.qualify("20")
    await asyncio.sleep(2)
    await recorder.lists("20")


Situation = Callable[..., Awaitable[None]]
SITUATIONS: tuple[Situation, ...] = (
    good_calls, refused_calls, silent_carrier, refused_registration, phone_gone, iax2_peer_dead, restart,
)  # fmt: skip


@asynccontextmanager
async def _recording(lab: Lab, home: Path) -> AsyncIterator[Recorder]:
    """The office wired as for the product, but nobody there to route: what is heard is Asterisk's alone."""
    router = Router(lab, home)
    router.settings["trunks"].append({"name": "iax", "label": "IAX", "watch": "iax2:iax", "dial": "IAX2/iax/{number}"})
    router.settings["numbers"][0]["phones"] = ["PJSIP/20"]
    try:
        await router.wire_office()
        site = site_of(load(router.config))
        recorder = Recorder(lab, [_HEEDED, *filters(site), _FORGED])
        following = asyncio.create_task(recorder.follow())
        try:
            yield recorder
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    finally:
        router.close()


async def take(suite: str, chosen: list[str]) -> None:
    lab = Lab(suite=suite, iax2=Iax2Carrier.office())
    with TemporaryDirectory() as home:
        async with Iax2Carrier(lab) as carrier, lab, _recording(lab, Path(home)) as recorder:
            version = re.findall(r"Asterisk (\S+)", lab.office.cli("core show version"))[0]
            for situation in SITUATIONS:
                name = situation.__name__.replace("_", "-")
                if chosen and name not in chosen:
                    continue
                await lab.calm()
                await asyncio.sleep(1)
                recorder.forget()
                await (situation(lab, recorder, carrier) if situation is iax2_peer_dead else situation(lab, recorder))
                heading = f"Asterisk {version}, chan_pjsip and chan_iax2. {name}: see README.md."
                text = recorder.text(heading).replace(f"127.0.{lab.net}.", "127.0.10.")
                (HERE / f"{name}.{VERSIONS[suite]}.ami").write_text(text)
                print(f"{name}: {len(text)} bytes")


if __name__ == "__main__":
    chroot.ready(sys.argv[1])
    asyncio.run(take(sys.argv[1], sys.argv[2:]))
