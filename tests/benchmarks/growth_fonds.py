"""A fonds with 100,000 parts beside one with 50: record page, tree, children and facets, as a browser asks for them.

usage: python -m tests.benchmarks.growth_fonds
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tests.benchmarks.ingest import sync, workspace
from tests.benchmarks.programs import Failed, free_port, onestop, run, serving
from tests.benchmarks.rows import Row, middle

LARGE, SMALL, ROUNDS = 100_000, 50, 15
GOAL = 2.0


def finding_aid(name: str, parts: int) -> Iterator[str]:
    """A fonds with so many files directly below it."""
    yield f'<ead><eadheader><eadid>{name}</eadid></eadheader><archdesc level="fonds"><did><unitid>{name}</unitid>'
    yield f"<unittitle>Fonds {name}</unittitle></did><dsc>"
    for number in range(parts):
        yield f'<c id="c{number}" level="file"><did><unitid>{name}-1-{number}</unitid><unittitle>Letters to '
        yield f"{_name(number)} of {_name(number * 7 + 3)}</unittitle>"
        yield f"<unitdate>{1800 + number % 200}</unitdate></did></c>"
    yield "</dsc></archdesc></ead>"


def _name(number: int) -> str:
    """A made-up name, one of 4,096."""
    return "".join(
        "bdfgklmnprstvwzh"[number >> shift & 15] + "aeio"[number >> shift & 3] for shift in (0, 4, 8)
    ).title()


def measure(work: Path) -> list[Row]:
    """The rows."""
    folder = work / "fonds"
    folder.mkdir()
    for name, parts in (("large", LARGE), ("small", SMALL)):
        with (folder / f"{name}.xml").open("w", encoding="utf-8") as out:
            out.writelines(finding_aid(name, parts))
    place = workspace(work / "fonds-workspace", folder)
    sync(place)
    port = free_port()
    with serving(onestop(place, "serve", "--port", str(port)), port) as server:
        return list(_rows(place, server.address))


def _rows(place: Path, address: str) -> Iterator[Row]:
    ids = {part: _id(place, part) for part in ("large.xml", "small.xml", f"large.xml#c{LARGE // 2}", "small.xml#c25")}
    large, small = ids["large.xml"], ids["small.xml"]
    asked = {
        "record page of the fonds, with its tree": (f"/r/{large}", f"/r/{small}"),
        "record page of a part in the middle": (f"/r/{ids[f'large.xml#c{LARGE // 2}']}", f"/r/{ids['small.xml#c25']}"),
        "children, the first": (f"/r/{large}/children", f"/r/{small}/children"),
        "children, the last": (f"/r/{large}/children?offset={LARGE - 50}", f"/r/{small}/children"),
        "tree, the last": (f"/r/{large}/children?part=tree&offset={LARGE - 50}", f"/r/{small}/children?part=tree"),
        "facets within": (_facets("large"), _facets("small")),
    }
    pairs = {name: ([ours] * ROUNDS, [theirs] * ROUNDS) for name, (ours, theirs) in asked.items()}
    yield from in_pairs("100,000 parts", address, pairs)


def in_pairs(title: str, address: str, asked: dict[str, tuple[list[str], list[str]]]) -> Iterator[Row]:
    """For each subject the medians of two lists of paths, asked for in turns."""
    for name, (large, small) in asked.items():
        times = [(_took(address + ours), _took(address + theirs)) for ours, theirs in zip(large, small, strict=True)]
        ours, theirs = (middle(list(taken)) for taken in zip(*times, strict=True))
        yield Row(f"{title}: {name}", "ms", ours, theirs, goal=GOAL)


def _facets(name: str) -> str:
    return f"/api/v1/search?q={quote(f'path:{name} letters')}&size=1"


def _id(place: Path, source_id: str) -> str:
    found: str = run(*onestop(place, "show", f"ead:{source_id}", "--json")).document["id"]
    return found


def _took(address: str) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(address, timeout=60) as answer:
        body = answer.read()
        if answer.status != 200 or not body:
            raise Failed(f"{address} answers {answer.status}")
    return (time.perf_counter() - begun) * 1e3


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="fonds-") as place:
        json.dump([row.to_json() for row in measure(Path(place))], sys.stdout, indent=1)
