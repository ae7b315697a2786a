"""A desk on a SQLite file and on a PostgreSQL server, and what is filed at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from desk_parts import CHEAP, CLERK, COLLEAGUE, OTHER_READER, READER, FakeHoldings, StandingClock

from mappings.access import ANONYMOUS
from service_desk.desk import Desk
from service_desk.forms import RequestForm, parse
from service_desk.notices import FolderOutbox
from service_desk.objects import FolderObjects
from service_desk.views import Receipt
from tests.services.postgres_copies import Copies
from tests.services.postgres_server import PostgresServer

NUMBERS = count()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def holdings() -> FakeHoldings:
    return FakeHoldings()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database: whatever asks for it runs on both."""
    return str(request.param)


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database that nobody has opened yet; for a `desk` one that has its accounts."""
    staffed = "desk" in request.fixturenames
    if kind == "sqlite":
        file = request.getfixturevalue("database_file")
        if staffed:
            file.parent.mkdir()
            shutil.copy(request.getfixturevalue("staffed_file"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    if staffed:
        with request.getfixturevalue("staffed_copies").one() as address:
            yield address
        return
    name = f"desk_{next(NUMBERS)}"
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def open_desk(
    tmp_path: Path, database: str, clock: StandingClock, holdings: FakeHoldings, outbox: Path
) -> Iterator[Callable[[], Desk]]:
    """Opens the desk, once more at each call: what a second process, or a restart, sees."""
    opened: list[Desk] = []

    def another() -> Desk:
        desk = Desk(
            database,
            objects=FolderObjects(tmp_path / "objects"),
            holdings=holdings,
            records=holdings,
            outbox=FolderOutbox(outbox),
            clock=clock,
            hasher=CHEAP,
        )
        opened.append(desk)
        return desk

    yield another
    for desk in opened:
        desk.close()


@pytest.fixture(scope="session")
def staffed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that staffed desks are copies of."""
    file = tmp_path_factory.mktemp("staffed") / "desk.db"
    fill(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def staffed_copies(_postgres: PostgresServer) -> Copies:
    """Databases that staffed desks lie on."""
    _postgres.start()
    fill(_postgres.url("staffed"))
    return Copies(_postgres, "staffed")


def fill(address: str) -> None:
    """Two readers and two clerks; the password of each is their name."""
    desk = Desk(address, objects=FolderObjects(Path()), holdings=FakeHoldings(), clock=StandingClock(), hasher=CHEAP)
    for viewer in (READER, OTHER_READER, CLERK, COLLEAGUE):
        assert viewer.name is not None
        desk.accounts.add(viewer.name, viewer.name, "staff" if viewer.is_staff else "reader")
    desk.close()


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    """A desk of its own, with two readers and two clerks."""
    return open_desk()


@pytest.fixture
def form() -> Callable[..., RequestForm]:
    """A request form, with changes."""

    def filled(**changes: object) -> RequestForm:
        values = {
            "resource_id": "r-rail",
            "type": "copy",
            "name": "王小明",
            "contact": "wang@example.org",
            "note": "第214頁",
            "query": "鐵路",
            "rank": 3,
        }
        return parse(RequestForm, values | changes)

    return filled


@pytest.fixture
def filed(desk: Desk, form: Callable[..., RequestForm]) -> Receipt:
    """A request filed by nobody signed in, from the browser with the cookie ``visitor-1``."""
    return desk.filing.submit(form(), ANONYMOUS, "visitor-1")
