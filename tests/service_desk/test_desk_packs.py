"""Packs of jurisdictions: what comes for a place can be followed, and keeps the law of that place."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, ONCE

from mappings.access import ANONYMOUS
from service_desk.calendar_rules import CalendarRules
from service_desk.errors import NotFound
from service_desk.forms import RequestForm
from service_desk.legs.rules import Partners
from service_desk.request_types import Types
from service_desk.rule_documents import DOCUMENTS
from service_desk.rules import PACKS, RulesMistaken, bundled_text, pack_text, packs, read
from service_desk.sending.rules import NoticeRules

ALL = [(kind, pack) for kind in DOCUMENTS for pack in packs(kind)]


@ONCE
def test_every_pack_is_used_and_can_be_followed(desk):
    assert {pack for _, pack in ALL} == PACKS.keys()
    for kind, pack in ALL:
        desk.rules.check(kind, pack_text(kind, pack))
    with pytest.raises(NotFound, match="tw"):
        pack_text(Types, "atlantis")


@pytest.mark.parametrize(("pack", "language"), [("uk", "en"), ("us", "en"), ("eu", "en"), ("tw", "zh-Hant")])
def test_staff_are_told_in_the_language_of_the_place_and_texts_stay(pack, language):
    delivered = read(NoticeRules, bundled_text(NoticeRules))
    changed = read(NoticeRules, pack_text(NoticeRules, pack))
    assert changed == delivered.model_copy(update={"staff_language": language})


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


@pytest.fixture
def house(desk):
    """A desk with the rules of a place."""

    def of(pack):
        for kind in (CalendarRules, Types):
            desk.rules.bring_into_force(kind, pack_text(kind, pack), "test")
        return desk

    return of


@ONCE
@pytest.mark.parametrize(
    ("pack", "type_", "due", "basis"),
    [
        ("uk", "information", "2026-03-30", "Freedom of Information Act 2000 s. 10(1)"),
        ("uk", "personal_data", "2026-04-02", "UK GDPR art. 12(3)"),
        ("us", "information", "2026-03-27", "5 U.S.C. 552(a)(6)(A)(i)"),
        ("eu", "information", "2026-03-23", "Regulation (EC) 1049/2001 art. 7(1)"),
        ("eu", "personal_data", "2026-04-02", "GDPR art. 12(3)"),
        ("cn", "information", "2026-03-30", "《政府信息公开条例》第三十三条"),
        ("tw", "query", "2026-04-01", "檔案法 第 19 條"),
    ],
)
def test_a_deadline_follows_its_provision_and_names_it(house, pack, type_, due, basis):
    """The request comes in on Monday, 2 March 2026, 09:00 in Shanghai: on Sunday evening in Washington."""
    promise = filed(house(pack), type_).promise
    assert (str(promise.due), promise.basis) == (due, basis)


@ONCE
@pytest.mark.parametrize(
    ("pack", "type_", "days", "due"),
    [
        ("us", "information", 10, "2026-04-10"),
        ("eu", "personal_data", 2, "2026-06-02"),
        ("eu", "information", 15, "2026-04-14"),
        ("uk", "personal_data", 2, "2026-06-02"),
        ("cn", "information", 20, "2026-04-28"),
    ],
)
def test_an_extension_names_its_provision_too(house, pack, type_, days, due):
    desk = house(pack)
    case = filed(desk, type_)
    before = case.promise.basis
    promise = desk.cases.act(case.receipt, "extend", {"days": days, "text": "many files"}, CLERK).promise
    assert str(promise.due) == due
    assert promise.basis.startswith(before) and promise.basis != before


@ONCE
def test_the_relay_rule_is_put_into_the_partners_of_the_house(desk):
    own = bundled_text(Partners).replace(
        "partners: {}",
        "partners:\n  harbour: {title: {en: H, zh-Hans: H, zh-Hant: H}, email: {address: h@example.org}}",
    )
    slow = own + "defaults: {limit: {working_days: 9}}\n"
    assert desk.rules.check(Partners, slow).partners["harbour"].limit.working_days == 9
    made = desk.rules.check(Partners, pack_text(Partners, "relay", slow))
    assert made.partners["harbour"].limit.working_days == 4
    assert made.partners["harbour"].hand_on.working_days == 2
    text = pack_text(Partners, "relay", own)
    assert "h@example.org" in text and text.startswith(own.splitlines()[0])


def test_what_a_partner_says_itself_holds_against_the_defaults():
    words = bundled_text(Partners).split("\nwords:")[1]
    text = (
        "partners:\n  a:\n    title: {en: H, zh-Hans: H, zh-Hant: H}\n"
        "    limit: {working_days: 1}\n    email: {address: h@example.org}\n"
        f"defaults: {{limit: {{working_days: 9}}, hand_on: {{working_days: 8}}}}\nwords:{words}"
    )
    partner = read(Partners, text).partners["a"]
    assert (partner.limit.working_days, partner.hand_on.working_days) == (1, 8)
    with pytest.raises(RulesMistaken, match="defaults"):
        read(Partners, text.replace("hand_on: {working_days: 8}", "hand_off: 1"))
