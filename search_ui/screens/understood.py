"""Understood as: each reading of the question is a chip that can be taken back, last what leads to other readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from indexer.nothing import with_words
from indexer.query import Query
from indexer.understanding.question import ALL, CODE
from search_ui import address, paths
from search_ui.i18n import Translator
from search_ui.readings import is_name, meaning, span
from search_ui.screens import facets

Json = dict[str, Any]
_ASKED: Final = {"certificate": "query", "copy": "copy", "visit": "consult"}
"""The request that gives one what one wants."""
_SYNTAX = frozenset('"*:()=')


def view(query: Query, interpretation: Json, words: Translator) -> Json:
    """What the lines below the box show."""
    return {
        "chips": chips(query, interpretation, words),
        "ways": list(_ways(query, interpretation, words)),
        "others": _others(query, interpretation["expanded"], words),
        "save": paths.save_search(address.write(query)),
        "intents": list(_intents(query, interpretation["readings"], words)),
    }


def chips(query: Query, interpretation: Json, words: Translator) -> list[Json]:
    """Words, what was read of them, years, where to look and filters, in this order, each with the address that is left
    when it is taken back.
    """
    return [
        *_words(query, interpretation["words"], interpretation["readings"]),
        *(_reading(query, reading, words) for reading in interpretation["readings"]),
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


def _words(query: Query, found: list[str], readings: list[Json]) -> list[Json]:
    """The words that no reading has taken."""
    read = " ".join(reading["text"] for reading in readings)
    return [
        {"text": word, "what": None, "href": address.href(without_word(query, found, place))}
        for place, word in enumerate(found)
        if word not in read
    ]


def _reading(query: Query, reading: Json, words: Translator) -> Json:
    """A reading, and what it means where its words do not say so themselves."""
    return {
        "text": reading["text"],
        "what": meaning(reading, words),
        "href": address.href(address.without_reading(query, reading["key"])),
    }


def _ways(query: Query, interpretation: Json, words: Translator) -> Iterator[Json]:
    """Other ways to read the same: as typed, in this form only, with all that was taken back, without limits."""
    if not all(map(is_name, interpretation["readings"])):
        yield {"text": words.t("Only the words"), "href": address.href(address.with_readings(query, (ALL,)))}
    elif query.plain:
        again = words.t("Read as a reference code") if query.plain == (CODE,) else words.t("Read as a question")
        yield {"text": again, "href": address.href(address.with_readings(query))}
    if exact_form := exact(query):
        yield {"text": words.t("Search exact words"), "href": exact_form}
    if facets.chosen_total(query) > 1:
        yield {"text": words.t("Without filters"), "href": address.href(address.without_filters(query))}


def _others(query: Query, expanded: Mapping[str, list[str]], words: Translator) -> Json | None:
    """The other names that are looked for, and the way without them; or back to them."""
    if not query.synonyms:
        return {
            "names": [],
            "text": words.t("Other names, too"),
            "href": address.href(address.with_synonyms(query, True)),
        }
    names = list(dict.fromkeys(name for others in expanded.values() for name in others))
    if not names:
        return None
    return {
        "names": names,
        "text": words.t("Without other names"),
        "href": address.href(address.with_synonyms(query, False)),
    }


def _intents(query: Query, readings: list[Json], words: Translator) -> Iterator[Json]:
    """What is wanted besides finding, and where one gets it."""
    text = address.shown_text(query)
    for value in dict.fromkeys(reading["value"] for reading in readings if reading["kind"] == "intent"):
        href = paths.ABOUT if value == "hours" else paths.ask(type=_ASKED.get(value, "question"), q=text)
        yield {"text": words.term("intent_said", value), "link": words.term("intent_way", value), "href": href}


def _years(query: Query, words: Translator) -> list[Json]:
    if query.year_from is None and query.year_to is None:
        return []
    first, last = query.year_from, query.year_to
    return [
        {
            "text": span(first, last, words),
            "what": words.t("Date"),
            "href": address.href(address.with_years(query, None, None)),
        }
    ]


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
