"""Filters beside the results: years with their bars, then each facet with its counts. Every value is an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from indexer.fields import FACET_VALUES, filter_key
from indexer.query import Query
from search_ui import address
from search_ui.i18n import Translator
from search_ui.screens import histogram
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


@dataclass(frozen=True, slots=True)
class Value:
    """A value to tick: `filter` is ``FIELD:VALUE`` as in the address."""

    filter: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet: its most frequent and its chosen values. `more` are the others, drawn by the browser when asked for:
    a line each, filter and count and, where it is not the value itself, label, with tabs between. `name` is that of
    a facet with more values than an answer has room for: they can be searched.
    """

    label: str
    first: list[Value]
    more: str
    total: int
    name: str | None


def view(answer: Json, query: Query, words: Translator) -> Json:
    """The filter panel of an answer: bars, the two years, facets that still divide the results."""
    facets = (_facet(name, answer["facets"].get(name, []), query, words) for name in ORDER)
    return {
        "bars": histogram.bars(answer["histogram"], query, words),
        "first_year": _shown(query.year_from),
        "last_year": _shown(query.year_to),
        "years_base": address.href(address.with_years(query, None, None)),
        "facets": [facet for facet in facets if facet],
        "chosen_total": chosen_total(query),
    }


def chosen_total(query: Query) -> int:
    """How many filters are set; a span of years counts as one, and so does a place to look in."""
    years = query.year_from is not None or query.year_to is not None
    return sum(len(values) for values in query.filters.values()) + years + (query.within is not None)


def value_label(field: str, value: str, label: str | None, words: Translator) -> str:
    """What a facet value is called: our codes in the reader's language, everything else as the catalogue has it."""
    if field == "language":
        return words.language_name(value)
    if field in CODED:
        return sentence(words.term(field, value))
    if field == "decade":
        return words.t("{decade}s", decade=value)
    return label or value


def _facet(name: str, values: list[Json], query: Query, words: Translator) -> Facet | None:
    chosen = {filter_key(name, value): value for value in query.filters.get(name, ())}
    counted = {filter_key(name, entry["value"]): entry for entry in values}
    if not chosen and len(values) < 2:
        return None
    # A chosen value stays even when nothing is left of it, as it stands in the address: it must be possible to take
    # it back.
    none = {"label": None, "count": 0}
    ticked = [_value(name, {**counted.get(key, none), "value": value}, True, words) for key, value in chosen.items()]
    others = [_value(name, entry, False, words) for key, entry in counted.items() if key not in chosen]
    shown = max(SHOWN - len(ticked), 0) if len(values) > SHOWN + 1 else len(others)
    return Facet(
        label=words.term("facet", name),
        first=ticked + others[:shown],
        more="\n".join(_line(value, words) for value in others[shown:]),
        total=len(ticked) + len(others),
        name=name if len(values) >= FACET_VALUES else None,
    )


def _value(name: str, entry: Json, chosen: bool, words: Translator) -> Value:
    label = value_label(name, entry["value"], entry["label"], words)
    return Value(f"{name}:{entry['value']}", label, entry["count"], chosen)


def _line(value: Value, words: Translator) -> str:
    parts = [value.filter, words.number(value.count)]
    if value.label != value.filter.partition(":")[2]:
        parts.append(value.label)
    return "\t".join(part.replace("\t", " ").replace("\n", " ") for part in parts)


def _shown(year: int | None) -> str:
    return "" if year is None else str(year)
