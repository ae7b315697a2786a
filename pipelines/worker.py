"""The program a worker process runs: tasks in from a socket, messages out, until the socket closes.

Tasks are taken from the socket by a thread of their own, so that the parent never waits to hand one over: neither side can
block the other. When the parent dies, however it dies, the socket closes and the worker ends.
"""

from __future__ import annotations

import gc
import pickle
import queue
import resource
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

MEMORY_LIMIT = 4 << 30
"""Bytes of address space a worker may use: an item that wants more fails, and the run goes on."""
_GC_THRESHOLD = 100_000
"""Rows are lists of text and hold no cycles; looking for some at the usual rate costs a tenth of the time."""


def serve(descriptor: int) -> None:
    """Answer tasks until the parent closes its end."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    gc.set_threshold(_GC_THRESHOLD)
    connection = Connection(descriptor)
    tasks: queue.SimpleQueue[tuple[int, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    while (received := tasks.get()) is not None:
        number, task = received
        try:
            for message in task.run():
                _send(connection, number, message)
            _send(connection, number, None)
        except (BrokenPipeError, ConnectionResetError):
            return


def _receive(connection: Connection, tasks: queue.SimpleQueue[tuple[int, Any] | None]) -> None:
    try:
        while True:
            tasks.put(pickle.loads(connection.recv_bytes()))  # noqa: S301  # from the parent, over a private socket
    except (EOFError, OSError):
        tasks.put(None)


def _send(connection: Connection, number: int, message: Any) -> None:
    connection.send_bytes(pickle.dumps((number, message), pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
