"""The search page over HTTP: against a raw OpenSearch on the same documents, and by many clients of two processes.

usage: python -m tests.benchmarks.finding_http PEERS WORKSPACE      prints one JSON line

Ours is `onestop serve` and its API; the opponent is `opensearch_page.py` of the peers.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from contextlib import closing
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from tests.benchmarks.finding_corpus import CORPUS, PEER_FACETS
from tests.benchmarks.finding_page import MODES, seeded
from tests.benchmarks.programs import Failed, Server, free_port, module, onestop, run, serving
from tests.benchmarks.search_page import Sets
from tests.services.opensearch_server import OpenSearchServer
from tests.services.server import NotThere

INDEX = "finding"
CLIENTS = (1, 4, 16)
SECONDS = 6.0
HEAP = "2g"
SEEDS = 12
"""Sets of the opponents' queries that the clients ask from: no question is asked twice."""
WARM_ROUNDS, ROUNDS = 2, 3


class Pages:
    """Our search page over one connection. An answer is remembered as long as the index is the same; a page of another
    size is another one, so each question is asked for one hit more than the last time."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection(server.address.removeprefix("http://"), timeout=60)
        self._times: dict[str, int] = {}
        self._callers = count()

    def close(self) -> None:
        self._connection.close()

    def page(self, text: str, mode: str) -> dict[str, Any]:
        """`page(text, mode)` of the peers' protocol. Raises Failed."""
        size = self._times[text] = self._times.get(text, 19) + 1
        typed = f'"{text}"' if mode == "phrase" and text.isascii() else text
        number = next(self._callers)
        caller = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        self._connection.request("GET", f"/api/v1/search?q={quote(typed)}&size={size}", headers=caller)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Failed(f"{typed!r} is answered with {answer.status}: {body[:200]!r}")
        found: dict[str, Any] = orjson.loads(body)
        return found


def measure(peers: Path, workspace: Path) -> dict[str, Any]:
    """Everything, as `tests.benchmarks.finding` reads it."""
    sets = seeded(peers, workspace / CORPUS)
    return {**beside_opensearch(peers, workspace, sets), "load": loads(peers, workspace)}


def beside_opensearch(peers: Path, workspace: Path, sets: Sets) -> dict[str, Any]:
    """Both sides in turns, query by query; memory of our one process at the end."""
    sys.path.insert(0, str(peers))
    peer, common = importlib.import_module("opensearch_page"), importlib.import_module("common")
    common.MODES.update({name: (mode,) for name, mode in MODES.items()})
    try:
        opponent = OpenSearchServer(heap=HEAP)
    except NotThere as missing:
        raise Failed(str(missing)) from missing
    port = free_port()
    with opponent, serving(onestop(workspace, "serve", "--port", str(port)), port) as server:
        client = peer.connect(opponent.address)
        speed, _ = peer.load(client, INDEX, list(common.documents(workspace / CORPUS, PEER_FACETS)), PEER_FACETS)
        with closing(Pages(server)) as ours:
            pages = {"peer": peer.open_page(client, INDEX, PEER_FACETS), "ours": ours.page}
            figures = common.interleave(pages, sets, ROUNDS, WARM_ROUNDS)
        return {
            "classes": {
                name.rpartition("/")[0]: {side: figures[side][name] for side in pages} for name in figures["ours"]
            },
            "opensearch": {"version": client.info()["version"]["number"], "docs_s": round(speed)},
            "memory_mib": sizes(server.pid),
        }


def sizes(pid: int) -> dict[str, float]:
    """Peak memory of a process (MiB), and what of its memory now is its own and no mapped file."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    figures = {
        name: round(int(rest.split()[0]) / 1024, 1)
        for name, _, rest in (line.partition(":") for line in lines)
        if name in ("VmHWM", "RssAnon")
    }
    return {"peak": figures["VmHWM"], "private": figures["RssAnon"]}


def loads(peers: Path, workspace: Path) -> dict[str, Any]:
    """Pages a second by processes and clients, in turns: one process, two, one, ..."""
    asked = questions(peers, workspace)
    found: dict[str, Any] = {}
    ports = {processes: free_port() for processes in (1, 2)}
    file = workspace / "asked.json"
    for clients in CLIENTS:
        for processes, port in ports.items():
            command = onestop(workspace, "serve", "--port", str(port), "--processes", str(processes))
            with serving(command, port) as server:
                warm_up(server)
                file.write_text(json.dumps(asked), encoding="utf-8")
                before = cpu_of(server.pid)
                ran = run(*module("finding_load", server.address, file, str(SECONDS), str(clients))).document
                found[f"{clients}/{processes}"] = {**ran, "server_cpu_s": round(cpu_of(server.pid) - before, 2)}
    return found


def questions(peers: Path, workspace: Path) -> list[str]:
    """Different questions of all classes, in an order that is the same each time."""
    found: dict[str, None] = {}
    for seed in range(100, 100 + SEEDS):
        sets = seeded(peers, workspace / CORPUS, seed=seed)
        found.update(dict.fromkeys([*sets["short"], *sets["long"], *(f'"{text}"' for text in sets["phrase"])]))
    texts = list(found)
    random.Random(7).shuffle(texts)
    return texts


def warm_up(server: Server) -> None:
    """Every process has answered once, and knows the facets."""
    for _ in range(8):
        with closing(Pages(server)) as pages:
            pages.page("*", "and")


def cpu_of(pid: int) -> float:
    """Processor seconds of a server and the processes it has."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(Server("", int(each)).cpu_seconds() for each in (str(pid), *children))


if __name__ == "__main__":
    print(json.dumps(measure(*map(Path, sys.argv[1:3])), ensure_ascii=False))
