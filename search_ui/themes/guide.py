"""The guide's Markdown as markup: paragraphs, lists, emphasis, links and small headings; no HTML, no pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup

_DEEPEST: Final = 6
_BELOW: Final = 2
"""Headings stand below those of the page."""


@lru_cache(maxsize=256)
def markup(markdown: str) -> Markup:
    """The markup of a text that staff wrote; what is no Markdown of ours stays as typed, escaped."""
    reader = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline", "html_block"])
    tokens = reader.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + _BELOW, _DEEPEST)}"
    rendered: str = reader.renderer.render(tokens, reader.options, {})
    return Markup(rendered)  # noqa: S704 - the renderer escapes all text, and leaves HTML and unsafe links out
