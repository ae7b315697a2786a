"""Consent of somebody whose request is keyed in: to which privacy notice, how it was given, and until when it is to be
got, on both databases.
"""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, COLLEAGUE, NOTICE, ONCE, READER, START

from service_desk.errors import Conflict, Invalid
from service_desk.forms import KeyedForm, OpenRequestForm
from service_desk.privacy import Privacy
from service_desk.roles import bundled
from service_desk.rules import bundled_text, read
from service_desk.views import RoleView

FORM = OpenRequestForm(type="question", name="Old Mr Chen", contact="09 1234", note="My house", consent=NOTICE)
FLOOD = FORM.model_copy(update={"type": "emergency", "consent": None})
COORDINATOR = bundled().viewer("wu", [RoleView("coordinator")])
NEWER = bundled_text(Privacy).replace('version: "1"', 'version: "2"')


def keyed(desk, form=FORM, way="paper", **more):
    return desk.filing.key_in(form, KeyedForm(consent_way=way, **more), CLERK).receipt


def fields(caught):
    return [one.field for one in caught.value.errors]


@pytest.mark.parametrize("way", ["paper", "spoken", "telephone", "letter"])
def test_it_is_kept_which_notice_and_how(desk, way):
    case = desk.requests.case(keyed(desk, way=way), CLERK)
    assert (case.consent, case.consent_way, case.consent_to_get) == (NOTICE, way, False)
    assert "consent" not in case.actions


@pytest.mark.parametrize(
    ("form", "way", "wrong"),
    [
        (FORM.model_copy(update={"consent": None}), None, "consent_way"),
        (FORM, None, "consent_way"),
        (FORM, "nodded", "consent_way"),
        (FORM.model_copy(update={"consent": None}), "paper", "consent"),
        (FORM.model_copy(update={"consent": "1 000000000000"}), "paper", "consent"),
        (FLOOD, "paper", "consent"),
        (FLOOD.model_copy(update={"consent": NOTICE}), None, "consent_way"),
    ],
)
def test_nothing_but_an_emergency_is_keyed_in_without_it(desk, form, way, wrong):
    with pytest.raises(Invalid) as caught:
        keyed(desk, form, way)
    assert fields(caught) == [wrong]
    assert desk.inbox.page(CLERK, "open").total == 0


def test_an_emergency_has_it_got_later(desk, clock):
    """Also one that was written down on paper first, and keyed in with its own time."""
    came = START - dt.timedelta(hours=5)
    receipt = keyed(desk, FLOOD, None, channel="phone", received=came)
    case = desk.requests.case(receipt, CLERK)
    assert (case.consent_to_get, case.consent, case.submitted) == (True, None, came) and "consent" in case.actions
    assert [row.consent_to_get for row in desk.inbox.page(CLERK, "open").rows] == [True]
    board = desk.inbox.page(COORDINATOR, "consent")
    assert [row.receipt for row in board.rows] == [receipt] and board.counts["consent"] == 1
    said = {"consent": NOTICE, "consent_way": "telephone", "text": "rang her back"}
    case = desk.cases.act(receipt, "consent", said, COLLEAGUE, case.version)
    assert (case.consent, case.consent_way, case.consent_to_get) == (NOTICE, "telephone", False)
    last = case.events[-1]
    assert (last.what, last.actor, last.text, last.shown) == ("consented", "chen", "rang her back", False)
    assert desk.inbox.page(COORDINATOR, "consent").rows == () and "consent" not in case.actions
    with pytest.raises(Conflict):
        desk.cases.act(receipt, "consent", said, CLERK)


def test_what_is_closed_still_has_it_got(desk):
    receipt = keyed(desk, FLOOD, None)
    desk.cases.act(receipt, "not_held", {"text": "x"}, CLERK)
    assert "consent" in desk.requests.case(receipt, CLERK).actions
    assert [row.consent_to_get for row in desk.inbox.page(CLERK, "closed").rows] == [True]
    case = desk.cases.act(receipt, "consent", {"consent": NOTICE, "consent_way": "letter"}, CLERK)
    assert case.status == "not_held" and not case.consent_to_get


@ONCE
def test_an_emergency_with_consent_has_nothing_to_get(desk):
    case = desk.requests.case(keyed(desk, FLOOD.model_copy(update={"consent": NOTICE}), "spoken"), CLERK)
    assert not case.consent_to_get and case.consent_way == "spoken"


@ONCE
def test_what_is_got_later_is_checked_as_well(desk):
    receipt = keyed(desk, FLOOD, None)
    for said, wrong in (({"consent_way": "nodded"}, "consent_way"), ({"consent": "9 x"}, "consent")):
        with pytest.raises(Invalid) as caught:
            desk.cases.act(receipt, "consent", {"consent": NOTICE, "consent_way": "paper"} | said, CLERK)
        assert fields(caught) == [wrong]
    assert desk.requests.case(receipt, CLERK).consent_to_get


@ONCE
def test_a_reader_who_asks_is_asked_by_their_own_form(desk):
    receipt = desk.filing.submit(FORM, READER).receipt
    case = desk.requests.case(receipt, CLERK)
    assert (case.consent, case.consent_way, case.consent_to_get) == (NOTICE, None, False)
    with pytest.raises(Conflict):
        desk.cases.act(receipt, "consent", {"consent": NOTICE, "consent_way": "paper"}, CLERK)


def test_a_form_on_paper_may_carry_the_notice_of_before(desk, clock):
    """As long as it may be keyed in at all; afterwards only the one in force counts."""
    desk.rules.bring_into_force(Privacy, NEWER, "house")
    newer = desk.rules.now(Privacy).mark
    assert [one.mark for one in desk.filing.notices()] == [newer, NOTICE]
    assert desk.requests.case(keyed(desk), CLERK).consent == NOTICE
    clock.push(days=367)
    assert [one.mark for one in desk.filing.notices()] == [newer]
    with pytest.raises(Invalid) as caught:
        keyed(desk)
    assert fields(caught) == ["consent"]


@ONCE
def test_the_ways_are_the_houses_to_say(desk):
    """They are no part of the words; a document that names none has those of the package."""
    before, _ = bundled_text(Privacy).split("ways:\n")
    own = f"{before}ways:\n  fax: {{en: By fax, zh-Hans: 传真, zh-Hant: 傳真}}\n"
    assert read(Privacy, before).ways == read(Privacy, bundled_text(Privacy)).ways
    assert read(Privacy, own).mark == read(Privacy, before).mark == NOTICE
    desk.rules.bring_into_force(Privacy, own, "house")
    assert desk.requests.case(keyed(desk, way="fax"), CLERK).consent_way == "fax"
    with pytest.raises(Invalid):
        keyed(desk, way="paper")
