"""The office PBX, wired as asterisk/README.md tells a user to."""

from __future__ import annotations

import contextlib
import csv
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from tests.lab import chroot, trunk_conf
from tests.lab.asterisk import Asterisk
from tests.lab.carrier import SECRET, Carrier
from tests.lab.extra_trunk import ExtraTrunk

ROOT = Path(__file__).resolve().parents[2]
PRODUCT_DIALPLAN = ROOT / "asterisk/extensions_failover.conf"

# Where the product's own dialplan is not what a test is about.
PLAIN_DIALPLAN = """\
[failover-inbound]
exten => _[+0-9a-z]!,1,Goto(office-phones,${EXTEN},1)
[failover-outbound]
exten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@telekom,60)
 same => n,Dial(PJSIP/${EXTEN}@zweit,60)
 same => n,Dial(PJSIP/${EXTEN}@gsm,60)
[failover-features]
"""

_EXTENSIONS = """\
[globals]

#include "failover_office.conf"
#include "extensions_failover.conf"

[office-phones]
exten => _[+0-9]!,1,Dial(PJSIP/20,60)
exten => office,1,Dial(PJSIP/20,60)

[office]
include => failover-features
include => failover-outbound
"""

PHONE = """
[{phone}]
type = endpoint
context = office
disallow = all
allow = alaw
direct_media = no
callerid = "Desk" <{phone}>
aors = {phone}
[{phone}]
type = aor
contact = sip:{phone}@{address}:5060
qualify_frequency = 60
[{phone}]
type = identify
endpoint = {phone}
match = {address}
"""

REGISTRATION = """
[{name}]
type = registration
transport = udp
outbound_auth = {name}
server_uri = sip:{host}
client_uri = sip:office@{host}
contact_user = office
expiration = {expiration}
retry_interval = {retry_interval}
forbidden_retry_interval = {forbidden_retry_interval}
max_retries = 10000
max_random_initial_delay = {initial_delay}
"""


# Seconds, as a user would have them; but a registration is asked for at once after a start, not up to 10 s later.
TIMES: dict[str, float] = {
    "qualify_frequency": 60,
    "qualify_timeout": 3.0,
    "expiration": 60,
    "retry_interval": 60,
    "forbidden_retry_interval": 30,
    "initial_delay": 0,
}


