"""Who may do what: every operation tried by everyone, against one table."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, LEAST, ONCE, OTHER_READER, READER

from mappings.access import ANONYMOUS, Viewer
from service_desk import policy
from service_desk.attachments import Supplied
from service_desk.casework import FORMS
from service_desk.copies import Looked
from service_desk.errors import NotAllowed, NotFound
from service_desk.forms import AnswerForm, FeedbackForm, KeyedForm, MessageForm, OpenRequestForm, RefusalForm
from service_desk.machine import ACTIONS
from service_desk.made.copies import KeepForm, TakeBackForm
from service_desk.opening import Decision
from service_desk.ports import Upload

TEXT = MessageForm(text="x")

# who: viewer, shows the secret, visitor cookie
PEOPLE = {
    "anonymous": (ANONYMOUS, False, None),
    "anonymous with the secret": (ANONYMOUS, True, None),
    "the browser it was filed from": (ANONYMOUS, False, "visitor-1"),
    "another browser": (ANONYMOUS, False, "visitor-2"),
    "its reader": (READER, False, None),
    "another reader": (OTHER_READER, False, None),
    "another reader with the secret": (OTHER_READER, True, None),
    "staff": (CLERK, False, None),
    "a role without a name": (Viewer(None, frozenset({"staff"})), False, None),
}
SCAN = Upload("1.png", "image/png", b"\x89PNG")
PAPER = Supplied(Upload("id.pdf", "application/pdf", b"%PDF-1.7"))
OF_READER = {
    # operation: call with (desk, receipt, viewer, proof)
    "status": lambda desk, receipt, viewer, proof: desk.requests.status(receipt, viewer, **proof),
    "write": lambda desk, receipt, viewer, proof: desk.requests.write(receipt, TEXT, viewer, **proof),
    "withdraw": lambda desk, receipt, viewer, proof: desk.requests.withdraw(receipt, viewer, **proof),
    "file": lambda desk, receipt, viewer, proof: desk.requests.file(receipt, 1, viewer, **proof),
    "supply": lambda desk, receipt, viewer, proof: desk.requests.supply(receipt, [PAPER], "", viewer, **proof),
    "agree": lambda desk, receipt, viewer, proof: desk.requests.agree(receipt, viewer, **proof),
    "reopen": lambda desk, receipt, viewer, proof: desk.requests.reopen(receipt, TEXT, viewer, **proof),
}
OF_STAFF = {
    "inbox": lambda desk, receipt, viewer: desk.inbox.page(viewer),
    "case": lambda desk, receipt, viewer: desk.requests.case(receipt, viewer),
    "take": lambda desk, receipt, viewer: desk.requests.take(receipt, viewer),
    "release": lambda desk, receipt, viewer: (
        desk.requests.take(receipt, CLERK),
        desk.requests.release(receipt, viewer),
    ),
    "answer": lambda desk, receipt, viewer: desk.requests.answer(receipt, AnswerForm(text="x"), viewer),
    "refuse": lambda desk, receipt, viewer: desk.requests.refuse(
        receipt, RefusalForm(reason="x", alternative="y"), viewer
    ),
    "tell": lambda desk, receipt, viewer: desk.requests.tell(receipt, TEXT, viewer),
    "note": lambda desk, receipt, viewer: desk.requests.note(receipt, TEXT, viewer),
    "list feedback": lambda desk, receipt, viewer: desk.feedback.page(viewer),
    "mark feedback": lambda desk, receipt, viewer: desk.feedback.mark(1, "seen", viewer),
    "decide link": lambda desk, receipt, viewer: desk.links.decide(("a", "1"), ("b", "1"), "same", viewer),
    "list link decisions": lambda desk, receipt, viewer: desk.links.decided(viewer),
    "review opening": lambda desk, receipt, viewer: desk.openings.review([("a", "1")], Decision("open"), viewer),
    "apply opening": lambda desk, receipt, viewer: desk.openings.may_apply(viewer),
    **{
        action: lambda desk, receipt, viewer, action=action: desk.cases.act(receipt, action, LEAST[action], viewer)
        for action in FORMS
        if action not in ("agree", "reopen", "consent")
    },
    "consent": lambda desk, receipt, viewer: desk.cases.act(urgent(desk), "consent", LEAST["consent"], viewer),
    "attachment": lambda desk, receipt, viewer: desk.cases.attachment(receipt, 1, viewer),
    "keep copy": lambda desk, receipt, viewer: desk.made.keep(receipt, KeepForm(), viewer),
    "take back copy": lambda desk, receipt, viewer: desk.made.take_back(
        receipt, TakeBackForm(kept=desk.made.of_case(receipt, CLERK)[0].copy, why="x"), viewer
    ),
    "review copy": lambda desk, receipt, viewer: desk.copies.review(Looked(("a", "1"), "v", ()), viewer),
}


def urgent(desk):
    """The receipt code of a request that was keyed in before anybody could ask for consent."""
    form = OpenRequestForm(type="emergency", name="n", contact="c", note="flood")
    return desk.filing.key_in(form, KeyedForm(), CLERK).receipt


def by_clerk(action):
    return lambda desk, receipt: desk.cases.act(receipt, action, LEAST[action], CLERK)


ANSWERED = [lambda desk, receipt: desk.requests.answer(receipt, AnswerForm(), CLERK, [Upload("a", "x/y", b"1")])]
REOPENED = [*ANSWERED, by_clerk("reopen")]
SCANNED = [lambda desk, receipt: desk.requests.answer(receipt, AnswerForm(), CLERK, [SCAN])]
BEFORE = {
    # what has to have happened before an operation means anything
    "file": ANSWERED,
    "reopen": ANSWERED,
    "accept": REOPENED,
    "agree": [by_clerk("quote")],
    "pay": [by_clerk("quote"), by_clerk("agree")],
    "resume": [by_clerk("ask_materials")],
    "hand_out": [by_clerk("make_ready")],
    "keep copy": SCANNED,
    "take back copy": [*SCANNED, lambda desk, receipt: desk.made.keep(receipt, KeepForm(), CLERK)],
}
OWNERS_OF_VISITORS_REQUEST = {
    "anonymous with the secret",
    "another reader with the secret",
    "the browser it was filed from",
}
OWNERS_OF_READERS_REQUEST = {"anonymous with the secret", "another reader with the secret", "its reader"}


def test_the_tables_above_are_whole():
    of_nobody = {action.name for action in ACTIONS.values() if action.by == {"desk"}}
    done = OF_READER.keys() | OF_STAFF.keys() | of_nobody | {"submit", "feedback", "relay", "come_back"}
    assert done == policy.OPERATIONS.keys()
    assert ACTIONS.keys() <= policy.OPERATIONS.keys()


@pytest.fixture
def receipts(desk, form):
    """The same request filed from a browser, and by a signed-in reader; each answered once there is a file to fetch."""
    return {
        "visitor": desk.filing.submit(form(), ANONYMOUS, "visitor-1", [PAPER]),
        "reader": desk.filing.submit(form(), READER, "visitor-1"),
    }


@ONCE
@pytest.mark.parametrize("filed_by", ["visitor", "reader"])
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("operation", OF_READER)
def test_readers_side(desk, receipts, operation, who, filed_by):
    viewer, shows_secret, visitor = PEOPLE[who]
    filed = receipts[filed_by]
    for step in BEFORE.get(operation, ()):
        step(desk, filed.receipt)
    proof = {"secret": filed.secret if shows_secret else None, "visitor": visitor}
    owners = OWNERS_OF_VISITORS_REQUEST if filed_by == "visitor" else OWNERS_OF_READERS_REQUEST
    if who in owners or (operation == "file" and who == "staff"):
        OF_READER[operation](desk, filed.receipt, viewer, proof)
        return
    with pytest.raises(NotFound) as caught:
        OF_READER[operation](desk, filed.receipt, viewer, proof)
    with pytest.raises(NotFound) as absent:
        OF_READER[operation](desk, "2222-2222", viewer, proof)
    assert str(caught.value) == str(absent.value)


@ONCE
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("operation", OF_STAFF)
def test_staffs_side(desk, receipts, operation, who):
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), ANONYMOUS)
    viewer = PEOPLE[who][0]
    receipt = receipts["visitor"].receipt
    for step in BEFORE.get(operation, ()):
        step(desk, receipt)
    if who == "staff":
        OF_STAFF[operation](desk, receipt, viewer)
        return
    with pytest.raises(NotAllowed):
        OF_STAFF[operation](desk, receipt, viewer)


@pytest.mark.parametrize("operation", ["case", "take", "answer", "refuse", "tell", "note"])
def test_who_is_not_staff_learns_nothing_about_which_receipts_exist(desk, operation):
    with pytest.raises(NotAllowed):
        OF_STAFF[operation](desk, "2222-2222", READER)
    with pytest.raises(NotFound):
        OF_STAFF[operation](desk, "2222-2222", CLERK)


@pytest.mark.parametrize("given", ["", None, "wrong", "A" * 10_000, "\ud800", "2" * 28, "密"])
def test_a_wrong_secret(desk, receipts, given):
    with pytest.raises(NotFound):
        desk.requests.status(receipts["visitor"].receipt, secret=given)


@pytest.mark.parametrize("receipt", ["", "x", "\ud800", "A" * 10_000, "' OR 1=1 --", "%"])
def test_odd_receipts(desk, receipts, receipt):
    with pytest.raises(NotFound):
        desk.requests.status(receipt, secret=receipts["visitor"].secret)


def test_the_secret_of_one_request_does_not_open_another(desk, receipts):
    with pytest.raises(NotFound):
        desk.requests.status(receipts["visitor"].receipt, secret=receipts["reader"].secret)
