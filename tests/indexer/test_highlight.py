"""Marks stand on the original characters, wherever the match is, and nothing else is markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.highlight import LOOKED_AT, SNIPPET, STRETCH, Highlighter
from indexer.language import parse
from indexer.numbers import with_numbers
from indexer.plan import Term, terms
from mappings.text import fold, runs, stem, words_and_grams


def highlighter(query: str) -> Highlighter:
    return Highlighter(terms(with_numbers(parse(query).node)))


CASES = {
    "simplified marks traditional": ("石碇乡", "原為石碇鄉鄉有土地", "原為<mark>石碇鄉</mark>鄉有土地"),
    "four-byte and accented characters before": ("上海", "é𠮷a1上海市", "é𠮷a1<mark>上海</mark>市"),
    "stem": (
        "railways",
        "A railway, railways and railing",
        "A <mark>railway</mark>, <mark>railways</mark> and railing",
    ),
    "not inside a word": ("art", "part of art", "part of <mark>art</mark>"),
    "phrase across punctuation": ('"farm bureau"', "Farm-Bureau farm", "<mark>Farm-Bureau</mark> farm"),
    "only the phrase": ('"海市蜃"', "海市。海市蜃樓", "海市。<mark>海市蜃</mark>樓"),
    "prefix": ("railw*", "railways rail", "<mark>railways</mark> rail"),
    "code": ("Z013-1", "Z013-1-005", "<mark>Z013-1</mark>-005"),
    "markup in the text": ("land", "<b>land</b> & more", "&lt;b&gt;<mark>land</mark>&lt;/b&gt; &amp; more"),
    "full width": ("abc", "ＡＢＣ １", "<mark>ＡＢＣ</mark> １"),
    "excluded words are not marked": ("land -sea", "land sea", "<mark>land</mark> sea"),
    "possessive": ("women's", "Women's committee", "<mark>Women&#x27;s</mark> committee"),
    "a four-byte character": ("𠮷野", "a𠮷野家", "a<mark>𠮷野</mark>家"),
    "a mark written apart": ("cafe", "a cafe\u0301 b", "a <mark>cafe\u0301</mark> b"),
    "marks written apart before": ("上海", "e\u0301e\u0301上海", "e\u0301e\u0301<mark>上海</mark>"),
    "é before": ("海", "ééé 海", "ééé <mark>海</mark>"),
    "a ligature": ("finance", "the ﬁnance act", "the <mark>ﬁnance</mark> act"),
    "ligatures before": ("act", "oﬀer Straße act", "oﬀer Straße <mark>act</mark>"),
    "only part of a ligature": ("f*", "oﬀ ﬁn", "oﬀ <mark>ﬁn</mark>"),
    "half-width Kana with sound marks": ("ガス", "東京ｶﾞｽ会社", "東京<mark>ｶﾞｽ</mark>会社"),
    "Hiragana finds Katakana": ("まんが", "マンガ図書館", "<mark>マンガ</mark>図書館"),
    "a long vowel at the end": ("コンピュータ", "コンピューター史", "<mark>コンピューター</mark>史"),
    "Hangul inside a word": ("한국", "대한국의", "대<mark>한국</mark>의"),
    "Hangul in parts": (
        "한국",
        "\u1112\u1161\u11ab\u1100\u116e\u11a8",
        "<mark>\u1112\u1161\u11ab\u1100\u116e\u11a8</mark>",
    ),
    "Arabic with vowels": ("محمد", "قال مُحَمَّد هنا", "قال <mark>مُحَمَّد</mark> هنا"),
    "a variation selector": ("葛飾", "葛\U000e0100飾区", "<mark>葛\U000e0100飾</mark>区"),
    "a soft hyphen": ("cooperation", "co\u00adoperation", "<mark>co\u00adoperation</mark>"),
    "variants": ("光緒", "光緖與光绪", "<mark>光緖</mark>與<mark>光绪</mark>"),
    "digits beside Han": ("29號", "小段29號贈與", "小段<mark>29號</mark>贈與"),
    "digits are no part of longer ones": ("29", "129 29號 290", "129 <mark>29</mark>號 290"),
    "a year in words": ("1949", "一九四九年 1949", "<mark>一九四九</mark>年 <mark>1949</mark>"),
    "a year in digits": ("一九四九", "1949年，一九四九年", "<mark>1949</mark>年，<mark>一九四九</mark>年"),
    "formal numerals": (
        "23",
        "貳拾叁元、廿三日、二十三",
        "<mark>貳拾叁</mark>元、<mark>廿三</mark>日、<mark>二十三</mark>",
    ),
    "a number in a string": ("第12號", "第十二號 第１２號", "<mark>第十二號</mark> <mark>第１２號</mark>"),
    "a Roman numeral": ("vol 12", "Vol. XII, XII", "<mark>Vol</mark>. <mark>XII</mark>, XII"),
    "punctuation inside a phrase": (
        '"farm bureau"',
        "farm, bureau; farmbureau",
        "<mark>farm, bureau</mark>; farmbureau",
    ),
    "no string across punctuation": ("上海市", "《上海市》上海·市", "《<mark>上海市</mark>》上海·市"),
    "a compound as one word": ("email", "An e-mail, by Email", "An <mark>e-mail</mark>, by <mark>Email</mark>"),
    "one word as a compound": ("e-mail", "email", "<mark>email</mark>"),
    "initials": ("US", "The U.S. Army", "The <mark>U.S.</mark> Army"),
    "an elided article": ("école", "à l'École normale", "à l&#x27;<mark>École</mark> normale"),
    "the whole text": ("上海", "上海", "<mark>上海</mark>"),
    "at the start and the end": ("a1", "a1 b a1", "<mark>a1</mark> b <mark>a1</mark>"),
    "no phrase in a longer word": ('"women"', "women's women", "women&#x27;s <mark>women</mark>"),
    "exact form": ('="鐵路"', "鐵路、铁路", "<mark>鐵路</mark>、铁路"),
    "exact form of a word": ('="Farm"', "Farm farm Farms", "<mark>Farm</mark> farm Farms"),
    "one character": ("局", "總局與局長", "總<mark>局</mark>與<mark>局</mark>長"),
}


@pytest.mark.parametrize("name", CASES)
def test_whole(name: str) -> None:
    query, text, html = CASES[name]
    assert highlighter(query).whole(text) == html


class Counted(str):
    """A text that counts how many of its characters are taken out."""

    taken = 0

    def __getitem__(self, key: object) -> str:
        part = super().__getitem__(key)  # type: ignore[index]
        type(self).taken += len(part)
        return part


def test_a_passage_looks_at_so_much_and_no_more() -> None:
    Counted.taken = 0
    assert highlighter("zebra 斑馬").passage(Counted("lorem 文字 " * 5_000_000)) is None
    assert Counted.taken <= LOOKED_AT * 1.1
    Counted.taken = 0
    assert highlighter("zebra").passage(Counted("zebra " + "lorem " * 8_000_000)) is not None
    assert Counted.taken <= 2 * STRETCH


def test_no_match_no_highlight() -> None:
    assert highlighter("zebra").whole("farm") is None
    assert highlighter("zebra").passage("farm") is None


def test_a_passage_is_short_and_shows_the_match_in_a_long_text() -> None:
    text = "lorem ipsum " * 50_000 + "the zebra sleeps " + "dolor " * 50_000
    passage = highlighter("zebra").passage(text)
    assert passage is not None and "<mark>zebra</mark>" in passage
    assert len(re.sub("<.*?>", "", passage)) <= SNIPPET + 2
    assert passage.startswith("…") and passage.endswith("…")


def test_a_passage_does_not_begin_with_the_end_of_a_sentence() -> None:
    passage = highlighter("zebra").passage("word " * 40 + "ends here. The zebra sleeps " + "long " * 60)
    assert passage is not None and re.match("…[a-z]", passage)


def test_a_passage_ends_with_its_element() -> None:
    told = "The zebra of the harbour master was sold in spring."
    assert highlighter("zebra").passage(told + "\n001\n1984") == told.replace("zebra", "<mark>zebra</mark>") + "…"
    assert "1984" in (highlighter("1984").passage(told + "\n001\n1984") or "")


PIECES = (
    *(
        "a",
        "b",
        "ab",
        " ",
        "土地",
        "鐵",
        "铁",
        "路",
        "&",
        "<",
        ">",
        "'",
        '"',
        "\n",
        "é",
        "e\u0301",
        "𠮷",
        "|",
        "ﬁ",
        "fi",
        "-",
    ),
    *(".", "ガ", "ｶﾞ", "が", "一九四九", "1949", "廿三", "23", "２３", "한", "국", "مُ", "ß", "\u00ad"),
)
ASKED = (
    *("土地", "铁路", "a", "ab", '"a b"', "a*", "𠮷", "fi", "e", "ガ", "1949", "一九四九", "23", "廿三", "한국", "a-b"),
    *('="鐵"', "ss", "م"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.lists(st.sampled_from(ASKED), max_size=3))
def test_marks_change_nothing_but_marks(text: str, queries: list[str]) -> None:
    found = highlighter(" ".join(queries))
    whole = found.whole(text)
    if whole is not None:
        assert unescape(re.sub("</?mark>", "", whole)) == text
        assert "<" not in re.sub("</?mark>", "", whole)
    passage = found.passage(text)
    assert (whole is None) == (passage is None)
    if passage is not None:
        plain = unescape(re.sub("</?mark>", "", passage)).strip("…").replace(" · ", "\n")
        assert plain in text.replace(" · ", "\n")


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(ASKED))
def test_each_mark_is_something_that_was_asked_for(text: str, query: str) -> None:
    asked = list(terms(with_numbers(parse(query).node)))
    for mark in re.findall("<mark>(.*?)</mark>", highlighter(query).whole(text) or "", re.DOTALL):
        assert _means(unescape(mark), asked)


def _means(mark: str, asked: list[Term]) -> bool:
    """Is the marked string one of the terms, several side by side, or one within another spelling?"""
    layers = words_and_grams(mark)
    ways = {token for layer in layers for token in layer} | set(runs(fold(mark)))
    return any(
        term.folded in fold(mark)
        or stem(term.folded) in ways
        or term.folded in ways
        or (term.kind == "prefix" and any(way.startswith(term.folded) for way in ways))
        or (term.kind == "exact" and term.text in mark)
        or "".join(runs(term.folded)) == "".join(runs(fold(mark)))
        for term in asked
    )
