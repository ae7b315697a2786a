"""What a theme's form found: hits as on the search screen, the theme's own facets, orders and pages as plain links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from indexer.query import SORTS, Query
from search_ui import address, paths
from search_ui.i18n import Translator
from search_ui.screens import facets, hits
from search_ui.screens.blocks import draw
from search_ui.themes.form import Filled
from search_ui.themes.model import Theme
from service_desk.stacks.busy import Busy

SHOWN: Final = 6
"""Values of a facet that stand there at once."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A theme, its form as filled in, and what was chosen beside it; `whole` that most of it is not enough."""

    theme: Theme
    filled: Filled
    view: Query
    whole: bool = False

    def query(self) -> Query:
        """The question to the index."""
        return self.filled.query(self.theme, self.view, self.whole)

    def href(self, view: Query | None = None) -> str:
        """The address of this form with other choices beside it."""
        chosen = address.write(replace(self.view if view is None else view, text=address.EVERYTHING, folded=True))
        whole = {"only": "whole"} if self.whole else {}
        parameters = {**self.filled.values, **chosen, **whole} or {"show": "all"}
        return f"{paths.theme(self.theme.name)}?{urlencode(parameters, doseq=True)}"


def drawn(asked: Asked, answer: Json, language: str, kept: Mapping[str, Busy]) -> str:
    """The block of results in the reader's language, as markup; `kept` is what keeps records now, by id."""
    words = Translator(language)
    came = urlencode({"q": asked.filled.text}) if asked.filled.text else ""
    total, view = answer["total"], asked.view
    return draw(
        "theme_results",
        words,
        total=total,
        partial=answer["partial"],
        complete=answer["interpretation"]["complete"],
        relaxed=answer["interpretation"]["relaxed"],
        only_whole=replace(asked, whole=True, view=address.with_page(view, 1)).href(),
        chosen=_chosen(asked, words),
        facets=[found for name in asked.theme.facets if (found := _facet(asked, name, answer, words))],
        sorts=[_sort(asked, sort, words) for sort in SORTS],
        hits=[
            hits.view(hit, view.offset + place, came, words, kept.get(hit["id"]))
            for place, hit in enumerate(answer["hits"], 1)
        ],
        ask=paths.ask(type="question", q=asked.filled.text),
        everything=asked.href(address.without_filters(view)) if facets.chosen_total(view) else None,
        elsewhere=address.href(address.with_text(address.NEW, asked.filled.text)) if asked.filled.text else None,
        **_pager(asked, total),
    )


def _chosen(asked: Asked, words: Translator) -> list[Json]:
    """What was chosen beside the form, each with the address that is left without it; without a text that nothing
    less than everything filled in is enough."""
    first = replace(asked, whole=False, view=address.with_page(asked.view, 1))
    whole = [{"text": None, "what": None, "href": first.href()}]
    return (whole if asked.whole else []) + [
        {
            "text": facets.value_label(field, value, None, words),
            "what": words.term("facet", field),
            "href": asked.href(address.toggled(asked.view, field, value)),
        }
        for field, values in asked.view.filters.items()
        for value in values
    ]


def _facet(asked: Asked, name: str, answer: Json, words: Translator) -> Json | None:
    """The values that are not chosen yet; nothing when they would not divide the results."""
    chosen = asked.view.filters.get(name, ())
    others = [entry for entry in answer["facets"].get(name, []) if entry["value"] not in chosen]
    if not others or (not chosen and min(len(others), answer["total"]) < 2):
        return None
    if name == "decade":
        others.sort(key=lambda entry: int(entry["value"]))
    values = [
        {
            "label": facets.value_label(name, entry["value"], entry["label"], words),
            "count": entry["count"],
            "href": asked.href(address.toggled(asked.view, name, entry["value"])),
        }
        for entry in others
    ]
    room = SHOWN if len(values) > SHOWN + 1 else len(values)
    return {"label": words.term("facet", name), "first": values[:room], "more": values[room:]}


def _sort(asked: Asked, sort: str, words: Translator) -> Json:
    here = sort == asked.view.sort
    return {
        "text": words.term("sort", sort),
        "here": here,
        "href": asked.href(address.with_sort(asked.view, sort)),
    }


def _pager(asked: Asked, total: int) -> Json:
    last = min(-(-total // address.PAGE_SIZE), address.MAX_PAGE)
    here = address.page(asked.view)
    return {
        "page": here,
        "last": last,
        "previous": asked.href(address.with_page(asked.view, here - 1)) if here > 1 else None,
        "next": asked.href(address.with_page(asked.view, here + 1)) if here < last else None,
    }
