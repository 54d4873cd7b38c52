"""The state diagram in README.md is the table that decides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs import draw_states, drawing
from router.core.health import RULES

ROOT = Path(__file__).parent.parent.parent


def test_the_diagram_in_the_readme_is_fresh():
    script = [sys.executable, str(ROOT / "docs" / "draw_states.py"), "--check"]
    done = subprocess.run(script, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["states", "outcomes"])
def test_what_is_drawn_is_folded_and_stands_after_the_installation(name: str) -> None:
    before, _, after = (ROOT / "README.md").read_text().partition(f"<!-- {name} -->")
    assert before.count("<details>") == before.count("</details>") + 1
    assert after.partition(f"<!-- /{name} -->")[2].index("</details>") < 1500
    assert "\n## Install\n" in before


def test_every_row_of_the_table_is_drawn():
    text = draw_states.diagram()
    for rule in RULES:
        arrow = next(line for line in text.splitlines() if f"{rule.state.value} --> {rule.to.value}:" in line)
        assert rule.verdict.value in arrow


def test_a_stale_diagram_is_noticed(tmp_path, monkeypatch, capsys):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- states -->\nold\n<!-- /states -->\nafter\n")
    monkeypatch.setattr(drawing, "README", readme)
    assert draw_states.main(["--check"]) == 1
    assert "make states" in capsys.readouterr().err
    assert draw_states.main([]) == 0
    assert draw_states.main(["--check"]) == 0
    assert readme.read_text().startswith("before\n<!-- states -->\n```mermaid")
    assert readme.read_text().endswith("```\n<!-- /states -->\nafter\n")


def test_a_readme_without_the_place_for_it_is_refused():
    with pytest.raises(ValueError, match="states"):
        drawing.drawn("nothing here", "states", "a diagram")
