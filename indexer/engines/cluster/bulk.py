"""Bulks: documents on their way into an index, by two senders, as many bytes at once as the server takes.

All documents of a resource go through one sender and in order, so that whatever a server has of it when all ends in the
middle is the first of its documents, without a gap.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from indexer.engines.cluster.blocks import BLOCK, blocked
from indexer.engines.cluster.connection import Connection, Refused
from indexer.errors import EngineUnavailable

SENDERS = 2
MOST_BYTES, LEAST_BYTES = 1 << 20, 16 << 10
"""Of a bulk: as it begins, and what is left of it when a server is busy."""
MOST_ACTIONS = 2_000
AHEAD = 2
"""Bulks of one sender under way or waiting, beside the one that is filled."""
PATIENCE = 120.0
"""Seconds without any progress after which a run gives up: a node may be away for a minute."""
TRIED = 5.0
"""Seconds in which a request that got no answer is repeated before anybody looks whether it is still wanted."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0
CALM = 16
"""Bulks that a server took in a row before it is given more at once."""
CONTENT = 100 << 20
"""Bytes of a request that a server takes, when it does not tell."""
MOST_REFUSED = 5_000
"""Resources with documents that the index does not take: beyond, something else is wrong."""
_ASKED = {"filter_path": "errors,items.*.status,items.*.error"}


class Action(NamedTuple):
    """A line of a bulk and what follows it. `resource` as it stands in JSON; `refused`: it stands for a document that
    the index does not take.
    """

    resource: bytes
    line: bytes
    document: bytes | None = None
    refused: bool = False

    @property
    def size(self) -> int:
        """Bytes of a request."""
        return len(self.line) + len(self.document or b"") + 2


