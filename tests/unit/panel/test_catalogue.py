"""The German catalogue: complete, with the same places, compiled; and how values are written in both languages."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest
from babel.messages.mofile import read_mo

from router.core.sentence import say
from router.panel import locale
from router.panel.language import preferred
from router.panel.speech import Speech
from tests.unit.panel.fakes import BERLIN, NOW, ago


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def speech(language: str) -> Speech:
    return Speech(language, BERLIN, "DE", NOW)


@pytest.mark.parametrize("language", locale.TRANSLATED)
def test_every_text_is_translated_with_the_same_places(language: str) -> None:
    catalogue = locale.read(language)
    for text in sorted(locale.collected()):
        assert text in catalogue, f"not collected: run make messages for {text!r}"
        translation = str(catalogue[text].string)
        assert translation, f"not translated: {text!r}"
        assert places(translation) == places(text), text


@pytest.mark.parametrize("language", locale.TRANSLATED)
def test_nothing_is_translated_that_is_no_longer_said(language: str) -> None:
    assert {message.id for message in locale.read(language) if message.id} - locale.collected() == set()


@pytest.mark.parametrize("language", locale.TRANSLATED)
def test_the_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    with locale.compiled(language).open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert compiled == {
        message.id: message.string for message in locale.read(language) if message.id and message.string
    }


def test_the_core_speaks_and_is_heard() -> None:
    assert "Calls to {number} ring in the office." in locale.collected()
    assert "{trunk} is down: {evidence}" in locale.collected()
    assert "has letters in it, a telephone number has none" in locale.collected()


@pytest.mark.parametrize(
    ("at", "german", "english"),
    [
        (NOW, "14:50", "14:50"),
        (ago(hours=21), "gestern 17:50", "yesterday 17:50"),
        (ago(hours=-17), "morgen 07:50", "tomorrow 07:50"),
        (ago(days=3), "19. November, 14:50", "19 November, 14:50"),
        (ago(days=400), "18. Oktober 2024, 15:50", "18 October 2024, 15:50"),
        (datetime(2025, 11, 21, 23, 30, tzinfo=UTC), "00:30", "00:30"),
    ],
)
def test_times_are_the_offices_with_the_day_where_it_is_not_today(at: datetime, german: str, english: str) -> None:
    assert (speech("de").moment(at), speech("en").moment(at)) == (german, english)


@pytest.mark.parametrize(
    ("at", "german", "english"),
    [
        (ago(seconds=3), "14:50:04", "14:50:04"),
        (ago(hours=21), "21.11.2025, 17:50:07", "21 Nov 2025, 17:50:07"),
        (ago(days=30), "23.10.2025, 15:50:07 (UTC+02:00)", "23 Oct 2025, 15:50:07 (UTC+02:00)"),
    ],
)
def test_moments_of_evidence_are_to_the_second_with_the_date_where_it_is_not_today(
    at: datetime, german: str, english: str
) -> None:
    said = say("since {second}", second=at)
    assert (speech("de").exact(at), speech("en").exact(at)) == (german, english)
    assert speech("en").render(said) == f"since {english}"


def test_ages_are_in_one_unit() -> None:
    assert [speech("de").age(ago(seconds=s)) for s in (5, 60, 1080, 7200, 259200)] == [
        "gerade eben", "1 Minute", "18 Minuten", "2 Stunden", "3 Tage",
    ]  # fmt: skip


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    said = say("{trunk} is down: {evidence}", trunk="Telekom", evidence=say("a probe went unanswered."))
    assert speech("de").render(said) == "Telekom ist gestört: eine Testanfrage blieb unbeantwortet."
    assert speech("en").render(said) == "Telekom is down: a probe went unanswered."


@pytest.mark.parametrize(
    ("person", "german"),
    [("Anna", "Annas Handy"), ("Max", "Max’ Handy"), ("Beatrice", "Beatrice’ Handy"), ("Hans", "Hans’ Handy")],
)
def test_whose_mobile_it_is_in_german(person: str, german: str) -> None:
    mobile = say("{person}'s mobile", person=person)
    said = say("By order of {by}, calls to {number} go to {mobile}.", by="Ben", number="+4930123456", mobile=mobile)
    assert speech("de").render(said) == f"Ben hat umgestellt: Anrufe an 030 123456 gehen auf {german}."
    assert speech("en").render(said) == f"By order of Ben, calls to 030 123456 go to {person}'s mobile."


def test_a_name_that_turns_the_writing_keeps_that_to_itself() -> None:
    said = speech("en").render(say("{trunk} answers.", trunk="a\u202eb"))
    assert said == "\u2068a\u202eb\u2069 answers."


def test_names_with_braces_are_names() -> None:
    assert (
        speech("de").render(say("{trunk} answers.", trunk="{number} {0.__class__}"))
        == "{number} {0.__class__} antwortet."
    )


def test_a_line_of_an_old_journal_breaks_nothing() -> None:
    assert speech("de").render(say("{gone} was said in version 0.")) == "… was said in version 0."


def test_the_sentence_about_the_number_leads_wherever_it_stands() -> None:
    said = say(
        "{trunk} answers. That calls to {number} arrive has not been proven yet.",
        trunk="St. Pauli. Nord",
        number="+4930123456",
    )
    assert speech("en").parts(said) == (
        "That calls to 030 123456 arrive has not been proven yet.",
        "St. Pauli. Nord answers.",
    )


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"), ("*", "de"), ("en-GB,en;q=0.9", "en"), ("fr, en;q=0.3, de;q=0.7", "de"), ("fr", "de"),
        ("en;q=0", "de"), ("en;q=x", "de"), ("EN", "en"), (",;,=;q", "de"),
    ],
)  # fmt: skip
def test_the_browsers_first_language_that_we_speak(header: str, language: str) -> None:
    assert preferred(header, "de") == language
