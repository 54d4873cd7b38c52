"""Which language a reader gets: what was chosen in this browser, else on his account, else his browser's, else the
office's."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import HTTPConnection

from router.panel.deps import panel_of
from router.panel.speech import LANGUAGES, Speech
from router.ports import Role, User

COOKIE = "failover_language"


def speech_for(connection: HTTPConnection) -> Speech:
    """As his role may read it: numbers of people are whole for staff, and for whoever brings the machine's token."""
    panel, user = panel_of(connection), getattr(connection.state, "user", None)
    masked = user is not None and not user.role.covers(Role.STAFF)
    return panel.speech(_language(connection, user, panel.deps.language), masked=masked)


def _language(connection: HTTPConnection, user: User | None, office: str) -> str:
    for chosen in (connection.cookies.get(COOKIE), user.language if user else None):
        if chosen and chosen in LANGUAGES:
            return chosen
    return preferred(connection.headers.get("accept-language", ""), office)


def preferred(accept_language: str, otherwise: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4)."""
    for tag in _by_weight(accept_language.split(",")[:20]):
        if (primary := tag.split("-")[0].lower()) in LANGUAGES:
            return primary
    return otherwise


def _by_weight(ranges: Iterable[str]) -> list[str]:
    weighed: list[tuple[float, str]] = []
    for text in ranges:
        tag, _, parameter = text.partition(";")
        try:
            weight = float(parameter.partition("=")[2]) if parameter else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]
