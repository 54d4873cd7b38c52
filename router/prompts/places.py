"""Where Asterisk looks for sounds on this machine, and which prompts are missing there. Reads only."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

from router.prompts.playable import trouble
from router.prompts.sentences import LANGUAGES, PROMPTS

FOLDER = "failover"
_NAMES = frozenset(prompt.name for prompt in PROMPTS)
ASTERISK_CONF = Path("/etc/asterisk/asterisk.conf")
USUAL = (Path("/var/lib/asterisk/sounds"), Path("/usr/share/asterisk/sounds"))
"""As Asterisk's own make and as Debian's package have it."""
# fmt: off
PLAYED = frozenset({
    "alaw", "al", "alw", "au", "g719", "g722", "g723", "g723sf", "g726-16", "g726-24", "g726-32", "g726-40",
    "g729", "gsm", "ilbc", "mp3", "ogg", "opus", "pcm", "ulaw", "ul", "mu", "ulw", "raw", "siren7", "siren14",
    "sln", "sln12", "sln16", "sln24", "sln32", "sln44", "sln48", "sln96", "sln192", "spx", "spx16", "spx32",
    "vox", "wav", "wav16", "WAV", "wav49",
})
# fmt: on
"""Endings of the files that Asterisk plays (`.exts` in formats/*.c, Asterisk 22)."""


def recordings(folder: Path, name: str | None = None) -> list[Path]:
    """The files that Asterisk would play from there: all, or those of one prompt. Raises OSError, not for no folder."""
    try:
        there = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    played = [path for path in there if path.suffix[1:] in PLAYED]
    return [path for path in played if name in (None, path.stem)]


def sounds_directories(asterisk_conf: Path = ASTERISK_CONF, usual: Sequence[Path] = USUAL) -> list[Path]:
    """Those that can be seen here: the one that asterisk.conf names, else the usual ones."""
    return list(_visible([folder / "sounds" for folder in _astdatadir(asterisk_conf)])) or list(_visible(usual))


def _visible(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        try:
            if folder.is_dir():
                yield folder
        except OSError:  # Asterisk's own directories are often closed to others
            continue


def _astdatadir(asterisk_conf: Path) -> list[Path]:
    """Also where the section is a template, [directories](!): it then tells what was compiled in."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, inline_comment_prefixes=(";",))
    try:
        parser.read_string(asterisk_conf.read_text(errors="replace").replace("=>", "="))
        told = parser.get("directories", "astdatadir", fallback="") or ""
    except (OSError, configparser.Error):
        return []
    return [Path(told)] if told.startswith("/") else []


def missing(language: str, directories: Sequence[Path]) -> list[str] | None:
    """The prompts that Asterisk would not find for a call in that language; None where nobody here can tell.

    Asterisk looks below the language's directory first, then without one (ast_fileexists in main/file.c).
    """
    if not directories:
        return None
    try:
        there = {
            path.stem for each in directories for way in (language, "") for path in recordings(each / way / FOLDER)
        }
    except OSError:
        return None
    return [prompt.name for prompt in PROMPTS if prompt.name not in there]


def hint(host: str, language: str, directories: Sequence[Path] | None = None) -> str | None:
    """One line for `failover check`, None where all is there, or the PBX at `host` is not on this machine."""
    seen = sounds_directories() if directories is None else directories
    absent = missing(language, seen) if _is_this_machine(host) else None
    if not absent:
        return None
    which = "all" if len(absent) == len(PROMPTS) else ", ".join(absent)
    return (
        f"Prompts in {LANGUAGES[language]} are missing in {' and '.join(map(str, seen))}: {which}. "
        "Calls work all the same, tones are heard instead of words. "
        f"As root: failover prompts --language {language} --into {seen[0]}"
    )


def mute(host: str, language: str, directories: Sequence[Path] | None = None) -> list[str]:
    """A line for `failover check` for each wav among the prompts that Asterisk would find there and cannot play."""
    if not _is_this_machine(host):
        return []
    found = []
    for each in sounds_directories() if directories is None else directories:
        for way in (language, ""):
            try:
                there = recordings(each / way / FOLDER)
            except OSError:  # Asterisk's own directories are often closed to others
                continue
            found += [(path, why) for path in there if path.stem in _NAMES and (why := trouble(path))]
    return [
        f"Asterisk cannot play {path}: {why}. Record it again, or delete it and run failover prompts."
        for path, why in found
    ]


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return re.fullmatch(r"localhost\.?", host, re.IGNORECASE) is not None
