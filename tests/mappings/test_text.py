"""Folding keeps offsets; a Han string is in a text exactly when its grams stand in a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.text import boundaries, fold, is_open, phrase, stem, words_and_grams

FOLDS = {
    "traditional": ("鐵路購地", "铁路购地"),
    "simplified stays": ("铁路", "铁路"),
    "variants": ("爲為", "为为"),
    "full width": ("ＡＢＣ１２３", "abc123"),
    "case": ("Railway", "railway"),
    "accents": ("Café Ñandú", "cafe nandu"),
    "a letter whose lower case is longer": ("İstanbul", "istanbul"),
}


@pytest.mark.parametrize("name", FOLDS)
def test_folds(name: str) -> None:
    text, folded = FOLDS[name]
    assert fold(text) == folded


@given(st.text())
def test_folding_keeps_length_and_is_stable(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@given(
    st.text(alphabet="土地鐵路上海市", min_size=2, max_size=5), st.text(alphabet="土地鐵路上海市。，a ", max_size=40)
)
def test_a_han_string_is_found_exactly_where_it_stands(wanted: str, text: str) -> None:
    grams = words_and_grams(text)[1]
    tokens = phrase(fold(wanted))
    found = any(all(at + p < len(grams) and grams[at + p] == token for p, token in tokens) for at in range(len(grams)))
    assert found == (fold(wanted) in fold(text))


@given(st.text(max_size=200))
def test_tokens_hold_no_blanks(text: str) -> None:
    words, grams = words_and_grams(text)
    assert not [token for token in words + grams if not token or token.split() != [token]]


def test_words_rank_and_grams_match() -> None:
    words, grams = words_and_grams("Railways, women's 石碇鄉")
    assert words[:2] == ["railway", "women"] and "石碇" in words
    assert grams == ["railways", "women's", "石碇", "碇乡", "乡"]


def test_stems_of_other_scripts_are_left_alone() -> None:
    assert (stem("committees"), stem("железная"), stem("2019s")) == ("committe", "железная", "2019s")


def test_single_characters_are_open() -> None:
    assert is_open("市") and not is_open("a") and not is_open("上海")


def test_boundaries() -> None:
    assert boundaries("上海市", 0, 2)
    assert not boundaries("railway", 0, 4)
    assert boundaries("a rail b", 2, 6)
