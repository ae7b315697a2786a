"""What differs on a server: it may be down, several write at once, it sorts and refuses in its own way."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa
from desk_parts import CHEAP, CLERK, READER, FakeHoldings, StandingClock

from mappings.access import ANONYMOUS
from service_desk import database as databases
from service_desk.desk import Desk
from service_desk.errors import Invalid, NotFound, Unavailable
from service_desk.forms import MessageForm, SearchForm
from service_desk.models import Account, Draft, Request, SignIn
from service_desk.ports import FrozenHit
from service_desk.views import Seen

ON_SERVER = pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.services)])
TOLD = "The desk does not answer now; please try again in a few minutes."


def opened(address):
    return Desk(address, objects=None, holdings=FakeHoldings(), clock=StandingClock(), hasher=CHEAP)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://desk:hunter2@127.0.0.1:1/desk",
        "postgresql+psycopg://desk:hunter2@nowhere.invalid/desk",
    ],
)
def test_a_server_that_is_not_there(address):
    with pytest.raises(Unavailable, match=r"^The database does not answer \(.*\); check `database`\.$") as caught:
        opened(address)
    assert "hunter2" not in str(caught.value)


@ON_SERVER
def test_a_wrong_password_and_a_database_that_is_not_there(database, postgres):
    for wrong in (database.replace(postgres.password, "hunter2"), f"{database}_nowhere"):
        with pytest.raises(Unavailable, match="does not answer") as caught:
            opened(wrong)
        assert "hunter2" not in str(caught.value) and postgres.password not in str(caught.value)


@ON_SERVER
def test_a_server_that_dies_in_the_middle_and_comes_back(desk, filed, postgres):
    token = desk.sessions.sign_in("li", "li").token
    postgres.kill()
    for ask in (
        lambda: desk.sessions.lookup(token),
        lambda: desk.requests.note(filed.receipt, MessageForm(text="x"), CLERK),
    ):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert str(caught.value) == TOLD
    postgres.start()
    assert desk.sessions.lookup(token).viewer == CLERK, "the same desk goes on"
    assert [event.what for event in desk.requests.case(filed.receipt, CLERK).events] == ["submitted", "accepted"]


@ON_SERVER
def test_a_connection_that_is_cut_within_a_step_leaves_nothing_of_it(desk, filed, postgres):
    named = desk._database.engine.url.database
    others = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{named}'"
    with pytest.raises(Unavailable), desk._database.write() as session:
        session.add(
            Account(name="new", display_name="n", role="staff", password_hash="", created=StandingClock().now())
        )
        session.flush()
        postgres.execute("postgres", others)
    assert "new" not in [account.name for account in desk.accounts.all()]


@ON_SERVER
def test_connections_of_a_process_are_bounded(desk, postgres, monkeypatch):
    held = [desk._database.read() for _ in range(databases.KEPT_CONNECTIONS + databases.MORE_CONNECTIONS)]
    for reading in held:
        reading.__enter__()
    named = desk._database.engine.url.database
    taken = postgres.execute("postgres", f"select count(*) from pg_stat_activity where datname = '{named}'")
    monkeypatch.setattr(desk._database.engine.pool, "_timeout", 0.05)
    with pytest.raises(Unavailable, match="does not answer now"):
        desk.accounts.all()
    for reading in held:
        reading.__exit__(None, None, None)
    assert taken == [(databases.KEPT_CONNECTIONS + databases.MORE_CONNECTIONS,)]
    assert desk.accounts.all()


@ON_SERVER
def test_a_database_that_cannot_hold_every_character(database, postgres):
    postgres.execute("postgres", "drop database if exists latin")
    postgres.execute("postgres", "create database latin encoding 'LATIN1' locale 'C' template template0")
    with pytest.raises(Unavailable, match=r"LATIN1.*createdb --encoding UTF8"):
        opened(database.rpartition("/")[0] + "/latin")
    postgres.drop("latin")


def test_a_reader_sees_one_moment(desk, filed):
    count = sa.select(sa.func.count()).select_from(Request)
    with desk._database.read() as session:
        before = session.scalar(count)
        opened = threading.Thread(target=lambda: desk.requests.note(filed.receipt, MessageForm(text="x"), CLERK))
        opened.start()
        opened.join()
        seen = session.scalar(sa.select(Request.version).where(Request.receipt == filed.receipt))
        assert (before, seen) == (1, 2)
    assert desk.requests.case(filed.receipt, CLERK).version == 3


@ON_SERVER
def test_what_only_reads_writes_nothing(desk):
    with pytest.raises(sa.exc.DBAPIError, match="read-only"), desk._database.read() as session:
        session.execute(sa.delete(SignIn))


def test_who_waits_for_others_too_long_is_told(desk, filed, kind, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_MILLISECONDS", 50)
    impatient = opened(desk._database.engine.url.render_as_string(hide_password=False))
    with desk._database.write() as session:
        session.scalar(sa.select(Request).with_for_update())
        with pytest.raises(Unavailable) as caught:
            impatient.requests.note(filed.receipt, MessageForm(text="x"), CLERK)
    impatient.close()
    assert str(caught.value) == TOLD
    assert desk.requests.case(filed.receipt, CLERK).version == 2


def at_once(*acts):
    """Each act forty times, all in threads of their own; what went wrong."""
    wrong = []

    def repeat(act):
        for _ in range(40):
            try:
                act()
            except NotFound:
                pass
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@ON_SERVER
def test_what_one_writer_takes_out_another_does_not_miss(desk, clock):
    """Each of these pairs changes what the other deletes."""

    def search():
        number = desk.searches.save(SearchForm(name="n", address="q=x"), Seen(1), READER)
        at_once_there.append(number)
        desk.searches.delete(number, READER)

    at_once_there = [1]
    wrong = at_once(
        lambda: desk.drafts.save("f", {"a": 1}, READER),
        lambda: desk.drafts.delete("f", READER),
        desk.drafts.expire,
        search,
        lambda: desk.searches.looked(at_once_there[-1], Seen(2), READER),
    )
    assert wrong == []
    token = desk.sessions.sign_in("li", "li").token
    clock.push(minutes=10)
    wrong = at_once(
        lambda: desk.sessions.lookup(token),
        lambda: desk.sessions.end(desk.sessions.sign_in("li", "li", "192.0.2.1").token),
        lambda: desk.sessions.sign_in("li", "li", "192.0.2.1"),
        lambda: desk.sessions.end_all("wang"),
    )
    assert [type(error).__name__ for error in wrong if type(error).__name__ != "TooMany"] == []


def while_deleted(desk, postgres, row, act):
    """What becomes of an act that finds a row which somebody is deleting."""
    came = []
    with desk._database.write() as session:
        session.execute(sa.delete(row))
        actor = threading.Thread(target=lambda: came.append(act()))
        actor.start()
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        while actor.is_alive() and not postgres.execute("postgres", waiting)[0][0]:
            time.sleep(0.01)
    actor.join()
    return came


@ON_SERVER
def test_who_comes_to_a_row_that_is_being_deleted(desk, clock, postgres):
    token = desk.sessions.sign_in("li", "li").token
    clock.push(minutes=10)
    [found] = while_deleted(desk, postgres, SignIn, lambda: desk.sessions.lookup(token))
    assert found.viewer == CLERK, "it was there when it was asked for"
    assert desk.sessions.lookup(token) is None
    desk.drafts.save("f", {"a": 1}, READER)
    assert while_deleted(desk, postgres, Draft, lambda: desk.drafts.save("f", {"a": 2}, READER)) == [None]
    assert desk.drafts.load("f", READER) == {"a": 2}


@ON_SERVER
def test_times_are_the_same_whatever_the_servers_zone(database, clock):
    far = opened(f"{database}?options=-c%20timezone%3DAsia/Shanghai")
    far.accounts.add("wu", "wu", "staff")
    near = opened(database)
    assert near.accounts.all()[0].created == clock.now() == far.accounts.all()[0].created
    far.close()
    near.close()


@ON_SERVER
def test_names_stand_in_one_order_whatever_the_server_sorts_by(database, postgres):
    postgres.execute("postgres", "drop database if exists sorting")
    postgres.execute(
        "postgres", "create database sorting template template0 locale_provider icu icu_locale 'en-US' locale 'C'"
    )
    desk = opened(database.rpartition("/")[0] + "/sorting")
    for name in ("b", "A", "a", "B", "王"):
        desk.accounts.add(name, "x", "reader")
        desk.searches.save(SearchForm(name=name, address=""), Seen(1), READER)
    assert [account.name for account in desk.accounts.all()] == ["A", "B", "a", "b", "王"]
    assert [search.name for search in desk.searches.mine(READER)] == ["A", "B", "a", "b", "王"]
    desk.close()
    postgres.drop("sorting")


def test_characters_that_a_database_refuses(desk, holdings, form):
    holdings.records["r-odd"] = FrozenHit("r-odd", "a\0b\ud800", "J\0", "East", "open", True, 7)
    filed = desk.filing.submit(form(resource_id="r-odd"), ANONYMOUS)
    assert desk.requests.case(filed.receipt, CLERK).hit.title == "ab"
    assert desk.inbox.page(CLERK, find="ab").total == 1
    odd = {"a": "x\0y\ud800"}
    desk.drafts.save("f", odd, READER)
    assert desk.drafts.load("f", READER) == odd
    desk.drafts.delete("f\0", READER)
    for key in (("a\0", "1"), ("a", "1\0"), ("a", "\ud800"), ("a" * 301, "1")):
        with pytest.raises(Invalid):
            desk.links.decide(key, ("b", "1"), "same", CLERK)
    assert desk.accounts.add("wu", "wu", "staff", "W\0u").display_name == "Wu"
    assert desk.searches.save(SearchForm(name="n", address="q=\0x"), Seen(2**31 - 1), READER)
