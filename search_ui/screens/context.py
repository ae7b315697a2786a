"""Who is looking, in which language, through which services: found anew at every run, kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from mappings.access import ANONYMOUS, Viewer
from search_ui import security, services
from search_ui.i18n import COOKIE, Translator, negotiate
from search_ui.services import Services
from service_desk.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Here:
    """One run of the script for one browser. `account` is what the one who is signed in is called; `visitor` is the
    cookie that names the browser; it may be empty. While the desk does not answer, nobody is signed in.
    """

    services: Services
    viewer: Viewer
    account: str | None
    visitor: str
    words: Translator
    parameters: dict[str, list[str]]
    desk_answers: bool = True

    @property
    def lang(self) -> str:
        return self.words.language

    def parameter(self, name: str) -> str:
        """A parameter of the address, the last of repeated ones; empty when there is none."""
        return (self.parameters.get(name) or [""])[-1]


def cookies() -> Mapping[str, str]:
    """What the browser sent when it connected. A function of its own, because AppTest has no browser."""
    return st.context.cookies.to_dict()


def here() -> Here:
    """The context of this run. The session is looked up each time, so that signing out elsewhere ends it here too."""
    jar = cookies()
    running = services.current()
    language = negotiate(st.query_params.get("lang"), jar.get(COOKIE), st.context.headers.get("Accept-Language"))
    visitor = security.known_visitor(jar) or ""
    words = Translator(language, timezone=running.desk.calendar.timezone)
    try:
        (viewer, account), answers = running.looking(jar), True
    except Unavailable:
        viewer, account, answers = ANONYMOUS, None, False
    return Here(running, viewer, account, visitor, words, params(), answers)


def params() -> dict[str, list[str]]:
    """The parameters of the address, each with all its values."""
    return {key: st.query_params.get_all(key) for key in st.query_params}
