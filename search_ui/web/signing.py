"""Signing in and out: forms that redirect back, and a session cookie that scripts cannot read."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.limits import client_of
from search_ui.web.forms import Fields, is_secure
from search_ui.web.render import here, page
from service_desk.errors import BadCredentials, TooMany, Unavailable
from service_desk.views import SignedIn

SESSION_SECONDS: Final = (
    7 * 24 * 3600
)  # the desk ends a session after twelve idle hours, and after seven days in any case


def form(request: Request) -> Response:
    """``GET /login?next=``: the form; who is signed in already goes on."""
    onward = security.safe_next(request.query_params.get("next"))
    if here(request).viewer.signed_in:
        return RedirectResponse(onward, 303)
    return page(request, "login.html", next=onward, name="", error=None)


def sign_in(request: Request, fields: Fields) -> Response:
    """``POST /login``: a new session, whatever session there was before, and on to where the reader wanted to go."""
    onward, name = security.safe_next(fields.get("next")), fields.get("name", "").strip()
    context = here(request)
    sessions = context.services.desk.sessions
    try:
        opened = sessions.sign_in(name, fields.get("password", ""), client_of(request.scope), context.visitor)
    except BadCredentials:
        return page(request, "login.html", 401, next=onward, name=name, error="credentials")
    except TooMany as error:
        answer = page(request, "login.html", 429, next=onward, name=name, error="too_many")
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    return signed_in(request, opened, onward)


def signed_in(request: Request, opened: SignedIn, onward: str) -> Response:
    """On to where the reader wanted to go, in the new session; the one there was before ends, and what was collected
    without signing in goes with them.
    """
    context = here(request)
    context.services.desk.sessions.end(request.cookies.get(security.SESSION))
    context.services.desk.basket.merge(opened.viewer, security.known_visitor(request.cookies))
    return _redirect(request, onward, opened.token, SESSION_SECONDS)


def to_provider(request: Request) -> Response:
    """``GET /login/openid?next=``: on to the provider that this house trusts."""
    context, onward = here(request), security.safe_next(request.query_params.get("next"))
    openid = context.services.desk.openid
    if openid is None:
        return page(request, "not_found.html", 404)
    back = str(request.base_url.replace(path=paths.OPENID_BACK, query=""))
    try:
        address = openid.begin(context.visitor, back, onward, client_of(request.scope), context.language)
    except TooMany:
        return page(request, "login.html", 429, next=onward, name="", error="too_many")
    except Unavailable:
        return page(request, "login.html", 503, next=onward, name="", error="provider_away")
    return RedirectResponse(address, 303, {"cache-control": "no-store"})


def from_provider(request: Request) -> Response:
    """``GET /login/openid/return``: the provider's answer."""
    context = here(request)
    openid = context.services.desk.openid
    if openid is None:
        return page(request, "not_found.html", 404)
    try:
        begun = openid.finish(context.visitor, request.query_params)
    except BadCredentials:
        return page(request, "login.html", 401, next="/", name="", error="provider")
    except Unavailable:
        return page(request, "login.html", 503, next="/", name="", error="provider_away")
    return signed_in(request, context.services.desk.sessions.open(begun.account), security.safe_next(begun.onward))


def sign_out(request: Request, fields: Fields) -> Response:
    """``POST /logout``: the session ends everywhere it is open in this browser, at once."""
    here(request).services.desk.sessions.end(request.cookies.get(security.SESSION))
    return _redirect(request, security.safe_next(fields.get("next")), "", 0)


def _redirect(request: Request, onward: str, token: str, seconds: int) -> Response:
    answer = RedirectResponse(onward, 303, {"cache-control": "no-store"})
    cookie = security.cookie(security.SESSION, token, seconds=seconds, secure=is_secure(request))
    answer.headers.append("set-cookie", cookie)
    return answer
