"""The sections of failover.toml that say where calls go: trunks, numbers, people, forwarding, policy.

A new key is a new field with a default, as in router/settings/sections.py.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from router.core.numbers import NumberFormat
from router.settings import checks as check
from router.settings.sections import Distinct, Listed, Section, Shown

WatchKind = Literal["pjsip", "iax2", "device", "none"]

TrunkName = Annotated[str, check.matching(r"[A-Za-z0-9_-]{1,40}", "must be 1 to 40 of A-Z, a-z, 0-9, _ and -")]
Number = Annotated[str, AfterValidator(check.number)]
Prefix = Annotated[str, check.matching(r"\+[1-9][0-9]{0,14}", "must be + and digits")]
Arrival = Annotated[str, check.matching(r"[A-Za-z0-9_+*#.@-]{1,80}", "must be an extension as the dialplan gets it")]
Phone = Annotated[str, check.matching(r"[A-Za-z0-9_]+/[A-Za-z0-9_+@:/.-]{1,79}", 'must be a phone such as "PJSIP/20"')]
_WATCH = (
    "pjsip:[A-Za-z0-9_.@+-]{1,79}|iax2:[A-Za-z0-9_.@+-]{1,79}|device:[A-Za-z0-9_]+[/:][A-Za-z0-9_+@:/.-]{1,79}|none"
)
_EVERYBODY = "leave it out to ring those of [forwarding]"
_EVERY_TRUNK = "leave it out for every healthy trunk but the failed one"


class Trunk(Section):
    """A way to a carrier. The file's order is the order of preference for outbound calls."""

    name: TrunkName
    """Names the trunk in this file, in the route table and in the API."""
    label: Shown = Field(default="", validate_default=False)
    """As people read it; left out: the name."""
    watch: Annotated[str, check.matching(_WATCH, "is none of pjsip:ENDPOINT, iax2:PEER, device:DEVICE, none")]
    """What tells its health: pjsip:ENDPOINT, iax2:PEER, device:DEVICE, or none (only its calls tell)."""
    dial: str = Field(default="", validate_default=True)
    """What Dial() is given, with {number} in it; left out for pjsip: PJSIP/{number}@ENDPOINT."""
    number_format: NumberFormat = "e164"
    """How the carrier wants numbers: e164 +49…, international 0049…, national 030…, digits 4930…."""
    channels: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Calls at once; 0: no limit. A gateway with one SIM cannot take a call and forward it."""

    @property
    def watch_kind(self) -> WatchKind:
        """The part of `watch` before the colon."""
        kind: WatchKind = self.watch.partition(":")[0]  # type: ignore[assignment]
        return kind

    @property
    def peer(self) -> str:
        """The endpoint, peer or device that is watched; empty for none."""
        return self.watch.partition(":")[2]

    @model_validator(mode="before")
    @classmethod
    def _label_is_the_name(cls, raw: Any) -> Any:
        return {"label": raw["name"]} | raw if isinstance(raw, dict) and isinstance(raw.get("name"), str) else raw

    @field_validator("dial")
    @classmethod
    def _can_be_dialled(cls, value: str, info: ValidationInfo) -> str:
        kind, _, peer = str(info.data.get("watch", "")).partition(":")
        if value or not kind:
            return check.dial(value) if value else value
        if kind != "pjsip":
            raise ValueError(f"is missing: only a trunk watched as pjsip:ENDPOINT goes without, not {kind}")
        return check.dial(f"PJSIP/{{number}}@{peer}")


class PublishedNumber(Section):
    """A number that customers dial."""

    number: Number
    """E.164 after loading."""
    trunk: str
    """Name of the trunk it comes in by; its health decides this number's route (the flip rule)."""
    arrives_as: Annotated[tuple[Arrival, ...], Listed, Distinct] = ()
    """What Asterisk gets as extension, where it is not the number itself: many carriers deliver the account or "s"."""
    calls: Annotated[str, AfterValidator(check.place)]
    """Where its calls go on a normal day: context,extension,priority; {did} is the number in E.164."""
    when_down: Literal["mobile", "office_then_mobile", "office"] = "mobile"
    """Where its calls go while its trunk is down."""
    phones: Annotated[tuple[Phone, ...], Listed, Distinct] = ()
    """The office phones behind it, to tell whether anybody could answer; empty: not watched."""
    people: Annotated[tuple[str, ...], Listed, Distinct, check.filled(_EVERYBODY)] | None = None
    """Who is rung for it, in this order; left out: those of [forwarding]."""


