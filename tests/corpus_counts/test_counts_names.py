"""Every count of authority records, harvests, genealogies, features and outlines is that of a naive reader."""

from __future__ import annotations

import pytest

from tests.corpus_counts.conftest import Counted

EXPLAINED = {("text", "people of works"): 1}
"""(format, what): by how much ours is more, as its note says."""


@pytest.mark.corpus
@pytest.mark.slow
def test_ours_are_theirs(counted: Counted) -> None:
    for count in counted("counts_names"):
        more = EXPLAINED.get((count.format, count.what), 0)
        assert count.ours - count.theirs == more, count
        assert bool(count.note) == bool(more), count
        assert count.ours > 0, count
