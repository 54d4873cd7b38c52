"""Parts of README.md that are drawn from the code: the text between `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def drawn(text: str, name: str, part: str) -> str:
    """`text` with `part` between the markers of that name. Raises ValueError where they are missing."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"no {begin} … {end} in the text")
    return f"{head}{begin}\n{part}\n{end}{tail}"


def main(name: str, part: str, arguments: list[str]) -> int:
    """Rewrite that part of README.md; with --check change nothing, and give 1 where it is stale."""
    text = README.read_text(encoding="utf-8")
    fresh = drawn(text, name, part)
    if "--check" in arguments:
        if fresh != text:
            sys.stderr.write(f"What README.md shows between its markers `{name}` is stale: run `make states`.\n")
        return int(fresh != text)
    README.write_text(fresh, encoding="utf-8")
    return 0
