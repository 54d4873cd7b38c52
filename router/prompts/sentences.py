"""The table of prompts: their names, which the dialplan plays as `failover/NAME`, and what is said in each language.

Short, since the one who is called may sit in a car; and nothing is claimed that only the PBX can know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LANGUAGES = {"de": "German", "en": "English"}
OFFICE = "office"  # its sentence is the office's own name, where there are settings


@dataclass(frozen=True, slots=True)
class Prompt:
    """One file in each language."""

    name: str
    heard: str
    de: str
    en: str

    def said(self, language: str, office: str | None) -> str:
        """What is spoken; `office` is the office's name, None where nobody told it."""
        if self.name == OFFICE and office is not None:
            return office
        return {"de": self.de, "en": self.en}[language]


def _digits() -> Iterator[Prompt]:
    german = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
    english = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    for digit, (de, en) in enumerate(zip(german, english, strict=True)):
        yield Prompt(f"digit-{digit}", "mobile: in the caller's number", de, en)


# fmt: off
PROMPTS: tuple[Prompt, ...] = (
    Prompt("call-from", "mobile: before the caller's number",
           "Anruf von", "Call from"),
    Prompt("plus", "mobile: a caller's number from abroad begins with it",
           "plus", "plus"),
    *_digits(),
    Prompt("unknown-caller", "mobile: instead of call-from and a number",
           "Anruf von einer unterdrückten Nummer", "Call from a withheld number"),
    Prompt("for", "mobile: between the caller and the office",
           "für", "for"),
    Prompt(OFFICE, "mobile: which office was called",
           "das Büro", "the office"),
    Prompt("press-1", "mobile: asked until a key is pressed",
           "Zum Annehmen die Eins. Zum Ablehnen die Zwei.", "To take it, press one. To decline, press two."),
    Prompt("taken", "mobile: after the 1, when somebody else was quicker",
           "Der Anruf ist schon angenommen.", "The call is already taken."),
    Prompt("refused", "mobile: after the 2",
           "Danke, wir versuchen es bei den anderen.", "Thank you, we will try the others."),
    Prompt("nobody", "caller: the end, when nobody took the call",
           "Im Moment können wir Ihren Anruf leider nicht annehmen. Bitte rufen Sie später noch einmal an. "
           "Auf Wiederhören.",
           "We are sorry, nobody can take your call just now. Please call again a little later. Goodbye."),
    Prompt("forwarding-on", "desk phone: after *28",
           "Umleitung ist an. Anrufe gehen auf das Handy.", "Forwarding is on. Calls go to the mobile."),
    Prompt("forwarding-off", "desk phone: after *28 once more; where calls then go, the automatics decide",
           "Umleitung ist aus. Die Automatik gilt wieder.", "Forwarding is off. Automatic routing is back."),
    Prompt("saved-at-once", "desk phone: calls go by the order, though the router has not confirmed it",
           "Gespeichert. Anrufe gehen ab sofort so.",
           "Saved. Calls go this way from now on."),
    Prompt("saved", "desk phone: the order is kept; whether calls can be forwarded just now is open",
           "Gespeichert, aber noch nicht bestätigt.",
           "Saved, but not confirmed yet."),
    Prompt("overruled", "desk phone: another order came after this one, or with it",
           "Inzwischen gilt eine andere Anweisung.", "Another order has been given meanwhile."),
    Prompt("enter-pin", "desk phone or mobile: a PIN is needed",
           "Bitte die PIN.", "Your PIN, please."),
    Prompt("wrong-pin", "desk phone or mobile: it was another one",
           "Die PIN stimmt nicht.", "That PIN is not right."),
    Prompt("no-such-number", "desk phone: *28 with the place of a number that the office does not have",
           "Diese Nummer gibt es hier nicht.", "There is no such number here."),
    Prompt("test-call", "tested number: before the office",
           "Dies ist ein Testanruf der Rufumleitung", "This is a test call of the call failover router"),
    Prompt("confirm-number", "tested number: asked until a key is pressed",
           "Zum Bestätigen dieser Nummer die Eins.", "Press one to confirm this number."),
    Prompt("number-confirmed", "tested number: after the 1",
           "Danke. Diese Nummer ist bestätigt.", "Thank you. This number is confirmed."),
)
# fmt: on
