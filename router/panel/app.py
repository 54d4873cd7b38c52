"""The panel: a FastAPI application made from the doors it is given."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from router.panel import api, board, calls_api, doors, journal, live, probes, stage
from router.panel.border import Border
from router.panel.deps import Panel, PanelDeps
from router.panel.fates import Fates
from router.panel.keys import Keys
from router.panel.refused import answer_refusals
from router.panel.rendering import STATIC
from router.panel.streams import Streams
from router.panel.throttle import Throttle

__all__ = ["PanelDeps", "create_app"]


def create_app(deps: PanelDeps) -> FastAPI:
    """The application. It starts no task of its own; serve it with `panel.server.Server`, which ends its streams."""
    app = FastAPI(title="Failover", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.panel = Panel(deps, Streams(), Throttle(deps.ticking), Fates(), Keys(deps.accounts), deps.now())
    for part in (api, calls_api, board, journal, doors, live, probes):
        app.include_router(part.routes)
    if deps.demo is not None:
        app.include_router(stage.routes)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    answer_refusals(app)
    app.add_middleware(Border)
    return app
