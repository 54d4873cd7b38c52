"""What is fixed about an office while the router runs: its trunks, numbers, people and policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from enum import StrEnum

from router.core.numbers import NumberFormat, example


class Way(StrEnum):
    """Where a published number's calls go."""

    OFFICE = "office"
    MOBILE = "mobile"
    OFFICE_THEN_MOBILE = "office_then_mobile"


class WatchKind(StrEnum):
    PJSIP = "pjsip"
    IAX2 = "iax2"
    DEVICE = "device"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TrunkSite:
    """`dial` holds {number} once; `channels` is 0 where there is no limit."""

    name: str
    label: str
    watch: WatchKind
    peer: str
    dial: str
    number_format: NumberFormat = "e164"
    channels: int = 0

    @property
    def channels_of(self) -> str:
        """How Asterisk names its channels, up to the last hyphen: PJSIP/telekom. Empty where nobody can tell."""
        technology = {WatchKind.PJSIP: "PJSIP/", WatchKind.IAX2: "IAX2/", WatchKind.DEVICE: ""}.get(self.watch)
        return "" if technology is None else technology + self.peer


@dataclass(frozen=True, slots=True)
class NumberSite:
    """A published number in E.164; `calls` is context,extension,priority; `phones`: the office phones behind it.

    `people`: who is rung for it now, by name and in order. `own`: people of its own, whatever the duty plan says;
    empty: those on duty.
    """

    number: str
    trunk: str
    calls: str
    when_down: Way = Way.MOBILE
    arrives_as: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Seconds, all of them, but `switches_per_hour`."""

    probe: float = 5
    fall: float = 3
    rise: float = 120
    rise_most: float = 1800
    switches_per_hour: int = 4
    phones: float = 30


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How a forwarded call finds a human. Seconds; `most_calls` and `minutes_per_day` are 0 where there is no limit.

    `nobody` is announce, hangup, or context,extension,priority.
    """

    together: bool = True
    ring_seconds: int = 25
    total_seconds: int = 60
    confirm: bool = True
    office_caller_id: bool = False
    nobody: str = "announce"
    prefixes: tuple[str, ...] = ("+49",)
    most_calls: int = 10
    minutes_per_day: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """What the dialplan says and asks at a desk phone. `inside`: the context of the office's own extensions."""

    language: str = "de"
    pin: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """`fallbacks` names the trunks for forwarded calls; None stands for every healthy trunk but the failed one.

    `people`: everybody, on duty or not. `standing_by`: who is rung, in order, where no plan says who is on duty.
    `holidays`: public holidays by date, with their names.
    """

    id: str
    name: str
    country: str
    trunks: tuple[TrunkSite, ...]
    numbers: tuple[NumberSite, ...]
    people: tuple[Person, ...]
    emergency: tuple[str, ...] = ("110", "112")
    outside_prefix: str = ""
    fallbacks: tuple[str, ...] | None = None
    forwarding: Forwarding = field(default_factory=Forwarding)
    desk: Desk = field(default_factory=Desk)
    timezone: tzinfo = UTC
    policy: Policy = field(default_factory=Policy)
    standing_by: tuple[str, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)

    @property
    def sample(self) -> str:
        """A number such as the office forwards to, for a question to the dialplan; it is not dialled."""
        return next((number for person in self.people for number in person.numbers), "") or example(self.country)

    @property
    def phones(self) -> tuple[str, ...]:
        """The office phones behind any number, as Asterisk names them (PJSIP/20), each once."""
        return tuple(dict.fromkeys(phone for number in self.numbers for phone in number.phones))

    def trunk(self, name: str) -> TrunkSite:
        return next(trunk for trunk in self.trunks if trunk.name == name)

    def number(self, number: str) -> NumberSite:
        return next(site for site in self.numbers if site.number == number)

    def mobiles(self, number: NumberSite) -> Iterator[tuple[Person, str]]:
        """Who is rung for `number`, in order, each with the mobile number in E.164."""
        for name in number.people:
            for person in self.people:
                if person.name == name:
                    yield from ((person, mobile) for mobile in person.numbers)
