"""Ratings as they are sent: by the reader from the page of a request (`rating_part`), by a clerk from ``/ratings``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import here, page
from service_desk.errors import Conflict, Invalid, NotFound
from service_desk.forms import parse
from service_desk.ratings.service import STARS, WORDS, RatingForm

_work = only("requests.work", somewhere=True)


def rate(request: Request, fields: Fields) -> Response:
    """``POST /s/RECEIPT/rating``: what the reader says, or says anew."""
    receipt, context = request.path_params["receipt"], here(request)
    try:
        form = parse(RatingForm, _filled(fields))
        context.services.desk.ratings.give(receipt, form, context.viewer, **_shown_for(request))
        said = "thanks"
    except NotFound:
        return page(request, "follow.html", 404, receipt=receipt, error="not_found")
    except Invalid:
        said = "choose"
    except Conflict:
        said = "over"
    return RedirectResponse(f"{paths.receipt(receipt)}?rated={said}#rating", 303)


@_work
def form(request: Request) -> Response:
    """``/ratings/RECEIPT``: for a clerk with a reader at the window."""
    return _form(request, None)


@_work
def key_in(request: Request, fields: Fields) -> Response:
    """The same, sent."""
    receipt, context = request.path_params["receipt"], here(request)
    try:
        context.services.desk.ratings.key_in(receipt, parse(RatingForm, _filled(fields)), context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    except Invalid:
        return _form(request, "choose", 422)
    except Conflict:
        return _form(request, "over", 409)
    return _form(request, "thanks")


def _form(request: Request, said: str | None, code: int = 200) -> Response:
    receipt, context = request.path_params["receipt"], here(request)
    try:
        open_now = context.services.desk.ratings.may_key_in(receipt, context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    values = {"receipt": receipt, "open_now": open_now, "stars": STARS, "words": WORDS, "said": said}
    return page(request, "rating.html", code, **values)


def _filled(fields: Fields) -> dict[str, object]:
    return {"stars": fields.get("stars", ""), "words": fields.get("words", "")}


def _shown_for(request: Request) -> dict[str, str | None]:
    return {"secret": request.cookies.get(security.SECRET), "visitor": security.known_visitor(request.cookies)}
