"""What is told of a published number while the PBX confirms nothing: out of sight, in doubt, or another router's."""

from __future__ import annotations

from router.core.about import About, Reachable, View, mobiles_of
from router.core.orders import Mode, Override
from router.core.sentence import Sentence, say
from router.core.site import Way


def unseen(about: About, word: Override | None, view: View) -> Sentence:
    if word is not None and word.mode is Mode.MOBILE:
        return say(
            "{by} wants calls to {number} on the mobile. We do not see the PBX: whether they go there is not known.",
            number=about.number, by=word.by,
        )  # fmt: skip
    if word is not None:
        return say(
            "{by} wants calls to {number} in the office. We do not see the PBX: whether they ring there is not known.",
            number=about.number, by=word.by,
        )  # fmt: skip
    if view is View.NEVER:
        return say("We have not seen the PBX yet. Where calls to {number} go is not known.", number=about.number)
    return _last_seen(about)


def _last_seen(about: About) -> Sentence:
    """An order that was given, taken back or has ended since then may not have reached the PBX."""
    seen, number = about.seen, about.number
    if seen is None:
        return say("We do not see the PBX. Where calls to {number} go is not known.", number=number)
    same = seen.way is about.way and (seen.way is Way.OFFICE or seen.people == about.people)
    if seen.way is not Way.OFFICE and same:
        return say(
            "We do not see the PBX. When last seen, calls to {number} went to {mobile}. "
            "If it runs, it routes as before; call your own number to try.",
            number=number, mobile=mobiles_of(seen.people),
        )  # fmt: skip
    if seen.way is not Way.OFFICE:
        return say(
            "We do not see the PBX. When last seen, calls to {number} went to {mobile}; "
            "whether it knows what has changed since is not known.",
            number=number, mobile=mobiles_of(seen.people),
        )  # fmt: skip
    if same:
        return say(
            "We do not see the PBX. When last seen, calls to {number} rang in the office. "
            "If it runs, it routes as before; call your own number to try.",
            number=number,
        )
    return say(
        "We do not see the PBX. When last seen, calls to {number} rang in the office; "
        "whether it knows what has changed since is not known.",
        number=number,
    )


def decided_elsewhere(about: About) -> Sentence:
    """A dead trunk leads all the same."""
    elsewhere = say("Where calls to {number} go, another router decides.", number=about.number)
    if about.reachable is Reachable.NO:
        return say("Whoever dials {number} cannot reach us right now. {order}", number=about.number, order=elsewhere)
    return elsewhere


def unconfirmed(about: About, word: Override | None) -> Sentence:
    """What the PBX was told, and no more than that; a dead trunk leads all the same."""
    meant = _meant(about, word)
    if about.reachable is Reachable.NO:
        return say("Whoever dials {number} cannot reach us right now. {order}", number=about.number, order=meant)
    return meant


def _meant(about: About, word: Override | None) -> Sentence:
    mobile = about.way is not Way.OFFICE
    if word is not None and mobile and word.mode is Mode.MOBILE:
        return say(
            "{by} wants calls to {number} on the mobile; the PBX does not confirm it.",
            number=about.number, by=word.by,
        )  # fmt: skip
    if word is not None and word.mode is Mode.OFFICE:
        return say(
            "{by} wants calls to {number} in the office; the PBX does not confirm it.",
            number=about.number, by=word.by,
        )  # fmt: skip
    if mobile:
        return say(
            "Calls to {number} should go to {mobile}; the PBX does not confirm it.",
            number=about.number, mobile=about.mobile,
        )  # fmt: skip
    return say("Calls to {number} should ring in the office; the PBX does not confirm it.", number=about.number)
