"""EAC-CPF 1.x and 2.0: each part of an authority record: present, blank, missing, repeated, odd."""

from __future__ import annotations

import pytest

from mappings.access import Access
from mappings.base import Failed, MappingOptions, Skipped
from mappings.formats.eac import EacMapping
from mappings.record import Authority, Dates, Identifier, Name, Record, Relation, Variant
from tests.contracts.mapping_contract import MappingContract, Sample, mapped, records

MAPPING = EacMapping(MappingOptions())
ONE = "urn:isbn:1-931666-33-4"
TWO = "https://archivists.org/ns/eac/v2"
PERSON = "<entityType>person</entityType><nameEntry><part>Lufkin, Richard</part></nameEntry>"


def eac(
    identity: str = PERSON, description: str = "", control: str = "", relations: str = "", root: str = "eac-cpf"
) -> bytes:
    return (
        f"<{root} xmlns='{TWO if root == 'eac' else ONE}' xmlns:xlink='http://www.w3.org/1999/xlink'>"
        f"<control><recordId>R1</recordId>{control}</control><cpfDescription><identity>{identity}</identity>"
        f"<description>{description}</description><relations>{relations}</relations></cpfDescription></{root}>"
    ).encode()


def record(**parts: str) -> Record:
    (found,) = records(MAPPING, ("a.xml", eac(**parts)))
    return found


def authority(**parts: str) -> Authority:
    found = record(**parts).authority
    assert found is not None
    return found


class TestEac(MappingContract):
    @pytest.fixture
    def mapping(self) -> EacMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        relation = "<cpfRelation cpfRelationType='family'><relationEntry>Somebody</relationEntry></cpfRelation>"
        history = "<existDates><date standardDate='1851'>1851</date></existDates><biogHist><p>A life.</p></biogHist>"
        return [("a.xml", eac(description=history, relations=relation))]


NAMES = {
    "one": (PERSON, ("Lufkin, Richard", (), ())),
    "parts": ("<nameEntry><part>Cadell, T., </part><part>(Thomas), </part><part>1742-1802 </part></nameEntry>",
              ("Cadell, T., (Thomas), 1742-1802", (), ())),
    "parts without punctuation": ("<nameEntry><part>王</part><part>1021-1086</part>"
        "</nameEntry>", ("王, 1021-1086", (), ())),
    "authorised after another": (
        "<nameEntry><part>R. L.</part></nameEntry>"
        "<nameEntry><part>Lufkin</part><authorizedForm>lcnaf</authorizedForm></nameEntry>",
        ("Lufkin", (), (Variant("R. L."),)),
    ),
    "two authorised": (
        "<nameEntry><part>A</part><authorizedForm>x</authorizedForm></nameEntry>"
        "<nameEntry><part>B</part><authorizedForm>y</authorizedForm></nameEntry>",
        ("A", ("B",), ()),
    ),
    "preferred wins": (
        "<nameEntry status='authorized'><part>A</part></nameEntry>"
        "<nameEntry preferredForm='true' status='authorized'><part>B</part></nameEntry>",
        ("B", ("A",), ()),
    ),
    "parallel, with a language": (
        "<nameEntry><part>Arendt, Hannah</part></nameEntry><nameEntryParallel><nameEntry xml:lang='chi'>"
        "<part>阿伦特, 汉娜</part></nameEntry></nameEntryParallel>",
        ("Arendt, Hannah", (), (Variant("阿伦特, 汉娜", "parallel", "zh"),)),
    ),
    "former, with the years of its use": (
        "<nameEntry><part>Ministry</part></nameEntry><nameEntry localType='former'><part>Board</part>"
        "<useDates><dateRange><fromDate>1901</fromDate><toDate>1911</toDate></dateRange></useDates></nameEntry>",
        ("Ministry", (), (Variant("Board", "former, 1901-1911"),)),
    ),
    "repeated": ("<nameEntry><part>A</part></nameEntry><nameEntry><part>A</part></nameEntry>", ("A", (), ())),
    "blank": ("<nameEntry><part> </part></nameEntry>", ("R1", (), ())),
    "missing": ("", ("R1", (), ())),
}  # fmt: skip


@pytest.mark.parametrize(("identity", "expected"), NAMES.values(), ids=NAMES)
def test_names(identity: str, expected: tuple[str, tuple[str, ...], tuple[Variant, ...]]) -> None:
    found = record(identity=identity)
    assert found.authority is not None
    assert (found.title, found.authority.headings, found.authority.variants) == expected
    assert found.supplied_title == (expected[0] == "R1")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("<entityType>corporateBody</entityType>", "organisation"),
        ("<entityType>family</entityType>", "family"),
        ("<entityType value='person'/>", "person"),
        ("<entityType>robot</entityType>", "name"),
        ("", "name"),
    ],
)
def test_the_type(identity: str, expected: str) -> None:
    assert authority(identity=identity).type == expected


