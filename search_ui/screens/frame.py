"""The frame of every screen: masthead, language, ways between screens, and what is put right once all is drawn."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import streamlit as st
import structlog

from search_ui import components, i18n, paths
from search_ui.screens.blocks import block
from search_ui.screens.context import Here, here, params

log = structlog.get_logger(__name__)

STYLE: Final = Path(__file__).parent.parent / "style.css"
PATH: Final = "_path"
LEFTOVERS: Final = ("Clear entry", "Close", "Skip to main content", "Upload", "Browse files", "Remove file")
"""Words of Streamlit that no parameter reaches; the page component replaces them."""


@dataclass(slots=True)
class Drawn:
    """What a screen tells the frame: the sentence a screen reader should hear; `alert` changes when the block marked
    ``data-alert`` should get the focus; `act` is called back with the ``data-act`` of a button that was pressed.
    """

    announce: str = ""
    alert: str = ""
    act: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen: its address, its title (an English msgid) and the function that draws it."""

    path: str
    title: str
    draw: Callable[[Here], Drawn]
    staff: bool = False


def run(screens: tuple[Screen, ...]) -> None:
    """One run of the script: find the screen of this address, draw it in its frame."""
    st.set_page_config(layout="wide")
    context = here()
    pages = {screen.path: _page(screen, context) for screen in screens}
    chosen = st.navigation(list(pages.values()), position="hidden")
    st.html(STYLE)
    screen = next(known for known in screens if pages[known.path] == chosen)
    st.session_state[PATH] = screen.path
    block("masthead", context.words, **masthead(context, screen))
    chosen.run()


def _page(screen: Screen, context: Here) -> Any:
    def draw() -> None:
        finish(context, screen, _drawn(context, screen))

    title = f"{context.words.t(screen.title)} · {house_name(context)}"
    return st.Page(draw, title=title, url_path=screen.path.strip("/"), default=screen.path == paths.LANDING)


def _drawn(context: Here, screen: Screen) -> Drawn:
    try:
        return screen.draw(context)
    except Exception:  # whatever went wrong, the reader gets a sentence and we get a number to look for
        reference = secrets.token_hex(4)
        log.exception("a screen could not be drawn", screen=screen.path, reference=reference)
        block("broken", context.words, reference=reference)
        return Drawn()


def follow_link() -> None:
    """A link to this screen was clicked: its parameters, without loading the page again. One history entry.

    Links to other screens load them: `st.switch_page` would leave an entry behind that is neither here nor there.
    """
    parts = urlsplit(components.triggered("go"))
    if not parts.netloc and parts.path in (st.session_state.get(PATH), paths.SEARCH):
        st.query_params.from_dict(parse_qs(parts.query))


def masthead(context: Here, screen: Screen) -> dict[str, Any]:
    """What the masthead shows: it is the same on the plain pages."""
    words, account = context.words, context.viewer.name
    links = paths.STAFF_LINKS if context.viewer.is_staff else paths.READER_LINKS
    return {
        "name": house_name(context),
        "staff": screen.staff,
        "links": [{"href": path, "text": words.t(label), "here": path == _marked(screen)} for path, label in links],
        "own_name": i18n.OWN_NAMES[context.lang],
        "short_name": i18n.SHORT_NAMES[context.lang],
        "languages": list(i18n.OWN_NAMES.items()),
        "language_href": lambda code: "?" + urlencode({**params(), "lang": code}, doseq=True),
        "account": account,
        "csrf": context.services.csrf_token(context.visitor) if account else "",
        "sign_in_href": f"{paths.LOGIN}?{urlencode({'next': address_of(screen)})}",
    }


def _marked(screen: Screen) -> str:
    """The link of the masthead that stands for what is shown."""
    return paths.SEARCH if screen.path == paths.LANDING and params() else screen.path


def address_of(screen: Screen) -> str:
    """The address of what is shown now."""
    query = urlencode(params(), doseq=True)
    return f"{screen.path}?{query}" if query else screen.path


def house_name(context: Here) -> str:
    """What the archive calls itself."""
    return str(context.services.text("name", context.lang) or "onestop")


def finish(context: Here, screen: Screen, drawn: Drawn) -> None:
    """Last of all: language, landmarks, focus, spoken count."""
    t = context.words.t
    components.finish(
        {
            "lang": context.lang,
            "path": screen.path,
            "address": address_of(screen),
            "announce": drawn.announce,
            "alert": drawn.alert,
            "roles": [["box", "search", t("Search")]],
            "words": {word: t(word) for word in LEFTOVERS},
        },
        on_go=follow_link,
        on_act=lambda: _act(drawn),
    )


def _act(drawn: Drawn) -> None:
    if drawn.act is not None and (act := components.triggered("act")):
        drawn.act(act)
