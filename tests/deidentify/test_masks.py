"""Masked texts and pages: nothing of what is masked is left, words and text stay in step, offsets lead back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.deidentification import Mark, Release
from mappings.formats.page_text import line_text, page_of
from mappings.record import Copy, Divided, Page, Record, Word
from pipelines.deidentify.layer import DeidentifiedLayer, deidentified, proposals, text_version
from pipelines.deidentify.masks import Masking, masked_page
from pipelines.deidentify.pseudonyms import Pseudonyms, script_of

KEY = ("court", "1")


def page(*lines: str, image: str | None = "1.png", divided: tuple[Divided, ...] = ()) -> Page:
    """A page of words as recognised pages have them: a Chinese character is one by itself, and so is a number."""
    placed = []
    for number, line in enumerate(lines):
        words, x = [], 10.0
        for part in line.split(" "):
            for text in re.findall("[!-~]+|[^!-~]", part):
                words.append(Word(text, x, 40.0 * number, 10.0 * len(text), 20.0))
                x += 10.0 * len(text) + 5
        placed.append(tuple(words))
    made = page_of(placed, None, 1000.0, 1400.0, None, divided)
    return Page(1, made.text, None, image, 1000.0, 1400.0, made.lines, divided=made.divided)


def record(*pages: Page, title: str = "民事判决书") -> Record:
    return Record("1", title, copies=(Copy(pages=pages),))


def released(one: Record, *marks: Mark) -> DeidentifiedLayer:
    layer = deidentified(one, Release(KEY, text_version(one), marks, {"1.png": "digest"}, "2026-03-02T00:00:00Z"))
    assert layer is not None
    return layer


def marks_of(one: Record) -> tuple[Mark, ...]:
    return tuple(proposal.mark for proposal in proposals(one, True))


def test_one_person_has_one_pseudonym_throughout_a_record() -> None:
    one = record(
        page("原告张伟民，男，1958年3月12日出生", "身份证号码330106195803120418，被告李秀兰"),
        page("张伟民与李秀兰离婚。张伟民电话13605731482"),
    )
    first, second = (layer.page.text for layer in released(one, *marks_of(one)).pages)
    assert first == "原告某甲，男，〔出生日期〕出生\n身份证号码〔证件号码〕，被告某乙"
    assert second == "某甲与某乙离婚。某甲电话〔电话〕"


def test_what_staff_add_is_proposed_wherever_it_stands_again() -> None:
    one = record(page("阿黑来了"), page("那晚阿黑和 Blackie 不在"), page("a Blackies cap"))
    assert proposals(one, True) == []
    added = (Mark(1, 0, 2, "name"), Mark(2, 6, 13, "name"))
    assert one.pages[1].text[6:13] == "Blackie"
    assert [(each.mark, each.text, each.rule) for each in proposals(one, True, added)] == [
        (Mark(2, 2, 4, "name"), "阿黑", "again")
    ]


def test_an_english_person_is_one_by_family_name_alone() -> None:
    one = record(page("Mr. John Hartley met Mrs. Mabel Pratt.", "Hartley spoke to Pratt"), title="Court records")
    [layer] = released(one, *marks_of(one)).pages
    assert layer.page.text == "Mr. Person A met Mrs. Person B.\nPerson A spoke to Person B"


NAMES = {
    "the same in either script": (["張建國", "张建国"], ["某甲", "某甲"]),
    "a given name alone": (["张建国", "建国"], ["某甲", "某甲"]),
    "a given name of two": (["张建国", "李建国", "建国"], ["某甲", "某乙", "某丙"]),
    "broken by a line": (["张建\n国", "张建国"], ["某甲", "某甲"]),
    "inverted": (["SUTHERLAND, Ewan James", "Ewan Sutherland"], ["Person A", "Person A"]),
    "two of one family": (["John Hart", "Mary Hart", "Hart"], ["Person A", "Person B", "Person C"]),
    "initials do not count": (["O. P. Gaines", "Gaines"], ["Person A", "Person A"]),
    "each script for itself": (["王五", "Ann Lee"], ["某甲", "Person A"]),
}


@pytest.mark.parametrize(("names", "expected"), NAMES.values(), ids=NAMES)
def test_pseudonyms(names: list[str], expected: list[str]) -> None:
    made = Pseudonyms(names)
    assert [made.of("name", name, "en") for name in names] == expected


def test_more_persons_than_letters() -> None:
    names = [f"Zed{chr(97 + one)}{chr(97 + two)} Smith" for one in range(6) for two in range(6)]
    made = Pseudonyms(names)
    assert len({made.of("name", name, "en") for name in names}) == 36


@pytest.mark.parametrize(
    ("text", "script"),
    [("原告張偉民與被告", "zh_Hant"), ("原告张伟民与被告", "zh_Hans"), ("Plaintiff", "en"), ("", "en")],
)
def test_the_words_of_a_mask_are_in_the_script_of_the_text(text: str, script: str) -> None:
    assert script_of(text) == script


def test_a_number_says_its_kind_and_not_its_length() -> None:
    long, short = "330106195803120418", "330106580312041"
    texts = []
    for number in (long, short):
        one = record(page(f"身份证号码{number}"))
        [layer] = released(one, *marks_of(one)).pages
        texts.append(layer.page.text)
    assert texts[0] == texts[1] == "身份证号码〔证件号码〕"


def test_boxes_cover_every_word_of_a_mask_and_the_rest_of_a_divided_one() -> None:
    rest = Divided(0, 4, 10.0, 80.0, 60.0, 20.0)
    one = record(page("Seen by Featherstone", "on Monday", divided=(rest,)))
    [layer] = released(one, Mark(1, 8, 20, "name")).pages
    assert layer.page.text == "Seen by Person A\non Monday"
    assert layer.page.divided == ()
    assert layer.image is not None
    assert [(round(box.x, 1), round(box.y, 1)) for box in layer.image.boxes] == [(77.6, -2.4), (7.6, 77.6)]


def test_a_name_across_a_line_end() -> None:
    one = record(page("患者瞿", "慧君于昨日手术"), title="病历")
    [layer] = released(one, *marks_of(one)).pages
    assert layer.page.text == "患者某甲\n于昨日手术"
    assert layer.image is not None and len(layer.image.boxes) == 3


WITHHELD = {
    "no words": Page(1, "张三", image="1.png"),
    "words without places": Page(1, "张三", image="1.png", lines=((Word("张三", 0, 0, 0, 0),),)),
    "other words than text": Page(1, "张三丰", image="1.png", lines=((Word("张三", 1, 1, 9, 9),),)),
    "an image nobody read": Page(1, image="1.png"),
}


@pytest.mark.parametrize("one", WITHHELD.values(), ids=WITHHELD)
def test_an_image_that_cannot_be_masked_is_not_shown(one: Page) -> None:
    [layer] = released(record(one)).pages
    assert layer.image is None and layer.page.image is None


def test_an_image_nobody_looked_at_is_not_shown() -> None:
    one = record(page("原告张伟民", image="other.png"))
    [layer] = released(one, *marks_of(one)).pages
    assert layer.masked.boxes and layer.image is None


def test_another_text_is_not_shown() -> None:
    one = record(page("原告张伟民"))
    release = Release(KEY, text_version(one), marks_of(one))
    assert deidentified(one, release) is not None
    for other in (record(page("原告张伟明")), record(page("原告张伟民", image="2.png")), record()):
        assert deidentified(other, release) is None
    assert deidentified(one, None) is None


def test_nothing_leads_to_the_original() -> None:
    one = record(Page(1, "张三", image="1.png", url="https://example.org/1"))
    [layer] = released(one, Mark(1, 0, 2, "name")).pages
    assert (layer.page.image, layer.page.url, layer.page.text) == (None, None, "某甲")


LINES = st.lists(
    st.lists(st.text("ab甲乙，。", min_size=1, max_size=4), min_size=1, max_size=5).map(" ".join),
    min_size=1,
    max_size=4,
)


@given(LINES, st.data())
def test_masks_leave_nothing_and_everything_else(lines: list[str], data: st.DataObject) -> None:
    one = page(*lines)
    cuts = data.draw(st.lists(st.integers(0, len(one.text)), max_size=8, unique=True).map(sorted))
    masks = [
        Masking(start, end, "phone")
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        if one.text[start:end].strip() == one.text[start:end]
    ]
    made = masked_page(one, masks, Pseudonyms([]))
    assert made.page.text == "\n".join(map(line_text, made.page.lines))
    hidden = {at for mask in masks for at in range(mask.start, mask.end) if one.text[at] != "\n"}
    led = [made.original(at) for at in range(len(made.page.text))]
    kept = [at for at in led if at is not None]
    assert kept == sorted(set(kept)) and not hidden & set(kept)
    assert all(made.page.text[at] == one.text[back] for at, back in enumerate(led) if back is not None)
    assert {at for at, char in enumerate(one.text) if not char.isspace()} - hidden <= set(kept)
