"""The register: from a table with a report of every row, kept by staff, and from a record to its box."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from desk_parts import CLERK, ONCE
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from stack_parts import BRIDGE, LETTER, RAIL, ROWS, STRAY, shelved, table

from service_desk.errors import NotFound
from service_desk.ports import FrozenHit
from service_desk.stacks import finding
from service_desk.stacks.faults import SAID, Refused, Wrong
from service_desk.stacks.finding import Thing
from service_desk.stacks.importing import ADVICE
from service_desk.stacks.tables import Place

GOLDEN = Path(__file__).parent / "golden" / "stacks_import.json"
SPOILT = (
    ("H", "building", "Main house"),
    ("K2", "库房", "Stack 2, renamed", "H"),
    ("B1", "box", "Box 1", "K2-9-1", "J12-3-40..J12-3-44; J12-3-45"),
    ("B2", "box", "Box 2", "K2-9-1", "J12-9"),
    ("", "box", "No barcode", "K2-9-1"),
    ("B4", "crate", "No kind of ours", "K2-9-1"),
    ("B5", "box", "", "K2-9-1"),
    ("B6", "box", "Nowhere"),
    ("B7", "box", "In a place that is not there", "K9"),
    ("B8", "shelf", "In a box", "B1"),
    ("B9", "box", "No code", "K2-9-1", "letters of a lady"),
    ("B10", "box", "Backwards", "K2-9-1", "J12-3-90..J12-3-80"),
    ("B11", "box", "Two fonds", "K2-9-1", "J12-1..Z3-1"),
    ("B12", "box", "Has what is in B2", "K2-9-1", "j 12 9"),
    ("B13", "box", "No fonds", "K2-9-1", "", "", "Box 5"),
    ("B14", "box", "A good one", "K2-9-1", "J12-3-45-1", "r-odd2", "MC 00313: Box 5"),
    ("B14", "box", "The same barcode", "K2-9-1"),
    ("S9", "shelf", "A shelf has no codes", "K2-9", "J12-4"),
    ("B15", "box", "In a place whose row is wrong", "S9"),
    ("K2-9", "shelf", "Was a row", "K2"),
    ("B16", "box", "In each other", "B17"),
    ("B17", "box", "In each other", "B16"),
    ("B18", "box", "Box in a box", "B14"),
    ("B3", "box", "In itself", "B3"),
)


@pytest.fixture
def register(desk):
    return shelved(desk).stacks.register


def reported(report):
    return [
        {
            "row": row.row,
            "barcode": row.barcode,
            "outcome": row.outcome,
            **({"wrong": row.wrong, "advice": row.advice} if row.code else {}),
            **({"changes": list(row.changes)} if row.changes else {}),
            **({"taken_out": list(row.taken_out)} if row.taken_out else {}),
        }
        for row in report.rows
    ]


def everything(desk):
    """All of the register, for comparing."""
    found, waiting = {}, [""]
    while waiting:
        barcode = waiting.pop()
        if barcode:
            place = desk.stacks.register.one(barcode, CLERK, size=500)
            found[barcode] = (place.title, place.kind, [up.barcode for up in place.above], place.contents)
            waiting += [below.barcode for below in place.inside]
        else:
            waiting += [place.barcode for place in desk.stacks.register.find("", CLERK).rows]
    return found


def test_a_report_of_every_row_as_it_was_once_looked_at(desk, register):
    before = everything(desk)
    dry = register.read_table(table(*SPOILT), "spoilt.csv", CLERK, dry_run=True)
    assert everything(desk) == before, "a dry run changes nothing"
    done = register.read_table(table(*SPOILT), "spoilt.csv", CLERK)
    assert reported(dry) == reported(done)
    assert [row.row for row in done.rows] == list(range(2, len(SPOILT) + 2)), "every row ends in the report"
    told = json.dumps({"kept": done.kept, "rows": reported(done)}, ensure_ascii=False, indent=1) + "\n"
    assert told == GOLDEN.read_text("utf-8")
    after = everything(desk)
    assert before.keys() <= after.keys(), "nothing vanishes"
    again = register.read_table(table(*SPOILT), "spoilt.csv", CLERK)
    assert (again.count("added"), again.count("changed")) == (0, 0)
    assert everything(desk) == after


def test_every_fault_of_a_row_says_what_to_do(desk, register):
    report = register.read_table(table(*SPOILT), "spoilt.csv", CLERK)
    codes = {row.code for row in report.rows if row.code}
    assert codes <= set(ADVICE) <= set(SAID) and len(codes) > 12
    assert set(ADVICE) - codes == {"unreadable", "too_much"}


def test_contents_may_change_places_in_one_table(desk, register):
    swapped = [
        (*row[:4], {"B1": "J12-9", "B2": "J12-3-40..J12-3-49"}.get(row[0], "")) for row in ROWS if row[0][0] == "B"
    ]
    report = register.read_table(table(*swapped), "places.csv", CLERK)
    assert report.count("rejected") == 0
    assert register.where(RAIL, CLERK).barcode == "B2" and register.where(LETTER, CLERK).barcode == "B1"


def test_a_workbook_with_headers_of_ours_in_chinese(desk, register):
    book = openpyxl.Workbook()
    for row in (
        ["架位表"],
        ["条码", "类型", "名称", "上级", "档号"],
        ["盒1", "盒", "第一盒", "K2-9-1", "全宗7-1-1 至 全宗7-1-9"],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    report = register.read_table(out.getvalue(), "places.xlsx", CLERK)
    assert report.count("added") == 1, report
    assert register.where(FrozenHit("r", "t", "全宗7-1-5"), CLERK).barcode == "盒1"


@ONCE
@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"%PDF-1.7", b"a,b\n1,2\n", b"barcode,title\nx,y\n", b"PK\x03\x04x"]
)
def test_what_is_no_table_is_said(register, data):
    with pytest.raises(Wrong):
        register.read_table(data, "places.csv", CLERK)


def test_kept_by_staff(desk, register, clock):
    register.add("K3", "room", "Stack 3", "H", CLERK)
    register.rename("K3", "Stack three", CLERK)
    clock.push(minutes=1)
    register.move("K2-10-1", "K3", "water on the floor", CLERK)
    box = register.where(RAIL, CLERK)
    assert box.path == ("Main house", "Stack three", "Shelf 1"), "a shelf moves with its boxes"
    last, first = register.one("K2-10-1", CLERK).moves
    assert (last.came_from, last.went_to, last.why, last.by) == (
        "Main house › Stack 2 › Row 10", "Main house › Stack three", "water on the floor", CLERK.name,
    )  # fmt: skip
    assert (first.came_from, first.why) == (None, "places.csv")
    register.move("K2-10-1", "K3", "again", CLERK)
    assert len(register.one("K2-10-1", CLERK).moves) == 2, "it is there already"


@ONCE
@pytest.mark.parametrize(("call", "error"), [
    (lambda register: register.add("B1", "box", "x", "K2", CLERK), Wrong),
    (lambda register: register.add("B\n9", "box", "x", "", CLERK), Wrong),
    (lambda register: register.add("x" * 65, "room", "x", "", CLERK), Wrong),
    (lambda register: register.add("X", "crate", "x", "", CLERK), Wrong),
    (lambda register: register.add("X", "room", "x" * 301, "", CLERK), Wrong),
    (lambda register: register.rename("none", "x", CLERK), NotFound),
    (lambda register: register.move("K2", "K2-9-1", "x", CLERK), Wrong),
    (lambda register: register.move("B1", "", "x", CLERK), Wrong),
    (lambda register: register.move("B1", "B1", "x", CLERK), Refused),
    (lambda register: register.move("B1", "K2", " ", CLERK), Wrong),
    (lambda register: register.fill("K2", {"codes": "J1"}, CLERK), Wrong),
    (lambda register: register.fill("B1", {"codes": "J12-9"}, CLERK), Refused),
    (lambda register: register.fill("B1", {"codes": "\n".join(f"J{n}" for n in range(501))}, CLERK), Wrong),
    (lambda register: register.one("none", CLERK), NotFound),
])  # fmt: skip
def test_what_the_register_refuses(desk, register, call, error):
    before = everything(desk)
    with pytest.raises(error):
        call(register)
    assert everything(desk) == before


NESTED = (
    ("N1", "box", "Outer", "K2-9-1", "", "", "MC 00313: Box 5"),
    ("N2", "box", "Inner", "N1", "MC 00313-5-7"),
    ("N3", "box", "A whole fonds", "K2-9-1", "MC 00313"),
    ("N4", "box", "A stretch", "K2-9-1", "MC 00313-5-1..MC 00313-5-9"),
    ("N5", "box", "One record", "K2-9-1", "", "r-one"),
)


@pytest.mark.parametrize(("thing", "box"), [
    (Thing("r-one", "MC 00313-5-7"), "N5"),
    (Thing("r", "MC 00313-5-7"), "N2"),
    (Thing("r", "mc 313/5/7/2"), "N2"),
    (Thing("r", "MC 00313-5-7", "MC 00313", "Box 5"), "N2"),
    (Thing("r", "MC 00313-6", "MC 00313", "box 5"), "N1"),
    (Thing("r", None, "MC 00313", "Box 5"), "N1"),
    (Thing("r", "MC 00313-5-9-4"), "N4"),
    (Thing("r", "MC 00313-5-10"), "N3"),
    (Thing("r", "MC 00314"), None),
    (Thing("r", "MC"), None),
    (Thing("r"), None),
    (Thing("r" * 400, "1" * 5_000), None),
])  # fmt: skip
def test_a_place_is_found_by_the_nearest_that_is_said_of_it(desk, register, thing, box):
    assert register.read_table(table(*NESTED), "nested.csv", CLERK).count("added") == len(NESTED)
    with desk._database.read() as session:
        found = finding.places_of(session, [thing, Thing("r-other", "J12-3-41")])
        by_id = {place.id: place.barcode for place in session.scalars(select(Place))}
    assert by_id.get(found.get(thing.id)) == box and by_id[found["r-other"]] == "B1"


def test_not_in_the_register_is_an_answer(register):
    assert register.where(STRAY, CLERK) is None
    assert register.find("nothing", CLERK).rows == ()
    assert [place.barcode for place in register.find("J12-3-47", CLERK).rows] == ["B1"]
    assert [place.barcode for place in register.find("Box", CLERK).rows] == ["B1", "B2", "B3"]
    assert register.where(BRIDGE, CLERK).barcode == "B1"


CODES = st.lists(
    st.one_of(st.integers(0, 400).map(str), st.sampled_from(["j", "z", "档", "a7"])), min_size=1, max_size=4
)


@settings(max_examples=300)
@given(CODES, CODES, CODES)
def test_a_stretch_has_what_lies_between_its_ends_and_below_them(one, other, sought):
    """As tuples of parts compare, whatever the texts look like."""

    def parts(code):
        return tuple(int(part) if part.isdigit() else part for part in finding._parts("-".join(code)))

    def order(code):
        return [(isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in code]

    first, last = sorted([one, other], key=lambda code: order(parts(code)))
    try:
        stretch = finding.codes(f"{'-'.join(first)}..{'-'.join(last)}")
    except Wrong as error:
        assert error.code in ("unlike_ends", "code")
        return
    low, high, found = parts(first), parts(last), parts(sought)
    if not found:
        return
    is_between = order(low) <= order(found) and (order(found) <= order(high) or found[: len(high)] == high)
    assert (stretch.low <= finding.sorting("-".join(sought)) < stretch.high) == is_between


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_or_said_to_be_wrong(text):
    for read in (finding.codes, finding.container):
        try:
            assert read(text).root
        except Wrong as error:
            assert str(error)
