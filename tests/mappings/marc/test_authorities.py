"""Authority records of MARC 21 and UNIMARC."""

from __future__ import annotations

import pytest

from mappings.base import Failed
from mappings.record import Dates, Relation, Variant
from tests.mappings.marc.build import AUTHORITY, iso2709, marc, outcomes_of, record_of

TYPES = {
    "person": ("100 1# $a Li, Bai, $d 701-762", "Li, Bai, 701-762", "person"),
    "family": ("100 3# $a Li (Family)", "Li (Family)", "family"),
    "body": ("110 2# $a Institute. $b Library", "Institute. Library", "organisation"),
    "meeting": ("111 2# $a Congress $d (1900)", "Congress (1900)", "organisation"),
    "title": ("130 #0 $a Bible. $l English", "Bible. English", "title"),
    "work": ("100 1# $a Dante, $d 1265-1321. $t Inferno", "Dante, 1265-1321. Inferno", "person"),
    "subject": ("150 ## $a Art $x History", "Art -- History", "subject"),
    "place": ("151 ## $a Hunan (China)", "Hunan (China)", "place"),
    "genre": ("155 ## $a Nō plays", "Nō plays", "genre"),
}


@pytest.mark.parametrize(("line", "title", "kind"), TYPES.values(), ids=TYPES)
def test_headings(line: str, title: str, kind: str) -> None:
    record = record_of("001 1", line, leader=AUTHORITY)
    assert record.authority is not None
    assert (record.title, record.authority.type, record.kind, record.access) == (title, kind, "thematic", None)


def test_variants_relations_and_equivalents() -> None:
    record = record_of(
        "001 1",
        "110 2# $6 880-01 $a Daigaku",
        "410 2# $a Univ.",
        "410 2# $w d $a U.",
        "510 2# $w a $a Academy $0 (X)2",
        "500 1# $w r $i Founder: $a Li, Bai",
        "710 24 $a Université $2 fr",
        "880 2# $6 110-01 $a 大学",
        leader=AUTHORITY,
    )
    assert record.authority is not None
    assert record.title == "Daigaku"
    assert record.authority.headings == ("大学", "Université")
    assert record.authority.variants == (Variant("Univ."), Variant("U.", "acronym"))
    assert record.authority.relations == (Relation("Li, Bai", "Founder"), Relation("Academy", "earlier", "(X)2"))


EXISTENCE = {
    "of the heading": ([], Dates("1873-1955", 1873, 1955)),
    "years of 046": (["046 ## $f 18730413 $g 19550324"], Dates("1873-1955", 1873, 1955)),
    "046 in EDTF": (["046 ## $f 1873~ $2 edtf"], Dates("1873-1955", 1873, None)),
}


@pytest.mark.parametrize(("lines", "dates"), EXISTENCE.values(), ids=EXISTENCE)
def test_existence(lines: list[str], dates: Dates) -> None:
    assert record_of("100 1# $a Davis, J., $d 1873-1955", *lines, leader=AUTHORITY).dates == dates


def test_notes_of_authorities() -> None:
    record = record_of(
        "150 ## $a Art", "670 ## $a Book: $b p. 1", "667 ## $a Check", "678 ## $a Born.", leader=AUTHORITY
    )
    assert record.description == {"sources": "Book: p. 1", "administrative_history": "Born"}
    assert record.staff_notes == {"note": "Check"}


def test_without_heading_there_is_no_authority() -> None:
    (outcome,) = outcomes_of(iso2709(marc("001 1", "670 ## $a Book", leader=AUTHORITY)))
    assert isinstance(outcome, Failed)
    assert (outcome.problem.code, outcome.source_id) == ("no-heading", "1")


def test_unimarc_authority() -> None:
    record = record_of(
        "001 1",
        "100 ## $a 20010101afrey50      ba0",
        "200 #1 $a 魯迅 $f 1881-1936 $9 Lu Xun",
        "400 #1 $5 f $a 周樹人",
        "510 #1 $5 z $a 左聯 $3 7",
        "700 #1 $a Lou Siun",
        "340 ## $a 作家",
        leader="00000nx  a2200000   45  ",
    )
    assert record.authority is not None
    assert (record.title, record.authority.type) == ("魯迅, 1881-1936", "person")
    assert record.dates == Dates("1881-1936", 1881, 1936)
    assert record.authority.headings == ("Lou Siun",)
    assert record.authority.variants == (Variant("周樹人", "real name"), Variant("Lu Xun", "pinyin"))
    assert record.authority.relations == (Relation("左聯", "name by marriage", "7"),)
    assert record.description == {"administrative_history": "作家"}
