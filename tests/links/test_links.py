"""What the link step joins by itself, against known truth: nearly never wrong, and most of what is one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.links import holdings
from tests.links.labelled import Labelled, labelled
from tests.links.measure import Found, measure

PRECISION, RECALL = 0.99, 0.90


@pytest.fixture(scope="module")
def small() -> Labelled:
    """Of what may be copied: a few finding aids and a file list."""
    return labelled(holdings.samples())


def test_the_set_is_always_the_same(small: Labelled) -> None:
    again = labelled(holdings.samples())
    assert (again.left, again.right, again.truth) == (small.left, small.right, small.truth)


def test_the_set_has_pairs_and_what_misleads(small: Labelled) -> None:
    rights = {record.source_id for group in small.right for record in group}
    assert len(small.truth) > 1_000
    assert sum(one.startswith("s") for one in rights) > 100, "siblings that only look alike"
    changed = {"title": 0, "dates": 0, "names": 0}
    left = {record.source_id: record for group in small.left for record in group}
    right = {record.source_id: record for group in small.right for record in group}
    for one, other in small.truth:
        for field in changed:
            changed[field] += getattr(left[one], field) != getattr(right[other], field)
    assert all(count > 50 for count in changed.values()), changed


def test_what_is_joined(small: Labelled, tmp_path: Path) -> None:
    _good(measure(small, tmp_path))


@pytest.mark.corpus
@pytest.mark.slow
def test_what_is_joined_of_the_corpus(corpus: Path, tmp_path: Path) -> None:
    """Figures of the half that no weight was fitted on."""
    _good(measure(labelled(holdings.corpus(corpus)), tmp_path).of_half(odd=True))


def _good(found: Found) -> None:
    assert found.precision >= PRECISION, sorted(found.joined - found.truth)[:20]
    assert found.recall >= RECALL, sorted(found.truth - found.joined)[:20]
    assert found.reached >= found.recall
