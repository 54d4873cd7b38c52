"""Dead office phones, as the board, the API and the command line tell of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.panel.fakes import FakeBoard, House, blind, phones_away, well
from tests.unit.panel.test_command_line import status
from tests.unit.panel.test_panel_api import status_of
from tests.unit.panel.test_panel_board import page

GERMAN = (
    "Keines der Bürotelefone hinter 030 123456 ist erreichbar; "
    "Anrufe gehen über Telekom auf die Handys von Anna und Ben.",
    "Nicht erreichbar: PJSIP/20 (seit 14:32), PJSIP/21 (seit 14:32), PJSIP/none (Asterisk unbekannt)",
)
ENGLISH = (
    "None of the office phones behind 030 123456 can be reached; calls go to the mobiles of Anna and Ben over Telekom.",
    "Cannot be reached: PJSIP/20 (since 14:32), PJSIP/21 (since 14:32), PJSIP/none (unknown to Asterisk)",
)


@pytest.mark.parametrize(("language", "said"), [("de", GERMAN), ("en-GB", ENGLISH)])
async def test_the_board_leads_with_it_and_names_the_phones(language: str, said: tuple[str, str]) -> None:
    words = await page(House(FakeBoard(phones_away(well()))), **{"accept-language": language})
    text = words.text.replace("\N{NO-BREAK SPACE}", " ")
    assert all(sentence in text for sentence in said)
    assert [name for name, _ in words.tags].count("h1") == 1


async def test_where_all_phones_answer_or_none_is_watched_the_board_says_nothing_of_them() -> None:
    words = await page(House(FakeBoard(well())))
    assert "Nicht erreichbar" not in words.text


async def test_out_of_sight_no_phone_is_called_dead() -> None:
    words = await page(House(FakeBoard(blind(phones_away(well())))))
    assert "PJSIP/20" not in words.text


async def test_the_api_has_each_phone_with_its_moment() -> None:
    first, second = (await status_of(House(FakeBoard(phones_away(well())))))["numbers"]
    since = "2025-11-22T14:32:07.000+01:00"
    assert first["phones"][0] == {"device": "PJSIP/20", "reachable": False, "since": since}
    assert second["phones"] == []
    assert first["inbound"] == "mobile"


async def test_the_command_line_names_the_dead_ones(tmp_path: Path) -> None:
    said = await status(FakeBoard(phones_away(well())), tmp_path)
    assert "\n    Nicht erreichbar: PJSIP/20 (seit " in said
