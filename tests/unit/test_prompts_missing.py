"""`failover check` on the PBX's machine: which prompts are missing, as a hint that changes no exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from router.__main__ import app
from router.check_watches import Told
from router.prompts import places
from router.prompts.places import hint, sounds_directories
from router.prompts.sentences import PROMPTS
from tests.unit.test_bad_settings_command import GOOD
from tests.unit.test_prompts import OWN


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A sounds directory with every German prompt in it."""
    folder = tmp_path / "sounds/de/failover"
    folder.mkdir(parents=True)
    for prompt in PROMPTS:
        (folder / f"{prompt.name}.wav").write_bytes(OWN)
    return tmp_path / "sounds"


def test_nothing_is_said_where_all_are_there(sounds: Path) -> None:
    assert hint("127.0.0.1", "de", [sounds]) is None


def test_the_missing_ones_are_named_in_one_line_with_what_makes_them(sounds: Path) -> None:
    for name in ("nobody", "digit-7"):
        (sounds / f"de/failover/{name}.wav").unlink()
    assert hint("127.0.0.1", "de", [sounds]) == (
        f"Prompts in German are missing in {sounds}: digit-7, nobody. Calls work all the same, tones are heard "
        f"instead of words. As root: failover prompts --language de --into {sounds}"
    )


def test_where_none_is_there_they_are_not_told_one_by_one(sounds: Path) -> None:
    told = hint("localhost", "en", [sounds])
    assert told
    assert f"Prompts in English are missing in {sounds}: all. " in told


@pytest.mark.parametrize("place", ["de/failover/nobody.gsm", "de/failover/nobody.WAV", "failover/nobody.ulaw"])
def test_what_asterisk_would_find_counts(sounds: Path, place: str) -> None:
    (sounds / "de/failover/nobody.wav").unlink()
    (sounds / place).parent.mkdir(exist_ok=True)
    (sounds / place).touch()
    assert hint("::1", "de", [sounds]) is None


@pytest.mark.parametrize("place", ["en/failover/nobody.wav", "de/failover/nobody.wav.bak", "de/nobody.wav"])
def test_what_asterisk_would_not_find_does_not(sounds: Path, place: str) -> None:
    (sounds / "de/failover/nobody.wav").unlink()
    (sounds / place).parent.mkdir(parents=True, exist_ok=True)
    (sounds / place).touch()
    assert "nobody" in (hint("::1", "de", [sounds]) or "")


@pytest.mark.parametrize("host", ["192.0.2.7", "pbx.example.org", "asterisk"])
def test_of_a_pbx_on_another_machine_nothing_is_said(sounds: Path, host: str) -> None:
    assert hint(host, "en", [sounds]) is None


def test_without_a_sounds_directory_nothing_is_said() -> None:
    assert hint("127.0.0.1", "de", []) is None


def test_of_a_directory_closed_to_us_nothing_is_said(sounds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", closed)
    assert hint("127.0.0.1", "en", [sounds]) is None
    monkeypatch.setattr(Path, "is_dir", closed)
    assert sounds_directories(sounds / "asterisk.conf", [sounds]) == []


@pytest.mark.parametrize("section", ["[directories]", "[directories](!)"])
def test_the_directory_is_the_one_that_asterisk_conf_names(tmp_path: Path, section: str) -> None:
    for folder in ("usual", "data/sounds"):
        (tmp_path / folder).mkdir(parents=True)
    conf = tmp_path / "asterisk.conf"
    conf.write_text(f"; words\n{section}\nastdatadir => {tmp_path}/data ; more\n[options]\n;verbose = 3\n")
    assert sounds_directories(conf, [tmp_path / "usual"]) == [tmp_path / "data/sounds"]


@pytest.mark.parametrize("text", [None, "", "no section\n", "[directories]\nastdatadir => \n", "[directories]\nastdat"])
def test_where_it_names_none_the_usual_ones_that_are_there_count(tmp_path: Path, text: str | None) -> None:
    (tmp_path / "usual").mkdir()
    if text is not None:
        (tmp_path / "asterisk.conf").write_text(text)
    usual = [tmp_path / "usual", tmp_path / "unusual"]
    assert sounds_directories(tmp_path / "asterisk.conf", usual) == [tmp_path / "usual"]


@pytest.mark.parametrize(("found", "code", "verdict"), [([], 0, "All is as it should be."), (["x"], 1, "1 findings.")])
def test_the_check_ends_as_it_would_without_the_hint(
    tmp_path: Path, sounds: Path, monkeypatch: pytest.MonkeyPatch, found: list[str], code: int, verdict: str
) -> None:
    async def checked(*_: object) -> Told:
        return Told(findings=tuple(found))

    monkeypatch.setattr("router.check.checked", checked)
    monkeypatch.setattr(places, "sounds_directories", lambda: [sounds])
    (sounds / "de/failover/for.wav").unlink()
    (tmp_path / "failover.toml").write_text(GOOD)
    done = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "failover.toml")])
    assert done.exit_code == code
    *_, last, told = done.output.splitlines()
    assert last == verdict
    assert told.startswith(f"Hint: Prompts in German are missing in {sounds}: for. ")


def test_1_a_recording_that_cannot_be_played_is_a_finding(
    tmp_path: Path, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def checked(*_: object) -> Told:
        return Told()

    monkeypatch.setattr("router.check.checked", checked)
    monkeypatch.setattr(places, "sounds_directories", lambda: [sounds])
    (sounds / "de/failover/press-1.wav").write_bytes(b"moin")
    (tmp_path / "failover.toml").write_text(GOOD)
    done = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "failover.toml")])
    assert (done.exit_code, done.output.splitlines()) == (1, [
        f"- Asterisk cannot play {sounds}/de/failover/press-1.wav: it is no wav file; needed is 8 kHz, mono, 16 bit,"
        " PCM. Record it again, or delete it and run failover prompts.",
        "1 findings.",
    ])  # fmt: skip
