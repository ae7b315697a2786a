"""Tables of millions of rows: what is kept of them while they are read."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings import seen
from mappings.base import MappingOptions
from mappings.formats.table import TableMapping
from mappings.formats.table.delimited import lines_of
from tests.contracts.mapping_contract import records

TABLE = TableMapping(MappingOptions(columns={"id": "id", "title": "t"}))


@given(text=st.text('ab,"\r\n\x0b\x85\u2028'))
def test_lines_are_those_of_a_file(text: str) -> None:
    assert list(lines_of(text)) == list(io.StringIO(text, newline=""))


def test_lines_are_made_as_they_are_read() -> None:
    text = "a,b,c\r\n" * 100_000
    tracemalloc.start()
    assert sum(map(len, lines_of(text))) == len(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(text) / 10


def told_apart(ids: list[str]) -> list[str]:
    """The rule, with everything kept."""
    times: dict[str, int] = {}
    found = []
    for own in ids:
        count = times[own] = times.get(own, 0) + 1
        unique = own if count == 1 else f"{own}~{count}"
        while count > 1 and unique in times:
            count += 1
            unique = f"{own}~{count}"
        times.setdefault(unique, 1)
        found.append(unique)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(st.sampled_from(["x", "x~2", "x~3", "x~2~2", "y", "z"]), min_size=1, max_size=20))
def test_ids_are_told_apart_though_few_are_kept(ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_RECENT", 2)
    payload = "\n".join(["id,t", *(f"{one},Title" for one in ids)]).encode()
    found = [record.source_id for record in records(TABLE, ("a.csv", payload))]
    assert found == told_apart(ids)
