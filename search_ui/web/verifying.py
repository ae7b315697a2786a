"""``/verify``: is a printed document genuine? And ``/f/<token>``: a file of an answer, by a link that ends.

Both are for whoever holds the paper or the link. They tell nothing of a person.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from search_ui.api.requests import download
from search_ui.limits import client_of
from search_ui.web.forms import Fields
from search_ui.web.render import here, page
from service_desk.errors import NotFound, TooMany, Unavailable
from service_desk.printed.issued import Verified
from service_desk.printed.press import CannotPrint
from service_desk.ratelimit import RateLimit

BOUND: Final = 100
_TRIES = RateLimit(calls=10)
_LINKS = RateLimit(calls=30)


def verify(request: Request) -> Response:
    """The form, and with a number and a code what they tell."""
    typed = {name: request.query_params.get(name, "").strip()[:BOUND] for name in ("number", "code")}
    if not all(typed.values()):
        return page(request, "verify.html", typed=typed, found=None, error=None)
    client = client_of(request.scope)
    try:
        _TRIES.spend(client)
    except TooMany:
        return page(request, "verify.html", 429, typed=typed, found=None, error="too_many")
    found: Verified = here(request).services.desk.documents.verify(typed["number"], typed["code"])
    if found.state in ("genuine", "revoked"):
        _TRIES.forgive(client)  # an office may look at a hundred of them in a morning
    return page(request, "verify.html", typed=typed, found=found, error=None)


def link(request: Request) -> Response:
    """What a link leads to. Looking counts nothing: mail programs look at every address they see."""
    return _at(request, lambda links, token: page(request, "file_link.html", token=token, file=links.shown(token)))


def take(request: Request, fields: Fields) -> Response:
    """The file, counted."""
    return _at(request, lambda links, token: download(*links.taken(token)))


def _at(request: Request, answer: Any) -> Response:
    context = here(request)
    try:
        _LINKS.spend(client_of(request.scope))
        found: Response = answer(context.services.desk.file_links, request.path_params["token"])
        return found
    except TooMany:
        return page(request, "sorry.html", 429, sentence=context.words.t("Too many tries. Please wait a minute."))
    except NotFound:
        told = context.words.t(
            "This link has ended, or was used as often as it may be. Open your request for the file, or ask the desk."
        )
        return page(request, "sorry.html", 404, sentence=told)
    except (Unavailable, CannotPrint):
        sentence = context.words.t("This file cannot be had now. Please try again later, or tell the desk.")
        return page(request, "sorry.html", 503, sentence=sentence)
