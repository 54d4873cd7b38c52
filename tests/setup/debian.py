"""Debian's packages: which are missing, and how they come. Apt has one lock, so they come in turn."""

from __future__ import annotations

import functools
import importlib.util
import platform
import shutil
import threading
from pathlib import Path

from tests.setup.steps import SetupFailed, run, say

BROWSER = {
    "chromium": "chromium",
    "/usr/share/fonts/truetype/dejavu": "fonts-dejavu-core",
    f"/usr/lib/{platform.machine()}-linux-gnu/libatomic.so.1": "libatomic1",  # Playwright's driver is linked with it
}
CONTAINER = {
    "podman": "podman",
    "runc": "runc",
    "buildah": "buildah",
    "iptables": "iptables",
    "/usr/lib/podman/netavark": "netavark",
    "/usr/lib/podman/aardvark-dns": "aardvark-dns",
}
_apt = threading.Lock()
_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def missing(needed: dict[str, str]) -> list[str]:
    """The packages, by the command or the path each is known by, that are not there."""
    there = [Path(sign).exists() if "/" in sign else shutil.which(sign) for sign in needed]
    return [package for package, sign_seen in zip(needed.values(), there, strict=True) if not sign_seen]


def for_virtualenv() -> list[str]:
    """Debian's own Python comes without the module that makes a virtualenv's pip."""
    return [] if importlib.util.find_spec("ensurepip") else ["python3-venv"]


def install(packages: list[str], root: bool) -> bool:
    if not packages:
        return False
    if not root:
        raise SetupFailed(f"Debian packages are missing: as root, apt-get install {' '.join(packages)}")
    say(f"Debian packages {' '.join(packages)} …")
    with _apt:
        _update()
        quiet = ("-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300")
        run(f"apt-{packages[0]}", "apt-get", "install", *quiet, *packages, tries=2, **_QUIET)
    return True


@functools.cache
def _update() -> None:
    run("apt-update", "apt-get", "update", "-q", tries=2, **_QUIET)
