"""What a small office meets on the internet: carriers by name, and the two targets that it asks for its internet."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
from pathlib import Path

from tests.lab import backstage
from tests.lab.call import Call
from tests.lab.carrier import SECRET
from tests.lab.party import Party
from tests.lab.place import Place

_DIALPLAN = """
[from-office]
exten => _[+0-9]!,1,Goto(called,${EXTEN},1)
"""

_PJSIP = """
[office](party)
context = from-office
media_address = {address}
bind_rtp_to_media_address = yes
auth = office
aors = office
[office]
type = auth
auth_type = userpass
username = office
password = {secret}
[office]
type = aor
max_contacts = 2
remove_existing = yes
minimum_expiration = 1
{known}
[office]
type = identify
endpoint = office
match = {office}
"""


class InternetCarrier(Party):
    """A carrier that the office knows by the name of `domain`; it registers there. Every number it gets answers.

    `knows`: it has heard of the registration from the domain's other host.
    """

    def __init__(self, domain: str, host: str, net: int, rtp: int, tone: int, office: str, knows: bool = False) -> None:
        name = host.partition(".")[0]
        super().__init__(name, "", f"/lab/{net}/{name}", rtp, tone=tone)
        self.domain, self.host, self.office, self.knows = domain, host, office, knows

    def pjsip(self) -> str:
        known = f"contact = sip:office@{self.office}:5060" if self.knows else ""
        return super().pjsip() + _PJSIP.format(address=self.address, secret=SECRET, office=self.office, known=known)

    def dialplan(self) -> str:
        return super().dialplan() + _DIALPLAN

    def calls(self, number: str, caller: str = "+491601111111") -> Call:
        """A customer of this carrier dials a number of the office."""
        return self.originate(f"PJSIP/{number}@office", number, caller)


class Targets:
    """A web server by HTTPS, by the name `host`, and a listener for TCP: what the office asks for its internet."""

    def __init__(self, host: str, directory: Path) -> None:
        self.host, self.certificate = host, directory / f"{host}.pem"
        self.asked = 0
        self._key = directory / f"{host}.key"
        self._servers: list[asyncio.Server] = []

    def start(self, place: Place, web: str, listener: str, port: int) -> None:
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        subject = ["-subj", f"/CN={self.host}", "-addext", f"subjectAltName=DNS:{self.host}"]
        command = ["openssl", "req", "-x509", *curve, "-keyout", self._key, "-out", self.certificate, *subject]
        subprocess.run(command, check=True, capture_output=True)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self.certificate, self._key)

        async def listen() -> None:
            self._servers = [
                await place.listening(self._page, web, 443, tls),
                await place.listening(self._taken, listener, port),
            ]

        backstage.run(listen())

    def stop(self) -> None:
        for server in self._servers:
            backstage.call(server.close)

    async def _page(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
            await writer.drain()
        writer.close()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        writer.close()
