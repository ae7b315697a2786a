"""The history of the tables: it ends where the models are, goes up and down with data, and guards the events."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from desk_parts import START

from service_desk.database import Database, current_revision, downgrade, make_engine, newest_revision, upgrade
from service_desk.errors import Unavailable
from service_desk.models import Account, AppendOnly, Base, Event


@pytest.fixture
def engine(database):
    engine = make_engine(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def filled(engine, table, **values):
    with engine.begin() as connection:
        connection.execute(sa.insert(Base.metadata.tables[table]).values(**values))


def count(engine, table):
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[table]))


ACCOUNT = {
    "name": "li",
    "display_name": "Li",
    "role": "staff",
    "password_hash": "x",
    "created": START,
    "disabled": False,
}
REQUEST = {
    "receipt": "A",
    "secret_digest": "x",
    "type": "copy",
    "status": "submitted",
    "version": 1,
    "submitted": START,
    "name": "n",
    "contact": "c",
    "language": "en",
}
EVENT = {"request_id": 1, "number": 1, "at": START, "party": "reader", "what": "submitted", "text": "", "payload": {}}


def test_models_and_migrations_agree(engine):
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_up_and_down_and_up_with_data(engine):
    upgrade(engine, "0001")
    filled(engine, "account", **ACCOUNT)
    upgrade(engine)
    assert current_revision(engine) == newest_revision()
    filled(engine, "request", **REQUEST)
    filled(engine, "event", **EVENT)
    downgrade(engine, "0002")
    assert (count(engine, "account"), count(engine, "event")) == (1, 1)
    assert "draft" not in sa.inspect(engine).get_table_names()
    downgrade(engine, "0001")
    assert count(engine, "account") == 1
    upgrade(engine)
    assert (count(engine, "account"), count(engine, "event")) == (1, 0)
    downgrade(engine, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]


def test_a_migration_that_fails_leaves_nothing_behind(engine):
    upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE answer_file (x)")  # in the way of 0002, after `request` and `event`
    with pytest.raises(Unavailable, match="answer_file"):
        upgrade(engine)
    assert current_revision(engine) == "0001"
    assert "request" not in sa.inspect(engine).get_table_names()


@pytest.mark.parametrize("statement", ["UPDATE event SET text = 'x'", "DELETE FROM event"])
def test_the_database_refuses_to_change_events(engine, statement):
    upgrade(engine)
    filled(engine, "request", **REQUEST)
    filled(engine, "event", **EVENT)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert count(engine, "event") == 1


CHANGES = {
    "an attribute": lambda session: setattr(session.get(Event, 1), "text", "x"),
    "delete": lambda session: session.delete(session.get(Event, 1)),
    "bulk update": lambda session: session.execute(sa.update(Event).values(text="x")),
    "bulk delete": lambda session: session.execute(sa.delete(Event)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_session_refuses_to_change_events(engine, name):
    upgrade(engine)
    filled(engine, "request", **REQUEST)
    filled(engine, "event", **EVENT)
    with pytest.raises(AppendOnly), Database(engine).write() as session:
        CHANGES[name](session)


def test_sqlite_is_set_up_as_it_should_be(engine):
    with engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
    assert pragmas == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_writing_transaction_has_the_lock_from_its_start(engine):
    upgrade(engine)
    impatient = make_engine(str(engine.url))
    with impatient.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    database = Database(engine)
    with database.write() as session:
        session.add(Account(**ACCOUNT))
        session.flush()
        with Database(impatient).read() as other:
            assert other.get(Account, "li") is None, "readers go on, on what was committed"
        with pytest.raises(sa.exc.OperationalError, match="locked"), Database(impatient).write():
            pass
    impatient.dispose()
    with database.read() as session:
        assert session.get(Account, "li").created == START


def test_a_database_of_a_newer_version(engine):
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="newer version"):
        upgrade(engine)


@pytest.mark.parametrize(
    "address", ["", "desk.db", "nosuch://x", "sqlite+nosuch:///x", "oracle+cx_oracle://u:geheim@h/x"]
)
def test_an_address_that_is_none(address):
    with pytest.raises(Unavailable) as caught:
        make_engine(address)
    assert "geheim" not in str(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="folder"):
        make_engine(f"sqlite:///{tmp_path}/file/desk.db")


def test_a_file_that_is_no_database(tmp_path):
    file = tmp_path / "desk.db"
    file.write_bytes(b"no database at all, " * 100)
    with pytest.raises(Unavailable, match="not a database"):
        upgrade(make_engine(f"sqlite:///{file}"))
