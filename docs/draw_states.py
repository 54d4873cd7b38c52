"""Draws the state diagram in README.md from the table that decides (router.core.health.RULES).

python docs/draw_states.py            rewrites the block between the two markers
python docs/draw_states.py --check    changes nothing; exit code 1 when the block is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from docs import drawing
from router.core.health import DIVERTED, RULES, Rule, State, at_once, believed, fallen, risen

NAME = "states"
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


def main(arguments: list[str]) -> int:
    return drawing.main(NAME, diagram(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
