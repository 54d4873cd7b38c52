"""What the rivals share: carriers that ring, a telephone, and a trunk of each rival to each carrier."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from tests.bench.kamailio import Kamailio
from tests.bench.sip_ends import DIGITS, RingingCarrier, Telephone
from tests.lab import chroot, trunk_conf
from tests.lab.asterisk import Asterisk
from tests.lab.extra_trunk import ExtraTrunk
from tests.lab.firewall import Firewall
from tests.lab.lab import MOBILE, claimed
from tests.lab.office import PHONE, TIMES, Office
from tests.lab.polled import polled
from tests.lab.router import Router

CALLED = 0
"""The carrier whose trunk the calls are dialled over; every rival prefers it."""
_POLL = 0.1  # seconds between two looks at the router's status
End = Callable[[], None]

# As the wikis have it: on by DIALSTATUS. A number that begins with 5 goes by FreePBX's rule, which ends at cause 18.
_STOCK_DIALPLAN = """\
[office]
exten => _XXX.,1,Dial(PJSIP/${EXTEN}@carrier${MATH(${EXTEN:0:3}-100,int)},60)
 same => n,GotoIf($["${DIALSTATUS}" = "CHANUNAVAIL" | "${DIALSTATUS}" = "CONGESTION"]?next:end)
 same => n(next),Dial(PJSIP/${EXTEN}@fallback,60)
 same => n(end),Hangup()
exten => _5XXX.,1,Dial(PJSIP/${EXTEN:1}@carrier${MATH(${EXTEN:1:3}-100,int)},60)
 same => n,GotoIf($["${HANGUPCAUSE}" = "18" | "${DIALSTATUS}" = "BUSY" | "${DIALSTATUS}" = "NOANSWER"]?end)
 same => n,Dial(PJSIP/${EXTEN:1}@fallback,60)
 same => n(end),Hangup()
