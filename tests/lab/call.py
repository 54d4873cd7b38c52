"""One side of a call: the channel at the party that speaks and listens there."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.board import Sighting
from tests.lab.polled import polled
from tests.lab.tone import contains_tone, tone_seconds

if TYPE_CHECKING:
    from tests.lab.party import Party

_SLICE = 0.6  # seconds of audio that one look at what is heard right now takes
_WAV_HEADER = 44  # bytes
_serial = itertools.count(1)


class Call:
    """A call that `party` makes or gets. Moments are seconds of time.monotonic, None until they come."""

    def __init__(self, party: Party, uniqueid: str, number: str, caller: str, action: str = "") -> None:
        self.party, self.uniqueid, self.number, self.caller = party, uniqueid, number, caller
        self.begun_at = time.monotonic()
        self._action = action

    def __repr__(self) -> str:
        return f"<Call {self.party.name} {self.uniqueid} number={self.number} caller={self.caller}>"

    @property
    def port(self) -> int:
        """Where this side gets its audio; 0 while it has not spoken yet."""
        told = self.party.board.all("LabSpeaks", Uniqueid=self.uniqueid)
        return int(told[0]["Hears"].rpartition(":")[2]) if told else 0

    @property
    def ringing_at(self) -> float | None:
        return self._moment("Newstate", "Ringing")

    @property
    def answered_at(self) -> float | None:
        return self._moment("Newstate", "Up")

    @property
    def ended_at(self) -> float | None:
        gone = self._gone()
        return gone.at if gone else None

    @property
    def cause(self) -> int:
        """The hangup cause by Q.850; 0 while the call lasts, and where the party could not even send an INVITE."""
        gone = self._gone()
        return int(gone["Cause"] or 0) if gone else 0

    @property
    def sip_code(self) -> int:
        """The final response to the INVITE of a call this party made, 200 say; 0 until it comes."""
        gone = self._gone()
        digits = "".join(c for c in gone["TechCause"] if c.isdigit()) if gone else ""
        return int(digits[:3]) if digits else (200 if self.answered_at else 0)

    async def ringing(self, within: float = 5.0) -> float:
        """The moment the far end rang (180); of a call that got none, the moment it was answered."""
        return await self._until("rings", lambda: self.ringing_at or self.answered_at, within)

    async def answered(self, within: float = 10.0) -> float:
        return await self._until("is answered", lambda: self.answered_at, within)

    async def ended(self, within: float = 10.0) -> float:
        return await self.party.board.until(f"{self} ends", lambda: self.ended_at, within)

    async def hears(self, hz: float, within: float = 4.0) -> bool:
        """Whether the tone `hz` is heard right now or comes within that many seconds."""
        end = time.monotonic() + within
        while self.ended_at is None:
            if contains_tone(await self._listen(), hz):
                return True
            if time.monotonic() > end:
                break
        return False

    def heard(self, hz: float) -> float:
        """For how many seconds of the whole call, which has ended, the tone `hz` was heard."""
        assert self.ended_at is not None, "the recording is whole once the call has ended"
        return tone_seconds(self.recording, hz)

    @property
    def recording(self) -> Path:
        """A wav of what was heard since the answer."""
        return self.party.recordings / f"{self.uniqueid}.wav"

    def hangup(self) -> None:
        self.party.ami.act("Hangup", Channel=self._channel())

    def presses(self, digits: str) -> None:
        """Press keys of the telephone, as DTMF by RFC 4733."""
        for digit in digits:
            self.party.ami.act("PlayDTMF", Channel=self._channel(), Digit=digit)

    def _channel(self) -> str:
        named = self.party.board.all("Newchannel", Uniqueid=self.uniqueid)
        return named[0]["Channel"] if named else self.uniqueid

    async def _listen(self) -> Path:
        """A recording of this moment; the one of the whole call comes to the disk in lumps of seconds."""
        path = self.party.recordings / f"{self.uniqueid}-{next(_serial)}.wav"
        inner = f"/{path.relative_to(self.party.root)}"
        channel = self._channel()
        self.party.ami.act("MixMonitor", Channel=channel, Options=f"r({inner})i(SLICE)")
        slice_id = self.party.ami.act("Getvar", Channel=channel, Variable="SLICE").get("Value", "")
        await asyncio.sleep(_SLICE)
        if slice_id:  # without it the recording of the whole call would be stopped
            self.party.ami.act("StopMixMonitor", Channel=channel, MixMonitorID=slice_id)
        with contextlib.suppress(TimeoutError):  # of a side that gets no audio at all there is no file
            await polled(f"{path} is written", lambda: path.exists() and path.stat().st_size > _WAV_HEADER, within=1)
        return path

    def _moment(self, kind: str, state: str) -> float | None:
        found = self.party.board.all(kind, Uniqueid=self.uniqueid, ChannelStateDesc=state)
        return found[0].at if found else None

    def _gone(self) -> Sighting | None:
        found = self.party.board.all("Hangup", Uniqueid=self.uniqueid)
        if self._action and not found:  # no channel came of it: no contact to call, say
            never = self.party.board.all("OriginateResponse", ActionID=self._action, Response="Failure")
            found = [] if self.party.board.all("Newchannel", Uniqueid=self.uniqueid) else never
        return found[0] if found else None

    async def _until(self, what: str, moment: Callable[[], float | None], within: float) -> float:
        """Waits for a moment; a call that ends before it comes is an error at once."""

        def come_or_gone() -> float | None:
            return moment() or self.ended_at

        await self.party.board.until(f"{self} {what}", come_or_gone, within)
        if (at := moment()) is None:
            raise AssertionError(f"{self} ended before it {what}: cause {self.cause}, SIP {self.sip_code}")
        return at
