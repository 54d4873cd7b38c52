"""What makes a phone offer to keep the panel on its home screen (W3C Web Application Manifest).

There is no service worker: a page from a store could show an old state as if it were now.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from router.panel import guard, language
from router.panel.deps import panel_of
from router.panel.rendering import asset

routes = APIRouter(include_in_schema=False)

LIGHT, GROUND = "#f4f4f1", "#1f4f8f"
SHORTEST = 12
"""Characters that a home screen has room for."""


@routes.get("/manifest.webmanifest", dependencies=[Depends(guard.anyone())])
async def manifest(request: Request) -> Response:
    """Browsers ask for it without the session's cookie."""
    return JSONResponse(_manifest(request), media_type="application/manifest+json")


def _manifest(request: Request) -> dict[str, Any]:
    name, speech = panel_of(request).office.site.name, language.speech_for(request)
    short = name if len(name) <= SHORTEST else name.split()[0][:SHORTEST]
    return {
        "id": "/", "name": name[:200], "short_name": short, "lang": speech.language, "start_url": "/", "scope": "/",
        "display": "standalone", "background_color": LIGHT, "theme_color": GROUND,
        "icons": [
            {"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": asset("icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }  # fmt: skip
