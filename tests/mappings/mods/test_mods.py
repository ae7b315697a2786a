"""MODS 3: each part of a description: present, blank, missing, repeated, odd."""

from __future__ import annotations

import pytest
from lxml import etree

from mappings.access import Access
from mappings.base import Failed, MappingOptions, Skipped
from mappings.formats.mods import ModsMapping, described
from mappings.record import Copy, Dates, Holding, Identifier, Name, Record
from tests.contracts.mapping_contract import MappingContract, Sample, mapped, records

MAPPING = ModsMapping(MappingOptions())
NAMESPACE = "http://www.loc.gov/mods/v3"


def mods(inside: str, root: str = "mods") -> bytes:
    return f"<{root} xmlns='{NAMESPACE}' xmlns:xlink='http://www.w3.org/1999/xlink'>{inside}</{root}>".encode()


def record(inside: str) -> Record:
    (found,) = records(MAPPING, ("a.xml", mods(inside)))
    return found


class TestMods(MappingContract):
    @pytest.fixture
    def mapping(self) -> ModsMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        one = (
            "<mods><titleInfo><title>Minutes</title></titleInfo><name type='personal'><namePart>Li</namePart></name>"
            "<originInfo><dateCreated encoding='w3cdtf'>1901</dateCreated></originInfo><note>Kept.</note></mods>"
        )
        return [("a.xml", mods(one * 3, "modsCollection"))]


TITLES = {
    "plain": ("<titleInfo><title>Minutes</title></titleInfo>", ("Minutes", None)),
    "all parts": (
        "<titleInfo><nonSort>The</nonSort><title>Times</title><subTitle>a paper</subTitle><partNumber>2</partNumber>"
        "<partName>Maps</partName></titleInfo>",
        ("The Times: a paper. 2. Maps", None),
    ),
    "apostrophe": ("<titleInfo><nonSort>L'</nonSort><title>aube</title></titleInfo>", ("L'aube", None)),
    "typed ones follow": (
        "<titleInfo type='alternative'><title>Mins</title></titleInfo><titleInfo><title>Minutes</title></titleInfo>",
        ("Minutes", "Mins"),
    ),
    "small letters": ("<titleinfo><title>Minutes</title></titleinfo>", ("Minutes", None)),
    "original script before romanised": (
        "<titleInfo altRepGroup='01' transliteration='pinyin'><title>Yue Han tie lu</title></titleInfo>"
        "<titleInfo altRepGroup='01' script='Hani'><title>粵漢鐵路</title></titleInfo>",
        ("粵漢鐵路", "Yue Han tie lu"),
    ),
    "original script told by its letters": (
        "<titleInfo altRepGroup='1'><title>Yue Han tie lu</title></titleInfo>"
        "<titleInfo altRepGroup='1'><title>粵漢鐵路</title></titleInfo>",
        ("粵漢鐵路", "Yue Han tie lu"),
    ),
    "blank": ("<titleInfo><title/></titleInfo>", ("a.xml", None)),
    "missing": ("<note>x</note>", ("a.xml", None)),
}


@pytest.mark.parametrize(("inside", "expected"), TITLES.values(), ids=TITLES)
def test_title(inside: str, expected: tuple[str, str | None]) -> None:
    found = record(inside)
    assert (found.title, found.description.get("other_titles")) == expected
    assert found.supplied_title == (expected[0] == "a.xml")


DATES: dict[str, tuple[str, Dates | None]] = {
    "plain": ("<dateIssued>1901</dateIssued>", Dates("1901", 1901, 1901)),
    "created before issued": (
        "<dateIssued>1950</dateIssued><dateCreated>1901</dateCreated>",
        Dates("1901", 1901, 1901),
    ),
    "free and encoded": (
        "<dateIssued>anno MCMI</dateIssued><dateIssued encoding='marc'>1901</dateIssued>",
        Dates("anno MCMI", 1901, 1901),
    ),
    "points": (
        "<dateCreated encoding='w3cdtf' point='start' keyDate='yes'>1901</dateCreated>"
        "<dateCreated encoding='w3cdtf' point='end'>1911</dateCreated>",
        Dates("1901-1911", 1901, 1911),
    ),
    "open end": ("<dateCreated encoding='w3cdtf' point='start'>1901</dateCreated>", Dates("1901", 1901, None)),
    "approximate": (
        "<dateCreated encoding='w3cdtf' qualifier='approximate'>1901</dateCreated>",
        Dates("circa 1901", 1901, 1901),
    ),
    "key date": (
        "<dateCreated encoding='w3cdtf'>1899</dateCreated>"
        "<dateCreated encoding='w3cdtf' keyDate='yes'>1901</dateCreated>",
        Dates("1901", 1901, 1901),
    ),
    "blank": ("<dateIssued/>", None),
    "missing": ("<publisher>X</publisher>", None),
}


@pytest.mark.parametrize(("inside", "expected"), DATES.values(), ids=DATES)
def test_dates(inside: str, expected: Dates | None) -> None:
    assert record(f"<originInfo>{inside}</originInfo>").dates == expected


