"""python -m tests.bench [switching set_up forwarded many idle silence]: measures, prints a table and JSON."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.bench import figures
from tests.bench.calls import forwarded, many
from tests.bench.idle import idle
from tests.bench.silence import silence
from tests.bench.switching import set_up, switching
from tests.lab.lab import Lab
from tests.lab.router import Router

BARE = "\n[bench-bare]\nexten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@telekom,60)\n"


async def main(chosen: list[str]) -> None:
    seed = random.randrange(10**6)
    measured: list[figures.Figure] = []
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
                if "silence" in chosen:
                    measured += await silence(lab, lab.office.ami_secret, seed)
            finally:
                router.close()
    sys.stdout.write(f"seed {seed}\n{figures.table(measured)}\n{figures.as_json(measured)}\n")


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
    asyncio.run(main(sys.argv[1:] or ["switching", "set_up", "forwarded", "many", "idle", "silence"]))
