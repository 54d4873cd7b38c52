"""What the panel's cookies are called."""

from __future__ import annotations

from starlette.requests import HTTPConnection


def cookie_name(connection: HTTPConnection, name: str = "failover_session") -> str:
    """Under https the prefix binds the cookie to this host, path / and Secure (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if connection.url.scheme == "https" else name
