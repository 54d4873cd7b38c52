"""failover_office.conf holds the PIN: not everybody reads it, and Asterisk does."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from router import office_file
from router.office_file import lay
from tests.unit.test_bad_settings_command import GOOD, run

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
SOMEBODY, THEIR_GROUP = 12345, 12346


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_a_new_file_is_not_for_everybody_whatever_the_umask(tmp_path: Path) -> None:
    lay(tmp_path / "failover_office.conf", "x")
    assert mode(tmp_path / "failover_office.conf") == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["failover_office.conf"]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("before", [0o600, 0o644, 0o660])
def test_an_existing_file_keeps_its_mode(tmp_path: Path, before: int) -> None:
    target = tmp_path / "failover_office.conf"
    target.write_text("old")
    target.chmod(before)
    lay(target, "new")
    assert (target.read_text(), mode(target)) == ("new", before)


@AS_ROOT
def test_an_existing_file_keeps_its_owner_and_group(tmp_path: Path) -> None:
    target = tmp_path / "failover_office.conf"
    target.write_text("old")
    os.chown(target, SOMEBODY, THEIR_GROUP)
    (tmp_path / "extensions.conf").write_text("")
    lay(target, "new")
    assert (target.stat().st_uid, target.stat().st_gid) == (SOMEBODY, THEIR_GROUP)


@AS_ROOT
def test_a_new_file_has_the_group_of_the_dialplan_beside_it_or_of_the_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 0, THEIR_GROUP)
    lay(tmp_path / "one.conf", "x")
    assert (tmp_path / "one.conf").stat().st_gid == THEIR_GROUP
    (tmp_path / "extensions.conf").write_text("")
    os.chown(tmp_path / "extensions.conf", SOMEBODY, SOMEBODY)
    assert lay(tmp_path / "two.conf", "x") == f"its owner and the group {SOMEBODY}"
    assert ((tmp_path / "two.conf").stat().st_uid, (tmp_path / "two.conf").stat().st_gid) == (0, SOMEBODY)


@AS_ROOT
def test_where_the_files_beside_it_are_roots_the_group_of_asterisk_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(tmp_path, 0, 0)
    monkeypatch.setattr(office_file, "ASTERISK", "daemon")
    assert lay(tmp_path / "one.conf", "x") == "its owner and the group daemon"
    monkeypatch.setattr(office_file, "ASTERISK", "no-such-group")
    assert lay(tmp_path / "two.conf", "x") == "its owner and the group root"


def test_what_an_interrupted_run_left_is_overwritten_and_was_never_readable(tmp_path: Path) -> None:
    left = tmp_path / "failover_office.part"
    left.write_text("half")
    left.chmod(0o666)
    lay(tmp_path / "failover_office.conf", "x")
    assert mode(tmp_path / "failover_office.conf") == 0o640
    assert not left.exists()


def test_failover_init_writes_the_pin_where_not_everybody_reads_it_and_warns_of_an_older_file(tmp_path: Path) -> None:
    with_pin = GOOD.replace("[office]\n", '[office]\npin = "0420"\n', 1)
    assert with_pin != GOOD
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    done, _, _ = run(first, with_pin, "init", "--asterisk-dir", str(tmp_path))
    target = tmp_path / "failover_office.conf"
    assert (done.returncode, mode(target)) == (0, 0o640)
    assert "FAILOVER_PIN=0420\n" in target.read_text()
    assert "can be read by everybody" not in done.stdout
    target.chmod(0o644)
    done, _, _ = run(second, with_pin, "init", "--asterisk-dir", str(tmp_path))
    assert (done.returncode, mode(target)) == (0, 0o644)
    assert "holds the PIN and can be read by everybody" in done.stdout
    assert "0420" not in done.stdout + done.stderr
