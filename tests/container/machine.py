"""How this machine gets at its package archives, and what it has mounted: read, never changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "3.11"  # of the router's image


def debian_mirror() -> str:
    """The address that this machine's own apt uses."""
    return said("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages").split()[0]


def build_mounts(work: Path) -> list[str]:
    """Arguments for `podman build`, so that pip and apt in the image get their packages the way this machine does.

    They reach no layer: Dockerfile and image know nothing of this machine. Its own pip fetches the wheels, whatever
    index, proxy or certificate it is set to use, and the one in the image finds them in a directory.
    """
    work.mkdir(parents=True, exist_ok=True)
    inside = "/run/machine/wheels"
    (work / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {inside}\n")
    certificates: dict[str, str] = {}
    (work / "99machine").write_text(_apt_conf(certificates))
    mounts = {str(_wheels(work)): inside, str(work / "pip.conf"): "/etc/pip.conf"}
    mounts |= {str(work / "99machine"): "/etc/apt/apt.conf.d/99machine"} | certificates
    return [f"--volume={outside}:{there}:ro" for outside, there in mounts.items()]


def _wheels(work: Path) -> Path:
    """A directory with all that `pip install .` needs, fetched anew where pyproject.toml asks for something else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wheels = work / f"wheels-{hashlib.sha256(json.dumps(needed).encode()).hexdigest()[:12]}"
    if not wheels.exists():
        for old in work.glob("wheels-*"):
            shutil.rmtree(old)
        part = work / "wheels-part"
        shutil.rmtree(part, ignore_errors=True)
        options = ["-q", "--only-binary=:all:", f"--python-version={PYTHON}", "-d", str(part)]
        said(sys.executable, "-m", "pip", "download", *options, *needed)
        part.rename(wheels)
    return wheels


def _apt_conf(files: dict[str, str]) -> str:
    """Proxies and certificates of this machine's apt; `files` gets those of its files that they name."""
    text = ""
    for line in said("apt-config", "dump").splitlines():
        name, _, quoted = line.partition(" ")
        value = quoted.rstrip(";").strip('"')
        if name.startswith("Acquire::http") and value and not name.endswith("::"):
            if Path(value).is_file():
                value = files.setdefault(value, f"/run/machine/file-{len(files)}")
            text += f'{name} "{value}";\n'
    return text


def filesystem(path: Path) -> str:
    """The type of the file system that holds `path`, as stat(1) names it."""
    return said("stat", "--file-system", "--format", "%T", str(path)).strip()


def mounts_below(*roots: Path) -> list[Path]:
    """Mount points at or below `roots`, in the order in which they were mounted."""
    points = [Path(line.split()[4]) for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [point for point in points if any(point.is_relative_to(root) for root in roots)]


def said(*command: str, env: Mapping[str, str] | None = None) -> str:
    """What `command` writes to standard output; raises AssertionError with its words where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, env=env)
    assert done.returncode == 0, f"{' '.join(command)[:300]} ended with {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout
