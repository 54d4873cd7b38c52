"""A carrier that does to each call what it is told: a front in Python, and behind it one SIPp (sipp.xml).

SIPp runs one scenario per process. So one scenario knows every behaviour, and the front tells it by a header which one
a call gets. That needs no process per behaviour, and a word holds for the next call while earlier ones go on as before.

    lab = Lab(extra_trunks=[SippCarrier.trunk()])
    async with SippCarrier(lab.net) as sipp, lab:
        await sipp.reachable_for(lab.office)
        sipp.refuses(486, rings=1.0)
        lab.desk.dials("030777")  # by a dialplan with Dial(PJSIP/${EXTEN}@sipp)
        invite = await sipp.invited()
"""

from __future__ import annotations

import asyncio
import contextlib

from tests.lab.board import Board
from tests.lab.extra_trunk import ExtraTrunk
from tests.lab.office import Office
from tests.lab.sipp_front import Front
from tests.lab.sipp_invite import Invite
from tests.lab.sipp_process import SippProcess
from tests.lab.sipp_told import CHALLENGES, NEVER, Told

LAST = 41


class SippCarrier:
    """At 127.0.`net`.`last`, UDP and TCP, its SIPp a hundred behind. Audio it gets in an answered call it sends back.

    Every verb holds for the calls that come from now on: to all numbers, or to the `number` as the office dials it.
    """

    def __init__(self, net: int, last: int = LAST) -> None:
        self.address, self.inside = f"127.0.{net}.{last}", f"127.0.{net}.{last + 100}"
        self.board = Board("sipp")
        self._front = Front(self.address, self.inside, self.board, self._tell)
        self._sipp = SippProcess(self.inside, self.address)
        self._verbs: dict[str, Told] = {}
        self.forget()

    @staticmethod
    def trunk(name: str = "sipp", last: int = LAST, transport: str = "udp", secret: str = "") -> ExtraTrunk:
        """The office's trunk to it; `secret` as of ExtraTrunk."""
        return ExtraTrunk(name, f"127.0.{{net}}.{last}", transport=transport, secret=secret)

    # --- what the next calls get --------------------------------------------------------------------------------------

    def told(self, what: Told, number: str = "") -> None:
        """Anything that the verbs below have no word for."""
        self._verbs[number] = what

    def answers(
        self, after: float = 0.2, *, rings: bool = True, hangs_up_after: float = NEVER, number: str = ""
    ) -> None:
        """100, then 180 at once if it rings, 200 after so many seconds; BYE so many seconds after the ACK."""
        self.told(Told(ring=rings, patience=after, final=200, talk=hangs_up_after), number)

    def answers_late(self, silence: float, *, rings: float = 1.0, number: str = "") -> None:
        """100, nothing for so many seconds, 180, and 200 after so many seconds more."""
        self.told(Told(quiet=silence, ring=True, patience=rings, final=200), number)

    def refuses(self, code: int, *, rings: float = 0.0, plays: float = 0.0, header: str = "", number: str = "") -> None:
        """Any final code from 300 to 699, at once, or after so many seconds of 180, or of 183 with SDP.

        `header`: one more line of it, "Retry-After: 120" say.
        """
        assert not (rings and plays), "180 or 183"
        self.told(Told(ring=rings > 0, play=plays > 0, patience=rings or plays, final=code, header=header), number)

    def challenges(self, code: int = 401, *, number: str = "") -> None:
        """401 or 407 with a challenge, to which no secret is the right one."""
        self.refuses(code, header=CHALLENGES[code], number=number)

    def only_tries(self, *, number: str = "") -> None:
        """100, and then nothing."""
        self.told(Told(), number)

    def only_rings(self, *, number: str = "") -> None:
        """100, 180, and then nothing."""
        self.told(Told(ring=True), number)

    def only_plays(self, *, number: str = "") -> None:
        """100, 183 with SDP, and then nothing."""
        self.told(Told(play=True), number)

    def ignores(self, *, number: str = "") -> None:
        """Nothing at all. OPTIONS are answered still, as ever."""
        self.told(Told(trying=False), number)

    def forget(self) -> None:
        """As at the start: it answers every call, and has seen none."""
        self._verbs.clear()
        self.answers()
        self.board.clear()

    def _tell(self, number: str) -> Told:
        return self._verbs.get(number) or self._verbs[""]

    # --- what it got --------------------------------------------------------------------------------------------------

    def invites(self, since: float = 0.0, **match: str) -> list[Invite]:
        """Every call from the moment `since` on; `number=` and `Over="TCP"` narrow it down."""
        match = {name.title(): value for name, value in match.items()}
        return [self._front.invites[seen["CallID"]] for seen in self.board.all("INVITE", since, **match)]

    async def invited(self, within: float = 5.0, since: float = 0.0, **match: str) -> Invite:
        """The first of them, awaited."""
        return await self.board.until(
            f"an INVITE {match}", lambda: next(iter(self.invites(since, **match)), None), within
        )

    # --- its life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Up within some 0.1 s; whatever fails, all is taken down again."""
        try:
            self._front.start()
            await self._sipp.start()
        except BaseException:
            self.stop()
            raise

    async def reachable_for(self, office: Office, trunk: str = "sipp", within: float = 10.0) -> None:
        """Until the office holds its trunk for reachable: of itself it asks some time within its first minute."""
        async with asyncio.timeout(within):
            while office.contact(trunk) != "Avail":
                office.qualify(trunk)
                with contextlib.suppress(TimeoutError):
                    await office.sees(trunk, contact="Avail", within=1)

    def stop(self) -> None:
        """Gone, in any state."""
        self._sipp.stop()
        self._front.stop()

    async def __aenter__(self) -> SippCarrier:
        await self.start()
        return self

    async def __aexit__(self, *why: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._sipp.pid

    def log(self) -> str:
        """What SIPp complained of: messages it did not expect, each in full."""
        return self._sipp.log()
