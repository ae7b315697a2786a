"""Measure everything against the fixed opponents: one JSON document to stdout and .bench/results.json, a table beside.

usage: python -m tests.benchmarks [PART ...]      parts stand in `PARTS`; all when none is named

Exit code 0 when everything could be measured, whatever the figures; 1 when a part could not; 2 when there is nothing
to measure with or against. Definitions stand in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    deidentify,
    far_pages,
    fresh,
    inbox,
    ingest,
    links,
    nights,
    ocr,
    rights,
    screens,
    search_page,
    suggest,
    transports,
)
from tests.benchmarks import names as names_found
from tests.benchmarks.places import RESULTS, Missing, finding_aids, machine, peers
from tests.benchmarks.programs import Failed, module, run
from tests.benchmarks.rows import Row

WIDTH = 120


@dataclass
class Bench:
    """What the parts share: opponents, corpus, a folder to work in, and one synchronised workspace."""

    peers: Path
    folder: Path
    work: Path
    rows: list[Row] = field(default_factory=list)

    @cached_property
    def workspace(self) -> Path:
        """The finding aids, synchronised."""
        place = ingest.workspace(self.work / "served", self.folder)
        ingest.sync(place)
        return place

    def ingest(self) -> list[Row]:
        rows, self.workspace = ingest.measure(self.peers, self.folder, self.work)
        return rows

    def nights(self) -> list[Row]:
        return nights.measure(self.folder.parent, self.work)

    def transports(self) -> list[Row]:
        return [transports.measure(self.folder, self.work)]

    def page(self) -> list[Row]:
        return search_page.rows(run(*module("search_page", self.peers, self.folder)).document)

    def rights(self) -> list[Row]:
        return rights.rows(run(*module("rights", self.peers, self.folder.parent)).document)

    def fresh(self) -> list[Row]:
        return [fresh.measure(self.workspace)]

    def screens(self) -> list[Row]:
        return screens.measure(self.workspace)

    def ocr(self) -> list[Row]:
        return [ocr.measure(self.work)]

    def links(self) -> list[Row]:
        return links.rows(self.folder.parent)

    def suggest(self) -> list[Row]:
        return suggest.rows(run(*module("suggest", self.workspace)).document)

    def inbox(self) -> list[Row]:
        return inbox.rows(run(*module("inbox")).document)

    def far(self) -> list[Row]:
        return far_pages.rows(self.work / "far")

    def names(self) -> list[Row]:
        return names_found.measure(self.folder)

    def deidentify(self) -> list[Row]:
        return deidentify.measure()


PARTS: dict[str, Callable[[Bench], list[Row]]] = {
    "ingest": Bench.ingest,
    "nights": Bench.nights,
    "transports": Bench.transports,
    "page": Bench.page,
    "rights": Bench.rights,
    "fresh": Bench.fresh,
    "screens": Bench.screens,
    "ocr": Bench.ocr,
    "links": Bench.links,
    "suggest": Bench.suggest,
    "names": Bench.names,
    "deidentify": Bench.deidentify,
    "inbox": Bench.inbox,
    "far": Bench.far,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure against fixed opponents.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when none is named")
    chosen = parser.parse_args(arguments).parts or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        return refuse(f"there is no part {unknown[0]!r} (parts: {', '.join(PARTS)})")
    try:
        opponents, folder = peers(), finding_aids()
    except Missing as missing:
        return refuse(str(missing))
    before, begun = machine(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        bench = Bench(opponents, folder, Path(work))
        failures = dict(attempts(bench, chosen))
    document = {
        "machine": before,
        "load_after": machine()["load"],
        "seconds": round(time.perf_counter() - begun, 1),
        "rows": [row.to_json() for row in bench.rows],
        "not_measured": failures,
    }
    put(document, bench.rows, RESULTS)
    return 1 if failures else 0


def attempts(bench: Bench, chosen: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Measure part by part into the rows; gives those that could not be measured, with the reason."""
    for name in chosen:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            bench.rows += PARTS[name](bench)
        except (Missing, Failed) as reason:
            print(reason, file=sys.stderr)
            yield name, str(reason)


def put(document: dict[str, Any], rows: Sequence[Row], results: Path) -> None:
    """The document to stdout and file, the table to stderr."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    results.parent.mkdir(exist_ok=True)
    results.write_text(text + "\n", encoding="utf-8")
    print(text, flush=True)
    console = Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH)
    console.print(table(document, rows))
    for line in explanations(rows):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def table(document: dict[str, Any], rows: Sequence[Row]) -> Table:
    """The rows for a person."""
    loads = [f"{loads[0]:.1f}" for loads in (document["machine"]["load"], document["load_after"])]
    shown = Table(title=f"{document['seconds']} s, load {' to '.join(loads)}")
    for name in ("Row", "Ours", "Opponent", "Ratio", "Goal", "Met"):
        shown.add_column(name, justify="left" if name == "Row" else "right", no_wrap=True)
    for row in rows:
        shown.add_row(*cells(row))
    return shown


def explanations(rows: Sequence[Row]) -> Iterator[str]:
    """Where the time goes in rows that miss their goal; rows with one explanation share it."""
    missed: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if row.met is False and row.where:
            missed.setdefault(tuple(row.where), []).append(row.name)
    for where, names in missed.items():
        yield f"Where the time goes ({'; '.join(names)}):"
        yield from (f"  {line}" for line in where)


def cells(row: Row) -> list[str]:
    """A row of the table."""
    sign = "<=" if row.goal_is == "at most" else ">="
    goal = "" if row.goal is None else f"{sign} {row.goal:g}" + ("" if row.judged == "ratio" else f" {row.unit}")
    met = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[row.met]
    opponent = "" if row.opponent is None else f"{row.opponent:g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return [row.name, f"{row.ours:g} {row.unit}", opponent, ratio, goal, met]


def refuse(sentence: str) -> int:
    """Say why nothing is measured."""
    print(f"Nothing is measured: {sentence}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
