"""The SIPp of a stand-in carrier: one process for all its calls."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.lab import backstage, chroot
from tests.lab.polled import polled

SCENARIO = Path(__file__).with_name("sipp.xml")
PORT = 5060


class SippProcess:
    """Listens at `address`, port 5060, audio at 6000; calls itself `front` in its Contact."""

    def __init__(self, address: str, front: str) -> None:
        self.address, self.front = address, front
        self._home = chroot.lab_dir() / f"sipp-{address}"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """SIPp is installed first where the machine has none; it listens within 0.1 s."""
        chroot.install_missing()
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir(parents=True)
        self._process = backstage.call(self._launch)
        await polled("SIPp listens", self._listens, within=5)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self._home.iterdir()))

    def _launch(self) -> subprocess.Popen[bytes]:
        here = ["-i", self.address, "-p", str(PORT), "-mi", self.address, "-ci", self.address]
        # -nd: it goes on with a call whatever unexpected comes, instead of ending it by a BYE or an error of its own
        ways = ["-t", "u1", "-rtp_echo", "-aa", "-nd", "-nostdin", "-key", "front", self.front]
        traces = ["-trace_err", "-error_file", str(self._home / "errors.log")]
        with (self._home / "out").open("wb") as out:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "sipp", "-sf", str(SCENARIO), *here, *ways, *traces],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # a screen every second
                stderr=out,
            )

    def _listens(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            raise RuntimeError(f"SIPp does not start: {self.log()[-2000:]}")
        backwards = (int(part) for part in reversed(self.address.split(".")))
        ear = "".join(f"{byte:02X}" for byte in backwards) + f":{PORT:04X}"
        return f" {ear} " in Path("/proc/net/udp").read_text()
