"""What `make` installs is what pyproject.toml asks for, at exact versions, and no index is named."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests import campaign
from tests.setup import debian, pins
from tests.setup.steps import ROOT

PIN = re.compile(r"([a-z0-9-]+)==([0-9][0-9a-z.+]*)")


def pinned(group: str) -> dict[str, str]:
    lines = (ROOT / f"requirements/{group}.txt").read_text().splitlines()
    return {match[1]: match[2] for line in lines if (match := PIN.fullmatch(line))}


@pytest.mark.parametrize("group", ["runtime", "dev"])
def test_every_line_is_an_exact_pin_without_any_address(group: str) -> None:
    lines = (ROOT / f"requirements/{group}.txt").read_text().splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == ([] if group == "runtime" else ["-r runtime.txt"])


def test_the_pins_are_all_that_the_project_needs_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = pins.closure(project["project"]["dependencies"])
    assert pinned("runtime") == runtime
    assert pinned("dev") | runtime == pins.closure(project["dependency-groups"]["dev"]) | runtime


def test_only_packages_whose_sign_is_missing_are_installed(tmp_path: Path) -> None:
    needed = {"sh": "dash", "no-such-command": "one", str(tmp_path): "there", str(tmp_path / "gone"): "two"}
    assert debian.missing(needed) == ["one", "two"]


def test_figures_of_the_campaign_are_kept_a_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILOVER_CAMPAIGN_ROWS", str(tmp_path / "new/rows"))
    campaign.report("thirty trunks", median_s=5.1, count=30)
    campaign.report("größer", why="ä")
    rows = [json.loads(line) for line in campaign.rows_file().read_text().splitlines()]
    assert rows == [{"name": "thirty trunks", "median_s": 5.1, "count": 30}, {"name": "größer", "why": "ä"}]
