"""What a PDF says of itself, and what is no PDF or a broken one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import Failed, MappingOptions, Outcome, Skipped
from mappings.formats.pdf import PdfMapping, document
from mappings.formats.pdf.metadata import Said, creators, dates, legible, subjects, title
from mappings.record import Dates, Name, Record
from tests.contracts.mapping_contract import check_outcome, mapped, records
from tests.mappings.pdf.files import IMAGE, assembled, pdf, stream, text, written

MAPPING = PdfMapping(MappingOptions(holder="East"))


def record(payload: bytes, name: str = "box/a.pdf") -> Record:
    (found,) = records(MAPPING, (name, payload))
    return found


def only(payload: bytes, name: str = "a.pdf") -> Outcome:
    (found,) = mapped(MAPPING, (name, payload))
    check_outcome(found)
    return found


def said(**information: str) -> Said:
    return Said(information, {}, None)


TITLES = {
    "stated": ("Annual report", "Annual report"),
    "Chinese": ("粵漢鐵路購地卷", "粵漢鐵路購地卷"),
    "missing": ("", None),
    "untitled": ("Untitled-3", None),
    "untitled in Chinese": ("无标题文档", None),
    "the file's name": ("A.PDF", None),
    "the file's stem": ("a", None),
    "Word's": ("Microsoft Word - report.doc", None),
    "a name of another file": ("final2.indd", None),
    "no letter": ("0001-23", None),
    "an address": ("file:///C:/x.htm", None),
}


@pytest.mark.parametrize(("value", "expected"), TITLES.values(), ids=TITLES)
def test_titles(value: str, expected: str | None) -> None:
    assert title(said(Title=value), "x/a.pdf") == expected


MISTAKEN = {
    "GB 2312": ("购地卷一".encode("gb2312").decode("latin-1"), "购地卷一"),
    "with a year": ("购地卷 1905".encode("gb2312").decode("latin-1"), "购地卷 1905"),
    "French": ("Société générale, été", "Société générale, été"),
    "two accents in a row": ("créée", "créée"),
    "Chinese": ("购地卷", "购地卷"),
    "accents alone": ("éàéàé", "éàéàé"),
}


@pytest.mark.parametrize(("value", "expected"), MISTAKEN.values(), ids=MISTAKEN)
def test_chinese_that_claims_to_be_latin_is_read(value: str, expected: str) -> None:
    assert legible(value) == expected


AUTHORS = {
    "one": ("Fanon, Frantz", ["Fanon, Frantz"]),
    "several": ("A; B;  C", ["A", "B", "C"]),
    "Chinese": ("杨博远、肖盛文", ["杨博远", "肖盛文"]),
    "twice": ("A; A", ["A"]),
    "nobody": ("anonymous", []),
    "blank": ("", []),
}


@pytest.mark.parametrize(("value", "expected"), AUTHORS.values(), ids=AUTHORS)
def test_creators(value: str, expected: list[str]) -> None:
    assert creators(said(Author=value)) == tuple(Name(name, "name", "creator") for name in expected)


DATES = {
    "with zone": ("D:20220403193102+02'00'", Dates("2022-04-03", 2022, 2022)),
    "without prefix": ("20220403", Dates("2022-04-03", 2022, 2022)),
    "year": ("D:1999", Dates("1999", 1999, 1999)),
    "nought": ("D:00000101000000Z", None),
    "odd": ("yesterday", None),
    "missing": ("", None),
}


@pytest.mark.parametrize(("value", "expected"), DATES.values(), ids=DATES)
def test_dates(value: str, expected: Dates | None) -> None:
    assert dates(said(CreationDate=value)) == expected


def test_subjects_are_divided_and_stand_once() -> None:
    found = subjects(Said({"Keywords": "rail, land；地契; rail"}, {"subject": ["land", "maps"]}, None))
    assert [name.name for name in found] == ["rail", "land", "地契", "maps"]


def test_the_fields_of_a_document() -> None:
    information = (
        b"/Title" + text("購地卷") + b"/Author" + text("Board") + b"/Subject(Purchases)/Keywords(rail)"
        b"/CreationDate(D:20010203)"
    )
    found = record(pdf(written("a"), information=information, catalog=b"/Lang(zh-TW)"))
    assert (found.source_id, found.title, found.supplied_title) == ("box/a.pdf", "購地卷", False)
    assert (found.kind, found.holder, found.languages) == ("digital", "East", ("zh-Hant",))
    assert found.dates == Dates("2001-02-03", 2001, 2001)
    assert found.description == {"abstract": "Purchases"}
    assert [(name.name, name.role) for name in found.names] == [("Board", "creator"), ("rail", "subject")]
    (copy,) = found.copies
    assert (copy.format, copy.page_count) == ("application/pdf", 1)
    assert not found.problems


def test_a_document_that_says_nothing_is_called_after_its_file() -> None:
    found = record(pdf(written("a")))
    assert (found.title, found.supplied_title, found.dates, found.description) == ("a", True, None, {})


LABELS = b"/PageLabels<</Nums[0<</S/r>>2<</S/D/P(A-)/St 5>>]>>"


def test_pages_have_the_numbers_they_are_printed_with() -> None:
    found = record(pdf(*[written("a")] * 4, catalog=LABELS))
    assert [page.label for page in found.pages] == ["i", "ii", "A-5", "A-6"]


def test_the_outline_is_the_contents() -> None:
    first = 5 + 2 * 3  # the number of the first object after three pages
    items = (
        b"<</First %d 0 R/Last %d 0 R/Count 3>>" % (first + 1, first + 2),
        b"<</Title(One)/Parent %d 0 R/Dest[5 0 R/Fit]/Next %d 0 R/First %d 0 R/Last %d 0 R/Count 1>>"
        % (first, first + 2, first + 3, first + 3),
        b"<</Title%s/Parent %d 0 R/Dest[9 0 R/Fit]/Prev %d 0 R>>" % (text("第二"), first, first + 1),
        b"<</Title(Within)/Parent %d 0 R>>" % (first + 1),
    )
    found = record(pdf(*[written("a")] * 3, catalog=LABELS + b"/Outlines %d 0 R" % first, more=items))
    assert found.description["contents"] == "One ... i\n\u2003Within\n第二 ... A-5"


def test_an_outline_that_bites_its_tail_ends() -> None:
    first = 7
    items = (
        b"<</First %d 0 R/Last %d 0 R>>" % (first + 1, first + 1),
        b"<</Title(One)/Parent %d 0 R/Next %d 0 R/First %d 0 R>>" % (first, first + 1, first + 1),
    )
    found = record(pdf(written("a"), catalog=b"/Outlines %d 0 R" % first, more=items))
    assert found.description["contents"] == "One"


def attached(*contents: bytes) -> bytes:
    first = 5 + 2 * len(contents)
    names = b"/Names<</EmbeddedFiles<</Names[(letter.odt) %d 0 R]>>>>" % first
    more = (
        b"<</Type/Filespec/F(letter.odt)/UF(letter.odt)/EF<</F %d 0 R>>>>" % (first + 1),
        stream(b"12345", b"/Type/EmbeddedFile/Subtype/application#2Fvnd.oasis"),
    )
    return pdf(*contents, catalog=names, more=more)


def test_attached_files_are_listed_and_not_opened() -> None:
    found = record(attached(written("a")))
    assert found.description == {"attachments": "letter.odt (application/vnd.oasis, 5 bytes)"}


def test_a_file_of_attachments_alone_is_a_record() -> None:
    found = record(attached())
    assert "letter.odt" in found.description["attachments"]
    assert (found.pages, found.copies[0].page_count) == ((), 0)


XMP = b"""<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''
 xmlns:dc='http://purl.org/dc/elements/1.1/'>
