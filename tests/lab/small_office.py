"""A small office as it stands in the world, in network namespaces of its own: whose fault it is can be made.

    office (Asterisk, router) --+
    phones ------------------ switch ------ home (gateway, name forwarder) ------ internet
                                                                                   carriers, name server, two targets

async with SmallOffice() as world:
    with world.uplink_dead():
        ...

Faults are verbs, and end with their `with` block. Nothing outside is reachable from here, and nobody reaches in but by
`Doorway` and by sockets that the rig makes inside. All of it is gone with the process that made it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

from tests.lab import chroot, trunk_conf
from tests.lab.asterisk import Asterisk
from tests.lab.carrier import SECRET
from tests.lab.internet import InternetCarrier, Targets
from tests.lab.lab import MOBILE, claimed
from tests.lab.names import HomeNames, NameServer
from tests.lab.office import PHONE, REGISTRATION, Office
from tests.lab.phone import Phone
from tests.lab.place import Namespace, cable

LAN = "192.0.2"
GATEWAY, OFFICE, DESK = f"{LAN}.1", f"{LAN}.10", f"{LAN}.20"
WAN, FAR_END = "198.18.0.2", "198.18.0.1"
NAME_SERVER = "203.0.113.53"
TELEKOM, TELEKOM_MOVED, ZWEIT = "203.0.113.11", "203.0.113.12", "203.0.113.21"
WEB, LISTENER, LISTENER_PORT = "198.51.100.1", "198.51.100.2", 853
WEB_NAME = "www.probe.test"
NUMBERS = {"telekom": "+4930123456", "zweit": "+4930999999"}


class SmallOffice:
    """`times` are those of office.TIMES that shall differ."""

    def __init__(self, net: int | None = None, **times: float) -> None:
        chroot.ready()
        self.net, self._claim = claimed(net)
        places = {name: Namespace(name) for name in ("office", "phones", "switch", "home", "internet")}
        self.places = places
        self.name_server, self.home_names = NameServer(), HomeNames(NAME_SERVER)
        self.home_dir = chroot.lab_dir() / f"office-{self.net}"
        self.targets = Targets(WEB_NAME, self.home_dir)
        self.office = _Office(self.net, 13000, **times)
        self.office.lives_in(places["office"], OFFICE)
        self.desk = _Desk(self.net)
        self.desk.lives_in(places["phones"], DESK)
        carriers = (
            ("telekom", "sip1", TELEKOM, 10000, 440), ("telekom", "sip2", TELEKOM_MOVED, 12000, 480),
            ("zweit", "sip3", ZWEIT, 11000, 520),
        )  # fmt: skip
        self.telekom, self.telekom_moved, self.zweit = (
            InternetCarrier(
                f"{domain}.test", f"{host}.{domain}.test", self.net, rtp, tone, OFFICE, knows=host == "sip2"
            )
            for domain, host, _, rtp, tone in carriers
        )
        for carrier, (*_, address, _, _) in zip((self.telekom, self.telekom_moved, self.zweit), carriers, strict=True):
            carrier.lives_in(places["internet"], address)
        self.carriers = (self.telekom, self.zweit)
        self.all: tuple[Asterisk, ...] = (*self.carriers, self.telekom_moved, self.desk, self.office)

    # --- up and down --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Everything up, the office registered, its trunks reachable. Whatever fails, all is taken down again."""
        try:
            shutil.rmtree(self.home_dir, ignore_errors=True)
            self.home_dir.mkdir(parents=True)
            self._wired()
            self._named()
            self.targets.start(self.places["internet"], WEB, LISTENER, LISTENER_PORT)
            for asterisk in self.all:
                asterisk.prepare()
                asterisk.start()
                asterisk.ami.start()
            await asyncio.gather(*(asterisk.booted() for asterisk in self.all))
            await self.at_rest()
        except BaseException:
            self.close()
            raise

    async def at_rest(self, within: float = 30.0) -> None:
        """Wait until the office holds both trunks for registered and reachable."""
        await self.office.at_rest(dict.fromkeys(NUMBERS, "Registered"), within)

    def settings(self) -> dict[str, Any]:
        """What this office writes into its failover.toml."""
        return {
            "office": {"id": "small", "name": "PC-Notdienst Labor", "language": "en", "emergency": ["110", "112"]},
            "trunks": [
                {"name": name, "label": name.title(), "watch": f"pjsip:{name}"} for name in NUMBERS
            ],
            "numbers": [
                {
                    "number": number, "trunk": name, "arrives_as": ["office"] if name == "telekom" else [],
                    "calls": "office-phones,{did},1", "phones": ["PJSIP/20"],
                }
                for name, number in NUMBERS.items()
            ],
            "people": [{"name": "Anna", "numbers": [MOBILE]}],
            "forwarding": {"people": ["Anna"]},
            "policy": {},
            "internet": {"probes": [f"https://{WEB_NAME}/", f"tcp:{LISTENER}:{LISTENER_PORT}"]},
        }  # fmt: skip

    def close(self) -> None:
        """Take everything down, in any state."""
        with contextlib.ExitStack() as everything:
            everything.callback(self._claim.close)
            for place in self.places.values():
                everything.callback(place.close)
            for asterisk in self.all:
                everything.callback(shutil.rmtree, asterisk.home, ignore_errors=True)
            everything.callback(shutil.rmtree, self.home_dir, ignore_errors=True)
            for server in (self.name_server, self.home_names, self.targets):
                everything.callback(server.stop)
            for asterisk in self.all:
                everything.callback(asterisk.kill9)
                everything.callback(asterisk.ami.stop)

    async def __aenter__(self) -> SmallOffice:
        await self.start()
        return self

    async def __aexit__(self, *why: object) -> None:
        self.close()

    # --- faults: each a context manager, undone at its end ------------------------------------------------------------

    @contextlib.contextmanager
    def uplink_dead(self) -> Iterator[None]:
        """The line to the internet is silent, both ways; the gateway is there and answers for itself."""
        with self.places["home"].losing("iifname wan"), self.places["internet"].losing("iifname wan"):
            yield

    def gateway_dead(self) -> contextlib.AbstractContextManager[None]:
        """The home router is off; PBX and phones still see each other."""
        return self.places["switch"].pulled("to-home")

    def phone_switch_dead(self) -> contextlib.AbstractContextManager[None]:
        """The phones' cable is out; all else stands."""
        return self.places["switch"].pulled("to-phones")

    @contextlib.contextmanager
    def dns_dead(self) -> Iterator[None]:
        """The home router answers no question for a name. What it still has under way is not answered either."""
        self.home_names.dead = True
        try:
            yield
        finally:
            self.home_names.dead = False

    @contextlib.contextmanager
    def dns_slow(self, seconds: float) -> Iterator[None]:
        """Each answer for a name takes so many seconds more."""
        self.home_names.slow = seconds
        try:
            yield
        finally:
            self.home_names.slow = 0.0

    @contextlib.contextmanager
    def carrier_names_dead(self, carrier: InternetCarrier | None = None, broken: bool = False) -> Iterator[None]:
        """Nobody knows that carrier's names (the telekom's, if none is named); all other names are known.

        Its name server is silent, and the home router says SERVFAIL after 4 s; or `broken`, and it says so at once.
        """
        names = self.name_server.broken if broken else self.name_server.silent
        domain = (carrier or self.telekom).domain
        names.add(domain)
        try:
            yield
        finally:
            names.discard(domain)

    @contextlib.contextmanager
    def carrier_dead(self, carrier: InternetCarrier | None = None) -> Iterator[None]:
        """Every packet to and from that carrier's hosts (the telekom's, if none is named) gets lost; its names stay."""
        domain = (carrier or self.telekom).domain
        hosts = "{ " + ", ".join(a.address for a in self.all if getattr(a, "domain", "") == domain) + " }"
        internet, home = self.places["internet"], self.places["home"]
        with internet.losing(f"ip daddr {hosts} iifname wan"), home.losing(f"ip saddr {hosts} iifname wan"):
            yield

    @contextlib.contextmanager
    def asterisk_dead(self) -> Iterator[None]:
        """The office's Asterisk is gone; it is started again at the end, which `office.booted()` awaits."""
        self.office.kill9()
        try:
            yield
        finally:
            self.office.start()

    def telekom_moves(self) -> None:
        """From now on the telekom's name leads to another host; who went to the first one finds nobody there."""
        self.name_server.replace("_sip._udp.telekom.test", "SRV", f"10 1 5060 {self.telekom_moved.host}")
        self.name_server.replace("telekom.test", "A", self.telekom_moved.address)
        self.telekom.kill9()

    # --- how it is built ----------------------------------------------------------------------------------------------

    def _wired(self) -> None:
        office, phones, switch, home, internet = self.places.values()
        switch.ip("link", "add", "name", "lan", "type", "bridge")
        switch.ip("link", "set", "lan", "up")
        for place, address in ((office, OFFICE), (phones, DESK), (home, GATEWAY)):
            port = f"to-{place.label}"
            cable(switch, port, place, "lan")
            switch.ip("link", "set", port, "master", "lan")
            place.ip("addr", "add", f"{address}/24", "dev", "lan")
        cable(home, "wan", internet, "wan")
        home.ip("addr", "add", f"{WAN}/30", "dev", "wan")
        internet.ip("addr", "add", f"{FAR_END}/30", "dev", "wan")
        for address in (NAME_SERVER, TELEKOM, TELEKOM_MOVED, ZWEIT, WEB, LISTENER):
            internet.ip("addr", "add", f"{address}/32", "dev", "lo")
        for place in (office, phones):
            place.ip("route", "add", "default", "via", GATEWAY)
        home.ip("route", "add", "default", "via", FAR_END)
        internet.ip("route", "add", f"{LAN}.0/24", "via", WAN)
        home.forwards()

    def _named(self) -> None:
        """The carriers' names as carriers have them, one target by name; and the office asks the home router."""
        for carrier in self.carriers:
            self.name_server.replace(f"_sip._udp.{carrier.domain}", "SRV", f"10 1 5060 {carrier.host}")
            self.name_server.replace(carrier.domain, "A", carrier.address)
        for carrier in (*self.carriers, self.telekom_moved):
            self.name_server.replace(carrier.host, "A", carrier.address)
        self.name_server.replace(WEB_NAME, "A", WEB)
        self.name_server.start(self.places["internet"], NAME_SERVER)
        self.home_names.start(self.places["home"], GATEWAY, WAN)
        names = self.home_dir / "resolv.conf"
        names.write_text(f"nameserver {GATEWAY}\n")
        self.places["office"].names = names


class _Office(Office):
    """With two trunks by name, and one phone."""

    def __init__(self, net: int, rtp: int, **times: float) -> None:
        super().__init__(net, rtp, (), **times)

    def files(self) -> dict[str, str]:
        pjsip = f"[udp]\ntype = transport\nprotocol = udp\nbind = {self.address}:5060\n"
        for name, hosts in (("telekom", f"{TELEKOM},{TELEKOM_MOVED}"), ("zweit", ZWEIT)):
            pjsip += trunk_conf.endpoint(name, f"sip:{name}.test", "udp", answers=True, times=self._times)
            pjsip += trunk_conf.identify(name, hosts) + trunk_conf.auth(name, SECRET)
            pjsip += REGISTRATION.format(name=name, host=f"{name}.test", **self._times)
        pjsip += PHONE.format(phone="20", address=DESK)
        return super().files() | {"pjsip.conf": pjsip}


class _Desk(Phone):
    def __init__(self, net: int) -> None:
        super().__init__("desk", net, 31, 14000, tone=660)

    def pjsip(self) -> str:
        return super().pjsip().replace(f"127.0.{self.net}.1:", f"{OFFICE}:").replace(
            f"127.0.{self.net}.0/255.255.255.0", OFFICE
        )  # fmt: skip
