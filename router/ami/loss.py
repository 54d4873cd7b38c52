"""Why Asterisk is out of sight, in sentences for staff; the link's own words hold details that only the log needs."""

from __future__ import annotations

import re

from router.core.sentence import Sentence, say

_SENTENCES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"connection refused", say("nothing answers at its address; is Asterisk running?")),
        (r"the host name cannot be resolved", say("the name of its host is not known.")),
        (r"no way to that host", say("there is no way to its host; is the network down?")),
        (r"no answer to the heartbeat", say("it has stopped answering.")),
        (r"no answer to Login|no answer within", say("its host is there, but does not answer.")),
        (r"TLS certificate not accepted", say("its TLS certificate is not accepted.")),
        (r"TLS failed", say("no encrypted connection (TLS) comes about.")),
        (
            r"what answers there is not Asterisk",
            say("what answers at its address is not Asterisk's manager interface."),
        ),
        (r"Asterisk closed the connection|connection lost", say("the connection broke off.")),
        (r"Asterisk sent a message of more than", say("it sent what cannot be right.")),
        (r"Asterisk does not read", say("it does not take what we send.")),
        (r"Asterisk refused", say("it refused what we asked for; our account may lack a right.")),
        (r"could not read what Asterisk has", say("it does not tell its state in time.")),
        (r"fault in the router", say("the router met a fault of its own; its log tells more.")),
        (r"no answer to ", say("it gave no answer in time.")),
    )
)
"""The first that is found in the link's words counts."""
_ELSE = say("no connection comes about; the router's log tells why.")


def in_words(reason: str) -> Sentence:
    """A clause that follows a colon, such as "We do not see the PBX: "."""
    return next((said for pattern, said in _SENTENCES if pattern.search(reason)), _ELSE)
