"""Kamailio as a rival: a proxy with a dispatcher before several carriers, from a chroot of its own (Debian 12: 5.6).

Its configuration is the example of the dispatcher module's README, with destinations by priority; its pings are as
tuned as that module and tm allow: 5.6 has no timer for pings alone, so tm's `fr_timer` is what ends a silent one.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
from collections.abc import Sequence

from tests.lab import backstage, chroot
from tests.lab.board import Board

_CONFIG = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=2
disable_tcp=yes
auto_aliases=no
listen=udp:{address}:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "dispatcher.so"
{timers}
modparam("dispatcher", "list_file", "{list}")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")
modparam("dispatcher", "xavp_ctx", "_dsctx_")
modparam("dispatcher", "ds_ping_interval", 3)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_timer_mode", 1)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) {{ t_relay(); }}
        exit;
    }}
    if (has_totag()) {{
        if (loose_route() || t_check_trans()) {{ t_relay(); }}
        exit;
    }}
    if (!is_method("INVITE")) {{ sl_send_reply("200", "OK"); exit; }}
    record_route();
    # the number's first three digits are the set: a carrier, and the one that all fall back to
    if (!ds_select_dst("$(rU{{s.substr,0,3}}{{s.int}})", "8")) {{ send_reply("503", "No destination"); exit; }}
    t_on_failure("next");
    t_relay();
    exit;
}}

failure_route[next] {{
    if (t_is_canceled()) {{ exit; }}
    if (t_check_status("500") or (t_branch_timeout() and !t_branch_replied())) {{
        if (ds_next_dst()) {{
            t_on_failure("next");
            t_relay();
            exit;
        }}
    }}
}}

event_route[dispatcher:dst-down] {{ xlog("L_ALERT", "dispatcher down $ru $du\\n"); }}
event_route[dispatcher:dst-up] {{ xlog("L_ALERT", "dispatcher up $ru $du\\n"); }}
"""
_SAID = re.compile(r"dispatcher (down|up) .*?sip:([0-9.]+)")


class Kamailio:
    """At `address`; `sets`: the carriers of each set in order of preference. `fr_timer`: ms, 0 for the default, 30 s.

    `board`: a sighting "down" or "up", with the carrier's Address, when the dispatcher says so.
    """

    def __init__(self, name: str, address: str, net: int, sets: dict[int, Sequence[str]], fr_timer: int = 0) -> None:
        self.name, self.address, self.sets, self.fr_timer = name, address, sets, fr_timer
        self.board = Board(name)
        self.inner = f"/lab/{net}/kamailio-{fr_timer}"
        self.home = chroot.root(chroot.KAMAILIO) / self.inner.lstrip("/")
        self.said: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        chroot.ready(chroot.KAMAILIO)
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        timers = f'modparam("tm", "fr_timer", {self.fr_timer})' if self.fr_timer else ""
        lines = [
            f"{number} sip:{carrier}:5060 0 {10 - order}"
            for number, carriers in self.sets.items()
            for order, carrier in enumerate(carriers)
        ]
        (self.home / "list").write_text("\n".join(lines) + "\n")
        config = _CONFIG.format(address=self.address, timers=timers, list=f"{self.inner}/list")
        (self.home / "kamailio.cfg").write_text(config)
        # a pid namespace: it forks, and all of it must be gone with its first process
        alone = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child=KILL"]
        command = ["kamailio", "-DD", "-E", "-m", "64", "-M", "8", "-f", f"{self.inner}/kamailio.cfg"]

        def launch() -> subprocess.Popen[str]:
            return subprocess.Popen(
                [*alone, *chroot.inside(chroot.root(chroot.KAMAILIO), *command)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip

        self._process = backstage.call(launch)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process and self._process.stdout
        for line in self._process.stdout:
            self.said = [*self.said[-50:], line]
            if told := _SAID.search(line):
                self.board.put(told[1], {"Address": told[2]})

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(OSError):
            shutil.rmtree(self.home)
