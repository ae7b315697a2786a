"""Running text: lines as they are read on, and where each character of it stands in the stored text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from indexer.highlight import Highlighter, marked
from indexer.language import parse
from indexer.page_documents import PART_SIZE, cuts, parts_of
from indexer.pages import spans_of
from indexer.plan import terms
from indexer.running import running, running_page
from mappings.formats.page_text import page_of, rejoined
from mappings.record import Page, Word
from mappings.text import is_han

READ_ON = {
    "lines are a blank apart": ("one\ntwo", "one two"),
    "Han lines close up": ("石碇\n鄉公所", "石碇鄉公所"),
    "also where the writing changes": ("石碇\nKant", "石碇 Kant"),
    "a blank line is the end of something": ("石碇\n\n鄉公所", "石碇  鄉公所"),
    "marks are no characters": ("石碇，\n鄉公所", "石碇， 鄉公所"),
    "a hyphen": ("Ver-\ngangenheit", "Vergangenheit"),
    "a not sign": ("Ver¬\ngangenheit", "Vergangenheit"),
    "a soft hyphen": ("Ver\u00ad\ngangenheit", "Vergangenheit"),
    "a double oblique hyphen": ("Ver⸗\ngangenheit", "Vergangenheit"),
    "an equals sign read for one": ("Ver=\ngangenheit", "Vergangenheit"),
    "capitals": ("VERGAN-\nGENHEIT", "VERGANGENHEIT"),
    "a not sign before a capital": ("Ober¬\nAmt", "OberAmt"),
    "a hyphen before a capital is one": ("Ober-\nAmt", "Ober- Amt"),
    "words that share an end": ("Vor-\nund Nachname", "Vor- und Nachname"),
    "and in English": ("pre-\nand post-war", "pre- and post-war"),
    "a dash": ("said -\nand went", "said - and went"),
    "years": ("1914-\n1918", "1914- 1918"),
    "over three lines": ("Donau-\ndampf-\nschiff", "Donaudampfschiff"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "expected"), READ_ON.values(), ids=READ_ON)
def test_lines_are_read_on(text: str, expected: str) -> None:
    assert running(text).text == expected


@given(st.text(alphabet=st.sampled_from("aB 土地-¬=\n\n1，"), max_size=60))
def test_every_character_is_where_it_stands_in_the_stored_text(text: str) -> None:
    whole = running(text)
    for at, char in enumerate(whole.text):
        start, end = whole.stored((at, at + 1))
        assert end == start + 1
        assert text[start] == char or (text[start] == "\n" and char == " ")


@given(st.text(alphabet=st.sampled_from("ab土地鐵\n"), max_size=60))
def test_nothing_but_line_ends_is_left_out_without_hyphens(text: str) -> None:
    assert running(text).text.replace(" ", "") == text.replace("\n", "")


MARKED = {
    "a phrase over a line end": ('"farm bureau"', "the farm\nbureau", "the <mark>farm\nbureau</mark>"),
    "Han over a line end": ("石碇鄉", "原為石碇\n鄉鄉有", "原為<mark>石碇\n鄉</mark>鄉有"),
    "one character a line": ("石碇鄉", "原\n石\n碇\n鄉\n有", "原\n<mark>石\n碇\n鄉</mark>\n有"),
    "a divided word": ("Vergangenheit", "die Ver-\ngangenheit ist", "die <mark>Ver-\ngangenheit</mark> ist"),
    "by its stem": ("railway", "the rail-\nways of", "the <mark>rail-\nways</mark> of"),
    "its first part": ("well", "a well-\nknown man", "a <mark>well-\nknown</mark> man"),
    "its second part": ("known", "a well-\nknown man", "a <mark>well-\nknown</mark> man"),
    "both as a phrase": ('"well known"', "a well-\nknown man", "a <mark>well-\nknown</mark> man"),
    "a phrase with it": ('"the railways of"', "on the rail-\nways of", "on <mark>the rail-\nways of</mark>"),
}


@pytest.mark.parametrize(("query", "text", "html"), MARKED.values(), ids=MARKED)
def test_marks_go_over_line_ends(query: str, text: str, html: str) -> None:
    found = spans_of(running(text), Highlighter(terms(parse(query).node)))
    assert marked(text, found) == html


@pytest.mark.parametrize(("query", "text", "_html"), MARKED.values(), ids=MARKED)
def test_what_is_marked_is_in_the_layers_that_match(query: str, text: str, _html: str) -> None:
    grams = running(text).layers()[1]
    for term in terms(parse(query).node):
        if term.kind == "word" and not is_han(term.folded):
            assert any(gram.startswith(term.folded) for gram in grams)


def test_a_word_the_mapping_put_together_is_found_by_its_parts() -> None:
    words = [[Word("die", 0, 0, 1, 1), Word("Ver\u00ac", 1, 0, 1, 1)], [Word("gangenheit", 0, 1, 1, 1)]]
    lines, divided = rejoined(words, "de")
    page = page_of(lines, None, 9, 9, "de", divided)
    whole = running_page(page)
    assert whole.text == "die Vergangenheit"
    assert whole.layers()[1] == ["die", "vergangenheit", "|", "ver", "gangenheit"]
    assert spans_of(whole, Highlighter(terms(parse("gangenheit").node))) == [(4, 17)]


def test_a_long_page_is_kept_in_parts_that_are_the_whole() -> None:
    line = tuple(Word(f"word{at}", at, 0, 1, 1) for at in range(20))
    page = page_of([line] * 2_000, None, 100, 100, None)
    parts = parts_of(page)
    assert len(parts) > 1 and all(len(part.text) <= PART_SIZE + 200 for part in parts)
    assert [line for part in parts for line in part.lines] == list(page.lines)
    assert "\n".join(part.text for part in parts) == page.text


def test_a_page_of_one_endless_line_is_cut() -> None:
    endless = page_of([(Word("土" * 1_000_000, 0, 0, 1, 1),)], None, 100, 100, None)
    for page in (endless, replace(endless, lines=()), Page(1, "word " * 200_000)):
        parts = parts_of(page)
        assert max(len(part.text) for part in parts) <= PART_SIZE + 1
        assert sum(part.text.count("土") for part in parts) == page.text.count("土")


def test_a_text_is_cut_between_words() -> None:
    text = "word " * 50_000
    stretches = list(cuts(text, 20_000))
    assert stretches[0][0] == 20_000 and stretches[-1][1] == len(text)
    assert all(text[end - 1] == " " for _, end in stretches)
