"""One house a file, with people of every role; the desk lies on SQLite, where storage matters on PostgreSQL, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from service_desk.roles import bundled
from tests.attack.house import furnished
from tests.search_ui.web.house import client_of, sign_in

As = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = furnished(Path(tmp_path_factory.mktemp("attacked")))
    yield made
    made.desk.close()


@pytest.fixture(scope="module")
def signed_in(services: Services) -> As:
    """A browser in which this account is signed in: one an account, since signing in is slow on purpose."""
    kept: dict[str, TestClient] = {}

    def browser(name: str) -> TestClient:
        if name not in kept:
            kept[name] = client_of(services)
            if name != "nobody":
                sign_in(kept[name], name)
        return kept[name]

    return browser


@pytest.fixture(params=["nobody", "chen", *bundled().roles])
def person(request: pytest.FixtureRequest) -> str:
    """Everybody: nobody signed in, a reader, an account of each role."""
    return str(request.param)
