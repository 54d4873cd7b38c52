"""`pip install .` needs nothing else from the checkout: the wheel holds all that the router reads at run time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = {".html", ".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest", ".mo", ".mako"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as pip makes it, of what is in this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100, cwd=folder)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_it_holds_every_module_and_data_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    wanted = [p for p in (ROOT / "router").rglob("*") if p.suffix in {".py", *DATA} and "__pycache__" not in p.parts]
    missing = {str(path.relative_to(ROOT)) for path in wanted} - set(wheel.namelist())
    assert missing == set()


@pytest.mark.parametrize("kind", ["panel/templates/*.html", "panel/static/*.css", "store/migrations/versions/*.py"])
def test_it_holds_what_the_panel_and_the_database_are_made_of(wheel: zipfile.ZipFile, kind: str) -> None:
    assert any(Path(name).match(f"router/{kind}") for name in wheel.namelist())


def test_its_catalogues_are_compiled(wheel: zipfile.ZipFile) -> None:
    magic = {b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"}  # GNU gettext manual, "The Format of GNU MO Files"
    assert wheel.read("router/panel/locale/de/LC_MESSAGES/messages.mo")[:4] in magic


def test_it_brings_the_dialplan_along_unchanged(wheel: zipfile.ZipFile) -> None:
    shipped = wheel.read("router/asterisk/extensions_failover.conf")
    assert shipped == (ROOT / "asterisk/extensions_failover.conf").read_bytes()


def test_it_leaves_out_what_only_developers_need(wheel: zipfile.ZipFile) -> None:
    [info] = {name.partition("/")[0] for name in wheel.namelist()} - {"router"}
    assert info.endswith(".dist-info")
    assert not [name for name in wheel.namelist() if "__pycache__" in name or name.endswith((".pyc", ".part"))]


def test_it_installs_the_command(wheel: zipfile.ZipFile) -> None:
    [entry_points] = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "failover = router.__main__:main" in wheel.read(entry_points).decode().splitlines()
