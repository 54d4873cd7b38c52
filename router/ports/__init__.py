"""The small Protocols between the loop and the adapters, and what the panel may see and say."""

from __future__ import annotations

from router.ports.access import Access, Accounts, Familiar, Links, SecondFactor, Tokens
from router.ports.board import Board, Duties, Fate, Rings
from router.ports.calls import CallBacks, CallBook
from router.ports.hands import Answer, Answers, Hands, Post
from router.ports.journal import Journal, Line, Sought, WantedLines
from router.ports.outages import KeptOutage, Note, OutageLines, Outages
from router.ports.sign_on import SignOn, SignOnFailed, Vouched
from router.ports.users import (
    NOBODYS,
    NOWHERE,
    ApiToken,
    Came,
    CodeWanted,
    Invitation,
    NotUsable,
    OpenSession,
    Role,
    TooBusy,
    User,
    one_name,
)

__all__ = [
    "NOBODYS",
    "NOWHERE",
    "Access",
    "Accounts",
    "Answer",
    "Answers",
    "ApiToken",
    "Board",
    "CallBacks",
    "CallBook",
    "Came",
    "CodeWanted",
    "Duties",
    "Familiar",
    "Fate",
    "Hands",
    "Invitation",
    "Journal",
    "KeptOutage",
    "Line",
    "Links",
    "NotUsable",
    "Note",
    "OpenSession",
    "OutageLines",
    "Outages",
    "Post",
    "Rings",
    "Role",
    "SecondFactor",
    "SignOn",
    "SignOnFailed",
    "Sought",
    "Tokens",
    "TooBusy",
    "User",
    "Vouched",
    "WantedLines",
    "one_name",
]
