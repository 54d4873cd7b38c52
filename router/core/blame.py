"""Whose fault it is: one table, its rows in order, the first that holds; each with the sentence that people read.

Our own side comes first: a carrier is blamed only where a look around, begun after the trouble, or another trunk has
shown that our own internet works, or where the carrier itself has spoken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from router.core.facts import Facts
from router.core.peer import is_own_name
from router.core.sentence import Sentence, Value, say, sentence
from router.core.surroundings import Ending


class Whose(StrEnum):
    """The word for programs. Those in CARRIER blame the carrier, those in OWN our own side."""

    PBX = "pbx"
    OWN_NETWORK = "own_network"
    OWN_NAMES = "own_names"
    OWN_INTERNET = "own_internet"
    COMMON = "common"
    DEVICE = "device"
    PHONES = "phones"
    CARRIER_NAMES = "carrier_names"
    CARRIER_REFUSES = "carrier_refuses"
    CARRIER_CALLS = "carrier_calls"
    CARRIER_SILENT = "carrier_silent"
    ONE_NUMBER = "one_number"
    FALLBACK = "fallback"
    UNPROVEN = "unproven"
    UNKNOWN = "unknown"


MOST_NAMES = 4
"""Names of trunks in one sentence."""
CARRIER = frozenset(
    {Whose.CARRIER_NAMES, Whose.CARRIER_REFUSES, Whose.CARRIER_CALLS, Whose.CARRIER_SILENT, Whose.ONE_NUMBER}
)
OWN = frozenset({Whose.PBX, Whose.OWN_NETWORK, Whose.OWN_NAMES, Whose.OWN_INTERNET, Whose.COMMON, Whose.DEVICE})


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence: what was asked or seen, and what came back. `at`: when that was known, in UTC."""

    at: datetime
    text: Sentence


@dataclass(frozen=True, slots=True)
class Blame:
    whose: Whose
    text: Sentence
    evidence: tuple[Exhibit, ...] = ()

    @property
    def row(self) -> tuple[Whose, str]:
        """Which row of the table it is, whatever the values in its sentence."""
        return self.whose, self.text.text


@dataclass(frozen=True, slots=True)
class Held:
    """The blame in force. `rival`: another row that a look, begun at `seen` (monotonic seconds), spoke for since.

    `told`: it stands in the journal. `laid`: when the look began whose evidence lies under it.
    """

    blame: Blame
    since: datetime
    rival: tuple[Whose, str] | None = None
    seen: float = 0.0
    told: bool = False
    laid: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    whose: Whose
    because: str
    holds: Callable[[Facts], bool]


