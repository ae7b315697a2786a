"""The screens: the product on a synchronised workspace beside an empty page, in a browser and under 50 sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks import browser
from tests.benchmarks.places import ROOT
from tests.benchmarks.programs import free_port, module, onestop, run, serving
from tests.benchmarks.rows import Row, in_turns, middle

SESSIONS = 50
SECONDS = 6.0
ROUNDS = 3
HIT = 'article class="hit"'
LINE = "You said"


@contextmanager
def both(workspace: Path) -> Iterator[tuple[str, str]]:
    """Addresses of the product and of the empty page while the block lasts."""
    ours, other = free_port(), free_port()
    with (
        serving(onestop(workspace, "serve", "--port", str(ours)), ours) as product,
        serving(module("empty_server", str(other)), other) as empty,
    ):
        yield product, empty


def measure(workspace: Path) -> list[Row]:
    """All rows; those that miss their goal say where a run goes."""
    with both(workspace) as (product, empty):
        rows = [*browser.measure(product, empty), reruns(product, empty)]
    if all(row.met for row in rows):
        return rows
    where = where_a_run_goes(workspace)
    return [row if row.met else replace(row, where=where) for row in rows]


def reruns(product: str, empty: str, seconds: float = SECONDS, sessions: int = SESSIONS, rounds: int = ROUNDS) -> Row:
    """Page reruns a second under many sessions, of two servers that are up."""
    load = (str(seconds), str(sessions))
    queries = [f"q={word}" for word in browser.WORDS]
    turns = in_turns(
        {
            "ours": lambda: run(*module("sessions", product, "search", HIT, *load, *queries)).document,
            "peer": lambda: run(*module("sessions", empty, "", LINE, *load)).document,
        },
        rounds,
    )
    ours, peer = turns["ours"][-1], turns["peer"][-1]
    return Row(
        f"page reruns with {sessions} sessions",
        "1/s",
        middle([figures["per_second"] for figures in turns["ours"]]),
        middle([figures["per_second"] for figures in turns["peer"]]),
        goal=0.5,
        goal_is="at least",
        detail={name: [ours[name], peer[name]] for name in ("p50_ms", "p95_ms", "client_cpu_s")},
    )


def where_a_run_goes(workspace: Path) -> list[str]:
    """Shares of one run of the search page, by functions of ours, the costliest first."""
    shares: list[str] = run(*module("page_run", workspace, ROOT / "search_ui")).document
    return shares
