"""Understood as: each reading of the question is a chip that can be taken back, last an exact-words switch."""

from __future__ import annotations

from typing import Any

from indexer.nothing import with_words
from indexer.query import Query
from search_ui import address, paths
from search_ui.i18n import Translator
from search_ui.screens import facets

Json = dict[str, Any]
_SYNTAX = frozenset('"*:()=')


def view(query: Query, interpretation: Json, words: Translator) -> Json:
    """What the line below the box shows."""
    clear = address.href(address.without_filters(query)) if facets.chosen_total(query) > 1 else None
    return {
        "chips": chips(query, interpretation, words),
        "exact": exact(query),
        "clear": clear,
        "save": paths.save_search(address.write(query)),
    }


def chips(query: Query, interpretation: Json, words: Translator) -> list[Json]:
    """Words, years, where to look and filters, in this order, each with the address that is left when it is taken
    back.
    """
    return [
        *_words(query, interpretation["words"]),
        *_years(query, words),
        *_within(query, interpretation["within"], words),
        *_filters(query, words),
    ]


def exact(query: Query) -> str | None:
    """The same words as they are written, without variants or other scripts; None where the reader used operators."""
    text = address.shown_text(query)
    if not text or _SYNTAX.intersection(text):
        return None
    return address.href(address.with_text(query, f'="{text}"'))


def without_word(query: Query, found: list[str], place: int) -> Query:
    """The query without one of its words."""
    others = tuple(other for other in range(len(found)) if other != place)
    return address.with_text(query, with_words(query.text, tuple(found), others))


def _words(query: Query, found: list[str]) -> list[Json]:
    return [
        {"text": word, "what": None, "href": address.href(without_word(query, found, place))}
        for place, word in enumerate(found)
    ]


def _years(query: Query, words: Translator) -> list[Json]:
    if query.year_from is None and query.year_to is None:
        return []
    first, last = query.year_from, query.year_to
    span = str(first) if first == last else f"{'' if first is None else first}–{'' if last is None else last}"
    return [{"text": span, "what": words.t("Date"), "href": address.href(address.with_years(query, None, None))}]


def _within(query: Query, above: Json | None, words: Translator) -> list[Json]:
    if above is None:
        return []
    text = above["title"] or words.t("Nothing we know of")
    return [{"text": text, "what": words.t("only in"), "href": address.href(address.within(query, None))}]


def _filters(query: Query, words: Translator) -> list[Json]:
    return [
        {
            "text": facets.value_label(field, value, None, words),
            "what": words.term("facet", field),
            "href": address.href(address.toggled(query, field, value)),
        }
        for field, values in query.filters.items()
        for value in values
    ]
