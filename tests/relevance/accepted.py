"""What the last accepted run had: read, compared with, replaced.

`accepted.json`: by set and half the three measures, and nDCG@10 of every question below 1; `losses` are the losses
that were accepted, each with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indexer.evaluate import MEASURES
from tests.relevance.judged import HELD, TUNED, JudgedSet, half, judged_workspace
from tests.relevance.line import EMBEDDED, onestop

FILE = Path(__file__).parent / "accepted.json"
TOLERANCE = 0.0005
"""Less is rounding."""
NDCG = MEASURES[0]
Result = dict[str, Any]
Make = Callable[[Path], JudgedSet]


def measured(judged: JudgedSet, folder: Path, engine: str = EMBEDDED) -> Result:
    """Fills a workspace with the set, asks its questions, and sums up: ``{"tuned": measures, "held": measures,
    "below": {question: nDCG@10}, "latency_ms"}``."""
    judged_workspace(judged, folder, engine)
    onestop(folder, "sync")
    files = ["--queries", str(folder / "queries.tsv"), "--qrels", str(folder / "qrels.txt")]
    report = onestop(folder, "evaluate", "--each", *files)
    questions = report["questions"]
    halves = {part: [at for at in questions if half(at) == part] for part in (TUNED, HELD)}
    sums = {part: _means([questions[name] for name in names]) for part, names in halves.items()}
    below = {name: one[NDCG] for name, one in questions.items() if one[NDCG] < 1}
    return {**sums, "below": below, "latency_ms": report["latency_ms"]}


def _means(measures: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(sum(one[name] for one in measures) / len(measures), 4) for name in MEASURES}


def read() -> Result:
    """The accepted run: ``{"sets": {name: result}, "losses": [...]}``."""
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"sets": {}, "losses": []}


def losses(name: str, now: Result, accepted: Result) -> list[dict[str, Any]]:
    """The means of a set that fell below the accepted ones."""
    before = accepted["sets"].get(name)
    if before is None:
        return []
    return [
        {"set": name, "half": part, "measure": measure, "from": before[part][measure], "to": now[part][measure]}
        for part in (TUNED, HELD)
        for measure in MEASURES
        if now[part][measure] < before[part][measure] - TOLERANCE
    ]


def changes(now: Result, before: Result | None) -> list[tuple[str, float, float]]:
    """Questions whose nDCG@10 is another: id, what it was, what it is; the greatest change first."""
    if before is None:
        return []
    was, has = before["below"], now["below"]
    pairs = [(name, was.get(name, 1.0), has.get(name, 1.0)) for name in {**was, **has}]
    return sorted((pair for pair in pairs if pair[1] != pair[2]), key=lambda pair: -abs(pair[2] - pair[1]))


def accept(results: dict[str, Result], reason: str) -> None:
    """Makes this run the accepted one; every loss is kept with the reason."""
    accepted = read()
    for name, now in results.items():
        accepted["losses"] += [{**loss, "reason": reason} for loss in losses(name, now, accepted)]
        accepted["sets"][name] = {part: now[part] for part in (TUNED, HELD, "below")}
    FILE.write_text(json.dumps(accepted, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
