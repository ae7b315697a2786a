"""Lent until a day, put off, reminded of, brought back; in repair from stage to stage; and what hits are told of it."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from desk_parts import CLERK, COLLEAGUE, OTHER_READER, READER
from stack_parts import BRIDGE, LETTER, RAIL, STRAY, for_loan, order, shelved

from mappings.access import ANONYMOUS
from service_desk.calendar_rules import CalendarRules
from service_desk.errors import DeskError, NotAllowed, NotFound
from service_desk.forms import AnswerForm
from service_desk.rules import RulesMistaken, bundled_text
from service_desk.stacks.busy import Busy
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.finding import Thing
from service_desk.stacks.kinds import LoanRules, RepairRules

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def stacks(desk):
    return shelved(desk).stacks


@pytest.fixture
def lent(desk, form, stacks):
    """A loan of a reader who is signed in."""
    receipt = desk.filing.submit(form(), READER).receipt
    return stacks.loans.lend(for_loan(desk, receipt), RAIL, "office", CLERK)


def things(*hits):
    return [Thing(hit.id, hit.reference_code) for hit in hits]


def test_a_loan_has_a_voucher_a_due_day_and_takes_its_box(stacks, lent):
    assert (lent.voucher, lent.due, lent.barcode) == ("J2026-00001", TODAY + dt.timedelta(30), "B1")
    assert stacks.register.one("B1", CLERK).state == "lent"
    entry = stacks.log.page(CLERK).rows[0]
    assert (entry.way, entry.barcode, entry.receipts, entry.note) == ("lent", "B1", (lent.receipt,), "J2026-00001")
    with pytest.raises(Refused, match="lent already"):
        stacks.loans.lend(lent.receipt, BRIDGE, "office", CLERK)


def test_brought_back_by_voucher_or_barcode(desk, stacks, lent, form, clock):
    assert stacks.loans.bring_back("B1", CLERK).returned == clock.now()
    assert stacks.register.one("B1", CLERK).state == "in"
    with pytest.raises(Refused, match="come back"):
        stacks.loans.bring_back(lent.voucher, CLERK)
    with pytest.raises(NotFound):
        stacks.loans.bring_back("J1999-00001", CLERK)
    again = stacks.loans.lend(lent.receipt, RAIL, "exhibition", CLERK)
    assert stacks.loans.bring_back(again.voucher, CLERK).voucher == again.voucher != lent.voucher
    stray = stacks.loans.lend(lent.receipt, STRAY, "office", CLERK)
    assert stray.barcode is None and stacks.loans.bring_back(stray.voucher, CLERK).returned


def test_what_was_fetched_for_it_leaves_and_others_wait(desk, stacks, form, clock):
    mine, other = (desk.filing.submit(form(), READER).receipt for _ in range(2))
    order(desk, mine, RAIL)
    order(desk, other, BRIDGE)
    stacks.picking.scan("B1", CLERK)
    stacks.loans.lend(for_loan(desk, mine), RAIL, "office", CLERK)
    [line] = stacks.picking.pick_list(CLERK).to_fetch
    assert (line.state, {one.receipt for one in line.orders}) == ("lent", {other})
    clock.push(minutes=1)
    with pytest.raises(Refused):
        stacks.picking.scan("B1", CLERK)
    assert not stacks.loans.of_request(mine, CLERK)[0].may_renew, "somebody waits"
    with pytest.raises(Refused, match="waits"):
        stacks.loans.renew(stacks.loans.of_request(mine, CLERK)[0].voucher, CLERK)


def test_renewed_as_often_as_the_rules_allow(stacks, lent):
    assert lent.renewable_to == lent.due + dt.timedelta(15)
    first = stacks.loans.renew(lent.voucher, READER)
    assert (first.due, first.renewals, first.barcode) == (lent.due + dt.timedelta(15), 1, None), "no shelf for readers"
    stacks.loans.renew(lent.voucher, CLERK)
    with pytest.raises(Refused, match="as often"):
        stacks.loans.renew(lent.voucher, READER)


def test_not_when_it_is_overdue(stacks, lent, clock):
    clock.push(days=31)
    with pytest.raises(Refused, match="overdue"):
        stacks.loans.renew(lent.voucher, READER)
    page = stacks.loans.page(CLERK, overdue=True)
    assert (page.total, page.overdue, page.rows[0].is_overdue) == (1, 1, True)
    assert [one.voucher for one in stacks.loans.page(CLERK, find=lent.receipt).rows] == [lent.voucher]
    assert stacks.loans.page(CLERK, find="J1").rows == ()


@pytest.mark.parametrize("viewer", [OTHER_READER, ANONYMOUS], ids=["another", "nobody"])
def test_others_do_not_know_of_a_loan(stacks, lent, viewer):
    for call in (
        lambda: stacks.loans.renew(lent.voucher, viewer),
        lambda: stacks.loans.renew(lent.voucher, viewer, secret="x", visitor="x"),
        lambda: stacks.loans.of_request(lent.receipt, viewer),
    ):
        with pytest.raises(NotFound):
            call()
    assert stacks.loans.mine(viewer) == ()
    for act in (lambda: stacks.loans.page(viewer), lambda: stacks.loans.bring_back("B1", viewer)):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed):
        stacks.loans.lend(lent.receipt, RAIL, "office", viewer)


def test_whoever_has_the_secret_may_renew(desk, stacks, filed):
    loan = stacks.loans.lend(for_loan(desk, filed.receipt), RAIL, "office", CLERK)
    assert stacks.loans.of_request(filed.receipt, ANONYMOUS, secret=filed.secret)[0].voucher == loan.voucher
    assert stacks.loans.renew(loan.voucher, ANONYMOUS, secret=filed.secret).renewals == 1
    assert [one.voucher for one in stacks.loans.mine(ANONYMOUS, "visitor-1")] == [loan.voucher]


def test_reminders_leave_on_the_days_of_the_rules(desk, stacks, lent, clock, outbox):
    told = []
    for day in range(1, 62):
        clock.push(days=1)
        if stacks.loans.send_reminders():
            told.append(day - 30)
    assert told == [-3, 1, 7, 14, 28]
    desk.notices.deliver()
    letters = sorted(file.read_text() for file in outbox.iterdir())
    assert sum(lent.voucher in letter for letter in letters) == 5
    clock.push(days=100)
    assert stacks.loans.send_reminders() == 0


def test_of_missed_reminders_one_leaves(stacks, lent, clock):
    clock.push(days=30 + 10)
    assert [stacks.loans.send_reminders() for _ in range(2)] == [1, 0]


def test_rules_that_an_administrator_wrote(desk, stacks, filed):
    text = bundled_text(LoanRules).replace("days: 30", "days: 2").replace("voucher: J", "voucher: 借")
    desk.rules.bring_into_force(LoanRules, text, "test")
    loan = stacks.loans.lend(for_loan(desk, filed.receipt), RAIL, "office", CLERK)
    assert (loan.voucher, loan.due) == ("借2026-00001", TODAY + dt.timedelta(2))
    with pytest.raises(Wrong):
        stacks.loans.lend(filed.receipt, LETTER, "nobody", CLERK)


@pytest.mark.parametrize("spoilt", [
    ("days: 30", "days: 0"), ("voucher: J", "voucher: ''"),
])  # fmt: skip
def test_mistakes_in_the_rules_are_told(desk, spoilt):
    with pytest.raises(Exception, match=r"line|at least"):
        desk.rules.check(LoanRules, bundled_text(LoanRules).replace(*spoilt))


OLD = """voucher: J
borrowers:
  office: {title: {en: Office, zh-Hans: 部门, zh-Hant: 部門}, days: 2}
