"""What is remembered: made once, forgotten in turn, never a failure."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from search_ui.memory import Memory, frozen


def test_a_value_is_made_once_and_the_one_unused_longest_is_forgotten() -> None:
    made: list[str] = []
    memory: Memory[str] = Memory(2)

    def get(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return memory.get(key, make)

    assert [get(key) for key in "aabacab"] == list("AABACAB")
    assert made == ["a", "b", "c", "b"]


def test_a_failure_is_passed_on_and_not_remembered() -> None:
    memory: Memory[int] = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.get("key", lambda: 1 // 0)
    assert memory.get("key", lambda: 1) == 1


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    together = threading.Barrier(8)
    made: list[int] = []
    memory: Memory[int] = Memory()

    def make() -> int:
        made.append(1)
        return len(made)

    def ask() -> int:
        together.wait()
        return memory.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        assert {future.result() for future in [pool.submit(ask) for _ in range(8)]} == {1}
    assert made == [1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"f": ("a", "b")}, {"f": ["a", "b"]}, True),
        ({"f": ("a",)}, {"f": ("b",)}, False),
        ({"f": ("a",)}, {"g": ("a",)}, False),
        ({"f": {"g": [1, None]}}, {"f": {"g": [1, None]}}, True),
    ],
)
def test_nested_values_have_a_hashable_stand_in(one: object, other: object, same: bool) -> None:
    assert (frozen(one) == frozen(other)) is same
    assert (len({frozen(one), frozen(other)}) == 1) is same
