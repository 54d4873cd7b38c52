"""python3 -m tests.setup demo|test|bench|dev|prompts: sets up what that needs, and says what it leaves out."""

from __future__ import annotations

import os
import platform
import sys
import time

from router.prompts import voice
from tests.lab import chroot
from tests.setup import debian, virtualenv
from tests.setup.steps import LOGS, SetupFailed, say, side_by_side, timed

NO_ROOT = "no root here: left out is every test on a real Asterisk, in a browser and in a container"


def main(tier: str) -> None:
    root, on_ci = os.geteuid() == 0, os.environ.get("CI", "").lower() == "true"
    if int(platform.python_version_tuple()[1]) < 11:
        raise SetupFailed(f"Python 3.11 or newer is needed; this is {platform.python_version()}")
    needs_lab = tier in ("demo", "test", "bench")
    if needs_lab and not root and (tier == "demo" or on_ci):
        raise SetupFailed("the lab of real Asterisks needs root (a chroot, nftables): run it as root")
    if needs_lab and not root:
        say(NO_ROOT)
    lab = needs_lab and root
    begun = time.monotonic()
    first = debian.for_virtualenv() + (debian.missing(chroot.NEEDED) if lab else [])
    timed("first Debian packages", lambda: debian.install(first, root))
    works = {"Python packages": lambda: virtualenv.ready("runtime" if tier in ("demo", "prompts") else "dev")}
    if tier == "prompts":
        works["Debian packages for prompts"] = lambda: debian.install(debian.missing(voice.NEEDED), root)
    if lab:
        works["Asterisk 22 in a chroot"] = lambda: _chroot(chroot.SUITE)
        if tier == "test":
            further = debian.missing(debian.BROWSER | debian.CONTAINER | voice.NEEDED)
            works["Debian packages for browser, container and prompts"] = lambda: debian.install(further, root)
        if tier == "bench":
            works["Kamailio in a chroot, a rival"] = lambda: _chroot(chroot.KAMAILIO)
    side_by_side(works)
    took = time.monotonic() - begun
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / "seconds").write_text(f"{took:.1f}")
    say(f"complete after {took:.1f} s")


def _chroot(name: str) -> bool:
    if chroot.is_built(name):
        return False
    say(f"the chroot {name} …")
    chroot.ready(name)
    return True


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupFailed as failure:
        print(f"set-up failed: {failure}", file=sys.stderr)
        sys.exit(1)
