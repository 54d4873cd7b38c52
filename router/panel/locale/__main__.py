"""`python -m router.panel.locale`: collect, compile, and name what is not translated yet (exit code 1 then)."""

from __future__ import annotations

import sys

from router.panel.locale import TRANSLATED, renew

missing = [f"{language}: {text}" for language in TRANSLATED for text in renew(language)]
sys.stderr.write("".join(f"not translated: {line}\n" for line in missing))
sys.exit(1 if missing else 0)
