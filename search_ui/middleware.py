"""The one middleware: visitor and language cookies, security headers, and a guard on Streamlit's websocket.

It wraps everything the process serves, screens, plain pages and API alike, so that no page can forget a header.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from search_ui import i18n, paths, security

LANGUAGE_SECONDS: Final = 365 * 24 * 3600
# All else a browser may send (clear_cache, set_run_on_save, debug_*) acts on the whole process, not on its own session.
ALLOWED_MESSAGES: Final = frozenset(
    {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
)


class Front:
    """ASGI middleware. Puts ``visitor`` (str) and ``language`` (str) into the state of each HTTP request."""

    def __init__(self, app: ASGIApp, *, screen_policy: str) -> None:
        self._app = app
        self._screen_policy = screen_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Screens are opened by our own pages. Streamlit would let in those of other ports of this machine, too, and
        ask the world which address this one has to find out who else."""
        if security.is_own_origin(Headers(scope=scope)):
            await self._app(scope, guarded(receive), send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[-1]
        visitor = security.known_visitor(cookies)
        state = scope.setdefault("state", {})
        state["visitor"] = visitor or security.new_visitor()
        state["language"] = i18n.negotiate(asked, cookies.get(i18n.COOKIE), headers.get("accept-language"))
        secure = scope.get("scheme") == "https"

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                self._protect(answer, scope["path"])
                if answer.get("content-type", "").startswith("text/html"):
                    if visitor is None:
                        answer.append("set-cookie", _visitor_cookie(state["visitor"], secure))
                    if asked in i18n.LANGUAGES:
                        answer.append("set-cookie", _language_cookie(asked, secure))
            await send(message)

        await self._app(scope, receive, finish)

    def _protect(self, answer: MutableHeaders, path: str) -> None:
        policy = self._screen_policy if path in paths.SCREENS else security.PAGE_POLICY
        answer.setdefault("content-security-policy", policy)
        for name, value in security.HEADERS.items():
            answer.setdefault(name, value)


def guarded(receive: Receive) -> Receive:
    """A websocket's messages without those that would touch other people's sessions."""

    async def next_allowed() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or is_allowed(message.get("bytes")):
                return message

    return next_allowed


def is_allowed(payload: bytes | None) -> bool:
    """May a browser send this message to Streamlit? Text frames and what is no BackMsg may not."""
    if payload is None:
        return False
    message = BackMsg()
    try:
        message.ParseFromString(payload)
    except Exception:  # protobuf's DecodeError differs between its two implementations
        return False
    return message.WhichOneof("type") in ALLOWED_MESSAGES


def _visitor_cookie(visitor: str, secure: bool) -> str:
    return security.cookie(security.VISITOR, visitor, seconds=security.VISITOR_SECONDS, secure=secure)


def _language_cookie(language: str, secure: bool) -> str:
    return security.cookie(i18n.COOKIE, language, seconds=LANGUAGE_SECONDS, secure=secure)
