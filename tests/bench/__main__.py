"""python -m tests.bench [NAME …] [--cuts 10 --rounds 1 --loss-minutes 2]: measures, prints a table and JSON.

The names are those of `IN_THE_LAB` and `ALONE`; without any, all of them. The numbers are those of `rivals`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.bench import figures
from tests.bench.calls import forwarded, many
from tests.bench.flood import flood
from tests.bench.idle import idle
from tests.bench.panel import panel
from tests.bench.rivals import rivals
from tests.bench.silence import silence
from tests.bench.switching import set_up, switching
from tests.bench.trunks import trunks
from tests.lab.lab import Lab
from tests.lab.router import Router

BARE = "\n[bench-bare]\nexten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@telekom,60)\n"
IN_THE_LAB = ("switching", "set_up", "forwarded", "many", "idle", "flood", "panel", "silence")
ALONE = ("trunks", "rivals")


def read(arguments: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("chosen", nargs="*", choices=[*IN_THE_LAB, *ALONE, []], metavar="NAME")
    parser.add_argument("--cuts", type=int, default=10, help="carriers that are cut in each round")
    parser.add_argument("--rounds", type=int, default=1, help="each with seven calls into a cut, of each rival")
    parser.add_argument("--loss-minutes", type=float, default=2.0, help="of 10 %% loss without a cut")
    told = parser.parse_args(arguments)
    told.chosen = told.chosen or [*IN_THE_LAB, *ALONE]
    return told


async def main(told: argparse.Namespace) -> None:
    seed = random.randrange(10**6)
    measured: list[figures.Figure] = []
    try:
        if set(told.chosen) & set(IN_THE_LAB):
            await in_the_lab(told.chosen, seed, measured)
        if "trunks" in told.chosen:
            measured += await trunks()
        if "rivals" in told.chosen:
            measured += await rivals(seed, told.cuts, told.rounds, told.loss_minutes)
    finally:  # where one part fails, the others were measured all the same
        sys.stdout.write(f"seed {seed}\n{figures.table(measured)}\n{figures.as_json(measured)}\n")


async def in_the_lab(chosen: list[str], seed: int, measured: list[figures.Figure]) -> None:
    """What one lab serves for, in turn."""
    with tempfile.TemporaryDirectory() as home:
        async with Lab() as lab:
            router = Router(lab, Path(home))
            try:
                await router.wire_office()
                await _quiet(lab)
                if "switching" in chosen:
                    measured += await switching(lab, router)
                if "set_up" in chosen:
                    measured += await set_up(lab, router)
                if "forwarded" in chosen:
                    measured += await forwarded(lab, router)
                if "many" in chosen:
                    measured += await many(lab, router)
                if "idle" in chosen:
                    lab.office.wipe_astdb_family()  # or this router would respect the one before it for a minute
                    measured += await idle(router)
                if "flood" in chosen:
                    measured += await flood(lab, router)
                if "panel" in chosen:
                    lab.office.wipe_astdb_family()
                    measured += await panel(router)
                if "silence" in chosen:
                    measured += await silence(lab, lab.office.ami_secret, seed)
            finally:
                router.close()


async def _quiet(lab: Lab) -> None:
    """An office logs warnings, not every step of its dialplan; and the bare Dial to compare with."""
    etc = lab.office.etc
    (etc / "logger.conf").write_text("[general]\n[logfiles]\nmessages.log => notice,warning,error\n")
    extensions = etc / "extensions.conf"
    extensions.write_text(extensions.read_text() + BARE)
    options = etc / "asterisk.conf"
    options.write_text(options.read_text().replace("verbose = 3", "verbose = 0"))
    await lab.office.restart()
    await lab.at_rest()


if __name__ == "__main__":
    asyncio.run(main(read(sys.argv[1:])))
