"""The address of a search: plain parameters to and from `Query`. The address is the state of the search page.

Parameters: ``q`` the words, ``f`` a filter ``FIELD:VALUE`` (repeated), ``from`` and ``to`` years, ``in`` the resource
below which to look, ``sort``, ``group=fonds``, ``fold=0`` to see near-identical siblings one by one (screens fold
them), ``plain`` a reading of the words taken back (repeated), ``synonyms=0``, ``page`` from 1. What is not understood
is ignored, so an old or mistyped link still opens; nothing is ever evaluated. The HTTP API is strict instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from indexer.fields import FILTERS
from indexer.query import GROUPS, MAX_OFFSET, SORTS, YEARS, Group, Query
from search_ui import paths

PAGE_SIZE: Final = 20
MAX_PAGE: Final = MAX_OFFSET // PAGE_SIZE + 1
MAX_TEXT: Final = 1000
MAX_FILTERS: Final = 50
MAX_VALUE: Final = 500
MAX_PLAIN: Final = 20
EVERYTHING: Final = "*"

Parameters = Mapping[str, Sequence[str]]
NEW: Final = Query(size=PAGE_SIZE, folded=True)
"""A search of the screens before anything is asked."""
_YEAR = re.compile(r"-?\d{1,4}", re.ASCII)
_PAGE = re.compile(r"\d{1,8}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def read(parameters: Parameters) -> Query:
    """The query an address stands for. Never raises: a part that is not understood is as if it were not there."""
    first, last = year(_last(parameters, "from")), year(_last(parameters, "to"))
    if first is not None and last is not None and first > last:
        first, last = last, first
    sort = _last(parameters, "sort")
    return Query(
        text=_text(_last(parameters, "q"))[:MAX_TEXT].strip() or EVERYTHING,
        filters=_filters(parameters.get("f", ())),
        year_from=first,
        year_to=last,
        sort=next((known for known in SORTS if known == sort), "relevance"),
        size=PAGE_SIZE,
        offset=(_page(_last(parameters, "page")) - 1) * PAGE_SIZE,
        within=_value(_last(parameters, "in")) or None,
        plain=_plain(parameters.get("plain", ())),
        synonyms=_last(parameters, "synonyms") != "0",
        folded=_last(parameters, "fold") != "0",
        group=next((known for known in GROUPS if known == _last(parameters, "group")), ""),
    )


def read_string(query_string: str) -> Query:
    """`read` for the part of an address behind its question mark."""
    parameters: dict[str, list[str]] = {}
    for key, value in parse_qsl(query_string[:20_000].lstrip("?"), keep_blank_values=True, errors="replace"):
        parameters.setdefault(key, []).append(value)
    return read(parameters)


def write(query: Query) -> dict[str, str | list[str]]:
    """The parameters of a query, defaults left out; ``read(write(q)) == q`` for every query `read` can give."""
    pairs: dict[str, str | list[str]] = {
        "q": shown_text(query),
        "f": [f"{field}:{value}" for field, values in query.filters.items() for value in values],
        "from": "" if query.year_from is None else str(query.year_from),
        "to": "" if query.year_to is None else str(query.year_to),
        "in": query.within or "",
        "sort": "" if query.sort == "relevance" else query.sort,
        "group": query.group,
        "fold": "" if query.folded else "0",
        "plain": list(query.plain),
        "synonyms": "" if query.synonyms else "0",
        "page": "" if query.offset == 0 else str(page(query)),
    }
    return {key: value for key, value in pairs.items() if value}


def href(query: Query) -> str:
    """The address of the search page showing `query`."""
    parameters = urlencode(write(query), doseq=True)
    return f"{paths.SEARCH}?{parameters}" if parameters else paths.SEARCH


def shown_text(query: Query) -> str:
    """What stands in the box: nothing when everything is asked for."""
    return "" if query.text == EVERYTHING else query.text


def year(text: str) -> int | None:
    """The year typed into a field, full-width digits too; None when it is not one."""
    typed = unicodedata.normalize("NFKC", text).strip()
    number = int(typed) if _YEAR.fullmatch(typed) else None
    return number if number is not None and number in YEARS else None


def page(query: Query) -> int:
    """The number of the result page, from 1."""
    return query.offset // PAGE_SIZE + 1


def with_page(query: Query, number: int) -> Query:
    """The same search, another page of results."""
    return replace(query, offset=(min(max(number, 1), MAX_PAGE) - 1) * PAGE_SIZE)


def with_text(query: Query, text: str) -> Query:
    """The same filters and years, other words."""
    return replace(query, text=_text(text)[:MAX_TEXT].strip() or EVERYTHING, offset=0)


def with_years(query: Query, first: int | None, last: int | None) -> Query:
    """The same search within other years; None opens that end."""
    return replace(query, year_from=first, year_to=last, offset=0)


def with_sort(query: Query, sort: str) -> Query:
    """The same search in another order; an unknown one is the order of relevance."""
    return replace(query, sort=next((known for known in SORTS if known == sort), "relevance"), offset=0)


def with_group(query: Query, group: Group) -> Query:
    """The same search with its hits grouped, or in one list."""
    return replace(query, group=group, offset=0)


def within(query: Query, resource_id: str | None) -> Query:
    """The same search below one resource; None looks everywhere."""
    return replace(query, within=resource_id, offset=0)


def without_reading(query: Query, key: str) -> Query:
    """The same search with one reading of its words taken back."""
    return replace(query, plain=tuple(dict.fromkeys((*query.plain, key))), offset=0)


def with_readings(query: Query, plain: tuple[str, ...] = ()) -> Query:
    """The same search with all readings of its words but these."""
    return replace(query, plain=plain, offset=0)


def with_synonyms(query: Query, wanted: bool) -> Query:
    """The same search with other names of what was typed, or without."""
    return replace(query, synonyms=wanted, offset=0)


def toggled(query: Query, field: str, value: str) -> Query:
    """The same search with that filter value added, or taken back if it was there."""
    chosen = query.filters.get(field, ())
    kept = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
    filters = {**query.filters, field: kept}
    return replace(query, filters={name: values for name, values in filters.items() if values}, offset=0)


def without_filters(query: Query) -> Query:
    """The same words everywhere, with neither filters nor years."""
    return replace(query, filters={}, year_from=None, year_to=None, within=None, offset=0)


def _last(parameters: Parameters, key: str) -> str:
    values = parameters.get(key) or ("",)
    return values if isinstance(values, str) else values[-1]


def _text(typed: str) -> str:
    return _CONTROL.sub(" ", typed)


def _value(text: str) -> str:
    """A value as it can stand in a filter; empty when it is none."""
    value = _text(text).strip()
    return value if len(value) <= MAX_VALUE else ""


def _plain(keys: Iterable[str]) -> tuple[str, ...]:
    given = [keys] if isinstance(keys, str) else list(keys)[:MAX_PLAIN]
    return tuple(dict.fromkeys(filter(None, map(_value, given))))


def _page(text: str) -> int:
    return min(max(int(text), 1), MAX_PAGE) if _PAGE.fullmatch(text) else 1


def _filters(statements: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``FIELD:VALUE`` statements by field, in the order of the address, without repetitions."""
    chosen: dict[str, tuple[str, ...]] = {}
    for statement in [statements] if isinstance(statements, str) else list(statements)[:MAX_FILTERS]:
        field, _, value = statement.partition(":")
        value = _value(value)
        if field in FILTERS and value and value not in chosen.get(field, ()):
            chosen[field] = (*chosen.get(field, ()), value)
    return chosen
