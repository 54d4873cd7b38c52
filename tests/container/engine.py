"""A podman of its own for the container tests, with its own storage, settings and base images; /etc stays as it is.

Everything lies below `FAILOVER_LAB_DIR`/containers (default /var/cache/failover-lab/containers) and in `_RUN`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from tests.container import machine
from tests.lab import chroot

SUITE = "bookworm"
ROUTER_BASE, ASTERISK_BASE = f"localhost/failover-base-{SUITE}", "localhost/failover-base-asterisk"
_NEEDED = {  # command on the machine: its Debian package
    "podman": "podman", "buildah": "buildah", "runc": "runc", "iptables": "iptables", "debootstrap": "debootstrap",
    "/usr/lib/podman/netavark": "netavark", "/usr/lib/podman/aardvark-dns": "aardvark-dns",
}  # fmt: skip
_RUN = Path("/run/failover-lab-containers")
_LIMIT = 400.0  # seconds for one command: the first build of all, on a busy machine


class Engine:
    """`podman` and `podman-compose` with settings of their own. Use it inside `with Engine.alone() as engine`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._settings = home / "etc"

    @classmethod
    @contextlib.contextmanager
    def alone(cls) -> Iterator[Engine]:
        """The engine, for one test run at a time; what podman mounted for itself is gone afterwards."""
        engine = cls(chroot.lab_dir() / "containers")
        engine.home.mkdir(parents=True, exist_ok=True)
        with (engine.home / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _install_missing()
            engine._configure()
            engine.clear()  # what a run that was killed left
            engine.podman("image", "prune", "--force", "--filter", "until=48h")
            try:
                yield engine
            finally:
                engine.clear()
                engine._unmount()

    def podman(self, *arguments: str, check: bool = True, **environment: str) -> str:
        """What `podman ARGUMENTS` writes to standard output; raises AssertionError with its words where it fails."""
        return self._run(["podman", *arguments], environment, check)

    def compose(self, project: str, file: Path, *arguments: str, check: bool = True, **environment: str) -> str:
        """`podman-compose ARGUMENTS`; images are built with the machine's own way to its package archives."""
        build = " ".join(["--network=host", *machine.build_mounts(self.home / "build")])
        options = ["--in-pod=false", f"--podman-build-args={build}", "-f", str(file), "-p", project]
        return self._run(
            [str(Path(sys.executable).parent / "podman-compose"), *options, *arguments], environment, check
        )

    def clear(self) -> None:
        """Away with every container, network and volume of this engine; its images stay."""
        self.podman("rm", "--force", "--all", "--time", "0")
        self.podman("network", "prune", "--force")
        self.podman("volume", "prune", "--force")

    def leftovers(self) -> list[str]:
        """Ids or names of containers, volumes and networks (but podman's own) that there are."""
        listed = self.podman("ps", "-aq") + self.podman("volume", "ls", "-q") + self.podman("network", "ls", "-q")
        return [name for name in listed.split() if name != "podman"]

    def base_images(self) -> None:
        """Import what the two images are built on, where it is not there yet. No image registry is asked."""
        if not self._has(ROUTER_BASE):
            part = self.home / f"{SUITE}.part"
            shutil.rmtree(part, ignore_errors=True)
            namespace = ["unshare", "--mount", "--propagation", "private", "setpriv", "--pdeathsig", "KILL"]
            self._run([*namespace, "debootstrap", "--variant=minbase", SUITE, str(part), machine.debian_mirror()], {})
            self._import(part, ROUTER_BASE)
            shutil.rmtree(part)
        if not self._has(ASTERISK_BASE):
            self._import(chroot.ready(), ASTERISK_BASE)

    def _has(self, image: str) -> bool:
        return image in self.podman("images", "--format", "{{.Repository}}").split()

    def _import(self, tree: Path, image: str) -> None:
        without = [f"--exclude=./{path}" for path in ("dev/*", "proc/*", "sys/*", "lab", "var/cache/apt")]
        tar = subprocess.Popen(["tar", "-C", str(tree), *without, "-c", "."], stdout=subprocess.PIPE)
        with tar:
            self._run(["podman", "import", "-q", "-", image], {}, source=tar.stdout)
        assert tar.returncode in (0, 1), f"tar ended with {tar.returncode}"  # 1: a file changed while it was read

    def _configure(self) -> None:
        self._settings.mkdir(exist_ok=True)
        (self._settings / "containers.conf").write_text(
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
            f'tmp_dir = "{_RUN}/tmp"\nhooks_dir = []\n'
            f'[network]\nnetwork_backend = "netavark"\nnetwork_config_dir = "{self.home}/networks"\n'
            '[containers]\nlog_driver = "k8s-file"\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n'
        )
        stacked = machine.filesystem(self.home) == "overlayfs"  # the kernel does not lay one overlay over another
        (self._settings / "storage.conf").write_text(
            f'[storage]\ndriver = "{"vfs" if stacked else "overlay"}"\n'
            f'graphroot = "{self.home}/store"\nrunroot = "{_RUN}/run"\n'
        )

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {
            "CONTAINERS_CONF": str(self._settings / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self._settings / "storage.conf"),
            "BUILDAH_FORMAT": "docker",  # the OCI format has no HEALTHCHECK
        }
        return {**os.environ, **own, **more}

    def _run(
        self, command: list[str], more: Mapping[str, str], check: bool = True, source: IO[bytes] | int | None = None
    ) -> str:
        done = subprocess.run(
            command, env=self._environment(more), capture_output=True, text=True, timeout=_LIMIT, check=False,
            stdin=source or subprocess.DEVNULL,
        )  # fmt: skip
        if check and done.returncode:
            said = (done.stdout + done.stderr).strip()[-4000:]
            raise AssertionError(f"{' '.join(command)[-300:]} ended with {done.returncode}:\n{said}")
        return done.stdout

    def _unmount(self) -> None:
        """What podman keeps mounted between two commands, deepest first."""
        for point in reversed(machine.mounts_below(self.home, _RUN)):
            subprocess.run(["umount", "--lazy", str(point)], check=False)


def _install_missing() -> None:
    missing = [package for command, package in _NEEDED.items() if not shutil.which(command)]
    if missing:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *missing]):
            machine.said("apt-get", *step, env=quiet)
