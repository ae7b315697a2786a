"""METS: pages in order, the right text and image for each, and what the whole is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.access import Access
from mappings.base import Failed, MappingOptions, Skipped
from mappings.dates import dated
from mappings.formats.mets import MetsMapping
from mappings.formats.mets.files import references_in, resolved
from mappings.record import Dates, Identifier, Name, Record
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records
from tests.mappings.alto.test_alto import alto
from tests.mappings.alto.test_alto import line as alto_line
from tests.mappings.image.test_image import image
from tests.mappings.page.test_page_xml import line, pcgts, region

MAPPING = MetsMapping(MappingOptions(holder="East"))
NS = (
    'xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:mods="http://www.loc.gov/mods/v3"'
)
MODS = """<mods:mods>
<mods:titleInfo><mods:nonSort>Des</mods:nonSort><mods:title>Grafen Werke</mods:title><mods:subTitle>nach</mods:subTitle>
</mods:titleInfo>
<mods:originInfo><mods:dateIssued keyDate='yes'>1766</mods:dateIssued></mods:originInfo>
<mods:originInfo eventType='digitization'><mods:dateIssued>2016</mods:dateIssued></mods:originInfo>
<mods:name type='personal'><mods:role><mods:roleTerm>aut</mods:roleTerm></mods:role>
<mods:displayForm>Pembroke, Henry</mods:displayForm></mods:name>
<mods:language><mods:languageTerm>ger</mods:languageTerm></mods:language>
<mods:location><mods:shelfLocator>Na 3722</mods:shelfLocator></mods:location>
<mods:identifier type='doi'>10.1000/x</mods:identifier>
<mods:accessCondition>Open for research.</mods:accessCondition></mods:mods>"""
DIM = """<dim:dim xmlns:dim='http://www.dspace.org/xmlns/dspace/dim'>
<dim:field mdschema='dc' element='title'>Supply</dim:field>
<dim:field element='date' qualifier='accessioned'>2022</dim:field>
<dim:field element='date' qualifier='issued'>2019-05</dim:field>
<dim:field element='contributor' qualifier='author'>Critchlow, A.</dim:field></dim:dim>"""
DC = "<dc:title xmlns:dc='http://purl.org/dc/elements/1.1/'>A letter</dc:title>"


def file(key: str, href: str, media: str = "") -> str:
    kind = f" MIMETYPE='{media}'" if media else ""
    return f"<mets:file ID='{key}'{kind}><mets:FLocat LOCTYPE='OTHER' xlink:href='{href}'/></mets:file>"


def group(use: str, *files: str) -> str:
    return f"<mets:fileGrp USE='{use}'>{''.join(files)}</mets:fileGrp>"


def div(key: str, *files: str, more: str = "", kind: str = "page") -> str:
    pointers = "".join(f"<mets:fptr FILEID='{key}'/>" for key in files)
    return f"<mets:div TYPE='{kind}' ID='{key}'{more}>{pointers}</mets:div>"


def mets(
    groups: str = "", pages: str = "", said: str = MODS, logical: str = "", links: str = "", root: str = ""
) -> bytes:
    physical = f"<mets:structMap TYPE='PHYSICAL'><mets:div TYPE='physSequence'>{pages}</mets:div></mets:structMap>"
    description = f"<mets:mdWrap><mets:xmlData>{said}</mets:xmlData></mets:mdWrap>"
    return (
        f"<mets:mets {NS}{root}><mets:dmdSec ID='D0'>{description}</mets:dmdSec>"
        f"<mets:fileSec>{groups}</mets:fileSec>{physical if pages else ''}"
        f"<mets:structMap TYPE='LOGICAL'>{logical}</mets:structMap>"
        f"<mets:structLink>{links}</mets:structLink></mets:mets>"
    ).encode()


def page_text(text: str) -> bytes:
    return pcgts(region(line(*text.split())))


TWO = mets(
    group("IMG", file("I1", "img/1.jpg"), file("I2", "img/2.jpg"))
    + group("OCR", file("T1", "page/1.xml", "application/vnd.prima.page+xml"), file("T2", "page/2.xml", "text/xml")),
    div("P1", "I1", "T1", more=" ORDERLABEL='107v'") + div("P2", "I2", "T2", more=" ORDERLABEL=' - '"),
)
FILES = [
    ("b/img/1.jpg", image()),
    ("b/img/2.jpg", image()),
    ("b/page/1.xml", page_text("one")),
    ("b/page/2.xml", alto(alto_line("two"))),
]


class TestMets(MappingContract):
    @pytest.fixture
    def mapping(self) -> MetsMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("b/mets.xml", TWO), *FILES]


def only(payload: bytes, *files: tuple[str, bytes], name: str = "b/mets.xml") -> Record:
    (record,) = records(MAPPING, (name, payload), *files)
    return record


def test_pages_in_order_with_text_image_and_label() -> None:
    record = only(TWO, *FILES)
    assert [(p.number, p.label, p.text, p.image) for p in record.pages] == [
        (1, "107v", "one", "b/img/1.jpg"),
        (2, None, "two", "b/img/2.jpg"),
    ]
    assert (record.source_id, record.unit, record.kind, record.copies[0].format) == (
        "b/mets.xml",
        "b/mets.xml",
        "digital",
        "image/jpeg",
    )
    assert not record.problems


def test_what_the_whole_is_stands_in_mods() -> None:
    record = only(TWO, *FILES)
    assert (record.title, record.supplied_title, record.reference_code) == ("Des Grafen Werke: nach", False, "Na 3722")
    assert (record.dates, record.languages, record.holder) == (Dates("1766", 1766, 1766), ("de",), "East")
    assert record.names == (Name("Pembroke, Henry", "person", "creator", "aut"),)
    assert record.identifiers == (Identifier("doi", "10.1000/x"),)
    assert record.access == Access("open", "Open for research.")


def test_what_the_whole_is_stands_in_dim() -> None:
    record = only(mets(said=DIM))
    assert (record.title, record.dates, record.names) == (
        "Supply",
        dated("2019-05"),
        (Name("Critchlow, A.", "name", "creator"),),
    )


TITLES: dict[str, tuple[bytes, str, tuple[str, bool]]] = {
    "Dublin Core": (mets(said=DC), "b/mets.xml", ("A letter", False)),
    "the label of the METS": (mets(said="", root=" LABEL='A box'"), "b/mets.xml", ("A box", False)),
    "the label of the whole": (mets(said="", logical="<mets:div LABEL='A book'/>"), "b/mets.xml", ("A book", False)),
    "the folder": (mets(said=""), "box 7/mets.xml", ("box 7", True)),
    "the folder of the package": (mets(said=""), "box 7/data/mets.xml", ("box 7", True)),
    "the holder": (mets(said=""), "mets.xml", ("East", True)),
}


@pytest.mark.parametrize(("payload", "name", "title"), TITLES.values(), ids=TITLES)
def test_titles(payload: bytes, name: str, title: tuple[str, bool]) -> None:
    record = only(payload, name=name)
    assert (record.title, record.supplied_title) == title


def test_the_description_of_the_whole_is_that_of_the_first_part_that_has_one() -> None:
    logical = "<mets:div TYPE='newspaper' LABEL='Gazette'><mets:div TYPE='issue' DMDID='D0'/></mets:div>"
    assert only(mets(logical=logical)).title == "Des Grafen Werke: nach"


def test_parts_are_the_contents_with_the_pages_they_begin_at() -> None:
    logical = (
        "<mets:div ID='L0' DMDID='D0'><mets:div ID='L1' LABEL='Preface'/><mets:div ID='L2' LABEL='Of mills'/>"
        "<mets:div ID='L3' LABEL='Index'/><mets:div TYPE='cover'/></mets:div>"
    )
    links = "<mets:smLink xlink:from='L1' xlink:to='P1'/><mets:smLink xlink:from='L2' xlink:to='P2'/>"
    payload = TWO.replace(b"'LOGICAL'>", f"'LOGICAL'>{logical}".encode()).replace(
        b"structLink>", f"structLink>{links}".encode(), 1
    )
    assert only(payload, *FILES).description["contents"] == "Preface (107v); Of mills (2); Index"


def choose(*groups: tuple[str, str, bytes | None], media: str = "") -> Record:
    """A page with a file in each group: (use, path, bytes if it is there)."""
    found = "".join(group(use, file(f"F{at}", path, media)) for at, (use, path, _) in enumerate(groups))
    payload = mets(found, div("P", *(f"F{at}" for at in range(len(groups)))))
    return only(payload, *((f"b/{path}", data) for _, path, data in groups if data is not None))


TEXTS: dict[str, tuple[list[tuple[str, str, bytes | None]], str]] = {
    "ground truth before OCR": (
        [
            ("OCR-D-OCR-TESS", "o.xml", page_text("o")),
            ("OCR-D-GT-PAGE", "g.xml", page_text("g")),
            ("FULLTEXT", "f.xml", page_text("f")),
        ],
        "g",
    ),
    "full text before steps": (
        [("FULLTEXT", "f.xml", page_text("f")), ("OCR-D-SEG-LINE", "s.xml", page_text("s"))],
        "f",
    ),
    "the last OCR": ([("OCR-D-OCR-A", "a.xml", page_text("a")), ("OCR-D-OCR-B", "b.xml", page_text("b"))], "b"),
    "one with words": ([("OCR-D-OCR-A", "a.xml", page_text("a")), ("OCR-D-OCR-B", "b.xml", page_text(""))], "a"),
    "one that is there": ([("OCR-D-OCR-A", "a.xml", page_text("a")), ("OCR-D-OCR-B", "b.xml", None)], "a"),
    "one that can be read": ([("OCR-D-OCR-A", "a.xml", page_text("a")), ("OCR-D-OCR-B", "b.xml", b"broken")], "a"),
}


@pytest.mark.parametrize(("groups", "text"), TEXTS.values(), ids=TEXTS)
def test_which_text(groups: list[tuple[str, str, bytes | None]], text: str) -> None:
    assert [page.text for page in choose(*groups, media="application/vnd.prima.page+xml").pages] == [text]


def test_plain_text_is_read_line_by_line() -> None:
    record = choose(("TEXT", "t.txt", "first line\n\n第二行".encode()), ("IMG", "i.jpg", image()))
    assert record.pages[0].text == "first line\n第二行"


IMAGES: dict[str, tuple[list[tuple[str, str, bytes | None]], str | None]] = {
    "made to be looked at": (
        [("MASTER", "m.tif", b""), ("DEFAULT", "d.jpg", b""), ("THUMBS", "t.jpg", b"")],
        "b/d.jpg",
    ),
    "the scan before black and white": ([("OCR-D-IMG-BIN", "b.png", b""), ("OCR-D-IMG", "i.tif", b"")], "b/i.tif"),
    "black and white where it is all there is": (
        [("OCR-D-IMG", "i.tif", None), ("OCR-D-IMG-BIN", "b.png", b"")],
        "b/b.png",
    ),
    "a thumbnail before nothing": ([("THUMBS", "t.jpg", b"")], "b/t.jpg"),
    "a cut-out of a page without words": ([("OCR-D-IMG-CLIP", "c.png", b"")], "b/c.png"),
    "no cut-out beside words": ([("OCR-D-IMG-CLIP", "c.png", b""), ("OCR", "o.xml", page_text("a"))], None),
    "as the text names it": ([("OCR", "o.xml", page_text("a")), ("X", "scans/p1.tif", b"")], "b/scans/p1.tif"),
}


@pytest.mark.parametrize(("groups", "expected"), IMAGES.values(), ids=IMAGES)
def test_which_image(groups: list[tuple[str, str, bytes | None]], expected: str | None) -> None:
    assert [page.image for page in choose(*groups).pages] == [expected]


def test_files_that_are_not_there_are_named_and_the_page_stays() -> None:
    record = only(TWO, FILES[0], FILES[2])
    assert [(p.text, p.image) for p in record.pages] == [("one", "b/img/1.jpg"), ("", None)]
    (problem,) = record.problems
    assert problem.code == "missing-file" and "page/2.xml; img/2.jpg" in problem.reason


def test_the_size_of_the_image_when_the_text_has_none() -> None:
    text = page_text("a").replace(b"imageWidth='900' imageHeight='1200'", b"")
    (page,) = choose(("IMG", "i.jpg", image(size=(60, 40))), ("OCR", "o.xml", text)).pages
    assert (page.width, page.height) == (60, 40)


def test_several_pages_in_one_text_file() -> None:
    both = alto(alto_line("one")).replace(
        b"</Page>", b"</Page><Page><TextLine><String CONTENT='two'/></TextLine></Page>"
    )
    payload = mets(group("OCR", file("T", "t.xml")), div("P1", "T") + div("P2", "T"))
    assert [page.text for page in only(payload, ("b/t.xml", both)).pages] == ["one", "two"]


def test_what_lies_elsewhere_is_an_address_and_is_not_fetched() -> None:
    payload = mets(
        group("DEFAULT", file("I1", "http://x.org/1.jpg"), file("I2", "https://x.org/2.jpg"))
        + group("DOWNLOAD", file("B", "https://x.org/book.pdf")),
        div("P1", "I1") + div("P2", "I2"),
    )
    record = only(payload)
    assert [(c.url, c.format, c.page_count, c.pages) for c in record.copies] == [
        ("http://x.org/1.jpg", "image/jpeg", 2, ()),
        ("https://x.org/book.pdf", "application/pdf", 0, ()),
    ]
    assert not record.problems


def test_a_repository_item_is_its_files() -> None:
    groups = group("ORIGINAL", file("B", "https://x.org/a.pdf", "application/pdf")) + group(
        "TEXT", file("T", "https://x.org/a.pdf.txt")
    )
    logical = (
        "<mets:div TYPE='DSpace Object Contents' ADMID='D0'><mets:div><mets:fptr FILEID='B'/></mets:div></mets:div>"
    )
    record = only(mets(groups, logical=logical, said=DIM))
    assert [(copy.url, copy.format) for copy in record.copies] == [("https://x.org/a.pdf", "application/pdf")]


ORDERS = {
    "as they stand": (div("A", "F0") + div("B", "F1"), ["b/0.jpg", "b/1.jpg"]),
    "by ORDER": (div("A", "F0", more=" ORDER='2'") + div("B", "F1", more=" ORDER='1'"), ["b/1.jpg", "b/0.jpg"]),
    "some without ORDER": (div("A", "F0", more=" ORDER='2'") + div("B", "F1"), ["b/0.jpg", "b/1.jpg"]),
    "other names for pages": (div("A", "F0", kind="leaf") + div("B", "F1", kind="leaf"), ["b/0.jpg", "b/1.jpg"]),
    "unknown files": (div("A", "F0", "nobody") + div("B"), ["b/0.jpg", None]),
}


@pytest.mark.parametrize(("pages", "expected"), ORDERS.values(), ids=ORDERS)
def test_the_order_of_pages(pages: str, expected: list[str | None]) -> None:
    payload = mets(group("IMG", file("F0", "0.jpg"), file("F1", "1.jpg")), pages)
    assert [page.image for page in only(payload, ("b/0.jpg", b""), ("b/1.jpg", b"")).pages] == expected


NAMES = {"b/a.xml", "b/x/a.xml", "a.xml", "b/with blank.xml", "b/50%.xml"}
LOCATIONS = {
    "plain": ("x/a.xml", "b/x/a.xml"),
    "with a dot": ("./a.xml", "b/a.xml"),
    "file:": ("file:a.xml", "b/a.xml"),
    "file://": ("file://a.xml", "b/a.xml"),
    "up and down": ("../b/x/../a.xml", "b/a.xml"),
    "up within the source": ("../a.xml", "a.xml"),
    "out of the source": ("../../a.xml", None),
    "absolute": ("/etc/passwd", None),
    "file: absolute": ("file:///b/a.xml", None),
    "written": ("with%20blank.xml", "b/with blank.xml"),
    "a per cent sign": ("50%.xml", "b/50%.xml"),
    "backslashes": ("x\\a.xml", "b/x/a.xml"),
    "elsewhere": ("http://x.org/a.xml", None),
    "not there": ("c.xml", None),
    "an end": ("a.xml\0", None),
}


@pytest.mark.parametrize(("href", "expected"), LOCATIONS.values(), ids=LOCATIONS)
def test_locations(href: str, expected: str | None) -> None:
    assert resolved(href, "b/mets.xml", NAMES) == expected


def test_references_are_read_off_as_the_parser_reads_them() -> None:
    payload = mets(group("A", file("1", "a.xml"), file("2", "with%20blank.xml"), file("3", "http://x.org/a.xml")))
    assert references_in(payload, "b/mets.xml", NAMES) == {"b/a.xml", "b/with blank.xml"}
    assert references_in(payload.decode().encode("utf-16"), "b/mets.xml", NAMES) == {"b/a.xml", "b/with blank.xml"}


def test_files_that_no_mets_refers_to_have_their_rows() -> None:
    found = mapped(MAPPING, ("b/mets.xml", TWO), *FILES, ("b/readme.txt", b"x"))
    assert [(o.problem.code, o.source_id) for o in found if isinstance(o, Skipped)] == [("not-in-mets", "b/readme.txt")]


def test_several_objects_in_one_answer() -> None:
    one = mets(said=DC, root=" OBJID='hdl:1/2'")
    payload = b"<records>" + one + one + mets(said=DIM) + b"</records>"
    found = records(MAPPING, ("a.xml", payload))
    assert [(r.source_id, r.title) for r in found] == [
        ("a.xml#hdl:1/2", "A letter"),
        ("a.xml#2", "A letter"),
        ("a.xml#3", "Supply"),
    ]


def test_nothing_in_it_is_a_failure() -> None:
    (failed,) = mapped(MAPPING, ("b/mets.xml", f"<mets:mets {NS}/>".encode()))
    assert isinstance(failed, Failed) and failed.problem.code == "no-page"


@given(st.data())
def test_truncation_anywhere_gives_outcomes(data: Any) -> None:
    cut = data.draw(st.integers(1, len(TWO)))
    found = mapped(MAPPING, ("b/mets.xml", TWO[:cut]), *FILES)
    assert found
    for outcome in found:
        check_outcome(outcome)
