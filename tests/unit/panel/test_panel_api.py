"""The API: its exact shape (DESIGN.md, 5), what it refuses and how, and what machines may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from router.core.decision import decide
from router.core.orders import Mode, Override
from tests.unit.panel.browsing import BEARER, visiting
from tests.unit.panel.fakes import NOW, FakeBoard, House, ago, blind, decided, outage, unverified, well

OVERRIDE = {"mode", "number", "until", "reason", "by", "since"}
NUMBER = {"number", "trunk", "inbound", "people", "reachable", "why", "override", "phones"}
NUMBER |= {"state", "state_since", "state_why", "last_inbound_call"}
TRUNK = {
    "name", "label", "state", "since", "why", "registration", "contact", "rtt_ms", "last_inbound_call",
    "last_outbound_call", "inbound", "outbound", "fault",
}  # fmt: skip


@pytest.fixture
def house() -> House:
    return House(FakeBoard(outage()))


async def status_of(house: House, **headers: str) -> dict[str, Any]:
    async with visiting(house) as program:
        answer = await program.get("/api/v1/status", headers=BEARER | headers)
    assert answer.status_code == 200
    return answer.json()


async def put(house: House, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    async with visiting(house) as program:
        if isinstance(body, bytes):
            answer = await program.put("/api/v1/override", content=body, headers=BEARER | headers)
        else:
            answer = await program.put("/api/v1/override", json=body, headers=BEARER | headers)
    return answer.status_code, answer.json()


async def test_status_has_exactly_the_keys_of_the_design(house: House) -> None:
    said = await status_of(house)
    assert list(said) == ["schema", "office", "override", "route", "numbers", "trunks", "asterisk", "fault"]
    assert set(said["office"]) == {"id", "name"}
    assert set(said["override"]) == OVERRIDE
    assert set(said["route"]) == {"inbound", "outbound", "verified", "since", "why"}
    assert [set(number) for number in said["numbers"]] == [NUMBER, NUMBER]
    assert [set(trunk) for trunk in said["trunks"]] == [TRUNK, TRUNK]
    assert said["asterisk"] == {"connected": True, "version": "22.10.1"}


async def test_status_in_the_outage(house: House) -> None:
    said = await status_of(house)
    assert said["schema"] == 1
    assert said["route"]["inbound"] == "mixed"
    assert said["route"]["outbound"] == ["gsm", "telekom"]
    assert said["route"]["verified"] is True
    first, second = said["numbers"]
    assert (first["inbound"], first["reachable"], first["override"]) == ("mobile", "no", None)
    assert (second["inbound"], second["reachable"]) == ("office", "yes")
    assert first["people"] == ["Anna", "Ben"]
    telekom, gsm = said["trunks"]
    assert (telekom["state"], telekom["registration"], telekom["rtt_ms"]) == ("down", "Rejected", None)
    assert (gsm["state"], gsm["contact"], gsm["rtt_ms"]) == ("up", "Reachable", 21.4)
    assert telekom["since"] == "2025-11-22T14:32:00.000+01:00"
    assert telekom["last_inbound_call"] is None


@pytest.mark.parametrize(
    ("contact", "microseconds", "unanswered", "told"),
    [
        ("Reachable", 21400, 0, 21.4), ("Reachable", 21400, 1, None), ("Unreachable", 0, 0, None),
        ("Reachable", 0, 0, None), ("NonQualified", 0, 0, None), (None, None, 0, None),
    ],
)  # fmt: skip
async def test_the_answer_time_is_told_of_an_answer_only(
    contact: str | None, microseconds: int | None, unanswered: int, told: float | None
) -> None:
    office = well()
    telekom = office.trunks["telekom"]
    evidence = replace(telekom.evidence, contact=contact, rtt_us=microseconds, unanswered=unanswered)
    office = replace(office, trunks={**office.trunks, "telekom": replace(telekom, evidence=evidence)})
    house = House(FakeBoard(office))
    assert (await status_of(house))["trunks"][0]["rtt_ms"] == told
    async with visiting(house) as program:
        figures = (await program.get("/metrics", headers=BEARER)).text
    assert ('failover_trunk_rtt_seconds{office="muster",trunk="telekom"}' in figures) is bool(microseconds)


async def test_status_claims_nothing_that_the_pbx_does_not_confirm() -> None:
    said = await status_of(House(FakeBoard(unverified(outage()))), **{"accept-language": "en"})
    assert [number["reachable"] for number in said["numbers"]] == ["no", "unproven"]
    assert said["numbers"][1]["why"] == (
        "Calls to 0171 5550123 should ring in the office; the PBX does not confirm it."
    )


@pytest.mark.parametrize("before", [10**24, 2**63])
async def test_a_line_beyond_all_lines_is_refused(house: House, before: int) -> None:
    async with visiting(house) as program:
        answer = await program.get("/api/v1/log", params={"before": before}, headers=BEARER)
    assert (answer.status_code, answer.json()["detail"]) == (422, f"before darf höchstens {2**63 - 1} sein.")


async def test_the_last_line_that_a_database_can_hold_is_asked_for(house: House) -> None:
    async with visiting(house) as program:
        answer = await program.get("/api/v1/log", params={"before": 2**63 - 1}, headers=BEARER)
    assert answer.status_code == 200


async def test_the_automatics_hold_where_nobody_gave_an_order(house: House) -> None:
    override = (await status_of(house))["override"]
    assert {**override, "since": None} == {
        "mode": "auto", "number": None, "until": None, "reason": None, "by": None, "since": None,
    }  # fmt: skip
    assert override["since"] == "2025-11-22T14:50:07.000+01:00"


async def test_an_override_for_all_and_one_for_a_number_stand_where_they_belong(house: House) -> None:
    general = Override(Mode.OFFICE, ago(minutes=5), "Ben", reason="Inventur")
    own = Override(Mode.MOBILE, ago(minutes=2), "Anna", number="+4930123456", until=NOW + timedelta(hours=1))
    house.board.show(decided(replace(outage(), overrides=(general, own))))
    said = await status_of(house)
    assert (said["override"]["mode"], said["override"]["by"], said["override"]["reason"]) == (
        "office",
        "Ben",
        "Inventur",
    )
    first, second = (number["override"] for number in said["numbers"])
    assert (first["mode"], first["number"], first["until"]) == (
        "mobile", "+4930123456", "2025-11-22T15:50:07.000+01:00",
    )  # fmt: skip
    assert second is None


async def test_why_speaks_the_offices_language_and_another_if_asked(house: House) -> None:
    german = (await status_of(house))["numbers"][0]["why"]
    english = (await status_of(house, **{"accept-language": "en-GB,en;q=0.9"}))["numbers"][0]["why"]
    assert german.startswith("Wer 030 123456 wählt, erreicht uns gerade nicht.")
    assert english.startswith("Whoever dials 030 123456 cannot reach us right now.")


async def test_a_verified_order_is_200_with_the_status_after_it(house: House) -> None:
    code, said = await put(house, {"mode": "office", "reason": "Inventur"})
    assert code == 200
    assert said["verified"] is True
    assert (said["status"]["override"]["mode"], said["status"]["override"]["reason"]) == ("office", "Inventur")


async def test_a_stored_order_is_202_and_says_why(house: House) -> None:
    house.board.verifies = False
    code, said = await put(house, {"mode": "mobile"})
    assert code == 202
    assert said["verified"] is False
    assert said["why"] == "Gespeichert. Wir sehen die Telefonanlage nicht; umgestellt wird, sobald sie wieder da ist."


async def test_an_order_to_a_router_that_only_reads_is_409(house: House) -> None:
    house.board.show(replace(outage(), other_writer="router-2"))
    code, said = await put(house, {"mode": "mobile"})
    assert code == 409
    assert "router-2" in said["detail"]
    assert not house.board.heard


async def test_numbers_are_read_as_people_write_them_and_ends_in_any_zone(house: House) -> None:
    code, _ = await put(house, {"mode": "mobile", "number": "030 / 123456", "until": "2025-11-22T15:00:00Z"})
    assert code == 200
    [heard] = house.board.heard
    assert heard.number == "+4930123456"
    assert heard.until == NOW.replace(hour=15, minute=0, second=0)


async def test_auto_has_no_end(house: House) -> None:
    await put(house, {"mode": "auto", "until": "2025-11-22T18:00:00+01:00"})
    assert house.board.heard[0].until is None


async def test_a_reason_is_one_line_of_text(house: House) -> None:
    await put(house, rb'{"mode": "office", "reason": "a\r\nSet-Cookie: b\u0000\ud800 c "}')
    assert house.board.heard[0].reason == "a Set-Cookie: b c"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Der Inhalt muss ein JSON-Objekt mit dem Schlüssel mode sein."),
        (b"[" * 9000, "Der Inhalt muss ein JSON-Objekt mit dem Schlüssel mode sein."),
        (b"\xff", "Der Inhalt muss ein JSON-Objekt mit dem Schlüssel mode sein."),
        ({}, "mode muss auto, office oder mobile sein."),
        ({"mode": "handy"}, "mode muss auto, office oder mobile sein."),
        ({"mode": None}, "mode muss auto, office oder mobile sein."),
        ({"mode": 1}, "mode muss Text oder null sein."),
        ({"mode": "office", "end": "x"}, "end ist kein Schlüssel einer Anweisung."),
        ({"mode": "office", "number": "+4940999999"}, "040 999999 gehört nicht zu unseren Nummern."),
        ({"mode": "office", "number": " "}, "number muss eine unserer Nummern sein, oder null für alle."),
        ({"mode": "office", "number": "112"}, "„112“ ist ein Notruf; dorthin leitet der Router nie weiter."),
        ({"mode": "office", "number": "Büro"}, "„Büro“ enthält Buchstaben; eine Telefonnummer hat keine."),
        ({"mode": "office", "until": "2025-11-22T14:50:07+01:00"}, "Dieser Zeitpunkt ist schon vorbei."),
        ({"mode": "office", "until": "0001-01-01T00:00:00+14:00"}, "until muss eine Zeit mit ihrer Zone sein"),
        ({"mode": "office", "until": "2025-11-22T18:00:00"}, "until muss eine Zeit mit ihrer Zone sein"),
        ({"mode": "office", "until": "morgen"}, "until muss eine Zeit mit ihrer Zone sein"),
        ({"mode": "office", "until": "9999-12-31T00:00:00Z"}, "Dieser Zeitpunkt liegt mehr als ein Jahr in der"),
        ({"mode": "office", "reason": "x" * 201}, "Der Grund darf höchstens 200 Zeichen haben."),
        ({"mode": "office", "reason": ["x"]}, "reason muss Text oder null sein."),
    ],
)
async def test_what_cannot_be_understood_is_422_with_one_sentence(house: House, body: object, said: str) -> None:
    async with visiting(house) as program:
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await program.put("/api/v1/override", headers=BEARER, **sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert said in problem["detail"]
    assert not house.board.heard


async def test_a_body_beyond_all_measure_is_413(house: House) -> None:
    code, _ = await put(house, {"mode": "office", "reason": "x" * 20_000})
    assert code == 413
    assert not house.board.heard


async def test_the_log_comes_newest_first_and_page_by_page(house: House) -> None:
    async with visiting(house) as program:
        first = (await program.get("/api/v1/log?limit=2", headers=BEARER)).json()["lines"]
        second = (await program.get(f"/api/v1/log?limit=2&before={first[-1]['id']}", headers=BEARER)).json()["lines"]
        refused = await program.get("/api/v1/log?limit=0", headers=BEARER)
    assert [line["id"] for line in first + second] == [7, 6, 5, 4]
    assert first[0]["text"] == "Umgeschaltet und geprüft."
    assert set(first[0]) == {
        "id", "at", "kind", "text", "trunk", "number", "by", "via", "address", "reason", "whose", "evidence"
    }  # fmt: skip
    assert (refused.status_code, refused.json()["detail"]) == (422, "limit muss mindestens 1 sein.")


@pytest.mark.parametrize(
    ("office", "code", "why"),
    [
        (well(), 200, None),
        (unverified(well()), 200, None),
        (blind(well()), 503, "Wir sehen"),
        (blind(well(), refused=True), 503, "lehnt unsere AMI-Anmeldung ab"),
        (replace(well(), other_writer="router-2"), 503, "router-2"),
    ],
)
async def test_ready_while_the_pbx_is_in_sight_and_ours_to_write(
    house: House, office: Any, code: int, why: str
) -> None:
    house.board.show(office)
    async with visiting(house) as probe:
        answer = await probe.get("/readyz")
        assert (await probe.get("/healthz")).status_code == 200
        head = await probe.head("/readyz")
    assert answer.status_code == head.status_code == code
    assert answer.json().get("why") is None if why is None else why in answer.json()["why"]


async def test_metrics_tell_states_and_no_telephone_number(house: House) -> None:
    async with visiting(house) as scraper:
        text = (await scraper.get("/metrics")).text
    assert 'failover_trunk_state{office="muster",state="down",trunk="telekom"} 1.0' in text
    assert 'failover_trunk_state{office="muster",state="up",trunk="telekom"} 0.0' in text
    assert 'failover_route_verified{office="muster"} 1.0' in text
    assert 'failover_pbx_connected{office="muster"} 1.0' in text
    assert "30123456" not in text
    assert "17112345678" not in text


async def test_unknown_paths_of_the_api_are_problems_too(house: House) -> None:
    async with visiting(house) as program:
        answer = await program.get("/api/v1/nothing", headers=BEARER)
        wrong = await program.post("/api/v1/status", headers=BEARER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (wrong.status_code, wrong.json()["status"]) == (405, 405)


def test_the_fakes_decide_as_the_core_does() -> None:
    office = outage()
    assert office.decisions == decide(office.site, office.trunks, (), NOW, arrivals=office.arrivals)
