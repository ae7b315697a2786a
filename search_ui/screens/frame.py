"""The frame of every screen: masthead, language, ways between screens, and what is put right once all is drawn."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import streamlit as st
import structlog

from search_ui import address, collected, components, i18n, idle, paths
from search_ui.resting import rest
from search_ui.screens import hints
from search_ui.screens.blocks import block, draw
from search_ui.screens.context import Here, cookies, here
from search_ui.web import trained
from service_desk.errors import Unavailable

log = structlog.get_logger(__name__)

PATH: Final = "_path"
_TOKEN: Final = "@csrf@"  # noqa: S105 - a mark in a text
"""Where the form token of a visitor comes to stand: the rest of the masthead is the same for many."""
LEFTOVERS: Final = (
    "Clear entry",
    "Close",
    "Skip to main content",
    "Upload",
    "Browse files",
    "Remove file",
    "file upload",
)
"""Words of Streamlit that no parameter reaches; the page component replaces them."""


@dataclass(slots=True)
class Drawn:
    """What a screen tells the frame: the sentence a screen reader should hear; `alert` changes when the block marked
    ``data-alert`` should get the focus; `act` is called back with the ``data-act`` of a button that was pressed;
    `content` is markup that the page component itself puts in, in a third of the time `st.html` takes. `leave` is an
    address of ours to go to instead, which takes the place of this one in the history.
    """

    announce: str = ""
    content: str = ""
    alert: str = ""
    act: Callable[[str], None] | None = None
    leave: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen: its address, its title (an English msgid), what draws it, and whether the search box stands on it."""

    path: str
    title: str
    draw: Callable[[Here], Drawn]
    staff: bool = False
    box: bool = False


def run(screens: tuple[Screen, ...]) -> None:
    """One run of the script: find the screen of this address, draw it in its frame."""
    context = here()
    pages = {screen.path: _page(screen, context) for screen in screens}
    chosen = st.navigation(list(pages.values()), position="hidden")
    screen = next(known for known in screens if pages[known.path] == chosen)
    st.session_state[PATH] = screen.path
    st.html(_head(context, screen))
    chosen.run()


def _page(screen: Screen, context: Here) -> Any:
    def draw() -> None:
        if screen.staff and context.viewer.is_staff and (told := rest(context.services, context.viewer, context.words)):
            block("resting", context.words, rest=told)
        finish(context, screen, _drawn(context, screen))

    title = f"{context.words.t(screen.title)} · {house_name(context)}"
    return st.Page(draw, title=title, url_path=screen.path.strip("/"), default=screen.path == paths.LANDING)


def _drawn(context: Here, screen: Screen) -> Drawn:
    try:
        if screen.staff and not context.desk_answers:
            return _desk_down(context)
        return screen.draw(context)
    except Unavailable:
        return _desk_down(context)
    except Exception:  # whatever went wrong, the reader gets a sentence and we get a number to look for
        reference = secrets.token_hex(4)
        log.exception("a screen could not be drawn", screen=screen.path, reference=reference)
        block("broken", context.words, reference=reference)
        return Drawn()


def _desk_down(context: Here) -> Drawn:
    block("desk_down", context.words)
    return Drawn(context.words.t("The desk is closed for the moment; searching goes on"))


def follow_link() -> None:
    """A link to this screen was clicked: its parameters, without loading the page again. One history entry.

    Links to other screens load them: `st.switch_page` would leave an entry behind that is neither here nor there.
    """
    parameters = followed(components.triggered("go"), st.session_state.get(PATH, ""))
    if parameters is not None:
        st.query_params.from_dict(parameters)


def followed(target: str, path: str) -> dict[str, list[str]] | None:
    """The parameters of an address of the screen at `path`, None for others; the landing page shows results too."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    here = parts.path == path or (parts.path == paths.SEARCH and path == paths.LANDING)
    return parse_qs(parts.query) if target and here and not parts.netloc and not parts.scheme else None


def _head(context: Here, screen: Screen) -> str:
    """Masthead, as on the plain pages, and box."""
    account = context.account
    terminal = idle.at_terminal(context.viewer)
    csrf = context.services.csrf_token(context.visitor) if account or screen.box or terminal else ""
    links = paths.masthead(context.viewer, bool(context.services.themes.all()))
    held = collected.count(context.services, context.viewer, context.visitor, cookies())
    links += trained.way(context.services, context.viewer, context.lang)
    banner = str(trained.banner(context.services, context.viewer, context.lang))
    markup = banner + _head_markup(context.lang, house_name(context), screen, links, account, held, terminal)
    return markup.replace(_TOKEN, csrf)


@lru_cache(maxsize=256)
def _head_markup(
    language: str,
    name: str,
    screen: Screen,
    links: tuple[tuple[str, str], ...],
    account: str | None,
    held: int,
    terminal: bool,
) -> str:
    """The same text at every run of a screen, so that the browser leaves what is being typed alone; the page component
    puts in what follows the address.
    """
    words = i18n.Translator(language)
    ways = [{"href": path, "text": words.t(label), "here": path == screen.path} for path, label in links]
    if held:
        ways.append({"href": paths.BASKET, "text": words.n("Basket {count}", "Basket {count}", held), "here": False})
    return draw(
        "head",
        words,
        name=name,
        staff=screen.staff,
        links=ways,
        own_name=i18n.OWN_NAMES[language],
        short_name=i18n.SHORT_NAMES[language],
        languages=list(i18n.OWN_NAMES.items()),
        account=account,
        csrf=_TOKEN,
        box=screen.box,
        limit=address.MAX_TEXT,
        hints=hints.view(words),
        terminal=terminal,
        seconds=idle.SECONDS,
    )


def house_name(context: Here) -> str:
    """What the archive calls itself."""
    return str(context.services.text("name", context.lang) or "onestop")


def finish(context: Here, screen: Screen, drawn: Drawn) -> None:
    """Last of all: language, focus, spoken count, and what in the head follows the address."""
    components.finish(
        {
            "lang": context.lang,
            "path": screen.path,
            "address": urlencode(context.parameters, doseq=True),
            "text": address.shown_text(address.read(context.parameters)) if screen.box else None,
            "announce": drawn.announce,
            "alert": drawn.alert,
            "leave": drawn.leave,
            "words": {word: context.words.t(word) for word in LEFTOVERS},
        },
        drawn.content,
        on_go=follow_link,
        on_act=lambda: _act(drawn),
    )


def _act(drawn: Drawn) -> None:
    if drawn.act is not None and (act := components.triggered("act")):
        drawn.act(act)
