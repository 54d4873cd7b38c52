"""The office's sign-on service, as the settings name it."""

from __future__ import annotations

import time

import structlog

from router.ports import Role, SignOn
from router.settings import Settings

log = structlog.get_logger(__name__)


def sign_on_of(settings: Settings) -> SignOn | None:
    """The office's sign-on service; None where there is none, or where what it needs is not installed."""
    told = settings.oidc
    if not told.issuer:
        return None
    try:
        from router.panel.oidc import Client, OidcSignOn  # noqa: PLC0415 - an extra
    except ImportError:
        log.error("[oidc] needs an extra that is not installed: pip install '.[oidc]'. Only passwords open the panel.")
        return None
    roles = tuple((group, Role(role)) for group, role in told.roles)
    default = Role(told.default_role) if told.default_role else None
    secret = told.client_secret.get_secret_value()
    client = Client(told.issuer, told.client_id, secret, told.label, told.role_claim, roles, default)
    return OidcSignOn(client, time.time)
