"""`failover init` where there is no settings file yet: it asks the PBX and writes one."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from router.first_settings import Found, Told, account_in, found, toml_text
from router.settings import BadSettings, load
from tests.lab.lab import Lab
from tests.lab.office import ROOT

pytestmark = pytest.mark.lab


async def init(config: Path, etc: Path, host: str) -> tuple[int, str]:
    environment = os.environ | {"FAILOVER_ASTERISK__HOST": host}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router", "init", "--config", str(config), "--asterisk-dir", str(etc),
        cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=-1, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_what_the_pbx_has_is_found_and_told_apart(lab: Lab) -> None:
    seen = await found(account_in(lab.office.etc, {"FAILOVER_ASTERISK__HOST": lab.office.address}))

    assert set(seen.trunks) == {"telekom", "zweit", "gsm"}
    assert seen.trunks[-1] == "gsm", "what registers comes first"
    assert seen.phones == ("20",)


async def test_without_a_person_to_ask_the_file_says_what_to_fill_in(lab: Lab, tmp_path: Path) -> None:
    config = tmp_path / "failover.toml"

    code, said = await init(config, lab.office.etc, lab.office.address)

    assert code == 2
    assert "numbers[1].number" in said
    assert "people[1].numbers" in said
    assert config.stat().st_mode & 0o777 == 0o600, "it holds the secret"
    with pytest.raises(BadSettings):
        load(config)


async def test_with_everything_told_the_file_is_complete(lab: Lab, tmp_path: Path) -> None:
    account = account_in(lab.office.etc, {"FAILOVER_ASTERISK__HOST": lab.office.address})
    told = Told(office='Büro "Süd"', number="030 123456", person="Anna", mobile="0171 12345678")
    config = tmp_path / "failover.toml"
    config.write_text(toml_text(await found(account), told, account))

    settings = load(config)

    assert settings.office.name == 'Büro "Süd"'
    assert [trunk.name for trunk in settings.trunks][-1] == "gsm"
    assert settings.secret() == lab.office.ami_secret


async def test_an_office_without_an_account_is_told_what_to_add(lab: Lab, tmp_path: Path) -> None:
    code, said = await init(tmp_path / "failover.toml", tmp_path, lab.office.address)

    assert code == 2
    assert "There is no AMI account [failover]" in said
    assert not (tmp_path / "failover.toml").exists()


def test_a_pbx_without_trunks_still_gets_a_file_to_fill_in(lab: Lab) -> None:
    account = account_in(lab.office.etc, {})
    text = toml_text(Found((), ()), Told(), account)
    assert text.count("FILL IN") >= 5
