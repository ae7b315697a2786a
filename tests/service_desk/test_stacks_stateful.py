"""Whatever clerks do in whatever order: log and state agree, a box is in one hand only, everything stands somewhere."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from pathlib import Path

import pytest
from desk_parts import CHEAP, CLERK, READER, FakeHoldings, StandingClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from stack_parts import BRIDGE, LETTER, RAIL, STRAY, cancel, for_loan, order, shelved

from service_desk.desk import Desk
from service_desk.errors import DeskError
from service_desk.forms import RequestForm, parse
from service_desk.objects import FolderObjects
from service_desk.stacks.logbook import AFTER
from service_desk.stacks.picking import ACTS
from service_desk.stacks.tables import InOut, Loan, Move, Place, Retrieval, Treatment

BOXES, PLACES = ("B1", "B2", "B3"), ("K2", "K2-9-1", "K2-10-1", "B1", "B2", "H", "none")
HITS = (RAIL, BRIDGE, LETTER, STRAY)
NUMBERS = itertools.count()
RECEIPTS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("order"), RECEIPTS, st.sampled_from(HITS), st.sampled_from(["", "Seat 1", "Seat 2"])),
    st.tuples(st.just("scan"), st.sampled_from(BOXES), st.sampled_from(ACTS)),
    st.tuples(st.just("handle"), st.integers(1, 6), st.sampled_from(ACTS)),
    st.tuples(st.just("cancel"), RECEIPTS),
    st.tuples(st.just("lend"), RECEIPTS, st.sampled_from(HITS)),
    st.tuples(st.just("return"), st.sampled_from(BOXES)),
    st.tuples(st.just("repair"), st.sampled_from(BOXES)),
    st.tuples(st.just("mend"), st.integers(1, 3)),
    st.tuples(st.just("move"), st.sampled_from((*BOXES, "K2-9-1", "K2-9")), st.sampled_from(PLACES)),
    st.tuples(st.just("wait")),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a register and three requests."""
    file = tmp_path_factory.mktemp("stacks") / "desk.db"
    desk = opened(file)
    desk.accounts.add(CLERK.name, "x", "staff")
    desk.accounts.add(READER.name, "x", "reader")
    shelved(desk)
    for _ in range(3):
        form = {"resource_id": "r-rail", "type": "copy", "name": "n", "contact": "c"}
        for_loan(desk, desk.filing.submit(parse(RequestForm, form), READER).receipt)
    desk.close()
    return file


def opened(file: Path) -> Desk:
    return Desk(
        f"sqlite:///{file}",
        objects=FolderObjects(file.parent),
        holdings=FakeHoldings(),
        clock=StandingClock(),
        hasher=CHEAP,
    )


def act(desk: Desk, receipts: list[str], name: str, *given: object) -> None:
    stacks = desk.stacks
    match name:
        case "order":
            order(desk, receipts[given[0]], given[1], goes_to=given[2])
        case "scan":
            stacks.picking.scan(given[0], CLERK, given[1], note="shelf")
        case "handle":
            stacks.picking.handle(given[0], CLERK, given[1], note="shelf")
        case "cancel":
            cancel(desk, receipts[given[0]])
        case "lend":
            stacks.loans.lend(receipts[given[0]], given[1], "office", CLERK)
        case "return":
            stacks.loans.bring_back(given[0], CLERK)
        case "repair":
            stacks.repairs.begin("repair", CLERK, barcode=given[0])
        case "mend":
            stacks.repairs.end(given[0], CLERK)
        case "move":
            stacks.register.move(given[0], given[1], "why not", CLERK)
        case _:
            desk.filing._clock.push(minutes=1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=30))
def test_whatever_is_done_all_agrees(filled: Path, tmp_path: Path, steps: list[tuple[object, ...]]) -> None:
    file = tmp_path / f"{next(NUMBERS)}.db"
    shutil.copy(filled, file)
    desk = opened(file)
    receipts = [one.receipt for one in desk.requests.mine(READER)]
    try:
        for step in steps:
            with contextlib.suppress(DeskError):
                act(desk, receipts, *step)
            check(desk)
    finally:
        desk.close()


def check(desk: Desk) -> None:
    with desk._database.read() as session:
        places = {place.id: place for place in session.scalars(select(Place))}
        for place in places.values():
            moves = session.scalars(select(Move).where(Move.place_id == place.id).order_by(Move.number)).all()
            assert [move.number for move in moves] == list(range(1, place.moves + 1))
            assert moves[-1].to_id == place.parent_id
            assert all(one.to_id == other.from_id for one, other in itertools.pairwise(moves))
            top = place
            for _ in range(10):
                top = places[top.parent_id] if top.parent_id else top
            assert top.barcode == "H", "everything stands in the house, nothing in itself"
            if place.kind == "box":
                check_box(session, place)


def check_box(session: object, box: Place) -> None:
    rows = session.scalars(
        select(InOut).where(InOut.place_id == box.id, InOut.number.is_not(None)).order_by(InOut.number)
    ).all()
    assert [row.number for row in rows] == list(range(1, box.version + 1))
    state = "in"
    for row in rows:
        assert row.state in {AFTER.get((state, row.way)), AFTER.get((state, "kept")) if row.way == "back" else None}
        state = row.state
    assert state == box.state, "the log leads where the box is"
    orders = [order.state for order in session.scalars(select(Retrieval).where(Retrieval.place_id == box.id))]
    lent = session.scalars(select(Loan).where(Loan.place_id == box.id, Loan.returned.is_(None))).all()
    treated = session.scalars(select(Treatment).where(Treatment.place_id == box.id, Treatment.ended.is_(None))).all()
    assert ("out" in orders) == (box.state == "out")
    assert len(lent) == (box.state == "lent") and len(treated) == (box.state == "repair")
    assert "picked" in orders if box.state == "picked" else ("picked" not in orders or box.state == "out")
