"""A theme over the small house of `tests.search_ui.web`, as a file would say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search_ui.themes.model import Theme


def said(text: str) -> dict[str, str]:
    """A text in the three languages, told apart."""
    return {"en": text, "zh-Hans": f"{text} 简", "zh-Hant": f"{text} 繁"}


FILE: dict[str, Any] = {
    "title": said("Land & <b>houses</b>"),
    "introduction": said("Who owned what"),
    "corner": "livelihood",
    "sources": ["list", "scans", "register"],
    "form": [
        {"name": "owner", "kind": "name", "several": 2, "label": said("Owner"), "hint": said("Two at most")},
        {"name": "place", "kind": "place", "label": said("Place"), "example": "石碇"},
        {"name": "words", "kind": "text", "label": said("Words")},
        {"name": "lot", "kind": "text", "pattern": "[0-9]+", "message": said("Write digits"), "label": said("Lot")},
        {"name": "year", "kind": "year", "between": [1900, 1999], "label": said("Year"), "example": "1984"},
        {"name": "dated", "kind": "years", "label": said("Dated")},
        {
            "name": "how",
            "kind": "choice",
            "several": 2,
            "label": said("How"),
            "options": [
                {"value": "gift", "label": said("Gift"), "words": ["贈與", "贈"]},
                {"value": "sale", "label": said("Sale"), "words": ["買賣"]},
                {"value": "lease", "label": said("Lease"), "words": ["租"]},
            ],
        },
        {
            "name": "level",
            "kind": "choice",
            "label": said("Level"),
            "options": [
                {"value": "item", "label": said("Item"), "filter": "level:item"},
                {"value": "file", "label": said("File"), "filter": "level:file"},
            ],
        },
        {"name": "code", "kind": "code", "several": 2, "label": said("Code"), "example": "Z013-1"},
    ],
    "facets": ["level", "access", "decade"],
    "pack": {
        "introduction": said("To begin with"),
        "items": [
            {"id": "list:z013-005", "note": said("Begin here")},
            {"id": "list:secret"},
            {"id": "list:nowhere"},
            {"id": "scans:registered"},
            {"query": "*", "filters": {"level": ["fonds", "item"]}, "limit": 5},
        ],
    },
    "guide": {
        "contents": said("# What\n\n<script>x</script> **much** [go](javascript:alert(1)) [ask](/ask)"),
        "reading": said("- one\n- two"),
        "citing": said("Cite *it*"),
        "contact": said("Us"),
    },
    "data": {
        "source": "register",
        "title": said("Register"),
        "description": said("A row an entry"),
        "licence": {"name": "CC0-1.0", "url": "https://example.org/cc0"},
        "columns": [
            {"name": "entry", "from": "source_id", "description": said("Number")},
            {"name": "lot", "from": "value:地號", "description": said("Lot")},
            {"name": "year", "from": "dates", "type": "year", "description": said("Year")},
            {"name": "owners", "from": "name:organisation", "description": said("Owners | of it")},
            {"name": "note", "from": "description:note", "description": said("Note")},
            {"name": "area", "from": "value:地目", "type": "number", "unit": "m2", "description": said("No number")},
            {"name": "address", "from": "address", "description": said("Address")},
        ],
    },
}


def theme(**changes: Any) -> Theme:
    """The theme; a change of None takes a key away."""
    file = {"name": "land", **FILE, **changes}
    return Theme.model_validate({key: value for key, value in file.items() if value is not None})


class Corner:
    """The themes of a house, as given."""

    def __init__(self, *themes: Theme) -> None:
        self.themes = themes

    def all(self) -> Sequence[Theme]:
        return self.themes

    def get(self, name: str) -> Theme | None:
        return next((theme for theme in self.themes if theme.name == name), None)
