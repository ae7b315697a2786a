"""Every count that `make corpus` prints is that of the independent reader, or a note says why it is not."""

from __future__ import annotations

import pytest

from tests.corpus_counts.__main__ import modules
from tests.corpus_counts.conftest import Counted

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


@pytest.mark.parametrize("name", modules())
def test_counts_agree(counted: Counted, name: str) -> None:
    rows = counted(name)
    assert rows
    assert [row for row in rows if row.ours != row.theirs and not row.note] == []
