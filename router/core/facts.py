"""What is known when the question is whose fault it is: one trunk in trouble, and what was found around the PBX."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from router.core.health import Cause
from router.core.kin import family, network_of
from router.core.own_word import OwnWord, began
from router.core.peer import address_in, is_inside, is_own_name
from router.core.site import Policy
from router.core.surroundings import Ending, Look, Lookup, Reach, Standing
from router.core.trunk import Trunk, judged

OLDEST_LOOK = 30.0
"""Seconds after which a look says nothing of now; while anything is bad there is one every few seconds."""
QUICK = 1.0
"""Seconds within which an answer from the internet shows that our line is not what is slow."""


@dataclass(frozen=True, slots=True)
class Facts(OwnWord):
    """One trunk's own evidence, and what was found around. `look` is None where the last one began before the trouble,
    or is too old: it says nothing then.

    `alive`: trunks to the outside that have answered since, and answer now. `together`: other trunks, to other hosts
    outside, that fell silent at the same moment; none where all of them are one carrier's. `numbers`: published numbers
    of this trunk whose calls fail though others' do not.
    `where`: the address of the far end, or its name, or nothing. `standings`: of targets and names, what each is worth.
    """

    look: Look | None = None
    where: str = ""
    alive: tuple[Trunk, ...] = ()
    together: tuple[Trunk, ...] = ()
    numbers: tuple[str, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)

    @property
    def inside(self) -> bool:
        """Whether the far end is in a private network: our own, as a rule. A name of such counts where it is unknown to
        a name service that answers."""
        lost = self.lost_name
        unknown = lost is not None and lost.ending in (Ending.NO_SUCH_NAME, Ending.NO_ADDRESS)
        return is_inside(self.where) or (is_own_name(self.where) and (unknown or not self.names))

    @property
    def near(self) -> bool:
        """Whether that private network is our own, as far as is known: where this machine has an address itself."""
        exits = (self.look.exits if self.look else None) or ()
        own = {network_of(address) for exit_ in exits for address in (exit_.source, exit_.gateway)}
        return address_in(self.where) is None or network_of(self.where) in own

    @property
    def is_gateway(self) -> bool:
        """Whether it is our internet router itself, such as one that is a telephone exchange as well."""
        return any(exit_.gateway == self.where for exit_ in (self.look.exits if self.look else None) or ())

    # --- our own side -----------------------------------------------------------------------------------------------

    @property
    def targets(self) -> tuple[Reach, ...]:
        return self.look.targets if self.look else ()

    @property
    def works(self) -> bool:
        """Whether the internet is proven to work: a target answered, or a trunk to the outside did."""
        return any(target.answered for target in self.targets) or bool(self.alive)

    @property
    def quick(self) -> bool:
        """Whether the internet is proven to work, and to be quick."""
        alive = any(0 < trunk.evidence.usual_rtt_us < QUICK * 1e6 for trunk in self.alive)
        return alive or any(target.ending is Ending.OK and target.seconds < QUICK for target in self.targets)

    @property
    def credible(self) -> tuple[Reach, ...]:
        """The targets that worked while all was well; only their silence speaks against our internet."""
        return tuple(reach for reach in self.targets if self._standing(reach.target).good)

    @property
    def cut(self) -> bool:
        """Whether everything that was asked of the internet is dead; where no target ever worked, the rest as well."""
        return not self.works and (bool(self.credible) or (bool(self.targets) and self._all_dead))

    @property
    def _all_dead(self) -> bool:
        """Whether nobody is left who answers: no internet router, no name service."""
        exits, names = (self.look.exits, self.look.names) if self.look else (None, ())
        nobody = bool(exits) and all(exit_.gateway and exit_.ending is not Ending.OK for exit_ in exits or ())
        return nobody and bool(names) and all(lookup.ending is not Ending.OK for lookup in names)

    def _standing(self, what: str) -> Standing:
        return self.standings.get(what, Standing())

    @property
    def nameless(self) -> bool:
        """Whether no target could even be tried, since no name could be looked up."""
        return self.cut and all(target.ending is Ending.NAME for target in self.targets)

    @property
    def no_link(self) -> str:
        """The network card by which we go out, where it has no link; several where there is no way out at all."""
        if self.look is None or self.works:
            return ""
        exits = self.look.exits or ()
        if self.no_way and not exits:
            return ", ".join(self.look.unlinked)
        return exits[0].card if exits and all(exit_.gateway and exit_.link is False for exit_ in exits) else ""

    @property
    def no_way(self) -> bool:
        """Whether this machine knows no way to the far end."""
        if self.look is None or self.works:
            return False
        unknown = address_in(self.where) is None and self.look.exits == ()
        return unknown or self.where in self.look.unrouted

    @property
    def dead_gateway(self) -> str:
        """The gateway, where the network finds nobody at its address."""
        exits = (self.look.exits if self.look else None) or ()
        dead = exits and all(exit_.ending is Ending.UNREACHABLE for exit_ in exits) and not self.works
        return exits[0].gateway if dead else ""

    @property
    def live_gateway(self) -> str:
        exits = (self.look.exits if self.look else None) or ()
        return next((exit_.gateway for exit_ in exits if exit_.ending is Ending.OK), "")

    # --- names ------------------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[Lookup, ...]:
        """Of this trunk's hosts, those that are names, as they were looked up; not what the PBX alone knows."""
        hosts = dict.fromkeys(host.name for host in (self.trunk.peer, self.trunk.registrar) if host)
        hosts = dict.fromkeys(name for name in hosts if self._standing(name).vain is None)
        found = [self.look.name(name) for name in hosts] if self.look else []
        return tuple(lookup for lookup in found if lookup is not None)

    @property
    def lost_name(self) -> Lookup | None:
        return next((lookup for lookup in self.names if lookup.ending is not Ending.OK), None)

    @property
    def slow_name(self) -> Lookup | None:
        return next((lookup for lookup in self.names if lookup.slow), None)

    @property
    def others(self) -> tuple[Lookup, ...]:
        """Every other name that the look asked for."""
        return tuple(lookup for lookup in self.look.names if lookup not in self.names) if self.look else ()

    @property
    def names_dead(self) -> bool:
        """Whether no name at all could be looked up, of two or more. What may never have existed does not count."""
        there = self.look.names if self.look else ()
        unheard_of = (Ending.NO_SUCH_NAME, Ending.NO_ADDRESS)
        found = [lookup for lookup in there if self._standing(lookup.name).good or lookup.ending not in unheard_of]
        return len(found) > 1 and all(lookup.ending is not Ending.OK for lookup in found)

    @property
    def other_name(self) -> Lookup | None:
        """Another name that was looked up well and soon: the name service as such works."""
        return next((lookup for lookup in self.others if lookup.ending is Ending.OK and not lookup.slow), None)


