"""What a browser is, from what it calls itself: enough to know one's own phone in a list."""

from __future__ import annotations

from router.core.sentence import sentence
from router.panel.speech import Speech

_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_PROGRAMS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
"""In this order: each also names those it wants to be taken for."""
SHOWN = 60
_ON, _NAMELESS = sentence("{program} on {system}"), sentence("a program without a name")


def browser_told(agent: str | None, speech: Speech) -> str:
    """ "Firefox on Android"; what we do not know stands as it is, cut."""
    program = next((name for mark, name in _PROGRAMS if mark in (agent or "")), None)
    system = next((name for mark, name in _SYSTEMS if mark in (agent or "")), None)
    if program and system:
        return speech.text(_ON, program=program, system=system)
    if not agent:
        return speech.text(_NAMELESS)
    return agent if len(agent) <= SHOWN else agent[: SHOWN - 1] + "…"
