"""Marks stand on the original characters, wherever the match is, and nothing else is markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.highlight import SNIPPET, Highlighter
from indexer.language import parse
from indexer.plan import terms


def highlighter(query: str) -> Highlighter:
    return Highlighter(terms(parse(query).node))


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
    "one character": ("局", "總局與局長", "總<mark>局</mark>與<mark>局</mark>長"),
}


@pytest.mark.parametrize("name", CASES)
def test_whole(name: str) -> None:
    query, text, html = CASES[name]
    assert highlighter(query).whole(text) == html


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


@given(
    st.text(alphabet=st.sampled_from("ab 土地鐵铁路&<>'\"\né𠮷|"), max_size=300),
    st.sampled_from(["土地", "铁路", "a", "ab", '"a b"', "a*", "𠮷"]),
)
def test_marks_change_nothing_but_marks(text: str, query: str) -> None:
    whole = highlighter(query).whole(text)
    if whole is not None:
        assert unescape(re.sub("</?mark>", "", whole)) == text
    passage = highlighter(query).passage(text)
    assert (whole is None) == (passage is None)
