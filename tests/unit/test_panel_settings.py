"""[panel] and [oidc] of the settings: certificates that fit, proxies that are addresses, a service that is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from router.settings import BadSettings, Settings, load
from router.settings.panel import tls_files
from tests.unit.panel.serving import certificate
from tests.unit.test_bad_settings_command import GOOD


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "failover.toml"
    base = re.sub(r"(?m)^\[panel\]\n(.+\n)*", "", GOOD)
    file.write_text(f"{base}\n{text}")
    return load(file, {})


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as bad:
        loaded(folder, text)
    return bad.value.problems


def test_a_certificate_and_its_key_make_it_https(tmp_path: Path) -> None:
    files = certificate(tmp_path, "panel")
    settings = loaded(
        tmp_path, '[panel]\nlisten = "0.0.0.0:8443"\ntls_certificate = "panel.pem"\ntls_key = "panel.key"'
    )
    assert tls_files(settings.panel) == files
    assert settings.panel.address == "https://127.0.0.1:8443"
    assert not settings.panel.bare


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('tls_certificate = "panel.pem"', "panel.tls_key: is missing: tls_certificate needs its key"),
        ('tls_key = "panel.key"', 'panel.tls_key: "panel.key" is given without tls_certificate'),
        ('tls_certificate = "none.pem"\ntls_key = "panel.key"', 'panel.tls_certificate: "none.pem" does not exist'),
        (
            'tls_certificate = "panel.pem"\ntls_key = "other/panel.key"',
            'panel.tls_key: "other/panel.key" does not belong to tls_certificate',
        ),
        (
            'tls_certificate = "failover.toml"\ntls_key = "panel.key"',
            'panel.tls_key: "panel.key" and tls_certificate are no PEM files with a key (without a password) and its '
            "certificate",
        ),
        ('proxies = ["proxy.local"]', 'panel.proxies[1]: "proxy.local" must be an address or a network, such as "10.0.0.5" or "10.0.0.0/24"'),  # noqa: E501
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    certificate(tmp_path, "panel")
    (tmp_path / "other").mkdir()
    certificate(tmp_path / "other", "other")
    assert problems(tmp_path, f"[panel]\n{text}") == (said,)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('listen = "127.0.0.1:8080"', False),
        ('listen = "[::1]:8080"', False),
        ('listen = "localhost:8080"', False),
        ('listen = "0.0.0.0:8080"', True),
        ('listen = "192.0.2.1:8080"', True),
        ('listen = "0.0.0.0:8080"\nproxies = ["10.0.0.0/8"]', False),
    ],
)
def test_passwords_that_would_cross_the_network_readable_are_known(tmp_path: Path, text: str, bare: bool) -> None:
    assert loaded(tmp_path, f"[panel]\n{text}").panel.bare is bare


def test_a_sign_on_service_and_its_groups(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    told = loaded(
        tmp_path,
        '[oidc]\nissuer = "https://sso.example.org/realms/office"\nclient_id = "panel"\nclient_secret_file = "secret"\n'
        'roles = { "chiefs" = "admin", "the office" = "staff" }',
    ).oidc
    assert told.roles == (("chiefs", "admin"), ("the office", "staff"))
    assert told.client_secret.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('issuer = "http://sso.example.org"\nclient_id = "x"', 'oidc.issuer: "http://sso.example.org" must be https://HOST/…'),
        ('issuer = "https://sso.example.org"', "oidc: has an issuer and no client_id"),
        ('roles = { "chiefs" = "boss" }', "oidc.roles: gives a role that is none of viewer, staff, admin"),
        ('roles = ["chiefs"]', 'oidc.roles: must be a table: { "group" = "staff" }'),
        ('default_role = "boss"', 'oidc.default_role: "boss" is none of , viewer, staff, admin'),
        ('client_secret_file = "gone"', 'oidc.client_secret_file'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_said_without_the_secret(tmp_path: Path, text: str, said: str) -> None:
    (told, *more) = problems(tmp_path, f"[oidc]\n{text}")
    assert told.startswith(said), told
    assert not more
