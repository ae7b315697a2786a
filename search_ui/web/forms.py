"""Forms of plain pages: bounded bodies, sent from our own pages, by the visitor the form was shown to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from search_ui import security
from search_ui.limits import read_body
from search_ui.services import current
from search_ui.web.render import desk_down, page
from service_desk.errors import Unavailable

Fields = Mapping[str, str]
TOKEN: Final = "csrf"  # noqa: S105 - the name of the field
MAX_FIELDS: Final = 50


def posted(handler: Callable[[Request, Fields], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form and hands its fields on, once it is known to come from a page of ours."""

    async def endpoint(request: Request) -> Response:
        body = await read_body(request.scope, request.receive)
        fields = _fields(body)
        return await run_in_threadpool(answer, request, fields)

    def answer(request: Request, fields: Fields | None) -> Response:
        if fields is None:
            return refused(request, too_large=True)
        return taken(request, fields, lambda: handler(request, fields))

    return endpoint


def taken(request: Request, fields: Fields, handle: Callable[[], Response]) -> Response:
    """What `handle` answers, once the form is known to come from a page of ours."""
    try:
        return handle() if _is_ours(request, fields) else refused(request)
    except Unavailable:
        return desk_down(request)


def refused(request: Request, *, too_large: bool = False) -> Response:
    """The page for a form that is not taken."""
    return page(request, "refused_form.html", 413 if too_large else 403, too_large=too_large)


def _fields(body: bytes | None) -> dict[str, str] | None:
    """The fields of a URL-encoded form; of two with one name the last counts. None when it is too large."""
    if body is None:
        return None
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        return None


def _is_ours(request: Request, fields: Fields) -> bool:
    visitor = security.known_visitor(request.cookies)
    token = fields.get(TOKEN, "")
    return (
        visitor is not None
        and security.same_origin(request.headers)
        and current().desk.sessions.form_token_fits(visitor, token)
    )


def is_secure(request: Request) -> bool:
    """Did the browser come over TLS? Its cookies then never travel without."""
    return request.url.scheme == "https"
