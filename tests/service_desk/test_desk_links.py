"""Decisions on links: the newest of a pair counts, none is ever changed, and a decision can be taken back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, COLLEAGUE

from mappings.decisions import Decision
from service_desk.database import make_engine, upgrade
from service_desk.errors import Invalid

ONE, OTHER = ("east", "a.xml#1"), ("maps", "7")


def test_the_newest_counts_whichever_way_round(desk, clock):
    desk.links.decide(ONE, OTHER, "same", CLERK, "one\nfile")
    clock.push(days=1)
    desk.links.decide(OTHER, ONE, "apart", COLLEAGUE)
    (view,) = desk.links.decided(CLERK)
    assert (view.one, view.other, view.verdict, view.account) == (ONE, OTHER, "apart", "chen")
    assert desk.links.standing() == [Decision(ONE, OTHER, "apart", "2026-03-03")]


def test_one_taken_back_is_no_decision(desk):
    desk.links.decide(ONE, OTHER, "apart", CLERK)
    desk.links.decide(ONE, OTHER, "open", CLERK)
    assert desk.links.decided(CLERK) == []
    assert desk.links.standing() == []


def test_the_newest_stands_first(desk):
    for number in ("1", "2", "3"):
        desk.links.decide(ONE, ("maps", number), "same", CLERK, f"note {number}")
    desk.links.decide(ONE, ("maps", "1"), "apart", CLERK)
    assert [view.other[1] for view in desk.links.decided(CLERK)] == ["1", "3", "2"]


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [(ONE, ONE, "same"), (ONE, OTHER, "perhaps"), (ONE, ("maps", ""), "same"), (ONE, ("m", "x" * 10_001), "apart")],
)
def test_what_makes_no_sense_is_refused(desk, one, other, verdict):
    with pytest.raises(Invalid):
        desk.links.decide(one, other, verdict, CLERK)
    assert desk.links.standing() == []


@pytest.mark.parametrize("statement", ["UPDATE link_decision SET verdict = 'same'", "DELETE FROM link_decision"])
def test_the_database_refuses_to_change_decisions(desk, database, statement):
    desk.links.decide(ONE, OTHER, "apart", CLERK)
    engine = make_engine(database)
    upgrade(engine)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert len(desk.links.standing()) == 1
