"""The page Streamlit's screens start from, in the reader's language before any script has run.

Streamlit's own handler sends one English page titled "Streamlit" for every address; this one serves the same file with
language, title, description and a text for browsers without script. Nothing has to be patched on its way out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from search_ui import paths, security
from search_ui.i18n import Translator
from search_ui.screens import head
from search_ui.services import current

INDEX: Final = Path(streamlit.__file__).parent / "static" / "index.html"
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_SERVICE_DESCRIPTION = re.compile(
    r"(?:<!--(?:(?!-->).)*?RFC 8631.*?-->\s*)?<link rel=\"service-desc\"[^>]*>\s*", re.DOTALL
)
_LICENCE = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)


def routes() -> list[BaseRoute]:
    """One route for each screen of the app."""
    return [Route(path, serve, methods=["GET"]) for path in paths.SCREENS]


async def serve(request: Request) -> Response:
    """The start page of the screen at this address."""
    language = request.state.language
    house = str(current().text("name", language) or "onestop")
    tagline, has_themes = str(current().text("tagline", language) or ""), bool(current().themes.all())
    page = index(language, request.url.path, house, tagline, has_themes)
    return HTMLResponse(page, headers={"cache-control": "no-cache", "vary": "cookie, accept-language"})


@lru_cache(maxsize=64)
def index(language: str, path: str, house: str, tagline: str, has_themes: bool = False) -> str:
    """Streamlit's index page for one screen in one language; forms of themes work without script, too."""
    words = Translator(language, "web")
    title = escape(f"{_title(words, path)} · {house}")
    about = escape(
        tagline or words.t("Search records, digitised copies and databases in one place, and ask for what you need.")
    )
    page = _LICENCE.sub("", original(), count=1)
    page = page.replace('<html lang="en">', f'<html lang="{language}">', 1)
    page = _SERVICE_DESCRIPTION.sub("", page)
    page = _TITLE.sub(lambda _: f"<title>{title}</title>\n    {_meta(title, about)}\n    {head.tags()}", page, count=1)
    return _NOSCRIPT.sub(lambda _: _without_script(words, has_themes), page, count=1)


def policy() -> str:
    """The content security policy of the screens, computed because their inline script changes with the version."""
    return security.screen_policy(index("en", paths.LANDING, "", ""))


@lru_cache(maxsize=1)
def original() -> str:
    """The index page as Streamlit ships it."""
    return INDEX.read_text(encoding="utf-8")


def _title(words: Translator, path: str) -> str:
    titles = {
        paths.LANDING: words.t("One-stop service"),
        paths.SEARCH: words.t("Search"),
        paths.ASK: words.t("Make a request"),
        paths.MY_REQUESTS: words.t("My requests"),
        paths.FEEDBACK_LIST: words.t("Feedback"),
        paths.LINKS: words.t("Links"),
        paths.RUNS: words.t("Nightly runs"),
    }
    return titles[path]


def _meta(title: str, about: str) -> str:
    return (
        f'<meta name="description" content="{about}" />\n'
        f'    <meta property="og:title" content="{title}" />\n'
        f'    <meta property="og:description" content="{about}" />\n'
        '    <meta property="og:type" content="website" />'
    )


def _without_script(words: Translator, has_themes: bool) -> str:
    sorry = escape(words.t("Searching here needs JavaScript. Without it you can read records, and follow a request:"))
    links = (
        *([(paths.THEMES, words.t("Themes"))] if has_themes else []),
        (paths.ABOUT, words.t("About")),
        (paths.receipt(""), words.t("Follow a request")),
        ("/r", words.t("Browse")),
    )
    items = "".join(f'<li><a href="{href}">{escape(label)}</a></li>' for href, label in links)
    return f"<noscript><p>{sorry}</p><ul>{items}</ul></noscript>"
