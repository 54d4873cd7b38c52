"""Speaks a sentence into a file as Asterisk plays it without converting: wav, 8 kHz, mono, 16 bit (its format_wav).

espeak-ng speaks, sox makes a telephone's sound of it; both are Debian packages, called as programs.
This module needs Python's own library only: the set-up of a bare machine reads NEEDED in it.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

NEEDED = {"espeak-ng": "espeak-ng", "sox": "sox"}
"""The Debian package of each program."""
VOICES = {"de": "de", "en": "en-gb"}
"""espeak-ng's voice for each language (`espeak-ng --voices`)."""
PRONOUNCED = {"de": {"PIN": "Pinn", "sobald": "so bald"}, "en": {"PIN": "pin"}}
"""Words that the voice gets wrong: PIN letter by letter, sobald with the stress in front (`espeak-ng -q --ipa`)."""
WORDS_PER_MINUTE = 160
"""espeak-ng's own is 175: too quick for somebody who drives and hears it once."""
RATE = 8000
"""Samples a second."""
PEAK_DB = -3.0
"""The loudest sample, in dB below full scale: loud in a car, and not clipped by a codec on the way."""
QUIETEST_DB = -60.0
"""What is below this at either end is silence, and cut off. So low that no soft consonant goes with it."""
BEFORE_SECONDS, AFTER_SECONDS = 0.02, 0.08
"""Left silent around the words, so that digits played in a row stay apart."""
LONGEST_SECONDS = 30.0
"""For one sentence; both programs take a fraction of a second."""


class NoPrompts(Exception):  # noqa: N818 - named for what it says
    """Prompts cannot be made; str() is the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A wav file, measured: length and the silence at both ends in seconds, the loudest sample in dB of full scale."""

    seconds: float
    peak: float
    before: float
    after: float


def tools_are_there() -> None:
    """Raises NoPrompts with the Debian packages to install."""
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing:
        raise NoPrompts(f"Prompts need Debian packages that are not here: apt install {' '.join(missing)}")


def speak(text: str, language: str, target: Path) -> None:
    """Write `target`. Raises NoPrompts, also where there was nothing to be spoken in the text."""
    raw = target.with_suffix(".raw.wav")
    # By standard input, since an office's name may begin with a dash; and [[ would begin espeak-ng's phonemes.
    words = re.sub(r"\w+", lambda word: PRONOUNCED[language].get(word[0], word[0]), text).replace("[[", "[ [")
    how = ["-v", VOICES[language], "-s", str(WORDS_PER_MINUTE), "-b", "1"]  # 1: UTF-8
    _run(["espeak-ng", *how, "--stdin", "-w", str(raw)], words.encode())
    if not raw.exists():
        raise NoPrompts(f"There is nothing to be spoken in {text!r}.")
    telephone = ["-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer", "-t", "wav"]
    trim = ["silence", "1", "0.005", f"{QUIETEST_DB:.0f}d", "reverse"]
    pad = ["pad", str(BEFORE_SECONDS), str(AFTER_SECONDS)]
    # -D: no dither, so that the same sentence gives the same bytes. The gain comes last: resampling moves the peak.
    effects = ["rate", str(RATE), *trim, *trim, "gain", "-n", str(PEAK_DB), *pad]
    _run(["sox", "-D", str(raw), *telephone, str(target), *effects])
    raw.unlink()
    if measured(target).peak == -math.inf:
        raise NoPrompts(f"There is nothing to be spoken in {text!r}.")


def _run(command: list[str], given: bytes = b"") -> None:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no argument comes from outside
            command, input=given, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPrompts(f"{command[0]} cannot be used: {error}") from None
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no word why"])[-1]
        raise NoPrompts(f"{command[0]} ended with {done.returncode}: {last}")


def measured(path: Path) -> Sound:
    """What a wav of 16-bit mono samples sounds like."""
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":  # wav is little-endian
        samples.byteswap()
    heard = [at for at, sample in enumerate(samples) if abs(sample) > 32768 * 10 ** (QUIETEST_DB / 20)]
    if not heard:
        return Sound(len(samples) / rate, -math.inf, len(samples) / rate, len(samples) / rate)
    loudest = max(abs(sample) for sample in samples)
    return Sound(
        seconds=len(samples) / rate,
        peak=20 * math.log10(loudest / 32768),
        before=heard[0] / rate,
        after=(len(samples) - 1 - heard[-1]) / rate,
    )
