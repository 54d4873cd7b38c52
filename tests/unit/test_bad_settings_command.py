"""`failover run` with a bad settings file: clear lines, exit code 2, and nothing was started."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-Zx9"
GOOD = f"""
[office]
id = "muster"
name = "Muster"
language = "de"
outside_prefix = "0"
[asterisk]
username = "failover"
secret = "{SECRET}"
[[trunks]]
name = "telekom"
watch = "pjsip:telekom"
dial = "PJSIP/{{number}}@telekom"
[[numbers]]
number = "+4930123456"
trunk = "telekom"
calls = "office-phones,{{did}},1"
[[people]]
name = "Anna"
numbers = ["+4917112345678"]
[policy]
rise_seconds = 120
[panel]
listen = "127.0.0.1:8080"
[database]
url = "sqlite+aiosqlite:///failover.db"
"""
# what stands in the file, what stands there instead, and the line that is said
BAD = {
    "missing key": ('id = "muster"\n', "", "office.id: is missing"),
    "unknown key": ("language", "langauge", 'office.langauge: unknown key; did you mean "language"?'),
    "unknown section": ("[policy]", "[polcy]", 'polcy: unknown key; did you mean "policy"?'),
    "wrong type": ("rise_seconds = 120", 'rise_seconds = "120"', 'policy.rise_seconds: "120" must be a number'),
    "unknown language": ('"de"', '"fr"', 'office.language: "fr" is none of de, en'),
    "a prefix that is none": ('"0"', '"0,"', 'office.outside_prefix: "0," must be at most 4 of 0-9, * and #'),
    "no user name": ('username = "failover"\n', "", "asterisk.username: is missing"),
    "no secret": (
        f'secret = "{SECRET}"\n',
        "",
        "asterisk.secret: is missing: give secret_file, secret or FAILOVER_ASTERISK__SECRET",
    ),
    "a secret file that is none": (
        f'secret = "{SECRET}"',
        'secret_file = "run/ami"',
        'asterisk.secret_file: "run/ami" does not exist',
    ),
    "a line break in the user name": (
        '"failover"',
        '"a\\r\\nAction: x"',
        'asterisk.username: "a\\r\\nAction: x" must be 1 to 80 ASCII characters without blanks',
    ),
    "an unknown way to watch": (
        "pjsip:telekom",
        "sip:telekom",
        'trunks[1].watch: "sip:telekom" is none of pjsip:ENDPOINT, iax2:PEER, device:DEVICE, none',
    ),
    "a Dial string with options": (
        "PJSIP/{number}@telekom",
        "PJSIP/{number}@t,60,U(x)",
        'trunks[1].dial: "PJSIP/{number}@t,60,U(x)" must be TECHNOLOGY/… of letters, digits and _ + @ : / . - only',
    ),
    "a number that is none": (
        '"+4930123456"',
        '"030 PIZZA"',
        'numbers[1].number: "030 PIZZA" has letters in it, a telephone number has none',
    ),
    "a trunk that does not exist": (
        'trunk = "telekom"',
        'trunk = "telecom"',
        'numbers[1].trunk: "telecom" is the name of no trunk; did you mean "telekom"?',
    ),
    "the way of a call into a circle": (
        "office-phones,",
        "failover-inbound,",
        "numbers[1].calls: \"failover-inbound,{did},1\" leads back into the router's own dialplan",
    ),
    "an emergency number for a mobile": (
        '"+4917112345678"',
        '"112"',
        'people[1].numbers[1]: "112" is an emergency number, which the router never forwards to',
    ),
    "a person who does not exist": (
        "[policy]",
        '[forwarding]\npeople = ["Ana"]\n[policy]',
        'forwarding.people[1]: "Ana" is the name of no person; did you mean "Anna"?',
    ),
    "an address that is none": (
        '"127.0.0.1:8080"',
        '"8080"',
        'panel.listen: "8080" must be host:port, such as "127.0.0.1:8080" or "[::1]:8080"',
    ),
    "an unknown database": (
        "sqlite+aiosqlite:///failover.db",
        "mysql://me:pw@host/x",
        'database.url: "mysql://me:***@host/x" must be sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER@HOST/NAME',
    ),
    "no TOML": (
        "[office]",
        "[office",
        "{config}: is no TOML: Expected ']' at the end of a table declaration (at line 2, column 8)",
    ),
    "no file": (GOOD, None, "{config}: the settings file does not exist"),
}  # fmt: skip

# Python tells of each socket and each file that a process opens; this keeps what changes anything, from the start on.
WATCH = """
import atexit, json, os, sys
done = []
told = {"socket.bind", "socket.connect", "socket.getaddrinfo", "os.mkdir", "subprocess.Popen", "sqlite3.connect"}
def heed(event, args):
    if event in told:
        done.append([event, repr(args)])
    elif event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        done.append([event, repr(args)])