ROWS = (
    Row(Whose.ONE_NUMBER,
        sentence("One number alone: calls in the name of {number} fail over {trunk}, while others go through."),
        lambda f: not f.troubled and bool(f.numbers) and not f.cut),
    # No network lies on the way to a device of our own: no look says anything of it.
    Row(Whose.DEVICE,
        sentence("Asterisk holds {trunk}, a device of our own, for unavailable: the device itself, its cable, its SIM "
                 "or its power is the trouble, or the network behind it."),
        lambda f: f.device and f.silent),
    Row(Whose.DEVICE,
        sentence("Calls over {trunk}, a device of our own, fail: the device itself, its SIM or the network behind it "
                 "is the trouble."),
        lambda f: f.device),
    Row(Whose.UNKNOWN, sentence("{trunk} is in trouble. Whose fault that is is not known yet."),
        lambda f: f.look is None),
    # Our own side.
    Row(Whose.OWN_NETWORK,
        sentence("Our own network: the network card {card} has no link. A cable or a switch, most likely."),
        lambda f: bool(f.no_link)),
    Row(Whose.OWN_NETWORK, sentence("Our own network: our internet router, {gateway}, is not there."),
        lambda f: bool(f.dead_gateway)),
    Row(Whose.DEVICE,
        sentence("{trunk} does not answer. It is at {address}, in a private network: the device itself is the trouble, "
                 "or our own network on the way there."),
        lambda f: f.inside and f.silent and f.near),
    Row(Whose.DEVICE,
        sentence("{trunk} does not answer. It is at {address}, in a private network that is not this machine's own: a "
                 "device of ours is the trouble, or our own network on the way there; or the carrier, if that network "
                 "is the carrier's (a leased line or a VPN)."),
        lambda f: f.inside and f.silent),
    Row(Whose.DEVICE,
        sentence("{trunk} answers, and is in trouble all the same. It is at {address}, in a private network: the "
                 "device itself is the trouble, or what is behind it."),
        lambda f: f.inside and f.near and not (f.is_gateway and f.cut)),
    Row(Whose.DEVICE,
        sentence("{trunk} answers, and is in trouble all the same. It is at {address}, in a private network that is "
                 "not this machine's own: a device of ours is the trouble, or what is behind it; or the carrier, if "
                 "that network is the carrier's (a leased line or a VPN)."),
        lambda f: f.inside and not f.near),
    Row(Whose.OWN_NETWORK, sentence("Our own network: this machine knows no way to {trunk}, nor to the internet."),
        lambda f: f.no_way),
    Row(Whose.OWN_NAMES,
        sentence("Our own name service (DNS), or the whole internet line: no name can be looked up from here."),
        lambda f: f.nameless or (not f.works and not f.cut and f.names_dead)),
    Row(Whose.OWN_INTERNET,
        sentence("Our own internet: something answers in place of {targets} that cannot prove to be that. A filter or "
                 "a login page on our line, or a wrong clock."),
        lambda f: f.cut and any(target.ending is Ending.TLS for target in f.targets)),
    Row(Whose.OWN_INTERNET, sentence("Our own internet connection is dead, and {trunks} go over it."),
        lambda f: f.cut and bool(f.together)),
    Row(Whose.OWN_INTERNET,
        sentence("Our own internet connection: {targets} cannot be reached, though our internet router {gateway} is "
                 "there."),
        lambda f: f.cut and bool(f.live_gateway)),
    Row(Whose.OWN_INTERNET,
        sentence("Our own internet connection, or our internet router: {targets} cannot be reached."),
        lambda f: f.cut),
    # Names: from here on the internet works, or nothing is known of it.
    Row(Whose.OWN_NAMES,
        sentence("Our own name service (DNS): {name} cannot be looked up, nor can any other name. "
                 "The internet itself works."),
        lambda f: f.lost_name is not None and f.names_dead),
    Row(Whose.OWN_NAMES,
        sentence("Our own name service (DNS): {name}, a name of our own network, cannot be looked up."),
        lambda f: f.lost_name is not None and is_own_name(f.lost_name.name)),
    Row(Whose.CARRIER_NAMES,
        sentence("The carrier's name service: {name}, the server of {trunk}, cannot be looked up, "
                 "while other names can."),
        lambda f: f.works and f.lost_name is not None and f.other_name is not None),
    Row(Whose.CARRIER_NAMES,
        sentence("The carrier's name service: the name {name} of {trunk}'s server does not exist."),
        lambda f: f.works and f.lost_name is not None and f.lost_name.ending is Ending.NO_SUCH_NAME),
    Row(Whose.UNPROVEN,
        sentence("{name}, the server of {trunk}, cannot be looked up. Whether the carrier's name service or our own is "
                 "the trouble is not proven."),
        lambda f: f.lost_name is not None),
    Row(Whose.OWN_NAMES,
        sentence("Our own name service (DNS) is slow: looking up {name} takes {seconds} s, "
                 "and other names are no quicker."),
        lambda f: f.silent and f.slow_name is not None and bool(f.others) and f.other_name is None),
    Row(Whose.CARRIER_NAMES,
        sentence("The carrier's name service is slow: looking up {name}, the server of {trunk}, takes {seconds} s, "
                 "while other names are quick."),
        lambda f: f.works and f.silent and f.slow_name is not None and f.other_name is not None),
    Row(Whose.UNPROVEN,
        sentence("Looking up {name}, the server of {trunk}, takes {seconds} s. Whether the carrier's name service or "
                 "our own is slow is not proven."),
        lambda f: f.silent and f.slow_name is not None),
    # The carrier's own word needs no other proof.
    Row(Whose.CARRIER_REFUSES,
        sentence("The carrier: {trunk} refuses our registration for good (403 or 404: barred, or a wrong password)."),
        lambda f: f.barred),
    Row(Whose.CARRIER_REFUSES, sentence("The carrier: {trunk} refuses our registration."),
        lambda f: f.said_no),
    Row(Whose.CARRIER_REFUSES,
        sentence("The carrier: our registration with {trunk} fails at once, though our internet works: it is refused, "
                 "or no connection is taken."),
        lambda f: f.refused and f.works),
    Row(Whose.CARRIER_SILENT, sentence("The carrier: {trunk} answers our probes, but not our registration."),
        lambda f: f.unanswered and f.answers),
    Row(Whose.CARRIER_REFUSES, sentence("The carrier: {trunk} answers our probes, but does not let us register."),
        lambda f: f.failed and f.answers),
    Row(Whose.UNPROVEN,
        sentence("{trunk} answers our probes, but we are not registered there, and nothing shows that it was refused. "
                 "Whether the carrier or our own PBX is the reason is not proven."),
        lambda f: f.unregistered and f.answers),
    Row(Whose.CARRIER_CALLS,
        sentence("The carrier: calls over {trunk} end with {code}, though it is registered and answers our probes."),
        lambda f: bool(f.refused_code) and f.answers and f.registered),
    Row(Whose.CARRIER_CALLS, sentence("The carrier: calls over {trunk} end with {code}."),
        lambda f: bool(f.refused_code) and not f.silent),
    Row(Whose.CARRIER_CALLS, sentence("The carrier: calls over {trunk} get no answer, though it answers our probes."),
        lambda f: f.calls_unheard and f.answers),
    Row(Whose.UNPROVEN,
        sentence("Calls over {trunk} could not even be sent: Asterisk had no connection for them, no contact, or no "
                 "address. Whether the carrier or our own PBX is the reason is not proven."),
        lambda f: f.calls_unsent and not f.silent),
    Row(Whose.UNPROVEN,
        sentence("Calls over {trunk} fail. Whether the carrier or our own side is the reason is not proven."),
        lambda f: f.calls_fail and not f.mute),
    # Too late, and silence.
    Row(Whose.CARRIER_SILENT,
        sentence("The carrier, or the way there: {trunk} answers Asterisk's probes too late, though our internet is "
                 "quick."),
        lambda f: f.late and f.quick),
    Row(Whose.UNPROVEN,
        sentence("{trunk} answers Asterisk's probes too late. Whether the carrier or our own line is slow is not "
                 "proven."),
        lambda f: f.late),
    Row(Whose.COMMON,
        sentence("{trunks} fell silent at the same moment, though the internet works: one common cause, most likely "
                 "our own internet router, firewall or PBX."),
        lambda f: f.works and not f.alive and bool(f.together)),
    Row(Whose.COMMON,
        sentence("{trunks} fell silent at the same moment: one common cause, most likely our own line. {targets} "
                 "cannot be reached, but that did not work before either, as far as is known."),
        lambda f: not f.alive and bool(f.together) and bool(f.targets)),
    Row(Whose.COMMON,
        sentence("{trunks} fell silent at the same moment: one common cause, most likely our own line. Nothing else on "
                 "the internet is asked ([internet] probes)."),
        lambda f: not f.alive and bool(f.together)),
    Row(Whose.CARRIER_SILENT, sentence("The carrier: {trunk} does not answer, though our internet works."),
        lambda f: f.works and f.mute),
    Row(Whose.CARRIER_SILENT,
        sentence("The carrier: our registration with {trunk} is refused or not answered, though our internet works."),
        lambda f: f.works and f.failed),
    Row(Whose.UNPROVEN,
        sentence("{trunk} does not answer. Whether the carrier or our own internet is the trouble is not proven: "
                 "{targets} cannot be reached, but that did not work before either, as far as is known."),
        lambda f: f.mute and bool(f.targets)),
    Row(Whose.UNPROVEN,
        sentence("{trunk} does not answer. Whether the carrier or our own internet is the trouble is not proven: "
                 "nothing else on the internet is asked ([internet] probes)."),
        lambda f: f.mute),
    Row(Whose.UNPROVEN, sentence("{trunk} is in trouble. Whose fault that is is not proven."),
        lambda f: True),
)  # fmt: skip


