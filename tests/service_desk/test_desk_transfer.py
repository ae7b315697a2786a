"""The desk's content from one database to the other: every row, the same digests, and numbers that go on."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys

import pytest
import sqlalchemy as sa
from desk_parts import CHEAP, CLERK, ONCE, READER, FakeHoldings, StandingClock
from stack_parts import LETTER, RAIL, STRAY, for_loan, shelved

from mappings.access import ANONYMOUS
from mappings.deidentification import Mark
from service_desk import database as databases
from service_desk import transfer
from service_desk.copies import Looked
from service_desk.database import downgrade, make_engine, upgrade
from service_desk.desk import Desk
from service_desk.errors import Occupied, Unavailable
from service_desk.forms import AnswerForm, FeedbackForm, MessageForm, PersonForm, SearchForm
from service_desk.models import Base, Contact, ExternalIdentity, Utc
from service_desk.opening import Decision
from service_desk.ports import Upload
from service_desk.views import Seen

pytestmark = pytest.mark.services


@ONCE
def test_every_table_is_moved_by_a_program_that_has_opened_no_desk(desk):
    told = "from service_desk.transfer import tables; print(*sorted(one.name for one in tables()))"
    alone = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    there = set(sa.inspect(desk._database.engine).get_table_names()) - {"alembic_version"}
    assert set(alone.stdout.split()) == there


@pytest.fixture
def full(desk, form, clock):
    """A desk with something in every table."""
    filed = desk.filing.submit(form(note="𠮷 '; -- \n"), READER, "visitor-1")
    clock.push(seconds=0.000001)
    desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK, [Upload("a", "x/y", b"1")])
    lent = desk.filing.submit(form(), ANONYMOUS, "visitor-1")
    desk.sessions.form_token("x")
    desk.sessions.sign_in("li", "li", visitor="visitor-1")
    desk.registration.ask_reset("wang@example.org", "visitor-1", "en")
    desk.terminals.add("Window 1", "root")
    desk.people.register(PersonForm(name="n", kind="passport", number="E1234567"), CLERK)
    with desk._database.write() as session:
        session.add(Contact(account_name="wang", value="wang@example.org", confirmed=clock.now()))
        session.add(ExternalIdentity(issuer="https://login.example", subject="s", account_name="zhao"))
    with pytest.raises(Exception, match="do not fit"):
        desk.sessions.sign_in("li", "wrong")
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), READER)
    desk.drafts.save("f", {"b": 1, "a": ["x\0\ud800", None, 0.1, True]}, READER)
    desk.searches.save(SearchForm(name="n", address="q=x"), Seen(3, ("r",)), READER)
    desk.links.decide(("a", "1"), ("b", "1"), "same", CLERK)
    desk.copies.decide(Looked(("a", "1"), "v", ()), CLERK, add=[Mark(1, 0, 3, "name")])
    desk.openings.review([("a", "1")], Decision("extended", "2040-01-01"), CLERK)
    shelved(desk).stacks.register.add("K3", "room", "Stack 3", "H", CLERK)
    desk.stacks.register.move("K2-9", "K3", "its number is higher", CLERK)
    desk.stacks.order(filed.receipt, [LETTER], clock.now().date())
    desk.stacks.loans.lend(for_loan(desk, lent.receipt), RAIL, "office", CLERK)
    desk.stacks.repairs.begin("repair", CLERK, hit=STRAY)
    fill_what_is_empty(desk._database.engine, clock.now())
    return desk


def fill_what_is_empty(engine, now):
    """One row in each table that nothing above wrote to: of any sense, but as its columns and references want it."""
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0:
                values = {column.name: any_value(connection, column, now) for column in table.columns if wanted(column)}
                connection.execute(table.insert().values(values))


def wanted(column):
    counted = column.primary_key and isinstance(column.type, sa.Integer) and not column.foreign_keys
    return not counted or len(column.table.primary_key) > 1


def any_value(connection, column, now):
    for key in column.foreign_keys:
        return connection.execute(sa.select(key.column).limit(1)).scalar()
    checks = (str(each.sqltext) for each in column.table.constraints if isinstance(each, sa.CheckConstraint))
    allowed = [found[1] for check in checks if (found := re.match(rf"{column.name} IN \('(\w+)'", check))]
    if allowed:
        return allowed[0]
    if isinstance(column.type, Utc):
        return now + dt.timedelta(hours=column.name == "ends")
    made = {bool: True, int: 1, float: 0.5, str: "x", bytes: b"x", dt.date: now.date()}
    return made.get(column.type.python_type, {"a": [1, "𠮷"]})


@pytest.fixture
def other(kind, postgres, tmp_path):
    """An empty database of the other kind."""
    engine = make_engine(f"sqlite:///{tmp_path}/other.db" if kind == "postgresql" else postgres.url("other"))
    yield engine
    engine.dispose()
    postgres.drop("other")


def moved(source, target):
    with transfer.frozen(source) as connection:
        return transfer.fill(connection, target)


def held(engine):
    with engine.connect() as connection:
        return transfer.states(connection)


def before_rows(states):
    return next(state.rows for state in states if state.table == "audit")


def test_every_row_arrives_and_numbers_go_on(full, other, form):
    source = full._database.engine
    before = held(source)
    assert [state.table for state in before if not state.rows] == []
    assert moved(source, other) == before == held(source) == transfer.holds(other, "it")
    there = Desk(other, objects=None, holdings=FakeHoldings(), clock=StandingClock(), hasher=CHEAP)
    filed = there.filing.submit(form(), ANONYMOUS)
    there.requests.note(filed.receipt, MessageForm(text="x"), CLERK)
    assert there.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), READER) == 2
    assert there.drafts.load("f", READER)["a"][0] == "x\0\ud800"
    assert there.sessions.sign_in("wang", "wang").viewer == READER
    assert there.audit.verify().broken is None and there.audit.verify().rows > before_rows(before)


def test_a_digest_tells_one_changed_value_and_not_the_order(full, other):
    source = full._database.engine
    moved(source, other)
    before = {state.table: state.digest for state in held(other)}
    with other.begin() as connection:
        connection.execute(sa.text("UPDATE account SET disabled = NOT disabled WHERE name = 'li'"))
    changed = {state.table for state in held(other) if before[state.table] != state.digest}
    assert changed == {"account"}


def test_nobody_writes_meanwhile_and_readers_go_on(full, kind, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_MILLISECONDS", 50)
    url = full._database.engine.url.render_as_string(hide_password=False)
    impatient = Desk(url, objects=None, holdings=FakeHoldings(), clock=StandingClock(), hasher=CHEAP)
    with transfer.frozen(full._database.engine):
        assert len(impatient.accounts.all()) == 4
        with pytest.raises(Unavailable):
            impatient.accounts.add("new", "x", "reader")
    assert impatient.accounts.add("new", "x", "reader")
    impatient.close()


def test_all_or_nothing(full, other, monkeypatch):
    upgrade(other)

    def broken(table):
        raise KeyError(table)

    monkeypatch.setattr(
        transfer, "_go_on_counting", lambda connection, table: broken(table) if table.name == "draft" else None
    )
    with pytest.raises(KeyError):
        moved(full._database.engine, other)
    assert not any(state.rows for state in held(other))


def test_what_does_not_arrive_as_it_was_sent_is_not_kept(full, other, monkeypatch):
    upgrade(other)
    lines = transfer._line
    monkeypatch.setattr(transfer, "_line", lambda values: lines(values) + str(id(values)).encode())
    with pytest.raises(Unavailable, match="did not arrive"):
        moved(full._database.engine, other)
    monkeypatch.undo()
    assert not any(state.rows for state in held(other))


def test_a_database_of_another_program(other):
    with other.begin() as connection:
        connection.execute(sa.text("CREATE TABLE session (x INTEGER)"))
    with pytest.raises(Occupied, match="'session' of another program"):
        transfer.holds(other, "The new database")


def test_tables_of_another_revision(full, other):
    assert transfer.holds(other, "it") == []
    upgrade(other, "0003")
    with pytest.raises(Unavailable, match="revision 0003"):
        transfer.holds(other, "The new database")
    downgrade(full._database.engine, "0004")
    with pytest.raises(Unavailable, match="revision 0004"):
        transfer.check_source(full._database.engine, "The desk's database")
