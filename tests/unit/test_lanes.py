"""`make test` runs in three lanes: no test is in none of them, and the last line counts all."""

from __future__ import annotations

from tests import lanes


def test_every_file_with_tests_is_in_one_lane_only() -> None:
    shares = lanes.shares()
    for path in lanes.ROOT.glob("tests/**/test_*.py"):
        file = path.relative_to(lanes.ROOT)
        names = {str(file), *(str(parent) for parent in file.parents)}
        assert sum(len(names & set(share)) for share in shares) == 1, file
    assert [len(share) > 5 for share in shares] == [True, True, False]
    assert "tests/unit" in shares[-1]


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
