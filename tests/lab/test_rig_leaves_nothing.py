"""Nothing is left of a lab: no process, no packet filter, no mount, however it ended. And its small tools are right."""

from __future__ import annotations

import asyncio
import math
import os
import struct
import sys
import time
import tomllib
import wave
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.lab import chroot, firewall
from tests.lab.lab import Lab
from tests.lab.office import ROOT
from tests.lab.polled import polled
from tests.lab.toml_text import toml_text
from tests.lab.tone import contains_tone


def _mounts() -> list[str]:
    return [line for line in Path("/proc/mounts").read_text().splitlines() if f"{chroot.root()}/" in line]


def _alive(pids: Iterable[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


async def test_nothing_is_left_of_a_lab(lab: Lab) -> None:
    async with Lab() as second:
        assert second.net != lab.net
        pids = [asterisk.pid for asterisk in second.all]
        with second.telekom.silent():
            assert second.firewall.table in firewall.tables()
        loss = second.telekom.silent()
        loss.__enter__()
    assert second.firewall.table not in firewall.tables()
    assert not _alive(pids)
    assert not _mounts()
    assert not second.office.home.exists()


async def test_a_lab_whose_process_is_killed_leaves_no_asterisk_and_no_mount(lab: Lab) -> None:
    script = """
import asyncio, sys
from tests.lab.lab import Lab
from tests.lab.office import ROOT
async def main():
    async with Lab() as lab:
        with lab.telekom.silent():
            print(*(a.pid for a in lab.all), flush=True)
            await asyncio.sleep(600)
asyncio.run(main())
"""
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=-1, cwd=ROOT)
    assert victim.stdout
    pids = [int(pid) for pid in (await victim.stdout.readline()).split()]
    assert len(pids) == len(lab.all)
    victim.kill()
    await victim.wait()
    await polled("every Asterisk is gone", lambda: not _alive(pids), within=5)
    assert not _mounts()
    firewall.sweep()
    assert not [name for name in firewall.tables() if f"_{victim.pid}_" in name]


def _write_tone(path: Path, hz: float, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(8000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", s) for s in samples))


def test_a_tone_is_told_from_its_neighbour_and_from_silence(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    _write_tone(path, 660, 1)
    assert contains_tone(path, 660)
    assert not contains_tone(path, 640)
    assert not contains_tone(path, 880)
    _write_tone(path, 0, 1)
    assert not contains_tone(path, 660)
    assert not contains_tone(tmp_path / "missing.wav", 660)


def test_settings_written_as_toml_read_back_the_same() -> None:
    table = {
        "office": {"id": "a", "name": 'Ä "x"\\ \n', "emergency": ["110", "112"]},
        "trunks": [{"name": "t", "channels": 2, "weight": 0.5}, {"name": "u", "watch": False}],
        "adapter": {"http": {"header": {"X-Key": "1"}}},
        "empty": [],
    }
    assert tomllib.loads(toml_text(table)) == table


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_building_the_chroot_again_does_nothing() -> None:
    begun = time.monotonic()
    assert (chroot.ready() / "usr/sbin/asterisk").exists()
    assert time.monotonic() - begun < 2