[failover-inbound]
"""


class Rival(Protocol):
    """Whoever watches the carriers, by their order from 0 on. Moments are seconds of time.monotonic."""

    name: str
    at_the_calm_rate: bool

    def holds_well(self, carrier: int) -> bool: ...

    def noticed(self, carrier: int, since: float, never: float) -> float:
        """Seconds from `since` until it held that carrier for dead; `never` where it did not."""
        ...

    def alarms(self, since: float) -> int:
        """How many times it held any of them for dead, the fallback not counted."""
        ...


class Rig:
    """`cuts` carriers, the called one and the fallback; a router beside its office, two Asterisks, two Kamailios."""

    def __init__(self, home: Path, cuts: int) -> None:
        chroot.ready()
        self.net, self._claim = claimed(None)
        self._home, self._starts = home, itertools.count(1)
        self._numbers = itertools.count(1)
        self._firewall = Firewall(self.net)
        self.carriers = [RingingCarrier(f"127.0.{self.net}.{200 + n}") for n in range(cuts + 1)]
        self.fallback = RingingCarrier(f"127.0.{self.net}.199")
        self.cuttable = range(1, cuts + 1)
        self._phone = Telephone(f"127.0.{self.net}.31")
        trunks = [ExtraTrunk("carrier0", self.carriers[0].address), ExtraTrunk("fallback", self.fallback.address)]
        trunks += [ExtraTrunk(f"carrier{n}", self.carriers[n].address) for n in self.cuttable]
        self.trunks = trunks
        self.office = Office(self.net, 10000, (), extra_trunks=trunks)
        self._stock = [
            _Stock("Asterisk, qualify 60", self.net, 2, trunks, 60),
            _Stock("Asterisk, qualify 15", self.net, 3, trunks, 15),
        ]
        sets = {100 + n: [carrier.address, self.fallback.address] for n, carrier in enumerate(self.carriers)}
        self._kamailios = [
            Kamailio("Kamailio, default timers", f"127.0.{self.net}.71", self.net, sets),
            Kamailio("Kamailio, fr_timer 1 s", f"127.0.{self.net}.72", self.net, sets, fr_timer=1000),
        ]
        self._ours = _Ours()
        addresses = [carrier.address for carrier in self.carriers]
        self.rivals: list[Rival] = [
            self._ours, *self._stock, *(_Proxy(kamailio, addresses) for kamailio in self._kamailios),
        ]  # fmt: skip
        self._router: Router | None = None
        self._looking: asyncio.Task[None] | None = None

    def settings(self) -> dict[str, Any]:
        """What the office beside the router writes into its failover.toml, at the default policy."""
        return {
            "office": {"id": "rival", "name": "Rival", "emergency": ["112"]},
            "trunks": [{"name": t.name, "watch": f"pjsip:{t.name}"} for t in self.trunks],
            "numbers": [
                {"number": f"+4930200{n:03d}", "trunk": t.name, "calls": "office-phones,{did},1"}
                for n, t in enumerate(self.trunks)
            ],
            "people": [{"name": "Anna", "numbers": [MOBILE]}],
            "forwarding": {"people": ["Anna"], "trunks": ["fallback"]},
            "policy": {},
        }

    async def fresh(self, **policy: float) -> None:
        """Every carrier well in the eyes of all; the router has just been started, with that policy."""
        if self._looking:
            self._looking.cancel()
        if self._router:
            self._router.close()
        self.office.wipe_astdb_family()
        self._router = Router(self, self._home / str(next(self._starts)))  # type: ignore[arg-type]
        self._router.settings["policy"] = policy
        await self._router.wire_office()
        self._router.start()
        for asterisk in (self.office, *self._stock):
            for trunk in self.trunks:
                asterisk.cli(f"pjsip qualify {trunk.name}")
        await self._router.ready(within=30)
        self._looking = asyncio.create_task(self._ours.look(self._router))
        everywhere = [(rival, n) for rival in self.rivals for n in range(len(self.carriers))]
        await polled("all is well for all", lambda: all(r.holds_well(n) for r, n in everywhere), within=30, every=0.2)

    def ways_to_call(self) -> dict[str, Callable[[str], End]]:
        """By whom and by which rule: the call of so many digits, and what ends it."""

        def by(address: str, prefix: str) -> Callable[[str], End]:
            def dial(digits: str) -> End:
                key = self._phone.dial(address, prefix + digits)
                return lambda: self._phone.hang_up(key)

            return dial

        first = str(100 + CALLED)
        ways = {self._ours.name: by(self.office.address, "030")}
        ways |= {stock.name: by(stock.address, first) for stock in self._stock}
        ways["Asterisk, qualify 60, rule of FreePBX"] = by(self._stock[0].address, "5" + first)
        return ways | {kamailio.name: by(kamailio.address, first) for kamailio in self._kamailios}

    def next_number(self) -> str:
        return f"{next(self._numbers):0{DIGITS}d}"

    @contextlib.contextmanager
    def cut(self, carrier: int) -> Iterator[None]:
        self.carriers[carrier].silent = True
        try:
            yield
        finally:
            self.carriers[carrier].silent = False

    def losing(self, share: float) -> contextlib.AbstractContextManager[None]:
        """That share of the packets from and to every carrier gets lost, each by itself."""
        return self._firewall.losing([end.address for end in (*self.carriers, self.fallback)], share=share)

    async def __aenter__(self) -> Rig:
        try:
            for end in (*self.carriers, self.fallback, self._phone):
                await end.listen()
            for asterisk in (self.office, *self._stock):
                asterisk.prepare()
                asterisk.start()
                asterisk.ami.start()
            for kamailio in self._kamailios:
                await asyncio.to_thread(kamailio.start)
            await asyncio.gather(*(asterisk.booted() for asterisk in (self.office, *self._stock)))
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *why: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.ExitStack() as everything:
            everything.callback(self._claim.close)
            everything.callback(self._firewall.close)
            for asterisk in (self.office, *self._stock):
                everything.callback(shutil.rmtree, asterisk.home, ignore_errors=True)
                everything.callback(asterisk.kill9)
                everything.callback(asterisk.ami.stop)
            for end in (*self.carriers, self.fallback, self._phone, *self._kamailios):
                everything.callback(end.close)
            if self._router:
                everything.callback(self._router.close)
            if self._looking:
                self._looking.cancel()


class _Ours:
    """The router, by what its status says: looked at every tenth of a second."""

    name, at_the_calm_rate = "this router", True

    def __init__(self) -> None:
        self._state: dict[str, str] = {}
        self._downs: list[tuple[float, str]] = []

    async def look(self, router: Router) -> None:
        while True:
            for trunk in (await router.status())["trunks"]:
                if trunk["state"] == "down" and self._state.get(trunk["name"]) not in ("down", None):
                    self._downs.append((time.monotonic(), trunk["name"]))
                self._state[trunk["name"]] = trunk["state"]
            await asyncio.sleep(_POLL)

    def holds_well(self, carrier: int) -> bool:
        return self._state.get(f"carrier{carrier}") in ("up", "failing")

    def noticed(self, carrier: int, since: float, never: float) -> float:
        return next((at - since for at, name in self._downs if at >= since and name == f"carrier{carrier}"), never)

    def alarms(self, since: float) -> int:
        return sum(at >= since and name != "fallback" for at, name in self._downs)


class _Stock(Asterisk):
    """A plain Asterisk with the same trunks and the dialplan of the wikis."""

    at_the_calm_rate = False

    def __init__(self, name: str, net: int, last: int, trunks: list[ExtraTrunk], qualify: int) -> None:
        inner = f"/lab/{net}/stock{qualify}"
        super().__init__(name, f"127.0.{net}.{last}", inner, 10000 + 1000 * last)
        self._net, self._trunks = net, trunks
        self._times = TIMES | {"qualify_frequency": qualify, "qualify_timeout": 3.0}

    def files(self) -> dict[str, str]:
        pjsip = f"[udp]\ntype = transport\nprotocol = udp\nbind = {self.address}:5060\n"
        for trunk in self._trunks:
            contact = f"sip:{trunk.host}:5060"
            pjsip += trunk_conf.endpoint(trunk.name, contact, "udp", answers=False, times=self._times)
        pjsip += PHONE.format(phone="20", address=f"127.0.{self._net}.31")
        return super().files() | {"pjsip.conf": pjsip, "extensions.conf": _STOCK_DIALPLAN}

    def holds_well(self, carrier: int) -> bool:
        found = [line.split() for line in self.cli("pjsip show contacts").splitlines() if f"carrier{carrier}/" in line]
        return any("Avail" in words for words in found)

    def noticed(self, carrier: int, since: float, never: float) -> float:
        said = self.board.all("ContactStatus", since, AOR=f"carrier{carrier}", ContactStatus="Unreachable")
        return said[0].at - since if said else never

    def alarms(self, since: float) -> int:
        said = self.board.all("ContactStatus", since, ContactStatus="Unreachable")
        return sum(s["AOR"] != "fallback" for s in said)


class _Proxy:
    """A Kamailio, by what its dispatcher says."""

    def __init__(self, kamailio: Kamailio, carriers: list[str]) -> None:
        self._kamailio, self._carriers, self.name = kamailio, carriers, kamailio.name
        self.at_the_calm_rate = bool(kamailio.fr_timer)

    def holds_well(self, carrier: int) -> bool:
        said = [s for s in self._kamailio.board.all() if s["Address"] == self._carriers[carrier]]
        return self._kamailio.running and (not said or said[-1].kind == "up")

    def noticed(self, carrier: int, since: float, never: float) -> float:
        said = self._kamailio.board.all("down", since, Address=self._carriers[carrier])
        return said[0].at - since if said else never

    def alarms(self, since: float) -> int:
        return sum(s["Address"] in self._carriers for s in self._kamailio.board.all("down", since))
