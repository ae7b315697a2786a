"""The FastAPI application that answers below ``/api/v1``."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp

from search_ui.api import attaching, problems, records, relay, requests, staff, themes
from search_ui.limits import Limits
from search_ui.services import Services
from service_desk.ratelimit import RateLimit

DESCRIPTION = (
    "Search over physical records, digitised copies and thematic databases, and requests on what was found. "
    "The same functions answer the screens and the command line. Errors are problem documents "
    "(RFC 9457) that name the field."
)
EXEMPT = frozenset({"/health"})


def create(services: Services) -> FastAPI:
    """The API over these services."""
    app = FastAPI(title="onestop", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.services = services
    problems.install(app)
    app.openapi = lambda: problems.document(app)  # type: ignore[method-assign]
    app.include_router(records.router)
    app.include_router(themes.router)
    app.include_router(requests.router)
    app.include_router(staff.router)
    app.include_router(attaching.router)
    app.include_router(relay.router)
    app.add_api_route("/health", health, tags=["Service"], summary="Which parts answer")
    app.add_api_route("/docs", docs, include_in_schema=False, response_class=HTMLResponse)
    rate = RateLimit(services.calls_per_minute)
    app.add_middleware(Limits, rate=rate, refuse=_refuse, exempt=EXEMPT, largest=attaching.largest)
    return app


def health(request: Request) -> JSONResponse:
    """``ok``, or ``degraded`` while search is down and the desk works on; 503 when the desk is down."""
    return health_answer(request.app.state.services)


def health_answer(services: Services) -> JSONResponse:
    """The answer of both health addresses."""
    parts = services.health()
    status = "ok" if set(parts.values()) == {"ok"} else "degraded" if parts["desk"] == "ok" else "down"
    return JSONResponse({"status": status, **parts}, 503 if status == "down" else 200, {"cache-control": "no-store"})


def docs(request: Request) -> HTMLResponse:
    """The routes as a page: drawn here from the OpenAPI document, with nothing fetched from elsewhere."""
    from search_ui.web.render import page

    return page(request, "api_docs.html", schema=request.app.openapi())


def _refuse(status: int, detail: str, headers: dict[str, str]) -> ASGIApp:
    return problems.problem(status, detail, headers=headers)
