"""The program a worker process runs: tasks in from one pipe, messages out to another, until the parent closes them.

Tasks are taken in by a thread of their own, so that the parent never waits to hand one over: neither side can block the
other. When the parent dies, however it dies, the pipes close and the worker ends.
"""

from __future__ import annotations

import gc
import pickle
import queue
import resource
import threading
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

MEMORY_LIMIT = 4 << 30
"""Bytes of address space a worker may use: an item that wants more fails, and the run goes on."""
_GC_THRESHOLD = 100_000
"""Rows are lists of text and hold no cycles; looking for some at the usual rate costs a tenth of the time."""
_NEEDED = ("pipelines.tasks", "indexer.documents")
"""Imported at once: a worker that was started early is ready when its first task comes. And before anything is taken
in: what a task brings along is imported by the thread that takes it in, and two threads that import at once may lock
each other out.
"""


def serve(tasks: int, results: int) -> None:
    """Answer what comes out of one pipe into the other (file descriptors) until the parent closes its ends."""
    _limit_memory()
    gc.set_threshold(_GC_THRESHOLD)
    waiting: queue.SimpleQueue[tuple[int, Any] | None] = queue.SimpleQueue()
    reader = Connection(tasks, writable=False)
    writer = Connection(results, readable=False)
    for module in _NEEDED:
        import_module(module)
    threading.Thread(target=_receive, args=(reader, waiting), daemon=True).start()
    while (received := waiting.get()) is not None:
        number, task = received
        try:
            for message in task.run():
                _send(writer, number, message)
            _send(writer, number, None)
        except BrokenPipeError:
            return


def _limit_memory() -> None:
    """Down to `MEMORY_LIMIT`; never up, which a house that sets a lower limit itself would forbid."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT if most == resource.RLIM_INFINITY else min(MEMORY_LIMIT, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _receive(reader: Connection, waiting: queue.SimpleQueue[tuple[int, Any] | None]) -> None:
    """Whatever goes wrong here ends the worker: the parent notices, and tries the task item by item."""
    try:
        while True:
            waiting.put(pickle.loads(reader.recv_bytes()))  # noqa: S301  # from the parent, over a private pipe
    except (EOFError, OSError):
        pass
    finally:
        waiting.put(None)


def _send(writer: Connection, number: int, message: Any) -> None:
    writer.send_bytes(pickle.dumps((number, message), pickle.HIGHEST_PROTOCOL))
