"""One process for screens, plain pages and API: Streamlit's ASGI app with our routes before its own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope
from streamlit.starlette import App
from streamlit.web.bootstrap import load_config_options

from search_ui import api, index_page, paths, web
from search_ui.middleware import Front
from search_ui.services import Services, set_current
from search_ui.themes import pages
from search_ui.uploading import Uploads

HERE: Final = Path(__file__).parent
CONFIG: Final = HERE / ".streamlit" / "config.toml"
SCRIPT: Final = HERE / "app.py"


def create_app(
    services: Services, options: Mapping[str, Any] | None = None, middleware: Sequence[Middleware] = ()
) -> App:
    """The ASGI application over these services; `options` are further Streamlit options (``server.allowedHosts``),
    `middleware` stands between what every answer gets and the routes."""
    set_current(services)
    configure(options)
    front = Middleware(Front, screen_policy=index_page.policy())
    return App(SCRIPT, routes=routes(services), middleware=[front, Middleware(Uploads), *middleware])


def configure(options: Mapping[str, Any] | None = None) -> None:
    """Give Streamlit our packaged settings above any config file of the machine, the user or the current folder."""
    with CONFIG.open("rb") as stream:
        packaged = dict(flattened(tomllib.load(stream)))
    load_config_options({**packaged, **(options or {})})


def flattened(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted option names and values of a config file."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def routes(services: Services) -> list[BaseRoute]:
    """Ours, in the order they are tried; what neither we nor Streamlit know is not found."""
    return [
        *index_page.routes(),
        Mount(paths.API, app=api.create(services)),
        *pages.routes(),
        *web.routes(),
        NotFound("/{path:path}", _not_found, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    ]


class NotFound(Route):
    """Takes every address that is not Streamlit's own, so that a mistyped one is a 404 and not the app."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or paths.belongs_to_streamlit(scope["path"]):
            return Match.NONE, {}
        if "\n" in scope["path"]:  # which no pattern of an address takes in
            return Match.FULL, {"endpoint": self.endpoint, "path_params": {"path": scope["path"]}}
        return super().matches(scope)


def _not_found(request: Request) -> Response:
    """A page, or a problem document for those who called the API."""
    if request.url.path.startswith(f"{paths.API}/"):
        return api.problems.problem(404, HTTPStatus.NOT_FOUND.phrase)
    return web.not_found(request)
