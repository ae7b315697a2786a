"""What the link step joins by likeness, against known truth (tests/links); the half that no weight was fitted on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.rows import Row
from tests.links import holdings
from tests.links.labelled import labelled
from tests.links.measure import Found, measure


def rows(data: Path) -> list[Row]:
    """Precision, recall and the time of one link step over two catalogues. `data` is the corpus."""
    labels = labelled(holdings.corpus(data))
    with tempfile.TemporaryDirectory(prefix="links-") as folder:
        found = measure(labels, Path(folder))
    unseen = found.of_half(odd=True)
    detail = {"pairs": len(unseen.truth), "joined": len(unseen.joined), "for_review": len(unseen.for_review)}
    return [
        _share("links: precision of automatic ones", unseen.precision, 0.99, detail),
        _share("links: recall of automatic ones", unseen.recall, 0.90, detail),
        _share("links: joined or laid before people", unseen.reached, None, _whole(found)),
        Row("links: one step, everything new", "s", round(found.seconds, 1), detail={"records": found.records}),
    ]


def _share(name: str, share: float, goal: float | None, detail: dict[str, object]) -> Row:
    return Row(name, "", round(share, 4), judged="ours", goal=goal, goal_is="at least", detail=detail)


def _whole(found: Found) -> dict[str, object]:
    """The same over both halves."""
    return {"precision of all": round(found.precision, 4), "recall of all": round(found.recall, 4)}
