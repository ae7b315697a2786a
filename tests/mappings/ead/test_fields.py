"""Each field of a component: present, blank, missing, repeated, odd."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.record import Copy, Dates, Holding, Identifier, Name
from tests.mappings.ead.files import NAMESPACES, component, finding_aid, of

TITLES = {
    "present": ("<unittitle>Minutes</unittitle>", ("Minutes", False)),
    "white space": ("<unittitle> Minutes\n  of the board </unittitle>", ("Minutes of the board", False)),
    "mixed content": (
        "<unittitle>On <title render='italic'>Bridge</title>, 2nd ed.</unittitle>",
        ("On Bridge, 2nd ed.", False),
    ),
    "line break": ("<unittitle>One<lb/>two</unittitle>", ("One two", False)),
    "Chinese": ("<unittitle>粵漢<emph>鐵路</emph>購地卷</unittitle>", ("粵漢鐵路購地卷", False)),
    "repeated": ("<unittitle>First</unittitle><unittitle>Second</unittitle>", ("First", False)),
    "blank, then one": ("<unittitle/><unittitle>Second</unittitle>", ("Second", False)),
    "blank with a date": ("<unittitle> </unittitle><unitdate>1901</unitdate>", ("1901", True)),
    "missing": ("", ("Papers, untitled", True)),
    "internal": ("<unittitle audience='internal'>Secret</unittitle>", ("Papers, untitled", True)),
    "internal beside a public one": (
        "<unittitle audience='internal'>S</unittitle><unittitle>P</unittitle>",
        ("P", False),
    ),
    "part of it internal": ("<unittitle>A <emph audience='internal'>secret</emph> plan</unittitle>", ("A plan", False)),
}


@pytest.mark.parametrize(("did", "expected"), TITLES.values(), ids=TITLES)
def test_title(did: str, expected: tuple[str, bool]) -> None:
    record = component(did)
    assert (record.title, record.supplied_title) == expected


DATES: dict[str, tuple[str, Dates | None]] = {
    "single year": ("<unitdate>1901</unitdate>", Dates("1901", 1901, 1901)),
    "normal wins over text": ('<unitdate normal="1901/1939">c. 1920</unitdate>', Dates("c. 1920", 1901, 1939)),
    "normal alone": ('<unitdate normal="1901/1939"/>', Dates("1901/1939", 1901, 1939)),
    "normal that says nothing": ('<unitdate normal="undated">1920</unitdate>', Dates("1920", 1920, 1920)),
    "blank element": ("<unitdate/>", None),
    "undated": ("<unitdate>undated</unitdate>", Dates("undated")),
    "bulk": (
        "<unitdate type='inclusive'>1900-1950</unitdate><unitdate type='bulk'>1920-1930</unitdate>",
        Dates("1900-1950; bulk 1920-1930", 1900, 1950),
    ),
    "digitised later": (
        "<unitdate datechar='digitized'>2013</unitdate><unitdate datechar='creation'>1960</unitdate>",
        Dates("1960", 1960, 1960),
    ),
    "only digitised": ("<unitdate datechar='digitized'>2013</unitdate>", Dates("2013", 2013, 2013)),
    "open end": ("<unitdate>1950-</unitdate>", Dates("1950-", 1950, None)),
    "structured range": (
        "<unitdatestructured><daterange><fromdate>1928</fromdate><todate>2003</todate></daterange></unitdatestructured>",
        Dates("1928-2003", 1928, 2003),
    ),
    "structured and as text": (
        "<unitdate>1928-2003</unitdate><unitdatestructured><daterange><fromdate standarddate='1928'>1928</fromdate>"
        "<todate>2003</todate></daterange></unitdatestructured>",
        Dates("1928-2003", 1928, 2003),
    ),
    "set of dates": (
        "<unitdatestructured><dateset><datesingle standarddate='1901'>1901</datesingle>"
        "<datesingle notbefore='1910' notafter='1912'>about 1911</datesingle></dateset></unitdatestructured>",
        Dates("1901; about 1911", 1901, 1912),
    ),
    "era": ("<unitdate>光緒三十一年</unitdate>", Dates("光緒三十一年", 1905, 1905)),
}


@pytest.mark.parametrize(("did", "expected"), DATES.values(), ids=DATES)
def test_dates(did: str, expected: Dates | None) -> None:
    assert component(did).dates == expected


CODES: dict[str, tuple[str, tuple[str | None, tuple[Identifier, ...], str | None]]] = {
    "one": ("<unitid>F 1-2</unitid>", ("F 1-2", (), None)),
    "blank": ("<unitid/>", (None, (), None)),
    "of a system": (
        "<unitid>cuid1</unitid><unitid type='aspace_uri'>/repositories/2/archival_objects/9</unitid>",
        ("cuid1", (Identifier("aspace_uri", "/repositories/2/archival_objects/9"),), None),
    ),
    "only of a system": (
        "<unitid type='aspace_uri'>/repositories/2/archival_objects/9</unitid>",
        (None, (Identifier("aspace_uri", "/repositories/2/archival_objects/9"),), None),
    ),
    "ark and doi": (
        "<unitid type='ark'>https://n2t.net/ark:/99999/abc</unitid><unitid>doi:10.1000/x1</unitid>",
        (None, (Identifier("ark", "ark:/99999/abc"), Identifier("doi", "10.1000/x1")), None),
    ),
    "several": ("<unitid>1</unitid><unitid type='call number'>QA 5</unitid>", ("1", (), "call number: QA 5")),
}


@pytest.mark.parametrize(("did", "expected"), CODES.values(), ids=CODES)
def test_reference_code_and_identifiers(did: str, expected: tuple[Any, Any, Any]) -> None:
    record = component(did)
    assert (record.reference_code, record.identifiers, record.description.get("other_identifiers")) == expected
    assert record.fonds == "F 1"


@pytest.mark.parametrize(
    ("attributes", "level"),
    [
        (" level='series'", "series"),
        (" level='otherlevel' otherlevel='Binder'", "Binder"),
        ("", None),
        (" level=''", None),
        (" level='otherlevel' otherlevel='unspecified'", None),
        (" level='otherlevel'", None),
    ],
)
def test_level(attributes: str, level: str | None) -> None:
    assert component("", "", attributes).level == level


HOLDINGS: dict[str, tuple[str, tuple[Holding, ...]]] = {
    "none": ("", ()),
    "box and folder": (
        "<container type='box'>9</container><container type='folder'>4</container>",
        (Holding(("Box 9", "Folder 4")),),
    ),
    "EAD3": ("<container localtype='box'>9</container>", (Holding(("Box 9",)),)),
    "no type": ("<container>9</container>", (Holding(("9",)),)),
    "blank": ("<container type='box'/>", ()),
    "type said twice": ("<container type='box'>Box 9</container>", (Holding(("Box 9",)),)),
    "two boxes": (
        "<container type='Box'>1</container><container type='Box'>2</container>",
        (Holding(("Box 1",)), Holding(("Box 2",))),
    ),
    "parents": (
        "<container id='a' type='Box'>1</container><container id='b' type='Box'>2</container>"
        "<container parent='a' type='Folder'>7</container><container parent='b' type='Folder'>8</container>",
        (Holding(("Box 1", "Folder 7")), Holding(("Box 2", "Folder 8"))),
    ),
    "barcode and form in the label": (
        "<container id='aspace_1' label='Mixed Materials [31142046916675]' type='Box'>1</container>",
        (Holding(("Box 1",), form="Mixed Materials", barcode="31142046916675"),),
    ),
    "place": (
        "<physloc>12/B/7</physloc><container type='box'>1</container>",
        (Holding(("Box 1",), location="12/B/7"),),
    ),
    "place alone": ("<physloc>12/B/7</physloc>", (Holding(location="12/B/7"),)),
    "internal": ("<container type='box' audience='internal'>1</container>", ()),
}


@pytest.mark.parametrize(("did", "expected"), HOLDINGS.values(), ids=HOLDINGS)
def test_holdings(did: str, expected: tuple[Holding, ...]) -> None:
    assert component(did).holdings == expected


@pytest.mark.parametrize(
    ("did", "extent"),
    [
        ("<physdesc><extent>3 Linear Feet</extent><extent>41 boxes</extent></physdesc>", "3 Linear Feet, 41 boxes"),
        ("<physdesc>5 photographs</physdesc><physdesc>2 maps</physdesc>", "5 photographs; 2 maps"),
        (
            "<physdescstructured><quantity>442.75</quantity><unittype>linear feet</unittype></physdescstructured>",
            "442.75 linear feet",
        ),
        (
            "<physdescset><physdescstructured><quantity>2</quantity><unittype>reels</unittype><descriptivenote><p>long</p></descriptivenote>"
            "</physdescstructured></physdescset>",
            "2 reels",
        ),
        ("<physdesc/>", None),
    ],
)
def test_extent(did: str, extent: str | None) -> None:
    assert component(did).extent == extent


@pytest.mark.parametrize(
    ("did", "languages"),
    [
        (
            "<langmaterial><language langcode='eng'>English</language>, <language langcode='chi'/></langmaterial>",
            ("en", "zh"),
        ),
        (
            "<langmaterial><languageset><language langcode='ger'>x</language><script scriptcode='Latn'/>"
            "</languageset></langmaterial>",
            ("de",),
        ),
        ("<langmaterial>In English and French.</langmaterial>", ("en", "fr")),
        ("<langmaterial>Spoken Chinese is mostly Cantonese</langmaterial>", ()),
        ("<langmaterial/>", ()),
    ],
)
def test_languages(did: str, languages: tuple[str, ...]) -> None:
    assert component(did).languages == languages


NAMES: dict[str, tuple[str, str, tuple[Name, ...]]] = {
    "creator": ("<origination><persname>Li Bai</persname></origination>", "", (Name("Li Bai", "person", "creator"),)),
    "creator as text": ("<origination>The board</origination>", "", (Name("The board", "name", "creator"),)),
    "donor": (
        "<origination label='Source'><persname role='dnr'>Woo</persname></origination>",
        "",
        (Name("Woo", "person", "name", "dnr"),),
    ),
    "parts of EAD3": (
        "<origination><persname identifier='n1'><part>Slytherin, Salazar</part><part>d. 1100</part></persname>"
        "</origination>",
        "",
        (Name("Slytherin, Salazar, d. 1100", "person", "creator", None, "n1"),),
    ),
    "nested headings": (
        "",
        "<controlaccess><controlaccess><geogname authfilenumber='g1'>Canton </geogname></controlaccess>"
        "<subject><part>Science</part><part>Periodicals</part></subject><corpname role='pbl'>Press</corpname>"
        "</controlaccess>",
        (
            Name("Canton", "place", "subject", None, "g1"),
            Name("Science -- Periodicals", "subject", "subject"),
            Name("Press", "organisation", "name", "pbl"),
        ),
    ),
    "twice": (
        "",
        "<controlaccess><subject>A</subject><subject>A</subject><subject/></controlaccess>",
        (Name("A", "subject", "subject"),),
    ),
    "internal heading": (
        "",
        "<controlaccess><persname audience='internal'>X</persname><famname>Y</famname></controlaccess>",
        (Name("Y", "family", "subject"),),
    ),
    "internal block": ("", "<controlaccess audience='internal'><persname>X</persname></controlaccess>", ()),
}


@pytest.mark.parametrize(("did", "rest", "expected"), NAMES.values(), ids=NAMES)
def test_names(did: str, rest: str, expected: tuple[Name, ...]) -> None:
    assert component(did, rest).names == expected


def test_genres_are_formats() -> None:
    rest = "<controlaccess><genreform>Letters</genreform><genreform><part>Diaries</part></genreform></controlaccess>"
    assert component("", rest).formats == ("Letters", "Diaries")


def test_elements_nobody_knows_are_kept_under_their_own_name() -> None:
    record = component("<shelfmemo>red tape</shelfmemo>", "<relations><relation>test</relation></relations>")
    assert record.description == {"shelfmemo": "red tape", "note": "test"}


def test_digital_objects_are_copies_and_links() -> None:
    did = (
        '<dao xmlns:xl="http://www.w3.org/1999/xlink" xl:href="https://a.example/1.jpg" xl:title="Page 1"/>'
        "<dao href='https://a.example/2'><descriptivenote><p>Second</p></descriptivenote></dao>"
        "<daogrp><daodesc><p>Group</p></daodesc><daoloc href='https://a.example/3.pdf'/></daogrp>"
        "<daoset><dao href='https://a.example/4'/><dao href='https://a.example/4'/></daoset>"
        "<dao/><dao href='https://a.example/secret' audience='internal'/>"
    )
    record = component(did)
    assert record.copies == (
        Copy("https://a.example/1.jpg", "Page 1", "image/jpeg"),
        Copy("https://a.example/2", "Second"),
        Copy("https://a.example/3.pdf", "Group", "application/pdf"),
        Copy("https://a.example/4"),
    )
    assert {identifier.type for identifier in record.identifiers} == {"link"}
    assert len(record.identifiers) == 4
    assert "secret" in record.staff_notes["dao"]


def test_an_undeclared_prefix_does_not_hide_an_address() -> None:
    assert component('<dao xlink:href="https://a.example/1"/>').copies == (Copy("https://a.example/1"),)


NOTES = {
    "paragraphs": (
        "<scopecontent><head>Scope</head><p>One.</p><p>Two <emph>and</emph> more.</p></scopecontent>",
        "One.\nTwo and more.",
    ),
    "list": ("<scopecontent><list><item>A</item><item>B</item></list></scopecontent>", "A\nB"),
    "text without paragraphs": ("<scopecontent>Plain<lb/>text</scopecontent>", "Plain text"),
    "several": ("<scopecontent><p>1</p></scopecontent><scopecontent><p>2</p></scopecontent>", "1\n2"),
    "grouped": ("<descgrp><scopecontent><p>in a group</p></scopecontent></descgrp>", "in a group"),
    "blank": ("<scopecontent><p> </p></scopecontent>", None),
    "a paragraph internal": (
        "<scopecontent><p>open</p><p audience='internal'>secret</p><p>end</p></scopecontent>",
        "open\nend",
    ),
    "internal": ("<scopecontent audience='internal'><p>secret</p></scopecontent>", None),
}


@pytest.mark.parametrize(("rest", "expected"), NOTES.values(), ids=NOTES)
def test_notes(rest: str, expected: str | None) -> None:
    record = component("", rest)
    assert record.description.get("scope_and_content") == expected
    assert ("secret" in str(record.staff_notes)) == ("secret" in rest)


@pytest.mark.parametrize("namespace", NAMESPACES.values(), ids=NAMESPACES)
@pytest.mark.parametrize("tag", ["c", "c01", "c12"])
def test_any_namespace_and_numbering(namespace: str, tag: str) -> None:
    inner = f"<{tag}><did><unittitle>U</unittitle></did></{tag}>"
    dsc = f"<{tag} id='x' level='file'><did><unittitle>T</unittitle></did>{inner}</{tag}>"
    found = of(finding_aid(dsc, root=namespace))
    assert [found[key].title for key in ("", "x", "1.1")] == ["Papers", "T", "U"]


def test_the_holder_is_the_repository_unless_the_source_names_one() -> None:
    payload = finding_aid().replace(
        b"<did>", b"<did><repository><corpname>City Archive</corpname><address/></repository>"
    )
    assert of(payload)[""].holder == "City Archive"
