"""What may go over an AMI connection, and how it is held: pure, without sockets.

Limits are those of Asterisk's main/manager.c: a line of at most 1022 bytes (more, and the whole action is refused) and
128 headers (more are cut off silently). A bare LF ends a line for Asterisk as CR LF does: a value may hold neither.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

MAX_LINE_BYTES = 1022
MAX_HEADERS = 120  # 128 in Asterisk; the rest is room for what the link adds itself

_ACTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_OURS_TO_SET = frozenset({"action", "actionid", "commandid"})
_ENDS_A_LINE = re.compile(r"[\r\n\0]")
_SECRET_NAME = re.compile(r"secret|passw|md5|oauth|token", re.IGNORECASE)
_SECRET_LINE = re.compile(r"(\b\w*(?:secret|passw|md5|oauth|token)\w*['\"]?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE)

Fields = Mapping[str, str | Sequence[str]]
Headers = dict[str, str | list[str]]
"""Of an action, checked."""


class AmiError(Exception):
    """Anything that keeps an AMI action from being done; the text is fit for staff to read."""


class AmiDown(AmiError):  # noqa: N818
    """There is no connection, or it was lost before the answer came: whether Asterisk acted is then unknown."""


class AmiDeadline(AmiError):  # noqa: N818
    """No answer in time: whether Asterisk acted is unknown."""


class AmiLoginRefused(AmiError):  # noqa: N818
    """Asterisk does not accept the account."""


class AmiUnsendable(AmiError, ValueError):  # noqa: N818
    """The action cannot be put on the wire as it is; nothing of it was sent."""


class AmiRefused(AmiError):  # noqa: N818
    """Asterisk answered `Response: Error`; `message` holds its own words."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"Asterisk refused {action}: {message}")
        self.action = action
        self.message = message


class Message(Mapping[str, str]):
    """One AMI message, immutable; header names are found in any case.

    Of a header that came more than once, `[]` gives the first and `all` every value: Asterisk writes its own headers
    before those a dialplan adds.
    """

    __slots__ = ("_headers",)

    def __init__(self, headers: Fields) -> None:
        self._headers: dict[str, tuple[str, str | tuple[str, ...]]] = {}
        for name, value in headers.items():
            if isinstance(value, str):
                self._headers.setdefault(name.lower(), (name, value))
            elif value:
                self._headers.setdefault(name.lower(), (name, tuple(value)))

    def __getitem__(self, name: str) -> str:
        value = self._headers[name.lower()][1]
        return value if isinstance(value, str) else value[0]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._headers

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._headers.values())

    def __len__(self) -> int:
        return len(self._headers)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in order; () where it did not come."""
        value = self._headers.get(name.lower(), ("", ()))[1]
        return (value,) if isinstance(value, str) else value

    def __repr__(self) -> str:
        shown = {name: "***" if _SECRET_NAME.search(name) else value for name, value in self._headers.values()}
        return f"Message({shown})"


NO_FIELDS: Fields = MappingProxyType({})


def check_action(action: str, fields: Fields = NO_FIELDS) -> Headers:
    """The headers of an action, ready to be written. Raises AmiUnsendable for whatever could become a second action,
    a header of the link's own, a line that is too long, or too many headers. The error never quotes a value.
    """
    if not _ACTION_NAME.match(action):
        raise AmiUnsendable(f"{action!r} is not the name of an AMI action")
    headers: Headers = {"Action": action}
    count = 2  # Action and ActionID
    for name, value in fields.items():
        if not _HEADER_NAME.match(name) or name.lower() in _OURS_TO_SET:
            raise AmiUnsendable(f"{name!r} may not be an AMI header of {action}")
        values = [value] if isinstance(value, str) else list(value)
        for one in values:
            _check_line(action, name, one)
        count += len(values)
        headers[name] = values if len(values) != 1 else values[0]
    if count > MAX_HEADERS:
        raise AmiUnsendable(f"{action} has {count} AMI headers, more than {MAX_HEADERS}")
    return headers


def redact(text: str) -> str:
    """The text with whatever follows the name of a secret replaced, up to the end of its line."""
    return _SECRET_LINE.sub(r"\1***", text)


def _check_line(action: str, name: str, value: str) -> None:
    if _ENDS_A_LINE.search(value):
        raise AmiUnsendable(f"{name} of {action} contains a line break or NUL")
    try:
        length = len(f"{name}: {value}".encode())
    except UnicodeEncodeError:
        raise AmiUnsendable(f"{name} of {action} is not text that can be encoded") from None
    if length > MAX_LINE_BYTES:
        raise AmiUnsendable(f"{name} of {action} makes a line of {length} bytes, more than {MAX_LINE_BYTES}")
