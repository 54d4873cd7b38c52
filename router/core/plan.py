"""The route table as the dialplan reads it: what stands under one key prefix, and what the dialplan must answer.

`asterisk/extensions_failover.conf` is the other end of this format; VERSION ties the two together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

from router.core import orders
from router.core.decision import Decision
from router.core.numbers import trunk_format
from router.core.orders import Overrides
from router.core.site import Site, TrunkSite, Way
from router.core.trunk import Trunk

VERSION = "1"
PATIENCE_HEALTHY, PATIENCE_DOWN = 12, 2
"""Seconds without ringing after which the dialplan itself leaves a leg (Dial's progress timeout, `60^12`)."""
LONGEST_VALUE = 900
"""Bytes of one value; a line of AMI holds 1022 in all."""
_MOVES_NO_CALL = ("trunks", "numbers", "orders", "phones")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the dialplan, and the only right answer: `Goto …` or a Dial string."""

    context: str
    extension: str
    expected: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`entries`: keys below failover/plan/<id>/ and their values.

    `asks`: what the dialplan is asked before the plan counts as verified.
    """

    id: int
    entries: Mapping[str, str]
    asks: tuple[Ask, ...] = field(default=(), compare=False)


def entries(
    site: Site,
    trunks: Mapping[str, Trunk],
    decisions: Collection[Decision],
    overrides: Overrides,
    away: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """The whole table for one plan, small enough to be written in one go. What is empty is not written.

    `away`: the numbers of which no office phone can be reached.
    """
    table = {decision.number: _number(decision, trunks) for decision in decisions}
    table["out"] = tried((trunk.site.name for trunk in outbound(site, trunks)), trunks)
    table["trunks"] = _fitting(
        f"{name}:{trunk.health.cause or ''}" for name, trunk in trunks.items() if trunk.health.diverted
    )
    table["numbers"] = _fitting(decision.number for decision in decisions if decision.alone)
    table["orders"] = _orders(overrides)
    table["phones"] = _fitting(d.number for d in decisions if d.number in away and d.auto is not Way.OFFICE)
    return {key: value for key, value in table.items() if value}


def asks(
    site: Site, trunks: Mapping[str, Trunk], decisions: Iterable[Decision], changed: frozenset[str]
) -> tuple[Ask, ...]:
    """The questions about the keys that changed."""
    questions = [
        Ask("failover-inbound", d.number, _inbound(site, d)) for d in decisions if d.number in changed
    ]  # fmt: skip
    if "out" in changed:
        first = outbound(site, trunks)[0].site
        sample = site.sample
        questions.append(Ask("failover-outbound", site.outside_prefix + sample, dial_string(site, first, sample)))
    return tuple(questions)


def outbound(site: Site, trunks: Mapping[str, Trunk]) -> list[Trunk]:
    """In order of preference; those that are down come last, for when all else has failed."""
    return sorted((trunks[t.name] for t in site.trunks), key=lambda trunk: trunk.health.diverted)


def dial_string(site: Site, trunk: TrunkSite, number: str) -> str:
    """What Dial() gets for `number` (E.164) over `trunk`."""
    return trunk.dial.replace("{number}", trunk_format(number, trunk.number_format, site.country))


def diverted_in(table: Mapping[str, str]) -> dict[str, str]:
    """Which trunks the table holds for down, each with what brought it down."""
    pairs = (item.partition(":") for item in table.get("trunks", "").split(",") if item)
    return {name: cause for name, _, cause in pairs}


def numbers_in(table: Mapping[str, str]) -> list[str]:
    """The numbers that the table holds for dead though their trunk is not."""
    return [number for number in table.get("numbers", "").split(",") if number]


def away_in(table: Mapping[str, str]) -> frozenset[str]:
    """The numbers whose calls the table sends to the mobiles since no office phone could be reached."""
    return frozenset(table.get("phones", "").split(",")) - {""}


def orders_in(table: Mapping[str, str]) -> Overrides:
    """The overrides that the table carries, so that they outlive even the database."""
    try:
        return orders.from_json(table.get("orders") or "[]")
    except ValueError:
        return ()


def without_patience(table: Mapping[str, str]) -> dict[str, str]:
    """The table without the seconds of silence that a leg is allowed: they move no call that is heard."""
    return {key: value if key in _MOVES_NO_CALL else _names(value) for key, value in table.items()}


def _names(row: str) -> str:
    """A row whose last part is trunk:seconds&trunk:seconds, with the trunks alone."""
    head, bar, over = row.rpartition("|")
    return head + bar + "&".join(item.partition(":")[0] for item in over.split("&"))


def _number(decision: Decision, trunks: Mapping[str, Trunk]) -> str:
    """auto|manual|until|mobiles|trunks: the dialplan obeys `manual` until then, else `auto` while vouched for."""
    word = decision.word
    manual = word.mode.value if word else ""
    until = str(ceil(word.until.timestamp())) if word and word.until else ""
    mobiles = _fitting((mobile for _, mobile in decision.mobiles), "&", LONGEST_VALUE // 2)
    head = "|".join((decision.auto.value, manual, until, mobiles, ""))
    return head + tried(decision.over, trunks, LONGEST_VALUE - len(head))


def tried(names: Iterable[str], trunks: Mapping[str, Trunk], room: int = LONGEST_VALUE) -> str:
    """Trunks one after the other, each with the seconds of silence that it is allowed."""
    return _fitting((f"{name}:{_patience(trunks[name])}" for name in names), "&", room)


def _inbound(site: Site, decision: Decision) -> str:
    if decision.way is not Way.OFFICE and decision.over:
        first = "office&" if decision.way is Way.OFFICE_THEN_MOBILE else ""
        return first + dial_string(site, site.trunk(decision.over[0]), decision.mobiles[0][1])
    return "Goto " + site.number(decision.number).calls.replace("{did}", decision.number).replace(",", "&")


def _patience(trunk: Trunk) -> int:
    return PATIENCE_DOWN if trunk.health.diverted or trunk.impatient else PATIENCE_HEALTHY


def _fitting(items: Iterable[str], between: str = ",", room: int = LONGEST_VALUE) -> str:
    """As many as one value holds. Of trunks to try, more remain than a call lives to try; of what
    is down or away, the rest comes back a little sooner after a restart."""
    text = between.join(items)
    return text if len(text) <= room else text[: room + 1].rpartition(between)[0]


def _orders(overrides: Overrides) -> str:
    """Where not all of it fits, the reasons go first, then the oldest orders."""
    text = orders.to_json(overrides)
    kept = sorted(orders.without_reasons(overrides), key=lambda word: word.since)
    while len(text) > LONGEST_VALUE:
        text = orders.to_json(kept)
        kept = kept[1:]
    return text
