"""De-identification: recall and precision of what is proposed to be masked, on the marked passages; how fast.

`python -m tests.benchmarks.deidentify` prints a table of both halves. Definitions stand in `tests.deidentify.measure`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from pipelines.deidentify.find import spans_of
from tests.benchmarks.rows import Row
from tests.deidentify.measure import GOALS, HALVES, KINDS, Score, Scores, passages, scores, total

LANGUAGES = ("zh", "en")
ROUNDS = 5


def measure() -> list[Row]:
    """The rows: recall of the held-out half by kind, and the speed."""
    told = scores()
    return [*(_row(told, kind) for kind in KINDS), _speed()]


def _row(told: Scores, kind: str) -> Row:
    held_out, seen = total(told, "held_out", kind), total(told, "development", kind)
    detail = {
        "precision": round(held_out.precision, 3),
        "marked": held_out.marked,
        "masked_as_whatever_kind": round(held_out.hidden, 3),
        "development": {"recall": round(seen.recall, 3), "precision": round(seen.precision, 3), "marked": seen.marked},
        **{f"recall_{language}": round(total(told, "held_out", kind, language).recall, 3) for language in LANGUAGES},
    }
    return Row(
        f"masked, {kind}",
        "recall",
        round(held_out.recall, 3),
        judged="ours",
        goal=GOALS[kind],
        goal_is="at least",
        detail=detail,
    )


def _speed() -> Row:
    """Characters a second of processor time, all passages as pages of one record."""
    texts = [passage["text"] for passage in passages()]
    spans_of(texts[:2], True)  # dictionaries are read once
    begun = time.process_time()
    for _ in range(ROUNDS):
        spans_of(texts, True)
    seconds = time.process_time() - begun
    return Row("masked, speed", "characters/s", round(ROUNDS * sum(map(len, texts)) / seconds))


def table() -> Iterator[str]:
    """A line for each half, language and kind."""
    told = scores()
    yield f"{'half':<12} {'kind':<11} {'lang':<5}{'marked':>7}{'recall':>8}{'masked':>8}{'found':>7}{'precision':>10}"
    for half in HALVES:
        for kind in KINDS:
            for language in (*LANGUAGES, None):
                yield _line(half, kind, language or "both", total(told, half, kind, language))


def _line(half: str, kind: str, language: str, score: Score) -> str:
    shown = f"{score.marked:>7}{score.recall:>8.3f}{score.hidden:>8.3f}{score.found:>7}{score.precision:>10.3f}"
    return f"{half:<12} {kind:<11} {language:<5}{shown}"


if __name__ == "__main__":
    print("recall: wholly covered by found spans of its kind; masked: of whatever kind; precision: both ends right")
    print(*table(), sep="\n")
