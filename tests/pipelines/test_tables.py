"""What is told by hashes says the same as what is told by looking at every row."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import taken
from pipelines.tables import Newest, hashes_of, is_among, repeated, shared
from pipelines.taken import Taken

ROWS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab"), st.sampled_from(["1", "2", "3", "é"])), max_size=30)


@given(st.lists(ROWS, max_size=4))
def test_the_newest_row_of_each_key_in_whatever_order(groups: list[list[tuple[int, str, str]]]) -> None:
    rows = [row for group in groups for row in group]
    found = Newest(("source", "source_id"), len(rows))
    for group in groups:
        columns = list(zip(*group, strict=True)) or [(), (), ()]
        found.add(pa.table(dict(zip(("version", "source", "source_id"), map(list, columns), strict=True))))
    last = {row[1:]: at for at, row in sorted(enumerate(rows), key=lambda pair: (pair[1][0], pair[0]))}
    assert np.flatnonzero(found.mask()).tolist() == sorted(last.values())


@given(st.lists(st.integers(-20, 20)))
def test_what_occurs_more_than_once(numbers: list[int]) -> None:
    expected = sorted(number for number, times in Counter(numbers).items() if times > 1)
    found = repeated(np.array(numbers, np.int64))
    assert found.tolist() == expected
    assert is_among(np.array(numbers, np.int64), found).tolist() == [number in expected for number in numbers]


def test_a_row_without_a_value_has_a_key_too() -> None:
    table = pa.table({"source": ["a", None, None], "source_id": ["1", "1", "1"]})
    first, second, third = hashes_of(table, ["source", "source_id"])
    assert first != second == third


@given(steps=st.lists(st.tuples(st.sampled_from("xyz"), st.sets(st.integers(0, 40)))), limit=st.integers(1, 9))
def test_the_last_item_to_take_an_id_has_it(steps: list[tuple[str, set[int]]], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taken, "_RECENT", limit)
        found, expected = Taken(), {}
        for item, numbers in steps:
            ids = [str(number) for number in sorted(numbers)]
            found.put(ids, item)
            expected |= dict.fromkeys(ids, item)
        assert found.among(map(str, range(42))) == expected


def test_rows_that_say_the_same_share_their_text() -> None:
    column = pa.chunked_array([["a b", "c"], [], ["a b", "d"]])
    found = shared(column)
    assert found == column.to_pylist()
    assert found[0] is found[2]
    assert shared(pa.chunked_array([], pa.string())) == []
