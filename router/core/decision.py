"""Where each published number's calls go now, whether it can be reached, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from router.core import orders
from router.core.health import Cause, State
from router.core.orders import Mode, Override, Overrides
from router.core.sentence import Sentence, say
from router.core.site import NumberSite, Person, Site, Way
from router.core.trunk import Trunk

PROOF_LASTS = timedelta(hours=24)


class Reachable(StrEnum):
    YES = "yes"
    NO = "no"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Decision:
    """`auto`: what the automatics say; `way`: what holds, staff's word included. `over`: trunks for forwarded calls, in order."""

    number: str
    trunk: str
    auto: Way
    way: Way
    word: Override | None
    mobiles: tuple[tuple[Person, str], ...]
    over: tuple[str, ...]
    reachable: Reachable
    why: Sentence


def decide(site: Site, trunks: Mapping[str, Trunk], overrides: Overrides, wall: datetime) -> tuple[Decision, ...]:
    """One decision per published number. The flip rule: a number follows its own trunk, whichever trunk a call arrives by."""
    return tuple(_decided(site, number, trunks, overrides, wall) for number in site.numbers)


def _decided(
    site: Site, number: NumberSite, trunks: Mapping[str, Trunk], overrides: Overrides, wall: datetime
) -> Decision:
    trunk = trunks[number.trunk]
    mobiles = tuple(site.mobiles(number))
    over = fallbacks(site, number, trunks)
    auto = automatic(number, trunk, over if mobiles else ())
    word = orders.in_force(overrides, number.number, wall)
    way = manual(word, over if mobiles else ()) if word else auto
    reachable = reach(trunk, wall)
    why = _sentence(site, number, trunk, way, word, mobiles, over, reachable)
    return Decision(number.number, number.trunk, auto, way, word, mobiles, over, reachable, why)


def automatic(number: NumberSite, trunk: Trunk, over: tuple[str, ...]) -> Way:
    """What holds without staff's word. Without a trunk to forward over, nothing is gained by a switch."""
    if not trunk.health.diverted or not over:
        return Way.OFFICE
    return number.when_down


def manual(word: Override, over: tuple[str, ...]) -> Way:
    """What staff asked for; where no trunk is left to forward over, the office phones ring."""
    return Way.MOBILE if word.mode is Mode.MOBILE and over else Way.OFFICE


def fallbacks(site: Site, number: NumberSite, trunks: Mapping[str, Trunk]) -> tuple[str, ...]:
    """The trunks that a forwarded call of `number` may leave by, best first: never one that is down, its own only while good."""
    names = site.fallbacks if site.fallbacks is not None else tuple(trunk.name for trunk in site.trunks)
    usable = [name for name in names if not trunks[name].health.diverted]
    return tuple(sorted(usable, key=lambda name: (trunks[name].health.state is State.FAILING, name == number.trunk)))


def reach(trunk: Trunk, wall: datetime) -> Reachable:
    """Whether a caller who dials a number of `trunk` gets through. Never yes without a call that did."""
    if trunk.health.diverted:
        return Reachable.UNPROVEN if _may_be_reached(trunk) else Reachable.NO
    recent = trunk.last_inbound_call is not None and wall - trunk.last_inbound_call < PROOF_LASTS
    return Reachable.YES if recent and trunk.health.state is State.UP else Reachable.UNPROVEN


def _may_be_reached(trunk: Trunk) -> bool:
    """Failed outgoing calls prove nothing of incoming ones; a trunk that answers again may already deliver."""
    return trunk.health.cause is Cause.CALLS or trunk.health.state is State.RECOVERING


def _sentence(
    site: Site, number: NumberSite, trunk: Trunk, way: Way, word: Override | None,
    mobiles: tuple[tuple[Person, str], ...], over: tuple[str, ...], reachable: Reachable,
) -> Sentence:  # fmt: skip
    person = mobiles[0][0].name if mobiles else ""
    last = site.trunk(over[0]).label if over else ""
    names = {"number": number.number, "trunk": trunk.site.label, "person": person, "over": last}
    if word is not None:
        return _manual_sentence(word, way, names)
    if trunk.health.diverted:
        return _diverted_sentence(trunk, way, over, reachable, names)
    return _normal_sentence(trunk, reachable, names)


def _manual_sentence(word: Override, way: Way, names: dict[str, str]) -> Sentence:
    told = {"number": names["number"], "by": word.by}
    if word.mode is Mode.MOBILE and way is Way.OFFICE:
        return say(
            "{by} wants calls to {number} on the mobile, but no trunk is left to forward over: they ring in the office.",
            **told,
        )
    if way is Way.MOBILE and word.until:
        return say(
            "By order of {by}, calls to {number} go to {person}'s mobile until {until}.",
            **told,
            person=names["person"],
            until=word.until,
        )
    if way is Way.MOBILE:
        return say("By order of {by}, calls to {number} go to {person}'s mobile.", **told, person=names["person"])
    if word.until:
        return say("By order of {by}, calls to {number} ring in the office until {until}.", **told, until=word.until)
    return say("By order of {by}, calls to {number} ring in the office.", **told)


def _diverted_sentence(
    trunk: Trunk, way: Way, over: tuple[str, ...], reachable: Reachable, names: dict[str, str]
) -> Sentence:
    if trunk.health.state is State.RECOVERING and way is not Way.OFFICE:
        return say(
            "{trunk} looks good again. Until that has lasted, calls to {number} go to {person}'s mobile over {over}.",
            **names,
        )
    if reachable is Reachable.UNPROVEN and way is not Way.OFFICE:
        return say(
            "Calls over {trunk} fail; whether {number} can be reached is not proven. Calls that arrive go to {person}'s mobile over {over}.",
            **names,
        )
    number_trunk = {"number": names["number"], "trunk": names["trunk"]}
    if way is not Way.OFFICE:
        return say(
            "Whoever dials {number} cannot reach us right now. Calls that arrive by another trunk go to {person}'s mobile over {over}.",
            **names,
        )
    if not over:
        return say(
            "{trunk} is down, and no other trunk is left to forward over. Whoever dials {number} and gets through rings the office.",
            **number_trunk,
        )
    return say("{trunk} is down. Whoever dials {number} and gets through rings the office.", **number_trunk)


def _normal_sentence(trunk: Trunk, reachable: Reachable, names: dict[str, str]) -> Sentence:
    number_trunk = {"number": names["number"], "trunk": names["trunk"]}
    if trunk.health.state is State.UNKNOWN:
        return say("Calls to {number} ring in the office. Nothing is known of {trunk} yet.", **number_trunk)
    if trunk.health.state is State.FAILING:
        return say("Calls to {number} ring in the office. {trunk} looks bad just now.", **number_trunk)
    if reachable is Reachable.YES:
        return say("Calls to {number} ring in the office.", number=names["number"])
    if trunk.last_inbound_call is not None:
        return say(
            "{trunk} answers. That calls to {number} arrive has not been proven since {last}.",
            **number_trunk,
            last=trunk.last_inbound_call,
        )
    return say("{trunk} answers. That calls to {number} arrive has not been proven yet.", **number_trunk)
