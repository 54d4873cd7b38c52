"""Settings as TOML text: as much of it as failover.toml needs (the standard library only reads TOML)."""

from __future__ import annotations

import json
from typing import Any

Table = dict[str, Any]


def toml_text(table: Table, path: str = "") -> str:
    """Plain keys first, then the tables, then the arrays of tables, each under its header."""
    plain = {k: v for k, v in table.items() if not _is_table(v)}
    text = "".join(f"{_key(k)} = {_value(v)}\n" for k, v in plain.items())
    for name, value in table.items():
        if name in plain:
            continue
        inner = f"{path}{_key(name)}"
        for header, part in (
            [(f"[{inner}]", value)] if isinstance(value, dict) else [(f"[[{inner}]]", v) for v in value]
        ):
            text += f"\n{header}\n{toml_text(part, inner + '.')}"
    return text


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    """JSON writes strings, numbers, booleans and lists of them as TOML reads them."""
    return json.dumps(value, ensure_ascii=False)
