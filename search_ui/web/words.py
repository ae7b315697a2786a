"""A word on a hit from the record page: kept with the query and the rank it was found by."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from search_ui import paths
from search_ui.limits import client_of
from search_ui.web.forms import Fields
from search_ui.web.record import not_found
from search_ui.web.render import here, page
from service_desk.errors import Invalid, NotFound, TooMany
from service_desk.forms import FeedbackForm, parse
from service_desk.ratelimit import RateLimit

_RATE = RateLimit(calls=30)


def feedback(request: Request, fields: Fields) -> Response:
    """``POST /r/<id>/feedback``; a script gets 204, a plain form goes back to the record."""
    context, resource_id = here(request), request.path_params["id"]
    try:
        _RATE.spend(client_of(request.scope))
        context.services.desk.feedback.add(
            parse(FeedbackForm, _form(resource_id, fields)), context.viewer, context.visitor
        )
    except NotFound:
        return not_found(request)
    except TooMany as error:
        return page(request, "sorry.html", 429, sentence=str(error))
    except Invalid as error:
        return page(request, "sorry.html", 422, sentence=str(error))
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"said": fields.get("kind")}, 201)
    back = paths.record(resource_id, q=fields.get("query"), rank=fields.get("rank"), said=fields.get("kind"))
    return RedirectResponse(f"{back}#feedback", 303)


def _form(resource_id: str, fields: Fields) -> dict[str, Any]:
    rank = fields.get("rank", "")
    return {
        "resource_id": resource_id,
        "kind": fields.get("kind", ""),
        "note": fields.get("note", ""),
        "query": fields.get("query") or None,
        "rank": int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 8 else None,
    }
