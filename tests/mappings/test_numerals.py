"""Numbers in Chinese words, in all the ways they are written, and Roman numerals where they must be some."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.numerals import CHARACTERS, STYLES, han_numerals, in_style, roman_numerals, value
from mappings.text import fold

FOUND = {
    "一九四九年": [1949],
    "民國三十八年": [38],
    "廿三日、卅日": [23, 30],
    "二十三": [23],
    "貳拾叁元": [23],
    "參拾": [30],
    "第十二號": [12],
    "二○○八年": [2008],
    "二零零八": [2008],
    "一百零八將": [108],
    "三萬五千": [35_000],
    "一億三千萬": [130_000_000],
    "三千零五": [3_005],
    "兩百": [200],
    "一〇": [10],
    "三國演義": [],
    "萬一": [],
    "三五成群": [],
    "七八十": [],
    "二三十": [],
    "一百五": [],
    "〇七": [],
    "十": [],
}


@pytest.mark.parametrize("text", FOUND)
def test_han_numerals(text: str) -> None:
    assert [numeral.value for numeral in han_numerals(fold(text))] == FOUND[text]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("vol. xii", [12]),
        ("volume iv, no. ix", [4, 9]),
        ("series ii", [2]),
        ("box c", []),
        ("the civic mix", []),
        ("no. iiii", []),
        ("vol. xxxix", [39]),
    ],
)
def test_roman_numerals(text: str, values: list[int]) -> None:
    assert [numeral.value for numeral in roman_numerals(text)] == values


@given(st.integers(10, 99_999), st.integers(1, STYLES - 1))
def test_every_way_to_write_a_number_means_it(number: int, style: int) -> None:
    assert value(in_style(number, style)) == number


@given(st.text(alphabet=CHARACTERS, max_size=30))
def test_a_run_is_a_number_or_none(run: str) -> None:
    number = value(run) if run else None
    assert number is None or number >= 0


@given(st.text(alphabet=st.sampled_from(CHARACTERS + "年號 a"), max_size=40))
def test_numerals_stand_in_order_without_overlap(text: str) -> None:
    found = list(han_numerals(text))
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(value(text[one.start : one.end]) == one.value for one in found)
