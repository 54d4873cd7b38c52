"""What people do with accounts, as a line of the log."""

from __future__ import annotations

from starlette.requests import Request

from router.core.effects import Kind, Record
from router.core.sentence import Sentence, Value
from router.panel import session
from router.panel.deps import panel_of
from router.panel.session import Caller


def note(request: Request, caller: Caller, text: Sentence) -> None:
    _note(request, caller.name, caller.via, text)


def note_of(request: Request, name: str | None, text: Sentence) -> None:
    """Of somebody who is not logged in; None: nobody knows of whom."""
    _note(request, name, "panel", text)


def _note(request: Request, by: str | None, via: str, text: Sentence) -> None:
    deps = panel_of(request).deps
    data: dict[str, Value] = {"via": via, "address": session.address(request)}
    deps.journal.note(deps.now(), Record(Kind.ACCOUNT, text, by=by, data=data))
