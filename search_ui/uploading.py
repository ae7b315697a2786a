"""A guard before Streamlit's door for files: Streamlit takes files from whoever has a screen open, and keeps them in
memory as long as that is.
"""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from search_ui.paths import UPLOADS
from search_ui.security import SAFE_METHODS, same_origin
from search_ui.services import current
from service_desk.errors import TooMany, Unavailable
from service_desk.ratelimit import RateLimit

FILES_A_MINUTE: Final = 60
"""Of one member of staff: three answers with as many files as one may have."""


class Uploads:
    """ASGI middleware: files are taken from staff, at their own screens, so many a minute."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._rate = RateLimit(FILES_A_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None
        if scope["type"] == "http" and scope["path"].startswith(UPLOADS) and scope["method"] not in SAFE_METHODS:
            refusal = await run_in_threadpool(self._refusal, Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> Response | None:
        if not same_origin(headers):
            return _said("Files come from our own pages.", 403)
        try:
            viewer = current().viewer(cookie_parser(headers.get("cookie", "")))
            if viewer.name is None or not viewer.is_staff:
                return _said("Files are taken from staff: sign in.", 403)
            self._rate.spend(viewer.name)
        except Unavailable:
            return _said("The desk does not answer now.", 503)
        except TooMany as error:
            return _said(str(error), 429)
        return None


def _said(sentence: str, status: int) -> Response:
    return Response(sentence, status, media_type="text/plain")