class Pressure:
    """How much a server takes at once; of all senders together."""

    def __init__(self, most: int) -> None:
        self.most = self.limit = min(MOST_BYTES, most)
        self._alone: threading.Lock | None = None
        self._lock, self._calm = threading.Lock(), 0

    def turn(self) -> AbstractContextManager[object]:
        """Within it one may send: one sender after the other while the server is busy."""
        return self._alone or nullcontext()

    def refused(self) -> None:
        """The server is busy."""
        with self._lock:
            self.limit, self._calm = min(self.limit, max(LEAST_BYTES, self.limit // 2)), 0
            self._alone = self._alone or threading.Lock()

    def too_large(self, size: int) -> None:
        """It never takes so many bytes."""
        with self._lock:
            self.most = min(self.most, max(1, size // 2))
            self.limit = min(self.limit, self.most)

    def taken(self) -> None:
        """It took a bulk."""
        self._calm += 1
        if self._calm >= CALM and (self._alone or self.limit < self.most):
            with self._lock:
                self._calm = 0
                self._alone = None if self.limit * 2 >= self.most else self._alone
                self.limit = min(self.limit * 2, self.most)


class Bulks:
    """Into one index. Not for several threads at once; what goes wrong on the way is raised by a later call."""

    def __init__(self, connection: Connection, index: str) -> None:
        self.refused: dict[str, str] = {}
        self._connection, self._path = connection, f"/{index}/_bulk"
        self._content = _content_length(connection)
        self._pressure = Pressure(self._content)
        self._stop = threading.Event()
        self._failed: BaseException | None = None
        self._senders = [_Lane(self._sent) for _ in range(SENDERS)]

    def put(self, action: Action) -> None:
        """On its way. Raises EngineUnavailable."""
        self._check()
        if action.document is not None and action.size > self._content:
            action = self._in_place_of(action, f"it has {action.size} bytes, more than the server takes at once")
        self._senders[crc32(action.resource) % SENDERS].put(action, self._pressure.limit)

    def flush(self) -> None:
        """All has arrived. Raises EngineUnavailable."""
        for sender in self._senders:
            sender.send()
        for sender in self._senders:
            sender.wait()
        self._check()

    def _check(self) -> None:
        """Raises what went wrong: nothing goes on after that."""
        if self._failed is not None:
            raise self._failed

    def close(self) -> None:
        """What is under way arrives or not; what waits is dropped."""
        self._stop.set()
        for sender in self._senders:
            sender.close()

    def _sent(self, actions: list[Action]) -> None:
        """One bulk, in as many requests as it takes: ends when the index has all of it."""
        try:
            self._send_all(actions)
        except BaseException as error:
            self._failed = error
            self._stop.set()
            raise

    def _send_all(self, actions: list[Action]) -> None:
        patience = _Patience(self._stop)
        while actions and not self._stop.is_set():
            size = _fitting(actions, self._pressure.limit)
            some, rest = actions[:size], actions[size:]
            with self._pressure.turn():
                again, error = self._request(some)
            if len(again) < len(some):
                patience.begin()
            if error is not None:
                patience.wait(error)
            actions = again + rest

    def _request(self, actions: list[Action]) -> tuple[list[Action], EngineUnavailable | None]:
        """What has to be sent again, in order, and why when that is the server's matter."""
        parts = [part for action in actions for part in action[1:3] if part is not None]
        body = b"\n".join([*parts, b""])
        try:
            answer = self._connection.lines(self._path, body, _ASKED, patience=TRIED)
        except EngineUnavailable as error:  # on the next node, or this one when it is back
            return actions, error
        except Refused as refused:
            return self._not_taken(actions, len(body), refused)
        if not answer["errors"]:
            self._pressure.taken()
            return [], None
        return self._sorted(actions, answer["items"])

    def _not_taken(
        self, actions: list[Action], size: int, refused: Refused
    ) -> tuple[list[Action], EngineUnavailable | None]:
        """A whole request was refused."""
        if refused.status == 413:
            if len(actions) > 1:
                self._pressure.too_large(size)
                return actions, None
            return [self._in_place_of(actions[0], f"it has {size} bytes, more than the server takes at once")], None
        if (error := self._passing(refused.status, refused.type, refused.reason)) is None:
            raise refused
        return actions, error

    def _sorted(self, actions: list[Action], items: list[Any]) -> tuple[list[Action], EngineUnavailable | None]:
        again: list[Action] = []
        passing: EngineUnavailable | None = None
        for action, item in zip(actions, items, strict=True):
            said = next(iter(item.values()))
            error = said.get("error")
            if error is None:
                continue
            told = self._passing(said["status"], error["type"], str(error.get("reason")))
            again.append(action if told else self._in_place_of(action, _words(error)))
            passing = passing or told
        return again, passing

    def _passing(self, status: int, type: str, reason: str) -> EngineUnavailable | None:
        """The error to raise when this does not pass by itself; None for what never does."""
        address = self._connection.address
        if type == BLOCK:
            return blocked(address, reason)
        if status == 429:
            self._pressure.refused()
            return EngineUnavailable(
                f"{address.title} at {address} has been too busy for {PATIENCE:g} seconds ({reason[:200]}); look at "
                "its load, then run `onestop sync` again: until then the search shows what it showed."
            )
        if status >= 500:
            return EngineUnavailable(
                f"{address.title} at {address} could not write for {PATIENCE:g} seconds ({type}: {reason[:200]}); "
                "look at its log, then run `onestop sync` again: until then the search shows what it showed."
            )
        return None

    def _in_place_of(self, action: Action, reason: str) -> Action:
        """A document that the index does not take is told, and a mere name keeps its place. Raises EngineUnavailable
        when that is no way out.
        """
        resource = str(orjson.loads(b'"%b"' % action.resource))
        if action.document is None or action.refused or len(self.refused) >= MOST_REFUSED:
            address = self._connection.address
            raise EngineUnavailable(
                f"{address.title} at {address} does not take what is to be indexed ({resource}: {reason}); "
                "nothing of it is shown. See docs/servers.md for the versions that can be used."
            )
        self.refused.setdefault(resource, reason)
        document = b'{"id":"%b","scope":["refused"]}' % action.resource
        return Action(action.resource, action.line, document, refused=True)


class _Lane:
    """A sender with the bulk that is filled for it."""

    def __init__(self, send: Any) -> None:
        self._send, self._thread = send, ThreadPoolExecutor(1, "bulk")
        self._actions: list[Action] = []
        self._size = 0
        self._under_way: deque[Future[None]] = deque()

    def put(self, action: Action, limit: int) -> None:
        if self._actions and (self._size + action.size > limit or len(self._actions) >= MOST_ACTIONS):
            self.send()
        self._actions.append(action)
        self._size += action.size

    def send(self) -> None:
        """What was filled; waits while too much is under way."""
        while len(self._under_way) >= AHEAD:
            self._under_way.popleft().result()
        if self._actions:
            self._under_way.append(self._thread.submit(self._send, self._actions))
            self._actions, self._size = [], 0

    def wait(self) -> None:
        while self._under_way:
            self._under_way.popleft().result()

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)


class _Patience:
    """Pauses that grow, and end in an error."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self.begin()

    def begin(self) -> None:
        """There was progress."""
        self._end, self._wait = time.monotonic() + PATIENCE, FIRST_WAIT

    def wait(self, error: EngineUnavailable) -> None:
        """Raises the error when it has lasted too long."""
        if time.monotonic() + self._wait > self._end:
            raise error
        self._stop.wait(self._wait * random.uniform(0.5, 1.0))  # noqa: S311  (senders that failed together come apart)
        self._wait = min(self._wait * 2, LONGEST_WAIT)


def _fitting(actions: list[Action], limit: int) -> int:
    """How many of the first make a request: at least one."""
    size = 0
    for at, action in enumerate(actions):
        size += action.size
        if at and size > limit:
            return at
    return len(actions)


def _content_length(connection: Connection) -> int:
    """Bytes that every node takes at once."""
    asked = {"filter_path": "nodes.*.http.max_content_length_in_bytes"}
    try:
        nodes = connection.ask("GET", "/_nodes/http", None, asked).get("nodes", {}).values()
    except (Refused, EngineUnavailable):  # not everybody may ask
        return CONTENT
    return min((node["http"]["max_content_length_in_bytes"] for node in nodes), default=CONTENT)


def _words(error: dict[str, Any]) -> str:
    """What a server says of a document, with its cause."""
    cause = error.get("caused_by") or {}
    said = [str(part) for part in (error.get("type"), error.get("reason"), cause.get("reason")) if part]
    return ": ".join(said)[:300]


def deletes(resource: bytes, count: int) -> Iterator[Action]:
    """What takes a resource of so many documents out, the last of them first: those left are always the first ones."""
    for number in range(count - 1, -1, -1):
        yield Action(resource, b'{"delete":{"_id":"%b:%d","routing":"%b"}}' % (resource, number, resource))


def keys(resource_ids: Iterable[str]) -> list[bytes]:
    """Ids as they stand in JSON."""
    return [orjson.dumps(resource)[1:-1] for resource in dict.fromkeys(resource_ids)]