def blame_for(facts: Facts) -> Blame | None:
    """The first row that holds; None where the trunk is in no trouble. The evidence is laid under it elsewhere."""
    if not facts.troubled and not facts.numbers:
        return None
    row = next(row for row in ROWS if row.holds(facts))
    return Blame(row.whose, filled(row.because, _places(facts)))


def filled(text: str, places: Mapping[str, Value]) -> Sentence:
    """The sentence `text`, marked by `sentence`, with those of `places` that are in it."""
    return Sentence(text, tuple((name, value) for name, value in places.items() if "{" + name + "}" in text))


def _places(facts: Facts) -> dict[str, Value]:
    lookup = facts.lost_name or facts.slow_name
    return {
        "trunk": facts.trunk.site.label,
        "trunks": _listed(sorted(trunk.site.label for trunk in (facts.trunk, *facts.together))),
        "targets": _listed([target.target for target in facts.credible or facts.targets]),
        "number": facts.numbers[0] if facts.numbers else "",
        "card": facts.no_link,
        "gateway": facts.dead_gateway or facts.live_gateway,
        "address": facts.where,
        "name": lookup.name if lookup else "",
        "seconds": round(lookup.seconds, 1) if lookup else 0,
        "code": facts.refused_code,
    }


def _listed(names: list[str]) -> Value:
    """Telekom; Telekom and GSM; Telekom, GSM and Sipgate; a few, and how many more."""
    if len(names) < 2:
        return "".join(names)
    if len(names) > MOST_NAMES + 1:
        return say("{some} and {count} more", some=", ".join(names[:MOST_NAMES]), count=len(names) - MOST_NAMES)
    return say("{some} and {last}", some=", ".join(names[:-1]), last=names[-1])
