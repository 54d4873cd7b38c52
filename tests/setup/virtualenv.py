"""The virtualenv .venv, at the pins of requirements/. A stamp in it holds what it was made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.setup.steps import ROOT, run, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"


def ready(group: str) -> bool:
    """Bring .venv to requirements/`group`.txt ("runtime", or "dev" that holds all of it)."""
    folder = os.open(ROOT / "requirements", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two makes at once
        return _brought_to(group)
    finally:
        os.close(folder)


def _brought_to(group: str) -> bool:
    usable = _works()
    stamps = {name: VENV / f"stamp-{name}" for name in ("dev", "runtime")}
    if usable and any(_read(stamps[name]) == _made_from(name) for name in {"dev", group}):
        return False
    pins = ROOT / f"requirements/{group}.txt"
    say(f"Python packages of {pins.relative_to(ROOT)} …")
    if not usable:
        shutil.rmtree(VENV, ignore_errors=True)
        run("venv", sys.executable, "-m", "venv", str(VENV))
    options = ("--no-input", "--no-compile", "--disable-pip-version-check")
    run("pip", str(PYTHON), "-m", "pip", "install", *options, "-r", str(pins), tries=2)
    for name in {"runtime", group}:
        stamps[name].write_text(_made_from(name))
    return True


def _works() -> bool:
    """Whether there is a virtualenv with a pip in it; one half made, or whose Python has gone, is none."""
    try:
        return subprocess.run([PYTHON, "-m", "pip", "-V"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _made_from(group: str) -> str:
    names = ["runtime"] if group == "runtime" else ["runtime", group]
    text = sys.version + "".join((ROOT / f"requirements/{name}.txt").read_text() for name in names)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""
