"""What this is, where it comes from and how fresh it is; and whether its parts answer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from indexer.errors import SearchError
from search_ui.api.application import health_answer
from search_ui.services import SourceState, current
from search_ui.web.render import page


def about(request: Request) -> Response:
    """The sources and the day each was brought up to date; opening hours and whom to ask, also while search is down."""
    try:
        sources: list[SourceState] | None = current().sources()
    except SearchError:
        sources = None
    return page(request, "about.html", sources=sources)


def health(request: Request) -> Response:
    """``/health``, for whoever watches over the machine."""
    return health_answer(current())


def ready(request: Request) -> Response:
    """``/ready``, for proxies and schedulers: 200 when readers can be sent here, 503 when they should not be."""
    is_ready = current().is_ready()
    return PlainTextResponse("ok" if is_ready else "not ok", 200 if is_ready else 503, {"cache-control": "no-store"})
