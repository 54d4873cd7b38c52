"""Lays the prompts where Asterisk plays them: `INTO/LANGUAGE/failover/NAME.wav`. What somebody recorded stays.

A file is ours when its sha256 stands in the manifest beside it. The manifest is written before the files, so that
one that we made never passes for a recording, wherever we are interrupted. It only grows, by one line for each change.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter

from router.prompts import playable, voice
from router.prompts.places import FOLDER, recordings
from router.prompts.sentences import PROMPTS
from router.prompts.voice import NoPrompts, Sound

MANIFEST = "manifest.json"
_Manifest = TypeAdapter(dict[str, list[str]])
Speak = Callable[[str, str, Path], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A prompt that is there now: spoken by us, or (`sound` None) recorded by somebody and left alone."""

    path: Path
    said: str
    sound: Sound | None

    def __str__(self) -> str:
        if self.sound is None:
            mute = playable.trouble(self.path)
            return f"{self.path}: an own recording, it stays" + (
                f", but Asterisk cannot play it: {mute}" if mute else ""
            )
        return f"{self.path}: {self.sound.seconds:.2f} s, peak {self.sound.peak:.1f} dB: {self.said}"


def make(into: Path, languages: Iterable[str], office: str | None, speak: Speak = voice.speak) -> Iterator[Made]:
    """Make those of each language, and tell each. A language comes as a whole or not at all. Raises NoPrompts."""
    if speak is voice.speak:
        voice.tools_are_there()
    try:
        for language in languages:
            yield from _made(into / language / FOLDER, language, office, speak)
    except OSError as error:
        raise NoPrompts(f"{error.filename or into} cannot be written: {error.strerror}") from None


def _made(folder: Path, language: str, office: str | None, speak: Speak) -> Iterator[Made]:
    _create(folder)
    manifest = _read(folder / MANIFEST)
    made: list[Made] = []
    with TemporaryDirectory() as workshop:
        for prompt in PROMPTS:
            theirs = [path for path in recordings(folder, prompt.name) if not _ours(path, manifest)]
            if theirs:
                made += [Made(path, "", None) for path in theirs]
                continue
            fresh, said = Path(workshop) / f"{prompt.name}.wav", prompt.said(language, office)
            speak(said, language, fresh)
            made.append(Made(folder / fresh.name, said, voice.measured(fresh)))
        _write(folder / MANIFEST, _with(manifest, Path(workshop).iterdir()))
        for each in made:
            if each.sound is not None:
                _lay(Path(workshop) / each.path.name, each.path)
            else:
                _make_way(each.path, manifest)
            yield each


def _make_way(recording: Path, manifest: dict[str, list[str]]) -> None:
    """Of two files of one name in two formats Asterisk plays the one that suits the call: ours must not be there."""
    beside = recording.with_suffix(".wav")
    if _ours(beside, manifest):
        beside.unlink()


def _create(folder: Path) -> None:
    """Readable by all, whatever the umask: Asterisk runs as another user."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir()
        missing.chmod(0o755)


def _lay(fresh: Path, target: Path) -> None:
    """At once, since a call may be playing the one before."""
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(fresh, part)
    part.chmod(0o644)
    part.replace(target)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _ours(path: Path, manifest: dict[str, list[str]]) -> bool:
    return path.is_file() and _sha256(path) in manifest.get(path.stem, ())


def _read(path: Path) -> dict[str, list[str]]:
    """Where it cannot be understood nothing counts as ours, and so nothing is overwritten."""
    try:
        return _Manifest.validate_json(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}


def _with(manifest: dict[str, list[str]], files: Iterable[Path]) -> dict[str, list[str]]:
    fresh = {path.stem: _sha256(path) for path in files}
    return manifest | {name: list(dict.fromkeys([*manifest.get(name, []), new])) for name, new in fresh.items()}


def _write(path: Path, manifest: dict[str, list[str]]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    part.chmod(0o644)
    part.replace(path)