class Office(Asterisk):
    """The office at 127.0.`net`.1, with trunks to `carriers`; `times` are those of TIMES that shall differ.

    `extra_trunks` are further trunks, to what is no carrier of the lab. Over TCP the office speaks only where one does.
    `iax2`: its iax.conf, with {net} for the lab's; without one it speaks no IAX2.
    """

    extra_modules = (
        "cdr_csv",
        "res_pjsip_exten_state",
        "res_pjsip_dialog_info_body_generator",
        "codec_gsm",
        "format_gsm",
    )

    def __init__(
        self,
        net: int,
        rtp: int,
        carriers: Sequence[Carrier],
        *,
        ami_secret: str = "lab-secret",
        phones: Sequence[str] = ("20",),
        extra_trunks: Sequence[ExtraTrunk] = (),
        iax2: str = "",
        suite: str = chroot.SUITE,
        **times: float,
    ) -> None:
        super().__init__("office", f"127.0.{net}.1", f"/lab/{net}/office", rtp, suite)
        self.net, self.carriers, self.phones, self.ami_secret = net, carriers, phones, ami_secret
        unknown = set(times) - set(TIMES)
        assert not unknown, f"no such setting of a trunk: {unknown}"
        self._times, self._extra_trunks = TIMES | times, extra_trunks
        self._iax2 = iax2.format(net=net)
        if iax2:
            self.extra_modules = (*type(self).extra_modules, "chan_iax2")

    def files(self) -> dict[str, str]:
        pjsip = f"[udp]\ntype = transport\nprotocol = udp\nbind = {self.address}:5060\n"
        for carrier in self.carriers:
            name, host = carrier.name, carrier.border
            pjsip += trunk_conf.endpoint(
                name, f"sip:{host}:5060", "udp", answers=carrier.registers, times=self._times
            ) + trunk_conf.identify(name, host)
            if carrier.registers:
                pjsip += trunk_conf.auth(name, SECRET) + REGISTRATION.format(name=name, host=host, **self._times)
        if any(trunk.transport == "tcp" for trunk in self._extra_trunks):
            pjsip += f"[tcp]\ntype = transport\nprotocol = tcp\nbind = {self.address}:5060\n"
        pjsip += "".join(trunk.pjsip(self.net, self._times) for trunk in self._extra_trunks)
        for phone in self.phones:
            pjsip += PHONE.format(phone=phone, address=f"127.0.{self.net}.31")
        files = super().files()
        account = f"[failover]\nsecret = {self.ami_secret}\nread = system,call,user\n"
        account += "write = system,reporting,call,originate\n"
        return files | {
            "manager.conf": files["manager.conf"] + "\n" + account,
            "pjsip.conf": pjsip,
            "extensions.conf": _EXTENSIONS,
            "iax.conf": self._iax2,
            "failover_office.conf": "",
            "extensions_failover.conf": PLAIN_DIALPLAN,
            "cdr.conf": "[general]\nenable = yes\nunanswered = yes\ncongestion = yes\n[csv]\nloguniqueid = yes\n",
        }

    # --- the dialplan -------------------------------------------------------------------------------------------------

    def install_dialplan(self, office_conf: str, dialplan: str | None = None) -> None:
        """Put in `failover_office.conf` and the product's dialplan, or another one; at once where the office runs."""
        (self.etc / "failover_office.conf").write_text(office_conf)
        text = PRODUCT_DIALPLAN.read_text() if dialplan is None else dialplan
        (self.etc / "extensions_failover.conf").write_text(text)
        if self.running:
            self.dialplan_reload()

    def dialplan_reload(self) -> None:
        self.cli("dialplan reload")

    # --- AstDB --------------------------------------------------------------------------------------------------------

    def wipe_astdb_family(self, family: str = "failover") -> None:
        """As somebody would at the command line, while Asterisk runs."""
        self.cli(f"database deltree {family}")

    def wipe_astdb(self) -> None:
        """Remove the file; only while Asterisk is stopped."""
        assert not self.running, "a running Asterisk would write it again"
        for file in (self.home / "db").iterdir():
            file.unlink()

    def database_show(self, family: str = "") -> dict[str, str]:
        """AstDB by key, "/family/key"."""
        lines = self.cli(f"database show {family}").splitlines()
        pairs = (line.partition(":") for line in lines if line.startswith("/"))
        return {key.strip(): value.strip() for key, _, value in pairs}

    # --- what Asterisk thinks of its trunks ---------------------------------------------------------------------------

    def contact(self, trunk: str) -> str:
        """ "Avail", "Unavail", "NonQual", "Unknown" by `pjsip show contacts`, empty where there is none."""
        found = re.search(rf"Contact:\s+{trunk}/\S+\s+\S+\s+(\S+)", self.cli("pjsip show contacts"))
        return found.group(1) if found else ""

    def registration(self, trunk: str) -> str:
        """ "Registered", "Unregistered", "Rejected", "Stopped" by `pjsip show registrations`."""
        found = re.search(rf"^\s*{trunk}/\S+\s+\S+\s+(\S+)", self.cli("pjsip show registrations"), re.MULTILINE)
        return found.group(1) if found else ""

    def qualify(self, trunk: str) -> None:
        """Probe a trunk now."""
        self.cli(f"pjsip qualify {trunk}")

    def register(self, trunk: str) -> None:
        """Unregister, and register again a moment later: the way to see a fault of the registration at once."""
        self.cli(f"pjsip send register {trunk}")

    async def sees(self, trunk: str, *, contact: str = "", registration: str = "", within: float = 10.0) -> None:
        """Wait until Asterisk thinks so of that trunk, in the words of the two methods above."""

        def agrees() -> bool | None:
            known = {"contact": self.contact(trunk), "registration": self.registration(trunk)}
            wanted = {"contact": contact, "registration": registration}
            return True if all(not wanted[k] or wanted[k] == known[k] for k in wanted) else None

        # ContactStatus and Registry come only with a change, and this must hear of each
        await self.board.until(f"{trunk}: {contact} {registration}".strip(), agrees, within)

    async def at_rest(self, registrations: Mapping[str, str], within: float) -> None:
        """Wait until these trunks are reachable, and registered as said; "" for one that does not register."""
        end = time.monotonic() + within
        for trunk, registration in registrations.items():
            while True:
                if self.contact(trunk) != "Avail":
                    self.qualify(trunk)
                try:
                    await self.sees(trunk, contact="Avail", registration=registration, within=2)
                    break
                except TimeoutError:  # the end of an older probe can come after the answer to a newer one
                    if time.monotonic() > end:
                        raise

    @contextlib.asynccontextmanager
    async def thinks_unreachable(self, *trunks: Carrier) -> AsyncIterator[None]:
        """These trunks' contacts (all, if none is named) are Unreachable in Asterisk's eyes; calls would go through."""
        chosen = trunks or tuple(self.carriers)
        with contextlib.ExitStack() as faults:
            for carrier in chosen:
                faults.enter_context(carrier.leaves_options_unanswered())
                self.qualify(carrier.name)
            for carrier in chosen:
                await self.sees(carrier.name, contact="Unavail")
            yield
        for carrier in chosen:
            self.qualify(carrier.name)
        for carrier in chosen:
            await self.sees(carrier.name, contact="Avail")

    # --- records ------------------------------------------------------------------------------------------------------

    def cdrs(self) -> list[list[str]]:
        """The call detail records so far, each the fields of Asterisk's Master.csv (src, dst, … at 1, 2)."""
        file = self.home / "log/cdr-csv/Master.csv"
        if not file.exists():
            return []
        with file.open(newline="", errors="replace") as lines:
            return list(csv.reader(lines))
