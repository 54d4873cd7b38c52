"""A SIP message taken apart and put together again, as far as a stateless proxy needs it (RFC 3261, section 7)."""

from __future__ import annotations

import dataclasses
import re

# The compact forms of RFC 3261 section 20 that matter to a proxy.
_COMPACT = {"v": "via", "i": "call-id", "f": "from", "t": "to", "m": "contact", "l": "content-length"}


@dataclasses.dataclass
class Message:
    """`start` is the request or status line; `headers` are (name, value) in the order of the wire."""

    start: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Message | None:
        """None for what is no SIP message, a keep-alive say."""
        head, blank, body = data.partition(b"\r\n\r\n")
        if not blank or b"SIP/2.0" not in head.partition(b"\r\n")[0]:
            return None
        text = head.decode("utf-8", "surrogateescape")
        start, *lines = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")  # folded headers unfold to one line
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return cls(start, headers, body)

    def wire(self) -> bytes:
        head = "".join(
            f"{line}\r\n" for line in [self.start, *(f"{name}: {value}" for name, value in self.headers), ""]
        )
        return head.encode("utf-8", "surrogateescape") + self.body

    @property
    def method(self) -> str:
        """The method of a request; for a response that of its CSeq."""
        return self.get("CSeq").split()[-1] if self.code else self.start.split()[0]

    @property
    def code(self) -> int:
        """The status code; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    @property
    def in_dialog(self) -> bool:
        return bool(parameter(self.get("To"), "tag"))

    def get(self, name: str) -> str:
        """The value of the first header of that name; of a list its first element, empty where there is none."""
        return next((v for n, v in self.headers if _same(n, name)), "")

    def replace(self, name: str, value: str) -> None:
        at = next(i for i, (n, _) in enumerate(self.headers) if _same(n, name))
        self.headers[at] = (name, value)

    def push(self, name: str, value: str) -> None:
        """Put a header before the first of its name, or first of all."""
        at = next((i for i, (n, _) in enumerate(self.headers) if _same(n, name)), 0)
        self.headers.insert(at, (name, value))

    def pop(self, name: str) -> str:
        """Take off the first value of a header that is a list (Via, Route), whether by lines or by commas."""
        at = next(i for i, (n, _) in enumerate(self.headers) if _same(n, name))
        first, comma, rest = self.headers[at][1].partition(",")
        if comma:
            self.headers[at] = (name, rest.strip())
        else:
            del self.headers[at]
        return first.strip()

    def answer(self, code: int, reason: str, tag: str) -> Message:
        """A response to this request (RFC 3261, section 8.2.6)."""
        copied = [(n, v) for n, v in self.headers if _canonical(n) in ("via", "from", "to", "call-id", "cseq")]
        response = Message(f"SIP/2.0 {code} {reason}", [*copied, ("Content-Length", "0")])
        if not self.in_dialog:
            response.replace("To", f"{self.get('To')};tag={tag}")
        return response


def user(address: str) -> str:
    """The user part of the URI in a header or a request line, without URI parameters."""
    found = re.search(r"sips?:([^@;>]+)@", address)
    return found.group(1) if found else ""


def host(address: str) -> str:
    """The host of a URI or of a Via, without its port: the lab's ports are all 5060."""
    found = re.search(r"(?:sips?:(?:[^@>]*@)?|SIP/2.0/UDP\s+)([^:;>\s]+)", address)
    return found.group(1) if found else ""


def parameter(header: str, name: str) -> str:
    """A header parameter; only what stands after the address, so that nothing in a display name is taken for one."""
    found = re.search(rf";\s*{name}=([^;,\s]+)", header.rpartition(">")[2] if ">" in header else header)
    return found.group(1) if found else ""


def _canonical(name: str) -> str:
    return _COMPACT.get(name.lower(), name.lower())


def _same(one: str, other: str) -> bool:
    return _canonical(one) == _canonical(other)
