"""The prompts: the table is complete, what somebody recorded stays, and what cannot be made is told in a line."""

from __future__ import annotations

import math
import os
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router.__main__ import app
from router.prompts import making, places
from router.prompts.making import Made, make
from router.prompts.sentences import LANGUAGES, PROMPTS
from router.prompts.voice import NoPrompts

# What dialplans play; a name is never changed, since offices record their own under it.
NAMES = {
    *(f"digit-{digit}" for digit in range(10)),
    *("call-from", "plus", "unknown-caller", "for", "office", "press-1", "taken", "refused", "nobody"),
    *(
        "forwarding-on",
        "forwarding-off",
        "saved-at-once",
        "saved",
        "overruled",
        "enter-pin",
        "wrong-pin",
        "no-such-number",
    ),
    *("test-call", "confirm-number", "number-confirmed"),
}


def wav(
    kind: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, sound: bytes = b"as somebody recorded it."
) -> bytes:
    size = channels * bits // 8
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, channels, rate, rate * size, size, bits)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(sound), b"WAVE")
        + head
        + struct.pack("<4sI", b"data", len(sound))
        + sound
    )


OWN = wav()


def speak(text: str, language: str, target: Path) -> None:
    """Stands for espeak-ng: a wav whose samples are the sentence."""
    samples = f"{language} {text}".encode()
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples + b" " * (len(samples) % 2))


