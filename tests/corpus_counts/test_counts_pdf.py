"""PDF and IIIF of the corpus: as many as an independent reader counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus_counts.counts_pdf import rows


@pytest.mark.corpus
def test_ours_are_theirs(corpus: Path) -> None:
    found = list(rows(corpus))
    assert [count for count in found if count.ours != count.theirs] == []
    assert {(count.format, count.what) for count in found} >= {("pdf", "pages"), ("iiif", "pages")}
    assert all(count.ours for count in found)
