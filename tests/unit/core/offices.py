"""Offices to play with: numbers that nobody has, two trunks, one person with a mobile."""

from __future__ import annotations

from datetime import UTC, datetime

from router.core.site import NumberSite, Person, Policy, Site, TrunkSite, WatchKind, Way

NUMBER, GSM_NUMBER = "+4930123456", "+491701234567"
MOBILE = "+4917112345678"
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def trunk_site(name: str, watch: WatchKind = WatchKind.PJSIP, label: str | None = None) -> TrunkSite:
    return TrunkSite(name, label or name.capitalize(), watch, name, f"PJSIP/{{number}}@{name}")


def site(
    trunks: tuple[TrunkSite, ...] = (trunk_site("telekom"), trunk_site("gsm")),
    policy: Policy | None = None,
    when_down: Way = Way.MOBILE,
    people: tuple[Person, ...] = (Person("Anna", (MOBILE,)),),
    fallbacks: tuple[str, ...] | None = None,
    phones: tuple[str, ...] = (),
) -> Site:
    """An office with one number on its first trunk, and one on its second if there is one.

    `phones`: those behind the first number.
    """
    names = tuple(person.name for person in people)
    numbers = [NumberSite(NUMBER, trunks[0].name, "office-phones,{did},1", when_down, people=names, phones=phones)]
    if len(trunks) > 1:
        numbers.append(NumberSite(GSM_NUMBER, trunks[1].name, "office-phones,{did},1", when_down, people=names))
    return Site(
        "muster", "Muster", "DE", trunks, tuple(numbers), people, fallbacks=fallbacks, policy=policy or Policy()
    )
