"""Pages at a terminal of the reading room: they leave nothing of one person to the next.

A form there is not kept as a draft, what it files is followed with its code and secret only, and after sending, or when
nobody has touched it for a while, the visitor's cookie is a new one and nobody is signed in.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import collected, i18n, paths, security
from search_ui.web.forms import Fields, is_secure
from search_ui.web.render import Here, here

SECONDS: Final = 120
"""Without a touch, until a form is wiped."""
SECONDS_TO_READ: Final = 90
"""The same for a receipt."""


def is_one(context: Here) -> bool:
    """Does whoever asks stand at a terminal, as a reader?"""
    return context.viewer.on_site and not context.viewer.is_staff


def wipe(request: Request, fields: Fields) -> Response:
    """``POST /ask/wipe``: back to the start, as somebody new. Where this is no terminal it only leads to the start."""
    context = here(request)
    answer: Response = RedirectResponse(paths.LANDING, 303, {"cache-control": "no-store"})
    if not context.viewer.on_site:
        return answer
    context.services.desk.sessions.end(request.cookies.get(security.SESSION))
    answer.headers["clear-site-data"] = '"cache", "storage"'
    for name in (security.SESSION, i18n.COOKIE, collected.COOKIE):
        answer.headers.append("set-cookie", security.cookie(name, "", seconds=0, secure=is_secure(request)))
    answer.headers.append("set-cookie", renewed(request))
    return answer


def renewed(request: Request) -> str:
    """From here on this browser is another visitor's: the cookie that makes it so. What is drawn after this carries
    the form token of the new one.
    """
    request.state.visitor = security.new_visitor()
    visitor, secure = request.state.visitor, is_secure(request)
    return security.cookie(security.VISITOR, visitor, seconds=security.VISITOR_SECONDS, secure=secure)
