"""Asking the dialplan: whatever extension is asked about, one answer comes, nothing is dialled, nothing is recorded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.asking import ANSWER, answered, ask_at_random, ended, may_be_refused
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, running
from tests.lab.test_hostile_callers import complaints

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
    asked = ask_at_random(lab, way, ASKED)
    await polled("each call of a question has ended", lambda: asked.keys() <= ended(lab), within=20, every=0.2)
    await polled("no channel is left", lambda: not lab.office.channels(), within=10)
    refused = {token for token, question in asked.items() if may_be_refused(*question)}
    await polled("all answers are heard", lambda: asked.keys() - refused <= answered(lab).keys(), within=20, every=0.2)
    answers = answered(lab)
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
