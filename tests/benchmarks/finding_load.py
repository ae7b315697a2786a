"""Clients that ask the API for search pages back to back, over connections that stay open: a process of its own.

usage: python -m tests.benchmarks.finding_load ADDRESS QUERIES.json SECONDS CLIENTS      prints one JSON line

No question is asked twice, so that nothing is remembered of it. Each request says it comes from an address of its own,
as through a proxy: bounds on what one client may ask are not what is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import uvloop

_LENGTH = b"content-length:"


class Client:
    """One connection, and how long each answer took."""

    def __init__(self, host: str, port: int, queries: Iterator[str], numbers: Iterator[int]) -> None:
        self._host, self._port = host, port
        self._queries, self._numbers = queries, numbers
        self.seconds: list[float] = []

    async def until(self, end: float) -> None:
        """Ask until then; answers that come in time are counted. Raises ValueError for one that is not 200."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        while (begun := time.perf_counter()) < end:
            query = next(self._queries, None)
            if query is None:
                raise ValueError("there are too few questions")
            await self._ask(reader, writer, query)
            if (now := time.perf_counter()) <= end:
                self.seconds.append(now - begun)
        writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, query: str) -> None:
        number = next(self._numbers)
        proxied = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        head = (
            f"GET /api/v1/search?q={quote(query)} HTTP/1.1\r\nHost: {self._host}\r\nX-Forwarded-For: {proxied}\r\n\r\n"
        )
        writer.write(head.encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b" 200 " not in answer[:15]:
            raise ValueError(answer.decode("latin-1")[:200])
        length = answer.index(_LENGTH) + len(_LENGTH)
        await reader.readexactly(int(answer[length : answer.index(b"\r\n", length)]))


async def measure(address: str, queries: list[str], seconds: float, clients: int) -> dict[str, Any]:
    """Pages a second of all clients together, p50 and p95 of one in ms, the client's own processor time in s."""
    place = urlsplit(address)
    left, numbers = iter(queries), count()
    asking = [Client(place.hostname or "", place.port or 80, left, numbers) for _ in range(clients)]
    busy, begun = time.process_time(), time.perf_counter()
    await asyncio.gather(*(client.until(begun + seconds) for client in asking))
    taken = sorted(second for client in asking for second in client.seconds)
    return {
        "per_second": round(len(taken) / seconds, 1),
        "p50_ms": round(taken[len(taken) // 2] * 1e3, 2),
        "p95_ms": round(taken[int(len(taken) * 0.95)] * 1e3, 2),
        "client_cpu_s": round(time.process_time() - busy, 2),
        "asked": next(numbers),
    }


if __name__ == "__main__":
    asked: list[str] = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print(json.dumps(uvloop.run(measure(sys.argv[1], asked, float(sys.argv[3]), int(sys.argv[4])))))
