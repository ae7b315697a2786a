"""One house a module, a fresh browser a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from search_ui.web import asking
from service_desk.ratelimit import RateLimit
from tests.search_ui.web.house import Items, client_of, open_house, sign_in


@pytest.fixture(autouse=True)
def fresh_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many forms a minute are for each test: how fast the tests before it were is not its matter."""
    monkeypatch.setattr(asking, "_RATE", RateLimit(asking.SENT_A_MINUTE))


@pytest.fixture(scope="module")
def items() -> Items:
    return Items()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, items: Items) -> Iterator[Services]:
    made = open_house(Path(tmp_path_factory.mktemp("house")), items)
    yield made
    made.desk.close()


@pytest.fixture
def browser(services: Services) -> TestClient:
    return client_of(services)


@pytest.fixture
def staff(services: Services) -> TestClient:
    made = client_of(services)
    sign_in(made, "lin")
    return made


@pytest.fixture
def reader(services: Services) -> TestClient:
    made = client_of(services)
    sign_in(made, "chen")
    return made
