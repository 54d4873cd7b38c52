"""Writes requirements/*.txt from what .venv holds: names and versions only, no address of any index.

.venv/bin/python -m tests.setup.pins
"""

from __future__ import annotations

import tomllib
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.setup.steps import ROOT


def closure(wanted: list[str]) -> dict[str, str]:
    """Every distribution that these requirements need here, by name, with its version."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    queue = [(Requirement(text), "") for text in wanted]
    while queue:
        requirement, of_extra = queue.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": of_extra}):
            continue
        there = distribution(requirement.name)
        name = canonicalize_name(there.metadata["Name"])
        found[name] = there.version
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) not in seen:
                seen.add((name, extra))
                queue += [(Requirement(text), extra) for text in there.requires or []]
    return found


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = closure(project["project"]["dependencies"])
    dev = closure(project["dependency-groups"]["dev"])
    groups = {"runtime": runtime, "dev": {name: version for name, version in dev.items() if name not in runtime}}
    for group, pins in groups.items():
        lines = [] if group == "runtime" else ["-r runtime.txt"]
        lines += [f"{name}=={version}" for name, version in sorted(pins.items())]
        (ROOT / f"requirements/{group}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
