"""Plain pages while search or the desk rests: they say so with 503, since when, and what goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from indexer.errors import SearchError
from search_ui.resting import RETRY_AFTER, Rest, rest
from search_ui.web.render import desk_down, here, page
from service_desk.errors import Unavailable


def or_paused(draw: Callable[..., Response]) -> Callable[..., Response]:
    """A page that says that search is paused, or the desk, when it cannot be drawn without."""

    @wraps(draw)
    def drawn(request: Request, *given: Any) -> Response:
        try:
            return draw(request, *given)
        except SearchError:
            return paused(request)
        except Unavailable:
            return desk_down(request)

    return drawn


def paused(request: Request) -> Response:
    """That search is paused. It looks again by itself when it was only read: what was sent is not sent again."""
    context = here(request)
    told = rest(context.services, context.viewer, context.words) or Rest()
    themes = [(theme.name, theme.title.in_(context.language)) for theme in context.services.themes.all()]
    answer = page(request, "paused.html", 503, rest=told, themes=themes, is_read=request.method == "GET")
    answer.headers.update(RETRY_AFTER)
    return answer
