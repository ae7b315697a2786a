"""GEDCOM: persons, families, what they cite, and who may be alive. All families here are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import Failed, MappingOptions, Skipped
from mappings.formats.gedcom import GedcomMapping
from mappings.formats.gedcom.events import dated, may_live, written_in
from mappings.record import Authority, Dates, Name, Record, Relation, Variant
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = GedcomMapping(MappingOptions())
HEAD = "0 HEAD\n1 SOUR made\n1 DATE 1 JAN 2020\n1 CHAR UTF-8\n"
DEAD = "1 DEAT Y\n"


def ged(body: str, head: str = HEAD) -> bytes:
    return f"{head}{body}0 TRLR\n".encode()


def person(lines: str, xref: str = "I1", name: str = "Ann /Smith/") -> str:
    return f"0 @{xref}@ INDI\n1 NAME {name}\n{lines}"


def record(body: str, head: str = HEAD) -> Record:
    return records(MAPPING, ("t.ged", ged(body, head)))[0]


def authority(body: str) -> Authority:
    found = record(body).authority
    assert found is not None
    return found


class TestGedcom(MappingContract):
    @pytest.fixture
    def mapping(self) -> GedcomMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        body = (
            person("1 BIRT\n2 DATE 2 OCT 1864\n2 PLAC Lund\n1 DEAT Y\n1 FAMS @F1@\n1 NOTE A\n2 CONC B\n2 CONT C\n")
            + person("1 DEAT Y\n1 FAMC @F1@\n", "I2", "Bo /Smith/")
            + "0 @F1@ FAM\n1 WIFE @I1@\n1 CHIL @I2@\n1 MARR\n2 DATE BEF 1890\n"
        )
        return [("t.ged", ged(body))]


NAMES = {
    "surname first": ("Ann /Smith/", "Smith, Ann"),
    "suffix": ("Gus /Smith/ Sr.", "Smith, Gus Sr."),
    "surname alone": ("/Smith/", "Smith"),
    "no slashes": ("Ann", "Ann"),
    "Chinese": ("安石 /王/", "王安石"),
    "blank": ("", "t.ged#I1"),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.values(), ids=NAMES)
def test_names(name: str, expected: str) -> None:
    found = record(person(DEAD, name=name))
    assert (found.title, found.supplied_title) == (expected, expected == "t.ged#I1")


def test_further_names_are_variants() -> None:
    body = person("2 NICK Annie\n1 NAME Ann /Jones/\n2 TYPE married\n1 NAME Ann /Smith/\n" + DEAD)
    assert authority(body).variants == (Variant("Annie", "nickname"), Variant("Jones, Ann", "married"))


DATES: dict[str, tuple[str, Dates | None]] = {
    "birth and death": ("1 BIRT\n2 DATE 2 OCT 1864\n1 DEAT\n2 DATE 29 SEP 1945\n",
                        Dates("2 OCT 1864 - 29 SEP 1945", 1864, 1945)),
    "about": ("1 BIRT\n2 DATE ABT 1789\n" + DEAD, Dates("ABOUT 1789 -", 1789, None)),
    "between": ("1 BIRT\n2 DATE BET 1794 AND 1796\n" + DEAD, Dates("BETWEEN 1794 AND 1796 -", 1794, None)),
    "before": ("1 BIRT\n2 DATE BEF 1828\n" + DEAD, Dates("BEFORE 1828 -", 1828, None)),
    "baptism for birth": ("1 CHR\n2 DATE 1790\n1 BURI\n2 DATE 1850\n", Dates("1790 - 1850", 1790, 1850)),
    "death alone": ("1 DEAT\n2 DATE 1850\n", Dates("- 1850", None, 1850)),
    "French revolution": ("1 BIRT\n2 DATE @#DFRENCH R@ 1 VEND 3\n" + DEAD,
                          Dates("@#DFRENCH R@ 1 VEND 3 -", 1794, None)),
    "Julian": ("1 BIRT\n2 DATE @#DJULIAN@ 25 DEC 1700\n" + DEAD, Dates("@#DJULIAN@ 25 DEC 1700 -", 1701, None)),
    "Hebrew": ("1 BIRT\n2 DATE @#DHEBREW@ 13 CSH 5665\n" + DEAD, Dates("@#DHEBREW@ 13 CSH 5665 -", 1904, None)),
    "before Christ": ("1 BIRT\n2 DATE 44 B.C.\n" + DEAD, Dates("44 B.C. -", -43, None)),
    "words": ("1 BIRT\n2 DATE (about harvest 1801)\n" + DEAD, Dates("about harvest 1801 -", 1801, None)),
    "blank": ("1 BIRT\n2 DATE\n" + DEAD, None),
    "missing": (DEAD, None),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), DATES.values(), ids=DATES)
def test_dates(lines: str, expected: Dates | None) -> None:
    assert record(person(lines)).dates == expected


FAMILY = (
    person(f"{DEAD}1 FAMS @F1@\n", "I1", "Gus /Smith/")
    + person(f"{DEAD}1 FAMS @F1@\n", "I2", "Anna /Holm/")
    + person(f"{DEAD}1 FAMC @F1@\n", "I3", "Bo /Smith/")
    + "0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 CHIL @I3@\n1 MARR\n2 DATE 1885\n2 PLAC Lund\n1 DIV\n2 DATE 1890\n"
)


def test_relations_by_name_and_source_id() -> None:
    husband, _, child, family = records(MAPPING, ("t.ged", ged(FAMILY)))
    assert husband.authority == Authority(
        "person", (), (), (Relation("Holm, Anna", "spouse", "t.ged#I2"), Relation("Smith, Bo", "child", "t.ged#I3"))
    )
    assert child.authority is not None and child.authority.relations == (
        Relation("Smith, Gus", "father", "t.ged#I1"),
        Relation("Holm, Anna", "mother", "t.ged#I2"),
    )
    assert (family.title, family.source_id, family.supplied_title) == ("Smith, Gus and Holm, Anna", "t.ged#F1", True)
    assert family.dates == Dates("1885 - 1890", 1885, 1890)
    assert family.authority is not None and family.authority.type == "family"
    assert [relation.kind for relation in family.authority.relations] == ["husband", "wife", "child"]
    assert family.names == (Name("Lund", "place", "name", "married"),)


def test_what_is_told_with_a_person() -> None:
    found = record(
        person(
            "1 OCCU Smith\n1 BIRT\n2 DATE 1801\n2 PLAC Lund\n2 SOUR @S1@\n1 DEAT Y\n1 NOTE @N1@\n1 NOTE Own note\n"
            "2 CONT second line\n1 REFN 12\n1 EVEN\n2 TYPE Knighted\n2 DATE 1850\n"
        )
        + "0 @N1@ NOTE A note of its own\n0 @S1@ SOUR\n1 TITL Church book\n"
    )
    assert found.names == (Name("Lund", "place", "name", "born"), Name("Smith", "function", "name", "occupation"))
    assert found.description == {
        "events": "born 1801, Lund\ndied\nKnighted 1850",
        "note": "A note of its own\nOwn note\nsecond line",
        "sources": "Church book",
        "other_identifiers": "REFN: 12",
    }


def test_supporting_records_are_skipped_with_a_row() -> None:
    body = "0 @N1@ NOTE x\n0 @S1@ SOUR\n0 @R1@ REPO\n0 @M1@ OBJE\n"
    found = mapped(MAPPING, ("t.ged", ged(body)))
    assert [(type(one), one.source_id) for one in found] == [
        (Skipped, f"t.ged#{xref}") for xref in ("N1", "S1", "R1", "M1")
    ]


LIVING = {
    "born lately": ("1 BIRT\n2 DATE 1966\n", True),
    "110 years before the file": ("1 BIRT\n2 DATE 1910\n", True),
    "more than 110 years before the file": ("1 BIRT\n2 DATE 1909\n", False),
    "of whom nothing is known": ("", True),
    "dead without a date": (DEAD, False),
    "buried": ("1 BIRT\n2 DATE 1990\n1 BURI\n2 PLAC Lund\n", False),
    "whose death is denied": ("1 BIRT\n2 DATE 1990\n1 DEAT N\n", True),
    "born after some year": ("1 BIRT\n2 DATE AFT 1850\n", True),
    "born before some year": ("1 BIRT\n2 DATE BEF 1850\n", False),
    "baptised long ago": ("1 BAPM\n2 DATE 1800\n", False),
    "an event of another kind": ("1 EVEN\n2 DATE 1700\n", True),
}


@pytest.mark.parametrize(("lines", "alive"), LIVING.values(), ids=LIVING)
def test_who_may_be_alive(lines: str, alive: bool) -> None:
    access = record(person(lines)).access
    assert (access is not None and access.value == "internal") == alive


def test_the_day_of_the_run_does_not_count_but_that_of_the_file() -> None:
    born = person("1 BIRT\n2 DATE 1880\n")
    assert record(born).access is None
    assert record(born, HEAD.replace("2020", "1985")).access is not None
    assert record(born, "0 HEAD\n1 CHAR UTF-8\n").access is not None
    future = HEAD.replace("2020", "2999")
    assert record(person("1 BIRT\n2 DATE 1950\n"), future).access is not None


@given(st.lists(st.integers(-3000, 3000)), st.lists(st.integers(-9999, 9999)))
def test_more_known_years_never_hide_a_death_long_ago(known: list[int], dates: list[int]) -> None:
    reference = written_in(dates)
    assert reference <= 2026
    assert may_live([], reference)
    if not may_live(known, reference):
        assert min(known) + 110 < reference


def test_parents_of_somebody_born_long_ago_are_dead() -> None:
    body = (
        person("1 FAMS @F1@\n", "I1", "Gus /Smith/")
        + person("1 BIRT\n2 DATE 1850\n1 FAMC @F1@\n", "I2", "Bo /Smith/")
        + "0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @I2@\n"
    )
    assert [one.access for one in records(MAPPING, ("t.ged", ged(body)))] == [None, None, None]


def test_the_living_are_named_to_staff_only() -> None:
    body = (
        person(f"{DEAD}1 FAMS @F1@\n", "I1", "Gus /Smith/")
        + person("1 BIRT\n2 DATE 1990\n1 FAMC @F1@\n", "I2", "Secret /Smith/")
        + "0 @F1@ FAM\n1 HUSB @I1@\n1 CHIL @I2@\n"
    )
    dead, living, family = records(MAPPING, ("t.ged", ged(body)))
    for one in (dead, family):
        assert one.authority is not None and "Secret" not in str(one.authority) + str(one.description) + one.title
        assert one.staff_notes == {"relations": "child: Smith, Secret"}
        assert one.access is None
    assert living.access is not None and living.access.value == "internal"
    assert living.authority is not None and living.authority.relations[0].name == "Smith, Gus"


def test_persons_that_cannot_be_told_apart_may_be_alive() -> None:
    twice = records(MAPPING, ("t.ged", ged(person("1 BIRT\n2 DATE 1990\n") + person(DEAD))))
    nameless = record("0 INDI\n1 NAME Ann /Smith/\n1 BIRT\n2 DATE 1990\n")
    for one in (*twice, nameless):
        assert one.access is not None and one.access.value == "internal"


def test_a_couple_that_may_be_alive_is_internal() -> None:
    body = person("1 BIRT\n2 DATE 1990\n1 FAMS @F1@\n") + "0 @F1@ FAM\n1 WIFE @I1@\n"
    access = records(MAPPING, ("t.ged", ged(body)))[1].access
    assert access is not None and access.value == "internal"


ENCODINGS = {
    "UTF-8": "utf-8",
    "UTF-8 with mark": "utf-8-sig",
    "UTF-16": "utf-16",
    "UTF-16 without mark": "utf-16-le",
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = ged(person(DEAD, name="Åsa /Ö/")).decode().replace("\n", end)
    (found,) = records(MAPPING, ("t.ged", text.encode(encoding)))
    assert (found.title, found.problems) == ("Ö, Åsa", ())


def test_ansel() -> None:
    head = HEAD.replace("UTF-8", "ANSEL").encode()
    (found,) = records(MAPPING, ("t.ged", head + b"0 @I1@ INDI\n1 NAME Ren\xe2ee /M\xe8uller/\n1 DEAT Y\n0 TRLR\n"))
    assert (found.title, found.problems) == ("Müller, Renée", ())


def test_utf_8_that_declares_ansel() -> None:
    found = record(person(DEAD, name="Åsa"), HEAD.replace("UTF-8", "ANSEL"))
    assert found.title == "Åsa"
    assert [problem.code for problem in found.problems] == ["wrong-encoding"]


MENDED = {
    "a line without tag": ("1 NOTE First\nand the rest\n", "First\nand the rest"),
    "a level that jumps": ("1 NOTE First\n4 CONT second\n", "First\nsecond"),
    "a tag below a continuation": ("1 NOTE First\n2 CONT second\n3 SOUR x\n", "First\nsecond"),
}


@pytest.mark.parametrize(("lines", "note"), MENDED.values(), ids=MENDED)
def test_what_can_be_mended_is_and_said(lines: str, note: str) -> None:
    found = record(person(DEAD + lines))
    assert found.description["note"] == note
    expected = [] if "4 CONT" in lines else ["damaged-gedcom"]
    assert [problem.code for problem in found.problems][: len(expected)] == expected


def test_identifiers_with_an_underscore() -> None:
    body = person(f"{DEAD}1 FAMS @_F@\n", "_I") + "0 @_F@ FAM\n1 WIFE @_I@\n"
    wife, family = records(MAPPING, ("t.ged", ged(body)))
    assert (wife.source_id, family.source_id) == ("t.ged#_I", "t.ged#_F")
    assert family.title == "Smith, Ann"


def test_pointers_to_nobody() -> None:
    found = record(person(f"{DEAD}1 FAMC @F9@\n1 FAMS @VOID@\n1 NOTE @N9@\n1 ASSO @I9@\n"))
    assert found.authority is not None
    assert found.authority.relations == (Relation("I9", "associate", "t.ged#I9"),)


def test_a_date_no_library_foresees_fails_alone() -> None:
    body = person("1 BIRT\n2 DATE @#DROMAN@ 1 JAN 753\n") + person(DEAD, "I2")
    found = mapped(MAPPING, ("t.ged", ged(body)))
    assert len(found) == 2 and isinstance(found[1], Record)
    check_outcome(found[0])


NOTHING = {
    "another format": (b"<gedcom/>", Skipped, "wrong-format"),
    "empty": (b"", Skipped, "wrong-format"),
    "a head alone": (HEAD.encode(), Skipped, "empty-file"),
}


@pytest.mark.parametrize(("payload", "outcome", "code"), NOTHING.values(), ids=NOTHING)
def test_what_gives_no_record(payload: bytes, outcome: type, code: str) -> None:
    (found,) = mapped(MAPPING, ("t.ged", payload))
    assert isinstance(found, outcome) and isinstance(found, Skipped | Failed)
    assert found.problem.code == code


@given(st.binary(max_size=200))
def test_anything_behind_a_head_gives_rows(tail: bytes) -> None:
    for outcome in mapped(MAPPING, ("t.ged", HEAD.encode() + tail)):
        check_outcome(outcome)


@given(st.text(max_size=40))
def test_any_date_is_text_and_years(text: str) -> None:
    from ged4py.date import DateValue

    try:
        value = DateValue.parse(text)
    except ValueError:
        return
    written, years = dated(value)
    assert written is None or written
    assert all(year is None or isinstance(year, int) for year in years)


@given(st.lists(st.text(alphabet="@01 _INDIéCONT#/\n\r１", max_size=12), max_size=12))
def test_any_lines_are_mended_into_what_the_reader_takes(lines: list[str]) -> None:
    body = "".join(f"{line}\n" for line in lines) + person(DEAD, "I9")
    found = mapped(MAPPING, ("t.ged", ged(body)))
    assert any(isinstance(outcome, Record) and outcome.source_id == "t.ged#I9" for outcome in found)
    for outcome in found:
        check_outcome(outcome)
