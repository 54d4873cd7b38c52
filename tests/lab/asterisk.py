"""One Asterisk of the lab: its files, its process, its command line."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.lab import backstage, chroot
from tests.lab.board import Board
from tests.lab.observer import ACCOUNT, Observer
from tests.lab.place import HERE, Place

# Few modules boot fast: 0.4 s. Applications and functions are all there, as in a real office, but for those that want
# other servers, other hardware or a configuration of their own.
_MODULES = (  # noqa: SIM905
    "res_timing_timerfd res_crypto res_pjproject res_sorcery_astdb res_sorcery_config res_sorcery_memory res_speech "
    "res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_outbound_publish res_pjsip_sdp_rtp "
    "res_pjsip_outbound_registration res_pjsip_registrar res_pjsip_nat "
    "res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest res_pjsip_endpoint_identifier_ip "
    "res_pjsip_endpoint_identifier_user res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_rfc3326 res_pjsip_path "
    "res_pjsip_header_funcs res_pjsip_logger res_pjsip_diversion res_pjsip_dlg_options res_pjsip_acl res_rtp_asterisk "
    "chan_pjsip codec_alaw codec_ulaw codec_resample format_pcm format_wav format_sln bridge_simple bridge_native_rtp "
    "bridge_builtin_features bridge_softmix bridge_holding pbx_config res_manager_devicestate res_musiconhold"
).split()
_WITHOUT = (  # noqa: SIM905
    "agent_pool alarmreceiver amd audiosocket confbridge curl directory enum festival flash followme iconv ices "
    "jack meetme minivm mp3 odbc page phone queue realtime sla sms speech_utils speex srv stasis stasis_broadcast "
    "stream_echo test voicemail voicemail_odbc vmcount waitforring externalivr adsiprog getcpeid image url zapateller "
    "pitchshift holdintercept parkandannounce adsi fax"
).split()
DATA = "/usr/share/asterisk"
_EMPTY = [f"{name}.conf" for name in ("acl", "ccss", "cel", "features", "musiconhold", "pjproject", "stasis", "udptl")]


class Asterisk:
    """An Asterisk named `name` at `address`, whose files live in `home` (as seen inside the chroot: `inner`).

    `files` are further configuration files by name; pjsip.conf and extensions.conf among them.
    """

    def __init__(self, name: str, address: str, inner: str, rtp: int, suite: str = chroot.SUITE) -> None:
        self.name, self.address, self.inner, self.rtp = name, address, inner, rtp
        self.root = chroot.root(suite)
        self.home = self.root / inner.lstrip("/")
        self.board = Board(name)
        self.place, self.ami = HERE, Observer(address, self.board)
        self._process: subprocess.Popen[bytes] | None = None

    def lives_in(self, place: Place, address: str) -> None:
        """It runs there, at an address of that network; to be said before `prepare`."""
        self.place, self.address = place, address
        self.ami = Observer(address, self.board, place)

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def sounds(self) -> Path:
        """Its sound files, empty at the start and its own: the chroot is shared with other labs."""
        return self.home / "data/sounds"

    @property
    def recordings(self) -> Path:
        return self.home / "spool/monitor"

    extra_modules: tuple[str, ...] = ()

    def files(self) -> dict[str, str]:
        """The configuration files of this Asterisk by name. A subclass adds its own."""
        where = dict.fromkeys(("astkeydir", "astvarlibdir"), f"{self.inner}/lib") | {
            "astcachedir": f"{self.inner}/cache",
            "astetcdir": f"{self.inner}/etc",
            "astdbdir": f"{self.inner}/db",
            "astspooldir": f"{self.inner}/spool",
            "astrundir": f"{self.inner}/run",
            "astlogdir": f"{self.inner}/log",
            "astmoddir": f"/{chroot.modules(self.root).relative_to(self.root)}",
            "astdatadir": f"{self.inner}/data",
            "astagidir": "/usr/share/asterisk/agi-bin",
            "astsbindir": "/usr/sbin",
        }
        directories = "".join(f"{name} => {path}\n" for name, path in where.items())
        return {
            "asterisk.conf": f"[directories]\n{directories}[options]\nsystemname = {self.name}\nverbose = 3\n",
            "modules.conf": self._modules(),
            # with the thousand lines of its default it throws lines away on a busy machine, complaints among them
            "logger.conf": "[general]\nlogger_queue_limit = 100000\n[logfiles]\n"
            "messages.log => notice,warning,error,verbose\n",
            "rtp.conf": f"[general]\nrtpstart = {self.rtp}\nrtpend = {self.rtp + 999}\nstrictrtp = no\n",
            "manager.conf": f"[general]\nenabled = yes\nport = 5038\nbindaddr = {self.address}\n\n{ACCOUNT}",
            "cdr.conf": "[general]\nenable = no\n",
            "indications.conf": (self.root / "etc/asterisk/indications.conf").read_text(),
        } | dict.fromkeys(_EMPTY, "")

    def prepare(self) -> None:
        """Write everything anew: no file, no AstDB, no log of an earlier run is left."""
        shutil.rmtree(self.home, ignore_errors=True)
        for part in ("etc", "lib/keys", "spool/monitor", "run", "log/cdr-csv", "cache", "db", "data/sounds"):
            (self.home / part).mkdir(parents=True)
        shared = self.root / DATA.lstrip("/")
        for there in shared.iterdir():
            if there.name != "sounds":
                (self.home / "data" / there.name).symlink_to(f"{DATA}/{there.name}")
        for name, text in self.files().items():
            (self.etc / name).write_text(text)

    def start(self) -> None:
        """Start the process; `booted` waits until it is of use."""
        command = ["asterisk", "-C", f"{self.inner}/etc/asterisk.conf", "-f"]
        (self.home / "run/asterisk.ctl").unlink(missing_ok=True)

        def launch() -> subprocess.Popen[bytes]:
            with (self.home / "log/out").open("ab") as out:
                environment = {"PATH": os.environ["PATH"], "TERM": "dumb"}
                return subprocess.Popen(
                    self.place.argv(*chroot.inside(self.root, *command, names=self.place.names)),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=environment,
                )

        self._process = backstage.call(launch)

    async def booted(self, within: float = 20.0) -> None:
        end = time.monotonic() + within
        while "fully booted" not in self._asked_politely("core waitfullybooted"):
            if time.monotonic() > end or not self.running:
                raise RuntimeError(f"{self.name} does not boot: {(self.home / 'log/out').read_text()[-2000:]}")
            await asyncio.sleep(0.03)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def stop(self, within: float = 5.0) -> None:
        """Hang up whatever there is and end, as `systemctl stop asterisk` does; killed where that takes too long."""
        if not self.running:
            return
        self._asked_politely("core stop now")
        try:
            assert self._process
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill9()

    def kill9(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    async def restart(self) -> None:
        await asyncio.to_thread(self.stop)
        self.start()
        await self.booted()

    def freeze(self) -> None:
        """SIGSTOP: the kernel still takes its packets, nobody answers, and no ICMP comes back.

        The signal stops the thread that it meets, which stops the others: on a busy machine they answer until then.
        """
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def cli(self, command: str) -> str:
        """What Asterisk's command line answers. Spoken to its socket directly: no process is started for it."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(10)
            wire.connect(str(self.home / "run/asterisk.ctl"))
            wire.recv(1024)  # "host/pid/version"
            wire.sendall(f"cli quit after {command}\0".encode())
            said = b""
            while part := wire.recv(65536):
                said += part
        return said.replace(b"\0", b"").decode(errors="replace")

    def channels(self) -> list[str]:
        """The channels there are now."""
        lines = self.cli("core show channels concise").splitlines()
        return [line.split("!")[0] for line in lines if "!" in line]

    def hang_up_all(self) -> None:
        self.cli("channel request hangup all")

    def log(self) -> str:
        return (self.home / "log/messages.log").read_text(errors="replace")

    def set_global(self, name: str, value: str) -> None:
        """A global variable of the dialplan, at once, until the next reload or restart."""
        self.ami.act("Setvar", Variable=name, Value=value)

    def _asked_politely(self, command: str) -> str:
        try:
            return self.cli(command)
        except OSError:
            return ""

    def _modules(self) -> str:
        there = {path.stem for path in chroot.modules(self.root).glob("*.so")}
        unwanted = {f"{kind}_{name}" for kind in ("app", "func") for name in _WITHOUT}
        wanted = [m for m in (*_MODULES, *self.extra_modules) if m in there]
        wanted += sorted(m for m in there if m.startswith(("app_", "func_")) and m not in unwanted)
        return "[modules]\nautoload = no\n" + "".join(f"load = {m}.so\n" for m in wanted)
