"""The tables of users, their sessions, links, second factors and tokens."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from router.store.columns import Moment, Serial, metadata

users = Table(
    "users",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("last_login", Moment),
    Column("role", Text, nullable=False, server_default="admin"),
    Column("language", Text),
    Column("subject", Text),
    Index("ix_users_subject", "subject", unique=True),
    sqlite_autoincrement=True,
)
"""`folded` is the name without case, so that Anna and anna are one; `password` is an argon2 hash, empty for users of
the sign-on service, whose `subject` is who they are there."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("address", Text),
    Column("browser", Text),
)
"""`token` is the SHA-256 of what the browser holds, in hex."""

invitations = Table(
    "invitations",
    metadata,
    Column("token", Text, primary_key=True),
    Column("created", Moment, nullable=False),
    Column("role", Text, nullable=False, server_default="admin"),
    Column("name", Text),
    Column("by_id", Serial, ForeignKey("users.id", ondelete="CASCADE")),
)
"""One-time links that are still open; `token` as in `sessions`. `by_id` is null for that of the first start."""

resets = Table(
    "resets",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("by", Text, nullable=False),
    Column("created", Moment, nullable=False),
)
"""One-time links with which a user sets a new password; `token` as in `sessions`."""

second_factors = Table(
    "second_factors",
    metadata,
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("secret", Text, nullable=False),
    Column("confirmed", Moment),
    Column("used", BigInteger, nullable=False, server_default="0"),
)
"""`secret` in base32; `used` is the time step of the last code taken, none up to it is taken again."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
)
"""Those not used yet, as SHA-256 in hex."""

login_steps = Table(
    "login_steps",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
)
"""Logins whose password was right and whose code is awaited; `token` as in `sessions`."""

familiar = Table(
    "familiar",
    metadata,
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("mark", Text, primary_key=True),
    Column("last_seen", Moment, nullable=False),
)
"""Browsers and networks from which a user has logged in."""

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("user_id", Serial, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("last_use", Moment),
    Column("until", Moment),
    sqlite_autoincrement=True,
)
"""What programs show instead of a password; `token` as in `sessions`."""
