"""Names of users: which will do, and which are taken for one and the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import IntegrityError

from router.core.sentence import say
from router.ports import NOBODYS, NotUsable, one_name
from router.store.sentences import storable

LONGEST_NAME: Final = 64


def usable(name: str) -> str:
    """A user's `name` as it is kept. Raises NotUsable."""
    name = visible(name)
    if one_name(name) in NOBODYS:
        raise NotUsable(say("The name {name} stands for the machine itself.", name=name))
    return name


def visible(name: str) -> str:
    """`name` as it is kept. Raises NotUsable. Names are shown beside what somebody ordered: none may
    hold what cannot be seen or turns the text around it."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise NotUsable(say("The name is empty."))
    if len(name) > LONGEST_NAME:
        raise NotUsable(say("The name may have at most {most} characters.", most=LONGEST_NAME))
    if not name.isprintable():
        raise NotUsable(say("The name has characters in it that cannot be seen."))
    return name


def folded(name: str) -> str:
    """The same for all names that are taken for one: without case, and with characters that look alike made one."""
    return storable(one_name(name))


@contextmanager
def unique(name: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise taken(name) from None


def taken(name: str) -> NotUsable:
    return NotUsable(say("There is already a user of the name {name}.", name=name))
