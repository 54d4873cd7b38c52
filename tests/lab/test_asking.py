"""Asking the dialplan: whatever extension is asked about, one answer comes, nothing is dialled, nothing is recorded."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from router.ami.astdb import NO_RECORD
from tests.lab.board import Sighting
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, running
from tests.lab.test_hostile_callers import complaints

ANSWER = re.compile(r"^(PJSIP/[+0-9*#]+@[a-z]+|Goto [a-z-]+&[^&]+&1)$")
BEGINS = {"failover-inbound": "+0123456789abzABZ_.*#", "failover-outbound": "+0123456789*#"}
GOES_ON = "0123456789+*#-_.abcXYZ()[]{}<>\"'$&|,;:!?=^~%\\ äß李" + "\N{PILE OF POO}"
CODE = "${SHELL(touch failover-harm)}$[x +]${EXTEN}"
NO_NUMBER = re.compile(r"\).*:")
"""Asterisk takes what follows for a substring of what it reads, of which no digit may be left: the call is refused."""
ASKED = 250  # of each context


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as product:
        yield product


@pytest.mark.parametrize("way", ["office", "mobile"])
async def test_each_of_hundreds_of_random_extensions_gets_exactly_one_clean_answer(
    lab: Lab, quick: Router, way: str
) -> None:
    records, said = len(lab.office.cdrs()), len(lab.office.log())
    assert (await quick.override(way)).status_code == 200  # the router itself asks, too
    asked = _ask_at_random(lab, seed=way)
    await polled("each call of a question has ended", lambda: asked.keys() <= _ended(lab), within=20, every=0.2)
    await polled("no channel is left", lambda: not lab.office.channels(), within=10)
    refused = {token for token, (_, dialled) in asked.items() if NO_NUMBER.search(dialled)}
    await polled("all answers are heard", lambda: asked.keys() - refused <= _answered(lab).keys(), within=20, every=0.2)
    answers = _answered(lab)
    silent = [asked[token] for token in asked if token not in answers]
    assert all(context == "failover-outbound" for context, _ in silent), silent
    assert len(silent) < len(asked) / 20
    for token in asked.keys() & answers.keys():
        answer = answers[token]
        assert ANSWER.fullmatch(answer["Would"]), (asked[token], answer["Would"])
        assert ("Goto" in answer["Would"]) == (way == "office" and asked[token][0] == "failover-inbound")
    told = Counter(answer["Ask"] for answer in lab.office.board.all("FailoverAnswer"))
    assert {told[token] for token in asked if token in answers} == {1}
    legs = lab.office.board.all("DialBegin")
    assert not [leg for leg in legs if leg["DestChannel"].startswith("PJSIP/")]
    assert not complaints(lab, said)
    call = lab.zweit.calls(NUMBER)  # a real one leaves its record, and records come in order
    await call.answered()
    call.hangup()
    await polled("the call is recorded", lambda: len(lab.office.cdrs()) > records, within=5)
    recorded = {row[5] + row[6] for row in lab.office.cdrs()[records:]}
    assert not [channels for channels in recorded if re.search("@failover-(inbound|outbound)", channels)]


def _ask_at_random(lab: Lab, seed: str) -> dict[str, tuple[str, str]]:
    """Ask about random extensions, by token: which context was asked, and about which extension."""
    dice = random.Random(seed)
    asked = {}
    for context, begins in BEGINS.items():
        for turn in range(ASKED):
            rest = "".join(dice.choices(GOES_ON, k=dice.randint(0, 40)))
            extension = "0" + CODE if turn == 0 else dice.choice(begins) + rest
            token = f"ask{seed}{len(asked)}"
            answer = lab.office.ami.act(
                "Originate", ActionID=token, Channel=f"Local/{extension}@{context}", Application="Wait", Data="1",
                Async="true", CallerID="failover", Variable=[f"FAILOVER_ASK={token}", NO_RECORD],
            )  # fmt: skip
            assert answer["Response"] == "Success", (extension, answer)
            asked[token] = (context, extension)
    return asked


def _ended(lab: Lab) -> set[str]:
    """The tokens of the questions whose call is over."""
    return {response["ActionID"] for response in lab.office.board.all("OriginateResponse")}


def _answered(lab: Lab) -> dict[str, Sighting]:
    """The last answer by token."""
    return {answer["Ask"]: answer for answer in lab.office.board.all("FailoverAnswer")}
