"""A training desk on PostgreSQL, in the very database of a house: rows apart, and a new beginning for every process."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onestop import training, training_places
from onestop.demo import copy_samples
from onestop.errors import SettingsError
from onestop.settings import TRAINING_SCHEMA
from onestop.training_places import SchemaPlace, place_of
from onestop.wiring import Workspace
from service_desk.desk import Desk
from service_desk.errors import Unavailable
from tests.services.postgres_server import PostgresServer

pytestmark = pytest.mark.services
HOUSE = "house_that_trains"


@pytest.fixture(scope="module")
def house(_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk of a house, in whose database somebody trains."""
    _postgres.start()
    folder = tmp_path_factory.mktemp("house")
    (folder / "onestop.toml").write_text(f'database = "{_postgres.url(HOUSE)}"\n')
    with Workspace(folder, {}) as here:
        here.desk.accounts.add("lin", "a long password", "staff")
        yield here.desk


@pytest.fixture(scope="module")
def folder(house: Desk, _postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The training desk of one source, begun."""
    made = tmp_path_factory.mktemp("training") / "desk"
    copy_samples(made, training.MARKER, "training desk", training._LINES.format(site="http://127.0.0.1:8501"))
    settings = made / "onestop.toml"
    settings.write_text(settings.read_text().replace("sqlite:///desk.db", _postgres.address(HOUSE)))
    for source in (made / "sources").glob("*.yml"):
        if source.stem != "land_files":
            source.unlink()
    training.make(made, 8501).close()
    return made


@pytest.fixture
def here(folder: Path) -> Iterator[Workspace]:
    with Workspace(folder, {}) as opened:
        yield opened


@pytest.fixture
def elsewhere(folder: Path) -> Iterator[Workspace]:
    """The same desk in another process: nothing is shared but the folder and the database."""
    with Workspace(folder, {}) as opened:
        yield opened


def schemas(server: PostgresServer) -> set[str]:
    """Where there are tables of desks."""
    return {name for (name,) in server.execute(HOUSE, "select schemaname from pg_tables where tablename = 'account'")}


def test_rows_of_house_and_training_lie_apart(here: Workspace, house: Desk, postgres: PostgresServer) -> None:
    assert schemas(postgres) == {"public", TRAINING_SCHEMA}
    assert [one.name for one in house.accounts.all()] == ["lin"]
    assert {one.name for one in here.desk.accounts.all()} == training.ACCOUNTS.keys()
    assert here.desk.inbox.page(here.viewer("staff"), "open").total > 5
    assert postgres.execute(HOUSE, "select count(*) from public.request") == [(0,)]


def test_a_desk_that_is_there_is_not_filled_again(folder: Path, here: Workspace) -> None:
    receipt = here.desk.training.begin("hand_over", here.viewer("trainee"), "en")
    with training.make(folder, 8501) as again:
        assert receipt and again.desk.requests.case(receipt, again.viewer("trainee")).receipt == receipt


def test_it_begins_anew_for_every_process(
    here: Workspace, elsewhere: Workspace, house: Desk, postgres: PostgresServer
) -> None:
    trainee = elsewhere.viewer("trainee")
    receipt = elsewhere.desk.training.begin("hand_over", trainee, "en")
    assert receipt is not None
    elsewhere.desk.requests.take(receipt, trainee)
    token = elsewhere.desk.sessions.sign_in("trainee", "trainee-training", "127.0.0.1").token
    key = elsewhere.desk.sessions.form_token("x")
    for _ in range(8):  # as often as it takes until the driver has the statement prepared
        assert elsewhere.desk.inbox.page(trainee, "open", find=receipt).total == 1

    training.reset(here)

    for each in (here, elsewhere):
        each.desk.notice_beginning()
        assert each.desk.inbox.page(trainee, "open", find=receipt).total == 0
        assert not any(step.at for one in each.desk.training.exercises(trainee, "en") for step in one.steps)
        assert each.desk.sessions.lookup(token) is None
        assert each.desk.sessions.form_token("x") == key
        assert each.desk.training.begin("accept", trainee, "en")
    assert schemas(postgres) == {"public", TRAINING_SCHEMA}
    assert [one.name for one in house.accounts.all()] == ["lin"]


def test_two_who_want_it_at_once_get_it_one_after_the_other(here: Workspace, elsewhere: Workspace) -> None:
    failed: list[BaseException] = []

    def begin(workspace: Workspace) -> None:
        try:
            training.reset(workspace)
        except BaseException as error:
            failed.append(error)

    both = [threading.Thread(target=begin, args=(each,)) for each in (here, elsewhere)]
    for each in both:
        each.start()
    for each in both:
        each.join(240)
    assert failed == []
    assert {one.name for one in here.desk.accounts.all()} == training.ACCOUNTS.keys()


def beside(url: str, server: PostgresServer) -> SchemaPlace:
    """A place with one table in use and another one beside."""
    place = SchemaPlace(url)
    place.prepare()
    server.execute(server_name(url), f"create table {TRAINING_SCHEMA}.old (id int)")
    return place


def server_name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    """A database of its own, as the address of a training desk."""
    name = "training_alone"
    yield f"{postgres.url(name)}?options=-csearch_path%3D{TRAINING_SCHEMA}"
    postgres.drop(name)


def test_whoever_is_in_the_middle_of_something_is_waited_for(url: str, postgres: PostgresServer) -> None:
    place = beside(url, postgres)
    name = server_name(url)
    with place.beside() as fresh:
        assert fresh.endswith("_fresh")
        postgres.execute(name, f"create table {TRAINING_SCHEMA}_fresh.new (id int)")
        with postgres.connected(name) as busy:
            busy.execute("begin")
            busy.execute(f"select * from {TRAINING_SCHEMA}.old".encode())
            putting = threading.Thread(target=place.put)
            putting.start()
            time.sleep(1.5)
            assert putting.is_alive()
            busy.execute(f"insert into {TRAINING_SCHEMA}.old values (1)".encode())
            busy.execute("commit")
        putting.join(30)
    found = postgres.execute(name, f"select tablename from pg_tables where schemaname = '{TRAINING_SCHEMA}'")
    assert found == [("new",)]


def test_a_desk_that_is_always_busy_stays_as_it_is(
    url: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_places, "PATIENCE_SECONDS", 0)
    place = beside(url, postgres)
    name = server_name(url)
    with postgres.connected(name) as busy:
        busy.execute("begin")
        busy.execute(f"select * from {TRAINING_SCHEMA}.old".encode())
        with place.beside(), pytest.raises(Unavailable, match="in use all the time; it stays as it is"):
            place.put()
    found = postgres.execute(name, "select schemaname, tablename from pg_tables where tablename in ('old', 'new')")
    assert found == [(TRAINING_SCHEMA, "old")]


def test_a_beginning_that_fails_leaves_what_was_there(
    here: Workspace, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Workspace) -> None:
        raise Unavailable("no")

    before = here.desk.training.begin("hand_over", here.viewer("trainee"), "en")
    monkeypatch.setattr(training, "fill", broken)
    with pytest.raises(Unavailable, match="no"):
        training.reset(here)
    here.desk.notice_beginning()
    assert before and here.desk.requests.case(before, here.viewer("trainee"))
    assert schemas(postgres) == {"public", TRAINING_SCHEMA}


def test_no_house_is_run_in_the_schema_of_training(folder: Path, postgres: PostgresServer, tmp_path: Path) -> None:
    address = f"{postgres.address(HOUSE)}?options=-csearch_path%3D{TRAINING_SCHEMA}"
    (tmp_path / "onestop.toml").write_text(f'database = "{address}"\n')
    with Workspace(tmp_path, {}) as wrong, pytest.raises(Unavailable, match="of a training desk"):
        _ = wrong.desk


def test_what_its_address_says_of_schemas_does_not_count(folder: Path, postgres: PostgresServer, house: Desk) -> None:
    own = folder.parent / "public"
    own.mkdir()
    shutil.copy(folder / "onestop.toml", own)
    settings = own / "onestop.toml"
    settings.write_text(settings.read_text().replace(HOUSE, f"{HOUSE}?options=-csearch_path%3Dpublic"))
    with Workspace(own, {}) as here:
        assert {one.name for one in here.desk.accounts.all()} == training.ACCOUNTS.keys()


def test_a_server_that_forgets_the_schema_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(SettingsError, match="would lie in the schema 'public'"):
        SchemaPlace(postgres.url("training_pooled")).prepare()
    postgres.drop("training_pooled")


def test_who_may_make_no_schema_is_told_what_to_ask_for(url: str, postgres: PostgresServer) -> None:
    name = server_name(url)
    postgres.execute(name, "create role modest login password 'modest'")
    modest = url.replace(f"{postgres.user}:{postgres.password}", "modest:modest")
    with pytest.raises(SettingsError, match=f"GRANT CREATE ON DATABASE {name} TO modest"):
        SchemaPlace(modest).prepare()
    postgres.execute(name, "drop role modest")


def test_another_server_cannot_begin_anew(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="in a file or on PostgreSQL"):
        place_of("mysql://desk@db.example/desk", tmp_path / "onestop.toml")
