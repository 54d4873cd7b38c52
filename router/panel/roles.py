"""Roles as people call them, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping

from router.core.sentence import say, sentence
from router.ports import NotUsable, Role

WORDS: Mapping[Role, str] = {
    Role.VIEWER: sentence("Viewer"),
    Role.STAFF: sentence("Staff"),
    Role.ADMIN: sentence("Administrator"),
}
MEANINGS: Mapping[Role, str] = {
    Role.VIEWER: sentence("sees everything, but no whole telephone numbers of people"),
    Role.STAFF: sentence("steers calls and duty, calls people back"),
    Role.ADMIN: sentence("also manages users"),
}


def read_role(text: object) -> Role:
    """Raises NotUsable."""
    try:
        return Role(str(text))
    except ValueError:
        raise NotUsable(say("The role must be viewer, staff or admin.")) from None
