"""Precision and recall on the descriptions marked by hand, without and with the persons and places of the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.enrichment.languages import Finder
from tests.enrichment.measure import Score, descriptions, gazetteers, scores, total


def test_what_is_marked_is_there() -> None:
    marked = list(descriptions())
    assert [sum(one["id"].startswith(language) for one in marked) for language in ("zh", "en")] == [100, 100]
    assert all(start < end <= len(one["text"]) for one in marked for start, end, _ in one["names"])


def test_scores_count_what_is_right_and_what_is_near() -> None:
    assert Score(1, 2, 4, 8).plus(Score(1, 0, 0, 0)) == Score(2, 2, 4, 8)
    assert (Score(1, 2, 4, 8).precision, Score(1, 2, 4, 8).recall) == (0.25, 0.125)


def test_precision_without_a_gazetteer() -> None:
    found = scores(Finder())
    assert total(found, half="test").precision >= 0.88
    assert total(found, half="test").recall >= 0.5


@pytest.mark.corpus
def test_precision_with_eighty_thousand_names(tmp_path: Path, corpus: Path) -> None:
    found = scores(Finder(gazetteers(tmp_path / "gazetteer", corpus)))
    assert total(found, half="test").precision >= 0.88
