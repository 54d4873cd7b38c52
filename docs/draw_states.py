"""Draws the state diagram in README.md from the table that decides (router.core.health.RULES).

python docs/draw_states.py            rewrites the block between the two markers
python docs/draw_states.py --check    changes nothing; exit code 1 when the block is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from router.core.health import DIVERTED, RULES, Rule, State, at_once, believed, fallen, risen

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- states -->", "<!-- /states -->"
AFTER = {
    at_once: "",
    fallen: ", for the fall time",
    risen: ", for the rise time",
    believed: " (after failed calls: for the rise time)",
}


def diagram() -> str:
    """The table as a Mermaid state diagram; states in which calls are diverted are drawn as such."""
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {State.UNKNOWN.value}"]
    pairs: dict[tuple[State, State], list[str]] = {}
    for rule in RULES:
        pairs.setdefault((rule.state, rule.to), []).append(_label(rule))
    lines += [f"    {state.value} --> {to.value}: {'<br>'.join(labels)}" for (state, to), labels in pairs.items()]
    lines += ["    classDef diverted fill:#f4c7c3,color:#000"]
    lines += [f"    class {','.join(sorted(state.value for state in DIVERTED))} diverted", "```"]
    return "\n".join(lines)


def _label(rule: Rule) -> str:
    return rule.verdict.value + AFTER[rule.when]


def drawn(text: str) -> str:
    """`text` with the diagram between the markers. Raises ValueError where they are missing."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no {BEGIN} … {END} in the text")
    return f"{head}{BEGIN}\n{diagram()}\n{END}{tail}"


def main(arguments: list[str]) -> int:
    text = README.read_text(encoding="utf-8")
    fresh = drawn(text)
    if "--check" in arguments:
        if fresh != text:
            sys.stderr.write("The state diagram in README.md is stale: run `make states`.\n")
        return int(fresh != text)
    README.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
