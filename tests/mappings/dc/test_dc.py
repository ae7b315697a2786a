"""Dublin Core in its forms, DIM and DataCite, alone and in OAI-PMH responses."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.access import Access, only
from mappings.base import Failed, MappingOptions, Skipped
from mappings.formats.described import opening_day
from mappings.formats.dublin_core import DublinCoreMapping
from mappings.formats.harvest import Stream
from mappings.formats.markup import without_tags
from mappings.record import Copy, Dates, Identifier, Name, Record
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = DublinCoreMapping(MappingOptions())
SPACES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:dcterms='http://purl.org/dc/terms/' "
    "xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/'"
)


def dc(inside: str) -> bytes:
    return f"<oai_dc:dc {SPACES}>{inside}</oai_dc:dc>".encode()


def dim(inside: str) -> bytes:
    return f"<dim:dim xmlns:dim='http://www.dspace.org/xmlns/dspace/dim'>{inside}</dim:dim>".encode()


def oai(*found: str, head: str = "") -> bytes:
    inside = "".join(
        f"<record><header{head}><identifier>oai:x:{number}</identifier></header>{one}</record>"
        for number, one in enumerate(found, 1)
    )
    return (
        f"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>{inside}</ListRecords></OAI-PMH>".encode()
    )


def record(payload: bytes) -> Record:
    (found,) = records(MAPPING, ("a.xml", payload))
    return found


class TestDublinCore(MappingContract):
    @pytest.fixture
    def mapping(self) -> DublinCoreMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        one = dc("<dc:title>Minutes</dc:title><dc:date>1901</dc:date><dc:rights>Open for research</dc:rights>").decode()
        return [("a.xml", oai(*[f"<metadata>{one}</metadata>"] * 3))]


TITLES = {
    "one": ("<dc:title>Minutes</dc:title>", ("Minutes", None)),
    "repeated": ("<dc:title>A</dc:title><dc:title>B</dc:title>", ("A", "B")),
    "alternative first": ("<dcterms:alternative>B</dcterms:alternative><dc:title>A</dc:title>", ("A", "B")),
    "original script first": (
        "<dc:title xml:lang='zh-Latn'>Tie lu</dc:title><dc:title xml:lang='zh-Hant'>鐵路</dc:title>",
        ("鐵路", "Tie lu"),
    ),
    "blank, then one": ("<dc:title/><dc:title>B</dc:title>", ("B", None)),
    "missing, with a date": ("<dc:date>1901</dc:date>", ("1901", None)),
    "missing": ("<dc:creator>Li</dc:creator>", ("a.xml", None)),
}


@pytest.mark.parametrize(("inside", "expected"), TITLES.values(), ids=TITLES)
def test_title(inside: str, expected: tuple[str, str | None]) -> None:
    found = record(dc(inside))
    assert (found.title, found.description.get("other_titles")) == expected


DATES: dict[str, tuple[bytes, Dates | None]] = {
    "plain": (dc("<dc:date>1901</dc:date>"), Dates("1901", 1901, 1901)),
    "range with two dashes": (
        dc("<dc:date>2012-06-01 -- 2016-06-01</dc:date>"),
        Dates("2012-06-01 -- 2016-06-01", 2012, 2016, "2012-06-01", "2016-06-01"),
    ),
    "time stamp": (
        dc("<dc:date>2008-06-19 17:55:27</dc:date>"),
        Dates("2008-06-19", 2008, 2008, "2008-06-19", "2008-06-19"),
    ),
    "created before issued": (
        dc("<dcterms:issued>1950</dcterms:issued><dcterms:created>1901</dcterms:created>"),
        Dates("1901", 1901, 1901),
    ),
    "deposit is none": (dim("<f element='date' qualifier='accessioned'>2009</f>".replace("f ", "field ", 1)
                            .replace("</f>", "</field>")), None),
    "coverage dates what nothing else does": (dc("<dcterms:temporal>1901-1911</dcterms:temporal>"),
                                              Dates("1901-1911", 1901, 1911)),
    "not understood": (dc("<dc:date>Not found</dc:date>"), Dates("Not found")),
    "blank": (dc("<dc:title>x</dc:title><dc:date/>"), None),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "expected"), DATES.values(), ids=DATES)
def test_dates(payload: bytes, expected: Dates | None) -> None:
    assert record(payload).dates == expected


def test_names() -> None:
    found = record(
        dc(
            "<dc:creator>Li</dc:creator><dc:creator>Li</dc:creator><dc:contributor>Wu</dc:contributor>"
            "<dc:publisher>Press</dc:publisher><dc:subject>Railways</dc:subject><dc:coverage>Canton</dc:coverage>"
        )
    )
    assert found.names == (
        Name("Li", "name", "creator"),
        Name("Wu"),
        Name("Press", "name", "name", "publisher"),
        Name("Railways", "subject", "subject"),
        Name("Canton", "place", "subject"),
    )


def test_dim_fields_with_qualifiers() -> None:
    found = record(
        dim(
            "<dim:field element='contributor' qualifier='author' authority='a1'>Li</dim:field>"
            "<dim:field element='contributor' qualifier='advisor'>Wu</dim:field>"
            "<dim:field element='identifier' qualifier='uri'>https://hdl.handle.net/1912/2641</dim:field>"
            "<dim:field element='format' qualifier='mimetype'>image/tiff</dim:field>"
            "<dim:field element='description' qualifier='provenance'>Submitted by somebody</dim:field>"
            "<dim:field element='description' qualifier=''>About it.</dim:field>"
            "<dim:field element='title'>T</dim:field>"
        )
    )
    assert found.names == (Name("Li", "name", "creator", None, "a1"), Name("Wu", "name", "name", "advisor"))
    assert (found.kind, found.copies) == ("digital", (Copy("https://hdl.handle.net/1912/2641"),))
    assert found.identifiers == (
        Identifier("handle", "1912/2641"),
        Identifier("link", "https://hdl.handle.net/1912/2641"),
    )
    assert found.description == {"scope_and_content": "About it.", "carrier": "image/tiff"}


COPIES = {
    "a page about it is none": ("<dc:identifier>https://x.example/items/7</dc:identifier>", ()),
    "a file is one": (
        "<dc:identifier>https://x.example/7.pdf</dc:identifier>",
        (Copy("https://x.example/7.pdf", None, "application/pdf"),),
    ),
    "another format is one": (
        "<dcterms:hasFormat>https://x.example/7.jpg</dcterms:hasFormat>",
        (Copy("https://x.example/7.jpg", None, "image/jpeg"),),
    ),
    "a related file is none": ("<dc:relation>https://x.example/8.pdf</dc:relation>", ()),
    "no address": ("<dc:identifier>javascript:7.pdf</dc:identifier>", ()),
}


@pytest.mark.parametrize(("inside", "expected"), COPIES.values(), ids=COPIES)
def test_copies(inside: str, expected: tuple[Copy, ...]) -> None:
    assert record(dc(f"<dc:title>x</dc:title>{inside}")).copies == expected


TYPES = {
    "form": ("<dc:type>Moving Image</dc:type>", (("Moving Image",), None)),
    "level": ("<dc:type>Fonds</dc:type><dc:type>text</dc:type>", (("text",), "fonds")),
    "prefixes": (
        "<dc:type>info:eu-repo/semantics/article</dc:type><dc:type>doc-type:article</dc:type>",
        (("article",), None),
    ),
}


@pytest.mark.parametrize(("inside", "expected"), TYPES.values(), ids=TYPES)
def test_types(inside: str, expected: tuple[tuple[str, ...], str | None]) -> None:
    found = record(dc(inside))
    assert (found.formats, found.level) == expected


ACCESS = {
    "clear words": (dc("<dc:rights>Open for research</dc:rights>"), Access("open", "Open for research")),
    "a licence says nothing of reading": (
        dc("<dc:rights>CC BY 4.0</dc:rights>"),
        only("open", "CC BY 4.0"),
    ),
    "a statement on rights says nothing of reading": (
        dc("<dc:rights>https://rightsstatements.org/page/InC/1.0/?language=en</dc:rights>"),
        only("restricted", "In Copyright"),
    ),
    "access beside a licence": (
        dc("<dc:rights>http://purl.org/coar/access_right/c_abf2</dc:rights><dc:rights>CC BY 4.0</dc:rights>"),
        Access("open", "open access", copy="open", copy_reason="CC BY 4.0"),
    ),
    "the words of info:eu-repo": (
        dc("<dc:rights>info:eu-repo/semantics/closedAccess</dc:rights>"),
        Access("closed", "info:eu-repo/semantics/closedAccess"),
    ),
    "the strictest": (
        dc("<dc:rights>Open for research</dc:rights><dc:rights>Permission required</dc:rights>"),
        Access("restricted", "Permission required"),
    ),
    "embargo": (
        dim("<dim:field element='description' qualifier='embargo'>2026-01</dim:field>"),
        Access("closed", "embargo until 2026-01", dt.date(2026, 2, 1)),
    ),
}


@pytest.mark.parametrize(("payload", "expected"), ACCESS.values(), ids=ACCESS)
def test_access(payload: bytes, expected: Access | None) -> None:
    assert record(payload).access == expected


OPENING = {
    "2026-03-05": dt.date(2026, 3, 5),
    "2026-03": dt.date(2026, 4, 1),
    "2026-12": dt.date(2027, 1, 1),
    "2026": dt.date(2027, 1, 1),
    "2026-02-31": None,
    "9999": None,
    "soon": None,
}


@pytest.mark.parametrize(("text", "expected"), OPENING.items())
def test_the_day_an_embargo_ends(text: str, expected: dt.date | None) -> None:
    assert opening_day(text) == expected


@given(st.text(max_size=30))
def test_any_embargo_is_a_day_or_none(text: str) -> None:
    assert isinstance(opening_day(text), dt.date | None)


def test_extents_languages_and_notes() -> None:
    found = record(
        dc(
            "<dc:format>10 Volumes</dc:format><dc:format>bound in leather</dc:format><dc:language>eng</dc:language>"
            "<dc:language>Latn</dc:language><dc:language>A note.</dc:language>"
            "<dcterms:provenance>Bought.</dcterms:provenance><dcterms:isPartOf>Papers</dcterms:isPartOf>"
            "<dc:identifier>MC 1</dc:identifier><dc:identifier>Old 2</dc:identifier>"
        )
    )
    assert (found.extent, found.languages, found.reference_code) == ("10 Volumes", ("en",), "MC 1")
    assert found.description == {
        "physical_characteristics": "bound in leather",
        "language_note": "A note.",
        "custodial_history": "Bought.",
        "related_material": "part of: Papers",
        "other_identifiers": "Old 2",
    }


def datacite(inside: str) -> bytes:
    return f"<resource xmlns='http://datacite.org/schema/kernel-4'>{inside}</resource>".encode()


def test_datacite() -> None:
    found = record(
        datacite(
            "<identifier identifierType='DOI'>10.5281/zenodo.7</identifier><creators><creator><creatorName "
            "nameType='Personal'>Li, An</creatorName>"
            "<nameIdentifier nameIdentifierScheme='ORCID'>0000-1</nameIdentifier>"
            "<affiliation>Institute</affiliation></creator></creators><titles><title titleType='Subtitle'>Data</title>"
            "<title>Survey</title></titles><publisher>Zenodo</publisher><publicationYear>2017</publicationYear>"
            "<dates><date dateType='Collected'>2007/2008</date><date dateType='Updated'>2019</date></dates>"
            "<resourceType resourceTypeGeneral='Dataset'>Table</resourceType><sizes><size>124903</size>"
            "<size>3 files</size></sizes>"
            "<rightsList><rights rightsURI='info:eu-repo/semantics/openAccess'>Open Access</rights></rightsList>"
            "<descriptions><description descriptionType='Abstract'>&lt;p&gt;Short.&lt;/p&gt;</description>"
            "</descriptions>"
            "<geoLocations><geoLocation><geoLocationPlace>Canton</geoLocationPlace></geoLocation></geoLocations>"
        )
    )
    assert (found.title, found.kind, found.extent) == ("Survey", "digital", "3 files")
    assert found.dates == Dates("2007/2008", 2007, 2008)
    assert found.names == (
        Name("Li, An", "person", "creator", None, "(ORCID)0000-1"),
        Name("Zenodo", "organisation", "name", "publisher"),
        Name("Canton", "place", "subject"),
    )
    assert found.copies == (Copy("https://doi.org/10.5281/zenodo.7"),)
    assert found.access == Access("open", "Open Access")
    assert found.description["abstract"] == "Short."
    assert found.description["other_titles"] == "Data"


def test_a_physical_object_of_datacite_has_no_copy() -> None:
    found = record(
        datacite(
            "<identifier identifierType='DOI'>10.5281/zenodo.7</identifier>"
            "<resourceType resourceTypeGeneral='PhysicalObject'/>"
        )
    )
    assert (found.kind, found.copies) == ("physical", ())


def test_an_embargo_of_datacite_ends_when_it_is_available() -> None:
    found = record(
        datacite(
            "<dates><date dateType='Available'>2031-05-01</date></dates><rightsList><rights "
            "rightsURI='info:eu-repo/semantics/embargoedAccess'>Embargoed</rights></rightsList>"
        )
    )
    assert found.access == Access("closed", "embargo until 2031-05-01", dt.date(2031, 5, 1))


def test_each_record_of_a_response_by_its_header() -> None:
    one = dc("<dc:title>T</dc:title>").decode()
    found = records(MAPPING, ("a.xml", oai(f"<metadata>{one}</metadata>", f"<metadata>{one}</metadata>")))
    assert [one.source_id for one in found] == ["oai:x:1", "oai:x:2"]


ROWS = {
    "deleted": (oai("", head=" status='deleted'"), Skipped, "deleted-in-source", "oai:x:1"),
    "a header alone": (oai(""), Failed, "no-metadata", "oai:x:1"),
    "another format": (oai("<metadata><ead/></metadata>"), Skipped, "wrong-format", "oai:x:1"),
    "no records": (b"<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>", Skipped, "oai-error", "a.xml"),
    "an error": (b"<OAI-PMH><error code='badArgument'>what?</error></OAI-PMH>", Failed, "oai-error", "a.xml"),
    "identification": (b"<OAI-PMH><Identify/></OAI-PMH>", Skipped, "wrong-format", "a.xml"),
    "an empty record": (b"<records><record><a/></record></records>", Skipped, "empty-file", "a.xml#1"),
}


@pytest.mark.parametrize(("payload", "outcome", "code", "source_id"), ROWS.values(), ids=ROWS)
def test_what_gives_no_record(payload: bytes, outcome: type, code: str, source_id: str) -> None:
    (found,) = mapped(MAPPING, ("a.xml", payload))
    assert isinstance(found, outcome) and isinstance(found, Skipped | Failed)
    assert (found.problem.code, found.source_id) == (code, source_id)


def test_a_bare_ampersand_keeps_the_record() -> None:
    found = record(dc("<dc:title>Wiley & Sons</dc:title><dc:creator>Li</dc:creator>"))
    assert found.title.startswith("Wiley") and found.names[0].name == "Li"
    assert [problem.code for problem in found.problems] == ["damaged-xml"]


def test_records_without_header_are_described_themselves() -> None:
    text = f"<records><record {SPACES}><dc:title>T</dc:title></record></records>".encode()
    assert record(text).title == "T"


@given(st.integers(0, 400))
def test_a_cut_anywhere_gives_a_row(cut: int) -> None:
    one = dc("<dc:title>Minutes</dc:title>").decode()
    for outcome in mapped(MAPPING, ("a.xml", oai(*[f"<metadata>{one}</metadata>"] * 2)[:cut])):
        check_outcome(outcome)


@pytest.mark.parametrize(
    ("text", "expected"), [("<p>A &amp; B</p>", "A & B"), ("a < b and c > d", "a < b and c > d"), ("", None)]
)
def test_html_in_a_description(text: str, expected: str | None) -> None:
    assert without_tags(text) == expected


class _Endless(io.RawIOBase):
    """A response of many records, made while it is read."""

    def __init__(self, number: int) -> None:
        one = dc(f"<dc:title>T</dc:title><dc:description>{'words ' * 200}</dc:description>")
        self._parts = iter(
            [b"<records>", *[b"<record><metadata>" + one + b"</metadata></record>"] * number, b"</records>"]
        )
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._parts, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def test_a_finished_record_leaves_the_tree() -> None:
    stream = Stream(io.BufferedReader(_Endless(300)), frozenset({"dc"}))
    largest = 0
    for element in stream:
        root = element.getroottree().getroot()
        largest = max(largest, sum(1 for _ in root.iter()))
    assert (stream.root, stream.damage) == ("records", None)
    assert largest < 300  # what libxml2 reads ahead, not the 1,500 elements of the file
