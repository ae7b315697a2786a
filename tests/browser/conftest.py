"""One house and one Chromium for all tests here; a screen for each width and language; people with own browsers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.house import House, furnish
from tests.browser.people import LOCALES, Person, Screen

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 30_000
SCREENS = [Screen(width, language) for width in (390, 1440) for language in ("zh-Hans", "en")]
CORNERS = pytest.mark.parametrize("screen", [SCREENS[0], SCREENS[-1]], ids=str, indirect=True)
"""For tests about one thing: each width and each language once."""
FAILED = pytest.StashKey[bool]()

Someone = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder drives Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember whether a test failed, for its pictures."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The samples and the hostile sources, synced once and served once."""
    workspace = tmp_path_factory.mktemp("browser") / "workspace"
    furnish(workspace)
    made = House(workspace)
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Without it these tests fail: they are part of what is promised."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("There is no Chromium on the path; the browser tests need it (Debian: apt-get install chromium).")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """Each width in each language."""
    made: Screen = request.param
    return made


@pytest.fixture
def someone(
    request: pytest.FixtureRequest, chromium: Browser, house: House, screen: Screen, tmp_path: Path
) -> Iterator[Someone]:
    """Makes people who look at this screen. Whatever their browsers complained of fails the test."""
    people: list[Person] = []

    def made(**options: Any) -> Person:
        context = chromium.new_context(
            viewport={"width": screen.width, "height": 900},
            locale=LOCALES[screen.language],
            has_touch=screen.is_phone,
            accept_downloads=True,
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        people.append(Person(house, screen, context, context.new_page()))
        return people[-1]

    yield made
    complaints = [complaint for person in people for complaint in person.complaints]
    for number, person in enumerate(people):
        if request.node.stash.get(FAILED, False) or complaints:
            picture = tmp_path / f"person-{number}.png"
            person.page.screenshot(path=picture, full_page=True)
            print(f"{person.page.url}\n  seen: {picture}")
        person.context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def reader(someone: Someone) -> Person:
    """Somebody with a fresh browser and no account."""
    return someone()


@pytest.fixture
def clerk(someone: Someone, chromium: Browser, house: House) -> Person:
    """Somebody at a browser in which staff have signed in, for tests that are not about signing in."""
    made = someone()
    made.context.add_cookies(_staff_cookies(chromium, house))
    return made


_kept: dict[str, Any] = {}


def _staff_cookies(chromium: Browser, house: House) -> Any:
    """The cookies of one sign-in, used again: checking a password is slow on purpose. A test may have signed staff out
    everywhere."""
    context = chromium.new_context()
    context.add_cookies(_kept.get(house.base, []))
    if context.request.get(f"{house.base}/api/v1/session").json()["name"] is None:
        Person(house, SCREENS[-1], context, context.new_page()).sign_in("staff", "/staff")
        _kept[house.base] = context.cookies()
    context.close()
    return _kept[house.base]
