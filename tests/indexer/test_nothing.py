"""What is left out of a question as one."""

from __future__ import annotations

import pytest

from indexer.nothing import units


@pytest.mark.parametrize(
    ("words", "said", "left"),
    [
        (("1950", "年代", "上海", "婚姻登记"), ["1950年代"], ("1950年代", "上海", "婚姻登记")),
        (("railways", "before", "1911"), ["before 1911"], ("railways", "before 1911")),
        (("letters", "railways"), ["letters"], ("letters", "railways")),
        (("a", "b"), [], ("a", "b")),
        ((), ["x"], ()),
    ],
)
def test_words_read_together_stay_together(words: tuple[str, ...], said: list[str], left: tuple[str, ...]) -> None:
    assert units(words, said) == left
