"""Questions to the dialplan by the hundred, and calls from strange callers: what the tests that ask share."""

from __future__ import annotations

import random
import re

from router.ami.astdb import NO_RECORD
from tests.lab.board import Sighting
from tests.lab.lab import Lab

ANSWER = re.compile(r"^(PJSIP/[+0-9*#]+@[a-z]+|Goto [a-z-]+&[^&]+&1)$")
BEGINS = {"failover-inbound": "+0123456789abzABZ_.*#", "failover-outbound": "+0123456789*#"}
GOES_ON = "0123456789+*#-_.abcXYZ()[]{}<>\"'$&|,;:!?=^~%\\ äß李" + "\N{PILE OF POO}"
CODE = "${SHELL(touch failover-harm)}$[x +]${EXTEN}"
_CUT = re.compile(r"\).*:")
"""Asterisk takes what follows for a substring of what it reads, of which no digit may be left."""
_NO_NUMBER = re.compile(r"(\+|00)?(49)?0?|[*#]*")
"""A prefix without a number."""


def strange(dice: random.Random, longest: int = 40) -> str:
    return "".join(dice.choices(GOES_ON, k=dice.randint(0, longest)))


def ask_at_random(lab: Lab, seed: str, count: int) -> dict[str, tuple[str, str]]:
    """Ask about `count` random extensions of each context; by token: the context that was asked, and about what."""
    dice = random.Random(seed)
    asked = {}
    for context, begins in BEGINS.items():
        for turn in range(count):
            extension = "0" + CODE if turn == 0 else dice.choice(begins) + strange(dice)
            token = f"ask{seed}{len(asked)}"
            answer = lab.office.ami.act(
                "Originate", ActionID=token, Channel=f"Local/{extension}@{context}", Application="Wait", Data="1",
                Async="true", CallerID="failover", Variable=[f"FAILOVER_ASK={token}", NO_RECORD],
            )  # fmt: skip
            assert answer["Response"] == "Success", (extension, answer)
            asked[token] = (context, extension)
    return asked


def may_be_refused(context: str, extension: str) -> bool:
    """Whether nothing to dial may be left of it, so that the call is refused and no answer comes."""
    digits = re.sub(r"[^0-9+*#]", "", extension)
    return bool(_CUT.search(extension)) or (context == "failover-outbound" and bool(_NO_NUMBER.fullmatch(digits)))


def ended(lab: Lab) -> set[str]:
    """The tokens of the questions whose call is over."""
    return {response["ActionID"] for response in lab.office.board.all("OriginateResponse")}


def answered(lab: Lab) -> dict[str, Sighting]:
    """The last answer by token."""
    return {answer["Ask"]: answer for answer in lab.office.board.all("FailoverAnswer")}
