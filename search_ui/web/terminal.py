"""``/terminal``: where a machine of the reading room is given its key, once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths, security
from search_ui.limits import client_of
from search_ui.web.forms import Fields, is_secure
from search_ui.web.render import here, page
from service_desk.errors import BadCredentials, TooMany


def form(request: Request) -> Response:
    """Which of the two this machine is, and a field for a key."""
    return page(request, "terminal.html", error=None)


def opened(request: Request, fields: Fields) -> Response:
    """``POST /terminal``: a cookie that scripts cannot read, for as long as browsers keep one."""
    try:
        cookie = here(request).services.desk.terminals.open(fields.get("key", ""), client_of(request.scope))
    except BadCredentials:
        return page(request, "terminal.html", 401, error="key")
    except TooMany as error:
        return _refused(request, error)
    answer = RedirectResponse(paths.TERMINAL, 303, {"cache-control": "no-store"})
    kept = security.cookie(security.TERMINAL, cookie, seconds=security.VISITOR_SECONDS, secure=is_secure(request))
    answer.headers.append("set-cookie", kept)
    return answer


def _refused(request: Request, error: TooMany) -> Response:
    answer = page(request, "terminal.html", 429, error="too_many")
    answer.headers["retry-after"] = str(error.retry_after)
    return answer
