"""Readers' data is forgotten when its time is over, and nothing else is; what happened stays."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, ONCE, READER
from pydantic import ValidationError

from mappings.access import ANONYMOUS
from service_desk import retention
from service_desk.attachments import Supplied
from service_desk.database import Database, make_engine
from service_desk.errors import BadCredentials, NotFound
from service_desk.forms import AnswerForm, DocumentForm, FeedbackForm, MessageForm, PersonForm, RegisterForm, SearchForm
from service_desk.models import Base, Event, Request
from service_desk.ports import Upload
from service_desk.retention import Forgotten, RetentionPolicy
from service_desk.views import Seen

REQUESTS = RetentionPolicy(requests=365)
PERSONS = RetentionPolicy(persons=365)
FEEDBACK = RetentionPolicy(feedback=365)
PASSWORD = "correct horse"


@pytest.fixture
def engine(database):
    engine = make_engine(database)
    yield engine
    engine.dispose()


def everything(engine):
    """All that is kept, as one text, but the audit log, whose rows hold no such thing."""
    with engine.connect() as connection:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "audit"]
        return "\n".join(repr(row) for table in tables for row in connection.execute(sa.select(table)))


def register(desk, outbox, contact):
    form = RegisterForm(name="陳小姐", contact=contact, password=PASSWORD)
    desk.registration.start(form, "browser")
    desk.notices.deliver()
    told = max(outbox.glob("*.eml")).read_text()
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told)[0]
    return desk.registration.finish(contact, code, "browser").name


def closed(desk, form, viewer, visitor=None):
    filed = desk.filing.submit(form(note="我祖父的檔案"), viewer, visitor)
    desk.requests.write(filed.receipt, MessageForm(text="請快一點，王"), secret=filed.secret)
    desk.requests.note(filed.receipt, MessageForm(text="王先生來電"), CLERK)
    desk.requests.answer(filed.receipt, AnswerForm(text="王先生您好"), CLERK, [Upload("王.txt", "text/plain", b"1")])
    return filed


def test_a_closed_request_forgets_whose_it_was_and_keeps_what_happened(desk, form, clock, engine):
    old = closed(desk, form, ANONYMOUS, "visitor-1")
    waiting = desk.filing.submit(form(name="open"), ANONYMOUS, "visitor-1")
    clock.push(days=200)
    young = closed(desk, form, READER)
    clock.push(days=165)
    assert desk.retention.due(REQUESTS).requests == 1
    assert desk.retention.apply(REQUESTS, "file of root") == Forgotten(requests=1)
    assert desk.retention.apply(REQUESTS, "file of root") == Forgotten()
    case = desk.requests.case(old.receipt, CLERK)
    assert (case.name, case.contact, case.note, case.account) == ("", "", "", None)
    assert [event.what for event in case.events] == ["submitted", "accepted", "message", "note", "answered"]
    assert {event.text for event in case.events} == {""} and case.hit.title == "粵漢鐵路購地卷"
    assert [(event.party, event.actor) for event in case.events] == [
        ("reader", None),
        ("desk", None),
        ("reader", None),
        ("staff", "li"),
        ("staff", "li"),
    ]
    assert case.hit.query is None and [file.name for file in case.files] == ["1"]
    with pytest.raises(NotFound):
        desk.requests.status(old.receipt, secret=old.secret, visitor="visitor-1")
    assert desk.requests.status(young.receipt, READER).events[2].text == "請快一點，王"
    assert desk.requests.case(waiting.receipt, CLERK).name == "open"
    desk.retention.apply(RetentionPolicy(requests=1), "file")
    clock.push(days=2)
    desk.retention.apply(RetentionPolicy(requests=1), "file")
    left = everything(engine)
    for gone in ("我祖父的檔案", "請快一點", "王先生", "王.txt"):
        assert gone not in left, gone
    assert [row.subject for row in desk.audit.rows(what="request.forget").rows] == [young.receipt, old.receipt]
    assert desk.audit.verify().broken is None


def test_an_account_nobody_uses_is_forgotten_with_its_person(desk, form, outbox, clock, engine):
    name = register(desk, outbox, "chen@example.org")
    kept = register(desk, outbox, "keep@example.org")
    waits = register(desk, outbox, "wait@example.org")
    viewer = desk.accounts.viewer(name)
    desk.filing.submit(form(), desk.accounts.viewer(waits))
    person = desk.people.register(PersonForm(name="陳小姐", contact="0912345678"), CLERK)
    desk.people.check(person.code, DocumentForm(kind="passport", number="E1234567"), CLERK)
    desk.people.join(person.code, name, CLERK)
    desk.drafts.save("f", {"who": "陳小姐"}, viewer)
    desk.searches.save(SearchForm(name="陳小姐的", address="q=x"), Seen(1), viewer)
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), viewer)
    clock.push(days=364)
    desk.sessions.sign_in(kept, PASSWORD)
    desk.sessions.sign_in("wang", "wang")
    desk.sessions.sign_in("zhao", "zhao")
    clock.push(days=1)
    policy = RetentionPolicy(accounts=365)
    assert desk.retention.due(policy).accounts == 1
    assert desk.retention.apply(policy, "file") == Forgotten(accounts=1)
    for contact in ("chen@example.org", name):
        with pytest.raises(BadCredentials):
            desk.sessions.sign_in(contact, PASSWORD)
    assert desk.sessions.sign_in(kept, PASSWORD) and desk.sessions.sign_in("wait@example.org", PASSWORD)
    assert desk.people.find("", CLERK) == []
    left = everything(engine)
    for gone in ("chen@example.org", "0912345678", "陳小姐的", "'who'"):
        assert gone not in left, gone
    assert name in left, "events and requests refer to it"
    told = [(row.what, row.subject) for row in desk.audit.rows(actor="retention").rows]
    assert told == [("account.forget", name), ("person.forget", person.code)]
    again = register(desk, outbox, "chen@example.org")
    assert again != name, "the same contact may begin anew"


def test_accounts_of_staff_are_kept(desk, clock):
    clock.push(days=5_000)
    desk.retention.apply(RetentionPolicy(accounts=1), "file")
    assert [account.name for account in desk.accounts.all() if not account.disabled] == ["chen", "li"]


def test_persons_not_seen_any_more_are_forgotten(desk, clock):
    old, seen = (desk.people.register(PersonForm(name=name), CLERK) for name in ("old", "seen"))
    clock.push(days=300)
    desk.people.check(seen.code, DocumentForm(kind="passport", number="E1234567"), CLERK)
    clock.push(days=65)
    assert desk.retention.apply(PERSONS, "file").persons == 1
    assert [person.code for person in desk.people.find("", CLERK)] == [seen.code]
    with pytest.raises(NotFound):
        desk.people.one(old.code, CLERK)


def test_feedback_forgets_whose_it_was(desk, clock):
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong", note="typo"), READER)
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), ANONYMOUS, "visitor-1")
    clock.push(days=365)
    assert desk.retention.apply(FEEDBACK, "file").feedback == 2
    rows = desk.feedback.page(CLERK).rows
    assert {row.account for row in rows} == {None} and rows[1].note == "typo"
    assert desk.retention.apply(FEEDBACK, "file").feedback == 0


@ONCE
def test_many_are_forgotten_in_batches(desk, form, clock, monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 2)
    for _ in range(5):
        desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), READER)
    clock.push(days=365)
    assert desk.retention.due(FEEDBACK).feedback == 5
    assert desk.retention.apply(FEEDBACK, "file").feedback == 5


def test_without_a_time_everything_is_kept_and_each_policy_is_in_the_log(desk, form, clock):
    closed(desk, form, ANONYMOUS)
    clock.push(days=10_000)
    assert desk.retention.apply(RetentionPolicy(), "file of root") == Forgotten()
    desk.retention.apply(RetentionPolicy(), "file of root")
    desk.retention.apply(RetentionPolicy(persons=1), "file of li")
    changes = desk.audit.rows(what="policy.change", subject="retention").rows
    assert [change.actor for change in changes] == ["file of li", "file of root"]
    assert changes[0].detail["before"] == changes[1].detail["digest"]


CHANGES = {
    "another text": "UPDATE event SET text = 'x'",
    "its text, while its request says whose it is": "UPDATE event SET text = '', payload = '{}'",
    "its actor": "UPDATE event SET actor = NULL, text = '', payload = '{}' WHERE party = 'staff'",
    "what it was": "UPDATE event SET text = '', payload = '{}', what = 'note'",
    "delete": "DELETE FROM event",
}


@pytest.mark.parametrize("case", CHANGES)
@pytest.mark.parametrize("forgotten", [False, True])
def test_events_change_in_no_other_way(desk, form, clock, engine, case, forgotten):
    filed = closed(desk, form, ANONYMOUS)
    if forgotten:
        clock.push(days=365)
        desk.retention.apply(REQUESTS, "file")
    if forgotten and case.startswith("its text"):
        return  # that is what forgetting is
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(CHANGES[case])
    with Database(engine).read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Event).join(Request)) == 5
    assert desk.requests.case(filed.receipt, CLERK).status == "delivered"


@pytest.mark.parametrize("content", [{"requests": 0}, {"requests": -1}, {"requests": "soon"}, {"letters": 3}])
def test_a_policy_that_cannot_be(content):
    with pytest.raises(ValidationError):
        RetentionPolicy.model_validate(content)


def test_papers_that_were_handed_in_are_gone_with_the_request(desk, form, clock, tmp_path):
    """The same paper lies with another reader's request, and stays there."""
    paper = Supplied(Upload("id.pdf", "application/pdf", b"%PDF-1.7 mine"))
    shared = Supplied(Upload("form.pdf", "application/pdf", b"%PDF-1.7 everybody's"))
    old = desk.filing.submit(form(), ANONYMOUS, "visitor-1", [paper, shared])
    desk.requests.answer(old.receipt, AnswerForm(text="x"), CLERK)
    clock.push(days=200)
    young = desk.filing.submit(form(), READER, None, [shared])
    clock.push(days=165)
    desk.retention.apply(REQUESTS, "file of root")
    assert desk.requests.case(old.receipt, CLERK).attachments == ()
    kept = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [shared.upload.data]
    assert desk.cases.attachment(young.receipt, 1, CLERK)[1] == shared.upload.data
