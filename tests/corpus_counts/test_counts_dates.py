"""Dates of the corpus that are not understood are few, and name no time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mappings.dates import read
from tests.corpus_counts.counts_dates import counted, listing

NO_TIME = {
    "csv/archivesspace-bulk-import": "Reagan Years",
    "csv/atom-import-samples": "a date in words alone",
    "ead/eac-cpf-archivesspace": "present, alone",
    "ead/ead2002-archivesspace": "what an export wrote instead of dates",
    "ead/ead2002-saa-samples": "what an export wrote instead of dates",
    "ead/ead3-saa-samples": "months whose year stands in the unit above",
    "oai/archivesspace": "what an export wrote instead of dates",
    "oai/mit-transmogrifier": "Not found; a year of nine digits",
}
"""Folders where more than one text in a hundred is not read, and what those say."""


@pytest.mark.corpus
def test_less_than_one_date_in_a_hundred_is_not_read(corpus: Path) -> None:
    lines = list(listing(corpus))
    assert sum(line.present for line in lines) > 150_000
    assert {line.folder for line in lines if line.share >= 0.01} == set(NO_TIME)
    assert sum(line.unread for line in lines) < 200


def test_a_text_counts_as_often_as_it_stands_there() -> None:
    line = counted("here", Counter({"1901": 3, "undated": 2, "Reagan Years": 1, "box 12": 1}))
    assert (line.present, line.read, line.undated, line.unread) == (7, 3, 2, 2)
    assert read("Reagan Years").precision is None
    assert round(line.share, 2) == 0.29
