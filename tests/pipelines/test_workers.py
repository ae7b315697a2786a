"""Worker processes: order, and what a death costs. The tasks are real ones in real processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pipelines.workers import AHEAD_BYTES, Died, Workers


@dataclass(frozen=True)
class Echo:
    """Says its numbers, one message each; a negative one kills the worker."""

    numbers: tuple[int, ...]
    size: int = 1
    alone: bool = False

    def split(self) -> list[Echo]:
        return [Echo((number,), self.size, self.alone) for number in self.numbers]

    def run(self) -> Iterator[int]:
        for number in self.numbers:
            if number < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            yield number


def answers(tasks: list[Echo], workers: Workers) -> list[object]:
    return [result for _, result in workers.ordered(tasks) if result is not None]


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (1, 5, 3, 9), (AHEAD_BYTES, 1, AHEAD_BYTES * 2, 1)])
def test_results_come_in_the_order_of_the_tasks(sizes: tuple[int, ...], workers: Workers) -> None:
    tasks = [Echo((number * 2, number * 2 + 1), size) for number, size in enumerate(sizes)]
    assert answers(tasks, workers) == list(range(len(sizes) * 2))


def test_a_task_alone_waits_for_those_before_it_and_streams(workers: Workers) -> None:
    tasks = [Echo((1,)), Echo((2, 3), alone=True), Echo((4,))]
    assert answers(tasks, workers) == [1, 2, 3, 4]


def test_many_tasks(workers: Workers) -> None:
    assert answers([Echo((number,)) for number in range(2_000)], workers) == list(range(2_000))


def test_no_task_starts_no_worker() -> None:
    with Workers() as pool:
        assert answers([], pool) == []
        assert pool.running == 0


@pytest.mark.parametrize("numbers", [(1, -1, 2), (-1,), (-1, -2, 3)])
def test_a_death_costs_the_item_it_was_caused_by(numbers: tuple[int, ...], workers: Workers) -> None:
    tasks = [Echo((10, 11)), Echo(numbers), Echo((20,)), Echo((21,))]
    expected = [Died() if number < 0 else number for number in numbers]
    assert answers(tasks, workers) == [10, 11, *expected, 20, 21]


def test_the_death_of_a_task_alone(workers: Workers) -> None:
    found = answers([Echo((1, -1, 2), alone=True), Echo((3,))], workers)
    assert found[-1] == 3
    assert Died() in found


def test_leaving_off_leaves_nothing_behind(workers: Workers) -> None:
    for _ in workers.ordered([Echo((number,)) for number in range(100)]):
        break
    assert answers([Echo((7,))], workers) == [7]
