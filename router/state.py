"""The files beside the database: the token of this machine's own users, and the router's id."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.engine import make_url

from router.settings import Settings

TOKEN_FILE, ID_FILE = "failover.token", "failover.id"
DEFAULT_STATE = Path("/var/lib/failover")


def state_directory(settings: Settings) -> Path:
    """Where the files beside the database stand: the token and the instance id."""
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().parent
    return DEFAULT_STATE


def kept_secret(path: Path, fresh: str) -> str:
    """What the file holds; where there is none yet it is written with `fresh`, for its owner only. Raises OSError."""
    try:
        text = path.read_text().strip()
        if text:
            return text
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(fresh + "\n")
    part.replace(path)  # whoever reads it finds all of it or nothing
    return fresh