DATES: dict[str, tuple[str, Dates | None]] = {
    "range": ("<dateRange><fromDate>1851</fromDate><toDate>1922</toDate></dateRange>", Dates("1851-1922", 1851, 1922)),
    "standard dates win": (
        "<dateRange><fromDate standardDate='1742-11-12'>November</fromDate><toDate standardDate='1802'/></dateRange>",
        Dates("November-1802", 1742, 1802),
    ),
    "words": ("<dateRange><fromDate>12 May 1742</fromDate><toDate>1802</toDate></dateRange>",
              Dates("12 May 1742 - 1802", 1742, 1802)),
    "still there": ("<dateRange><fromDate>1957</fromDate><toDate> </toDate></dateRange>", Dates("1957-", 1957, None)),
    "death alone": ("<dateRange><toDate>1922</toDate></dateRange>", Dates("-1922", None, 1922)),
    "one date": ("<date notBefore='1901' notAfter='1904'>about 1902</date>", Dates("about 1902", 1901, 1904)),
    "set": ("<dateSet><date>1901</date><date>1911</date></dateSet>", Dates("1901; 1911", 1901, 1911)),
    "blank": ("<date/>", None),
    "missing": ("", None),
}  # fmt: skip


@pytest.mark.parametrize(("dates", "expected"), DATES.values(), ids=DATES)
def test_dates(dates: str, expected: Dates | None) -> None:
    assert record(description=f"<existDates>{dates}</existDates>").dates == expected


def test_places_functions_and_subjects() -> None:
    found = record(
        description="<places><place><placeRole>birth</placeRole>"
        "<placeEntry vocabularySource='http://x/1'>Bristol</placeEntry>"
        "</place></places><place localType='seat'><placeEntry>London</placeEntry></place>"
        "<occupations><occupation><term>bookseller</term></occupation></occupations>"
        "<function><term vocabularySource='local'>Printing</term><descriptiveNote><p>Printed.</p></descriptiveNote>"
        "</function>"
        "<localDescription localType='subject'><term>Books</term></localDescription>"
        "<localDescription localType='sex'><term>male</term></localDescription><occupation><term/></occupation>"
    )
    assert found.names == (
        Name("Bristol", "place", "name", "birth", "http://x/1"),
        Name("London", "place", "name", "seat"),
        Name("bookseller", "function", "name", "occupation"),
        Name("Printing", "function"),
        Name("Books", "subject", "subject"),
    )
    assert found.description == {"functions": "Printed.", "note": "sex: male"}


def test_history_in_paragraphs_its_abstract_apart() -> None:
    found = record(
        description="<biogHist><abstract>In short.</abstract><p>One.</p><list><item>Two</item></list><chronList>"
        "<chronItem>"
        "<date>1901</date><event>Born</event></chronItem></chronList></biogHist><generalContext><p>War.</p>"
        "</generalContext>"
    )
    assert found.description == {
        "abstract": "In short.",
        "administrative_history": "One.\nTwo\n1901 Born",
        "general_context": "War.",
    }


RELATIONS = {
    "role and identifier": (
        "<cpfRelation cpfRelationType='temporal' xlink:arcrole='http://x#isPrecededBy' xlink:href='http://x/2'>"
        "<relationEntry>Old Board</relationEntry></cpfRelation>",
        Relation("Old Board", "isPrecededBy", "http://x/2"),
    ),
    "type and id of the entry": (
        "<cpfRelation cpfRelationType='family'><relationEntry xml:id='R2'>Max</relationEntry></cpfRelation>",
        Relation("Max", "family", "R2"),
    ),
    "a short note says more": (
        "<cpfRelation cpfRelationType='family'><relationEntry>Lura</relationEntry><descriptiveNote><p>Wife</p>"
        "</descriptiveNote></cpfRelation>",
        Relation("Lura", "family: Wife"),
    ),
    "a note that is an id": (
        "<cpfRelation><relationEntry>Bohr</relationEntry><descriptiveNote><p>recordId: R7</p></descriptiveNote>"
        "</cpfRelation>",
        Relation("Bohr", None, "R7"),
    ),
    "of EAC 2.0": (
        "<relation><targetEntity targetType='person' valueURI='http://x/9'><part>Max</part></targetEntity>"
        "<relationType>parent</relationType></relation>",
        Relation("Max", "parent", "http://x/9"),
    ),
}


@pytest.mark.parametrize(("relation", "expected"), RELATIONS.values(), ids=RELATIONS)
def test_relations(relation: str, expected: Relation) -> None:
    assert authority(relations=relation).relations == (expected,)


def test_relations_without_a_name_are_none() -> None:
    assert authority(relations="<cpfRelation><relationEntry/></cpfRelation>").relations == ()