sys.addaudithook(heed)
def tell():
    kept = list(done)
    with open(os.environ["WATCHED"], "w") as file:
        json.dump(kept, file)
atexit.register(tell)
"""

Ended = tuple[subprocess.CompletedProcess[str], list[list[str]], Path]


def run(folder: Path, text: str | None, *command: str) -> Ended:
    """`failover run` (or `command`) with that text as its settings; how it ended, what it opened, where it was."""
    home, watch = folder / "home", folder / "watch"
    home.mkdir(parents=True)
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(WATCH)
    if text is not None:
        (home / "failover.toml").write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAILOVER_")}
    environment |= {"WATCHED": str(watch / "done"), "PYTHONPATH": f"{watch}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    arguments = [sys.executable, "-m", "router", *(command or ("run",)), "--config", str(home / "failover.toml")]
    done = subprocess.run(arguments, cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done, json.loads((watch / "done").read_text()), home


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """All of them, two at a time: each is a process of its own."""
    with ThreadPoolExecutor(2) as pool:
        cases = {name: None if new is None else GOOD.replace(old, new, 1) for name, (old, new, _) in BAD.items()}
        assert all(text != GOOD for text in cases.values())
        places = {name: tmp_path_factory.mktemp("bad") for name in cases}
        yield {name: pool.submit(run, places[name], text) for name, text in cases.items()}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_is_told_in_one_line_and_nothing_is_started(runs: dict[str, Future[Ended]], fault: str) -> None:
    done, opened, home = runs[fault].result()
    assert done.returncode == 2
    assert done.stderr.splitlines() == [BAD[fault][2].replace("{config}", str(home / "failover.toml"))]
    assert done.stdout == ""
    assert SECRET not in done.stderr
    assert opened == []
    assert [path.name for path in home.iterdir()] == (["failover.toml"] if BAD[fault][1] is not None else [])


def test_the_watch_on_the_command_sees_a_file_that_is_written(tmp_path: Path) -> None:
    """Or the test above would show nothing."""
    done, opened, _ = run(tmp_path, GOOD, "init", "--asterisk-dir", str(tmp_path))
    assert done.returncode == 0
    assert {event for event, _ in opened} == {"open"}


@pytest.mark.parametrize("text", [GOOD, None])
def test_init_where_there_is_no_asterisk_names_the_option(tmp_path: Path, text: str | None) -> None:
    done, _, _ = run(tmp_path, text, "init", "--asterisk-dir", "/nowhere")
    line = "There is no directory /nowhere: say with --asterisk-dir where extensions.conf is."
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")


def test_several_faults_are_told_at_once_a_line_each(tmp_path: Path) -> None:
    several = ("unknown language", "wrong type", "an address that is none")
    text = GOOD
    for fault in several:
        old, new, _ = BAD[fault]
        assert new is not None
        text = text.replace(old, new, 1)
    done, opened, _ = run(tmp_path, text)
    assert (done.returncode, opened) == (2, [])
    assert sorted(done.stderr.splitlines()) == sorted(BAD[fault][2] for fault in several)
