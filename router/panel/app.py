"""The panel: a FastAPI application made from the doors it is given."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from router.panel import api, board, calls_api, described, doors, duty, duty_api, journal, live, probes, stage
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

__all__ = ["PanelDeps", "create_app"]


def create_app(deps: PanelDeps) -> FastAPI:
    """The application. It starts no task of its own; serve it with `panel.server.Server`, which ends its streams."""
    app = FastAPI(
        title="Call failover router", version="1", description=described.DESCRIPTION,
        openapi_url=None, docs_url=None, redoc_url=None, separate_input_output_schemas=False,
    )  # fmt: skip
    hub = Hub(deps.board.changes, deps.refresh_seconds)
    deps.journal.tell_when_written(hub.touch)
    app.state.panel = Panel(
        deps, hub, Pages(board.BOARD, duty.DUTY), Throttle(deps.ticking), Fates(), Keys(deps.accounts), deps.now()
    )
    for part in (api, calls_api, described, board, duty, duty_api, journal, doors, live, probes):
        app.include_router(part.routes)
    if deps.demo is not None:
        app.include_router(stage.routes)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    answer_refusals(app)
    app.add_middleware(Etags)
    app.add_middleware(Border)
    return app
