"""What you can do now: only while something is wrong that the router cannot mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.core.decision import Decision, Reachable
from router.core.office import Office
from router.core.sentence import Sentence, say
from router.panel.speech import Speech


@dataclass(frozen=True, slots=True)
class Advice:
    """`call`: a number to be tapped, E.164, with `written`; empty where there is none."""

    text: str
    call: str = ""
    written: str = ""


def advice(office: Office, speech: Speech) -> tuple[Advice, ...]:
    """The most useful first; nothing while all is well."""
    if not office.pbx.connected:
        return tuple(_to_try(office, speech)) if office.pbx.seen_at else ()
    dead = [decision for decision in office.decisions if decision.reachable is Reachable.NO]
    cut_off = [decision for decision in dead if office.trunks[decision.trunk].health.diverted]
    if not dead:
        return ()
    said = [*(_at_the_carrier(decision, office, speech) for decision in cut_off)]
    said += [Advice(speech.line(text)) for text in _elsewhere(office)]
    said += [_try(decision, speech) for decision in dead[:1]]
    return tuple(said)


def _at_the_carrier(decision: Decision, office: Office, speech: Speech) -> Advice:
    """The rule that only the carrier can put into force: a call that it does not deliver reaches no PBX."""
    trunk = office.site.trunk(decision.trunk).label
    people = [person.name for person, _ in decision.mobiles]
    if not people:
        text: Sentence = say(
            "Only {trunk} can redirect who dials {number} now: in its customer portal, have that number forwarded.",
            trunk=trunk, number=decision.number,
        )  # fmt: skip
    else:
        text = say(
            "Only {trunk} can redirect who dials {number} now: in its customer portal, have that number forwarded to "
            "{person}'s mobile. A rule you have set there for outages works without us.",
            trunk=trunk, number=decision.number, person=people[0],
        )  # fmt: skip
    return Advice(speech.line(text))


def _elsewhere(office: Office) -> Iterator[Sentence]:
    """A number by which customers do get through, as far as that is proven."""
    for decision in office.decisions:
        if decision.reachable is Reachable.YES:
            yield say("{number} can be reached: tell your customers that one.", number=decision.number)
            return


def _try(decision: Decision, speech: Speech) -> Advice:
    return Advice(speech.render(say("Call your own number to try:")), decision.number, speech.number(decision.number))


def _to_try(office: Office, speech: Speech) -> Iterator[Advice]:
    for decision in office.decisions[:1]:
        yield _try(decision, speech)
