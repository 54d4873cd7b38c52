"""AMI streams of real outages, and how they are read: the wire's words, taken from a real Asterisk. See README.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from router.ami.framing import Framing
from router.ami.link import _Panoramisk
from router.ami.wire import Message

HERE = Path(__file__).parent
LISTING, NOTE = "LISTING", "NOTE"


@dataclass(frozen=True)
class Heard:
    """`at`: seconds since the recording began. `kind`: EVENT, LISTING (an answer to an action) or NOTE.

    `note`: of a note, what was done to the lab or what became of the connection.
    """

    at: float
    kind: str
    message: Message
    note: str = ""


def names() -> list[str]:
    """All recordings: situation.version."""
    return sorted(path.stem for path in HERE.glob("*.ami"))


def heard(name: str) -> Iterator[Heard]:
    """One recording, read by the codec of the product, message after message."""
    codec = _Panoramisk()
    for block in (HERE / f"{name}.ami").read_text().split("\n\n"):
        head, _, text = block.strip("\n").partition("\n")
        if not head.startswith("@"):
            continue  # the heading
        at, kind, *note = head.removeprefix("@").split(maxsplit=2)
        if kind == NOTE:
            yield Heard(float(at), kind, Message({}), "".join(note))
            continue
        framing = Framing()
        framing.feed(b"Asterisk Call Manager/0\r\n")
        [whole] = framing.feed((text.replace("\n", "\r\n") + "\r\n\r\n").encode())
        message = codec.read(whole)
        assert message is not None, block
        yield Heard(float(at), kind, message)
