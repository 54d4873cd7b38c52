"""How a call over a trunk failed, told within a sentence: a SIP status by its number, anything else in words."""

from __future__ import annotations

import re

from router.core.call_told import end_told
from router.core.evidence import NOT_SENT
from router.core.sentence import Sentence, Value, sentence

_STATUS = re.compile(r"[1-6][0-9]{2}[re]?")
_NOT_SENT = sentence("it could not even be sent: no connection, no contact, or no address.")


def ended(code: str, numbered: str, worded: str, **places: Value) -> Sentence:
    """`numbered` with its place {code} filled, or `worded` with {end}, a sentence of its own; both marked by
    `sentence`. `code` is what Evidence.last_code holds: a SIP status, or the dialplan's word."""
    code = code.strip()
    if _STATUS.fullmatch(code):
        return Sentence(numbered, (*places.items(), ("code", code)))
    return Sentence(worded, (*places.items(), ("end", failed_told(code))))


def failed_told(code: str) -> Sentence:
    """What the dialplan's word says of a call that failed by its trunk's fault."""
    return Sentence(_NOT_SENT) if code == NOT_SENT else end_told(code)
