"""``/relay/<token>``: where a partner without an account sees what it is asked, and answers. The link comes by letter;
looking at it changes nothing, since letters are opened by machines, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui.limits import client_of
from search_ui.web.forms import Fields
from search_ui.web.render import desk_down, here, page
from service_desk.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from service_desk.legs.views import Asked
from service_desk.ports import Upload
from service_desk.ratelimit import RateLimit

SAID: Final = frozenset({"done", "empty", "changed", "files"})
_QUIET: Final = {"referrer-policy": "no-referrer", "cache-control": "private, no-store", "x-robots-tag": "noindex"}
_TRIES = RateLimit(calls=10)


def shown(request: Request) -> Response:
    """What is asked, and the forms; once it is answered, that it is."""
    try:
        asked = _tried(request)
    except (NotFound, TooMany) as error:
        return _over(request, error)
    said = request.query_params.get("said")
    called = here(request).services.desk.called(here(request).language)
    answer = page(request, "relay.html", asked=asked, called=called, said=said if said in SAID else None)
    answer.headers.update(_QUIET)
    return answer


def act(request: Request, fields: Fields, files: Sequence[Upload]) -> Response:
    """``POST``: acknowledge, answer, ask back or return."""
    token, said = request.path_params["token"], "done"
    values = {"text": fields.get("text", "")}
    action = fields.get("act", "")
    try:
        _tried(request)
        answer = {**values, "held": fields.get("held") != "no"} if action == "answer" else values
        here(request).services.desk.answering.act(token, action, answer, files)
    except (NotFound, TooMany) as error:
        return _over(request, error)
    except Invalid as error:
        said = "files" if any(each.field == "files" for each in error.errors) else "empty"
    except Conflict:
        said = "changed"
    return RedirectResponse(f"{request.url.path}?said={said}", 303, _QUIET)


def refused(request: Request) -> Response | None:
    """What is told whoever's link leads nowhere, or who tried too many of them: nobody else sends us files."""
    try:
        _tried(request)
    except (NotFound, TooMany) as error:
        return _over(request, error)
    except Unavailable:
        return desk_down(request)
    return None


def _over(request: Request, error: NotFound | TooMany) -> Response:
    if not isinstance(error, TooMany):
        return page(request, "relay_over.html", 404, too_many=False)
    answer = page(request, "relay_over.html", 429, too_many=True)
    answer.headers["retry-after"] = str(error.retry_after)
    return answer


def _tried(request: Request) -> Asked:
    """What the link is about. Raises NotFound, and TooMany for who tries too many that lead nowhere."""
    context = here(request)
    client = f"{id(context.services)} {client_of(request.scope)}"
    _TRIES.spend(client)
    asked = context.services.desk.answering.asked(request.path_params["token"], context.language)
    _TRIES.forgive(client)
    return asked
