"""Ten thousand strange extensions, callers and names: no wrong Dial, no complaint of the dialplan, no code run."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.campaign import report
from tests.lab.asking import ANSWER, answered, ask_at_random, ended, may_be_refused, strange
from tests.lab.forwarding import ANNA, forwarding
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER
from tests.lab.test_hostile_callers import HARM, SHELL, complaints

BATCHES, OF_EACH_CONTEXT = 10, 250  # for each of two ways: 10,000 in all
CALLS, AT_ONCE = 600, 20
NAME_CUT = "somewhere without a @context"
"""Asterisk cuts the name of the channel by which we ask at 80 bytes, and then complains of what is left of it."""


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", ["office", "mobile"])
async def test_thousands_of_strange_extensions_get_one_clean_answer_each(lab: Lab, tmp_path: Path, way: str) -> None:
    told: Counter[str] = Counter()
    async with forwarding(lab, tmp_path, way, people=(ANNA,)):
        said = len(lab.office.log())
        lab.office.cli("core set verbose 0")  # or Asterisk throws away what it cannot log fast enough
        for batch in range(BATCHES):
            asked = ask_at_random(lab, f"{way}{batch}x", OF_EACH_CONTEXT)
            await polled("each question has ended", lambda a=asked: a.keys() <= ended(lab), within=60, every=0.2)
            await polled("no channel is left", lambda: not lab.office.channels(), within=30)
            readable = {token for token, question in asked.items() if not may_be_refused(*question)}
            await polled("the answers are heard", lambda r=readable: r <= answered(lab).keys(), within=20, every=0.2)
            answers = answered(lab)
            for token, (context, extension) in asked.items():
                if token not in answers:
                    assert context == "failover-outbound", extension
                    told["refused"] += 1
                    continue
                would = answers[token]["Would"]
                assert ANSWER.fullmatch(would), (extension, would)
                assert ("Goto" in would) == (way == "office" and context == "failover-inbound"), (extension, would)
                told["answered"] += 1
            assert not [leg for leg in lab.office.board.all("DialBegin") if leg["DestChannel"].startswith("PJSIP/")]
            lab.office.board.clear()
        lab.office.cli("core set verbose 3")
        assert not [line for line in complaints(lab, said) if NAME_CUT not in line]
        assert not (lab.office.root / HARM).exists()
    assert told["answered"] + told["refused"] == BATCHES * OF_EACH_CONTEXT * 2
    report(f"strange extensions, calls to the {way}", **told)


@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", ["office", "mobile"])
async def test_hundreds_of_strange_callers_ring_nobody_else(lab: Lab, tmp_path: Path, way: str) -> None:
    dice = random.Random(way)
    async with forwarding(lab, tmp_path, way, people=(ANNA,), nobody="hangup", max_calls=0):
        lab.mobile.refuses(17)
        lab.desk.refuses(17)
        said = len(lab.office.log())
        lab.office.cli("core set verbose 0")  # or Asterisk throws away what it cannot log fast enough
        dialled: Counter[str] = Counter()
        for batch in range(CALLS // AT_ONCE):
            for _ in range(AT_ONCE):
                name, number = strange(dice), strange(dice, 30)
                if dice.random() < 1 / 10:
                    name, number = SHELL + name, "0" + SHELL
                answer = lab.office.ami.act(
                    "Originate", ActionID=f"call{batch}", Channel=f"Local/{NUMBER}@failover-inbound/n", Data="1",
                    Application="Wait", Async="true", CallerID=f'"{name}" <{number}>',
                )  # fmt: skip
                assert answer["Response"] == "Success", answer
            await polled("all are told", lambda: len(lab.office.board.all("FailoverCall")) == AT_ONCE, within=60)
            rows = [event["Call"].split("|") for event in lab.office.board.all("FailoverCall")]
            dialled["loop"] += sum(row[10] == "loop" for row in rows)
            assert {len(row) for row in rows} == {12}, rows
            for leg in lab.office.board.all("DialBegin"):
                if leg["DestChannel"].startswith("PJSIP/"):
                    dialled[leg["DialString"]] += 1
            lab.office.board.clear()
        lab.office.cli("core set verbose 3")
        assert not complaints(lab, said)
        assert not (lab.office.root / HARM).exists()
    assert dialled.keys() <= {"20", f"{ANNA}@gsm", "loop"}, dialled
    assert dialled["20"] + dialled["loop"] == CALLS  # who calls twice at once under one number looks like a loop
    report(f"strange callers, calls to the {way}", calls=CALLS, legs=dict(dialled))
