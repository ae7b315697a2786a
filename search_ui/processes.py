"""Several serving processes behind one port.

One process listens and hands every connection it takes to the next of the workers, as a file descriptor; no byte of a
request passes through it. A worker that ends is started again, and the connections of the others do not notice. What a
worker is told comes over its *channel*, a pair of sockets: connections from the one side, "ready" from the other; when
the listening process is gone, the channel ends and so does the worker.

A reader's screen lives in the worker that has its websocket. Files sent from that screen come over a connection of
their own and may reach another worker: `Relay` passes them on, through the *door* of their owner, a socket in a folder
that only workers can enter.
"""

from __future__ import annotations

import selectors
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final

import structlog

log = structlog.get_logger(__name__)

READY: Final = b"r"
CONNECTION: Final = b"c"
PATIENCE: Final = 8.0
"""Seconds a worker has to end by itself: more than it waits for its answers (`search_ui.server`)."""
PAUSE: Final = 1.0
"""Seconds between the end of a worker and its next start, so that one that cannot start does not spin."""
WAIT: Final = 0.05
GIVE_UP: Final = 3
"""Starts in a row that came to nothing after which there is no use in going on."""
Command = Callable[[int, Path], Sequence[str]]
"""The command line of a worker, given the file descriptor of its channel and the path of its door."""


class CannotStart(Exception):
    """Workers end before they are ready; they have said why on standard error."""


class _Worker:
    """One worker: its process, our end of its channel, and whether it has ever been ready."""

    def __init__(self, command: Command, door: Path) -> None:
        self.channel, theirs = socket.socketpair()
        self.door = door
        self.ready = False
        door.unlink(missing_ok=True)
        with theirs:
            arguments = list(command(theirs.fileno(), door))
            self.process = subprocess.Popen(  # noqa: S603  # what we serve by, with numbers and paths that we made
                arguments, pass_fds=(theirs.fileno(),), start_new_session=True
            )

    def hand(self, connection: socket.socket) -> bool:
        """Give it a connection; False when it is gone."""
        try:
            socket.send_fds(self.channel, [CONNECTION], [connection.fileno()])
        except OSError:
            return False
        return True

    def end(self, patience: float) -> None:
        """Ended, by itself if it can."""
        self.channel.close()
        self.process.terminate()
        try:
            self.process.wait(max(patience, 0.0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Processes:
    """Listens, and keeps so many workers."""

    def __init__(self, listener: socket.socket, command: Command, count: int) -> None:
        self._listener = listener
        self._command = command
        self._count = count
        self._failures = 0
        self._stopped = False
        self._due: dict[int, float] = {}
        """Number of a worker that is to be started, and when."""
        self._workers: dict[int, _Worker] = {}
        self._turn = 0

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM. Raises CannotStart when workers do not get ready."""
        noticed, woken = socket.socketpair()
        woken.setblocking(False)
        handlers = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        wakeup = signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        try:
            with tempfile.TemporaryDirectory(prefix="onestop-workers-") as folder, noticed, woken:
                self._keep(Path(folder), noticed)
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped = True

    def _keep(self, folder: Path, noticed: socket.socket) -> None:
        self._due = dict.fromkeys(range(self._count), 0.0)
        self._listener.setblocking(False)
        with selectors.DefaultSelector() as events:
            events.register(self._listener, selectors.EVENT_READ)
            events.register(noticed, selectors.EVENT_READ)
            try:
                while not self._stopped:
                    self._start_due(folder, events)
                    for key, _ in events.select(PAUSE if self._due else None):
                        self._happened(key, events)
            finally:
                self._listener.close()
                end = time.monotonic() + PATIENCE
                for worker in self._workers.values():
                    worker.process.terminate()
                for worker in self._workers.values():
                    worker.end(end - time.monotonic())

    def _start_due(self, folder: Path, events: selectors.BaseSelector) -> None:
        now = time.monotonic()
        for number in [number for number, moment in self._due.items() if moment <= now]:
            del self._due[number]
            worker = self._workers[number] = _Worker(self._command, folder / f"{number}.sock")
            events.register(worker.channel, selectors.EVENT_READ, number)

    def _happened(self, key: selectors.SelectorKey, events: selectors.BaseSelector) -> None:
        if key.fileobj is self._listener:
            self._take()
        elif key.data is not None:
            self._heard(key.data, events)

    def _take(self) -> None:
        """Hand the next connection to the next worker in turn that takes it: one that is ready, if there is any."""
        ready = [number for number, worker in self._workers.items() if worker.ready]
        numbers = sorted(ready or self._workers)
        if not numbers:  # it waits where it is until there is somebody to take it
            time.sleep(WAIT)
            return
        with suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listener.accept()
            self._turn += 1
            with connection:
                for offset in range(len(numbers)):
                    if self._workers[numbers[(self._turn + offset) % len(numbers)]].hand(connection):
                        break

    def _heard(self, number: int, events: selectors.BaseSelector) -> None:
        worker = self._workers[number]
        said = b""
        with suppress(OSError):
            said = worker.channel.recv(1)
        if said == READY:
            worker.ready, self._failures = True, 0
            return
        events.unregister(worker.channel)
        del self._workers[number]
        worker.end(PATIENCE)
        self._failures += not worker.ready
        log.warning("a serving process ended", code=worker.process.returncode)
        if self._failures >= GIVE_UP:
            raise CannotStart("serving processes end before they are ready")
        self._due[number] = time.monotonic() + (0.0 if worker.ready else PAUSE)


def connections(channel: socket.socket) -> list[socket.socket] | None:
    """The connections that have come over a worker's channel; None when the listening process is gone."""
    try:
        data, numbers, _, _ = socket.recv_fds(channel, len(CONNECTION), 1)
    except BlockingIOError:
        return []
    except OSError:
        return None
    return [socket.socket(fileno=number) for number in numbers] if data else None
