"""Ids that have come up, few or many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import seen
from mappings.seen import Seen


@given(ids=st.lists(st.text(max_size=2)), limit=st.integers(1, 9))
def test_it_knows_what_came_up_and_nothing_else(ids: list[str], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_RECENT", limit)
        known, expected = Seen(), set()
        for text in ids:
            assert (text in known) == (text in expected)
            if text not in known:
                known.add(text)
            expected.add(text)
            assert known
        assert bool(known) == bool(ids)
