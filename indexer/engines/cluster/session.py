"""One writing session at a time under a name, whoever writes: a document that its holder keeps beating.

It stands in a small index of its own and is read in real time. A session that ended in the middle is known by it: which
index has documents that nobody committed.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.blocks import BLOCK, in_words
from indexer.engines.cluster.connection import Connection, Refused
from indexer.errors import EngineUnavailable, SearchError

BEAT = 2.0
"""Seconds between two signs of life."""
LATE = 15.0
"""Seconds without any after which a session is over. Counted by whoever waits: clocks of machines differ."""
LOOK = 0.25
SETTLE = 1.0
"""Seconds that a server may still be at the last request of one who died."""
PATIENCE = 60.0
_SETTINGS = {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": True}}
_NOBODY = {"owner": "", "place": "", "pid": 0, "beat": 0}
State = dict[str, Any]


class Session:
    """Held from `begin` to `end`. `unfinished` are indices with documents that no commit covers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._index = f"{connection.address.name}-session"
        self._me = {"owner": secrets.token_hex(8), "place": _place(), "pid": os.getpid()}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._state: State = {}
        self._at: dict[str, str] = {}
        self._is_lost = False
        self._beats = threading.Thread(target=self._keep_beating, name="session", daemon=True)

    @classmethod
    def begin(cls, connection: Connection) -> Session:
        """Raises EngineUnavailable when somebody else writes under this name."""
        session = cls(connection)
        with in_words(connection.address):
            session._take()
        session._beats.start()
        return session

    @property
    def unfinished(self) -> frozenset[str]:
        return frozenset(self._state.get("unfinished", ()))

    def note(self, unfinished: Collection[str]) -> None:
        """These indices have documents that nobody committed."""
        if self.unfinished == frozenset(unfinished):
            return
        with self._lock, in_words(self._connection.address):
            self._put({**self._state, "unfinished": sorted(unfinished)})

    def check(self) -> None:
        """Raises EngineUnavailable when another session took over, since this one gave no sign of life."""
        if self._is_lost:
            raise _taken(self._connection.address)

    def confirm(self) -> None:
        """As `check`, by asking."""
        self.check()
        with self._lock, in_words(self._connection.address):
            self._put({**self._state, "beat": self._state["beat"] + 1})

    def end(self) -> None:
        """Let the next one begin. When that cannot be written now, the next one finds out by itself."""
        self._over.set()
        with self._lock, suppress(SearchError):
            if self._state and not self._is_lost:
                self._put({**_NOBODY, "unfinished": sorted(self.unfinished)})
        self._state = {}

    def _take(self) -> None:
        held = self._read()
        if held is None:
            self._make_index()
            held = self._read()
        if held and held["owner"] and not _is_gone(held):
            self._wait_for(held)
        if held and held["owner"]:
            time.sleep(SETTLE)
        self._put({**self._me, "beat": 0, "unfinished": held["unfinished"] if held else []})

    def _wait_for(self, held: State) -> None:
        """Until it is certain that its holder is dead. Raises EngineUnavailable once it gives a sign of life."""
        seen, end = held["beat"], time.monotonic() + LATE
        while time.monotonic() < end:
            time.sleep(LOOK)
            now = self._read()
            if now is None or not now["owner"]:
                return
            if (now["owner"], now["beat"]) != (held["owner"], seen):
                raise _taken(self._connection.address)

    def _read(self) -> State | None:
        """The document, and where it is in the order of writing; None when there is none."""
        try:
            found = self._connection.ask("GET", f"/{self._index}/_doc/writer", patience=PATIENCE)
        except Refused as refused:
            if refused.status != 404:
                raise
            self._at = {"op_type": "create"}
            return None
        self._at = {"if_seq_no": str(found["_seq_no"]), "if_primary_term": str(found["_primary_term"])}
        state: State = found["_source"]
        return state

    def _make_index(self) -> None:
        try:
            body = {"settings": _SETTINGS, "mappings": {"dynamic": False}}
            self._connection.ask("PUT", f"/{self._index}", body, patience=PATIENCE)
        except Refused as refused:
            if refused.type != "resource_already_exists_exception":
                raise

    def _put(self, state: State) -> None:
        """Only over what was read last. Raises EngineUnavailable when somebody else was faster."""
        try:
            done = self._sent(state)
        except Refused as refused:
            if refused.status != 409:
                raise
            if self._read() != state:  # else the first of two tries had arrived
                self._is_lost = True
                raise _taken(self._connection.address) from None
        else:
            self._at = {"if_seq_no": str(done["_seq_no"]), "if_primary_term": str(done["_primary_term"])}
        self._state = state

    def _sent(self, state: State) -> Any:
        """Sent again while the server is busy."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._connection.ask("PUT", f"/{self._index}/_doc/writer", state, self._at)
            except Refused as refused:
                if refused.status != 429 or refused.type == BLOCK or time.monotonic() > end:
                    raise
            time.sleep(LOOK)

    def _keep_beating(self) -> None:
        while not self._over.wait(BEAT) and not self._is_lost:
            with self._lock, suppress(SearchError):
                if self._state and not self._over.is_set():
                    self._put({**self._state, "beat": self._state["beat"] + 1})


def _taken(address: ClusterAddress) -> EngineUnavailable:
    return EngineUnavailable(
        f"Another run is writing the index {address.name!r} of {address.title} at {address}; wait for it to end, or "
        "give each workspace an index of its own."
    )


def _place() -> str:
    """This machine, and within it the set of processes that have their numbers from one counter."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').stat().st_ino}"
    return secrets.token_hex(8)


def _is_gone(held: State) -> bool:
    """Was the holder a process of this machine that is no more?"""
    if held["place"] != _place():
        return False
    try:
        os.kill(held["pid"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