def made(into: Path, office: str | None = None, language: str = "de") -> dict[str, Made]:
    return {each.path.name: each for each in make(into, [language], office, speak)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As `failover prompts` leaves it in German."""
    made(tmp_path)
    return tmp_path / "de/failover"


def test_the_table_has_every_name_once() -> None:
    assert sorted(prompt.name for prompt in PROMPTS) == sorted(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_said_in_both_languages_each_its_own_way(language: str) -> None:
    said = [prompt.said(language, None) for prompt in PROMPTS]
    assert all(said)
    assert len(set(said)) == len(said)
    assert all(prompt.heard for prompt in PROMPTS)


def test_the_office_is_called_by_its_name_where_that_is_known(tmp_path: Path) -> None:
    assert made(tmp_path)["office.wav"].said == "das Büro"
    assert made(tmp_path, language="en")["office.wav"].said == "the office"
    assert made(tmp_path, "Praxis Muster")["office.wav"].said == "Praxis Muster"
    assert b"Praxis Muster" in (tmp_path / "de/failover/office.wav").read_bytes()


def test_they_lie_where_asterisk_plays_them_as_failover_name(tmp_path: Path) -> None:
    assert len(list(make(tmp_path, LANGUAGES, None, speak))) == 2 * len(PROMPTS)
    for language in LANGUAGES:
        wavs = {path.stem for path in (tmp_path / language / "failover").glob("*.wav")}
        assert wavs == NAMES


def test_an_own_recording_stays_and_is_told(folder: Path) -> None:
    (folder / "nobody.wav").write_bytes(OWN)
    for _ in range(2):
        told = made(folder.parents[1], "Another name")
        assert (folder / "nobody.wav").read_bytes() == OWN
        assert str(told["nobody.wav"]) == f"{folder}/nobody.wav: an own recording, it stays"
        assert sum(each.sound is None for each in told.values()) == 1


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("saved.wav", b"moin", "it is no wav file; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", b"", "it is no wav file; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav(rate=44100), "it has 44100 Hz; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav(channels=2), "it has 2 channels; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav(bits=8), "it has 8 bit; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav(kind=7), "it is no PCM (format 7); needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav(sound=b""), "there is no sound in it; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav()[:36], "there is no sound in it; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav", wav()[:30], "its header is cut off; needed is 8 kHz, mono, 16 bit, PCM"),
        ("saved.wav16", wav(), "it has 8000 Hz; needed is 16 kHz, mono, 16 bit, PCM"),
        ("saved.wav16", wav(rate=16000), None),
        ("saved.gsm", b"moin", None),
    ],
)
def test_a_recording_that_asterisk_cannot_play_stays_and_is_named(
    tmp_path: Path, name: str, content: bytes, why: str | None
) -> None:
    recording = tmp_path / "de/failover" / name
    recording.parent.mkdir(parents=True)
    recording.write_bytes(content)
    told = str(made(tmp_path)[name])
    assert told == f"{recording}: an own recording, it stays" + (f", but Asterisk cannot play it: {why}" if why else "")
    lines = places.mute("127.0.0.1", "de", [tmp_path])
    assert [line.partition(". ")[0] for line in lines] == ([f"Asterisk cannot play {recording}: {why}"] if why else [])
    assert places.mute("192.0.2.7", "de", [tmp_path]) == []


def test_what_we_made_ourselves_can_be_played(folder: Path) -> None:
    assert places.mute("127.0.0.1", "de", [folder.parents[1]]) == []


def test_of_a_recording_in_another_format_ours_makes_way(folder: Path) -> None:
    """Asterisk would play the one of the two that suits the call's codec."""
    (folder / "nobody.alaw").write_bytes(OWN)
    told = made(folder.parents[1])
    assert "nobody.alaw" in told
    assert [path.name for path in folder.glob("nobody.*")] == ["nobody.alaw"]


def test_a_recording_there_before_the_first_run_stays(tmp_path: Path) -> None:
    (tmp_path / "de/failover").mkdir(parents=True)
    (tmp_path / "de/failover/taken.wav").write_bytes(OWN)
    assert made(tmp_path)["taken.wav"].sound is None
    assert (tmp_path / "de/failover/taken.wav").read_bytes() == OWN


def test_without_its_manifest_nothing_is_overwritten(folder: Path) -> None:
    (folder / "manifest.json").write_text("[")
    before = (folder / "office.wav").read_bytes()
    assert all(each.sound is None for each in made(folder.parents[1], "Another name").values())
    assert (folder / "office.wav").read_bytes() == before


def test_a_run_cut_off_leaves_nothing_that_passes_for_a_recording(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(fresh: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(making, "_lay", cut_off)
        made(folder.parents[1], "Another name")
    assert all(each.sound for each in made(folder.parents[1], "A third name").values())
    assert b"A third name" in (folder / "office.wav").read_bytes()


def test_a_language_comes_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    def loses_its_voice(text: str, language: str, target: Path) -> None:
        if text == "neun":
            raise NoPrompts("no voice")
        speak(text, language, target)

    with pytest.raises(NoPrompts):
        list(make(tmp_path, ["de"], None, loses_its_voice))
    assert not list((tmp_path / "de/failover").iterdir())


def test_asterisk_may_read_them_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        made(tmp_path / "sounds")
    finally:
        os.umask(before)
    for path in (tmp_path / "sounds").rglob("*"):
        assert path.stat().st_mode & 0o444 == 0o444
        assert path.is_file() or path.stat().st_mode & 0o111 == 0o111


Command = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """`failover prompts` on a machine without an Asterisk and without a settings file."""
    monkeypatch.delenv("FAILOVER_CONFIG", raising=False)
    monkeypatch.setattr(places, "sounds_directories", list)
    monkeypatch.setattr("router.__main__.DEFAULT_CONFIG", Path("/nowhere/failover.toml"))

    def run(*arguments: str) -> tuple[int, list[str]]:
        done = CliRunner().invoke(app, ["prompts", *arguments])
        return done.exit_code, done.output.splitlines()

    yield run


@pytest.mark.parametrize(("there", "install"), [((), "espeak-ng sox"), (("sox",), "espeak-ng")])
def test_2_a_missing_tool_is_told_with_its_debian_package(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: tuple[str, ...], install: str
) -> None:
    for program in there:
        (tmp_path / program).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    line = f"Prompts need Debian packages that are not here: apt install {install}"
    assert command("--into", str(tmp_path / "sounds")) == (2, [line])
    assert not (tmp_path / "sounds").exists()


def test_2_without_an_asterisk_here_it_must_be_told_where(command: Command) -> None:
    assert command() == (2, ["Here is no sounds directory of an Asterisk: say where with --into DIR"])


def test_2_a_settings_file_that_was_named_must_be_there(command: Command, tmp_path: Path) -> None:
    absent = tmp_path / "failover.toml"
    told = command("--into", str(tmp_path), "--config", str(absent))
    assert told == (2, [f"{absent}: the settings file does not exist"])


def test_2_a_place_that_cannot_be_written_is_told(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for program in ("espeak-ng", "sox"):
        (tmp_path / program).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "file").touch()
    [line] = command("--into", str(tmp_path / "file"))[1]
    assert line.startswith(f"{tmp_path}/file")
    assert "cannot be written" in line


def test_silence_is_no_prompt(tmp_path: Path) -> None:
    from router.prompts.voice import measured

    with wave.open(str(tmp_path / "silent.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(1600))
    assert measured(tmp_path / "silent.wav").peak == -math.inf


def test_2_a_language_that_we_do_not_speak(command: Command) -> None:
    assert command("--language", "fr") == (2, ["--language 'fr' is none of de, en, both"])