def test_resources_are_related_material() -> None:
    found = record(
        relations="<resourceRelation resourceRelationType='creatorOf' xlink:href='http://x/3'><relationEntry>Papers"
        "</relationEntry></resourceRelation><relation><targetEntity targetType='resource'><part>Diary</part>"
        "</targetEntity></relation>"
    )
    assert found.description["related_material"] == "creatorOf: Papers (http://x/3)\nDiary"


def test_identifiers() -> None:
    found = record(
        control="<otherRecordId localType='url'>http://hdl.handle.net/10079/j0z</otherRecordId>"
        "<otherRecordId localType='GND'>118</otherRecordId><otherRecordId/>"
    )
    assert found.identifiers == (Identifier("handle", "10079/j0z"),)
    assert found.description["other_identifiers"] == "GND: 118"


def test_the_agency_holds_the_record() -> None:
    agency = "<maintenanceAgency><agencyCode>X</agencyCode><agencyName>City Archive</agencyName></maintenanceAgency>"
    assert record(control=agency).holder == "City Archive"
    (other,) = records(EacMapping(MappingOptions(holder="Ours")), ("a.xml", eac(control=agency)))
    assert other.holder == "Ours"


def test_several_identities_are_one_record() -> None:
    two = (
        f"<eac-cpf xmlns='{ONE}'><control><recordId>R1</recordId></control><multipleIdentities>"
        + "".join(
            f"<cpfDescription><identity><entityType>person</entityType><nameEntry><part>{name}</part><authorizedForm>x"
            f"</authorizedForm></nameEntry></identity><description><biogHist><p>As {name}.</p></biogHist></description>"
            "</cpfDescription>"
            for name in ("Clemens", "Twain")
        )
        + "</multipleIdentities></eac-cpf>"
    )
    (found,) = records(MAPPING, ("a.xml", two.encode()))
    assert found.title == "Clemens" and found.authority is not None and found.authority.headings == ("Twain",)
    assert found.description["administrative_history"] == "As Clemens.\nAs Twain."


@pytest.mark.parametrize(
    "control", ["<maintenanceStatus>deleted</maintenanceStatus>", "<maintenanceStatus>cancelled</maintenanceStatus>",
                "<maintenanceStatus>deletedReplaced</maintenanceStatus>"],
)  # fmt: skip
def test_withdrawn_records_are_skipped(control: str) -> None:
    (found,) = mapped(MAPPING, ("a.xml", eac(control=control)))
    assert isinstance(found, Skipped)
    assert (found.problem.code, found.source_id) == ("deleted-in-source", "R1")


def test_a_record_in_process_is_for_staff() -> None:
    found = record(control="<publicationStatus>inProcess</publicationStatus>")
    assert found.access == Access("internal", "publicationStatus inprocess")
    assert record().access is None


def test_what_is_internal_in_eac_2_is_for_staff() -> None:
    found = record(
        root="eac",
        description="<biogHist><p>Known.</p></biogHist><biogHist audience='internal'><p>Secret.</p></biogHist>"
        "<generalContext><p>At <emph audience='internal'>night</emph> sea.</p></generalContext>",
    )
    assert found.description == {"administrative_history": "Known.", "general_context": "At sea."}
    assert found.staff_notes == {"administrative_history": "Secret.", "emph": "night"}


def test_an_undeclared_prefix_and_a_damaged_attribute() -> None:
    text = (
        f"<eac-cpf xmlns='{ONE}'><control><recordId>R1</recordId></control><cpfDescription>"
        f"<identity>{PERSON}</identity>"
        "<relations><cpfRelation xlink:href='http://x/1'><relationEntry>Max</relationEntry></cpfRelation>"
        "<cpfRelation href='a' href='b'><relationEntry>Ann</relationEntry></cpfRelation></relations></cpfDescription>"
        "</eac-cpf>"
    )
    (found,) = records(MAPPING, ("a.xml", text.encode()))
    assert found.authority is not None and found.authority.relations[0] == Relation("Max", None, "http://x/1")
    assert [problem.code for problem in found.problems] == ["damaged-xml"]


NOTHING = {
    "another format": (b"<ead/>", Skipped, "wrong-format"),
    "empty": (b" \n", Skipped, "empty-file"),
    "no XML": (b"broken", Failed, "damaged-xml"),
    "nobody": (f"<eac-cpf xmlns='{ONE}'/>".encode(), Skipped, "empty-file"),
}


@pytest.mark.parametrize(("payload", "outcome", "code"), NOTHING.values(), ids=NOTHING)
def test_what_gives_no_record(payload: bytes, outcome: type, code: str) -> None:
    (found,) = mapped(MAPPING, ("a.xml", payload))
    assert isinstance(found, outcome)
    assert isinstance(found, Skipped | Failed) and found.problem.code == code
