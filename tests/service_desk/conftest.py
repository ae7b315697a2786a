"""A desk on a SQLite file, and what is filed at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_parts import CHEAP, CLERK, COLLEAGUE, OTHER_READER, READER, FakeHoldings, StandingClock

from mappings.access import ANONYMOUS
from service_desk.desk import Desk
from service_desk.forms import RequestForm, parse
from service_desk.notices import FolderOutbox
from service_desk.objects import FolderObjects
from service_desk.views import Receipt


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def holdings() -> FakeHoldings:
    return FakeHoldings()


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def open_desk(
    tmp_path: Path, database_file: Path, clock: StandingClock, holdings: FakeHoldings, outbox: Path
) -> Iterator[Callable[[], Desk]]:
    """Opens the desk, once more at each call: what a second process, or a restart, sees."""
    opened: list[Desk] = []

    def another() -> Desk:
        desk = Desk(
            f"sqlite:///{database_file}",
            objects=FolderObjects(tmp_path / "objects"),
            holdings=holdings,
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
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two readers and two clerks, made once; the password of each is their name."""
    file = tmp_path_factory.mktemp("staffed") / "desk.db"
    desk = Desk(
        f"sqlite:///{file}",
        objects=FolderObjects(file.parent),
        holdings=FakeHoldings(),
        clock=StandingClock(),
        hasher=CHEAP,
    )
    for viewer in (READER, OTHER_READER, CLERK, COLLEAGUE):
        assert viewer.name is not None
        desk.accounts.add(viewer.name, viewer.name, *viewer.roles)
    desk.close()
    return file


@pytest.fixture
def desk(staffed: Path, database_file: Path, open_desk: Callable[[], Desk]) -> Desk:
    """A desk of its own on a copy of that database."""
    database_file.parent.mkdir()
    shutil.copy(staffed, database_file)
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
    return desk.requests.submit(form(), ANONYMOUS, "visitor-1")
