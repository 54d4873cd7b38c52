"""The demo's folder: what a killed demo left is removed by the next, what a living one uses is not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.home import home
from demo.terminal import keep_time_of, tell

ROOT = Path(__file__).resolve().parents[2]
HOUR_AGO = time.time() - 3600
LIVES = """
import sys, pathlib, demo.home
with demo.home.home(pathlib.Path(sys.argv[1])) as own:
    print(own, flush=True)
    sys.stdin.read()
"""


def test_the_folder_of_a_dead_demo_goes_with_the_next_start(tmp_path: Path) -> None:
    left, foreign = tmp_path / "failover-demo-dead", tmp_path / "something-else"
    for folder in (left, foreign):
        folder.mkdir()
        (folder / "failover.db").write_text("x")
        os.utime(folder, (HOUR_AGO, HOUR_AGO))

    with home(tmp_path) as own:
        assert own.is_dir()
        assert {path.name for path in tmp_path.iterdir()} == {own.name, "something-else"}

    assert [path.name for path in tmp_path.iterdir()] == ["something-else"]


def test_the_folder_of_a_living_demo_stays(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LIVES, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        theirs = Path(other.stdout.readline().strip())
        os.utime(theirs, (HOUR_AGO, HOUR_AGO))
        with home(tmp_path):
            assert theirs.is_dir()
        other.kill()
    assert theirs.is_dir(), "it was killed"

    with home(tmp_path):
        assert not theirs.exists()


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    link = tmp_path / "failover-demo-link"
    link.symlink_to(target)
    os.utime(link, (HOUR_AGO, HOUR_AGO), follow_symlinks=False)

    with home(tmp_path):
        assert target.is_dir()
        assert link.is_symlink()


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Kolkata", 5.5), ("Asia/Tokyo", 9)])
def test_its_lines_carry_the_time_of_the_office(zone: str, hours: float, capsys: pytest.CaptureFixture[str]) -> None:
    keep_time_of(zone)
    try:
        before = time.time()
        tell("Telekom", "is cut")
        after = time.time()
    finally:
        keep_time_of("Europe/Berlin")

    clock, rest = capsys.readouterr().out.split(maxsplit=1)
    assert clock in {time.strftime("%H:%M:%S", time.gmtime(at + hours * 3600)) for at in (before, after)}
    assert rest.split() == ["Telekom", "is", "cut"]
