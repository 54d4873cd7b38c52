"""The settings as the core needs them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from router.core import site
from router.core.site import Desk, NumberSite, Person, Policy, Site, TrunkSite, WatchKind, Way
from router.settings import Forwarding, PublishedNumber, Settings, Trunk


def site_of(settings: Settings) -> Site:
    """What is fixed about the office while the router runs."""
    forwarding, policy = settings.forwarding, settings.policy
    return Site(
        id=settings.office.id,
        name=settings.office.name,
        country=settings.office.country,
        trunks=tuple(_trunk(trunk) for trunk in settings.trunks),
        numbers=tuple(_number(number, settings) for number in settings.numbers),
        people=tuple(Person(person.name, tuple(person.numbers)) for person in settings.people),
        standing_by=_standing_by(settings),
        emergency=tuple(settings.office.emergency),
        outside_prefix=settings.office.outside_prefix,
        fallbacks=None if forwarding.trunks is None else tuple(forwarding.trunks),
        forwarding=_forwarding(forwarding),
        desk=Desk(settings.office.language, settings.office.pin, settings.office.inside),
        timezone=ZoneInfo(settings.office.timezone),
        policy=Policy(
            probe=policy.probe_seconds,
            fall=policy.fall_seconds,
            rise=policy.rise_seconds,
            rise_most=policy.rise_max_seconds,
            switches_per_hour=policy.max_switches_per_hour,
            phones=policy.phones_seconds,
        ),
    )


def _forwarding(forwarding: Forwarding) -> site.Forwarding:
    return site.Forwarding(
        together=forwarding.ring == "together",
        ring_seconds=forwarding.ring_seconds,
        total_seconds=forwarding.total_seconds,
        confirm=forwarding.confirm,
        office_caller_id=forwarding.caller_id == "office",
        nobody=forwarding.nobody,
        prefixes=tuple(forwarding.allowed_prefixes),
        most_calls=forwarding.max_calls,
        minutes_per_day=forwarding.minutes_per_day,
    )


def _trunk(trunk: Trunk) -> TrunkSite:
    kind, _, peer = trunk.watch.partition(":")
    return TrunkSite(trunk.name, trunk.label, WatchKind(kind), peer, trunk.dial, trunk.number_format, trunk.channels)


def _number(number: PublishedNumber, settings: Settings) -> NumberSite:
    own = () if number.people is None else tuple(number.people)
    return NumberSite(
        number.number, number.trunk, number.calls, Way(number.when_down), tuple(number.arrives_as),
        own or _standing_by(settings), tuple(number.phones), own,
    )  # fmt: skip


def _standing_by(settings: Settings) -> tuple[str, ...]:
    people = settings.forwarding.people
    return tuple(people) if people else tuple(person.name for person in settings.people)
