# ruff: noqa: E501 - the table of bad files is read line by line
"""Settings are read whole or refused whole: every problem at once, one clear line each, never a secret in it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from router.settings import BadSettings, Settings, load

EXAMPLE = Path(__file__).parents[2] / "docs" / "failover.example.toml"
SECRET = "hunter2-Zx9"
IN_THE_ENVIRONMENT = {"FAILOVER_ASTERISK__SECRET": SECRET}

MINIMAL = f"""
[office]
id = "muster"
name = "Muster"
[asterisk]
username = "failover"
secret = "{SECRET}"
[[trunks]]
name = "telekom"
watch = "pjsip:telekom"
[[numbers]]
number = "030 123456"
trunk = "telekom"
calls = "office-phones,{{did}},1"
[[people]]
name = "Anna"
numbers = ["0171 12345678"]
"""

OFFICE = f"""
[office]
id = "muster"
name = "Muster"
language = "de"
timezone = "Europe/Berlin"
country = "DE"
emergency = ["110", "112"]
outside_prefix = "0"
[hours]
mon-fri = "08:00-18:00"
holidays = "DE-NI"
[asterisk]
username = "failover"
secret = "{SECRET}"
[[trunks]]
name = "telekom"
label = "Telekom"
watch = "pjsip:telekom"
dial = "PJSIP/{{number}}@telekom"
channels = 0
[[trunks]]
name = "gsm"
label = "GSM gateway"
watch = "pjsip:gsm"
[[numbers]]
number = "+4930123456"
trunk = "telekom"
arrives_as = ["office"]
calls = "office-phones,{{did}},1"
people = ["Anna"]
[[numbers]]
number = "+4930654321"
trunk = "gsm"
calls = "office-phones,20,1"
[[people]]
name = "Anna"
numbers = ["+4917112345678"]
[[people]]
name = "Bernd"
numbers = ["+4917212345678"]
[forwarding]
people = ["Anna"]
ring_seconds = 25
trunks = ["gsm"]
nobody = "announce"
[policy]
rise_seconds = 120
rise_max_seconds = 1800
[internet]
probes = ["https://example.org/", "tcp:192.0.2.1:53"]
[panel]
listen = "127.0.0.1:8080"
[database]
url = "sqlite+aiosqlite:////tmp/failover.db"
"""


def loaded(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    path = folder / "failover.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ or {})


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as bad:
        loaded(folder, text, environ)
    return bad.value.problems


def with_(old: str, new: str) -> str:
    assert old in OFFICE
    return OFFICE.replace(old, new, 1)


def test_a_minimal_file_gets_every_default_of_the_design(tmp_path: Path) -> None:
    read = loaded(tmp_path, MINIMAL)
    office = read.office
    assert (office.id, office.name) == ("muster", "Muster")
    assert (office.language, office.timezone, office.country) == ("de", "Europe/Berlin", "DE")
    assert (office.emergency, office.outside_prefix) == (("110", "112"), "")
    assert (read.hours.week, read.hours.holidays) == (None, "")
    assert (read.asterisk.host, read.asterisk.port, read.asterisk.username) == ("127.0.0.1", 5038, "failover")
    assert (read.asterisk.tls, read.asterisk.tls_ca, read.secret()) == (False, "", SECRET)
    (trunk,) = read.trunks
    assert (trunk.name, trunk.label, trunk.watch) == ("telekom", "telekom", "pjsip:telekom")
    assert (trunk.watch_kind, trunk.peer) == ("pjsip", "telekom")
    assert (trunk.dial, trunk.number_format, trunk.channels) == ("PJSIP/{number}@telekom", "e164", 0)
    (number,) = read.numbers
    assert (number.number, number.trunk, number.calls) == ("+4930123456", "telekom", "office-phones,{did},1")
    assert (number.arrives_as, number.when_down, number.phones, number.people) == ((), "mobile", (), None)
    (anna,) = read.people
    assert (anna.name, anna.numbers) == ("Anna", ("+4917112345678",))
    forwarding = read.forwarding
    assert (forwarding.people, forwarding.ring, forwarding.trunks) == (("Anna",), "together", None)
    assert (forwarding.ring_seconds, forwarding.total_seconds, forwarding.confirm) == (25, 60, True)
    assert (forwarding.caller_id, forwarding.nobody) == ("caller", "announce")
    assert forwarding.allowed_prefixes == ("+49",)
    policy = read.policy
    assert (policy.probe_seconds, policy.fall_seconds) == (5, 3)
    assert (policy.rise_seconds, policy.rise_max_seconds, policy.max_switches_per_hour) == (120, 1800, 4)
    assert read.internet.probes == ()
    assert (read.panel.listen, read.panel.host, read.panel.port) == ("127.0.0.1:8080", "127.0.0.1", 8080)
    assert read.database.url == "sqlite+aiosqlite:////var/lib/failover/failover.db"


def test_the_example_file_loads_and_a_missing_secret_file_is_all_it_lacks(tmp_path: Path) -> None:
    read = load(EXAMPLE, IN_THE_ENVIRONMENT)
    assert [trunk.name for trunk in read.trunks] == ["telekom", "gsm"]
    assert read.hours.holidays == "DE-NI"
    text = EXAMPLE.read_text().replace("/run/secrets/ami", "./ami")
    assert problems(tmp_path, text) == ('asterisk.secret_file: "./ami" does not exist',)


def test_the_values_shown_in_the_example_are_the_defaults(tmp_path: Path) -> None:
    shown, minimal = load(EXAMPLE, IN_THE_ENVIRONMENT), loaded(tmp_path, MINIMAL)
    for section in ("policy", "duty", "internet", "panel", "database"):
        assert getattr(shown, section) == getattr(minimal, section)
    assert shown.asterisk == minimal.asterisk
    assert shown.office == minimal.office.model_copy(update={"name": shown.office.name})
    assert shown.forwarding == minimal.forwarding.model_copy(update={"trunks": ("gsm",)})


def sections(model: type[BaseModel] = Settings) -> dict[str, type[BaseModel]]:
    annotations = {name: field.annotation for name, field in model.model_fields.items()}
    return {name: next(iter(get_args(found)), found) for name, found in annotations.items()}  # type: ignore[misc]


@pytest.mark.parametrize("section", sections())
def test_every_key_is_explained_in_the_code_and_in_the_example(section: str) -> None:
    written = re.split(r"^\[+(\w+)\]+", EXAMPLE.read_text(), flags=re.MULTILINE)
    blocks = [block for name, block in zip(written[1::2], written[2::2], strict=True) if name == section]
    assert blocks, f"[{section}] is not in the example"
    for key, field in sections()[section].model_fields.items():
        assert field.description
        assert len(field.description) > 15, f"{section}.{key} is not explained"
        written_as = "mon-fri" if key == "week" else key
        assert re.search(rf"^(# )?{written_as} = .+#? .+", blocks[0], re.MULTILINE), (
            f"{section}.{key} is not in the example"
        )
    assert Settings.model_fields[section].description


def test_every_key_marked_as_not_used_yet_is_named_in_the_readme() -> None:
    readme = (EXAMPLE.parents[1] / "README.md").read_text()
    missing = readme.partition("## What is not there yet")[2].partition("\n## ")[0]
    section, marked = "", set()
    for row in EXAMPLE.read_text().splitlines():
        section = row.partition("]")[0].strip("[") if row.startswith("[") else section
        if key := re.match(r"([\w-]+) = .*# \(not used yet\)", row):
            marked.add((section, key[1]))
    assert ("hours", "mon-fri") in marked
    assert [key for key in sorted(marked) if f"`{key[1]}`" not in missing and f"`[{key[0]}]`" not in missing] == []


TEN = "1234567890"
BAD: list[tuple[str, str, str]] = [
    # office
    ('id = "muster"\n', "", "office.id: is missing"),
    ('id = "muster"', 'id = ""', 'office.id: "" must be 1 to 40 of a-z, 0-9 and -'),
    ('id = "muster"', 'id = "Muster GmbH"', 'office.id: "Muster GmbH" must be 1 to 40 of a-z, 0-9 and -'),
    ('name = "Muster"', "name = 5", "office.name: 5 must be text in quotes"),
    ('name = "Muster"', 'name = " "', 'office.name: " " must be 1 to 60 printable characters with no blank at either end'),
    ('language = "de"', 'language = "fr"', 'office.language: "fr" is none of de, en'),
    ('langu', 'lnagu', 'office.lnaguage: unknown key; did you mean "language"?'),
    ("Europe/Berlin", "Europe/Berln", 'office.timezone: "Europe/Berln" is no time zone; did you mean "Europe/Berlin"?'),
    ("Europe/Berlin", "/etc/passwd", 'office.timezone: "/etc/passwd" is no time zone'),
    ("Europe/Berlin", "", 'office.timezone: "" is no time zone'),
    ('"DE"', '"Germany"', 'office.country: "Germany" is no country: two capital letters, such as "DE"'),
    ('"110", "112"', '"110", "1-1-2"', 'office.emergency[2]: "1-1-2" must be 2 to 6 digits'),
    ('"110", "112"', "110, 112", "office.emergency[1]: 110 must be text in quotes"),
    ('["110", "112"]', '"112"', 'office.emergency: "112" must be a list in brackets'),
    ('["110", "112"]', "[]", "office.emergency: is empty: without it the router would treat 112 as any number"),
    ('"110", "112"', '"112", "112"', 'office.emergency: names "112" twice'),
    ('prefix = "0"', 'prefix = "0,"', 'office.outside_prefix: "0," must be at most 4 of 0-9, * and #'),
    ("[office]", "[offices]", 'offices: unknown key; did you mean "office"?'),
    ("[office]", "ring_seconds = 5\n[office]", "ring_seconds: unknown key; it belongs to [forwarding]"),
    # hours
    ("08:00-18:00", "8-18", 'hours.mon-fri: "8-18" must be hours such as "08:00-18:00" or "08:00-12:00, 13:00-17:00", or "closed"'),
    ("08:00-18:00", "18:00-08:00", 'hours.mon-fri: "18:00-08:00" must end after it begins, at 24:00 at the latest'),
    ("08:00-18:00", "08:00-12:00, 11:00-13:00", 'hours.mon-fri: "08:00-12:00, 11:00-13:00" has hours that overlap or are out of order'),
    ("mon-fri", "weekdays", "hours.weekdays: unknown key: hours has days (sat), ranges of days (mon-fri) and holidays"),
    ("mon-fri", "fri-mon", "hours.fri-mon: unknown key: hours has days (sat), ranges of days (mon-fri) and holidays"),
    ("mon-fri", 'wed-sat = "10:00-12:00"\nmon-fri', "hours: wed stands in two ranges of days"),
    ("DE-NI", "Lower Saxony", 'hours.holidays: "Lower Saxony" is no region: a country such as "DE" or a part of one such as "DE-NI"'),
    # asterisk
    ('username = "failover"\n', "", "asterisk.username: is missing"),
    ('"failover"', '"a\\r\\nAction: x"', 'asterisk.username: "a\\r\\nAction: x" must be 1 to 80 ASCII characters without blanks'),
    ("[asterisk]", "[asterisk]\nport = 0", "asterisk.port: 0 must be at least 1"),
    ("[asterisk]", '[asterisk]\nport = "5038"', 'asterisk.port: "5038" must be a whole number'),
    ("[asterisk]", "[asterisk]\nport = true", "asterisk.port: true must be a whole number"),
    ("[asterisk]", '[asterisk]\nhost = "a b"', 'asterisk.host: "a b" must be a host name or an address'),
    ("[asterisk]", '[asterisk]\ntls = "yes"', 'asterisk.tls: "yes" must be true or false'),
    ("[asterisk]", '[asterisk]\ntls_ca = "no-such.pem"', 'asterisk.tls_ca: "no-such.pem" does not exist'),
    ("[asterisk]", '[asterisk]\nsecret_file = "/dev/null"', "asterisk.secret_file: \"/dev/null\" is empty"),
    ("[asterisk]", '[asterisk]\nsecret_file = "."', 'asterisk.secret_file: cannot be read: is a directory'),
    ("[asterisk]", '[asterisk]\nsecret_file = "failover.toml"', 'asterisk.secret_file: holds a secret that has a line break or another control character in it'),
    ("[asterisk]", f'[asterisk]\nsecret_file = "{SECRET}"', "asterisk.secret_file: does not exist"),
    ("[asterisk]", '[asterisk]\nsecret_file = "run/ami"', 'asterisk.secret_file: "run/ami" does not exist'),
    ("secret = ", "secrett = ", 'asterisk.secrett: unknown key; did you mean "secret"?'),
    (f'"{SECRET}"', '""', "asterisk.secret: is missing: give secret_file, secret or FAILOVER_ASTERISK__SECRET"),
    (f'"{SECRET}"', "12345", "asterisk.secret: must be text in quotes"),
    (SECRET, SECRET + "\\r\\nAction: x", "asterisk.secret: has a line break or another control character in it"),
    # trunks
    ('name = "gsm"', 'name = "g s m"', 'trunks[2].name: "g s m" must be 1 to 40 of A-Z, a-z, 0-9, _ and -'),
    ('name = "gsm"', 'name = "telekom"', 'trunks[2].name: "telekom" is the name of another trunk too'),
    ("GSM gateway", "Telekom", 'trunks[2].label: "Telekom" is the label of another trunk too'),
    ("pjsip:gsm", "sip:gsm", 'trunks[2].watch: "sip:gsm" is none of pjsip:ENDPOINT, iax2:PEER, device:DEVICE, none'),
    ('watch = "pjsip:gsm"\n', "", "trunks[2].watch: is missing"),
    ("pjsip:gsm", "iax2:gsm", "trunks[2].dial: is missing: only a trunk watched as pjsip:ENDPOINT goes without, not iax2"),
    ("PJSIP/{number}@telekom", "PJSIP/telekom", 'trunks[1].dial: "PJSIP/telekom" must contain {number} once, and no other braces'),
    ("PJSIP/{number}@telekom", "PJSIP/{number}@{x}", 'trunks[1].dial: "PJSIP/{number}@{x}" must contain {number} once, and no other braces'),
    ("PJSIP/{number}@telekom", "PJSIP/{number}@t,60,U(x)", 'trunks[1].dial: "PJSIP/{number}@t,60,U(x)" must be TECHNOLOGY/… of letters, digits and _ + @ : / . - only'),
    ("PJSIP/{number}@telekom", "PJSIP/${number}", 'trunks[1].dial: "PJSIP/${number}" must be TECHNOLOGY/… of letters, digits and _ + @ : / . - only'),
    ("PJSIP/{number}@telekom", "IAX2/me:top&secret@h/{number}", 'trunks[1].dial: "IAX2/me:***@h/{number}" must be TECHNOLOGY/… of letters, digits and _ + @ : / . - only'),
    ("channels = 0", "channels = -1", "trunks[1].channels: -1 must be at least 0"),
    ("channels = 0", 'number_format = "+49"', 'trunks[1].number_format: "+49" is none of e164, international, national, digits'),
    # numbers
    ("+4930123456", "030 PIZZA", 'numbers[1].number: "030 PIZZA" has letters in it, a telephone number has none'),
    ("+4930123456", "112", 'numbers[1].number: "112" is an emergency number, which the router never forwards to'),
    ("+4930654321", "030 12 34 56", 'numbers[2].number: "030 12 34 56" is published above already'),
    ('trunk = "gsm"', 'trunk = "gms"', 'numbers[2].trunk: "gms" is the name of no trunk; did you mean "gsm"?'),
    ('["office"]', '["off,ice"]', 'numbers[1].arrives_as[1]: "off,ice" must be an extension as the dialplan gets it'),
    ('["office"]', '["030654321"]', 'numbers[1].arrives_as[1]: "030654321" is how another number arrives already'),
    ("office-phones,20,1", "office-phones", 'numbers[2].calls: "office-phones" must be context,extension,priority; the extension may be {did}'),
    ("office-phones,20,1", "a,${EXTEN},1", 'numbers[2].calls: "a,${EXTEN},1" must be context,extension,priority; the extension may be {did}'),
    ("office-phones,20,1", "failover-inbound,20,1", "numbers[2].calls: \"failover-inbound,20,1\" leads back into the router's own dialplan"),
    ('calls = "office-phones,20,1"\n', "", "numbers[2].calls: is missing"),
    ('arrives_as', 'when_down = "mobil"\narrives_as', 'numbers[1].when_down: "mobil" is none of mobile, office_then_mobile, office'),
    ('arrives_as', 'phones = ["20"]\narrives_as', 'numbers[1].phones[1]: "20" must be a phone such as "PJSIP/20"'),
    ('people = ["Anna"]\n[[numbers]]', 'people = ["Ana"]\n[[numbers]]', 'numbers[1].people[1]: "Ana" is the name of no person; did you mean "Anna"?'),
    ('people = ["Anna"]\n[[numbers]]', 'people = []\n[[numbers]]', "numbers[1].people: is empty: leave it out to ring those of [forwarding]"),
    ('people = ["Anna"]\n[[numbers]]', 'people = ["Bernd", "Bernd"]\n[[numbers]]', 'numbers[1].people: names "Bernd" twice'),
    # people
    ('"+4917212345678"', '"0172 12345678 x"', 'people[2].numbers[1]: "0172 12345678 x" has letters in it, a telephone number has none'),
    ('"+4917212345678"', '"+33 1 23456789"', 'people[2].numbers[1]: "+33 1 23456789" is outside forwarding.allowed_prefixes (+49)'),
    ('"+4917212345678"', '"0171 1"', 'people[2].numbers[1]: "0171 1" is too short for a mobile number'),
    ('"+4917212345678"', '"0800 1234567"', 'people[2].numbers[1]: "0800 1234567" is a freephone number, no mobile or fixed line: nobody is forwarded there'),
    ('"+4917212345678"', '"030 654321"', 'people[2].numbers[1]: "030 654321" is a published number: calls would come back to the office'),
    ('"+4917212345678"', "", "people[2].numbers: is empty: a person without a number cannot be rung"),
    ('name = "Bernd"', 'name = "anna"', 'people[2].name: "anna" is the name of another person too'),
    ('name = "Bernd"', 'name = "B\\u0007"', 'people[2].name: "B\\x07" must be 1 to 60 printable characters with no blank at either end'),
    # forwarding
    ('[forwarding]\npeople = ["Anna"]', '[forwarding]\npeople = ["Carla"]', 'forwarding.people[1]: "Carla" is the name of no person'),
    ('trunks = ["gsm"]', 'trunks = ["gsm", "isdn"]', 'forwarding.trunks[2]: "isdn" is the name of no trunk'),
    ('trunks = ["gsm"]', "trunks = []", "forwarding.trunks: is empty: leave it out for every healthy trunk but the failed one"),
    ("ring_seconds = 25", "ring_seconds = 3", "forwarding.ring_seconds: 3 must be at least 5"),
    ("ring_seconds = 25", "ring_seconds = 90", "forwarding.total_seconds: 60 is less than ring_seconds, 90"),
    ("ring_seconds = 25", 'ring = "all"', 'forwarding.ring: "all" is none of together, in_order'),
    ("ring_seconds = 25", 'caller_id = "none"', 'forwarding.caller_id: "none" is none of caller, office'),
    ("announce", "nothing", 'forwarding.nobody: "nothing" is none of announce, hangup, context,extension,priority'),
    ("announce", "voicemail,20", 'forwarding.nobody: "voicemail,20" must be context,extension,priority; the extension may be {did}'),
    ("ring_seconds = 25", 'allowed_prefixes = ["49"]', 'forwarding.allowed_prefixes[1]: "49" must be + and digits'),
    # policy
    ("rise_max_seconds = 1800", "rise_max_seconds = 60", "policy.rise_max_seconds: 60 is less than rise_seconds, 120"),
    ("rise_seconds = 120", "probe_seconds = 0", "policy.probe_seconds: 0 must be at least 1"),
    ("rise_seconds = 120", "fall_seconds = 0.5", "policy.fall_seconds: 0.5 must be at least 1"),
    ("rise_seconds = 120", "rise_seconds = nan", "policy.rise_seconds: nan must be a finite number"),
    ("rise_seconds = 120", "rise_seconds = 2024-01-01", "policy.rise_seconds: 2024-01-01 must be a number"),
    ("rise_seconds = 120", "max_switches_per_hour = 1.5", "policy.max_switches_per_hour: 1.5 must be a whole number"),
    # duty: an address is never quoted, since who knows it has the calendar
    ("[policy]", '[duty]\ncalendar = "http://cloud.example.org/t0ken.ics"\n[policy]', "duty.calendar: must be a path, or https://HOST/…; http:// only on this machine"),
    ("[policy]", '[duty]\ncalendar = "ftp://127.0.0.1/t0ken.ics"\n[policy]', "duty.calendar: must be a path, or https://HOST/…; http:// only on this machine"),
    ("[policy]", '[duty]\ncalendar = "https:///t0ken.ics"\n[policy]', "duty.calendar: must be a path, or https://HOST/…; http:// only on this machine"),
    ("[policy]", '[duty]\ncalendar = "http://127.evil.example/t0ken.ics"\n[policy]', "duty.calendar: must be a path, or https://HOST/…; http:// only on this machine"),
    ("[policy]", '[duty]\ncalendar = "webcal://cloud.example.org/t0ken.ics"\n[policy]', "duty.calendar: begins with webcal:// : write https:// instead"),
    ("[policy]", '[duty]\ncalendar = "https://[::1/t0ken.ics"\n[policy]', "duty.calendar: is no address that can be read"),
    ("[policy]", '[duty]\ncalendar = "shifts\\n.ics"\n[policy]', "duty.calendar: must be a path or an address on one line, without blanks at either end"),
    ("[policy]", "[duty]\ncalendar = 7\n[policy]", "duty.calendar: must be text in quotes"),
    ("[policy]", "[duty]\ncalendar_minutes = 0\n[policy]", "duty.calendar_minutes: 0 must be at least 1"),
    # internet, panel, database
    ("https://example.org/", "http://example.org/", 'internet.probes[1]: "http://example.org/" must be https://HOST/… or tcp:HOST:PORT'),
    ("tcp:192.0.2.1:53", "tcp:192.0.2.1:99999", 'internet.probes[2]: "tcp:192.0.2.1:99999" must be https://HOST/… or tcp:HOST:PORT'),
    ('53"]', '53", "tcp:192.0.2.2:53"]', "internet.probes: must have at most 2 entries"),
    ("127.0.0.1:8080", "8080", 'panel.listen: "8080" must be host:port, such as "127.0.0.1:8080" or "[::1]:8080"'),
    ("127.0.0.1:8080", "127.0.0.1:80800", 'panel.listen: "127.0.0.1:80800" must be host:port, such as "127.0.0.1:8080" or "[::1]:8080"'),
    ("sqlite+aiosqlite:////tmp/failover.db", "mysql://me:pw@host/x", 'database.url: "mysql://me:***@host/x" must be sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER@HOST/NAME'),
    # shapes
    ("[panel]\nlisten", "[panel]\n\"two\\nlines\" = 1\nlisten", 'panel."two\\nlines": unknown key'),
    ("[panel]\nlisten", f'[panel]\nlisten = "{TEN * 9}"\n#', f'panel.listen: "{TEN * 5}123456789…" must be host:port, such as "127.0.0.1:8080" or "[::1]:8080"'),
    ("[policy]", "[[policy]]", "policy: must be a table: [policy]"),
    ("[office]", "trunk = 1\n[office]", 'trunk: unknown key; did you mean "trunks"?'),
]  # fmt: skip
WITH_CONSEQUENCES = {
    "office.emergency[1]: 110 must be text in quotes",  # and so must 112
    'offices: unknown key; did you mean "office"?',  # so the keys of [office] are missing
    'asterisk.secrett: unknown key; did you mean "secret"?',  # so there is no secret
    'trunks[2].name: "g s m" must be 1 to 40 of A-Z, a-z, 0-9, _ and -',  # so nothing is named gsm
    'trunks[2].name: "telekom" is the name of another trunk too',
}


@pytest.mark.parametrize(("old", "new", "line"), BAD, ids=[line[:60] for _, _, line in BAD])
def test_one_fault_is_one_clear_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    found = problems(tmp_path, with_(old, new))
    assert line in found
    assert len(found) == 1 or line in WITH_CONSEQUENCES
    assert SECRET not in "".join(found)
    assert all(problem.isprintable() for problem in found)


@pytest.mark.parametrize("listed", ["trunks", "numbers", "people"])
def test_at_least_one_trunk_one_number_and_one_person_are_needed(tmp_path: Path, listed: str) -> None:
    without = re.sub(rf"\[\[{listed}\]\][^[]*(\[\"[^[]*)?", "", MINIMAL)
    assert problems(tmp_path, without) == (f"{listed}: is missing: at least one [[{listed}]] is needed",)
    single = MINIMAL.replace(f"[[{listed}]]", f"[{listed}]")
    assert problems(tmp_path, single) == (f"{listed}: must be written as [[{listed}]], once for each",)


def test_an_empty_file_names_all_that_is_required(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == (
        "office.id: is missing",
        "office.name: is missing",
        "asterisk.username: is missing",
        "asterisk.secret: is missing: give secret_file, secret or FAILOVER_ASTERISK__SECRET",
        "trunks: is missing: at least one [[trunks]] is needed",
        "numbers: is missing: at least one [[numbers]] is needed",
        "people: is missing: at least one [[people]] is needed",
    )


def test_five_faults_in_one_file_are_five_lines_at_once(tmp_path: Path) -> None:
    text = OFFICE
    for old, new in [
        ('language = "de"', 'language = "fr"'),
        ("pjsip:gsm", "sip:gsm"),
        ('trunk = "gsm"', 'trunk = "isdn"'),
        ("+4917212345678", "nobody"),
        ("rise_max_seconds = 1800", "rise_max_secs = 1800"),
    ]:
        text = text.replace(old, new, 1)
    assert problems(tmp_path, text) == (
        'office.language: "fr" is none of de, en',
        'trunks[2].watch: "sip:gsm" is none of pjsip:ENDPOINT, iax2:PEER, device:DEVICE, none',
        'people[2].numbers[1]: "nobody" has letters in it, a telephone number has none',
        'policy.rise_max_secs: unknown key; did you mean "rise_max_seconds"?',
        'numbers[2].trunk: "isdn" is the name of no trunk',
    )


def test_a_missing_file_a_folder_and_a_file_that_is_no_text_are_named(tmp_path: Path) -> None:
    def refused(path: Path) -> tuple[str, ...]:
        with pytest.raises(BadSettings) as bad:
            load(path, {})
        return bad.value.problems

    assert refused(tmp_path / "none.toml") == (f"{tmp_path}/none.toml: the settings file does not exist",)
    assert refused(tmp_path) == (f"{tmp_path}: cannot be read: is a directory",)
    assert refused(tmp_path / "a\0b") == (f"{tmp_path}/a\\x00b: is no TOML that can be read",)
    (tmp_path / "binary").write_bytes(b"\x00\xff")
    assert refused(tmp_path / "binary") == (f"{tmp_path}/binary: is no UTF-8 text (byte 2)",)


def test_invalid_toml_is_told_with_its_line(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[office]\nid = "muster"\nname = Muster\n')
    assert found == f"{tmp_path}/failover.toml: is no TOML: Invalid value (at line 3, column 8)"
    (nested,) = problems(tmp_path, "x = " + "[" * 100_000)
    assert nested == f"{tmp_path}/failover.toml: is no TOML that can be read"
    (endless,) = problems(tmp_path, "x = " + "1" * 5_000)
    assert endless == f"{tmp_path}/failover.toml: is no TOML that can be read"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {
        "FAILOVER_ASTERISK__SECRET": "from-the-environment",
        "FAILOVER_ASTERISK__PORT": "5039",
        "FAILOVER_ASTERISK__TLS": "true",
        "FAILOVER_POLICY__FALL_SECONDS": "2.5",
        "FAILOVER_OFFICE__NAME": "007",
        "FAILOVER_OFFICE__EMERGENCY": '["112"]',
        "FAILOVER_PANEL__LISTEN": "",
        "FAILOVER_CONFIG": "/etc/failover/failover.toml",
        "PATH": "/bin",
    }
    read = loaded(tmp_path, OFFICE, environ)
    assert read.secret() == "from-the-environment"
    assert (read.asterisk.port, read.asterisk.tls, read.policy.fall_seconds) == (5039, True, 2.5)
    assert (read.office.name, read.office.emergency) == ("007", ("112",))
    assert read.panel.listen == "127.0.0.1:8080", "an empty variable is one that is not set"


def test_a_bad_variable_is_named_and_a_secret_in_it_is_not_shown(tmp_path: Path) -> None:
    environ = {
        "FAILOVER_OFFCE__ID": "x",
        "FAILOVER_TRUNKS__0__NAME": "x",
        "FAILOVER_ASTERISK__SECRET": "two\nlines",
        "FAILOVER_ASTERISK__PORT": "many",
        "FAILOVER_OFFICE__EMERGENCY": "112",
        "FAILOVER_HOURS__HOLIDAYS": "\udcff",
        "FAILOVER_POLICY__RISE_SECOND": "1",
    }
    assert problems(tmp_path, OFFICE, environ) == (
        'FAILOVER_OFFCE__ID: names no section; did you mean "office"?',
        "FAILOVER_TRUNKS__0__NAME: [[trunks]] stand in the file only",
        "office.emergency: 112 must be a list in brackets (from FAILOVER_OFFICE__EMERGENCY)",
        'hours.holidays: "\\udcff" is no region: a country such as "DE" or a part of one such as "DE-NI"'
        " (from FAILOVER_HOURS__HOLIDAYS)",
        'asterisk.port: "many" must be a whole number (from FAILOVER_ASTERISK__PORT)',
        "asterisk.secret: has a line break or another control character in it (from FAILOVER_ASTERISK__SECRET)",
        'policy.rise_second: unknown key; did you mean "rise_seconds"? (from FAILOVER_POLICY__RISE_SECOND)',
    )


def test_without_a_mapping_the_environment_is_that_of_the_process(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("FAILOVER_OFFICE__ID", "from-the-process")
    (tmp_path / "failover.toml").write_text(MINIMAL)
    assert load(tmp_path / "failover.toml").office.id == "from-the-process"
    assert load(tmp_path / "failover.toml", {}).office.id == "muster"


def test_the_secret_comes_from_one_place_and_is_never_printed(tmp_path: Path) -> None:
    (tmp_path / "ami").write_text(f"{SECRET}\r\n")
    by_file = MINIMAL.replace(f'secret = "{SECRET}"', 'secret_file = "ami"')
    read = loaded(tmp_path, by_file)
    assert read.secret() == SECRET
    assert read.asterisk.secret_file == str(tmp_path / "ami"), "relative to the settings file"
    assert SECRET not in f"{read} {read!r} {read.model_dump()}"
    twice = MINIMAL.replace("secret =", 'secret_file = "ami"\nsecret =')
    assert problems(tmp_path, twice) == ("asterisk.secret: is given twice: keep either secret or secret_file",)
    (tmp_path / "other").write_text("other")
    assert loaded(tmp_path, MINIMAL, {"FAILOVER_ASTERISK__SECRET_FILE": "other"}).secret() == "other"
    assert loaded(tmp_path, by_file, {"FAILOVER_ASTERISK__SECRET": "given"}).secret() == "given"


def test_an_error_carries_no_trace_of_the_values_behind_it(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as bad:
        loaded(tmp_path, OFFICE.replace('language = "de"', "language = 1"))
    assert bad.value.__context__ is None
    assert bad.value.__cause__ is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://cloud.example.org:8443/a/t0ken.ics?key=1", "https://cloud.example.org:8443/a/t0ken.ics?key=1"),
        ("http://127.0.0.1:5232/a", "http://127.0.0.1:5232/a"),
        ("http://localhost/a", "http://localhost/a"),
        ("http://[::1]/a", "http://[::1]/a"),
        ("/srv/shifts.ics", "/srv/shifts.ics"),
        ("shifts.ics", "{folder}/shifts.ics"),
        ("", ""),
    ],
)
def test_the_calendar_is_a_path_or_an_address_and_is_never_printed(tmp_path: Path, written: str, read: str) -> None:
    found = loaded(tmp_path, MINIMAL + f'[duty]\ncalendar = "{written}"\n')
    assert found.duty.calendar == read.format(folder=tmp_path)
    assert found.duty.calendar_minutes == 5
    assert "t0ken" not in repr(found)


def test_hours_are_spans_of_a_week_and_a_day_wins_over_a_range(tmp_path: Path) -> None:
    hours = '[hours]\nmon-fri = "08:00-12:00, 13:00-18:00"\nwed = "closed"\nsun = "20:00-24:00"\n'
    week = loaded(tmp_path, MINIMAL + hours).hours.week
    working = ((480, 720), (780, 1080))
    assert week == (working, working, (), working, working, (), ((1200, 1440),))
    assert loaded(tmp_path, MINIMAL + '[hours]\nholidays = "DE"\n').hours.week is None


def test_numbers_are_read_as_the_country_writes_them(tmp_path: Path) -> None:
    austrian = OFFICE.replace('"DE"', '"AT"').replace("+4930123456", "01 234567")
    austrian = austrian.replace("ring_seconds", 'allowed_prefixes = ["+43", "+49"]\nring_seconds')
    assert loaded(tmp_path, austrian).numbers[0].number == "+431234567"


def test_a_wrong_country_is_one_problem_and_not_one_for_each_number(tmp_path: Path) -> None:
    assert len(problems(tmp_path, MINIMAL.replace('id = "muster"', 'id = "muster"\ncountry = "GE-RMANY"'))) == 1


@pytest.mark.parametrize(
    ("watch", "dial", "kind", "peer"),
    [
        ("iax2:carrier", "IAX2/me:word@192.0.2.1/{number}", "iax2", "carrier"),
        ("device:Quectel/quectel0", "Quectel/quectel0/{number}", "device", "Quectel/quectel0"),
        ("none", "Local/{number}@my-way/n", "none", ""),
        ("pjsip:siptrunk", "PJSIP/siptrunk/sip:{number}@192.0.2.1:5060", "pjsip", "siptrunk"),
    ],
)
def test_trunks_of_other_kinds_say_what_to_dial(tmp_path: Path, watch: str, dial: str, kind: str, peer: str) -> None:
    text = MINIMAL.replace('"pjsip:telekom"', f'"{watch}"\ndial = "{dial}"')
    (trunk,) = loaded(tmp_path, text).trunks
    assert (trunk.dial, trunk.watch_kind, trunk.peer) == (dial, kind, peer)


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    read = loaded(tmp_path, MINIMAL)
    with pytest.raises(ValidationError):
        read.office.name = "other"  # type: ignore[misc]
    assert hash(read) == hash(loaded(tmp_path, MINIMAL))


# Whatever stands in the file and in the environment: settings, or lines that can be read.

VALUES = st.one_of(
    st.sampled_from(["0", "-1", "1e400", "nan", "true", "[]", "{}", "[[1]]", '[""]', '""', "2024-01-01", "10:00:00", "1" * 400]),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80).map(
        lambda text: '"' + "".join(f"\\U{ord(mark):08x}" for mark in text) + '"'
    ),
)  # fmt: skip
ASSIGNED = [line for line in EXAMPLE.read_text().splitlines() if re.match(r"[\w-]+ = ", line)]
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def settings_or_lines(folder: Path, content: bytes, environ: Mapping[str, str]) -> None:
    path = folder / "failover.toml"
    path.write_bytes(content)
    try:
        assert isinstance(load(path, environ), Settings)
    except BadSettings as bad:
        assert bad.problems
        assert all(problem.isprintable() and len(problem) < 400 for problem in bad.problems)
        assert SECRET not in str(bad)


@QUIET
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_any_file_at_all_gives_settings_or_clear_lines(tmp_path: Path, content: bytes) -> None:
    settings_or_lines(tmp_path, content, {})


@QUIET
@given(st.lists(st.tuples(st.sampled_from(ASSIGNED), VALUES), min_size=1, max_size=5), st.booleans())
def test_any_value_for_any_key_gives_settings_or_clear_lines(
    tmp_path: Path, changes: list[tuple[str, str]], secret_in_file: bool
) -> None:
    text = EXAMPLE.read_text()
    if secret_in_file:
        text = re.sub(r'^secret_file = "[^"]*"', f'secret = "{SECRET}"', text, flags=re.MULTILINE)
    for line, value in changes:
        text = text.replace(line, f"{line.partition(' = ')[0]} = {value}", 1)
    tomllib.loads(text)
    settings_or_lines(tmp_path, text.encode(), {} if secret_in_file else IN_THE_ENVIRONMENT)


KEYS = [f"FAILOVER_{section}__{key}".upper() for section, model in sections().items() for key in model.model_fields]


@QUIET
@given(
    st.dictionaries(
        st.sampled_from(
            [*KEYS, "FAILOVER_", "FAILOVER___", "FAILOVER_OFFICE", "FAILOVER_OFFICE__", "FAILOVER_HOURS__MON"]
        )
        | st.text(max_size=20).map(lambda text: "FAILOVER_" + text),
        st.text(max_size=40) | st.sampled_from(["[]", "{}", "null", "1", "[1]", '{"a": 1}', "\udcff"]),
        max_size=6,
    )
)
def test_any_environment_gives_settings_or_clear_lines(tmp_path: Path, environ: dict[str, str]) -> None:
    settings_or_lines(tmp_path, OFFICE.replace(SECRET, "other").encode(), environ)
