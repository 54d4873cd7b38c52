"""[oidc] without its extra is said in the log, and the router runs on: passwords still open the panel."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from router.ports import Role
from router.settings import Settings, load
from router.sign_on_of import sign_on_of
from tests.unit.test_bad_settings_command import GOOD

OIDC = '[oidc]\nissuer = "https://sso.example.org"\nclient_id = "panel"\nroles = { "chiefs" = "admin" }\n'


def loaded(folder: Path, text: str = "") -> Settings:
    file = folder / "failover.toml"
    file.write_text(f"{GOOD}\n{text}")
    return load(file, {})


def test_without_the_section_nothing_of_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "router.panel.oidc", None)
    assert sign_on_of(loaded(tmp_path)) is None


def test_with_it_the_button_has_a_name(tmp_path: Path) -> None:
    service = sign_on_of(loaded(tmp_path, OIDC))
    assert service is not None
    assert service.label == "sso.example.org"
    assert service._client.roles == (("chiefs", Role.ADMIN),)  # type: ignore[attr-defined]


def test_without_the_extra_the_log_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "router.panel.oidc", None)
    with capture_logs() as said:
        assert sign_on_of(loaded(tmp_path, OIDC)) is None
    assert "pip install '.[oidc]'" in said[0]["event"]