class Person(Section):
    """Somebody who takes the office's calls on a mobile in an outage."""

    name: Shown
    """As colleagues call them; other keys refer to it."""
    numbers: Annotated[tuple[Number, ...], Listed, Distinct, check.filled("a person without a number cannot be rung")]
    """Mobile numbers, rung in this order; E.164 after loading."""


class Forwarding(Section):
    """How a call finds a human while the trunk is down."""

    people: Annotated[
        tuple[str, ...], Listed, Distinct, check.filled("leave it out to ring everyone of [[people]]")
    ] = ()
    """Who is rung, in this order, until the panel says otherwise; left out: everyone, in the order of [[people]]."""
    ring: Literal["together", "in_order"] = "together"
    """All mobiles at once, or one after the other."""
    ring_seconds: Annotated[int, Field(ge=5, le=300)] = 25
    """Seconds a mobile rings: short of the 30 s after which most mobile carriers' voicemail takes over."""
    total_seconds: Annotated[int, Field(ge=5, le=3600, validate_default=True)] = 60
    """Seconds for the whole chain, counted from the caller's first ring: few callers wait longer.

    Who has picked up by then, and is being asked, is heard out: about half a minute more, once."""
    confirm: bool = True
    """"Press 1 to take the call": without it a mobile's voicemail can swallow the call."""
    caller_id: Literal["caller", "office"] = "caller"
    """Whose number the mobile shows; some carriers refuse a foreign one."""
    trunks: Annotated[tuple[str, ...], Listed, Distinct, check.filled(_EVERY_TRUNK)] | None = None
    """Trunks for forwarded calls, in order of preference; left out: every healthy trunk but the failed one."""
    nobody: str = "announce"
    """When nobody takes the call: announce, hangup, or context,extension,priority (a voicemail, say)."""
    allowed_prefixes: Annotated[tuple[Prefix, ...], Listed, Distinct, check.filled("nobody could be rung")] = ("+49",)
    """Where the office pays for forwarded calls: a number entered on the panel cannot lead to a premium line abroad."""
    max_calls: Annotated[int, Field(ge=0, le=1000)] = 10
    """Forwarded calls at once; 0: no limit. One more rings the office: a flood of calls is no flood of bills."""
    minutes_per_day: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Minutes that forwarded calls may talk on one day; 0: no limit. Then calls ring the office; it warns at 4/5."""

    @field_validator("total_seconds")
    @classmethod
    def _one_ring_fits(cls, total: int, info: ValidationInfo) -> int:
        if total < info.data.get("ring_seconds", 0):
            raise ValueError(f"is less than ring_seconds, {info.data['ring_seconds']}")
        return total

    @field_validator("nobody")
    @classmethod
    def _leads_somewhere(cls, value: str) -> str:
        if value in ("announce", "hangup"):
            return value
        if "," not in value:
            raise ValueError("is none of announce, hangup, context,extension,priority")
        return check.place(value)


class Policy(Section):
    """When a trunk counts as down and as up again."""

    probe_seconds: Annotated[float, Field(ge=1, le=60)] = 5
    """Seconds between two OPTIONS to a trunk: a silent carrier is noticed within this and the fall time."""
    fall_seconds: Annotated[float, Field(ge=1, le=600)] = 3
    """Seconds of bad evidence before a trunk is down, counted from the sending of the first unanswered probe."""
    rise_seconds: Annotated[float, Field(ge=1, le=86_400)] = 120
    """Seconds of good evidence before calls go back: a carrier that comes back often goes again."""
    rise_max_seconds: Annotated[float, Field(ge=1, le=86_400, validate_default=True)] = 1800
    """Seconds; each relapse within an hour doubles the rise time, up to this."""
    max_switches_per_hour: Annotated[int, Field(ge=1, le=1000)] = 4
    """Per trunk; there and back are two; staff's do not count. Holds back only the way back, never a failover."""

    phones_seconds: Annotated[float, Field(ge=1, le=3600)] = 30
    """Seconds without any of a number's office phones before its calls go to the mobiles: a restart takes some."""

    @field_validator("rise_max_seconds")
    @classmethod
    def _not_below_the_rise_time(cls, most: float, info: ValidationInfo) -> float:
        if most < info.data.get("rise_seconds", 0):
            raise ValueError(f"is less than rise_seconds, {info.data['rise_seconds']:g}")
        return most
