"""Cuts the byte stream of an AMI connection into whole messages: pure, and linear in what arrives."""

from router.ami.wire import AmiError

MAX_MESSAGE_BYTES = 1 << 20
_MAX_GREETING_BYTES = 256
_GREETING = b"Asterisk Call Manager/"
_END = b"\r\n\r\n"


class Framing:
    """Fed with segments as TCP delivers them; `version` is the protocol's ("9.0.0"), None before the greeting."""

    def __init__(self) -> None:
        self.version: str | None = None
        self._received = bytearray()
        self._searched = 0

    def feed(self, segment: bytes) -> list[str]:
        """The messages that are now complete, without their closing blank line; what is not UTF-8 comes as U+FFFD.
        Raises AmiError where the peer is no AMI, or a message is too long: the stream is then of no more use.
        """
        self._received += segment
        if self.version is None and not self._take_greeting():
            return []
        end = self._received.rfind(_END, max(0, self._searched - len(_END)))
        whole: list[bytes] = []
        if end >= 0:
            whole = bytes(self._received[:end]).split(_END)
            del self._received[: end + len(_END)]
        self._searched = len(self._received)
        if self._searched > MAX_MESSAGE_BYTES or any(len(message) > MAX_MESSAGE_BYTES for message in whole):
            raise AmiError(f"Asterisk sent a message of more than {MAX_MESSAGE_BYTES} bytes")
        return [message.decode(errors="replace") for message in whole]

    def _take_greeting(self) -> bool:
        start = bytes(self._received[:_MAX_GREETING_BYTES])
        line, newline, _ = start.partition(b"\n")
        if not _GREETING.startswith(line[: len(_GREETING)]) or (not newline and len(start) == _MAX_GREETING_BYTES):
            raise AmiError("what answers there is not Asterisk's manager interface")
        if newline:
            self.version = line[len(_GREETING) :].strip().decode("ascii", "replace")
            del self._received[: len(line) + 1]
        return bool(newline)
