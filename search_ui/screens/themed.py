"""Ways from the screens into the thematic corner: from the landing page, from hits, and where nothing was found."""

from __future__ import annotations

from typing import Any, Final

from search_ui import paths
from search_ui.screens.context import Here
from search_ui.themes.model import Theme

MOST: Final = 6

Json = dict[str, Any]


def cards(here: Here) -> list[Json]:
    """The themes of the house with what each is about, the first few of them."""
    return [
        {
            "title": theme.title.in_(here.lang),
            "introduction": theme.introduction.in_(here.lang),
            "href": paths.theme(theme.name),
        }
        for theme in here.services.themes.all()[:MOST]
    ]


def stamp(here: Here) -> tuple[tuple[str, str], ...]:
    """What of the themes a page of hits shows: it is drawn anew when that changes."""
    return tuple((theme.name, theme.title.in_(here.lang)) for theme in here.services.themes.all())


def near(here: Here, answer: Json, text: str) -> list[Json]:
    """The themes whose sources are among the hits, with these words in their form where it takes any words."""
    sources = {entry["value"] for entry in answer["facets"].get("source", [])}
    return [
        {"title": theme.title.in_(here.lang), "href": _with_text(theme, text)}
        for theme in here.services.themes.all()
        if sources.intersection(theme.sources)
    ][:MOST]


def _with_text(theme: Theme, text: str) -> str:
    field = next((field for field in theme.form if field.kind == "text" and field.pattern is None), None)
    return paths.theme(theme.name, **({field.name: text} if field and text else {}))
