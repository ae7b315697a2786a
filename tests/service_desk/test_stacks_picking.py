"""From a request to the box and back: orders, the pick list, the scanner, the log."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from desk_parts import CLERK, COLLEAGUE, READER
from stack_parts import BRIDGE, DAY, LETTER, RAIL, STRAY, cancel, order, shelved

from mappings.access import ANONYMOUS
from service_desk.errors import DeskError, NotAllowed, NotFound
from service_desk.stacks.faults import Refused, Wrong


@pytest.fixture
def form(form):
    """A search for records: its route leads to the window, so nothing is on order but what these tests order."""
    return lambda **values: form(**{"type": "query"} | values)


@pytest.fixture
def filed(desk, form):
    return desk.filing.submit(form(), ANONYMOUS)


@pytest.fixture
def stacks(desk):
    return shelved(desk).stacks


def ways(stacks, **asked):
    return [entry.way for entry in reversed(stacks.log.page(CLERK, **asked).rows)]


def test_one_box_ordered_picked_out_and_back(desk, stacks, filed, clock):
    assert order(desk, filed.receipt, RAIL, goes_to="Seat 4") == 1
    [line] = stacks.picking.pick_list(CLERK).to_fetch
    assert (line.barcode, line.path, line.state) == ("B1", ("Main house", "Stack 2", "Row 10", "Shelf 1"), "in")
    assert [(one.receipt, one.title, one.goes_to) for one in line.orders] == [(filed.receipt, RAIL.title, "Seat 4")]
    done = []
    for _ in range(3):
        done.append(stacks.picking.scan(" B1\n", CLERK))
        clock.push(minutes=1)
    assert [(one.way, one.goes_to) for one in done] == [("picked", "Seat 4"), ("out", "Seat 4"), ("back", "")]
    assert ways(stacks) == ["ordered", "picked", "out", "back"]
    assert all(entry.receipts == (filed.receipt,) for entry in stacks.log.page(CLERK).rows)
    assert stacks.register.one("B1", CLERK).state == "in"
    assert stacks.picking.pick_list(CLERK).to_fetch == ()


def test_who_has_a_box(desk, stacks, filed, clock):
    order(desk, filed.receipt, RAIL)
    stacks.picking.scan("B1", CLERK, "picked")
    stacks.picking.scan("B1", CLERK, "out", goes_to="Seat 9")
    [held] = stacks.picking.holds(CLERK, "B1")
    assert (held.receipt, held.state, held.goes_to) == (filed.receipt, "out", "Seat 9")


def test_urgent_first_then_as_one_walks(desk, stacks, form):
    first, second, third = (desk.filing.submit(form(), ANONYMOUS).receipt for _ in range(3))
    order(desk, first, RAIL)
    order(desk, second, LETTER)
    order(desk, third, STRAY)
    assert [line.barcode for line in stacks.picking.pick_list(CLERK).to_fetch] == ["B2", "B1", None], "row 9 before 10"
    order(desk, first, RAIL, priority="urgent")
    assert [line.barcode for line in stacks.picking.pick_list(CLERK).to_fetch] == ["B1", "B2", None]


def test_a_box_is_fetched_once_for_all_who_wait(desk, stacks, form, clock):
    first, second = (desk.filing.submit(form(), ANONYMOUS).receipt for _ in range(2))
    order(desk, first, RAIL, BRIDGE, goes_to="Seat 1")
    order(desk, second, BRIDGE, goes_to="Seat 2", day=DAY - dt.timedelta(1))
    [line] = stacks.picking.pick_list(CLERK).to_fetch
    assert sorted(one.receipt for one in line.orders) == sorted([first, first, second])
    assert len(stacks.picking.scan("B1", CLERK).receipts) == 2
    clock.push(minutes=1)
    out = stacks.picking.scan("B1", CLERK)
    assert (out.goes_to, out.receipts) == ("Seat 2", (second,)), "who wants it first"
    clock.push(minutes=1)
    assert stacks.picking.scan("B1", CLERK).way == "back"
    assert stacks.register.one("B1", CLERK).state == "picked", "it stays at the desk for the other"
    clock.push(minutes=1)
    assert stacks.picking.scan("B1", CLERK).receipts == (first,)
    clock.push(minutes=1)
    stacks.picking.scan("B1", CLERK)
    assert stacks.register.one("B1", CLERK).state == "in"


def test_what_is_ordered_while_the_box_is_away_waits_for_it(desk, stacks, form, clock):
    first, second = (desk.filing.submit(form(), ANONYMOUS).receipt for _ in range(2))
    order(desk, first, RAIL)
    for _ in range(2):
        stacks.picking.scan("B1", CLERK)
        clock.push(minutes=1)
    order(desk, second, BRIDGE)
    stacks.picking.scan("B1", CLERK)
    assert [line.orders[0].receipt for line in stacks.picking.pick_list(CLERK).at_desk] == [second]


def test_not_found_says_where_one_looked(desk, stacks, filed):
    order(desk, filed.receipt, RAIL)
    with pytest.raises(Wrong):
        stacks.picking.scan("B1", CLERK, "not_found", note=" ")
    stacks.picking.scan("B1", CLERK, "not_found", note="shelf 1 and 2")
    assert [line.barcode for line in stacks.picking.pick_list(CLERK).not_found] == ["B1"]
    assert stacks.log.page(CLERK, barcode="B1").rows[0].note == "shelf 1 and 2"
    assert stacks.picking.scan("B1", CLERK, "picked").way == "picked", "found after all"


def test_what_is_in_no_box_goes_by_its_number(desk, stacks, filed):
    order(desk, filed.receipt, STRAY)
    [line] = stacks.picking.pick_list(CLERK).to_fetch
    number = line.orders[0].number
    assert [stacks.picking.handle(number, CLERK, "next").way for _ in range(3)] == ["picked", "out", "back"]
    with pytest.raises(Refused):
        stacks.picking.handle(number, CLERK, "next")
    assert ways(stacks, receipt=filed.receipt) == ["ordered", "picked", "out", "back"]


def test_an_order_finds_its_box_when_the_register_has_it(desk, stacks, filed):
    order(desk, filed.receipt, STRAY)
    stacks.register.fill("B3", {"resource": "r-stray"}, CLERK)
    assert [line.barcode for line in stacks.picking.pick_list(CLERK).to_fetch] == ["B3"]


def test_the_same_order_twice_is_one(desk, stacks, filed):
    assert order(desk, filed.receipt, RAIL, RAIL) == 1
    assert order(desk, filed.receipt, RAIL, priority="urgent", goes_to="Seat 3") == 0
    [line] = stacks.picking.pick_list(CLERK).to_fetch
    assert line.is_urgent and line.orders[0].goes_to == "Seat 3"


def test_a_request_that_goes_takes_its_orders_with_it(desk, stacks, form, clock):
    first, second = (desk.filing.submit(form(), ANONYMOUS).receipt for _ in range(2))
    order(desk, first, RAIL, LETTER)
    stacks.picking.scan("B1", CLERK)
    assert cancel(desk, first) == 2
    assert stacks.register.one("B1", CLERK).state == "in", "nobody waits for it"
    assert stacks.picking.pick_list(CLERK).to_fetch == ()
    order(desk, second, RAIL)
    clock.push(minutes=1)
    stacks.picking.scan("B1", CLERK)
    clock.push(minutes=1)
    stacks.picking.scan("B1", CLERK)
    assert cancel(desk, second) == 0, "what is out comes back by itself"
    assert cancel(desk, "ZZZZ-ZZZZ") == 0


@pytest.mark.parametrize(("text", "act", "error"), [
    ("nothing", "next", NotFound),
    ("", "next", NotFound),
    ("B\0\ud8001", "next", Refused),
    ("K2", "next", Refused),
    ("B1", "out", Refused),
    ("B1", "back", Refused),
    ("B2", "picked", Refused),
    ("B1", "burn", Wrong),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_and_changes_nothing(desk, stacks, filed, text, act, error):
    order(desk, filed.receipt, RAIL)
    before = ways(stacks)
    if text == "B\0\ud8001":
        stacks.picking.scan("B1", CLERK, "picked")
        before, act = ways(stacks), "picked"
    with pytest.raises(error):
        stacks.picking.scan(text, CLERK, act)
    assert ways(stacks) == before


def test_a_scanner_that_reads_twice_reads_once(desk, stacks, filed, clock):
    order(desk, filed.receipt, RAIL)
    stacks.picking.scan("B1", CLERK)
    with pytest.raises(Refused):
        stacks.picking.scan("B1", COLLEAGUE)
    clock.push(seconds=10)
    assert stacks.picking.scan("B1", COLLEAGUE).way == "out"


@pytest.mark.parametrize("act", ["next", "picked"])
def test_of_two_clerks_at_one_box_one_wins_and_the_other_is_told(desk, stacks, filed, act):
    order(desk, filed.receipt, RAIL)
    begin = Barrier(4)

    def scan(clerk):
        begin.wait()
        try:
            return stacks.picking.scan("B1", clerk, act).way
        except DeskError as error:
            return type(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(scan, [CLERK, COLLEAGUE] * 2))
    assert sorted(map(str, told)) == sorted(map(str, ["picked", Refused, Refused, Refused]))
    assert ways(stacks) == ["ordered", "picked"]


@pytest.mark.parametrize("call", [
    lambda stacks, viewer: stacks.picking.pick_list(viewer),
    lambda stacks, viewer: stacks.picking.scan("B1", viewer),
    lambda stacks, viewer: stacks.picking.handle(1, viewer, "next"),
    lambda stacks, viewer: stacks.picking.holds(viewer, "B1"),
    lambda stacks, viewer: stacks.log.page(viewer),
    lambda stacks, viewer: stacks.register.find("", viewer),
    lambda stacks, viewer: stacks.register.one("B1", viewer),
    lambda stacks, viewer: stacks.register.where(RAIL, viewer),
    lambda stacks, viewer: stacks.register.add("X", "room", "x", "", viewer),
    lambda stacks, viewer: stacks.register.rename("B1", "x", viewer),
    lambda stacks, viewer: stacks.register.move("B1", "K2", "x", viewer),
    lambda stacks, viewer: stacks.register.fill("B1", {}, viewer),
    lambda stacks, viewer: stacks.register.read_table(b"x", "x.csv", viewer),
])  # fmt: skip
@pytest.mark.parametrize("viewer", [READER, ANONYMOUS], ids=["reader", "nobody"])
def test_nothing_of_the_stacks_is_for_readers(stacks, call, viewer):
    with pytest.raises(NotAllowed):
        call(stacks, viewer)
