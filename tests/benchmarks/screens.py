"""The screens: the product on a synchronised workspace beside an empty page, in a browser and under 50 sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks import browser
from tests.benchmarks.programs import Failed, Server, free_port, module, onestop, run, serving
from tests.benchmarks.rows import Row, in_turns, middle

SESSIONS = 50
SECONDS = 5.0
ROUNDS = 3
HIT = 'article class="hit"'
LINE = "You said"


@contextmanager
def both(workspace: Path) -> Iterator[tuple[Server, Server]]:
    """The product and the empty page while the block lasts."""
    ours, other = free_port(), free_port()
    with (
        serving(onestop(workspace, "serve", "--port", str(ours)), ours) as product,
        serving(module("empty_server", str(other)), other) as empty,
    ):
        yield product, empty


def measure(workspace: Path) -> list[Row]:
    """All rows; those that miss their goal say where a run goes."""
    with both(workspace) as (product, empty):
        rows = [*browser.measure(product.address, empty.address), reruns(product, empty)]
    if all(row.met for row in rows):
        return rows
    where = where_a_run_goes(workspace)
    return [row if row.met else replace(row, where=where) for row in rows]


def reruns(
    product: Server, empty: Server, seconds: float = SECONDS, sessions: int = SESSIONS, rounds: int = ROUNDS
) -> Row:
    """Page reruns a second under many sessions, of two servers that are up."""
    queries = [f"q={word}" for word in browser.WORDS]
    turns = in_turns(
        {
            "ours": lambda: under_load(product, "search", HIT, seconds, sessions, queries),
            "peer": lambda: under_load(empty, "", LINE, seconds, sessions, []),
        },
        rounds,
    )
    figures = {name: [middle([turn[name] for turn in turns[side]]) for side in turns] for name in turns["ours"][0]}
    ours, peer = figures.pop("per_second")
    return Row(f"page reruns with {sessions} sessions", "1/s", ours, peer, goal=0.5, goal_is="at least", detail=figures)


def under_load(
    server: Server, page: str, mark: str, seconds: float, sessions: int, queries: list[str]
) -> dict[str, float]:
    """What the client says, and the server's processor time for each rerun."""
    before = server.cpu_seconds()
    load = module("sessions", server.address, page, mark, str(seconds), str(sessions), *queries)
    said: dict[str, float] = run(*load).document
    runs = said.pop("runs")
    return {**said, "server_cpu_ms": round((server.cpu_seconds() - before) / runs * 1e3, 2)}


def where_a_run_goes(workspace: Path) -> list[str]:
    """Shares of a run of the search page by functions of ours, the costliest first; most of the time goes into
    questions asked for the first time.
    """
    port, result = free_port(), workspace / "profile.json"
    queries = [f"q={word}" for word in browser.WORDS]
    try:
        with serving(module("profiled_server", workspace, str(port), result), port) as server:
            under_load(server, "search", HIT, 1.0, 1, queries)
        shares: list[str] = json.loads(result.read_text(encoding="utf-8"))
    except (Failed, OSError) as reason:
        return [f"not found out: {reason}"]
    return shares
