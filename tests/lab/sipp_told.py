"""What the stand-in carrier is told to do with a call, and how that is written for its SIPp."""

from __future__ import annotations

import dataclasses

NEVER = 24 * 3600.0
"""Seconds that no test lasts."""

# RFC 3261, section 21; 580: RFC 3312, 607: RFC 8197, 608: RFC 8688. Of any other code the reason is "As Told".
REASONS = {
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
    380: "Alternative Service", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
    408: "Request Timeout", 410: "Gone", 413: "Request Entity Too Large", 414: "Request-URI Too Long",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete", 485: "Ambiguous", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending", 493: "Undecipherable",
    500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large", 580: "Precondition Failure",
    600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable", 607: "Unwanted",
    608: "Rejected",
}  # fmt: skip

CHALLENGES = {
    401: 'WWW-Authenticate: Digest realm="carrier", nonce="5ca1ab1e", algorithm=MD5, qop="auth"',
    407: 'Proxy-Authenticate: Digest realm="carrier", nonce="5ca1ab1e", algorithm=MD5, qop="auth"',
}


@dataclasses.dataclass(frozen=True)
class Told:
    """In the order of a call; times in seconds. As it is, it stands for 100 Trying and nothing more."""

    trying: bool = True
    quiet: float = 0.0  # until the next provisional answer
    ring: bool = False  # 180
    play: bool = False  # 183 with SDP
    patience: float = 0.0  # until the final answer
    final: int = 0  # 200, the code of a refusal, or 0: none ever
    header: str = ""  # a further line of a refusal
    talk: float = NEVER  # from the answer until the carrier hangs up

    def words(self, over: str) -> str:
        """The header X-Told, as sipp.xml reads it; `over` is UDP or TCP."""
        said = {"trying": self.trying, "ring": self.ring, "play": self.play}
        said |= {"answer": self.final == 200, "refuse": self.final > 200}
        times = {"quiet": self.quiet, "patience": self.patience, "talk": self.talk}
        words = [word for word, true in said.items() if true]
        return " ".join(["so", *words, *(f"{name}={round(s * 1000)}" for name, s in times.items()), f"over={over}"])

    @property
    def refusal(self) -> str:
        """Its status line."""
        return f"SIP/2.0 {self.final} {REASONS.get(self.final, 'As Told')}"
