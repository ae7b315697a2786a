"""Rows of several files that say the same id, within a file and across: none is lost, and none changes its id."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.engines.memory import MemoryEngine
from pipelines.nightly import sync
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec
from pipelines.workers import Workers

pytestmark = pytest.mark.slow
State = dict[str, str]
"""File -> the ids of its rows, a character each."""
states = st.lists(
    st.dictionaries(st.sampled_from(["a.csv", "b.csv", "c.csv", "d.csv"]), st.text("123", min_size=1, max_size=5)),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as pool:
        yield pool


def arrange(folder: Path, state: State) -> set[str]:
    """Make the files be those of a state; the titles of all rows."""
    shutil.rmtree(folder / "lists", ignore_errors=True)
    (folder / "lists").mkdir()
    for name, ids in state.items():
        rows = "".join(f"{own},{name} row {number}\n" for number, own in enumerate(ids))
        (folder / "lists" / name).write_text(f"id,title\n{rows}", encoding="utf-8")
    return {f"{name} row {number}" for name, ids in state.items() for number in range(len(ids))}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=states, full=st.booleans())
@example(history=[{"a.csv": "12", "b.csv": "112", "c.csv": "12"}], full=False)
@example(
    history=[{"c.csv": "3"}, {"a.csv": "32", "b.csv": "22", "d.csv": "3"}, {"a.csv": "33", "d.csv": "2"}], full=False
)
@example(
    history=[{"d.csv": "2"}, {"b.csv": "1", "c.csv": "2", "d.csv": "212"}, {"a.csv": "2", "b.csv": "22"}], full=True
)
@example(history=[{"d.csv": "2"}, {"a.csv": "2", "d.csv": "3"}, {"d.csv": "2"}], full=True)
def test_each_row_is_one_record_that_keeps_its_id(
    history: list[State], full: bool, tmp_path_factory: pytest.TempPathFactory, workers: Workers
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    columns: dict[str, str | list[str]] = {"id": "id", "title": "title"}
    spec = SourceSpec("lists", "Lists", "folder", "table", settings={"path": "lists"}, columns=columns, base=folder)
    store = RecordStore(folder / "records")
    for state in history:
        there = arrange(folder, state)
        sync([spec], store, MemoryEngine(), full=full, allow_deletes=True, workers=workers)
        given = ids(store)
        assert set(given.values()) == there and len(given) == len(there)
        again = sync([spec], store, MemoryEngine(), full=True, allow_deletes=True, workers=workers).sources[0]
        assert (again.indexed, again.deleted, again.unchanged) == (0, 0, len(there))
        assert ids(store) == given


def ids(store: RecordStore) -> dict[str, str]:
    """Title by id of all records."""
    rows = store.current("record", ["source_id", "record"]).to_pylist()
    return {row["source_id"]: msgspec.json.decode(row["record"])["title"] for row in rows}
