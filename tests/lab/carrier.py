"""A carrier: the other end of a trunk, with customers who call and numbers that answer. Its faults are verbs."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from typing import Any

from tests.lab.board import Sighting
from tests.lab.border import Border, Fault
from tests.lab.call import Call
from tests.lab.firewall import Firewall
from tests.lab.party import Party

SECRET = "trunk"
_PREFIXES = ("+49", "0049", "49", "0")  # of one and the same German number

# What the office sends. A mobile number goes on to the mobile network, anything else the carrier itself answers. The
# channel limit is that of a gateway with so many SIM cards: a call more is refused with 503 (cause 34).
_FROM_OFFICE = """
[from-office]
exten => _[+0-9]!,1,Set(GROUP()=calls)
 same => n,GotoIf($[${{CHANNELS}} > 0 & ${{GROUP_COUNT(calls)}} > ${{CHANNELS}}]?full)
 same => n,Goto(network,${{EXTEN}},1)
 same => n(full),Hangup(34)

[network]
exten => _[+0-9]!,1,Goto(called,${{EXTEN}},1)
{mobiles}
[mobile]
exten => _[+0-9]!,1,Wait(${{DELAY}})
 same => n,GotoIf($["${{FORWARDS_${{FILTER(0-9,${{EXTEN}})}}}}" != ""]?forwarded,${{EXTEN}},1)
 same => n,Dial(PJSIP/${{EXTEN}}@mobile,300)
 same => n,Hangup(${{HANGUPCAUSE}})

[forwarded]
exten => _[+0-9]!,1,Set(SHOWN=${{SHOWN_${{FILTER(0-9,${{EXTEN}})}}}})
 same => n,Set(TO=${{FORWARDS_${{FILTER(0-9,${{EXTEN}})}}}})
 same => n,ExecIf($["${{SHOWN}}" = "changed"]?Set(CALLERID(num)=${{EXTEN}}))
 same => n,ExecIf($["${{SHOWN}}" = "anonymous"]?Set(CALLERID(pres)=prohib))
 same => n,GotoIf($["${{FORWARDS_${{FILTER(0-9,${{TO}})}}}}" != ""]?forwarded,${{TO}},1)
 same => n,Dial(PJSIP/${{TO}}@office,60)
 same => n,Hangup(${{HANGUPCAUSE}})

[to-office]
exten => _[+0-9]!,1,Hangup(1)
"""

_PJSIP = """
[office](party)
context = from-office
outbound_proxy = sip:{border}\\;lr
trust_id_inbound = yes
aors = office
{auth}
[office]
type = aor
{contact}
[office]
type = identify
endpoint = office
match = {border}

