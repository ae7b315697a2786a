"""Finding in a large archive against fixed opponents: 840,000 resources and 110,000 pages, in process and over HTTP.

usage: python -m tests.benchmarks.finding [page] [http]      both parts when none is named

Exit codes, JSON and table are those of `tests.benchmarks.run`; definitions stand in docs/benchmarks.md.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.places import ROOT, Missing, finding_aids, machine, peers
from tests.benchmarks.programs import Failed, Ran, module, onestop, run
from tests.benchmarks.rows import Row
from tests.benchmarks.run import put, refuse

RESULTS = ROOT / ".bench" / "finding.json"
FOLD, PAGES = 10, 110_000
PAGE_GOAL, HTTP_GOAL, FACET_GOAL, EVERYTHING_GOAL, GROWTH_GOAL = 1.4, 1.0, 1.2, 1.5, 3.0
SIZE_GOAL, THROUGHPUT_GOAL, MEMORY_GOAL = 2.2, 1.5, 1024.0


def archive(data: Path, place: Path, fold: int, pages: int) -> Ran:
    """A workspace with the archive in its index, and the opponents' documents."""
    run(*onestop(place.parent, "init", place.name))
    return run(*module("finding_corpus", data, place, str(fold), str(pages)))


def page_rows(found: dict[str, Any]) -> Iterator[Row]:
    """In process."""
    yield from class_rows("search page", found["classes"], PAGE_GOAL, found["where"])
    held, exact = found["substrings"], found["substrings"]["exact"]
    yield _share("Chinese strings: recall", held["found"], held["held"])
    yield _share('Chinese strings, ="...": precision', held["exact_right"], exact)
    worst, sums = max(found["facets"].items(), key=lambda item: item[1]["limited"] / item[1]["page"])
    detail = {name: round(both["limited"] / both["page"], 2) for name, both in found["facets"].items()}
    yield Row(
        f"a facet followed, the dearest ({worst})", "ms", sums["limited"], sums["page"], goal=FACET_GOAL, detail=detail
    )
    both = found["everything"]
    yield Row("everything, facet counts kept", "ms", both["ours"], both["peer"], goal=EVERYTHING_GOAL)
    for kind, grown in found["growth"].items():
        for key, goal in (("p50", None), ("p95", GROWTH_GOAL)):
            yield Row(
                f"{FOLD}-fold: search page, {kind}, {key}", "ms", grown["large"][key], grown["small"][key], goal=goal
            )
    size = {side: round(count / 2**20, 1) for side, count in found["index_bytes"].items()}
    yield Row("index, to one of a single layer", "MiB", size["ours"], size["single_layer"], goal=SIZE_GOAL)


def http_rows(found: dict[str, Any]) -> Iterator[Row]:
    """Over HTTP."""
    yield from class_rows("over HTTP", found["classes"], HTTP_GOAL, [])
    memory = found["memory_mib"]
    yield Row("memory of a serving process", "MiB", memory["peak"], judged="ours", goal=MEMORY_GOAL, detail=memory)
    for name, two in found["load"].items():
        clients, processes = name.split("/")
        if processes == "2":
            one = found["load"][f"{clients}/1"]
            goal = THROUGHPUT_GOAL if clients != "1" else None
            figures = (two["per_second"], one["per_second"])
            detail = {"two": two, "one": one}
            yield Row(f"{clients} clients, two processes", "/s", *figures, goal=goal, goal_is="at least", detail=detail)


def class_rows(title: str, classes: dict[str, Any], goal: float, where: list[str]) -> Iterator[Row]:
    """p50 and p95 of every class of queries; those that find as many on both sides inform only."""
    for name, figures in classes.items():
        judged = not name.endswith("equal")
        detail = {side: {key: figures[side][key] for key in ("n", "hits_median", "cpu_ms")} for side in figures}
        for key in ("p50", "p95"):
            pair = figures["ours"][key], figures["peer"][key]
            said = where if judged else []
            yield Row(f"{title}, {name}, {key}", "ms", *pair, goal=goal if judged else None, detail=detail, where=said)


def _share(name: str, right: int, whole: int) -> Row:
    share = round(right / whole, 4) if whole else 0.0
    return Row(name, "", share, judged="ours", goal=1.0, goal_is="at least", detail={"right": right, "of": whole})


def measure(data: Path, opponents: Path, work: Path, parts: Sequence[str]) -> tuple[list[Row], dict[str, Any]]:
    """The rows, and what was measured on."""
    large, small = work / "large", work / "small"
    built = archive(data, large, FOLD, PAGES)
    made: list[Row] = []
    if "page" in parts:
        archive(data, small, 1, PAGES // FOLD)
        found = run(*module("finding_page", opponents, large, small)).document
        made += page_rows(found)
        for folder in large.glob("peer-*"):
            shutil.rmtree(folder)
    if "http" in parts:
        made += http_rows(run(*module("finding_http", opponents, large)).document)
    return made, built.document


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parts = list(arguments) or ["page", "http"]
    if unknown := set(parts) - {"page", "http"}:
        return refuse(f"there is no part {min(unknown)!r} (parts: page, http)")
    try:
        data, opponents = finding_aids().parent, peers()
    except Missing as missing:
        return refuse(str(missing))
    before, begun = machine(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="finding-") as place:
        try:
            made, corpus = measure(data, opponents, Path(place), parts)
        except Failed as reason:
            print(reason, file=sys.stderr)
            return 1
    document = {
        "machine": before,
        "load_after": machine()["load"],
        "seconds": round(time.perf_counter() - begun, 1),
        "archive": corpus,
        "rows": [row.to_json() for row in made],
    }
    put(document, made, RESULTS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
