"""What is told of a published number: one sentence that claims no more than is proven."""

from __future__ import annotations

from router.core.about import About, Reachable, View
from router.core.health import Cause, State
from router.core.orders import Mode, Override
from router.core.sentence import Sentence, say
from router.core.site import Way
from router.core.unproven import decided_elsewhere, unconfirmed, unseen


def sentence_for(about: About, word: Override | None, view: View) -> Sentence:  # noqa: PLR0911 - one for each plight
    if view is View.UNVERIFIED:
        return unconfirmed(about, word)
    if view is View.READ_ONLY:
        return decided_elsewhere(about)
    if view is not View.CLEAR:
        return unseen(about, word, view)
    if about.away and (about.way is Way.OFFICE or (word is None and not about.trunk.health.diverted)):
        return _nobody_there(about, word)
    if word is not None:
        return _on_a_dead_trunk(about, word) if about.reachable is Reachable.NO else _ordered(about, word)
    if about.trunk.health.diverted:
        return _diverted(about)
    return _alone(about) if about.alone else _normal(about)


def _on_a_dead_trunk(about: About, word: Override) -> Sentence:
    """Staff's word does not mend a dead trunk: the plight of whoever dials leads."""
    return say(
        "Whoever dials {number} cannot reach us right now. {order}", number=about.number, order=_ordered(about, word)
    )


def _ordered(about: About, word: Override) -> Sentence:
    told = {"number": about.number, "by": word.by}
    if word.mode is Mode.MOBILE and about.way is Way.OFFICE:
        return _cannot_be_obeyed(about, told)
    if about.way is Way.MOBILE and word.until:
        return say(
            "By order of {by}, calls to {number} go to {mobile} until {until}.",
            **told, mobile=about.mobile, until=word.until,
        )  # fmt: skip
    if about.way is Way.MOBILE:
        return say("By order of {by}, calls to {number} go to {mobile}.", **told, mobile=about.mobile)
    if word.until:
        return say("By order of {by}, calls to {number} ring in the office until {until}.", **told, until=word.until)
    return say("By order of {by}, calls to {number} ring in the office.", **told)


def _cannot_be_obeyed(about: About, told: dict[str, str]) -> Sentence:
    if about.spent:
        return say(
            "{by} wants calls to {number} on the mobile, but today's minutes for forwarded calls are used up: "
            "they ring in the office.",
            **told,
        )
    if about.off_duty:
        return say(
            "{by} wants calls to {number} on the mobile, but nobody is on duty: they ring in the office.", **told
        )
    if not about.people:
        return say("{by} wants calls to {number} on the mobile, but nobody has one: they ring in the office.", **told)
    return say(
        "{by} wants calls to {number} on the mobile, but no trunk is left to forward over: they ring in the office.",
        **told,
    )


def _diverted(about: About) -> Sentence:
    if about.way is Way.OFFICE and about.over and not about.proven and not about.spent:
        return say(
            "{trunk} is down, and {over} looks bad too: calls do not go there before it is proven to work. "
            "Whoever dials {number} and gets through rings the office.",
            **about.own, over=about.over,
        )  # fmt: skip
    if about.way is Way.OFFICE:
        return _down_in_the_office(about)
    if about.trunk.health.cause is Cause.CALLS:
        return say(
            "Calls over {trunk} fail; whether {number} can be reached is not proven. Calls that arrive {go}",
            **about.own, go=about.go,
        )  # fmt: skip
    if about.trunk.health.state is State.RECOVERING:
        then = say("Until that has lasted, calls to {number} {go}", number=about.number, go=about.go)
        return say("{trunk} looks good again. {then}", **about.own, then=then)
    return say(
        "Whoever dials {number} cannot reach us right now. Calls that arrive by another trunk {go}",
        number=about.number, go=about.go,
    )  # fmt: skip


def _alone(about: About) -> Sentence:
    if about.way is Way.OFFICE:
        return say(
            "Calls in the name of {number} fail, while {trunk} carries others. "
            "Whoever dials it and gets through rings the office.",
            **about.own,
        )
    return say(
        "Calls in the name of {number} fail, while {trunk} carries others; whether it can be reached is not proven. "
        "Calls that arrive {go}",
        **about.own, go=about.go,
    )  # fmt: skip


def _down_in_the_office(about: About) -> Sentence:  # noqa: PLR0911 - one for each reason
    fails = about.trunk.health.cause is Cause.CALLS
    if about.spent:
        return say(
            "{trunk} is down, and today's minutes for forwarded calls are used up. "
            "Whoever dials {number} and gets through rings the office.",
            **about.own,
        )
    if about.off_duty:
        return say(
            "{trunk} is down, and nobody is on duty. Whoever dials {number} and gets through rings the office.",
            **about.own,
        )
    if about.people and not about.over and fails:
        return say(
            "Calls over {trunk} fail, and no other trunk is left to forward over. "
            "Whoever dials {number} and gets through rings the office.",
            **about.own,
        )
    if about.people and not about.over:
        return say(
            "{trunk} is down, and no other trunk is left to forward over. "
            "Whoever dials {number} and gets through rings the office.",
            **about.own,
        )
    if fails:
        return say("Calls over {trunk} fail. Whoever dials {number} and gets through rings the office.", **about.own)
    if about.trunk.health.state is State.RECOVERING:
        then = say("Whoever dials {number} and gets through rings the office.", **about.own)
        return say("{trunk} looks good again. {then}", **about.own, then=then)
    return say("{trunk} is down. Whoever dials {number} and gets through rings the office.", **about.own)


def _nobody_there(about: About, word: Override | None) -> Sentence:  # noqa: PLR0911 - one for each reason
    """No office phone can be reached, which leads whatever else is wrong."""
    if about.way is not Way.OFFICE:
        return say("None of the office phones behind {number} can be reached; calls {go}", **about.own, go=about.go)
    if word is not None:
        order = _ordered(about, word)
        return say("None of the office phones behind {number} can be reached. {order}", **about.own, order=order)
    if about.stays:
        return say(
            "None of the office phones behind {number} can be reached, and its calls are to stay in the office.",
            **about.own,
        )
    if about.spent:
        return say(
            "None of the office phones behind {number} can be reached, "
            "and today's minutes for forwarded calls are used up.",
            **about.own,
        )
    if about.off_duty:
        return say("None of the office phones behind {number} can be reached, and nobody is on duty.", **about.own)
    if not about.people:
        return say("None of the office phones behind {number} can be reached, and nobody has a mobile.", **about.own)
    return say(
        "None of the office phones behind {number} can be reached, and no trunk is left to forward over.", **about.own
    )


def _normal(about: About) -> Sentence:
    if about.trunk.health.state is State.UNKNOWN:
        return say("Calls to {number} ring in the office. Nothing is known of {trunk} yet.", **about.own)
    if about.trunk.health.state is State.FAILING:
        return say("Calls to {number} ring in the office. {trunk} looks bad just now.", **about.own)
    if about.reachable is Reachable.YES:
        return say("Calls to {number} ring in the office.", number=about.number)
    if about.arrival is not None:
        return say(
            "{trunk} answers. That calls to {number} arrive has not been proven since {last}.",
            **about.own, last=about.arrival,
        )  # fmt: skip
    return say("{trunk} answers. That calls to {number} arrive has not been proven yet.", **about.own)
