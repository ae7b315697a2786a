"""Our counts of MARC are those of the independent readers."""

from __future__ import annotations

import pytest

from tests.corpus_counts.conftest import Counted


@pytest.mark.corpus
def test_marc_is_counted_as_others_count_it(counted: Counted) -> None:
    found = counted("counts_marc")
    assert found
    assert [row for row in found if row.ours != row.theirs and not row.note] == []
    assert [(row.ours, row.theirs) for row in found if row.note] == [(14, 15)]
    assert all(row.theirs for row in found)
