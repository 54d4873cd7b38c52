"""An office that calls out and forwards calls over a trunk that fails, and what its dialplan does about it.

No router runs: the scene itself writes the route table, with 2 seconds of silence allowed. The time to ring is 3
seconds, for desk phones by a change of the dialplan's text.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab import chroot
from tests.lab.call import Call
from tests.lab.extra_trunk import ExtraTrunk
from tests.lab.forwarding import ANNA, BEN, CUSTOMER
from tests.lab.lab import Lab
from tests.lab.office import PRODUCT_DIALPLAN
from tests.lab.router import NUMBER, Router
from tests.lab.sipp import SippCarrier

OUTSIDE, OUTSIDE_E164 = "030777", "+4930777"
DESK = "20"
OWN = "+4930555555"
"""The office's own number at the first trunk."""
SUITE = os.environ.get("FAILOVER_LAB_SUITE", chroot.SUITE)
PATIENCE, RING = 2, 3
"""Seconds of silence allowed, and to ring."""

TRUNKS = (
    SippCarrier.trunk(secret="wrong"),
    SippCarrier.trunk("narrow"),
    ExtraTrunk("closed", "127.0.{net}.99", transport="tcp", qualify=False),
    ExtraTrunk("nameless", "nosuch.invalid", qualify=False),
    ExtraTrunk("dark", "127.0.{net}.98"),
)
ISDN = """
[isdn]
exten => _[+0-9]!,1,UserEvent(Isdn,Number: ${EXTEN},Caller: ${CALLERID(num)})
 same => n,GotoIf($["${EXTEN}" = "BEN"]?rings)
 same => n,Hangup(17)
 same => n(rings),Ringing()
 same => n,Wait(60)
""".replace("BEN", BEN)
"""A trunk that speaks no SIP: Anna's line, and any other, is busy."""
LONG = "${FAILOVER_CALLED},120,"


@dataclass(frozen=True, order=True)
class Step:
    """A number that the office called over a trunk, and the caller that it showed."""

    trunk: str
    number: str
    caller: str


@dataclass(frozen=True)
class End:
    """What the dialplan tells of the end of a leg, and whether the router counts it against the trunk."""

    trunk: str
    ended: str
    counts: bool


class Scene:
    """`sipp` stands for the first trunk, `zweit` for the next."""

    def __init__(self, lab: Lab, sipp: SippCarrier) -> None:
        self.lab, self.sipp = lab, sipp

    def at_rest(self) -> None:
        """As at the start; Ben's mobile only rings, whatever becomes of other calls over `sipp`."""
        self.sipp.forget()
        self.sipp.only_rings(number=BEN)
        self.lab.office.set_global("FAILOVER_TOGETHER", "no")
        self.lab.office.set_global("FAILOVER_CALLER_ID", "caller")
        self.lab.office.set_global("FAILOVER_RING", str(RING))
        self.lab.office.set_global("FAILOVER_TOTAL", "60")

    def plans(self, first: str, patience: int = PATIENCE) -> None:
        """Calls out, and those forwarded to Anna and then to Ben, go over the trunk `first`, then over `zweit`."""
        over = f"{first}:{patience}&zweit:12"
        rows = {
            "version": "1",
            "current": "1",
            "lease": str(int(time.time()) + 60),
            "plan/1/out": over,
            f"plan/1/{NUMBER}": f"office|mobile||{ANNA}&{BEN}|{over}",
        }
        for key, value in rows.items():
            self.lab.office.cli(f'database put failover {key} "{value}"')

    def dials(self) -> Call:
        """Somebody in the office calls out."""
        return self.lab.desk.dials(OUTSIDE)

    def is_called(self, caller: str = CUSTOMER) -> Call:
        """A customer calls, and the call is forwarded."""
        return self.lab.telekom.calls(NUMBER, caller=caller)

    # --- what was seen ------------------------------------------------------------------------------------------------

    def steps(self, since: float) -> list[Step]:
        """Every leg that reached somebody, in order."""
        seen = [(i.at, Step("sipp", i.number, i.caller)) for i in self.sipp.invites(since)]
        for carrier in self.lab.carriers:
            seen += [(i.at, Step(carrier.name, i["Number"], i["Caller"])) for i in carrier.invites(since)]
        isdn = self.lab.office.board.all("Isdn", since)
        seen += [(i.at, Step("isdn", i["Number"], i["Caller"])) for i in isdn]
        return [step for _, step in sorted(seen, key=lambda one: one[0])]

    def ends(self, since: float) -> list[End]:
        """The end of every leg, as the router hears of it."""
        seen = self.lab.office.board.all("FailoverLeg", since)
        return [End(end["Trunk"], end["Ended"], end["Means"] == "fault") for end in seen]


@contextlib.asynccontextmanager
async def scene(home: Path) -> AsyncIterator[Scene]:
    """A lab of its own, its office wired, with nobody who changes the route table."""
    lab = Lab(mobiles=(ANNA, BEN), extra_trunks=TRUNKS, suite=SUITE)
    async with SippCarrier(lab.net) as sipp, lab:
        product = Router(lab, home)
        product.close()  # only for its files
        extra = [{"name": trunk.name, "label": trunk.name, "watch": f"pjsip:{trunk.name}"} for trunk in TRUNKS]
        extra[1]["channels"] = 1
        extra += [{"name": "isdn", "label": "ISDN", "watch": "none", "dial": "Local/{number}@isdn/n"}]
        product.settings["trunks"] += extra
        product.settings["numbers"] += [{"number": OWN, "trunk": "sipp", "calls": "office-phones,{did},1"}]
        product.settings["people"] = [{"name": "Anna", "numbers": [ANNA]}, {"name": "Ben", "numbers": [BEN]}]
        product.settings["forwarding"] = {"trunks": ["sipp", "zweit"], "max_calls": 0}
        await product.wire_office()
        text = PRODUCT_DIALPLAN.read_text()
        assert text.count(LONG) == 1
        conf = (lab.office.etc / "failover_office.conf").read_text()
        lab.office.install_dialplan(conf, text.replace(LONG, LONG.replace("120", str(RING))) + ISDN)
        for trunk in ("sipp", "narrow"):
            await sipp.reachable_for(lab.office, trunk)
        lab.office.qualify("dark")
        await lab.office.sees("dark", contact="Unavail")
        yield Scene(lab, sipp)