"""
OLD_TEXTS = """reminders:
  before: [1]
  soon: {subject: {en: a, zh-Hans: a, zh-Hant: a}, body: {en: "{title}", zh-Hans: a, zh-Hant: a}}
  late: {subject: {en: a, zh-Hans: a, zh-Hant: a}, body: {en: "{title}", zh-Hans: a, zh-Hant: a}}
"""


@pytest.mark.parametrize("text", [OLD, OLD + OLD_TEXTS], ids=["bare", "with texts"])
def test_rules_that_were_written_before_go_on_working(desk, stacks, filed, text):
    desk.rules.bring_into_force(LoanRules, text, "test")
    loan = stacks.loans.lend(for_loan(desk, filed.receipt), RAIL, "office", CLERK)
    assert loan.due == TODAY + dt.timedelta(2)


def test_a_type_that_there_is_not_is_told(desk):
    text = bundled_text(LoanRules).replace("types: [borrow, emergency]", "types: [borow]")
    with pytest.raises(RulesMistaken, match="no type 'borow'"):
        desk.rules.check(LoanRules, text)


def test_nothing_is_lent_on_a_request_that_is_not_for_it(desk, stacks, form):
    copy = desk.filing.submit(form(), READER).receipt
    with pytest.raises(Refused) as caught:
        stacks.loans.lend(copy, RAIL, "office", CLERK)
    assert (caught.value.code, caught.value.values) == ("no_loan", {"type": "copy"})
    waits = desk.filing.submit(form(type="borrow"), READER).receipt
    over = for_loan(desk, copy)
    desk.requests.answer(over, AnswerForm(text="x"), CLERK)
    for receipt, status in ((waits, "needs_materials"), (over, "delivered")):
        with pytest.raises(Refused) as caught:
            stacks.loans.lend(receipt, RAIL, "office", CLERK)
        assert (caught.value.code, caught.value.values) == ("not_now", {"status": status})
    assert stacks.loans.page(CLERK).total == 0


def test_nothing_is_due_on_a_day_on_which_the_house_is_closed(desk, stacks, filed):
    text = bundled_text(LoanRules).replace("days: 30", "days: 5").replace("renewal_days: 15", "renewal_days: 5")
    desk.rules.bring_into_force(LoanRules, text, "test")
    loan = stacks.loans.lend(for_loan(desk, filed.receipt), RAIL, "office", CLERK)
    saturday, monday = dt.date(2026, 3, 7), dt.date(2026, 3, 9)
    assert (loan.due, loan.counted_to, loan.renewable_to) == (monday, saturday, dt.date(2026, 3, 16))
    renewed = stacks.loans.renew(loan.voucher, CLERK)
    assert (renewed.due, renewed.counted_to) == (dt.date(2026, 3, 16), dt.date(2026, 3, 14))
    closed = "exceptions:\n  - {day: 2026-03-16, name: Stock-taking, working: false}\n"
    calendar = re.sub(r"(?m)^exceptions:.*$", closed, bundled_text(CalendarRules))
    desk.rules.bring_into_force(CalendarRules, calendar, "test")
    [moved] = stacks.loans.page(CLERK).rows
    assert (moved.due, moved.counted_to) == (dt.date(2026, 3, 17), dt.date(2026, 3, 14))


def test_a_record_in_repair_goes_through_its_stages(desk, stacks, clock):
    begun = stacks.repairs.begin("repair", CLERK, hit=RAIL, text="spine broken")
    assert (begun.stage, begun.expected) == ("assessed", TODAY + dt.timedelta(30))
    assert stacks.register.one("B1", CLERK).state == "in", "its box stays"
    moved = stacks.repairs.move(begun.number, "mended", CLERK, expected=TODAY + dt.timedelta(9), text="托裱")
    assert [step.stage for step in moved.steps] == ["mended", "assessed"]
    assert stacks.busy(["r-rail", "r-bridge"]) == {
        "r-rail": Busy("in_repair", TODAY + dt.timedelta(9), desk.rules.now(RepairRules).stage("repair", "mended"))
    }
    with pytest.raises(Refused, match="already"):
        stacks.repairs.begin("repair", CLERK, hit=RAIL)
    clock.push(days=10)
    [late] = stacks.repairs.page(CLERK).rows
    assert late.is_late
    stacks.repairs.end(begun.number, CLERK)
    for act in (
        lambda: stacks.repairs.end(begun.number, CLERK),
        lambda: stacks.repairs.move(begun.number, "mended", CLERK),
    ):
        with pytest.raises(Refused, match="ended"):
            act()
    assert stacks.busy(["r-rail"]) == {}
    assert (stacks.repairs.page(CLERK).total, stacks.repairs.page(CLERK, ended=True).total) == (0, 1)


def test_a_box_in_repair_is_not_in_its_place(desk, stacks, filed):
    order(desk, filed.receipt, RAIL)
    begun = stacks.repairs.begin("repair", CLERK, barcode="B1")
    assert stacks.register.one("B1", CLERK).state == "repair"
    assert set(stacks.busy(things(RAIL, BRIDGE, LETTER))) == {"r-rail", "r-bridge"}
    with pytest.raises(Refused):
        stacks.picking.scan("B1", CLERK)
    stacks.repairs.end(begun.number, CLERK)
    assert stacks.picking.scan("B1", CLERK, "picked").way == "picked"


@pytest.mark.parametrize("given", [
    {}, {"hit": RAIL, "barcode": "B1"}, {"hit": RAIL, "expected": TODAY - dt.timedelta(1)},
    {"hit": RAIL, "expected": dt.date(2100, 1, 1)},
])  # fmt: skip
def test_what_cannot_be_begun(stacks, given):
    with pytest.raises(Wrong):
        stacks.repairs.begin("repair", CLERK, **given)


def test_more_that_cannot_be_done(stacks):
    begun = stacks.repairs.begin("copying", CLERK, hit=RAIL)
    for call, error in (
        (lambda: stacks.repairs.begin("polish", CLERK, hit=RAIL), Wrong),
        (lambda: stacks.repairs.begin("repair", CLERK, barcode="K2"), Refused),
        (lambda: stacks.repairs.begin("repair", CLERK, barcode="no"), NotFound),
        (lambda: stacks.repairs.begin("repair", READER, barcode="B1"), NotAllowed),
        (lambda: stacks.repairs.move(begun.number, "pressed", CLERK), Wrong),
        (lambda: stacks.repairs.move(99, "started", CLERK), NotFound),
        (lambda: stacks.repairs.end(begun.number, READER), NotAllowed),
        (lambda: stacks.repairs.page(READER), NotAllowed),
    ):
        with pytest.raises(error):
            call()


def test_a_stage_that_the_rules_lost_stays_on_what_is_in_it(desk, stacks):
    begun = stacks.repairs.begin("repair", CLERK, hit=RAIL)
    text = bundled_text(RepairRules).replace("name: assessed", "name: seen")
    desk.rules.bring_into_force(RepairRules, text, "test")
    assert stacks.repairs.move(begun.number, "assessed", CLERK, text="still").stage_title is None
    assert stacks.busy(["r-rail"])["r-rail"].stage is None


def test_what_hits_are_told(desk, stacks, lent, filed, clock):
    copied = stacks.repairs.begin("copying", CLERK, barcode="B3")
    order(desk, filed.receipt, LETTER)
    for _ in range(2):
        stacks.picking.scan("B2", CLERK)
        clock.push(minutes=1)
    told = stacks.busy([*things(RAIL, BRIDGE, LETTER, STRAY), "r-odd", "r-unknown"])
    assert told == {
        "r-rail": Busy("on_loan", lent.due),
        "r-bridge": Busy("on_loan", lent.due),
        "r-letter": Busy("out"),
        "r-odd": Busy("being_copied", copied.expected, None),
    }
    assert stacks.busy([]) == {}
    assert set(Busy.__struct_fields__) == {"kind", "until", "stage"}, "no person, no place"


def test_of_two_who_lend_one_wins(desk, stacks, form):
    receipts = [for_loan(desk, desk.filing.submit(form(), READER).receipt) for _ in range(3)]
    begin = Barrier(3)

    def lend(receipt):
        begin.wait()
        try:
            return stacks.loans.lend(receipt, RAIL, "office", COLLEAGUE).receipt
        except DeskError as error:
            return type(error)

    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(lend, receipts))
    assert told.count(Refused) == 2
    assert stacks.loans.page(CLERK).total == 1


def test_an_order_and_a_loan_at_once_do_not_stand_in_each_others_way(desk, stacks, form):
    receipts = [desk.filing.submit(form(), READER).receipt for _ in range(4)]
    order(desk, receipts[0], RAIL)
    begin = Barrier(4)

    def act(number):
        begin.wait()
        try:
            if number == 0:
                return stacks.loans.lend(for_loan(desk, receipts[1]), RAIL, "office", CLERK) and "lent"
            if number == 1:
                return stacks.repairs.begin("repair", CLERK, barcode="B1") and "repair"
            return stacks.picking.scan("B1", CLERK, "picked").way
        except DeskError as error:
            return type(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(act, range(4)))
    state = stacks.register.one("B1", CLERK).state
    assert state in told and set(told) <= {"lent", "repair", "picked", Refused}