ROLE = "<role><roleTerm type='text'>{0}</roleTerm><roleTerm type='code'>{1}</roleTerm></role>"
NAMES = {
    "without a role": ("<name><namePart>Li</namePart></name>", Name("Li", "name", "creator")),
    "author": (
        f"<name type='personal' valueURI='http://id/1'><namePart>Li</namePart>{ROLE.format('Author', 'aut')}</name>",
        Name("Li", "person", "creator", "Author", "http://id/1"),
    ),
    "creator needs no relator": (
        "<name><namePart>Li</namePart><role><roleTerm>creator</roleTerm></role></name>",
        Name("Li", "name", "creator"),
    ),
    "donor": (
        f"<name type='corporate'><namePart>Bank</namePart>{ROLE.format('donor', 'dnr')}</name>",
        Name("Bank", "organisation", "name", "donor"),
    ),
    "parts": (
        "<name type='personal'><namePart type='given'>Ann</namePart><namePart type='family'>Smith</namePart>"
        "<namePart type='date'>1901-1990</namePart></name>",
        Name("Smith, Ann, 1901-1990", "person", "creator"),
    ),
    "body and its part": (
        "<name type='corporate'><namePart>City.</namePart><namePart>Board</namePart></name>",
        Name("City.. Board", "organisation", "creator"),
    ),
    "display form": ("<name><displayForm>Li Bai</displayForm></name>", Name("Li Bai", "name", "creator")),
}


@pytest.mark.parametrize(("inside", "expected"), NAMES.values(), ids=NAMES)
def test_names(inside: str, expected: Name) -> None:
    assert record(inside).names == (expected,)


def test_a_romanised_name_stays_findable() -> None:
    found = record(
        "<name altRepGroup='2' type='personal'><namePart>Li Bai</namePart></name>"
        "<name altRepGroup='2' type='personal' script='Hani'><namePart>李白</namePart></name>"
    )
    assert [name.name for name in found.names] == ["李白"]
    assert found.description["other_names"] == "Li Bai"


SUBJECTS = {
    "topic with a place": (
        "<subject valueURI='http://s/1'><topic>Railways</topic><geographic>China</geographic></subject>",
        Name("Railways -- China", "subject", "subject", None, "http://s/1"),
    ),
    "place": ("<subject><geographic valueURI='http://s/2'>Canton</geographic></subject>",
              Name("Canton", "place", "subject", None, "http://s/2")),
    "person": (
        "<subject><name type='personal'><namePart>Li Bai</namePart></name></subject>",
        Name("Li Bai", "person", "subject"),
    ),
    "levels of places": (
        "<subject><hierarchicalGeographic><country>China</country><city>Canton</city></hierarchicalGeographic>"
        "</subject>",
        Name("China -- Canton", "place", "subject"),
    ),
    "time": ("<subject><temporal>1901-1911</temporal></subject>", Name("1901-1911", "subject", "subject")),
    "plain text": ("<subject>Function</subject>", Name("Function", "subject", "subject")),
}  # fmt: skip


@pytest.mark.parametrize(("inside", "expected"), SUBJECTS.values(), ids=SUBJECTS)
def test_subjects(inside: str, expected: Name) -> None:
    assert record(inside).names == (expected,)


def test_subjects_that_are_no_heading() -> None:
    found = record(
        "<subject><genre>Diaries</genre></subject><subject><cartographics><scale>1:50000</scale><coordinates>E 113"
        "</coordinates></cartographics></subject><subject><geographicCode authority='marcgac'>a-cc</geographicCode>"
        "</subject>"
        "<subject><topic/></subject>"
    )
    assert (found.names, found.formats) == ((), ("Diaries",))
    assert found.description == {
        "physical_characteristics": "1:50000",
        "coordinates": "E 113",
        "place_codes": "marcgac: a-cc",
    }


NOTES = {
    "abstract": ("<abstract>Short.</abstract>", {"abstract": "Short."}),
    "scope": ("<abstract displayLabel='Scope and content'>All.</abstract>", {"scope_and_content": "All."}),
    "contents": ("<tableOfContents>1. One</tableOfContents>", {"contents": "1. One"}),
    "provenance": ("<note type='ownership'>Bought.</note>", {"custodial_history": "Bought."}),
    "unknown type": ("<note type='handwriting'>Neat.</note>", {"note": "handwriting: Neat."}),
    "labelled": ("<note displayLabel='Seen'>Yes.</note>", {"note": "Seen: Yes."}),
    "host": (
        "<relatedItem type='host'><titleInfo><title>Journal</title></titleInfo><part><detail><number>3</number>"
        "</detail>"
        "</part></relatedItem>",
        {"related_material": "part of: Journal, 3"},
    ),
    "constituent": (
        "<relatedItem type='constituent'><titleInfo><title>Letter</title></titleInfo></relatedItem>",
        {"contents": "Letter"},
    ),
    "edition": ("<originInfo><edition>2nd</edition></originInfo>", {"edition": "2nd"}),
    "classification": ("<classification authority='ddc'>951</classification>", {"classification": "ddc: 951"}),
    "unknown element": ("<weather>Fine</weather>", {"weather": "Fine"}),
    "blank": ("<abstract/><note> </note>", {}),
}


