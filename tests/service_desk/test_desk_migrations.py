"""The history of the tables: it ends where the models are, goes up and down with data, and guards the events."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from desk_parts import START

from service_desk import migrations
from service_desk.database import Database, current_revision, downgrade, make_engine, newest_revision, upgrade
from service_desk.errors import Unavailable
from service_desk.models import Account, AppendOnly, Base, Event


@pytest.fixture
def engine(database):
    engine = make_engine(database)
    yield engine
    engine.dispose()


def content(engine):
    """All rows of the tables there are, by table."""
    with engine.connect() as connection:
        found = sa.MetaData()
        found.reflect(connection)
        tables = [table for table in found.sorted_tables if table.name != "alembic_version"]
        ordered = {table.name: sa.select(table).order_by(*table.primary_key) for table in tables}
        return {name: [dict(row._mapping) for row in connection.execute(rows)] for name, rows in ordered.items()}


def known_of(rows, others):
    """Of these rows, the columns that the others have."""
    return {name: [{key: row[key] for key in of[0]} for row in rows[name]] for name, of in others.items() if of}


def fill_new(engine):
    """Rows in the tables that are empty."""
    for table in [name for name, rows in content(engine).items() if not rows]:
        filled(engine, table, **ROWS[table])


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
ROWS = {
    "account": ACCOUNT,
    "session": {"token_digest": "t", "account_name": "li", "created": START, "expires": START},
    "attempts": {"key": "k", "count": 3, "since": START},
    "setting": {"key": "form-token-key", "value": "鐵路 𠮷"},
    "request": REQUEST | {"handler": "li", "hit": {"title": "粵漢鐵路購地卷", "checked": False}},
    "event": EVENT | {"payload": {"files": [{"name": "a"}]}},
    "answer_file": {
        "request_id": 1,
        "number": 1,
        "name": "a",
        "media_type": "x/y",
        "size": 50 << 20,
        "sha256": "x",
        "object_key": "answers/x",
    },
    "attachment": {
        "request_id": 1,
        "number": 1,
        "material": "identity_document",
        "name": "a",
        "media_type": "x/y",
        "size": 50 << 20,
        "sha256": "x",
        "object_key": "attachments/x",
        "at": START,
    },
    "verified_material": {
        "owner": "account:li",
        "material": "identity_document",
        "verified": START,
        "until": START,
        "by": "li",
    },
    "notice": {
        "request_id": 1,
        "recipient": "a@b.org",
        "subject": "s",
        "body": "b",
        "created": START + dt.timedelta(microseconds=1),
        "attempts": 1,
    },
    "feedback": {"resource_id": "r", "title": "t", "kind": "wrong", "note": "", "at": START, "state": "new"},
    "draft": {"owner": "account:li", "form": "f", "body": {"a": "x\0\ud800"}, "updated": START},
    "link_decision": {
        "one_source": "a",
        "one_id": "1",
        "other_source": "b",
        "other_id": "1",
        "verdict": "same",
        "note": "",
        "at": START,
        "account_name": "li",
    },
    "deidentification_event": {
        "record": "d",
        "number": 1,
        "source": "a",
        "source_id": "檔#1",
        "version": "v",
        "what": "proposed",
        "payload": {"marks": [{"page": 1, "start": 0, "end": 3, "kind": "name"}]},
        "note": "",
        "at": START,
        "account_name": "li",
    },
    "opening_review": {
        "source": "a",
        "source_id": "檔#1",
        "state": "extended",
        "until": "2040-01-01",
        "article": "§ 1",
        "note": "",
        "at": START,
        "account_name": "li",
    },
    "answer_version": {
        "entry": 1,
        "number": 1,
        "question": "開放時間？",
        "answer": "週一至週五",
        "language": "zh-Hant",
        "type": "",
        "theme": "",
        "tags": "",
        "public": True,
        "retired": False,
        "origin": "",
        "at": START,
        "by": "li",
    },
    "saved_search": {
        "owner": "account:li",
        "name": "n",
        "address": "q=x",
        "created": START,
        "looked": START,
        "total": 7,
        "found": {"ids": ["r"]},
    },
}
ROWS |= {
    "rating": {
        "request_id": 1,
        "closing": 2,
        "stars": 4,
        "words": "很快",
        "channel": "web",
        "keyed_by": None,
        "at": START,
        "changed": None,
    },
    "made_copy": {
        "copy": "00000001",
        "number": 1,
        "request_id": 1,
        "file": 1,
        "resource_id": "r-rail",
        "source": "list",
        "source_id": "J12-3-45",
        "title": "粵漢鐵路購地卷",
        "holder": None,
        "fonds": None,
        "name": "214.tif",
        "media_type": "image/tiff",
        "size": 4,
        "sha256": "b" * 64,
        "object_key": "answers/bb/" + "b" * 64,
        "at": START,
        "by": "li",
        "pages": None,
        "shown": None,
        "problem": None,
        "ended": None,
        "ended_by": None,
        "why": None,
        "instead_of": None,
    },
    "given_role": {
        "account_name": "li",
        "role": "window_clerk",
        "holder": "East Wing",
        "fonds": "",
        "department": "",
        "theme": "",
        "at": START,
        "by": "command line",
    },
    "person": {"code": "P", "name": "n", "contact": "", "account_name": "li", "registered": START, "by": "li"},
    "identity_document": {
        "person_id": 1,
        "kind": "passport",
        "digest": "d",
        "last": "4321",
        "checked": START,
        "checked_by": "li",
    },
    "external_identity": {"issuer": "https://login.example", "subject": "s", "account_name": "li"},
    "terminal": {"name": "Window 1", "key_digest": "d", "added": START, "by": "root"},
    "contact": {"account_name": "li", "value": "li@example.org", "confirmed": START},
    "confirmation": {
        "purpose": "register",
        "contact_digest": "c",
        "browser_digest": "b",
        "code_digest": "d",
        "expires": START,
        "tries": 1,
        "body": {"known": True},
    },
    "familiar_browser": {"account_name": "li", "browser_digest": "b", "at": START},
    "audit": {
        "id": 1,
        "at": START,
        "what": "role.give",
        "subject": "li",
        "detail": {"role": "manager"},
        "previous": "0",
        "digest": "d",
    },
    "stack_place": {
        "barcode": "B1",
        "kind": "box",
        "title": "盒 1",
        "state": "in",
        "version": 0,
        "moves": 1,
        "added": START,
    },
    "stack_content": {"place_id": 1, "kind": "codes", "text": "J1", "root": "j 1", "low": "j 1", "high": "j 1!"},
    "stack_move": {"place_id": 1, "number": 1, "why": "", "at": START, "by": "li"},
    "retrieval": {
        "request_id": 1,
        "receipt": "A",
        "resource_id": "r",
        "title": "t",
        "place_id": 1,
        "wanted_by": START.date(),
        "priority": "urgent",
        "goes_to": "",
        "state": "ordered",
        "ordered": START,
        "changed": START,
    },
    "loan": {
        "voucher": "L1",
        "request_id": 1,
        "receipt": "A",
        "borrower": "office",
        "resource_id": "r",
        "title": "t",
        "lent": START,
        "lent_by": "li",
        "due": START.date(),
        "renewals": 0,
        "reminders": 0,
    },
    "treatment": {"kind": "repair", "title": "t", "place_id": 1, "stage": "assessed", "steps": 1, "begun": START},
    "treatment_step": {"treatment_id": 1, "number": 1, "stage": "assessed", "text": "", "at": START, "by": "li"},
    "stack_log": {
        "place_id": 1,
        "number": 1,
        "way": "picked",
        "state": "picked",
        "receipts": "A",
        "thing": "t",
        "note": "",
        "at": START,
        "by": "li",
    },
    "kept_rounds": {"request_id": 1, "version": 1, "rules": "d" * 64, "body": "[]"},
    "policy_version": {"name": "roles", "digest": "d", "body": "{}", "at": START, "by": "onestop"},
}
ROWS |= {
    "seat_booking": {
        "code": "S",
        "room": "main",
        "seat": "1",
        "starts": START,
        "ends": START + dt.timedelta(hours=1),
        "state": "booked",
        "made": START,
        "queued": START,
        "request_id": 1,
        "name": "n",
        "contact": "c",
        "language": "en",
        "wishes": {"seat": "", "features": []},
    },
    "seat_item": {"booking_id": 1, "number": 1, "resource_id": "r", "title": "檔", "box": "b"},
    "seat_slot": {"room": "main", "seat": "1", "at": START, "place": 1, "booking_id": 1},
    "box_slot": {"box": "b", "at": START, "booking_id": 1},
    "visit": {"at": START, "day": "2026-03-02", "kind": "seat", "place": "main 1", "booking_id": 1, "by": "li"},
    "queue_ticket": {
        "code": "T",
        "day": "2026-03-02",
        "service": "ask",
        "letter": "A",
        "number": 1,
        "taken": START,
        "ahead": 0,
        "state": "waiting",
        "again": 0,
    },
    "leg": {
        "code": "L" * 24,
        "request_id": 1,
        "kind": "partner",
        "receiver": "harbour",
        "channel": "email",
        "asks": "鐵路",
        "expects": "",
        "beside": True,
        "status": "sent",
        "version": 1,
        "term": {"working_days": 4},
        "clock": {"began": "2026-03-02T01:00:00Z"},
        "due": START,
        "sent": START,
        "heard": 3,
    },
    "leg_event": {"leg_id": 1, "number": 1, "at": START, "party": "sender", "what": "sent", "text": ""},
    "leg_file": {
        "leg_id": 1,
        "number": 1,
        "name": "a",
        "media_type": "x/y",
        "size": 50 << 20,
        "sha256": "x",
        "object_key": "legs/x",
    },
    "leg_post": {
        "id": "p" * 32,
        "leg_id": 1,
        "number": 1,
        "what": "sent",
        "body": {"text": ""},
        "at": START,
        "next": START,
        "attempts": 0,
    },
    "leg_link": {"token_digest": "t", "leg_id": 1, "made": START, "expires": START},
    "leg_message": {"partner": "harbour", "id": "m", "digest": "d", "at": START},
    "guest_leg": {"request_id": 1, "partner": "harbour", "leg": "L"},
    "issued_document": {
        "number": "2026-C-00007",
        "series": "2026-C",
        "sequence": 7,
        "kind": "certificate",
        "code_digest": "d",
        "sha256": "x",
        "receipt": "A",
        "at": START,
        "by": "li",
    },
    "document_revocation": {"number": "2026-C-00007", "at": START, "by": "li", "why": "wrong person"},
    "file_link": {
        "token_digest": "t",
        "receipt": "A",
        "object_key": "answers/x",
        "name": "a",
        "media_type": "x/y",
        "stamp": "",
        "made": START,
        "by": "li",
        "expires": START,
        "times": 3,
        "used": 1,
    },
}
REVISIONS = sorted(path.name[1:5] for path in Path(migrations.__file__).parent.glob("versions/v*.py"))
ON_FILE = pytest.mark.parametrize("kind", ["sqlite"])


def test_models_and_migrations_agree(engine):
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_up_and_down_and_up_with_data(engine):
    for revision in REVISIONS:
        upgrade(engine, revision)
        fill_new(engine)
    full = content(engine)
    assert current_revision(engine) == newest_revision()
    assert all(full.values()) and full.keys() == Base.metadata.tables.keys()
    for revision in reversed(REVISIONS[:-1]):
        downgrade(engine, revision)
        left = content(engine)
        assert left == known_of(full, left), "what its tables held is there"
    for revision in REVISIONS:
        upgrade(engine, revision)
        now = content(engine)
        assert {table for table, rows in now.items() if rows} == left.keys() and known_of(now, left) == left
    fill_new(engine)
    assert content(engine) == full
    downgrade(engine, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)


def test_a_migration_that_fails_leaves_nothing_behind(engine):
    upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE answer_file (x INTEGER)"
        )  # in the way of 0002, after `request` and `event`
    with pytest.raises(Unavailable, match="answer_file"):
        upgrade(engine)
    assert current_revision(engine) == "0001"
    assert "request" not in sa.inspect(engine).get_table_names()


@pytest.mark.parametrize("statement", ["UPDATE event SET text = 'x'", "DELETE FROM event"])
def test_the_database_refuses_to_change_events(engine, statement):
    upgrade(engine)
    filled(engine, "request", **REQUEST)
    filled(engine, "event", **EVENT)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
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


@ON_FILE
def test_sqlite_is_set_up_as_it_should_be(engine):
    with engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
    assert pragmas == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


@ON_FILE
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
        with pytest.raises(Unavailable) as caught, Database(impatient).write():
            pass
    assert "locked" in str(caught.value.__cause__)
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
