"""A Debian 12 on which nothing is installed but Python 3.11 and make, and this repository's last commit in it.

    python3 -m tests.setup.fresh_machine make test
    python3 -m tests.setup.fresh_machine make demo ARGS=--first-switch

Finds what the set-up forgets. It needs root, debootstrap and git, uses this machine's own ways to Debian's and Python's
packages, and takes about a minute and 300 MB more than the command itself; everything lies below FRESH.

It is a mount namespace with a root and a /dev of its own: nothing of the host's is mounted in it that removing it could
reach. Of the environment it gets the ways to packages and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.lab import chroot
from tests.setup.steps import ROOT, say

FRESH = Path("/var/tmp/failover-fresh")
MACHINE = FRESH / "machine"
WAYS = (
    "etc/apt", "etc/pip.conf", "etc/xdg/pip", "root/.config/pip", "root/.pip", "etc/resolv.conf", "etc/hosts",
    "etc/ssl/certs", "usr/local/share/ca-certificates", "usr/share/ca-certificates", "usr/share/keyrings",
)  # fmt: skip
PASSED_ON = ("PIP_", "SSL_", "CURL_", "REQUESTS_", "HTTP_", "HTTPS_", "NO_PROXY", "http_", "https_", "no_proxy")
LOCKS = [*(f"net-{net}.lock" for net in range(10, 30)), "containers/lock"]  # the host's, since its loopback is too
# Everything is mounted in the namespace, and gone with it.
_ENTER = """
set -e
cd "$0"
mount --bind . . && cd "$0"
mount -t tmpfs -o mode=755 dev dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 dev/${node%:*} c 1 ${node#*:}; done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd; ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
lab="$1"; shift
for lock in $LOCKS; do
    mkdir -p "$(dirname ".$lab/$lock")" && touch ".$lab/$lock" && mount --bind "$lab/$lock" ".$lab/$lock"
done
mkdir -p .host && pivot_root . .host && umount -l /.host && rmdir /.host
cd / && exec chroot . "$@"
"""


def main(command: list[str]) -> int:
    """The exit code of `command`, run in the repository on the fresh machine."""
    build()
    for lock in LOCKS:
        (chroot.lab_dir() / lock).parent.mkdir(parents=True, exist_ok=True)
        (chroot.lab_dir() / lock).touch()
    kept = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    shell = 'cd /srv/router && exec "$@"'
    inside = ["env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
    inside += [*(f"{name}={value}" for name, value in kept.items()), "sh", "-c", shell, "sh", *command]
    namespace = ["unshare", "--mount", "--propagation", "private", "setpriv", "--pdeathsig", "KILL", "sh", "-c", _ENTER]
    begun = time.monotonic()
    command_line = [*namespace, str(MACHINE), str(chroot.lab_dir()), *inside]
    done = subprocess.run(command_line, env={**os.environ, "LOCKS": " ".join(LOCKS)}, check=False)
    say(f"{' '.join(command)} on a fresh machine: ended with {done.returncode} after {time.monotonic() - begun:.1f} s")
    return done.returncode


def build() -> None:
    """A new machine, from a base that is kept."""
    base, part = FRESH / "base", FRESH / "base.part"
    if not base.exists():
        say("building a bare Debian 12 …")
        remove(part)
        part.parent.mkdir(exist_ok=True)
        indices = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
        mirror = subprocess.run(indices, capture_output=True, text=True, check=True).stdout.split()[0]
        include = "--include=python3,make,ca-certificates"
        namespace = ["unshare", "--mount", "--propagation", "private"]
        command = [*namespace, "debootstrap", "--variant=minbase", include, "bookworm", str(part), mirror]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(base)
    remove(MACHINE)
    subprocess.run(["cp", "-a", str(base), str(MACHINE)], check=True)
    shutil.rmtree(MACHINE / "etc/apt")
    for way in WAYS:
        theirs = Path("/") / way
        if theirs.exists():
            (MACHINE / way).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-aLT", "--remove-destination", str(theirs), str(MACHINE / way)], check=True)
    subprocess.run(["git", "clone", "-q", str(ROOT), str(MACHINE / "srv/router")], check=True)


def remove(tree: Path) -> None:
    """Only where nothing is mounted in it."""
    if any(line.split()[1].startswith(str(tree)) for line in Path("/proc/mounts").read_text().splitlines()):
        raise RuntimeError(f"something is mounted below {tree}: unmount it first")
    shutil.rmtree(tree, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
