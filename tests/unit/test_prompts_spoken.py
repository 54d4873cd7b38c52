"""The prompts as espeak-ng really speaks them: as Asterisk plays them, loud enough, short, without long silence."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from router.prompts import voice
from router.prompts.making import Made, make
from router.prompts.sentences import LANGUAGES, PROMPTS
from router.prompts.voice import NoPrompts, measured, speak
from tests.setup import debian

pytestmark = pytest.mark.skipif(bool(debian.missing(voice.NEEDED)), reason="needs espeak-ng and sox")
LONGEST = {"nobody": 7.5, "saved": 4.5, "saved-at-once": 4.5}
"""Seconds: a caller has time to listen, and a desk phone; one in a car has less."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    return list(make(tmp_path_factory.mktemp("sounds"), LANGUAGES, None))


def test_all_are_made_in_both_languages(made: list[Made]) -> None:
    assert len(made) == 2 * len(PROMPTS)
    assert len({each.path.read_bytes() for each in made}) >= 2 * len(PROMPTS) - 1  # plus may be alike


def test_asterisk_plays_them_unconverted(made: list[Made]) -> None:
    for each in made:
        with wave.open(str(each.path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)


def test_they_are_loud_and_not_clipped(made: list[Made]) -> None:
    assert {str(each) for each in made if not -3.5 < measured(each.path).peak < -2.5} == set()


def test_words_begin_at_once_and_silence_ends_soon(made: list[Made]) -> None:
    sounds = {each.path: measured(each.path) for each in made}
    assert {path for path, sound in sounds.items() if sound.before >= 0.1 or sound.after >= 0.2} == set()


def test_digits_are_short(made: list[Made]) -> None:
    digits = {each.path: measured(each.path).seconds for each in made if each.path.stem.startswith("digit-")}
    assert len(digits) == 20
    assert {path: seconds for path, seconds in digits.items() if not 0.2 < seconds < 0.6} == {}


def test_sentences_are_short(made: list[Made]) -> None:
    lengths = {each.path: measured(each.path).seconds for each in made}
    assert {path: s for path, s in lengths.items() if s > LONGEST.get(path.stem, 4.0)} == {}


def test_the_same_words_give_the_same_bytes(tmp_path: Path, made: list[Made]) -> None:
    """Or a second run would seem to change every file."""
    speak("Der Anruf ist schon angenommen.", "de", tmp_path / "again.wav")
    [taken] = [each.path for each in made if each.path.match("de/failover/taken.wav")]
    assert (tmp_path / "again.wav").read_bytes() == taken.read_bytes()


@pytest.mark.parametrize(("language", "word"), [("de", "Pinn"), ("en", "pin")])
def test_pin_is_a_word_and_not_three_letters(tmp_path: Path, language: str, word: str) -> None:
    for text in ("PIN", word):
        speak(text, language, tmp_path / f"{language}-{text}.wav")
    pin, as_a_word = (tmp_path / f"{language}-{text}.wav" for text in ("PIN", word))
    assert pin.read_bytes() == as_a_word.read_bytes()
    assert measured(pin).seconds < 0.6


@pytest.mark.parametrize("name", ["-v Muster", "Ärzte & Söhne", "[[ Muster", "<Muster>", "Muster\u2014Bau"])
def test_any_name_of_an_office_is_spoken(tmp_path: Path, name: str) -> None:
    speak(name, "de", tmp_path / "office.wav")
    assert 0.3 < measured(tmp_path / "office.wav").seconds < 4.0


def test_a_name_with_nothing_in_it_to_speak_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoPrompts, match="nothing to be spoken"):
        speak("\u200b", "de", tmp_path / "office.wav")
