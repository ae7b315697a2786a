"""PDF and IIIF of the corpus: as many as an independent reader counts."""

from __future__ import annotations

import pytest

from tests.corpus_counts.conftest import Counted


@pytest.mark.corpus
def test_ours_are_theirs(counted: Counted) -> None:
    found = counted("counts_pdf")
    assert [count for count in found if count.ours != count.theirs] == []
    assert {(count.format, count.what) for count in found} >= {("pdf", "pages"), ("iiif", "pages")}
    assert all(count.ours for count in found)
