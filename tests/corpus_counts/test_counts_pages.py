"""The page formats of the corpus: our counts are those of naive readers."""

from __future__ import annotations

import pytest

from tests.corpus_counts.conftest import Counted


@pytest.mark.corpus
def test_page_formats_are_counted_as_others_count_them(counted: Counted) -> None:
    found = counted("counts_pages")
    assert len(found) > 15
    assert [row for row in found if row.ours != row.theirs and not row.note] == []
