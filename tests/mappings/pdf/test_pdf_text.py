"""The text layer: words in reading order, boxes as the page is shown."""

from __future__ import annotations

import pytest

from mappings.base import MappingOptions
from mappings.formats.pdf import PdfMapping
from mappings.record import Page, Word
from tests.contracts.mapping_contract import MappingContract, Sample, records
from tests.mappings.pdf.files import IMAGE, chinese, han, pdf, written

MAPPING = PdfMapping(MappingOptions(holder="East"))


def page(payload: bytes) -> Page:
    (record,) = records(MAPPING, ("a.pdf", payload))
    return record.pages[0]


class TestPdf(MappingContract):
    @pytest.fixture
    def mapping(self) -> PdfMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("v/letters.pdf", pdf(written("Marne 1865", "railway"), IMAGE, information=b"/Title(Letters)"))]


def test_lines_and_words_have_their_boxes() -> None:
    found = page(pdf(written("Marne 1865", "next line")))
    assert found.text == "Marne 1865\nnext line"
    first, second = found.lines[0]
    assert (first.text, second.text) == ("Marne", "1865")
    assert first.x == pytest.approx(72, abs=1) and second.x == pytest.approx(72 + 12 * 3.2, abs=4)
    assert first.y < 842 - 770 < first.y + first.height  # the base line, from the top
    assert (found.number, found.width, found.height, found.image, found.frame) == (1, 595, 842, "a.pdf", 0)


ROTATIONS = {
    # one word at (72, 770) of a page of 595 x 842: which corner of the page as shown it stands in
    "upright": ("", (595, 842), (72, 842 - 770)),
    "turned right": ("/Rotate 90", (842, 595), (770, 72)),
    "upside down": ("/Rotate 180", (595, 842), (595 - 72, 770)),
    "turned left": ("/Rotate 270", (842, 595), (842 - 770, 595 - 72)),
    "cropped": ("/CropBox [50 100 550 800]", (500, 700), (72 - 50, 800 - 770)),
    "cropped and turned": ("/CropBox [50 100 550 800]/Rotate 90", (700, 500), (770 - 100, 72 - 50)),
}


@pytest.mark.parametrize(("about", "size", "place"), ROTATIONS.values(), ids=ROTATIONS)
def test_boxes_are_those_of_the_page_as_shown(about: str, size: tuple[int, int], place: tuple[int, int]) -> None:
    found = page(pdf(written("i"), page=about))
    assert (found.width, found.height) == size
    (word,) = found.lines[0]
    assert word.x - 12 <= place[0] <= word.x + word.width + 12
    assert word.y - 12 <= place[1] <= word.y + word.height + 12
    assert 0 <= word.x <= size[0] and 0 <= word.y <= size[1]


def test_what_lies_outside_of_the_page_is_not_shown() -> None:
    marks = written("file.indd 3", x=10, y=10) + written("text")
    assert page(pdf(marks, page="/CropBox [50 100 550 800]")).text == "text"


DIVIDED = {
    "a word": (("and the con-", "stitution of it"), "and the constitution\nof it"),
    "a name keeps its hyphen": (("of Austria-", "Hungary in"), "of Austria-Hungary\nin"),
    "years are not divided words": (("the years 1914-", "1918 and"), "the years 1914-\n1918 and"),
    "a hyphen within a line": (("a well-known one", "and"), "a well-known one\nand"),
}


@pytest.mark.parametrize(("lines", "expected"), DIVIDED.values(), ids=DIVIDED)
def test_a_word_divided_at_a_line_end_is_whole_in_its_first_line(lines: tuple[str, ...], expected: str) -> None:
    found = page(pdf(written(*lines)))
    assert found.text == expected


def test_a_divided_word_has_the_box_of_its_first_part() -> None:
    found = page(pdf(written("and the con-", "stitution of it")))
    word = found.lines[0][-1]
    assert word.text == "constitution" and word.height < 20 and word.width < 40
    (rest,) = found.divided
    assert (rest.line, rest.at) == (0, 3)
    assert rest.y > word.y and rest.x < word.x and rest.width > word.width


def test_chinese_characters_stand_one_by_one_and_without_blanks() -> None:
    found = page(chinese(han("粵漢鐵路購地卷", "光緒三十一年")))
    assert found.text == "粵漢鐵路購地卷\n光緒三十一年"
    assert [word.text for word in found.lines[0]] == list("粵漢鐵路購地卷")
    assert found.lines[0][1].x == pytest.approx(found.lines[0][0].x + 20, abs=1)


def test_no_blank_comes_between_han_and_latin_that_had_none() -> None:
    assert page(chinese(han("使用Debian系统"))).text == "使用Debian系统"


def test_columns_of_vertical_writing_go_from_right_to_left() -> None:
    found = page(chinese(han("粵漢鐵路購地卷", "光緒三十一年", vertical=True, x=300), vertical=True))
    assert found.text == "粵漢鐵路購地卷\n光緒三十一年"
    first, second = found.lines[0][:2]
    assert second.y > first.y and abs(second.x - first.x) < 1


def test_ligatures_and_radicals_are_the_letters_they_stand_for() -> None:
    from mappings.formats.pdf.characters import _character

    cases = {
        0xFB01: "fi",
        0x2F00: "一",
        0xFE8D: "ا",
        0x02: "\u00ad",
        0xAD: "-",
        0x0D: "\n",
        0x07: "",
        0xFFFE: "",
        0xD800: "",
    }
    assert {code: _character(code) for code in cases} == cases


def test_a_page_has_only_so_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.pdf.pages.MAX_CHARACTERS", 5)
    (record,) = records(MAPPING, ("a.pdf", pdf(written("abcdefgh"))))
    assert record.pages[0].text == "abcde"
    assert [(problem.code, problem.position) for problem in record.problems] == [("page-too-long", "page 1")]


def test_after_so_many_words_a_line_is_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.pdf.pages.MAX_WORDS", 2)
    (record,) = records(MAPPING, ("a.pdf", pdf(written("a b"), written("c d", "e f"))))
    assert [[len(line) for line in page.lines] for page in record.pages] == [[2], [1, 1]]
    assert record.pages[1].text == "c d\ne f"
    (word,) = record.pages[1].lines[0]
    assert isinstance(word, Word) and word.width > 10


def test_pages_beyond_the_bound_are_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.pdf.pages.MAX_PAGES", 2)
    (record,) = records(MAPPING, ("a.pdf", pdf(*[written(str(number)) for number in range(5)])))
    assert len(record.pages) == record.copies[0].page_count == 2
    (problem,) = record.problems
    assert problem.code == "too-many-pages" and "3 pages" in problem.reason
