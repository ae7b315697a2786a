"""The address of a search: what it stands for, and that writing and reading it are each other's opposite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.fields import FACETS
from indexer.query import GROUPS, SORTS, Query
from search_ui import address

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing asks for everything": ("", {}),
    "words": ("q=鐵路+購地", {"text": "鐵路 購地"}),
    "white space and control characters": ("q=%09a%00b%0A", {"text": "a b"}),
    "filters by field, each once": (
        "f=kind:digital&f=level:file&f=kind:physical&f=kind:digital",
        {"filters": {"kind": ("digital", "physical"), "level": ("file",)}},
    ),
    "a value may hold colons": ("f=subject:a:b", {"filters": {"subject": ("a:b",)}}),
    "unknown field": ("f=__class__:x&f=kind:&f=kind", {}),
    "years": ("from=1982&to=1988", {"year_from": 1982, "year_to": 1988}),
    "years the wrong way round": ("from=1988&to=1982", {"year_from": 1982, "year_to": 1988}),
    "full-width digits": ("from=１９８２", {"year_from": 1982}),
    "before the common era": ("from=-206", {"year_from": -206}),
    "no years": ("from=19x8&to=99999&to=", {}),
    "order": ("sort=date", {"sort": "date"}),
    "unknown order": ("sort=price", {}),
    "page": ("page=3", {"offset": 40}),
    "page of nonsense": ("page=-1", {}),
    "page beyond the end of the world": ("page=999999", {"offset": 999_998 * 20}),
    "the last of repeated ones": ("q=a&q=b", {"text": "b"}),
    "unknown parameters": ("lang=en&utm_source=x&q=a", {"text": "a"}),
    "broken escapes": ("q=%ff%zz", {"text": "\ufffd%zz"}),
    "below one resource": ("in=r-12", {"within": "r-12"}),
    "below something endless": ("in=" + "x" * 501, {}),
    "readings taken back, each once": ("plain=years&plain=all&plain=years&plain=", {"plain": ("years", "all")}),
    "no other names": ("synonyms=0", {"synonyms": False}),
    "other names": ("synonyms=no", {}),
    "siblings one by one": ("fold=0", {"folded": False}),
    "siblings folded": ("fold=1", {}),
    "by fonds": ("group=fonds", {"group": "fonds"}),
    "by something else": ("group=holder", {}),
}


@pytest.mark.parametrize(("query_string", "expected"), CASES.values(), ids=CASES)
def test_reads(query_string: str, expected: dict[str, Any]) -> None:
    assert address.read_string(query_string) == replace(address.NEW, **expected)


texts = st.text(max_size=60)
values = st.lists(st.tuples(st.sampled_from(FACETS), texts), max_size=6)
years = st.none() | st.integers(-9999, 9999)
switches = st.lists(st.sampled_from(("0", "1", "x")), max_size=1)
addresses = st.fixed_dictionaries(
    {
        "q": st.lists(texts, max_size=2),
        "f": values.map(lambda pairs: [f"{field}:{value}" for field, value in pairs]),
        "from": st.lists(years.map(str), max_size=1),
        "to": st.lists(years.map(str), max_size=1),
        "sort": st.lists(st.sampled_from((*SORTS, "x")), max_size=1),
        "page": st.lists(st.integers(-3, 9000).map(str), max_size=1),
        "in": st.lists(texts, max_size=2),
        "plain": st.lists(texts, max_size=3),
        "synonyms": switches,
        "fold": switches,
        "group": st.lists(st.sampled_from((*GROUPS, "x")), max_size=1),
    }
)


@given(addresses)
def test_what_is_written_reads_the_same(parameters: dict[str, list[str]]) -> None:
    query = address.read(parameters)
    assert address.read_string(urlsplit(address.href(query)).query) == query


@given(st.text(max_size=300))
def test_no_query_string_is_an_error(query_string: str) -> None:
    address.read_string(query_string)


@given(addresses, st.sampled_from(FACETS), texts.map(lambda text: f"x{text}".strip()))
def test_a_filter_taken_back_leaves_nothing(parameters: dict[str, list[str]], field: str, value: str) -> None:
    query = address.with_page(address.read(parameters), 1)
    if value in query.filters.get(field, ()):
        query = address.toggled(query, field, value)
    assert address.toggled(address.toggled(query, field, value), field, value) == query


def test_a_narrower_search_starts_at_its_first_page() -> None:
    far = Query(text="a", offset=60, filters={"kind": ("digital",)}, year_from=1900)
    changed = (
        address.toggled(far, "level", "file"),
        address.with_years(far, 1900, 1950),
        address.with_text(far, "b"),
        address.with_sort(far, "date"),
        address.without_filters(far),
        address.with_group(far, "fonds"),
        address.within(far, "r-1"),
    )
    assert {query.offset for query in changed} == {0}
