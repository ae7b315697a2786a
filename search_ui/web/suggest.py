"""Suggestions for the search box, while somebody types in it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from indexer.errors import SearchError
from indexer.suggest import MAX_TEXT
from search_ui import suggestions
from search_ui.i18n import Translator
from search_ui.limits import client_of
from search_ui.web.render import PRIVATE, here
from service_desk.errors import TooMany
from service_desk.ratelimit import RateLimit

_RATE: Final = RateLimit(calls=600)
"""More than the API allows: each word that is typed is a few calls, and a reading room has one address."""


def suggest(request: Request) -> Response:
    """``GET /suggest?q=``: groups of suggestions in the language of the page; none while search is down."""
    try:
        _RATE.spend(client_of(request.scope))
        found = here(request).services.suggest(request.query_params.get("q", "")[:MAX_TEXT], here(request).viewer)
    except TooMany as error:
        return JSONResponse({"groups": []}, 429, {"retry-after": str(error.retry_after)})
    except SearchError:  # that search rests is said where one searches, not while one types
        return JSONResponse({"groups": []}, headers=PRIVATE)
    return JSONResponse(suggestions.shown(found, Translator(request.state.language)), headers=PRIVATE)
