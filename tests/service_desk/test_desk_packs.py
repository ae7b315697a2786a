"""Packs of jurisdictions: what comes for a place can be followed, and keeps the law of that place."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, ONCE

from mappings.access import ANONYMOUS
from service_desk.calendar_rules import CalendarRules
from service_desk.errors import NotFound
from service_desk.forms import RequestForm
from service_desk.request_types import Types
from service_desk.rule_documents import DOCUMENTS
from service_desk.rules import PACKS, pack_text, packs

ALL = [(kind, pack) for kind in DOCUMENTS for pack in packs(kind)]


@ONCE
def test_every_pack_is_used_and_can_be_followed(desk):
    assert {pack for _, pack in ALL} == PACKS.keys()
    for kind, pack in ALL:
        desk.rules.check(kind, pack_text(kind, pack))
    with pytest.raises(NotFound, match="tw"):
        pack_text(Types, "atlantis")


@pytest.fixture
def taiwan(desk):
    for kind in (CalendarRules, Types):
        desk.rules.bring_into_force(kind, pack_text(kind, "tw"), "test")
    return desk


def filed(desk, kind):
    form = RequestForm(resource_id="r-rail", type=kind, name="A", contact="a@example.org", note="n")
    receipt = desk.filing.submit(form, ANONYMOUS).receipt
    return desk.requests.case(receipt, CLERK)


@ONCE
def test_taiwan_decides_within_thirty_days_from_acceptance(taiwan, clock):
    """檔案法 art. 19; 1 April 2026 is a working day."""
    assert filed(taiwan, "query").promise.due == dt.date(2026, 4, 1)


@ONCE
def test_taiwan_has_fifteen_days_and_fifteen_more_for_information(taiwan):
    """政府資訊公開法 art. 12."""
    case = filed(taiwan, "information")
    assert case.promise.due == dt.date(2026, 3, 17)
    case = taiwan.cases.act(case.receipt, "extend", {"days": 15, "text": "many files"}, CLERK)
    assert (case.promise.due, case.promise.days) == (dt.date(2026, 4, 1), 30)


@ONCE
def test_taiwan_gives_seven_days_to_supply_what_is_missing(taiwan, clock):
    case = filed(taiwan, "certificate")
    assert (case.status, taiwan.calendar.day_of(case.due)) == ("needs_materials", dt.date(2026, 3, 10))
    clock.push(days=8)
    assert taiwan.watch.look().expired == 1
