"""hOCR pages: HTML and XHTML, whole and broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import MappingOptions
from mappings.formats.hocr import HocrMapping
from mappings.record import Page, Problem, Record, Word
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = HocrMapping(MappingOptions(holder="East"))
XHTML = '<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de" lang="de">'
HTML = "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN' 'http://www.w3.org/TR/html4/strict.dtd'><html>"
HEAD = "<head><meta name='ocr-capabilities' content='ocr_page ocrx_word'></meta><title>x</title></head><body>"


def hocr(body: str, root: str = XHTML, title: str = "bbox 0 0 900 1200; ppageno 0") -> bytes:
    return f"{root}{HEAD}<div class='ocr_page' title='{title}'>{body}</div></body></html>".encode()


def word(text: str, title: str = "bbox 10 20 40 32; x_wconf 90") -> str:
    return f"<span class='ocrx_word' title='{title}'>{text}</span>"


def line(*words: str, kind: str = "ocr_line") -> str:
    return f"<span class='{kind}' title='bbox 10 20 310 34'>{' '.join(map(word, words))}</span>"


def page(body: str, **parts: str) -> Page:
    (record,) = records(MAPPING, ("v/1.html", hocr(body, **parts)), ("v/1.jpg", b"image"))
    return record.pages[0]


class TestHocr(MappingContract):
    @pytest.fixture
    def mapping(self) -> HocrMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        two = hocr(line("Marne", "1865") + line("鐵", "路"))
        return [("v/1.html", two), ("v/1.jpg", b"\xff\xd8\xff"), ("v/2.html", two)]


@pytest.mark.parametrize("root", [XHTML, HTML, "<html>"], ids=["XHTML", "HTML 4", "bare"])
def test_every_dress(root: str) -> None:
    found = page(
        f"<div class='ocr_carea'><p class='ocr_par' lang='fra'>{line('Marne', '1865')}{line('next')}</p></div>",
        root=root,
    )
    assert found.text == "Marne 1865\nnext"
    assert found.lines[0][0] == Word("Marne", 10, 20, 30, 12, 0.9)
    assert (found.number, found.width, found.height) == (1, 900, 1200)


LANGUAGES = {
    "of the document": ("<p>x</p>", "de"),
    "of a paragraph": ("<p class='ocr_par' lang='fra'>x</p>", "fr"),
    "as a property": ("<p class='ocr_par' title='bbox 1 1 2 2; ocrp_lang eng'>x</p>", "en"),
    "unknown": ("<p class='ocr_par' lang='unknown'>x</p>", "de"),
}


@pytest.mark.parametrize(("body", "language"), LANGUAGES.values(), ids=LANGUAGES)
def test_languages(body: str, language: str) -> None:
    payload = hocr(body) if language == "de" else hocr(body, root="<html>")
    assert records(MAPPING, ("v/1.html", payload))[0].pages[0].language == language


TEXTS: dict[str, tuple[str, list[list[str]]]] = {
    "lines without words": ("<span class='ocr_line' title='bbox 1 2 3 4'>a whole  line</span>", [["a whole line"]]),
    "a paragraph without lines": (
        "<p class='ocr_par' title='bbox 1 2 3 4'>some <b>text</b> of it</p>",
        [["some text of it"]],
    ),
    "empty words": (line("a") + "<span class='ocr_line'><span class='ocrx_word'/></span>", [["a"]]),
    "words without a line": (f"<p class='ocr_par'>{word('a')} {word('b')}</p>", [["a", "b"]]),
    "headers are lines": (line("a", kind="ocr_header") + line("b", kind="ocr_caption"), [["a"], ["b"]]),
    "markup in a word": (word("<strong><em>bold</em></strong>"), [["bold"]]),
    "two classes": ("<span class='x ocr_line'>" + word("a") + "</span>", [["a"]]),
    "Chinese without words": ("<span class='ocr_line' title='bbox 0 0 30 10'>粵漢路</span>", [["粵", "漢", "路"]]),
    "a soft hyphen": (line("ver\u00adbun\u00ad") + line("den", "mit"), [["verbunden"], ["mit"]]),
    "a soft hyphen by name": (line("verbun&shy;") + line("den"), [["verbunden"]]),
    "a hyphen is one": (line("Ober-") + line("Amt"), [["Ober-"], ["Amt"]]),
    "the end of the page": (line("verbun\u00ad"), [["verbun\u00ac"]]),
    "white space": (line("\u00a0") + line("a"), [["a"]]),
    "named characters": (line("&eacute;t&eacute;", "&amp;"), [["été", "&"]]),
}


@pytest.mark.parametrize(("body", "lines"), TEXTS.values(), ids=TEXTS)
def test_lines_and_words(body: str, lines: list[list[str]]) -> None:
    assert [[word.text for word in line] for line in page(body).lines] == lines


BOXES: dict[str, tuple[str, Word]] = {
    "floats": ("bbox 1.5 2.5 4.5 6.75", Word("a", 1.5, 2.5, 3, 4.25)),
    "no box": ("x_wconf 55", Word("a", 10, 20, 300, 14, 0.55)),
    "corners changed": ("bbox 40 32 10 20", Word("a", 10, 20, 30, 12)),
    "no numbers": ("bbox a b c d", Word("a", 10, 20, 300, 14)),
    "negative": ("bbox -3 -4 1 1", Word("a", -3, -4, 4, 5)),
    "dots": ("bbox . .. 1 1", Word("a", 0, 0, 1, 1)),
    "ABBYY": ("bbox 0 0 1 1;x_conf 52.80", Word("a", 0, 0, 1, 1, 0.528)),
    "confidence out of range": ("bbox 0 0 1 1; x_wconf 101", Word("a", 0, 0, 1, 1)),
}


@pytest.mark.parametrize(("title", "expected"), BOXES.values(), ids=BOXES)
def test_boxes(title: str, expected: Word) -> None:
    body = f"<span class='ocr_line' title='bbox 10 20 310 34'>{word('a', title)}</span>"
    assert page(body).lines == ((expected,),)


def volume(*titles: str, images: tuple[str, ...] = ()) -> Record:
    pages = "".join(f"<div class='ocr_page' title='{title}'>{line('x')}</div>" for title in titles)
    payload = f"{HTML}<body>{pages}</body></html>".encode()
    return records(MAPPING, ("v/book.html", payload), *((name, b"") for name in images))[0]


def test_several_pages_a_file_with_the_images_they_name() -> None:
    found = volume(
        'image "scans/p1.tif"; lpageno 7', "image p2.png", "x_source p3", images=("v/p1.jpg", "v/p2.png", "v/p4.png")
    )
    assert [(p.number, p.label, p.image) for p in found.pages] == [
        (1, "7", "v/p1.jpg"),
        (2, None, "v/p2.png"),
        (3, None, None),
        (4, None, "v/p4.png"),
    ]


def test_pages_of_one_tiff_are_its_pictures() -> None:
    found = volume('image "all.tif"; ppageno 0', 'image "all.tif"; ppageno 1', images=("v/all.tif",))
    assert [(p.image, p.frame) for p in found.pages] == [("v/all.tif", None), ("v/all.tif", 1)]


BROKEN: dict[str, tuple[str, str, str | None]] = {
    "a word that never ends": (
        f"<span class='ocr_line'><span class='ocrx_word'>a {word('b')}</span>{line('c')}",
        "a b\nc",
        None,
    ),
    "a line that never ends": ("<span class='ocr_line'>" + word("a") + line("b"), "a\nb", None),
    "an entity nobody knows": (line("a &nosuch; b"), "a &nosuch; b", "damaged-xml"),
    "a comment that never ends": (line("a") + "<!-- ", "a", None),
    "a bare ampersand": (line("Smith & Co"), "Smith & Co", "damaged-xml"),
}


@pytest.mark.parametrize(("body", "text", "code"), BROKEN.values(), ids=BROKEN)
def test_broken_markup_is_read_as_browsers_do(body: str, text: str, code: str | None) -> None:
    (record,) = records(MAPPING, ("v/1.html", hocr(body, root=HTML if code is None else XHTML)))
    assert record.pages[0].text == text
    assert [problem.code for problem in record.problems] == ([code] if code else [])


ENCODINGS = {
    "Latin 1 declared": ("<html><meta charset='iso-8859-1'>", "iso-8859-1"),
    "GBK declared": ("<html><meta charset='gbk'>", "gbk"),
    "nothing declared": ("<html>", "windows-1252"),
    "wrongly declared": ("<html><meta charset='utf-8'>", "windows-1252"),
}


@pytest.mark.parametrize(("root", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings(root: str, encoding: str) -> None:
    text = "鐵路" if encoding == "gbk" else "été"
    payload = hocr(line(text), root=root).decode().encode(encoding)
    assert records(MAPPING, ("v/1.html", payload))[0].pages[0].text == text


def test_html_that_is_no_hocr_is_skipped() -> None:
    (skipped,) = mapped(MAPPING, ("v/1.html", b"<html><body><p>hello</p></body></html>"))
    assert skipped.problem.code == "wrong-format"  # type: ignore[union-attr]
    (failed,) = mapped(MAPPING, ("v/1.html", f"{HTML}{HEAD}</body></html>".encode()))
    assert isinstance(failed.problem, Problem) and failed.problem.code == "no-page"  # type: ignore[union-attr]


@given(st.data())
def test_truncation_anywhere_gives_outcomes(data: Any) -> None:
    whole = hocr(line("Marne", "1865") + line("verbun\u00ad") + line("den"))
    for outcome in mapped(MAPPING, ("v/1.html", whole[: data.draw(st.integers(1, len(whole)))])):
        check_outcome(outcome)


@given(st.lists(st.lists(st.text("abcäöü鐵路123", min_size=1, max_size=6), min_size=1, max_size=4), max_size=5))
def test_what_is_written_is_read(lines: list[list[str]]) -> None:
    found = page("".join(line(*words) for words in lines))
    assert [[word.text for word in words] for words in found.lines] == lines