<dc:title><rdf:Alt><rdf:li xml:lang='fr'>Cartes</rdf:li><rdf:li xml:lang='x-default'>Maps</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>A</rdf:li><rdf:li>B</rdf:li></rdf:Seq></dc:creator><dc:rights>CC0</dc:rights>
<dc:language><rdf:Bag><rdf:li>fr</rdf:li></rdf:Bag></dc:language><dc:identifier>doi:10.1000/x1</dc:identifier>
<dc:publisher>Press</dc:publisher></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"""


def test_xmp_says_what_the_information_does_not() -> None:
    found = record(pdf(written("a"), catalog=b"/Metadata 7 0 R", more=[stream(XMP, b"/Type/Metadata/Subtype/XML")]))
    assert (found.title, found.languages) == ("Maps", ("fr",))
    assert [(name.name, name.relator) for name in found.names] == [("A", None), ("B", None), ("Press", "publisher")]
    assert found.description == {"reproduction_conditions": "CC0"}
    assert [(one.type, one.value) for one in found.identifiers] == [("doi", "10.1000/x1")]


def test_the_metadata_of_an_image_inside_are_not_those_of_the_document() -> None:
    inner = XMP.replace(b"Maps", b"Photoshop layer")
    more = [stream(inner, b"/Type/Metadata"), stream(XMP, b"/Type/Metadata")]
    assert record(pdf(written("a"), catalog=b"/Metadata 8 0 R", more=more)).title == "Maps"
    assert record(pdf(written("a"), more=more)).supplied_title


def test_an_entity_bomb_in_xmp_is_no_bomb() -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + XMP.replace(b"Maps", b"&a;")
    found = record(pdf(written("a"), catalog=b"/Metadata 7 0 R", more=[stream(bomb)]))
    assert "root:" not in str(found)


def test_pages_that_are_images_await_recognition_and_say_so_once() -> None:
    found = record(pdf(IMAGE, written("a"), IMAGE, IMAGE, b"", information=b"/CreationDate(D:20220403)"))
    assert [page.text for page in found.pages] == ["", "a", "", "", ""]
    (problem,) = found.problems
    assert (problem.code, problem.position) == ("no-text-layer", "pages 1, 3-4")
    assert "3 of 5" in problem.reason
    assert found.dates is None and found.description == {"date_digitised": "2022-04-03"}  # the scan's, not the letter's


REFUSED: dict[str, tuple[bytes, str, type[Outcome], str]] = {
    "empty": (b"", "a.pdf", Skipped, "empty-file"),
    "another format": (b"<html>", "a.html", Skipped, "wrong-format"),
    "no header": (b"<html>", "a.pdf", Failed, "damaged-pdf"),
    "a header alone": (b"%PDF-1.7\n", "a.pdf", Failed, "damaged-pdf"),
    "no pages": (
        assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        "a.pdf",
        Failed,
        "damaged-pdf",
    ),
    "a protection nobody knows": (
        pdf(written("a"), information=b"/Title(x)").replace(
            b"/Info 4 0 R", b"/Info 4 0 R/Encrypt<</Filter/Locked/V 9>>/ID[<00><00>]"
        ),
        "a.pdf",
        Failed,
        "encrypted",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "name", "kind", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_says_why(payload: bytes, name: str, kind: type[Outcome], code: str) -> None:
    found = only(payload, name)
    assert isinstance(found, Skipped | Failed) and isinstance(found, kind)
    assert (found.problem.code, found.source_id) == (code, name)
    assert found.problem.hint


def test_a_file_larger_than_allowed_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.pdf.mapping.LARGEST", 100)
    found = only(pdf(written("a")))
    assert isinstance(found, Failed) and found.problem.code == "too-large"


def test_pages_that_cannot_be_loaded_stay_pages() -> None:
    whole = pdf(written("a"), written("b"), written("c"))
    found = record(whole.replace(b"7 0 obj\n<</Type/Page", b"7 0 obj\n<</Type/Oops"))
    assert [page.text for page in found.pages if page.text][:1] == ["a"]


def test_a_page_count_that_lies_costs_nothing() -> None:
    whole = pdf(written("a"))
    found = record(whole.replace(b"/Count 1>>", b"/Count 900000>>"))
    assert len(found.pages) < 100 and found.pages[0].text == "a"


WHOLE = pdf(written("Marne 1865", "railway"), IMAGE, information=b"/Title(Letters)", catalog=LABELS)


@given(cut=st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_off_anywhere_gives_a_record_or_a_reason(cut: int) -> None:
    only(WHOLE[:cut])


@given(place=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255))
def test_any_byte_changed_gives_a_record_or_a_reason(place: int, value: int) -> None:
    only(WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :])


def test_nothing_is_left_open() -> None:
    with document.LOCK, document.opened(WHOLE) as found:
        assert document.label(found, 0) == "i"
    assert not document.LOCK.locked()
