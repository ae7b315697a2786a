"""Who is told of what is urgent: whoever the rules put on duty, else all who coordinate."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, ONCE

from mappings.access import ANONYMOUS
from mappings.grants import ANYWHERE, Scope
from service_desk.errors import NotFound
from service_desk.models import Contact, Request
from service_desk.routes import Departments
from service_desk.rules import bundled_text


@pytest.fixture
def receipt(desk, form):
    return desk.filing.submit(form(type="query"), ANONYMOUS).receipt


def test_who_coordinates_hears_of_what_is_urgent_where_nobody_is_on_duty(desk, receipt, outbox, clock):
    with desk._database.write() as session:
        session.add(Contact(account_name="chen", value="chen@example.org", confirmed=clock.now()))
    assert desk.duty.of(receipt) == ("chen", "li")
    desk.cases.act(receipt, "classify", {"urgent": True}, CLERK)
    desk.notices.deliver()
    told = [file.read_text() for file in outbox.glob("*.eml") if "chen@example.org" in file.read_text()]
    assert len(told) == 1


@ONCE
def test_whom_the_rules_name_hears_it_alone(desk, receipt):
    text = bundled_text(Departments).replace("on_duty: []", "on_duty: [wang]")
    desk.rules.bring_into_force(Departments, text, "test")
    assert desk.duty.of(receipt) == ("wang",)


@ONCE
def test_coordinators_of_other_houses_and_those_it_is_about_hear_nothing(desk, receipt):
    for name in ("chen", "li"):
        desk.roles.give(name, "coordinator", Scope(holder="West Wing"), "test")
        desk.roles.take_back(name, "staff", ANYWHERE, "test")
    assert desk.duty.of(receipt) == ()
    for name in ("chen", "li"):
        desk.roles.give(name, "coordinator", Scope(holder="East Wing"), "test")
    with desk._database.write() as session:
        session.query(Request).one().barred = ["li"]
    assert desk.duty.of(receipt) == ("chen",)


@ONCE
def test_there_is_no_duty_about_no_request(desk):
    with pytest.raises(NotFound):
        desk.duty.of("NOPE-NOPE")
