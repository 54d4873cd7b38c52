"""A party that speaks: an Asterisk that calls or is called, plays its own tone and records what it hears."""

from __future__ import annotations

import itertools

from tests.lab.asterisk import Asterisk
from tests.lab.call import Call

# What every party does in a call. LabRings tells who is called by whom; the answer depends on the global variables
# BEHAVES, AFTER (seconds to the answer) and CAUSE, or on those of the number called (BEHAVES_49171...).
# The recording begins before the answer: Answer() comes back with the other side's first packet, or after 0.5 s.
DIALPLAN = """\
[globals]
TONE = {tone}
BEHAVES = answers
AFTER = 0.2
CAUSE = 17
DELAY = 0
PRESSES = {presses}

[called]
exten => _[+0-9]!,1,UserEvent(LabRings)
 same => n,Set(KEY=${{FILTER(0-9,${{EXTEN}})}})
 same => n,Set(LATER=${{IF($["${{AFTER_${{KEY}}}}" = ""]?${{AFTER}}:${{AFTER_${{KEY}}}})}})
 same => n,Wait(${{DELAY}})
 same => n,Goto(${{IF($["${{BEHAVES_${{KEY}}}}" = ""]?${{BEHAVES}}:${{BEHAVES_${{KEY}}}})}},1)
exten => office,1,Goto(+0,1)
exten => s,1,Goto(+0,1)
exten => rings,1,Ringing()
 same => n,Wait(3600)
exten => answers,1,Ringing()
 same => n,Wait(${{LATER}})
 same => n,MixMonitor(,r({recordings}/${{UNIQUEID}}.wav))
 same => n,Answer()
 same => n,Set(KEYS=${{IF($["${{PRESSES_${{KEY}}}}" = ""]?${{PRESSES}}:${{PRESSES_${{KEY}}}})}})
 same => n,GotoIf($["${{KEYS}}" = "" | "${{KEYS}}" = "-"]?speaks,s,talk)
 same => n,Wait(.1)
 same => n,SendDTMF(${{KEYS}})
 same => n,Goto(speaks,s,talk)
exten => answers_at_once,1,MixMonitor(,r({recordings}/${{UNIQUEID}}.wav))
 same => n,Answer()
 same => n,Goto(speaks,s,talk)
exten => refuses,1,Hangup(${{IF($["${{CAUSE_${{KEY}}}}" = ""]?${{CAUSE}}:${{CAUSE_${{KEY}}}})}})

[speaks]
exten => s,1,MixMonitor(,r({recordings}/${{UNIQUEID}}.wav))
 same => n(talk),UserEvent(LabSpeaks,Hears: ${{CHANNEL(rtp,src)}})
 same => n,Playtones(${{TONE}})
 same => n,Wait(7200)
 same => n,Hangup()
"""

PJSIP = """\
[udp]
type = transport
protocol = udp
bind = {address}:5060

[party](!)
type = endpoint
transport = udp
disallow = all
allow = alaw
direct_media = no
"""

_serial = itertools.count(1)


class Party(Asterisk):
    """`tone` is its voice in Hz; `presses`: the keys it presses when it has answered, unless told otherwise."""

    presses = ""

    def __init__(self, name: str, address: str, inner: str, rtp: int, *, tone: int) -> None:
        super().__init__(name, address, inner, rtp)
        self.tone = tone
        self._globals: dict[str, str] = {}

    def pjsip(self) -> str:
        return PJSIP.format(address=self.address)

    def dialplan(self) -> str:
        return DIALPLAN.format(tone=self.tone, recordings=f"{self.inner}/spool/monitor", presses=self.presses)

    def files(self) -> dict[str, str]:
        return super().files() | {"pjsip.conf": self.pjsip(), "extensions.conf": self.dialplan()}

    async def booted(self, within: float = 20.0) -> None:
        await super().booted(within)
        for name, value in self._globals.items():
            self.set_global(name, value)

    # --- what it does when called -------------------------------------------------------------------------------------

    def answers(self, after: float = 0.2, number: str = "", presses: str | None = None) -> None:
        """Ring, and answer after so many seconds; for one number called, or for all that have no word of their own.

        `presses`: keys pressed a moment after the answer ("w" waits half a second); "" for none, as a voicemail.
        """
        self._behave("answers", number, AFTER=str(after), PRESSES=(self.presses if presses is None else presses) or "-")

    def only_rings(self, number: str = "") -> None:
        self._behave("rings", number)

    def refuses(self, cause: int = 17, number: str = "") -> None:
        """Refuse with a cause by Q.850: 17 busy (486), 21 rejected (403), 19 no answer (480), 1 no number (404)."""
        self._behave("refuses", number, CAUSE=str(cause))

    def _behave(self, how: str, number: str, **more: str) -> None:
        key = "_" + "".join(c for c in number if c.isdigit()) if number else ""
        for name, value in {"BEHAVES": how, **more}.items():
            self._globals[name + key] = value
            self.set_global(name + key, value)

    def forget(self) -> None:
        """Behave again as at the start."""
        for name in [n for n in self._globals if n.startswith(("BEHAVES_", "AFTER_", "CAUSE_", "PRESSES_"))]:
            del self._globals[name]
            self.set_global(name, "")
        self.answers()

    # --- calls it gets ------------------------------------------------------------------------------------------------

    async def rang(self, within: float = 5.0, since: float = 0.0, **match: str) -> Call:
        """The first call that rang here from the moment `since` on. `number` and `caller` narrow it down."""
        return await self.board.until(
            f"rings {match}", lambda: next(iter(self.calls_here(since, **match)), None), within
        )

    def calls_here(self, since: float = 0.0, *, number: str = "", caller: str = "") -> list[Call]:
        """Every call that has rung here from the moment `since` on."""
        calls = []
        for seen in self.board.all("LabRings", since):
            call = Call(self, seen["Uniqueid"], seen["Exten"], seen["CallerIDNum"])
            call.begun_at = seen.at
            if number in ("", call.number) and caller in ("", call.caller):
                calls.append(call)
        return calls

    # --- calls it makes -----------------------------------------------------------------------------------------------

    def originate(self, channel: str, number: str, caller: str = "", early: bool = False, **variables: str) -> Call:
        """Call by a channel; where it is answered the party speaks there. `early`: at early media already."""
        uniqueid = f"{self.name}-{next(_serial)}"
        call = Call(self, uniqueid, number, caller, action=f"o-{uniqueid}")
        fields = {"ActionID": f"o-{uniqueid}", "Channel": channel, "ChannelId": uniqueid, "Timeout": "300000"}
        fields |= {
            "Context": "speaks",
            "Exten": "s",
            "Priority": "1",
            "Async": "true",
            "EarlyMedia": str(early).lower(),
        }
        if caller:
            fields["CallerID"] = f"<{caller}>"
        answer = self.ami.act("Originate", **fields, Variable=[f"{name}={value}" for name, value in variables.items()])
        assert answer["Response"] == "Success", answer
        return call
