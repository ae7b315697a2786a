"""Blocks: a template of `markup/` drawn as one `st.html`. Templates escape; only `marks` lets ``<mark>`` through.

One block instead of a container and columns per hit: a rerun then costs milliseconds, and the words of a record never
pass through Markdown. What is plain HTML can be read by a test and by a screen reader alike.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2
import streamlit as st
from jinja2.ext import Extension

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.render import marks


def sentence(text: str) -> str:
    """A term as the first word of a line; the catalogue has it as it stands within one."""
    return text[:1].upper() + text[1:]


class _OneLine(Extension):
    """Templates without their line ends and indentation: nobody reads them in the browser, and everybody loads them.

    What is put in keeps its lines.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return " ".join(line.strip() for line in source.splitlines())


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("search_ui.screens", "markup"),
        extensions=[_OneLine],
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    environment.filters["marks"] = marks
    return environment


def draw(name: str, words: Translator, /, **values: Any) -> str:
    """The markup of a block in the reader's language."""
    template = _templates().get_template(f"{name}.html")
    return template.render(
        t=words.t,
        n=words.n,
        term=words.term,
        number=words.number,
        day=words.date,
        moment=words.moment,
        lang=words.language,
        paths=paths,
        **values,
    )


def block(name: str, words: Translator, /, **values: Any) -> None:
    """Put a block on the page. An empty one is left out: it would still take its gap."""
    if markup := draw(name, words, **values).strip():
        st.html(markup)
