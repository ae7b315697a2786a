"""PAGE XML of all versions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import MappingOptions
from mappings.formats.page_xml import PageXmlMapping
from mappings.record import Page, Word
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = PageXmlMapping(MappingOptions(holder="East"))
SCHEMA = "http://schema.primaresearch.org/PAGE/gts/pagecontent/"
VERSIONS = {
    **{
        day: f' xmlns="{SCHEMA}{day}"' for day in ("2009-03-16", "2010-03-19", "2013-07-15", "2017-07-15", "2019-07-15")
    },
    "none": "",
}


def pcgts(regions: str, order: str = "", root: str = VERSIONS["2013-07-15"], more: str = "") -> bytes:
    return (
        f"<PcGts{root}><Metadata/><Page imageFilename='scans/p1.tif' imageWidth='900' imageHeight='1200'{more}>{order}"
        f"{regions}</Page></PcGts>"
    ).encode()


def equiv(text: str, more: str = "") -> str:
    return f"<TextEquiv{more}><Unicode>{text}</Unicode></TextEquiv>"


def coords(points: str) -> str:
    return f"<Coords points='{points}'/>"


def word(text: str, points: str = "10,20 40,20 40,32 10,32") -> str:
    return f"<Word>{coords(points)}{equiv(text)}</Word>"


def line(*words: str, text: str = "", points: str = "10,20 310,34") -> str:
    return f"<TextLine>{coords(points)}{''.join(map(word, words))}{equiv(text) if text else ''}</TextLine>"


def region(inside: str, key: str = "r1", more: str = "") -> str:
    return f"<TextRegion id='{key}'{more}>{coords('5,5 500,500')}{inside}</TextRegion>"


def page(regions: str, **parts: str) -> Page:
    (record,) = records(MAPPING, ("v/1.xml", pcgts(regions, **parts)), ("v/1.jpg", b"image"))
    return record.pages[0]


class TestPage(MappingContract):
    @pytest.fixture
    def mapping(self) -> PageXmlMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        one = pcgts(region(line("Marne", "1865") + line(text="粵漢鐵路", points="10,20 30,220")))
        return [("v/1.xml", one), ("v/1.jpg", b"\xff\xd8\xff"), ("v/2.xml", one)]


@pytest.mark.parametrize("root", VERSIONS.values(), ids=VERSIONS)
def test_every_version_and_none(root: str) -> None:
    found = page(region(line("Marne", "1865") + line("next"), more=" primaryLanguage='French'"), root=root)
    assert found.text == "Marne 1865\nnext"
    assert found.lines[0][0] == Word("Marne", 10, 20, 30, 12)
    assert (found.number, found.width, found.height, found.language) == (1, 900, 1200, "fr")


def test_a_prefix_in_front_of_everything() -> None:
    root = f' xmlns:pc="{SCHEMA}2019-07-15"'
    whole = pcgts(region(line("a")), root=root).decode().replace("<", "<pc:").replace("<pc:/", "</pc:").encode()
    assert records(MAPPING, ("v/1.xml", whole))[0].pages[0].text == "a"


POINTS: dict[str, tuple[str, tuple[float, float, float, float]]] = {
    "a polygon": (coords("10,20 40,25 38,60 12,50"), (10, 20, 30, 40)),
    "floats and noise": (coords("1.5,2.5 x 4.5,6.5"), (1.5, 2.5, 3, 4)),
    "Point children": ("<Coords><Point x='3' y='4'/><Point x='9' y='8'/></Coords>", (3, 4, 6, 4)),
    "no points": ("<Coords/>", (10, 20, 300, 14)),
    "no coords": ("", (10, 20, 300, 14)),
    "dots": (coords(".,. 1,1"), (1, 1, 0, 0)),
}


@pytest.mark.parametrize(("place", "box"), POINTS.values(), ids=POINTS)
def test_boxes(place: str, box: tuple[float, ...]) -> None:
    inside = f"<TextLine>{coords('10,20 310,34')}<Word>{place}{equiv('a')}</Word></TextLine>"
    ((found,),) = page(region(inside)).lines
    assert (found.x, found.y, found.width, found.height) == box


TEXTS: dict[str, tuple[str, list[list[str]]]] = {
    "lines only": (line(text="a whole line"), [["a whole line"]]),
    "vertical Chinese": (line(text="粵漢鐵路", points="10,20 30,220"), [["粵", "漢", "鐵", "路"]]),
    "Chinese with a year": (line(text="民國1912年", points="0,0 100,10"), [["民", "國", "1912", "年"]]),
    "an illegible character": (line(text="文□選", points="0,0 10,90"), [["文", "□", "選"]]),
    "Chinese with what is no character": (line(text="文=選", points="0,0 10,90"), [["文=選"]]),
    "Chinese with blanks": (line(text="弋陽 謝枋得", points="0,0 10,90"), [["弋", "陽", "謝", "枋", "得"]]),
    "glyphs": (
        f"<TextLine><Word>{coords('0,0 9,9')}<Glyph>{equiv('a')}</Glyph><Glyph>{equiv('b')}</Glyph></Word></TextLine>",
        [["ab"]],
    ),
    "words before the line": (line("a", "b", text="a b c"), [["a", "b"]]),
    "marks as words": (line("Schrift", ".", text="Schrift."), [["Schrift."]]),
    "marks the line sets apart": (line("Schrift", ".", text="Schrift ."), [["Schrift", "."]]),
    "a region only": (equiv("one\ntwo\n"), [["one"], ["two"]]),
    "lines before the region": (line("a") + equiv("b"), [["a"]]),
    "the best reading": ("<TextLine>" + equiv("x", " index='1'") + equiv("y", " index='0'") + "</TextLine>", [["y"]]),
    "plain text": ("<TextLine><TextEquiv><PlainText>a</PlainText></TextEquiv></TextLine>", [["a"]]),
    "nothing": ("<TextLine><TextEquiv><Unicode/></TextEquiv></TextLine>", []),
    "a divided word": (line("heran¬") + line("gezogen", "und"), [["herangezogen"], ["und"]]),
    "a Fraktur hyphen": (line("heran⸗") + line("gezogen"), [["herangezogen"]]),
    "a Fraktur hyphen in a name": (line("Ober⸗") + line("Amt"), [["Ober⸗"], ["Amt"]]),
}


@pytest.mark.parametrize(("inside", "lines"), TEXTS.values(), ids=TEXTS)
def test_lines_and_words(inside: str, lines: list[list[str]]) -> None:
    assert [[word.text for word in line] for line in page(region(inside)).lines] == lines


GERMAN = {
    "a divided word": ("Men-", "schen", "Menschen"),
    "a name": ("Ober-", "Amt", "Ober- Amt"),
    "two words that share an end": ("Vor-", "und", "Vor- und"),
    "a dash": ("-", "und", "- und"),
    "a number": ("1914-", "bis", "1914- bis"),
}


@pytest.mark.parametrize(("first", "second", "text"), GERMAN.values(), ids=GERMAN)
def test_a_plain_hyphen_divides_german_words(first: str, second: str, text: str) -> None:
    inside = line(first) + line(second)
    assert page(region(inside, more=" primaryLanguage='German'")).text.replace("\n", " ") == text
    assert page(region(inside, more=" primaryLanguage='English'")).text == f"{first}\n{second}"


def test_characters_of_a_line_share_its_box_along_its_longer_side() -> None:
    assert page(region(line(text="粵漢鐵路", points="10,20 30,220"))).lines[0][1:3] == (
        Word("漢", 10, 70, 20, 50),
        Word("鐵", 10, 120, 20, 50),
    )
    assert page(region(line(text="鐵路", points="10,20 110,40"))).lines[0] == (
        Word("鐵", 10, 20, 50, 20),
        Word("路", 60, 20, 50, 20),
    )


def test_words_that_are_joined_have_one_box_and_the_lower_confidence() -> None:
    parts = [
        f"<Word>{coords(points)}" + equiv(text, f" conf='{conf}'") + "</Word>"
        for text, points, conf in (("a", "0,0 10,10", 0.9), (".", "12,4 14,12", 0.5))
    ]
    assert page(region(f"<TextLine>{''.join(parts)}{equiv('a.')}</TextLine>")).lines == (
        (Word("a.", 0, 0, 14, 12, 0.5),),
    )


THREE = (
    region(line("one"), "r1") + region(line("two") + region(line("inner"), "r2a"), "r2") + region(line("three"), "r3")
)


def refs(*keys: str, at: tuple[int, ...] = ()) -> str:
    places = at or tuple(range(len(keys)))
    return "".join(f"<RegionRefIndexed index='{n}' regionRef='{key}'/>" for key, n in zip(keys, places, strict=True))


ORDERS: dict[str, tuple[str, str]] = {
    "none": ("", "one two inner three"),
    "ordered": (f"<OrderedGroup>{refs('r3', 'r2', 'r1')}</OrderedGroup>", "three two inner one"),
    "by index": (f"<OrderedGroup>{refs('r3', 'r2', 'r1', at=(2, 1, 0))}</OrderedGroup>", "one two inner three"),
    "some": (f"<OrderedGroup>{refs('r3')}</OrderedGroup>", "three one two inner"),
    "an inner one": (f"<OrderedGroup>{refs('r2a', 'r3')}</OrderedGroup>", "inner three one two"),
    "unordered": (
        "<UnorderedGroup><RegionRef regionRef='r3'/><RegionRef regionRef='r1'/></UnorderedGroup>",
        "three one two inner",
    ),
    "nested": (
        "<OrderedGroup><OrderedGroupIndexed index='1' regionRef='r1'/><UnorderedGroupIndexed index='0'>"
        "<RegionRef regionRef='r3'/></UnorderedGroupIndexed></OrderedGroup>",
        "three one two inner",
    ),
    "twice, and nobody": (f"<OrderedGroup>{refs('r3', 'r3', 'r9')}</OrderedGroup>", "three one two inner"),
}


@pytest.mark.parametrize(("order", "text"), ORDERS.values(), ids=ORDERS)
def test_reading_order(order: str, text: str) -> None:
    given_order = f"<ReadingOrder>{order}</ReadingOrder>" if order else ""
    assert page(THREE, order=given_order).text.replace("\n", " ") == text


LABELS = {
    "one": (region(line("(", "484", ")"), more=" type='page-number'"), "484"),
    "none": (region(line("484")), None),
    "two": (2 * region(line("1"), more=" type='page-number'"), None),
    "empty": (region("", more=" type='page-number'"), None),
}


@pytest.mark.parametrize(("regions", "label"), LABELS.values(), ids=LABELS)
def test_labels(regions: str, label: str | None) -> None:
    assert page(regions).label == label


IMAGES = {
    "of the same name": (("v/1.jpg", "v/p1.tif"), ["v/1.jpg", "v/p1.tif"]),
    "as the file says": (("v/p1.tif",), ["v/p1.tif"]),
    "with another suffix": (("v/p1.png",), ["v/p1.png"]),
    "another": (("v/a.png",), [None, "v/a.png"]),
}


@pytest.mark.parametrize(("images", "expected"), IMAGES.values(), ids=IMAGES)
def test_images(images: tuple[str, ...], expected: list[str | None]) -> None:
    (record,) = records(MAPPING, ("v/1.xml", pcgts(region(line("a")))), *((name, b"image") for name in images))
    assert [found.image for found in record.pages] == expected


@given(st.data())
def test_truncation_anywhere_gives_outcomes(data: Any) -> None:
    whole = pcgts(THREE, order=f"<ReadingOrder>{ORDERS['nested'][0]}</ReadingOrder>")
    for outcome in mapped(MAPPING, ("v/1.xml", whole[: data.draw(st.integers(1, len(whole)))])):
        check_outcome(outcome)


@given(st.lists(st.lists(st.text("abcäöü123", min_size=1, max_size=6), min_size=1, max_size=4), max_size=5))
def test_what_is_written_is_read(lines: list[list[str]]) -> None:
    found = page(region("".join(line(*words) for words in lines)))
    assert [[word.text for word in words] for words in found.lines] == lines


@pytest.mark.parametrize("count", [3000])
def test_regions_without_ids_take_no_longer_each(count: int) -> None:
    assert len(page(count * f"<TextRegion>{line('a')}</TextRegion>").lines) == count
