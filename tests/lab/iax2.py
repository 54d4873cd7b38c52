"""A carrier that speaks IAX2, made of a real Asterisk, and the office's trunk to it.

lab = Lab(iax2=Iax2Carrier.office())
async with Iax2Carrier(lab) as carrier, lab:
    with carrier.silent(): ...
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from tests.lab.call import Call
from tests.lab.lab import Lab
from tests.lab.party import Party

NAME, SECRET, LAST = "iax", "trunk", 43

_OFFICE = """\
[general]
bindaddr = 127.0.{{net}}.1
disallow = all
allow = alaw
requirecalltoken = no
register => office:{secret}@127.0.{{net}}.{last}
[{name}]
type = friend
host = 127.0.{{net}}.{last}
username = office
secret = {secret}
context = failover-inbound
qualify = {qualify}
qualifyfreqok = {pace}
qualifyfreqnotok = {pace}
"""

_CARRIER = """\
[general]
bindaddr = {address}
disallow = all
allow = alaw
requirecalltoken = no
[office]
type = friend
host = dynamic
username = {name}
secret = {secret}
context = from-office
"""

_FROM_OFFICE = "\n[from-office]\nexten => _[+0-9]!,1,Goto(called,${EXTEN},1)\n"


class Iax2Carrier(Party):
    """At 127.0.`net`.43; it answers whatever it gets, as `Party` tells. Start it before its lab."""

    extra_modules = ("chan_iax2",)

    def __init__(self, lab: Lab) -> None:
        super().__init__("iax2", f"127.0.{lab.net}.{LAST}", f"/lab/{lab.net}/iax2", 20000, tone=740)
        self._firewall = lab.firewall

    @staticmethod
    def office(qualify: str = "yes", pace: int = 2000) -> str:
        """The office's iax.conf, `{net}` still to be filled in. `pace`: milliseconds from one POKE to the next."""
        return _OFFICE.format(name=NAME, secret=SECRET, last=LAST, qualify=qualify, pace=pace)

    def files(self) -> dict[str, str]:
        return super().files() | {"iax.conf": _CARRIER.format(address=self.address, name=NAME, secret=SECRET)}

    def dialplan(self) -> str:
        return super().dialplan() + _FROM_OFFICE

    def calls(self, number: str, caller: str = "+491601111111") -> Call:
        """A customer of this carrier dials a number of the office."""
        return self.originate(f"IAX2/office/{number}", number, caller)

    def silent(self) -> contextlib.AbstractContextManager[None]:
        """Every packet from and to the carrier gets lost."""
        return self._firewall.losing([self.address])

    @contextlib.contextmanager
    def refuses_registration(self) -> Iterator[None]:
        """The office's account there has another secret."""
        file = self.etc / "iax.conf"
        good = file.read_text()
        file.write_text(good.replace(f"secret = {SECRET}", "secret = changed"))
        self.cli("iax2 reload")
        try:
            yield
        finally:
            file.write_text(good)
            self.cli("iax2 reload")

    async def __aenter__(self) -> Iax2Carrier:
        try:
            self.prepare()
            self.start()
            self.ami.start()
            await self.booted()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *why: object) -> None:
        self.ami.stop()
        self.kill9()
        shutil.rmtree(self.home, ignore_errors=True)
