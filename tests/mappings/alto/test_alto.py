"""ALTO pages, and the volume the files of a folder are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from connectors.base import RawItem
from connectors.registry import connector
from mappings.access import Access
from mappings.base import Failed, MappingOptions, Skipped, outcomes
from mappings.formats.alto import AltoMapping
from mappings.formats.page_text import line_text
from mappings.formats.volume import natural
from mappings.record import Dates, Identifier, Name, Page, Record, Word
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = AltoMapping(MappingOptions(holder="East"))
NAMESPACES = {
    "ALTO 2": ' xmlns="http://www.loc.gov/standards/alto/ns-v2#"',
    "ALTO 3": ' xmlns="http://www.loc.gov/standards/alto/ns-v3#"',
    "ALTO 4": ' xmlns="http://www.loc.gov/standards/alto/ns-v4#"',
    "none": "",
}


def alto(lines: str, page: str = " WIDTH='900' HEIGHT='1200'", root: str = "", block: str = "") -> bytes:
    return (
        f"<alto{root}><Description><MeasurementUnit>pixel</MeasurementUnit></Description><Layout><Page{page}><PrintSpace>"
        f"<ComposedBlock><TextBlock{block}>{lines}</TextBlock></ComposedBlock></PrintSpace></Page></Layout></alto>"
    ).encode()


def line(*words: str) -> str:
    strings = "<SP/>".join(
        f"<String CONTENT='{word}' HPOS='10' VPOS='20' WIDTH='30' HEIGHT='12' WC='0.9'/>" for word in words
    )
    return f"<TextLine HPOS='10' VPOS='20' WIDTH='300' HEIGHT='14'>{strings}</TextLine>"


def page(lines: str, **parts: str) -> Page:
    (record,) = records(MAPPING, ("v/1.xml", alto(lines, **parts)))
    return record.pages[0]


class TestAlto(MappingContract):
    @pytest.fixture
    def mapping(self) -> AltoMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        two = alto(line("Marne", "1865") + line("鐵", "路"))
        return [("v/1.xml", two), ("v/1.jpg", b"\xff\xd8\xff"), ("v/2.xml", two)]


@pytest.mark.parametrize("namespace", NAMESPACES.values(), ids=NAMESPACES)
def test_every_version_and_none(namespace: str) -> None:
    found = page(line("Marne", "1865") + line("next"), root=namespace, block=" LANG='fre'")
    assert found.text == "Marne 1865\nnext"
    assert found.lines[0][0] == Word("Marne", 10, 20, 30, 12, 0.9)
    assert (found.number, found.width, found.height, found.language) == (1, 900, 1200, "fr")


def test_chinese_characters_stand_without_blanks() -> None:
    assert page(line("粵", "漢", "鐵路", "1905", "年")).text == "粵漢鐵路 1905 年"


HYPHENATED = (
    "<TextLine><String CONTENT='heran' SUBS_TYPE='HypPart1' SUBS_CONTENT='herangezogen' HPOS='1' VPOS='2' "
    "WIDTH='3' HEIGHT='4'/>"
    "<HYP CONTENT='-'/></TextLine>"
    "<TextLine><String CONTENT='gezogen' SUBS_TYPE='HypPart2' SUBS_CONTENT='herangezogen'/><SP/><String "
    "CONTENT='und'/></TextLine>"
)


def test_a_word_divided_at_a_line_end_is_whole_in_its_first_line() -> None:
    found = page(HYPHENATED)
    assert found.text == "herangezogen\nund"
    assert found.lines[0] == (Word("herangezogen", 1, 2, 3, 4),)


BOXES: dict[str, tuple[str, Word]] = {
    "floats": ("<String CONTENT='a' HPOS='1.5' VPOS='2.5' WIDTH='3.0' HEIGHT='4.25'/>", Word("a", 1.5, 2.5, 3, 4.25)),
    "no place of its own": ("<String CONTENT='a'/>", Word("a", 7, 8, 90, 10)),
    "no numbers": ("<String CONTENT='a' HPOS='x' VPOS='NaN' WIDTH='inf' HEIGHT=''/>", Word("a", 0, 0, 0, 0)),
    "confidence out of range": (
        "<String CONTENT='a' HPOS='1' VPOS='1' WIDTH='1' HEIGHT='1' WC='88'/>",
        Word("a", 1, 1, 1, 1),
    ),
}


@pytest.mark.parametrize(("string", "word"), BOXES.values(), ids=BOXES)
def test_boxes(string: str, word: Word) -> None:
    found = page(f"<TextLine HPOS='7' VPOS='8' WIDTH='90' HEIGHT='10'>{string}</TextLine>")
    assert found.lines == ((word,),)


@pytest.mark.parametrize("lines", ["", "<TextLine/>", "<TextLine><String CONTENT=''/><SP/></TextLine>"])
def test_a_page_without_words(lines: str) -> None:
    (record,) = records(MAPPING, ("v/1.xml", alto(lines)), ("v/1.png", b"png"))
    assert (record.pages[0].text, record.pages[0].lines, record.pages[0].image) == ("", (), "v/1.png")


def test_the_size_of_the_print_space_when_the_page_has_none() -> None:
    payload = alto(line("a"), page="").replace(b"<PrintSpace>", b"<PrintSpace WIDTH='80' HEIGHT='90'>")
    assert [(p.width, p.height) for p in records(MAPPING, ("v/1.xml", payload))[0].pages] == [(80, 90)]


def test_text_and_images_of_a_folder_are_one_volume_in_name_order() -> None:
    files = [
        (f"Z013-1-001-005/{name}", alto(line(name)) if name.endswith("xml") else b"image")
        for name in ("p10.xml", "p2.xml", "p1.jpg", "p2.jpg", "p3.TIF", "p10.jpg")
    ]
    (record,) = records(MAPPING, *files)
    assert [(p.number, p.text, p.image and p.image.rpartition("/")[2]) for p in record.pages] == [
        (1, "", "p1.jpg"),
        (2, "p2.xml", "p2.jpg"),
        (3, "", "p3.TIF"),
        (4, "p10.xml", "p10.jpg"),
    ]
    assert (record.source_id, record.title, record.supplied_title) == ("Z013-1-001-005", "Z013-1-001-005", True)
    assert (record.reference_code, record.fonds, record.kind, record.holder) == (
        "Z013-1-001-005",
        "Z013",
        "digital",
        "East",
    )
    assert (record.copies[0].format, record.copies[0].page_count) == ("image/jpeg", 4)


def test_several_pages_in_one_file() -> None:
    payload = alto(line("one")).replace(
        b"</Page>", b"</Page><Page PRINTED_IMG_NR='ii'><TextLine><String CONTENT='two'/></TextLine></Page>"
    )
    (record,) = records(MAPPING, ("v/1.xml", payload), ("v/1.jpg", b"image"), ("v/2.xml", alto(line("three"))))
    assert [(p.number, p.text, p.label, p.image) for p in record.pages] == [
        (1, "one", None, "v/1.jpg"),
        (2, "two", "ii", None),
        (3, "three", None, None),
    ]


def test_a_volume_of_the_root_folder() -> None:
    (record,) = records(MAPPING, ("1.xml", alto(line("a"))))
    assert (record.source_id, record.title, record.reference_code) == (".", "East", None)


def test_a_volume_of_one_file_in_the_root_is_called_by_it() -> None:
    (record,) = records(MAPPING, ("Minutes 1953.xml", alto(line("a"))))
    assert (record.title, record.supplied_title) == ("Minutes 1953", True)


def test_a_broken_page_is_a_page_without_text_and_a_problem() -> None:
    (record,) = records(
        MAPPING, ("v/1.xml", alto(line("a"))), ("v/2.xml", b"not XML at all"), ("v/2.jpg", b""), ("v/3.xml", b"")
    )
    assert [(p.text, p.image) for p in record.pages] == [("a", None), ("", "v/2.jpg"), ("", None)]
    assert [(problem.code, problem.position.partition(",")[0]) for problem in record.problems] == [
        ("damaged-xml", "v/2.xml"),
        ("empty-file", "v/3.xml"),
    ]


def test_a_page_cut_off_keeps_what_was_read() -> None:
    whole = alto(line("first") + line("second"))
    (record,) = records(MAPPING, ("v/1.xml", whole[: whole.index(b"second")]))
    assert record.pages[0].text == "first"
    assert record.problems[0].code == "damaged-xml"


def test_other_files_have_their_rows_and_without_pages_there_is_no_volume() -> None:
    found = mapped(MAPPING, ("v/1.xml", alto(line("a"))), ("v/mets.xml", b"<mets/>"), ("v/readme.txt", b"x"))
    assert [type(outcome).__name__ for outcome in found] == ["Skipped", "Skipped", "Record"]
    assert {outcome.source_id for outcome in found if isinstance(outcome, Skipped)} == {"v/mets.xml", "v/readme.txt"}
    (failed,) = mapped(MAPPING, ("v/1.xml", b"broken"))
    assert isinstance(failed, Failed) and (failed.source_id, failed.problem.position) == (
        "v",
        "v/1.xml, line 1, column 1",
    )
    (skipped,) = mapped(MAPPING, ("v/mets.xml", b"<mets/>"))
    assert isinstance(skipped, Skipped)


def volume(sidecar: str, folder: str = "yj00001", **options: Any) -> Record:
    found = records(
        AltoMapping(MappingOptions(**options)),
        (f"{folder}/1.xml", alto(line("a"))),
        (f"{folder}/volume.yml", sidecar.encode()),
    )
    return found[0]


def test_a_sidecar_file_says_what_the_volume_is() -> None:
    record = volume(
        "title: 購地卷\nreference_code: Z1-2-3\nfonds: Z1\ndates: 民國38年\nlevel: file\nlanguage: [中文, "
        "eng]\naccess: closed\n"
        "opens_on: 2046-01-01\naccess_reason: art. 3\ncreator: Board\nark: ark:/99999/x1\nidentifiers: "
        "[doi:10.1000/x]\nnote: torn\n"
    )
    assert (record.title, record.reference_code, record.fonds, record.level) == ("購地卷", "Z1-2-3", "Z1", "file")
    assert (record.dates, record.languages) == (Dates("民國38年", 1949, 1949), ("zh", "en"))
    assert record.access == Access("closed", "art. 3", dt.date(2046, 1, 1))
    assert record.names == (Name("Board", "name", "creator"),)
    assert record.identifiers == (Identifier("doi", "10.1000/x"), Identifier("ark", "ark:/99999/x1"))
    assert record.description == {"note": "torn"}
    assert not record.problems and not record.supplied_title


BAD_SIDECARS = {
    "not YAML": ("a: [", {}),
    "no keys": ("- a", {}),
    "unknown key": ("titel: x", {}),
    "nested": ("title: {a: b}", {}),
    "no access value": ("access: public", {"access": Access("restricted")}),
    "no day": ("access: closed\nopens_on: later", {"access": Access("closed")}),
    "a bomb": ("a: &a [x,x,x,x]\nb: &b [*a,*a,*a]\ntitle: [*b,*b]", {}),
    "python": ("title: !!python/object/apply:os.system ['true']", {}),
}


@pytest.mark.parametrize(("sidecar", "expected"), BAD_SIDECARS.values(), ids=BAD_SIDECARS)
def test_a_sidecar_that_is_wrong_says_so(sidecar: str, expected: dict[str, Any]) -> None:
    record = volume(sidecar)
    assert {problem.code for problem in record.problems} == {"bad-sidecar"}
    assert record.title == "yj00001"
    assert {"access": record.access} == {"access": None, **expected}


def test_what_the_source_file_fixes_holds_for_volumes_without_a_sidecar() -> None:
    record = volume("", fixed={"title": "Typescripts", "level": "file", "language": "en", "fonds": "T 1"})
    assert (record.title, record.level, record.languages, record.fonds) == ("Typescripts", "file", ("en",), "T 1")


@pytest.mark.parametrize(
    ("words", "text"),
    [(("a", "b"), "a b"), (("鐵", "路"), "鐵路"), (("鐵", "b"), "鐵 b"), (("か", "な"), "かな"), ((), "")],
)
def test_the_text_of_a_line(words: tuple[str, ...], text: str) -> None:
    assert line_text([Word(word, 0, 0, 0, 0) for word in words]) == text


def test_names_sort_by_the_value_of_their_numbers() -> None:
    names = ["p10", "p2", "1", "p", "p2b", "卷2", "卷10", "10"]
    assert sorted(names, key=natural) == ["1", "10", "p", "p2", "p2b", "p10", "卷2", "卷10"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("folder", "expected"),
    [("newspapers-alto-hocr", 23_665), ("alto-official-samples", 7_214), ("ocrd-mets-page", 838)],
)
def test_all_words_of_the_corpus_are_kept(corpus: Path, folder: str, expected: int) -> None:
    """Expected: `String` start tags with content, second parts of divided words left out, counted by regular
    expression.
    """
    groups: dict[str, list[RawItem]] = {}
    for item in connector("folder", {"path": str(corpus / "digitised" / folder)}, Path()).read(None):
        assert isinstance(item, RawItem)
        groups.setdefault(item.key.rpartition("/")[0], []).append(item)
    words = 0
    for items in groups.values():
        for outcome in outcomes(MAPPING.records(items)):
            check_outcome(outcome)
            if isinstance(outcome, Record):
                words += sum(len(line) for found in outcome.pages for line in found.lines)
    assert words == expected