@dataclass(frozen=True, slots=True)
class Troubles:
    """Found by others than the trunks' own judgement. `numbers`: by trunk, those published numbers whose calls alone
    fail. `phones`: office phones that do not answer the PBX, as people call them, and since when. `targets`: those that
    cannot be reached though trunks to the outside answer, so that they are no evidence. Whoever finds such
    trouble puts it into Office.troubles; the rows for it are in `blame` and `office_blame`."""

    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phones: tuple[str, ...] = ()
    phones_since: datetime | None = None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Far:
    """The trunks to the outside: those that answer, with when they did last (monotonic seconds), and those that fell
    silent, with when, the first first. By each trunk's name: `where` its far end is, and the `families` it is of."""

    where: Mapping[str, str]
    answered: tuple[tuple[float, Trunk], ...]
    fallen: tuple[tuple[float, Trunk], ...]
    families: Mapping[str, frozenset[str]]


def far_of(trunks: Iterable[Trunk], last: Look | None) -> Far:
    """`last`: the latest look, which knows the addresses of names."""
    where, answered, fallen, families = {}, [], [], {}
    for trunk in trunks:
        place, facts = where_is(trunk, last), Facts(trunk)
        where[trunk.site.name] = place
        hosts = (place, *(host.name for host in (trunk.peer, trunk.registrar) if host))
        families[trunk.site.name] = frozenset(filter(None, map(family, hosts)))
        if not place or is_inside(place) or is_own_name(place):
            continue
        if facts.answers:
            answered.append((trunk.evidence.answered or 0.0, trunk))
        elif facts.silent and facts.troubled:
            fallen.append((began(trunk), trunk))
    return Far(where, tuple(answered), tuple(sorted(fallen, key=lambda one: one[0])), families)


def where_is(trunk: Trunk, last: Look | None) -> str:
    host = trunk.peer or trunk.registrar
    if host is None:
        return ""
    found = last.name(host.name) if last else None
    return found.addresses[0] if found and found.addresses else host.name


def facts_of(
    trunk: Trunk, far: Far, last: Look | None, at: float, *, policy: Policy, standings: Mapping[str, Standing],
    numbers: tuple[str, ...] = (),
) -> Facts:  # fmt: skip
    """What is known of `trunk` at the monotonic second `at`; `last`: the latest look."""
    since, where = began(trunk), far.where[trunk.site.name]
    look = last if last is not None and last.began >= since and at - last.began <= OLDEST_LOOK else None
    lapsed = judged(trunk, at, blind=False).cause is Cause.REGISTRATION
    own = Facts(trunk, look, where, lapsed=lapsed, standings=standings)
    proven = max(since, look.began if look and look.targets else since)
    itself = since if own.troubled else proven  # in trouble, its own word refutes what is said of it
    alive = tuple(
        other for answered, other in far.answered
        if answered > (itself if other.site.name == trunk.site.name else proven)
    )  # fmt: skip
    together: tuple[Trunk, ...] = ()
    if own.silent and where and not own.inside:
        span = policy.probe + policy.fall
        first = bisect_left(far.fallen, since - span, key=lambda one: one[0])
        last_one = bisect_right(far.fallen, since + span, key=lambda one: one[0])
        moment = far.fallen[first:last_one]
        others = tuple(other for _, other in moment if far.where[other.site.name] != where)
        mine = far.families[trunk.site.name]
        together = others if any(not mine & far.families[other.site.name] for other in others) else ()
    return replace(own, alive=alive, together=together, numbers=numbers)
