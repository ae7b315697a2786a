"""Every count that `make corpus` prints is that of the independent reader, or a note says why it is not."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.corpus_counts.__main__ import modules

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


@pytest.mark.parametrize("name", modules())
def test_counts_agree(corpus: Path, name: str) -> None:
    rows = list(import_module(f"tests.corpus_counts.{name}").rows(corpus))
    assert rows
    assert [row for row in rows if row.ours != row.theirs and not row.note] == []
