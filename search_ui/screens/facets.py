"""Filters beside the results: years with their bars, then each facet with its counts. Every value is an address."""

from __future__ import annotations

from typing import Any, Final

from indexer.query import Query
from search_ui import address
from search_ui.i18n import Translator
from search_ui.screens.blocks import sentence

ORDER: Final = (
    "access",
    "kind",
    "level",
    "holder",
    "person",
    "organisation",
    "place",
    "subject",
    "language",
    "format",
    "source",
)
"""What one may do comes first, then what it is, where it is, what it is about. Decades are the bars above."""
SHOWN: Final = 5
CODED: Final = {"access", "kind", "level"}

Json = dict[str, Any]


def view(answer: Json, query: Query, words: Translator) -> Json:
    """The filter panel of an answer: bars, the two years, facets that still divide the results."""
    return {
        "bars": _bars(answer["histogram"], query),
        "years": {"from": _shown(query.year_from), "to": _shown(query.year_to)},
        "years_base": address.href(address.with_years(query, None, None)),
        "years_set": query.year_from is not None or query.year_to is not None,
        "facets": [facet for name in ORDER if (facet := _facet(name, answer["facets"].get(name, []), query, words))],
        "chosen_total": chosen_total(query),
        "clear": address.href(address.without_filters(query)),
    }


def chosen_total(query: Query) -> int:
    """How many filters are set; a span of years counts as one."""
    return sum(len(values) for values in query.filters.values()) + (
        query.year_from is not None or query.year_to is not None
    )


def value_label(field: str, value: str, label: str | None, words: Translator) -> str:
    """What a facet value is called: our codes in the reader's language, everything else as the catalogue has it."""
    if field == "language":
        return words.language_name(value)
    if field in CODED:
        return sentence(words.term(field, value))
    if field == "decade":
        return words.t("{decade}s", decade=value)
    return label or value


def _facet(name: str, values: list[Json], query: Query, words: Translator) -> Json | None:
    chosen = query.filters.get(name, ())
    counted = {entry["value"]: entry for entry in values}
    # A chosen value stays even when nothing is left of it: it must be possible to take it back.
    entries = [*values, *({"value": value, "label": None, "count": 0} for value in chosen if value not in counted)]
    if not chosen and len(entries) < 2:
        return None
    shown = [_value(name, entry, query, words) for entry in entries]
    split = max(SHOWN, max((place + 1 for place, value in enumerate(shown) if value["chosen"]), default=0))
    return {
        "name": name,
        "label": words.term("facet", name),
        "first": shown[:split],
        "more": shown[split:],
        "total": len(shown),
    }


def _value(name: str, entry: Json, query: Query, words: Translator) -> Json:
    return {
        "label": value_label(name, entry["value"], entry["label"], words),
        "count": entry["count"],
        "chosen": entry["value"] in query.filters.get(name, ()),
        "key": f"{name}:{entry['value']}",
        "href": address.href(address.toggled(query, name, entry["value"])),
    }


def _bars(histogram: list[Json], query: Query) -> list[Json]:
    """Bars in per cent of the tallest; those outside the chosen years are pale. Each leads to its own span of years."""
    tallest = max((bar["count"] for bar in histogram), default=0)
    return [
        {
            **bar,
            "height": max(3, round(100 * bar["count"] / tallest)) if bar["count"] else 0,
            "within": (query.year_from is None or bar["to"] >= query.year_from)
            and (query.year_to is None or bar["from"] <= query.year_to),
            "href": address.href(address.with_years(query, bar["from"], bar["to"])),
        }
        for bar in histogram
        if tallest
    ]


def _shown(year: int | None) -> str:
    return "" if year is None else str(year)
