"""The office phones behind a number: which of them cannot be reached, for the board and for the API."""

from __future__ import annotations

from typing import Any

from router.core.office import Office, Phone
from router.core.sentence import say
from router.panel.speech import Speech, isolated


def phones(office: Office, number: str, speech: Speech) -> list[dict[str, Any]]:
    """As GET status has them. `reachable` is None while that is not known."""
    return [
        {
            "device": device,
            "reachable": phone.reachable,
            "since": phone.since.astimezone(speech.timezone).isoformat(timespec="milliseconds")
            if phone.since else None,
        }
        for device, phone in _behind(office, number)
    ]  # fmt: skip


def dead(office: Office, number: str, speech: Speech) -> str:
    """The phones that cannot be reached, in one line; empty where there is none, or the PBX is out of sight."""
    named = [_named(device, phone, speech) for device, phone in _behind(office, number) if phone.reachable is False]
    if not named or not office.pbx.connected:
        return ""
    return speech.render(say("Cannot be reached: {phones}", phones=", ".join(named)))


def _behind(office: Office, number: str) -> list[tuple[str, Phone]]:
    return [(device, office.phones.get(device, Phone())) for device in office.site.number(number).phones]


def _named(device: str, phone: Phone, speech: Speech) -> str:
    if phone.unheard_of:
        return speech.render(say("{device} (unknown to Asterisk)", device=isolated(device)))
    if phone.since is None:
        return isolated(device)
    return speech.render(say("{device} (since {since})", device=isolated(device), since=phone.since))
