"""Fields of MARC 21, each present, blank, missing, repeated and odd: (fields, what is looked at, what it is)."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.record import Dates, Identifier, Record
from tests.mappings.marc.build import ARCHIVE, LEADER, record_of

CODED = "008 890106{}xx a     b    001 0 {} d"
TITLE = "245 10 $a Title"

TITLES = {
    "title, remainder and responsibility": ("245 10 $a Sources : $b a guide / $c by A. Li.", "Sources : a guide"),
    "general material designation dropped": ("245 10 $a Map $h [map] : $b of Hunan", "Map : of Hunan"),
    "parts in record order": ("245 10 $a Works. $n 2, $p Letters", "Works. 2, Letters"),
    "punctuation supplied": ("245 10 $a Основы расчета $b пособие $n 2", "Основы расчета : пособие. 2"),
    "final stop": ("245 10 $a Chemistry experiments.", "Chemistry experiments"),
    "final stop of an abbreviation": ("245 10 $a Records of Smith & Co. Inc.", "Records of Smith & Co. Inc."),
    "dates are no title": ("245 10 $a Papers, $f 1900-1910", "Papers"),
    "white space": ("245 10 $a  The \n papers  ", "The papers"),
    "combining characters": ("245 10 $a Prokudin-Gorskii\u0306", "Prokudin-Gorskiĭ"),
}


@pytest.mark.parametrize(("line", "title"), TITLES.values(), ids=TITLES)
def test_title(line: str, title: str) -> None:
    record = record_of(line)
    assert (record.title, record.supplied_title) == (title, False)


WITHOUT_TITLE = {
    "uniform title": (["130 0# $a Bible."], "Bible"),
    "blank 245, variant title": (["245 00 $a  ", "246 3# $a Economics"], "Economics"),
    "date": (["260 ## $c 1961."], "1961"),
    "nothing": (["500 ## $a Note"], "untitled"),
}


@pytest.mark.parametrize(("lines", "title"), WITHOUT_TITLE.values(), ids=WITHOUT_TITLE)
def test_a_record_without_title_gets_one(lines: list[str], title: str) -> None:
    record = record_of(*lines)
    assert (record.title, record.supplied_title) == (title, True)


IDS = {
    "control number": (["001 a44794"], "a44794"),
    "with its organisation": (["001 n 79046262", "003 DLC"], "(DLC)n 79046262"),
    "missing": ([], "a.mrc#record-1"),
    "blank": (["001   ", "003 DLC"], "a.mrc#record-1"),
}


@pytest.mark.parametrize(("lines", "source_id"), IDS.values(), ids=IDS)
def test_source_id(lines: list[str], source_id: str) -> None:
    assert record_of(*lines, TITLE).source_id == source_id


DATES = {
    "publication": (["264 #1 $a X : $b Y, $c 1961."], Dates("1961", 1961, 1961)),
    "publication before manufacture": (["264 #3 $c 1970", "264 #1 $c [1961]"], Dates("[1961]", 1961, 1961)),
    "old form": (["260 ## $c 1900-1910"], Dates("1900-1910", 1900, 1910)),
    "code": ([CODED.format("s1961    ", "jpn")], Dates("1961", 1961, 1961)),
    "code of a span": ([CODED.format("m19001910", "eng")], Dates("1900-1910", 1900, 1910)),
    "code without end": ([CODED.format("c19849999", "eng")], Dates("1984-", 1984, None)),
    "unknown digits": ([CODED.format("s199u    ", "eng")], Dates("199-", 1990, 1999)),
    "unknown digits of a span": ([CODED.format("m19uu1975", "eng")], Dates("19-- - 1975", 1900, 1975)),
    "reprint: the second date is the original's": ([CODED.format("r19681961", "eng")], Dates("1968", 1968, 1968)),
    "no date": ([CODED.format("n        ", "eng")], None),
    "unreadable text, code known": (
        ["260 ## $c n.d.", CODED.format("s1961    ", "eng")],
        Dates("n.d.", 1961, 1961),
    ),
    "open text, end known": (["260 ## $c 1916-", CODED.format("d19161918", "eng")], Dates("1916-", 1916, 1918)),
    "missing": ([], None),
    "blank": (["260 ## $c  "], None),
}


@pytest.mark.parametrize(("lines", "dates"), DATES.values(), ids=DATES)
def test_dates(lines: list[str], dates: Dates | None) -> None:
    assert record_of(TITLE, *lines).dates == dates


def test_archives_are_dated_by_their_creation() -> None:
    record = record_of("245 10 $a Papers, $f 1900-1910 $g 1905-1906", "260 ## $c 1999", leader=ARCHIVE)
    assert record.dates == Dates("1900-1910, bulk 1905-1906", 1900, 1910)


NAMES = {
    "person": (
        "100 1# $a Case, Bernard, $d 1900-1970, $e ill.", ("Case, Bernard, 1900-1970", "person", "creator", "ill")
    ),
    "comma supplied before dates": (
        "100 1# $a Case, Bernard $d 1900-", ("Case, Bernard, 1900-", "person", "creator", None)
    ),
    "family": ("100 3# $a Li family", ("Li family", "family", "creator", None)),
    "body": (
        "110 2# $a Hitotsubashi Daigaku. $b Kenkyūjo.",
        ("Hitotsubashi Daigaku. Kenkyūjo", "organisation", "creator", None)
    ),
    "meeting": (
        "711 2# $a Congress $n (2nd : $d 1900 : $c Paris) $j host",
        ("Congress (2nd : 1900 : Paris)", "organisation", "name", "host")
    ),
    "added, taking part": ("700 1# $a Gilmour, John S. $4 trl", ("Gilmour, John S.", "person", "name", "trl")),
    "added, creating": ("700 1# $a Li, Bai $e author.", ("Li, Bai", "person", "creator", "author")),
    "relator as address": (
        "700 1# $a Li, Bai $4 http://id.loc.gov/vocabulary/relators/cmp",
        ("Li, Bai", "person", "creator", "cmp"),
    ),
    "author of a work": (
        "700 1# $a Dante, $d 1265-1321. $t Inferno. $l English", ("Dante, 1265-1321", "person", "name", None)
    ),
    "uncontrolled": ("720 ## $a Anyone", ("Anyone", "name", "name", None)),
    "place": ("752 ## $a Russia $b Kostroma", ("Russia -- Kostroma", "place", "name", None)),
    "subject": (
        "650 #0 $a Art $x History $y 20th century.", ("Art -- History -- 20th century", "subject", "subject", None)
    ),
    "subject with signs in its text": (
        "650 #0 $a Communism |z United States.", ("Communism -- United States", "subject", "subject", None)
    ),
    "function": ("657 #7 $a Taxation $2 x", ("Taxation", "function", "subject", None)),
    "place as subject": ("651 #0 $a Japan.", ("Japan", "place", "subject", None)),
    "uncontrolled person": ("653 #1 $a Marx", ("Marx", "person", "subject", None)),
    "blank": ("100 1# $a  ", None),
}  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), NAMES.values(), ids=NAMES)
def test_names(line: str, expected: tuple[str, ...] | None) -> None:
    found = [(name.name, name.type, name.role, name.relator) for name in record_of(TITLE, line).names]
    assert found == ([expected] if expected else [])


def test_a_name_with_subdivisions_is_itself_and_a_subject() -> None:
    record = record_of(TITLE, "600 10 $a Kennedy, John, $d 1917-1963 $x Death. $0 (DLC)n79055297")
    assert [(name.name, name.type, name.authority) for name in record.names] == [
        ("Kennedy, John, 1917-1963", "person", "(DLC)n79055297"),
        ("Kennedy, John, 1917-1963 -- Death", "subject", None),
    ]


AUTHORITIES = {
    "number with its source": ("$0 (DLC)n79046262", "(DLC)n79046262"),
    "address before number": ("$0 (DLC)n1 $1 http://viaf.org/viaf/1", "http://viaf.org/viaf/1"),
    "words": ("$0 creator", None),
    "missing": ("", None),
}


@pytest.mark.parametrize(("link", "authority"), AUTHORITIES.values(), ids=AUTHORITIES)
def test_authority_links(link: str, authority: str | None) -> None:
    (name,) = record_of(TITLE, f"100 1# $a Li, Bai {link}").names
    assert name.authority == authority


IDENTIFIERS = {
    "LCCN": ("010 ## $a    85-2 ", [Identifier("lccn", "85000002")]),
    "LCCN with revision": ("010 ## $a    61014599/L/r83", [Identifier("lccn", "61014599")]),
    "ISBN with qualifier": ("020 ## $a 0486466213 (pbk.) : $c 1.25", [Identifier("isbn", "0486466213")]),
    "price without ISBN": ("020 ## $c 1.25", []),
    "cancelled ISBN": ("020 ## $z 0486466213", []),
    "ISSN": ("022 ## $a 1009-2129", [Identifier("issn", "1009-2129")]),
    "DOI": ("024 7# $a 10.1000/182 $2 doi", [Identifier("doi", "10.1000/182")]),
    "UPC": ("024 1# $a 277780200", [Identifier("upc", "277780200")]),
    "OCLC": ("035 ## $a (OCoLC)ocm00000697", [Identifier("oclc", "697")]),
    "another system": ("035 ## $a (DLC)12536505", [Identifier("control_number", "(DLC)12536505")]),
    "blank": ("035 ## $a  ", []),
}


@pytest.mark.parametrize(("line", "identifiers"), IDENTIFIERS.values(), ids=IDENTIFIERS)
def test_identifiers(line: str, identifiers: list[Identifier]) -> None:
    assert list(record_of(TITLE, line).identifiers) == identifiers


NOTES = {
    "general": ("500 ## $a Note.", "note", "Note."),
    "summary": ("520 ## $a Letters.", "scope_and_content", "Letters."),
    "abstract": ("520 3# $a Letters.", "abstract", "Letters."),
    "materials specified": ("540 ## $3 Photographs $a Ask.", "reproduction_conditions", "Photographs: Ask."),
    "address": ("555 ## $a Finding aid: $u http://example.org/f", "finding_aids", "Finding aid: http://example.org/f"),
    "source and institution left out": (
        "545 ## $a Founded 1900. $5 XX $2 y",
        "administrative_history",
        "Founded 1900.",
    ),
    "location of copies": ("535 2# $a Elsewhere", "copies_note", "Elsewhere"),
    "host": ("773 0# $i In: $t Annals $g vol. 3 $w (DLC)1", "host", "In: Annals vol. 3"),
    "earlier title": ("780 00 $t Old journal", "related_material", "continues: Old journal"),
    "edition": ("250 ## $a 2nd ed. / $b rev.", "edition", "2nd ed. / rev"),
    "publication without punctuation": ("260 ## $a М. $b Изд-во $c 2005", "publication", "М. Изд-во, 2005"),
    "series": ("490 0# $a Views ; $v 2", "series", "Views ; 2"),
    "work in a name": ("700 12 $a Dante. $t Inferno", "added_titles", "Dante. Inferno"),
    "class mark": ("050 00 $a HA4625 $b .H58", "classification", "HA4625 .H58"),
    "cancelled ISBN": ("020 ## $z 0486466213", "other_identifiers", "other ISBN: 0486466213"),
}


@pytest.mark.parametrize(("line", "element", "text"), NOTES.values(), ids=NOTES)
def test_description(line: str, element: str, text: str) -> None:
    assert record_of(TITLE, line).description == {element: text}


def test_private_notes_are_for_staff() -> None:
    record = record_of(TITLE, "541 0# $a Bought for 5 pounds", "541 1# $a Gift", "852 ## $a A $x fragile $z Ask")
    assert record.description == {"acquisition": "Gift"}
    assert record.staff_notes == {"acquisition": "Bought for 5 pounds", "holdings": "fragile"}


ACCESS = {
    "says nothing": ([], None),
    "open in words": (["506 ## $a Open for research without restrictions."], "open"),
    "closed in words": (["506 1# $a Closed until 2050."], "closed"),
    "no restrictions by indicator": (["506 0# $a See the web page"], "open"),
    "restrictions by indicator": (["506 1# $a See the web page"], "restricted"),
    "unclear": (["506 ## $a Conditions governing access note."], None),
    "the strictest wins": (["506 0# $a Open for research.", "506 1# $a Access restricted."], "restricted"),
    "use is not access": (["540 ## $a Access restricted."], None),
}


@pytest.mark.parametrize(("lines", "value"), ACCESS.values(), ids=ACCESS)
def test_access(lines: list[str], value: str | None) -> None:
    access = record_of(TITLE, *lines).access
    assert (access.value if access else None) == value


CODES = {
    "language of 008": ([CODED.format("s1961    ", "jpn")], {"languages": ("ja",)}),
    "languages of 041": (["041 1# $a eng $a fre $h ger"], {"languages": ("en", "fr")}),
    "languages written together": (["041 1# $a engfre"], {"languages": ("en", "fr")}),
    "no language": (["041 ## $a zxx"], {"languages": ()}),
    "electronic": (["008 041202s2000    mdunnn  o      f    eng d"], {"kind": "digital"}),
    "genre": (
        ["655 #7 $a Glass negatives. $2 gmgpc", "655 #7 $a Maps $y 1900-"],
        {"formats": ("Glass negatives", "Maps -- 1900-")}
    ),
    "extent": (["300 ## $a 96 p. : $b illus. ; $c 24 cm."], {"extent": "96 p. : illus. ; 24 cm."}),
    "extent without punctuation": (["300 ## $a 186 с $b ил $c 21 см"], {"extent": "186 с : ил ; 21 см"}),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), CODES.values(), ids=CODES)
def test_codes_and_extent(lines: list[str], expected: dict[str, Any]) -> None:
    record = record_of(TITLE, *lines)
    assert {key: getattr(record, key) for key in expected} == expected


LEVELS = {
    "monograph": (LEADER, [], "item", None),
    "serial": (LEADER.replace("nam", "nas"), [], "serial", None),
    "collection": (ARCHIVE, ["099 ## $a MC 10"], "collection", "MC 10"),
    "stated": (ARCHIVE, ["351 ## $c Series"], "series", None),
    "archival call number": (ARCHIVE, ["090 ## $a LOT 10 $b no. 2"], "collection", "LOT 10 no. 2"),
    "shelf mark": (ARCHIVE, ["852 ## $a X $h MS $i 12"], "collection", "MS 12"),
    "a class mark is no reference code": (LEADER, ["050 00 $a HA4625"], "item", None),
}


@pytest.mark.parametrize(("leader", "lines", "level", "code"), LEVELS.values(), ids=LEVELS)
def test_level_and_reference_code(leader: str, lines: list[str], level: str, code: str | None) -> None:
    record = record_of(TITLE, *lines, leader=leader)
    assert (record.level, record.reference_code) == (level, code)


LINKS = {
    "the thing": ("856 40 $u https://example.org/1.pdf $3 Scan", ["https://example.org/1.pdf"], {}),
    "a version of it": ("856 41 $u https://example.org/1", ["https://example.org/1"], {}),
    "unsaid": ("856 4# $u https://example.org/1", ["https://example.org/1"], {}),
    "unsaid, but a finding aid": (
        "856 4# $u https://example.org/1 $z Finding aid online:", [], {"related_links": "Finding aid online: https://example.org/1"}
    ),
    "related": (
        "856 42 $3 Table of contents $u http://x.org/t", [], {"related_links": "Table of contents: http://x.org/t"}
    ),
    "several": ("856 40 $u http://x.org/1 $u http://x.org/2", ["http://x.org/1", "http://x.org/2"], {}),
    "no address": ("856 40 $u EAD Location", [], {"related_links": "EAD Location"}),
    "script": ("856 40 $u javascript:alert(1)", [], {"related_links": "javascript:alert(1)"}),
    "missing": ("856 40 $z nothing", [], {}),
}  # fmt: skip


@pytest.mark.parametrize(("line", "urls", "description"), LINKS.values(), ids=LINKS)
def test_links(line: str, urls: list[str], description: dict[str, str]) -> None:
    record = record_of(TITLE, line)
    assert [copy.url for copy in record.copies] == urls
    assert list(record.identifiers) == [Identifier("link", url) for url in urls]
    assert record.description == description


def test_a_urn_is_an_identifier_and_no_copy() -> None:
    record = record_of(TITLE, "856 40 $u urn:nbn:de:101:1-2")
    assert (record.identifiers, record.copies) == ((Identifier("uri", "urn:nbn:de:101:1-2"),), ())


def shelves(record: Record) -> list[tuple[tuple[str, ...], str | None, str | None, str | None]]:
    return [(held.containers, held.extent, held.location, held.barcode) for held in record.holdings]


HOLDINGS = {
    "location and call number": (
        ["852 ## $a DLC $b Stacks $h HA 4625 $i .H58 $p 42"], [(("HA 4625 .H58",), None, "DLC, Stacks", "42")]
    ),
    "textual holdings": (
        ["852 ## $a X $h P 1", "866 #0 $a v.1-10", "867 #0 $a suppl."], [(("P 1",), "v.1-10; suppl", "X", None)]
    ),
    "tied by number": (
        ["852 ## $8 1 $a X", "852 ## $8 2 $a Y", "866 #0 $8 2.1 $a v.1"],
        [((), None, "X", None), ((), "v.1", "Y", None)]
    ),
    "tied to none": (
        ["852 ## $a X", "852 ## $a Y", "866 ## $a v.1"], [((), None, "X", None), ((), None, "Y", None),
        ((), "v.1", None, None)]
    ),
    "items": (
        ["852 ## $a X $h P 1", "876 ## $p 1 $3 v.1", "876 ## $p 2 $3 v.2"],
        [(("P 1", "v.1"), None, "X", "1"), (("P 1", "v.2"), None, "X", "2")],
    ),
    "SirsiDynix": (["999 ## $a 330 .T64 $i 36105 $l STACKS $m SAL3"], [(("330 .T64",), None, "SAL3, STACKS", "36105")]),
    "Koha": (["952 ## $o 330 .T64 $p 36105 $b MAIN"], [(("330 .T64",), None, "MAIN", "36105")]),
    "999 of another kind": (["999 ## $l WFIS $a Juv. 542"], []),
    "blank": (["852 ## $a  "], []),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), HOLDINGS.values(), ids=HOLDINGS)
def test_holdings(lines: list[str], expected: list[Any]) -> None:
    assert shelves(record_of(TITLE, *lines)) == expected


HOLDERS = {
    "name": ("852 ## $a Library of Congress $b Prints", "Library of Congress"),
    "code and name": ("852 ## $a NyNyUA $b New York University Archives", "New York University Archives"),
    "code alone says nothing": ("852 ## $a RU-RKP", None),
}


@pytest.mark.parametrize(("line", "holder"), HOLDERS.values(), ids=HOLDERS)
def test_holder(line: str, holder: str | None) -> None:
    assert record_of(TITLE, line).holder == holder


def test_a_holdings_record_is_a_record() -> None:
    record = record_of(
        "001 9", "003 XX", "004 1", "852 ## $a X $h P 1", "866 ## $a v.1-3", leader="00000nx  a2200000zn 4500"
    )
    assert (record.title, record.supplied_title, record.level) == ("Holdings of (XX)1", True, "holdings")
    assert shelves(record) == [(("P 1",), "v.1-3", "X", None)]


SCRIPTS = {
    "linked": (
        ["245 10 $6 880-01 $a Kaisetsu /", "880 10 $6 245-01/$1 $a 解說 /"],
        "解說", {"parallel_title": "Kaisetsu"},
    ),
    "the other way round": (
        ["245 10 $6 880-01 $a 解說", "880 10 $6 245-01/(B $a Kaisetsu"], "解說", {"parallel_title": "Kaisetsu"}
    ),
    "linked by number": (
        ["245 10 $6 880-02 $a Title", "880 10 $6 245-03 $a 別", "880 10 $6 245-02 $a 題"],
        "題", {"parallel_title": "Title\n別"},
    ),
    "unlinked note": ([TITLE, "880 ## $6 500-00 $a 注"], "Title", {"note": "注"}),
    "partner missing": ([TITLE, "880 ## $6 500-07 $a 注"], "Title", {"note": "注"}),
    "note in both": (
        [TITLE, "500 ## $6 880-01 $a Chu", "880 ## $6 500-01 $a 注"], "Title", {"note": "注\nChu"}
    ),
    "880 that is linked to nothing": ([TITLE, "880 ## $a 注"], "Title", {}),
    "880 of an 880": ([TITLE, "880 ## $6 880-01 $a 注"], "Title", {}),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "title", "description"), SCRIPTS.values(), ids=SCRIPTS)
def test_original_script_comes_first(lines: list[str], title: str, description: dict[str, str]) -> None:
    record = record_of(*lines)
    assert (record.title, record.description) == (title, description)


def test_names_stand_in_both_scripts() -> None:
    record = record_of(TITLE, "110 2# $6 880-01 $a Daigaku. $0 (X)1", "880 2# $6 110-01 $a 大学. $0 (X)1")
    assert [(name.name, name.role, name.type, name.authority) for name in record.names] == [
        ("大学", "creator", "organisation", "(X)1"),
        ("Daigaku", "creator", "organisation", "(X)1"),
    ]
