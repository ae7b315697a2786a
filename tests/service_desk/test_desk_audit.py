"""The audit log: what is kept in it, that nothing leaves it, and that a chain once broken is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, ONCE, READER

from mappings.access import ANONYMOUS
from mappings.grants import ANYWHERE, Scope
from service_desk import audit_chain
from service_desk.audit import KINDS
from service_desk.database import Database, make_engine
from service_desk.errors import BadCredentials, Conflict, Invalid, NotAllowed
from service_desk.forms import AnswerForm, FeedbackForm, MessageForm
from service_desk.models import AppendOnly, AuditRow
from service_desk.ports import Upload
from service_desk.roles import bundled
from service_desk.views import RoleView
from tests.forked import Program

ROOT = Path(__file__).resolve().parents[2]
MANAGER = bundled().viewer("ma", [RoleView("manager")])


def told(desk, **narrowed):
    """The log, oldest first, as (actor, what, subject)."""
    return [(row.actor, row.what, row.subject) for row in reversed(desk.audit.rows(size=500, **narrowed).rows)]


@pytest.fixture
def engine(database):
    engine = make_engine(database)
    yield engine
    engine.dispose()


def test_what_people_do_is_kept(desk, filed):
    before = desk.audit.rows().total
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), ANONYMOUS)
    token = desk.sessions.sign_in("li", "li").token
    for name in ("li", "my password"):
        with pytest.raises(BadCredentials):
            desk.sessions.sign_in(name, "wrong")
    desk.requests.take(filed.receipt, CLERK)
    desk.requests.tell(filed.receipt, MessageForm(text="soon"), CLERK)
    desk.requests.note(filed.receipt, MessageForm(text="in the cellar"), CLERK)
    desk.requests.answer(filed.receipt, AnswerForm(text="here"), CLERK, [Upload("a", "x/y", b"1")])
    desk.requests.file(filed.receipt, 1, CLERK)
    desk.requests.file(filed.receipt, 1, ANONYMOUS, secret=filed.secret)
    desk.feedback.mark(1, "done", CLERK)
    desk.links.decide(("a", "1"), ("b", "1"), "same", CLERK)
    desk.sessions.end(token)
    desk.sessions.end(token)
    desk.accounts.add("zhou", "x", "manager", by="root")
    desk.roles.give("zhou", "window_clerk", Scope(holder="East"), "root")
    desk.roles.take_back("zhou", "manager", ANYWHERE, "root")
    desk.accounts.set_password("zhou", "y", by="root")
    desk.sessions.end_all("zhou")
    desk.accounts.disable("zhou", by="root")
    receipt = filed.receipt
    assert told(desk)[before:] == [
        ("li", "session.open", "li"),
        (None, "session.refused", "li"),
        (None, "session.refused", ""),
        ("li", "request.take", receipt),
        ("li", "request.tell", receipt),
        ("li", "request.note", receipt),
        ("li", "request.see", receipt),
        ("li", "request.answer", receipt),
        ("li", "request.file", receipt),
        ("li", "feedback.mark", "1"),
        ("li", "link.decide", "1"),
        ("li", "session.end", "li"),
        ("root", "account.add", "zhou"),
        ("root", "role.give", "zhou"),
        ("root", "role.give", "zhou"),
        ("root", "role.take", "zhou"),
        ("root", "account.password", "zhou"),
        ("zhou", "session.end_all", "zhou"),
        ("root", "account.close", "zhou"),
    ]
    given = desk.audit.rows(what="role.give", subject="zhou").rows[0]
    assert given.detail == {"role": "window_clerk", "holder": "East"}
    verified = desk.audit.verify()
    assert verified.broken is None and verified.rows == desk.audit.rows().total


@ONCE
def test_no_secret_and_no_words_of_a_reader_are_in_it(desk, filed):
    desk.requests.take(filed.receipt, CLERK)
    desk.requests.answer(filed.receipt, AnswerForm(text="the answer"), CLERK)
    kept = json.dumps([[row.actor, row.subject, row.detail] for row in desk.audit.rows(size=500).rows])
    for hidden in (filed.secret, "wang@example.org", "王小明", "第214頁", "the answer"):
        assert hidden not in kept and json.dumps(hidden)[1:-1] not in kept


def test_what_is_not_kept_leaves_no_row_and_takes_no_number(desk, filed):
    desk.requests.take(filed.receipt, CLERK)
    before = desk.audit.rows().total
    with pytest.raises(Conflict):
        desk.requests.take(filed.receipt, CLERK)
    assert desk.audit.rows().total == before
    desk.requests.release(filed.receipt, CLERK)
    assert desk.audit.rows().rows[0].number == before + 1


@ONCE
def test_looking_again_within_an_hour_is_one_look(desk, filed, clock):
    for _ in range(3):
        desk.requests.case(filed.receipt, CLERK)
    clock.push(minutes=59)
    desk.requests.case(filed.receipt, CLERK)
    assert len(told(desk, what="request.see")) == 1
    clock.push(minutes=1)
    desk.requests.case(filed.receipt, CLERK)
    desk.requests.case(filed.receipt, MANAGER)
    assert [actor for actor, _, _ in told(desk, what="request.see")] == ["li", "li", "ma"]


@ONCE
def test_the_log_is_read_by_whoever_may_and_that_is_in_it(desk):
    assert desk.audit.page(MANAGER, actor="root").total == 0
    assert told(desk, what="audit.read") == [("ma", "audit.read", "actor=root")]
    for viewer in (CLERK, READER, ANONYMOUS):
        with pytest.raises(NotAllowed):
            desk.audit.page(viewer)
    with pytest.raises(Invalid, match=r"role\.give"):
        desk.audit.page(MANAGER, what="nonsense")


@ONCE
def test_pages_of_the_log(desk):
    numbers = [row.number for row in desk.audit.rows(size=2, offset=1).rows]
    total = desk.audit.rows().total
    assert numbers == [total - 1, total - 2]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_log(desk, engine, statement):
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert desk.audit.verify().broken is None


def test_a_session_refuses_to_change_the_log(desk, engine):
    with pytest.raises(AppendOnly), Database(engine).write() as session:
        session.get(AuditRow, 1).actor = "x"
    with pytest.raises(AppendOnly), Database(engine).write() as session:
        session.execute(sa.delete(AuditRow))


UNLOCKED = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["DROP TRIGGER audit_append_only ON audit"],
}
TAMPERED = {
    "another actor": ("UPDATE audit SET actor = 'x' WHERE id = 3", 3, "not what was written"),
    "another time": ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE id = 2", 2, "not what was written"),
    "another detail": ('UPDATE audit SET detail = \'{"role":"king"}\' WHERE id = 4', 4, "not what was written"),
    "a row taken out": ("DELETE FROM audit WHERE id = 3", 4, "row 3 is missing"),
    "the first row taken out": ("DELETE FROM audit WHERE id = 1", 2, "row 1 is missing"),
    "another digest": ("UPDATE audit SET digest = 'x' WHERE id = 5", 5, "not what was written"),
    "another digest before": ("UPDATE audit SET previous = 'x' WHERE id = 5", 5, "does not follow"),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_the_first_broken_link_is_found(desk, engine, kind, case):
    statement, number, why = TAMPERED[case]
    with engine.begin() as connection:
        for unlock in UNLOCKED[kind]:
            connection.exec_driver_sql(unlock)
        assert connection.exec_driver_sql(statement).rowcount == 1
    found = desk.audit.verify()
    assert found.broken == number and why in found.why and found.rows < number


@ONCE
def test_a_row_written_anew_breaks_the_next_one(desk, engine, kind):
    """Whoever can compute digests has to write every later row anew, and then misses what was noted elsewhere."""
    noted = desk.audit.verify().head
    with engine.begin() as connection:
        for unlock in UNLOCKED[kind]:
            connection.exec_driver_sql(unlock)
    with sa.orm.Session(engine) as session:
        row = session.get(AuditRow, 3)
        row.actor = "x"
        row.digest = audit_chain.digest(row)
        session.commit()
    assert (desk.audit.verify().broken, desk.audit.verify(noted).broken) == (4, 4)


@ONCE
def test_rows_cut_off_at_the_end_are_missed_by_who_noted_the_digest(desk, engine, kind):
    noted = desk.audit.verify().head
    assert desk.audit.verify(noted).broken is None
    with engine.begin() as connection:
        for unlock in UNLOCKED[kind]:
            connection.exec_driver_sql(unlock)
        connection.exec_driver_sql("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    assert desk.audit.verify().broken is None
    assert "cut off" in desk.audit.verify(noted).why


CHILD = """
import sys
from service_desk.database import Database, make_engine
from service_desk import audit_chain
from service_desk.ports import SystemClock
database, clock = Database(make_engine(sys.argv[1])), SystemClock()
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    with database.write() as session:
        audit_chain.note(session, clock.now(), sys.argv[2], "session.open", str(number))
        audit_chain.note(session, clock.now(), sys.argv[2], "session.end", str(number))
"""


def test_several_processes_write_one_chain(desk, database):
    before = desk.audit.rows().total
    children = [Program(CHILD, database, name) for name in ("one", "two", "three")]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    assert [child.wait() for child in children] == [0, 0, 0]
    for child in children:
        child.stdin.close()
        child.stdout.close()
    found = desk.audit.verify()
    assert (found.broken, found.rows) == (None, before + 150)
    for name in ("one", "two", "three"):
        assert [subject for _, _, subject in told(desk, actor=name)] == [str(n // 2) for n in range(50)]


def test_every_kind_is_documented():
    page = (ROOT / "docs" / "people.md").read_text("utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []
