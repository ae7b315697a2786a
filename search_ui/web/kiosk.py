"""Pages at a terminal of the reading room: they leave nothing of one person to the next.

A form there is not kept as a draft, what it files is followed with its code and secret only, and after sending, or when
nobody has touched any page or screen for a while, the visitor's cookie is a new one, nobody is signed in, and receipts
that were opened ask for their secret again.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import collected, i18n, idle, paths, security
from search_ui.web.forms import Fields, is_secure
from search_ui.web.render import Here, here

SECONDS, SECONDS_TO_READ = idle.SECONDS, idle.SECONDS_TO_READ
_OPENED: Final = "opened"
"""The cookie that says which receipts were opened at a terminal by their secret: what is to be forgotten."""
_MOST: Final = 30
_RECEIPT: Final = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


def is_one(context: Here) -> bool:
    """Does whoever asks stand at a terminal, as a reader?"""
    return idle.at_terminal(context.viewer)


def wipe(request: Request, fields: Fields) -> Response:
    """``POST /ask/wipe``: back to the start, as somebody new. Where this is no terminal it only leads to the start."""
    context = here(request)
    answer: Response = RedirectResponse(paths.LANDING, 303, {"cache-control": "no-store"})
    if not context.viewer.on_site:
        return answer
    context.services.desk.sessions.end(request.cookies.get(security.SESSION))
    answer.headers["clear-site-data"] = '"cache", "storage"'
    for name in (security.SESSION, i18n.COOKIE, collected.COOKIE, _OPENED):
        answer.headers.append("set-cookie", security.cookie(name, "", seconds=0, secure=is_secure(request)))
    for receipt in _opened(request):
        kept = security.cookie(security.SECRET, "", seconds=0, secure=is_secure(request), path=paths.receipt(receipt))
        answer.headers.append("set-cookie", kept)
    answer.headers.append("set-cookie", renewed(request))
    return answer


def remembered(request: Request, receipt: str) -> str:
    """The cookie that says that this receipt is open, too, so that wiping closes it."""
    opened = ".".join([*(one for one in _opened(request) if one != receipt), receipt][-_MOST:])
    return security.cookie(_OPENED, opened, seconds=security.VISITOR_SECONDS, secure=is_secure(request))


def _opened(request: Request) -> list[str]:
    kept = request.cookies.get(_OPENED, "").split(".")
    return [receipt for receipt in kept[:_MOST] if _RECEIPT.fullmatch(receipt)]


def renewed(request: Request) -> str:
    """From here on this browser is another visitor's: the cookie that makes it so. What is drawn after this carries
    the form token of the new one.
    """
    request.state.visitor = security.new_visitor()
    visitor, secure = request.state.visitor, is_secure(request)
    return security.cookie(security.VISITOR, visitor, seconds=security.VISITOR_SECONDS, secure=secure)
