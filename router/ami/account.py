"""Where Asterisk's manager interface is, how patient the link is with it, and what state the link can be in."""

import ssl
from dataclasses import dataclass, field
from enum import Enum


class LinkState(Enum):
    """Only in SYNCING and READY can actions be sent."""

    CONNECTING = "connecting"
    """The first attempt since the start has not ended yet."""
    DOWN = "down"
    """No connection; the next attempt is at most `Deadlines.backoff_most` away."""
    REFUSED = "refused"
    """Asterisk does not accept the account; stays until a login succeeds or Asterisk cannot be reached."""
    SYNCING = "syncing"
    """Logged in; what Asterisk has is being read."""
    READY = "ready"
    """Read in full; events and actions flow."""


@dataclass(frozen=True)
class Account:
    """One AMI account. With `tls`, the certificate is checked against `host` as the context says."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Deadlines:
    """All in seconds."""

    connect: float = 2.0
    """From the name lookup to Asterisk's greeting, TLS handshake included: a half-open peer costs no more."""
    login: float = 2.0
    action: float = 2.0
    """For the answer to an action, and for the whole of a list."""
    ping_every: float = 1.5
    ping: float = 2.0
    """Without an answer to the heartbeat for so long the connection is given up: a dead one is found within
    ping_every + ping."""
    sync: float = 10.0
    """For `on_sync`, which otherwise could hang for reasons that have nothing to do with AMI."""
    booted_grace: float = 2.0
    """How long to wait for FullyBooted after the login. Asterisk sends it at once if it has booted, but only to
    accounts that may read `system`; when it comes later, the link reads everything again."""
    backoff_first: float = 0.25
    backoff_most: float = 2.0
    """This and `connect`, the wait that a dead wire costs at worst, must leave time to read and write all within 5 s of
    AMI being back; so must `ping_every` and `ping`, after which a connection that died unnoticed is given up."""
    refused: float = 60.0
    """At least so long between a refused login and the next: Asterisk logs each, and fail2ban may be counting."""
