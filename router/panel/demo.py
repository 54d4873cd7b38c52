"""What the demo lends the panel: buttons that break and mend the lab, and what each phone does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from router.core.sentence import sentence

WORDS = {
    "cut": sentence("Cut the Telekom trunk"),
    "restore": sentence("Restore the Telekom trunk"),
    "call": sentence("Call the office"),
}
"""What the button of a verb says; a verb that is not here is shown as the port names it."""

PHONE_WORDS = (
    sentence("on hook"),
    sentence("ringing"),
    sentence("talking"),
    sentence("dialling"),
    sentence("busy"),
    sentence("out of order"),
)
"""What phones usually do, for the translators; the port may say other things, which are shown untranslated."""


PHONE_NAMES = (
    sentence("Desk phone"),
    sentence("Anna's mobile"),
    sentence("Customer over Telekom"),
    sentence("Customer over Zweit"),
)


class DemoPort(Protocol):
    """Verbs are single words for the address, such as "cut". Texts are English, and looked up in the catalogue."""

    def verbs(self) -> Sequence[str]: ...

    async def do(self, verb: str) -> None: ...

    def phones(self) -> Sequence[tuple[str, str]]:
        """Each phone's name, and what it does now."""
        ...
