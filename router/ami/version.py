"""Which Asterisk the dialplan can be relied on with.

It leaves a silent leg by Dial's progress timeout (`60^12`), which came with 18.22, 20.7 and 21.2; an older
Asterisk takes the argument, ignores it, and stays on a silent leg for the whole time to ring, with 112 too.
"""

from __future__ import annotations

import re

_VERSION = re.compile(r"(?:GIT-|certified[/-])?(\d{1,2})(?![0-9A-Za-z])(?:\.(\d+))?")
_FIRST_WITH_PROGRESS_TIMEOUT = {18: 22, 20: 7, 21: 2}
OLDEST_WITHOUT_EXCEPTION = 22


def leaves_silent_legs(version: str) -> bool | None:
    """`version` as CoreSettings says it: "22.10.1~dfsg", "20.7-cert2", "GIT-22-1a2b3c"; None where it does not tell."""
    found = _VERSION.match(version)
    if found is None:
        return None
    major, minor = int(found[1]), found[2]
    if major >= OLDEST_WITHOUT_EXCEPTION:
        return True
    if major not in _FIRST_WITH_PROGRESS_TIMEOUT:
        return False
    return int(minor) >= _FIRST_WITH_PROGRESS_TIMEOUT[major] if minor else None
