"""`make test` runs in three lanes: no test is in none of them, and the last line counts all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import lanes

ROOT = Path(__file__).resolve().parents[2]
_OWN = """
import os, time, pytest
@pytest.fixture(scope="module")
def own():
    time.sleep(0.1)  # the other lane has its turn
    yield str(os.getpid())
"""


def test_every_file_with_tests_is_in_a_lane() -> None:
    shown = [*lanes.others(), *lanes.shared()]
    for path in lanes.ROOT.glob("tests/**/test_*.py"):
        parents = {str(parent) for parent in path.relative_to(lanes.ROOT).parents}
        assert len(parents & set(shown)) == 1, path
    assert lanes.others()[-1] == f"tests/{lanes.LAST}"


def test_two_lanes_share_the_files_of_the_lab_and_run_each_test_once(monkeypatch, tmp_path) -> None:
    lab = tmp_path / "tests/lab"
    lab.mkdir(parents=True)
    (tmp_path / "tests/conftest.py").write_text((lanes.ROOT / "tests/conftest.py").read_text())
    ran = tmp_path / "ran"
    for file in range(6):
        tests = "\n".join(
            f"def test_{n}(own): open({str(ran)!r}, 'a').write('{file}.{n} ' + own + chr(10))" for n in range(3)
        )
        (lab / f"test_{file}.py").write_text(f"{_OWN}\n{tests}\n")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    taken = tmp_path / "taken"
    taken.mkdir()
    both = [lanes.Lane([str(lab)], taken=str(taken)) for _ in range(2)]
    assert [lane.wait() for lane in both] == [0, 0]
    lines = [line.split() for line in ran.read_text().splitlines()]
    assert sorted(test for test, _ in lines) == [f"{file}.{n}" for file in range(6) for n in range(3)]
    whose = {test[0]: {own for t, own in lines if t[0] == test[0]} for test, _ in lines}
    assert all(len(owners) == 1 for owners in whose.values())
    assert len({own for _, own in lines}) == 2
    assert "18 passed" in lanes.closing_line([lane.last_line for lane in both], 1.0)


def test_the_last_line_adds_up_what_the_lanes_say() -> None:
    said = ["== 1 failed, 20 passed, 2 skipped in 61.00s (0:01:01) ==", "300 passed, 1 error in 4.2s"]
    line = lanes.closing_line(said, 62.0)
    assert "1 failed, 320 passed, 2 skipped, 1 error in 62.00s" in line
    assert "no tests ran" in lanes.closing_line(["=== no tests ran in 0.1s ==="], 1.0)


def test_a_lane_is_silent_until_it_is_shown_and_gives_its_exit_code(capsys, monkeypatch, tmp_path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): assert False, 'as it must'\n")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    lane = lanes.Lane([str(tmp_path)])
    assert lane._process.wait() == 1
    assert capsys.readouterr().out == ""
    assert lane.wait() == 1
    assert "as it must" in capsys.readouterr().out
    assert "1 failed" in lane.last_line


FLAKY = """
import pathlib
def test_flaky():
    seen = pathlib.Path({path!r})
    before, seen_now = seen.exists(), seen.touch()
    assert before, "the first time it fails"
def test_fine(): pass
"""


@pytest.mark.parametrize(("where", "code"), [("lab", 0), ("unit", 1)])
def test_what_fails_on_the_clock_is_run_once_more_alone_and_told_and_what_computes_is_not(
    where, code, capsys, monkeypatch, tmp_path
) -> None:
    for name in ("lab", "unit"):
        (tmp_path / "tests" / name).mkdir(parents=True)
        (tmp_path / "tests" / name / f"test_{name}.py").write_text("def test_it(): pass\n")
    (tmp_path / "tests/conftest.py").write_text((lanes.ROOT / "tests/conftest.py").read_text())
    (tmp_path / f"tests/{where}/test_flaky.py").write_text(FLAKY.format(path=str(tmp_path / "seen")))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert lanes.main() == code
    told = f"FAILED beside other lanes, passed alone: tests/{where}/test_flaky.py::test_flaky"
    said = capsys.readouterr().out
    assert (told in said) == (code == 0)
    assert "= 3 passed, 1 failed in" in said or "= 1 failed, 3 passed in" in said, "and nothing is run by two lanes"


def test_a_second_run_is_for_few_tests_and_for_nothing_worse_than_failing() -> None:
    few = [f"tests/lab/test_it.py::test_{n}" for n in range(lanes.MOST_AGAIN)]
    assert lanes.again([1, 0, 0], few) == few
    assert lanes.again([1, 0, 0], [*few, "tests/contract/test_it.py::test_one_more"]) == []
    assert lanes.again([2, 0, 1], few) == []
    assert lanes.again([1, 0, 1], [*few[:1], "tests/unit/test_it.py::test_it"]) == []
    assert lanes.again([0, 0, 0], []) == []