@pytest.mark.parametrize(("inside", "expected"), NOTES.values(), ids=NOTES)
def test_notes(inside: str, expected: dict[str, str]) -> None:
    assert record(inside).description == expected


def test_identifiers_and_codes() -> None:
    found = record(
        "<identifier>MC 12</identifier><identifier type='uri'>https://hdl.handle.net/1721.1/7</identifier>"
        "<identifier type='isbn'>9787101003048</identifier><identifier type='isbn' invalid='yes'>1</identifier>"
        "<identifier type='oclc'>55</identifier><identifier/>"
    )
    assert found.reference_code == "MC 12"
    assert found.identifiers == (Identifier("handle", "1721.1/7"), Identifier("isbn", "9787101003048"))
    assert found.description["other_identifiers"] == "invalid isbn: 1\noclc: 55"


def test_where_it_is_and_its_copies() -> None:
    found = record(
        "<location><physicalLocation>City Archive</physicalLocation><shelfLocator>Box 7</shelfLocator>"
        "<url access='object in context'>https://x.example/view/1</url><url>https://x.example/about</url></location>"
        "<physicalDescription><extent>3 folders</extent><internetMediaType>image/jpeg</internetMediaType>"
        "</physicalDescription>"
    )
    assert (found.holder, found.holdings, found.extent) == ("City Archive", (Holding(("Box 7",)),), "3 folders")
    assert found.copies == (Copy("https://x.example/view/1"),)
    assert Identifier("uri", "https://x.example/about") in found.identifiers
    assert Identifier("link", "https://x.example/view/1") in found.identifiers
    assert found.kind == "physical"


ACCESS = {
    "open": ("<accessCondition type='restriction on access'>Open for research</accessCondition>", "open"),
    "closed": ("<accessCondition>Closed until 2050</accessCondition>", "closed"),
    "not clear": ("<accessCondition>Ask.</accessCondition>", None),
    "use is not access": ("<accessCondition type='use and reproduction'>Open access</accessCondition>", None),
}


@pytest.mark.parametrize(("inside", "expected"), ACCESS.values(), ids=ACCESS)
def test_access(inside: str, expected: str | None) -> None:
    access = record(inside).access
    assert (access.value if access is not None else None) == expected


def test_language_by_code_and_script_left_out() -> None:
    found = record(
        "<language><languageTerm type='text'>Chinese</languageTerm><languageTerm type='code'>chi</languageTerm>"
        "<scriptTerm>Hani</scriptTerm></language><language>English</language>"
    )
    assert found.languages == ("zh", "en")


def test_source_ids() -> None:
    numbered = "<mods><titleInfo><title>T</title></titleInfo>{}</mods>"
    own = numbered.format("<recordInfo><recordIdentifier>r7</recordIdentifier></recordInfo>")
    collection = mods(numbered.format("") + own + numbered.format(""), "modsCollection")
    assert [found.source_id for found in records(MAPPING, ("a.xml", collection))] == ["a.xml", "r7", "a.xml#3"]


def test_in_a_mets_within_an_oai_record() -> None:
    text = (
        "<OAI-PMH><ListRecords><record><header><identifier>oai:x:1</identifier></header><metadata><mets><dmdSec>"
        "<mdWrap>"
        f"<xmlData xmlns:mods='{NAMESPACE}'><mods:mods><mods:titleInfo><mods:title>T</mods:title></mods:titleInfo>"
        f"</mods:mods>"
        "</xmlData></mdWrap></dmdSec></mets></metadata></record></ListRecords></OAI-PMH>"
    )
    (found,) = records(MAPPING, ("a.xml", text.encode()))
    assert (found.source_id, found.title) == ("oai:x:1", "T")


def test_a_truncated_collection_keeps_what_is_whole() -> None:
    payload = mods("<mods><titleInfo><title>One</title></titleInfo></mods>" * 3, "modsCollection")
    found = records(MAPPING, ("a.xml", payload[: payload.rindex(b"<title>") + 9]))
    assert [one.title for one in found][:2] == ["One", "One"]
    assert [problem.code for problem in found[-1].problems] == ["damaged-xml"]


def test_another_format_in_a_record_is_skipped() -> None:
    text = b"<records><record><header><identifier>1</identifier></header><metadata><ead/></metadata></record></records>"
    (found,) = mapped(MAPPING, ("a.xml", text))
    assert isinstance(found, Skipped)
    assert (found.problem.code, found.source_id) == ("wrong-format", "1")


def test_an_element_alone_is_described() -> None:
    found = described(etree.fromstring(mods("<accessCondition>Open for research</accessCondition>")))
    assert found.access == Access("open", "Open for research")
    assert found.record("id", "unit", 3, "Ours").holder == "Ours"


def test_a_file_that_is_no_xml_failed() -> None:
    (found,) = mapped(MAPPING, ("a.xml", b"broken xml"))
    assert isinstance(found, Failed)
