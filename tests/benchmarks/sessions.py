"""Many websocket sessions that rerun a page back to back: a client of Streamlit's protocol in a process of its own.

usage: python -m tests.benchmarks.sessions ADDRESS PAGE MARK SECONDS SESSIONS [QUERY ...]     prints one JSON line

ADDRESS is http://host:port, PAGE the screen's name (empty for the first). Each session sends a rerun for the next
QUERY when the last run has finished; MARK, in the bytes of a message, proves that the page was drawn. Compression is
offered as browsers do.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvloop
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


class Session:
    """One reader: a connection, the page it is on, and how long each counted rerun took."""

    def __init__(self, connection: ClientConnection, page: str, mark: bytes, queries: Iterator[str]) -> None:
        self._connection, self._mark, self._queries = connection, mark, queries
        self._place = ClientState(page_name=page)
        self.seconds: list[float] = []

    async def rerun(self) -> None:
        """Ask for a run and wait for its end. Raises ValueError when the page was not drawn."""
        self._place.query_string = next(self._queries)
        await self._connection.send(BackMsg(rerun_script=self._place).SerializeToString())
        drawn = not self._mark
        async for payload in self._messages():
            drawn = drawn or self._mark in payload
            message = ForwardMsg.FromString(payload)
            kind = message.WhichOneof("type")
            if kind in ("new_session", "navigation"):
                self._place = ClientState(page_script_hash=getattr(message, kind).page_script_hash)
            if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                break
        if not drawn:
            raise ValueError(f"the page was drawn without {self._mark!r}")

    async def _messages(self) -> AsyncIterator[bytes]:
        async for payload in self._connection:
            yield payload if isinstance(payload, bytes) else payload.encode()

    async def until(self, end: float) -> None:
        """Rerun back to back; runs that end in time are counted."""
        while (begun := time.perf_counter()) < end:
            await self.rerun()
            if (now := time.perf_counter()) <= end:
                self.seconds.append(now - begun)


async def measure(address: str, page: str, mark: str, seconds: float, sessions: int, queries: list[str]) -> Any:
    """Reruns a second of all sessions together, p50 and p95 of one in ms, the client's own processor time in s; and all
    runs, with the first and last of each session, which are not counted.
    """
    url = address.replace("http://", "ws://") + "/_stcore/stream"
    protocol = [Subprotocol("streamlit")]
    connections = [await connect(url, subprotocols=protocol, max_size=None) for _ in range(sessions)]
    readers = [
        Session(connection, page, mark.encode(), itertools.cycle(queries[turn % len(queries) :] + queries))
        for turn, connection in enumerate(connections)
    ]
    await asyncio.gather(*(reader.rerun() for reader in readers))
    busy, begun = time.process_time(), time.perf_counter()
    await asyncio.gather(*(reader.until(begun + seconds) for reader in readers))
    busy = time.process_time() - busy
    await asyncio.gather(*(connection.close() for connection in connections))
    taken = sorted(second for reader in readers for second in reader.seconds)
    return {
        "per_second": round(len(taken) / seconds, 1),
        "p50_ms": round(taken[len(taken) // 2] * 1e3, 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)] * 1e3, 1),
        "client_cpu_s": round(busy, 2),
        "runs": len(taken) + 2 * sessions,
    }


def main(address: str, page: str, mark: str, seconds: str, sessions: str, *queries: str) -> None:
    """The command line."""
    figures = uvloop.run(measure(address, page, mark, float(seconds), int(sessions), list(queries) or [""]))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
