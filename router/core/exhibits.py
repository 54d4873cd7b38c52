"""The evidence under a blame: what was asked, from where, when, and what came back, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from router.core import held
from router.core.blame import Exhibit, filled
from router.core.ended import ended
from router.core.evidence import NO_CONTACT, UNREACHABLE, Evidence
from router.core.facts import Facts
from router.core.own_word import OwnWord
from router.core.registration import REGISTERED, Refusal
from router.core.sentence import Sentence, Value, say, sentence
from router.core.signals import At
from router.core.surroundings import OWN_FILE, Ending, Exit, Look, Lookup, Reach
from router.core.trunk import Trunk

MOST = 14
"""Exhibits under one blame: an office of a hundred trunks would drown the line."""
MOST_OTHERS = 3


def exhibits(facts: Facts, at: At) -> tuple[Exhibit, ...]:
    """About the trunk first, then what was found around; each with the moment at which it was known."""
    found = [*_of_trunk(facts.trunk, at)]
    if facts.look is not None:
        found += [Exhibit(reach.at, reached(reach)) for reach in facts.look.targets]
        found += _exits(facts.look)
        found += [Exhibit(lookup.at, _lookup(lookup)) for lookup in (*facts.names, *facts.others)]
        if not facts.look.targets:
            found.append(Exhibit(facts.look.at, say("No other target on the internet is set to be asked.")))
    for other in facts.alive[:MOST_OTHERS]:
        if other is not facts.trunk and other.evidence.answered is not None:
            text = say("{trunk} at {host} answered a probe.", **_named(other))
            found.append(Exhibit(_wall(other.evidence.answered, at), text))
    for other in facts.together[:MOST_OTHERS]:
        found += [*_of_trunk(other, at)][:1]
    return tuple(found[:MOST])


def _wall(mono: float, at: At) -> datetime:
    return at.wall - timedelta(seconds=max(0.0, at.mono - mono))


def _since(evidence: Evidence, mono: float, at: At) -> Value:
    """When something began, as far as was seen: what we found when we began to look may be older."""
    when = _wall(mono, at)
    if evidence.began is None or mono > evidence.began:
        return when
    return say("at least {second} (when we began to look)", second=when)


def _named(trunk: Trunk) -> dict[str, str]:
    host = trunk.peer or trunk.registrar
    return {"trunk": trunk.site.label, "host": host.name if host else trunk.site.peer}


def _of_trunk(trunk: Trunk, at: At) -> Iterator[Exhibit]:
    evidence, named = trunk.evidence, _named(trunk)
    if evidence.unanswered:
        since = _since(evidence, evidence.silent_since, at)
        text = say(
            "{trunk} at {host} has left every probe (SIP OPTIONS) unanswered since {second}: {count} in a row.",
            **named, second=since, count=evidence.unanswered,
        )  # fmt: skip
        yield Exhibit(_wall(max(trunk.probed_at, evidence.first_unanswered), at), text)
    elif evidence.contact == UNREACHABLE:
        since = _since(evidence, evidence.contact_since, at)
        text = say("Asterisk has had no answer from {trunk} at {host} since {second}.", **named, second=since)
        yield Exhibit(_wall(evidence.contact_since, at), text)
    elif evidence.contact == NO_CONTACT:
        text = say("{trunk} has not been connected to the PBX since {second}.", **named,
                   second=_since(evidence, evidence.contact_since, at))  # fmt: skip
        yield Exhibit(_wall(evidence.contact_since, at), text)
    elif evidence.contact in held.WORDS:
        text = say(
            "Asterisk has held {trunk} ({host}) for {word} since {second}.",
            **named, word=evidence.contact or "", second=_since(evidence, evidence.contact_since, at),
        )  # fmt: skip
        yield Exhibit(_wall(evidence.contact_since, at), text)
    elif evidence.answered is not None:
        yield Exhibit(_wall(evidence.answered, at), say("{trunk} at {host} answered a probe.", **named))
    yield from _of_registration(trunk, at)
    if evidence.last_failed_call is not None and evidence.last_code:
        when = _wall(evidence.last_failed_call, at)
        yield Exhibit(when, ended(evidence.last_code, *_LAST_CALL, trunk=trunk.site.label))


def _of_registration(trunk: Trunk, at: At) -> Iterator[Exhibit]:
    register = trunk.evidence.register
    if register.status is None:
        return
    known, since = _wall(register.since, at), _since(trunk.evidence, register.since, at)
    named = {"trunk": trunk.site.label, "host": trunk.registrar.name if trunk.registrar else _named(trunk)["host"]}
    if register.failed:
        word = OwnWord(trunk)
        how = _AT_ONCE if word.refused and not word.said_no else _REGISTRATIONS[register.refusal]
        yield Exhibit(known, filled(how, {**named, "second": since}))
    elif register.expires is not None and at.mono >= register.expires:
        renewed = _wall(register.heard, at)
        text = say("Our registration with {trunk} at {host} was last renewed at {second}, and has run out.", **named,
                   second=renewed)  # fmt: skip
        yield Exhibit(renewed, text)
    elif register.status == REGISTERED:
        text = say("Our registration with {trunk} at {host} stands since {second}.", **named, second=since)
        yield Exhibit(known, text)
    else:
        text = say("We have not been registered with {trunk} at {host} since {second}.", **named, second=since)
        yield Exhibit(known, text)


_LAST_CALL = (
    sentence("The last call that failed over {trunk} ended with {code}."),
    sentence("The last call that failed over {trunk}: {end}"),
)
_AT_ONCE = sentence(
    "Our registration with {trunk} at {host} has failed at once since {second}: refused, or without a connection."
)
_REGISTRATIONS = {
    Refusal.FOR_EVER: sentence(
        "The registrar of {trunk} at {host} has refused our registration since {second}, and Asterisk has given up, "
        "as after 403 or 404."
    ),
    Refusal.FOR_GOOD: sentence(
        "The registrar of {trunk} at {host} has refused our registration since {second}, as it seems for good: "
        "Asterisk tries again as after 403 or 404."
    ),
    Refusal.FOR_NOW: sentence(
        "The registrar of {trunk} at {host} has refused our registration since {second}: its answers came at once."
    ),
    Refusal.AT_ONCE: sentence(
        "The registrar of {trunk} at {host} has refused our registration since {second}: its answers came at once."
    ),
    Refusal.UNANSWERED: sentence(
        "The registrar of {trunk} at {host} has not answered our registration since {second}."
    ),
    Refusal.UNCLEAR: sentence(
        "The registrar of {trunk} at {host} has refused our registration or not answered it since {second}."
    ),
}


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def reached(reach: Reach) -> Sentence:
    """What came back from one target."""
    text = _REACHED[reach.ending]
    if reach.ending is Ending.OK and reach.remembered:
        text = sentence("{target} could not be looked up, but answered at its last known address {address}.")
    elif reach.ending is Ending.OK and reach.status:
        text = sentence("{target} at {address} answered with HTTP {code} after {ms} ms.")
    places: dict[str, Value] = {
        "target": reach.target, "address": reach.address or "?", "code": reach.status, "why": reach.why or "?",
        "ms": _milliseconds(reach.seconds), "seconds": round(reach.seconds, 1),
    }  # fmt: skip
    return filled(text, places)


_NO_WAY = sentence("The network knows no way to {target} at {address}.")
_REACHED = dict.fromkeys(Ending, _NO_WAY) | {
    Ending.OK: sentence("{target} at {address} took our connection after {ms} ms."),
    Ending.SILENT: sentence("{target} at {address} did not answer within {seconds} s."),
    Ending.REFUSED: sentence("Our connection to {target} at {address} was refused."),
    Ending.TLS: sentence("Something answered in place of {target} at {address}, but could not prove to be it: {why}."),
    Ending.NAME: sentence("{target} could not be tried: its name could not be looked up."),
    Ending.BROKEN: sentence("What answered for {target} at {address} was no HTTP."),
}


def _exits(look: Look) -> Iterator[Exhibit]:
    if look.exits == ():
        yield Exhibit(look.at, say("This machine has no default route."))
    for exit_ in look.exits or ():
        yield Exhibit(exit_.at, _exit(exit_))
    if look.unlinked:
        yield Exhibit(look.at, say("Without a link: {cards}.", cards=", ".join(look.unlinked)))
    for address in look.unrouted:
        yield Exhibit(look.at, say("This machine knows no way to {address}.", address=address))


def _exit(exit_: Exit) -> Sentence:
    named = {"gateway": exit_.gateway, "card": exit_.card, "source": exit_.source or "?"}
    if not exit_.gateway:
        return say("The default route leaves by {card}: there is no gateway to ask.", card=exit_.card)
    if exit_.link is False:
        return say("Asked from {source}: the network card {card} has no link.", **named)
    match exit_.ending:
        case Ending.OK:
            ms = _milliseconds(exit_.seconds)
            return say(
                "Asked from {source}, by {card}: our internet router {gateway} answered after {ms} ms.", **named, ms=ms
            )
        case Ending.UNREACHABLE:
            return say(
                "Asked from {source}, by {card}: nobody is at {gateway}, our internet router's address.", **named
            )
    return say("Asked from {source}, by {card}: our internet router {gateway} said nothing.", **named)


def _lookup(lookup: Lookup) -> Sentence:
    places: dict[str, Value] = {
        "name": lookup.name, "servers": lookup.servers or "?", "addresses": ", ".join(lookup.addresses),
        "ms": _milliseconds(lookup.seconds), "seconds": round(lookup.seconds, 1),
    }  # fmt: skip
    if lookup.servers == OWN_FILE:
        return say("{name} is known to this machine itself ({file}): {addresses}.", file=OWN_FILE, **places)
    return filled(_LOOKED_UP[lookup.ending], places)


_UNREADABLE = sentence("The name service {servers} gave no answer for {name} that can be read.")
_LOOKED_UP = dict.fromkeys(Ending, _UNREADABLE) | {
    Ending.OK: sentence("{name} was looked up at {servers} in {ms} ms: {addresses}."),
    Ending.NO_SUCH_NAME: sentence("The name service {servers} says that {name} does not exist."),
    Ending.NO_ADDRESS: sentence("The name service {servers} knows {name}, but no address of it."),
    Ending.SERVER_FAILED: sentence("The name service {servers} failed to look up {name} (SERVFAIL)."),
    Ending.REFUSED: sentence("The name service {servers} refused to look up {name}, or does not run."),
    Ending.NO_SERVER: sentence("{name} could not be looked up: no name service is set on this machine."),
    Ending.SILENT: sentence("The name service {servers} did not answer for {name} within {seconds} s."),
}
