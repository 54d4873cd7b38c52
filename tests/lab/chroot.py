"""The one chroot that every Asterisk of the lab runs from: built once by debootstrap, shared read-mostly ever after.

    python -m tests.lab.chroot [SUITE]

Everything lies below `FAILOVER_LAB_DIR` (default /var/cache/failover-lab); nothing is written elsewhere, except that
missing Debian packages of the machine are installed. Mounts live in a mount namespace of each process (`inside`), never
on the host, so neither `kill -9` nor `rm -rf` of the lab directory can reach the host's /dev.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SUITE = "forky"  # Asterisk 22; bullseye has Asterisk 16, the oldest supported
# Command on the machine: its Debian package.
NEEDED = {"debootstrap": "debootstrap", "nft": "nftables", "sipp": "sip-tester", "ip": "iproute2"}
ASTERISK = "asterisk,asterisk-config,asterisk-modules"
# A chroot that is not named for its suite, with what is in it: (suite, packages).
KAMAILIO = "kamailio"
OTHERS = {KAMAILIO: ("bookworm", "kamailio")}  # what Debian 12 has, 5.6; a rival in tests/bench

# One process from start to end (each step execs the next), so that its pid is Asterisk's, and the death signal of the
# kernel reaches it when the thread that started it is gone, however that ended.
_ENTER = """\
names="$1"; shift; hostname lab
if [ "$names" ]; then mount --bind "$names" "$0/etc/resolv.conf" || exit; fi
mount --bind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"
"""


def lab_dir() -> Path:
    return Path(os.environ.get("FAILOVER_LAB_DIR", "/var/cache/failover-lab"))


def root(suite: str = SUITE) -> Path:
    return lab_dir() / suite


def inside(where: Path, *command: str, names: Path | None = None) -> list[str]:
    """The argv that runs `command` in the chroot `where`, with /dev and /proc, killed when its starter dies.

    `names`: the resolv.conf that it sees there, and nobody else.
    Start it from a thread that lives as long as the command shall: PR_SET_PDEATHSIG follows the thread, see prctl(2).
    """
    namespace = ["unshare", "--uts", "--mount", "--propagation", "private"]
    return [*namespace, "setpriv", "--pdeathsig", "KILL", "sh", "-c", _ENTER, str(where), str(names or ""), *command]


def modules(where: Path) -> Path:
    """The directory of Asterisk's modules, as a path on the host."""
    return next(where.glob("usr/lib/**/asterisk/modules"))


def ready(suite: str = SUITE) -> Path:
    """The path of the chroot, built first where it is missing. Safe to call from several processes at once."""
    install_missing()
    where = root(suite)
    with _locked(lab_dir() / f"{suite}.lock"):
        if not is_built(suite):
            _build(suite, where)
        (where / "etc/hosts").write_text("127.0.0.1 localhost lab A.ROOT-SERVERS.NET\n")  # Asterisk looks these up
    return where


def is_built(suite: str = SUITE) -> bool:
    return (root(suite) / "usr/sbin").exists()


def install_missing() -> None:
    """Install what the lab needs of the machine, and only what is not there."""
    missing = [package for command, package in NEEDED.items() if not shutil.which(command)]
    if missing:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run("apt-get", "update", "-q", env=quiet)
        patient = ("-o", "DPkg::Lock::Timeout=300")  # another lab, or the machine itself, may be installing
        _run("apt-get", "install", "-y", "-q", "--no-install-recommends", *patient, *missing, env=quiet)


def _build(suite: str, where: Path) -> None:
    print(f"lab: building the chroot {where} (once, about a minute)", file=sys.stderr, flush=True)
    debian, packages = OTHERS.get(suite, (suite, ASTERISK))
    part = where.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    mirror = _run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages").split()[0]
    include = f"--include={packages}"
    script = "/usr/share/debootstrap/scripts/sid"
    namespace = ["unshare", "--mount", "--propagation", "private", "setpriv", "--pdeathsig", "KILL"]
    _run(*namespace, "debootstrap", "--variant=minbase", include, debian, str(part), mirror, script)
    (part / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")  # no name is ever looked up outside
    shutil.rmtree(part / "var/cache/apt", ignore_errors=True)
    part.rename(where)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(*command: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise RuntimeError(f"{' '.join(command)[:200]} ended with {done.returncode}: {said}")
    return done.stdout


if __name__ == "__main__":
    begun = time.monotonic()
    print(f"{ready(*sys.argv[1:2])} ready after {time.monotonic() - begun:.1f} s")
