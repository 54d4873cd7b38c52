"""`make test` runs in two lanes: no test is in none of them, and the last line counts both."""

from __future__ import annotations

from tests import lanes


def test_every_directory_with_tests_is_in_one_lane_only() -> None:
    waiting, others = lanes.directories()
    there = {
        "tests/" + path.relative_to(lanes.ROOT / "tests").parts[0] for path in lanes.ROOT.glob("tests/**/test_*.py")
    }
    assert sorted(waiting + others) == sorted(there)
    assert "tests/lab" in waiting
    assert "tests/unit" in others


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
