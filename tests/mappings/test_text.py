"""Folding keeps offsets; a Han string is in a text exactly when its grams stand in a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.text import (
    GAP,
    boundaries,
    fold,
    is_open,
    phrase,
    runs,
    spelled,
    spelled_with_offsets,
    stem,
    words_and_grams,
)

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


SCRIPTS = {
    "Japanese forms": ("佛敎學 仏教学", ["佛教学", "佛教学"]),
    "old and rare variants": ("光緖 光緒 廣甯 寗 敎 淸 峯", ["光绪", "光绪", "广宁", "宁", "教", "清", "峰"]),
    "Kana meet": ("マンガ まんが ﾏﾝｶﾞ", ["まんが", "まんが", "まんが"]),
    "voiced Kana stay": ("カ ガ", ["か", "が"]),
    "a long vowel at the end of a Katakana word": (
        "データー データ コート コト",
        ["でーた", "でーた", "こーと", "こと"],
    ),
    "marks written apart": ("cafe\u0301 и\u0306 カ\u3099", ["cafe", "й", "が"]),
    "Hangul in parts": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["한국"]),
    "Arabic": ("إسلام أمة مُحَمَّد كتـاب ١٩", ["اسلام", "امه", "محمد", "كتاب", "19"]),
    "Persian": ("ایران کتاب", ["ايران", "كتاب"]),
    "Cyrillic": ("Ёлка моро\u0301з Й", ["елка", "мороз", "й"]),
    "Hebrew": ("שָׁלוֹם", ["שלום"]),
    "Greek": ("Ὀδυσσεύς", ["οδυσσευσ"]),
    "ligatures": ("ﬁnance Straße Æther", ["finance", "strasse", "aether"]),
    "soft hyphens and variation selectors": ("co\u00adop 葛\U000e0100飾", ["coop", "葛饰"]),
    "circled and Roman numerals": ("① ⑫ Ⅻ", ["1", "12", "xii"]),
    "a nought as a circle": ("二○○八", ["二〇〇八"]),
    "vowel signs belong to words": ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
    "apostrophes": ("women’s O‘Brien", ["women's", "o'brien"]),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(name: str) -> None:
    text, found = SCRIPTS[name]
    assert runs(fold(text)) == found


def test_hangul_and_thai_are_matched_as_strings() -> None:
    assert words_and_grams("한국의")[1] == ["한국", "국의", "의"]
    assert words_and_grams("ไทย")[1] == ["ไท", "ทย", "ย"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("e-mail", ["e", "mail", "email"]),
        ("Re-organisation", ["re", "organis", "reorganis"]),
        ("1936-1999, B-M", ["1936", "1999", "b", "m"]),
        ("U.S. Army", ["u", "armi", "us"]),
        ("J. R. R. Smith", ["j", "r", "r", "smith", "jrr"]),
        ("l'école", ["l'ecol", "ecol", "lecol"]),
        ("O'Brien's", ["o'brien", "obrien"]),
        ("vol. XII", ["vol", "xii"]),
    ],
)
def test_other_spellings_are_words_too(text: str, words: list[str]) -> None:
    assert words_and_grams(text)[0] == words


def test_numbers_stand_apart_at_the_end_of_the_grams() -> None:
    assert words_and_grams("一九四九年")[1][-2:] == [GAP, "#1949"]
    assert words_and_grams("vol. XII")[1] == ["vol", "xii", GAP, "#12"]


@given(st.text())
def test_spelled_text_knows_its_places(text: str) -> None:
    folded = fold(text)
    plain, offsets = spelled_with_offsets(folded)
    assert plain == spelled(folded)
    if offsets is not None:
        assert len(offsets) == len(plain) + 1 and list(offsets) == sorted(offsets)
        assert all(folded[at] == char or len(spelled(folded[at])) > 1 for at, char in zip(offsets, plain, strict=False))
