"""Packets that get lost: one nftables table per lab, which speaks of the lab's own addresses only.

Dropped at `input`, as on the way: at `output` the sender would be told by an error, and nothing would be silent.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

PREFIX = "failover_lab"


class Firewall:
    """The losses of the lab on 127.0.`net`.x. The table stands only while there is a loss."""

    def __init__(self, net: int) -> None:
        self.table = f"{PREFIX}_{os.getpid()}_{net}"
        self._rules: dict[int, list[str]] = {}
        self._serial = itertools.count()
        atexit.register(self.close)

    @contextlib.contextmanager
    def losing(self, addresses: list[str], *, share: float = 1.0, sip_only: bool = False) -> Iterator[None]:
        """UDP packets to and from these addresses get lost, all or a share of them. AMI is TCP and stays."""
        what = "udp dport 5060" if sip_only else "meta l4proto udp"
        chance = "" if share >= 1 else f"numgen random mod 1000 < {round(share * 1000)}"
        group = "{ " + ", ".join(addresses) + " }"
        ways = (f"ip saddr {group} ip daddr != {group}", f"ip saddr != {group} ip daddr {group}")
        key = next(self._serial)
        self._rules[key] = [f"{what} {way} {chance} counter drop" for way in ways]
        try:
            self._write()
            yield
        finally:
            self._rules.pop(key, None)  # gone already where the lab was closed before the fault ended
            self._write()

    def close(self) -> None:
        self._rules.clear()
        self._write()
        atexit.unregister(self.close)

    def _write(self) -> None:
        """Replace the table in one transaction: no packet slips through between."""
        rules = "\n".join(rule for group in self._rules.values() for rule in group)
        hook = "type filter hook input priority -10; policy accept;"
        table = f"table inet {self.table} {{\nchain lost {{\n{hook}\n{rules}\n}}\n}}" if rules else ""
        _nft(f"table inet {self.table}\ndelete table inet {self.table}\n{table}\n")


def tables() -> list[str]:
    """The names of all tables that labs have made on this machine."""
    listing = subprocess.run(["nft", "-j", "list", "tables"], capture_output=True, text=True, check=True).stdout
    names = [entry["table"]["name"] for entry in json.loads(listing)["nftables"] if "table" in entry]
    return [name for name in names if name.startswith(PREFIX)]


def dropped(table: str) -> int:
    """How many packets that table has dropped."""
    listing = subprocess.run(["nft", "-j", "list", "table", "inet", table], capture_output=True, text=True, check=True)
    parts = [p for e in json.loads(listing.stdout)["nftables"] if "rule" in e for p in e["rule"]["expr"]]
    return sum(part["counter"]["packets"] for part in parts if "counter" in part)


def sweep() -> None:
    """Remove what a lab killed by `kill -9` has left behind."""
    for name in tables():
        if not Path(f"/proc/{name.removeprefix(PREFIX).split('_')[1]}").exists():
            _nft(f"delete table inet {name}\n")


def _nft(script: str) -> None:
    done = subprocess.run(["nft", "-f", "-"], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"nft: {done.stderr}\n{script}")
