"""Whatever happens between runs, what they leave is what one run over the last state would have made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.memory import MemoryEngine
from indexer.resource import mint
from pipelines.link import Links
from pipelines.publish import publish
from pipelines.workers import Workers

from .conftest import House, finding_aid, table
from .shown import STAFF, agree

AIDS, CODES, TITLES = ("a", "b", "c"), ("1", "2", "3"), ("Railway", "Harbour", "Canal")
State = tuple[dict[str, dict[str, str]], dict[str, tuple[str, str]]]
"""Finding aid -> code -> title; row id -> (file it is in, code it is about)."""

components = st.dictionaries(st.sampled_from(CODES), st.sampled_from(TITLES), max_size=3)
states = st.tuples(
    st.dictionaries(st.sampled_from(AIDS), components, max_size=3),
    st.dictionaries(
        st.sampled_from(("r1", "r2", "r3")), st.tuples(st.sampled_from(("x", "y")), st.sampled_from(CODES)), max_size=3
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("property")


def arrange(house: House, state: State) -> None:
    """Make the files of a house be those of a state."""
    aids, rows = state
    for name in ("aids", "rows"):
        shutil.rmtree(house.folder / name)
        (house.folder / name).mkdir()
    for aid, parts in aids.items():
        house.write(f"aids/{aid}.xml", finding_aid([(f"J1-1-{code}", title) for code, title in parts.items()]))
    for file in {file for file, _ in rows.values()}:
        lines = [(one, f"J1-1-{code}", f"Row {one}") for one, (inside, code) in sorted(rows.items()) if inside == file]
        house.write(f"rows/{file}.csv", table(*lines))


def begin(folder: Path, name: str, workers: Workers) -> House:
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / name).mkdir()
    return House(folder / name, workers)


def groups(house: House) -> set[frozenset[tuple[str, str]]]:
    """The records of each resource of several."""
    there = set(house.records())
    found = (frozenset(keys) & there for keys in Links.read(house.store).by_resource().values())
    return {keys for keys in found if len(keys) > 1}


def documents(engine: MemoryEngine) -> list[str]:
    return sorted(map(str, engine.documents))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(states, min_size=2, max_size=4), full=st.booleans())
def test_runs_add_up(history: list[State], full: bool, folder: Path, workers: Workers) -> None:
    lived = begin(folder, "lived", workers)
    for number, state in enumerate(history):
        arrange(lived, state)
        lived.sync(full=full and number == 1)
    fresh = begin(folder, "fresh", workers)
    arrange(fresh, history[-1])
    fresh.sync()
    assert lived.records() == fresh.records()
    assert groups(lived) == groups(fresh)
    assert sorted(lived.titles()) == sorted(fresh.titles())
    assert len(lived.engine.documents) == len(fresh.engine.documents)
    rebuilt = MemoryEngine()
    publish(lived.store, rebuilt, workers)
    assert documents(lived.engine) == documents(rebuilt)
    ids = [document["id"] for document in rebuilt.documents]
    assert len(ids) == len(set(ids))
    every = {*ids, *(mint(*key) for key in lived.records()), *(":".join(key) for key in lived.records())}
    agree(rebuilt, lived.store, sorted(every), [STAFF])
