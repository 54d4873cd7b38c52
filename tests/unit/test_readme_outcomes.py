"""The table of outcomes in README.md is that of the dialplan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs import draw_outcomes, drawing

ROOT = Path(__file__).parent.parent.parent
ROWS = """\
FAILOVER_ENDS_408=next+		; no answer in time
FAILOVER_ENDS_408r=person	; it rang, nobody came
FAILOVER_ENDS_433=again		; anonymous calls are not taken
FAILOVER_ENDS_500=next+		; trouble at the carrier
FAILOVER_ENDS_501=next+
FAILOVER_ENDS_noanswer=person	; it rang, nobody came
FAILOVER_ENDS_cancel=end	; the caller has gone
"""


def test_the_table_in_the_readme_is_fresh() -> None:
    script = [sys.executable, str(ROOT / "docs" / "draw_outcomes.py"), "--check"]
    done = subprocess.run(script, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_row_of_the_dialplan_is_drawn() -> None:
    dialplan = draw_outcomes.DIALPLAN.read_text()
    assert len(draw_outcomes.rows(dialplan)) == dialplan.count("\nFAILOVER_ENDS_")


def test_each_end_is_told_with_its_sentence_and_those_that_are_alike_in_one_line() -> None:
    assert draw_outcomes.table(ROWS).splitlines()[2:] == [
        "| 408 | no answer in time | next trunk | yes |",
        "| 408 after ringing, noanswer | it rang, nobody came | next person | no |",
        "| 433 | anonymous calls are not taken | once more under the office's number, then next trunk | no |",
        "| 500, 501 | trouble at the carrier | next trunk | yes |",
        "| cancel | the caller has gone | nothing more | no |",
    ]


@pytest.mark.parametrize("before", ["", "FAILOVER_ENDS_500=next+\t; trouble at the carrier\n"])
def test_a_row_without_a_sentence_must_be_like_the_one_above(before: str) -> None:
    with pytest.raises(ValueError, match="FAILOVER_ENDS_501"):
        draw_outcomes.table(before + "FAILOVER_ENDS_501=person\n")


def test_a_table_that_is_stale_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- outcomes -->\nold\n<!-- /outcomes -->\nafter\n")
    monkeypatch.setattr(drawing, "README", readme)
    assert draw_outcomes.main(["--check"]) == 1
    assert "make states" in capsys.readouterr().err
    assert draw_outcomes.main([]) == 0
    assert draw_outcomes.main(["--check"]) == 0
