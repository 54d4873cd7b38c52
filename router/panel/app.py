"""The panel: a FastAPI application made from the doors it is given."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from router.panel import (
    account,
    account_api,
    api,
    board,
    callbacks_api,
    calls_api,
    calls_page,
    described,
    doors,
    duty,
    duty_api,
    installed,
    live,
    log_api,
    log_page,
    one_time,
    outage,
    outages,
    outages_api,
    probes,
    sign_on,
    stage,
    users,
    users_api,
    wall,
)
from router.panel.border import Border
from router.panel.deps import Panel, PanelDeps
from router.panel.etags import Etags
from router.panel.fates import Fates
from router.panel.hub import Hub
from router.panel.keys import Keys
from router.panel.live import Pages
from router.panel.refused import answer_refusals
from router.panel.rendering import STATIC
from router.panel.throttle import Throttle
from router.panel.today import Today

__all__ = ["PanelDeps", "create_app"]

PARTS = (
    api, duty_api, calls_api, callbacks_api, outages_api, log_api, described, board, duty, calls_page, outages,
    outage, log_page, wall, installed, doors, one_time, users, account, users_api, account_api, live, probes,
)  # fmt: skip


def create_app(deps: PanelDeps) -> FastAPI:
    """The application. It starts no task of its own; serve it with `panel.server.Server`, which ends its streams."""
    app = FastAPI(
        title="Call failover router", version="1", description=described.DESCRIPTION,
        openapi_url=None, docs_url=None, redoc_url=None, separate_input_output_schemas=False,
    )  # fmt: skip
    hub = Hub(deps.board.changes, deps.refresh_seconds)
    today = Today(deps.journal)
    deps.journal.tell_when_written(today.forget)
    deps.journal.tell_when_written(hub.touch)
    app.state.panel = Panel(
        deps,
        hub,
        Pages(
            board.BOARD,
            duty.DUTY,
            calls_page.CALLS,
            outages.OUTAGES,
            outage.OUTAGE,
            log_page.LOG,
            wall.WALL,
            users.USERS,
            users.USER,
            account.ACCOUNT,
        ),
        Throttle(deps.ticking),
        Fates(),
        today,
        Keys(deps.accounts, deps.access),
        deps.now(),
    )
    parts = [*PARTS, *([stage] if deps.demo is not None else []), *([sign_on] if deps.sign_on is not None else [])]
    for part in parts:  # `include_router` would read every signature again: a tenth of a second
        app.router.routes += part.routes.routes
    # Compressed is what holds no secret; pages hold their form token beside what others wrote (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=500), name="static")
    answer_refusals(app)
    app.add_middleware(Etags)
    app.add_middleware(Border)
    return app
