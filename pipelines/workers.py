"""Worker processes: tasks handed out largest first, their results taken in the order of the tasks, memory bounded.

Workers are programs of their own, started when the first task comes, so a night without changes starts none. One that
dies (out of memory, a crash in native code) costs the item it died on, not the run.
"""

from __future__ import annotations

import fcntl
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

AHEAD_BYTES = 8 << 20
"""How much of the input is under way at once: handed out, or done and waiting for something before it."""
PIPE_BYTES = 1 << 20
"""What fits between two processes before the writer has to wait: as much as Linux gives to anyone."""
QUEUED = 2
"""Tasks a worker holds: one in work, one waiting, so that it never idles while the parent is busy."""
_PROGRAM = """
import sys
tasks, results, *sys.path[:] = sys.argv[1:]
from pipelines.worker import serve
serve(int(tasks), int(results))
"""


class Task(Protocol):
    """Work for one process. `alone` ones are delivered as they come, and handed out when all before them is done."""

    @property
    def size(self) -> int: ...
    @property
    def alone(self) -> bool: ...
    def split(self) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Died:
    """Delivered instead of a result: the worker died on this task, which is a single item."""


@dataclass(slots=True, eq=False)
class _Slot:
    """A task under way: where it is, and the results that wait for their turn."""

    task: Any
    number: int
    suspect: bool = False
    worker: _Worker | None = None
    results: deque[Any] = field(default_factory=deque)
    is_done: bool = False
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.task.size  # asked once: it is added up over everything in the task


def child(program: str, *ends: Connection) -> subprocess.Popen[bytes]:
    """Our own interpreter on a program of ours, which gets its ends of some pipes by number, then the paths of modules.
    The ends are closed here.
    """
    numbers = [end.fileno() for end in ends]
    paths = [path or str(Path.cwd()) for path in sys.path]
    started = subprocess.Popen(  # noqa: S603  # our own interpreter and our own program
        [sys.executable, "-c", program, *map(str, numbers), *paths],
        pass_fds=numbers,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    for end in ends:
        end.close()
    return started


class _Worker:
    """One process with its pipes and the slots handed to it."""

    def __init__(self) -> None:
        tasks, self._tasks = _pipe()
        self.results, results = _pipe()
        self._process = child(_PROGRAM, tasks, results)
        self.slots: deque[_Slot] = deque()

    def give(self, slot: _Slot) -> None:
        slot.worker = self
        self.slots.append(slot)
        with suppress(BrokenPipeError, ConnectionResetError):  # noticed when its results are asked for
            self._tasks.send_bytes(pickle.dumps((slot.number, slot.task), pickle.HIGHEST_PROTOCOL))

    def stop(self) -> None:
        self._tasks.close()
        self.results.close()
        self._process.terminate()
        self._process.wait()


def _pipe() -> tuple[Connection, Connection]:
    """(reading end, writing end), roomy: neither side waits for the other to take what was written."""
    reader, writer = connection.Pipe(duplex=False)
    with suppress(OSError):
        fcntl.fcntl(writer.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reader, writer


class Workers:
    """A pool. Used as a context manager."""

    def __init__(self, count: int = 2) -> None:
        self._count = count
        self._pool: list[_Worker] = []
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, whatever they do."""
        while self._pool:
            self._pool.pop().stop()

    @property
    def running(self) -> int:
        """How many processes there are now."""
        return len(self._pool)

    def start(self) -> None:
        """Start the workers now, so that they are ready when the first task comes."""
        while len(self._pool) < self._count:
            self._pool.append(_Worker())

    def ordered(self, tasks: Iterable[Task], ahead: int = AHEAD_BYTES) -> Iterator[tuple[Any, Any]]:
        """(task, result) for every result of every task, in the order of the tasks; then (task, None) when a task is
        done.

        A task whose worker dies is tried again, item by item; the item that kills a worker by itself gives (task,
        Died()).
        """
        slots: deque[_Slot] = deque()
        source = iter(tasks)
        is_open = True
        try:
            while is_open or slots:
                is_open = is_open and self._admit(source, slots, ahead)
                self._hand_out(slots)
                yield from self._deliver(slots)
                if slots and not slots[0].is_done and any(worker.slots for worker in self._pool):
                    self._receive(slots)
        finally:
            if slots:
                self.close()

    def _admit(self, source: Iterator[Task], slots: deque[_Slot], ahead: int) -> bool:
        """Take in tasks while there is room; False when there are no more."""
        while not slots or (sum(slot.size for slot in slots) < ahead and not slots[-1].task.alone):
            task = next(source, None)
            if task is None:
                return False
            self._number += 1
            slots.append(_Slot(task, self._number))
        return True

    def _hand_out(self, slots: deque[_Slot]) -> None:
        """The largest task that waits to the worker with the least to do."""
        waiting = [slot for slot in slots if slot.worker is None and (not slot.task.alone or slot is slots[0])]
        waiting.sort(key=lambda slot: (-slot.size, slot.number), reverse=True)
        while waiting and (worker := self._with_least_to_do()) is not None:
            worker.give(waiting.pop())

    def _with_least_to_do(self) -> _Worker | None:
        """A worker that can take a task, a new one when all have something to do and there may be more."""
        least = min(self._pool, key=lambda one: len(one.slots), default=None)
        if (least is None or least.slots) and len(self._pool) < self._count:
            least = _Worker()
            self._pool.append(least)
        return least if least is not None and len(least.slots) < QUEUED else None

    def _deliver(self, slots: deque[_Slot]) -> Iterator[tuple[Any, Any]]:
        """The results of the first task when it is complete (of one alone as they come), then those of the next."""
        while slots and (slots[0].is_done or slots[0].task.alone):
            slot = slots[0]
            while slot.results:
                yield slot.task, slot.results.popleft()
            if not slot.is_done:
                return
            slots.popleft()
            yield slot.task, None

    def _receive(self, slots: deque[_Slot]) -> None:
        """Wait for messages and put them to their slots."""
        pipes = {worker.results: worker for worker in self._pool if worker.slots}
        for ready in connection.wait(list(pipes)):
            worker = pipes[ready]  # type: ignore[index]  # wait returns what it was given
            try:
                number, result = pickle.loads(worker.results.recv_bytes())  # noqa: S301  # from our own process
            except (EOFError, OSError):
                self._bury(worker, slots)
                continue
            slot = next(slot for slot in worker.slots if slot.number == number)
            if result is None:
                slot.is_done = True
                worker.slots.remove(slot)
            else:
                slot.results.append(result)

    def _bury(self, worker: _Worker, slots: deque[_Slot]) -> None:
        """Replace a dead worker: its first task is tried again item by item, the others as they are."""
        self._pool.remove(worker)
        worker.stop()
        for slot in worker.slots:
            slot.worker = None
        victim = worker.slots[0]
        parts = victim.task.split()
        if victim.task.alone or (victim.suspect and len(parts) == 1):
            victim.results.append(Died())
            victim.is_done, victim.worker = True, worker
            return
        victim.results.clear()
        at = slots.index(victim)
        slots.remove(victim)
        for part in reversed(parts):
            self._number += 1
            slots.insert(at, _Slot(part, self._number, suspect=True))