[mobile](party)
context = to-office
aors = mobile
[mobile]
type = aor
contact = sip:mobile@{mobile}:5060
"""

_AUTH = """\
auth = office
[office]
type = auth
auth_type = userpass
username = office
password = {secret}
"""

LONG_SILENCE = 15.0
"""Seconds after which a REGISTER was probably sent into the silence; Asterisk gives it up 32 s after it was sent."""


class Carrier(Party):
    """The carrier at `border`; `mobiles` ring the mobile phone, "any" for all that look like a mobile's.

    `registers` False: the office does not register, the carrier knows its address, as a gateway in the office does.
    """

    def __init__(
        self, name: str, net: int, last: int, rtp: int, firewall: Firewall, *, tone: int, mobiles: tuple[str, ...] = (),
        registers: bool = True, channels: int = 0,
    ) -> None:  # fmt: skip
        self.border = f"127.0.{net}.{last}"
        super().__init__(name, f"127.0.{net}.{last + 100}", f"/lab/{net}/{name}", rtp, tone=tone)
        self.net, self.mobiles, self.registers, self.channel_limit = net, mobiles, registers, channels
        self._firewall, self._disturbed = firewall, False
        self._border = Border(self.border, self.address, self.board)

    def pjsip(self) -> str:
        contact = "max_contacts = 1\nremove_existing = yes\nminimum_expiration = 1\n"
        if not self.registers:
            contact = f"contact = sip:office@127.0.{self.net}.1:5060\n"
        auth = _AUTH.format(secret=SECRET) if self.registers else ""
        mobile = f"127.0.{self.net}.21"
        return super().pjsip() + _PJSIP.format(border=self.border, auth=auth, contact=contact, mobile=mobile)

    def dialplan(self) -> str:
        bare = [number.removeprefix("+49") for number in self.mobiles]
        if "any" in self.mobiles:
            bare = ["1[567]XXX!"]
        lines = [f"exten => _{prefix}{number},1,Goto(mobile,${{EXTEN}},1)\n" for prefix in _PREFIXES for number in bare]
        return super().dialplan() + _FROM_OFFICE.format(mobiles="".join(lines))

    def prepare(self) -> None:
        super().prepare()
        self._globals["CHANNELS"] = str(self.channel_limit)

    def start(self) -> None:
        if not self.running:
            super().start()

    def open_border(self) -> None:
        self._border.start()

    def close_border(self) -> None:
        self._border.stop()

    # --- calls --------------------------------------------------------------------------------------------------------

    def calls(
        self,
        number: str,
        caller: str = "+491601111111",
        *,
        name: str = "",
        registered: bool = False,
        early: bool = False,
    ) -> Call:
        """A customer of this carrier dials a number of the office: an INVITE to the office, the number in its URI.

        `registered`: the URI is the registered contact, as most carriers have it, and the number stands nowhere.
        `name`: the display name as raw text of SIP, quotes and all. `early`: listen from early media on.
        """
        if name:
            self._border.names.append(("office" if registered else number, name))
        channel = "PJSIP/office" if registered else f"PJSIP/{number}@office"
        return self.originate(channel, number, caller, early, **{"GROUP()": "calls"})

    async def invited(self, within: float = 5.0, since: float = 0.0, **match: str) -> Sighting:
        """The first INVITE that the office sent here; its fields: Number, Caller, Asserted, From, CallID."""
        return await self.board.wait("INVITE", within, since, **match)

    def invites(self, since: float = 0.0, **match: str) -> list[Sighting]:
        """Every call that the office has sent here, however it went on."""
        return self.board.all("INVITE", since, **match)

    def forwards(self, number: str, to: str, shown: str = "kept") -> None:
        """Who calls `number` is sent on, to a number of the office or to one that is sent on, too.

        `shown` to the next: the caller's number as it came ("kept"), `number` itself ("changed"), or "anonymous".
        """
        for name, value in (("FORWARDS", to), ("SHOWN", shown)):
            key = f"{name}_{number.removeprefix('+')}"
            self._globals[key] = value
            self.set_global(key, value)

    def forget(self) -> None:
        for name in [n for n in self._globals if n.startswith(("FORWARDS_", "SHOWN_"))]:
            del self._globals[name]
            self.set_global(name, "")
        super().forget()

    def set_channels(self, channels: int) -> None:
        """How many calls at once it has room for, in and out; one more from the office meets 503. 0: any number."""
        self.channel_limit = channels
        self._globals["CHANNELS"] = str(channels)
        self.set_global("CHANNELS", str(channels))

    # --- faults: each a context manager, undone at its end ------------------------------------------------------------

    @contextlib.contextmanager
    def silent(self, sip_only: bool = False) -> Iterator[None]:
        """Every packet from and to the carrier gets lost. `sip_only`: calls that stand are still heard."""
        begun = time.monotonic()
        try:
            with self._firewall.losing([self.border, self.address], sip_only=sip_only):
                yield
        finally:
            self._disturbed |= time.monotonic() - begun > LONG_SILENCE

    @contextlib.contextmanager
    def loses_share(self, share: float) -> Iterator[None]:
        """Each packet between office and carrier gets lost with this chance, 0 to 1, SIP and audio alike."""
        with self._firewall.losing([self.border, self.address], share=share):
            yield

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """SIP takes so many seconds more to it, and as many back; audio does not."""
        self._border.delay = seconds
        try:
            yield
        finally:
            self._border.delay = 0.0

    def refuses_registration(self, code: int = 403) -> contextlib.AbstractContextManager[Fault]:
        return self._fault("REGISTER", code)

    def leaves_registration_unanswered(self) -> contextlib.AbstractContextManager[Fault]:
        return self._fault("REGISTER")

    def answers_invites_with(self, code: int, caller: str = "") -> contextlib.AbstractContextManager[Fault]:
        """All, or those that show the number `caller`."""
        return self._fault("INVITE", code, caller=caller)

    def leaves_invites_unanswered(self) -> contextlib.AbstractContextManager[Fault]:
        return self._fault("INVITE")

    def answers_options_with(self, code: int) -> contextlib.AbstractContextManager[Fault]:
        return self._fault("OPTIONS", code)

    def leaves_options_unanswered(self) -> contextlib.AbstractContextManager[Fault]:
        return self._fault("OPTIONS")

    def loses_options(self, times: int) -> contextlib.AbstractContextManager[Fault]:
        """Exactly so many OPTIONS are lost, each with all its retransmissions: so many probes go unanswered."""
        return self._fault("OPTIONS", times=times)

    def loses_share_of_options(self, share: float, seed: int = 0) -> contextlib.AbstractContextManager[Fault]:
        """Each probe gets lost with this chance, with all its retransmissions; the same seed loses the same ones."""
        return self._fault("OPTIONS", share=share, chance=random.Random(seed))

    @contextlib.contextmanager
    def answers_invites_late(self, seconds: float) -> Iterator[None]:
        """100 Trying at once, and then nothing for so many seconds until it rings."""
        self._globals["DELAY"] = str(seconds)
        self.set_global("DELAY", str(seconds))
        try:
            yield
        finally:
            self._globals["DELAY"] = "0"
            if self.running:
                self.set_global("DELAY", "0")

    def registration_disturbed(self) -> bool:
        """Whether a fault has met a REGISTER since this was asked last: the registration is still upset then."""
        hit, self._disturbed = self._disturbed, False
        return hit

    @contextlib.contextmanager
    def _fault(self, method: str, code: int = 0, times: int = -1, **more: Any) -> Iterator[Fault]:
        fault = Fault(method, code, times=times, **more)
        self._border.faults.append(fault)
        try:
            yield fault
        finally:
            self._border.faults.remove(fault)
            self._disturbed |= method == "REGISTER" and bool(fault.hit)
