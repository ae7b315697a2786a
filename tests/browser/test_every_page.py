"""Hostile words on every page and every screen that there is, in Chromium, as everybody: nothing runs, nothing breaks
out. What the pages of one reader's way show is looked at in `test_hostile`.
"""

from __future__ import annotations

import re
from typing import Final

import pytest
from starlette.routing import Route

from search_ui import paths
from search_ui.themes import pages as themes
from search_ui.web.routing import routes
from tests.browser import hostile
from tests.browser.conftest import SCREENS, Someone
from tests.browser.house import House, address, run
from tests.browser.people import Person

ADMINISTRATOR: Final = "chief"
PASSWORD: Final = "an administrator's long password"
FILES: Final = (
    ".txt",
    ".xml",
    ".css",
    ".csv",
    ".pdf",
    "/image",
    "/openid",
    "/return",
    "/suggest",
    "/health",
    "/ready",
    "/files/1",
)
"""Ends of addresses that are no pages."""
PARAMETERS: Final = {
    "q": hostile.IMAGE,
    "f": [f"person:{hostile.BREAKOUT}", f"level:{hostile.SCRIPT}"],
    "view": hostile.SCRIPT,
    "find": hostile.BREAKOUT,
    "state": hostile.IMAGE,
    "said": hostile.SCRIPT,
    "next": "javascript:window.pwned=6",
    "receipt": hostile.BREAKOUT,
    "run": hostile.SCRIPT,
    "type": hostile.SCRIPT,
    "sort": hostile.IMAGE,
    "page": hostile.SCRIPT,
    "from": hostile.SCRIPT,
}
"""One screen for all: what runs on one runs on every width and in each language."""
ONE = pytest.mark.parametrize("screen", [SCREENS[-1]], ids=str, indirect=True)


def every_page(house: House, receipt: str) -> list[str]:
    """Each address that can be opened, with a hostile record, request and account in it."""
    led = next(hit for hit in house.search(hostile.WORD)["hits"] if hit["title"] == hostile.TEXTS[hostile.LEADER])
    known = {
        "id": led["id"],
        "number": "1",
        "receipt": receipt,
        "code": "2222-2222",
        "name": ADMINISTRATOR,
        "path": "x",
        "type": "question",
        "barcode": "B-1",
        "exercise": "seat",
        "leg": "A" * 24,
        "token": "A" * 32,
    }
    patterns = [
        route.path
        for route in (*routes(), *themes.routes())
        if isinstance(route, Route) and "GET" in (route.methods or ())
    ]
    plain = {re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: known[place[1]], pattern) for pattern in patterns}
    return sorted(page for page in {*plain, *paths.SCREENS} if not page.endswith(FILES))


def open_all(person: Person, pages: list[str]) -> None:
    """As they are, and with hostile parameters."""
    for page in pages:
        for address_of in (page, address(page, **PARAMETERS)):
            answer = person.page.goto(person.house.base + address_of)
            assert answer is not None and answer.status < 500, address_of
            if page in paths.SCREENS:
                person.ready()
            found = person.page.evaluate(hostile.TRACES)
            assert found == {"pwned": None, "elements": 0, "foreign": 0}, (address_of, found)
            assert "unsafe-eval" not in answer.headers["content-security-policy"]
            person.complaints[:] = [one for one in person.complaints if "404 (Not Found)" not in one]


@pytest.fixture(scope="module")
def receipt(house: House) -> str:
    """A hostile request; and there is an administrator."""
    run(house.workspace, "user", "add", ADMINISTRATOR, "--role", "administrator", ONESTOP_PASSWORD=PASSWORD)
    found = house.search(hostile.WORD)["hits"][0]["id"]
    return house.file(resource_id=found, name=hostile.NAME, contact=hostile.IMAGE[:200], note=hostile.BREAKOUT)[
        "receipt"
    ]


@ONE
def test_as_a_reader(someone: Someone, house: House, receipt: str) -> None:
    reader = someone()
    reader.open(f"{paths.MY_SEARCHES}/new?q=x")
    reader.page.locator("main input[name=name]").fill(hostile.BREAKOUT[:150])
    reader.page.locator("main form button.primary").first.click()
    open_all(reader, every_page(house, receipt))


@ONE
def test_as_staff(clerk: Person, house: House, receipt: str) -> None:
    open_all(clerk, [*every_page(house, receipt), paths.case(receipt)])


@ONE
def test_as_an_administrator(someone: Someone, house: House, receipt: str) -> None:
    chief = someone()
    chief.open(paths.LOGIN)
    chief.page.locator("#name").fill(ADMINISTRATOR)
    chief.page.locator("#password").fill(PASSWORD)
    chief.page.locator("main form button").click()
    pages = [page for page in every_page(house, receipt) if page.startswith((paths.ACCOUNTS, paths.RUNS, paths.ABOUT))]
    open_all(chief, pages)
