"""One house and one Chromium for all tests here; a screen for each width and language; people with browsers of their own."""

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


@pytest.fixture(params=SCREENS, ids=lambda screen: f"{screen.width}-{screen.language}")
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


@pytest.fixture(scope="package")
def signed_in(chromium: Browser, house: House) -> dict[str, Any]:
    """The state of a browser in which staff have signed in, for tests that are not about signing in."""
    context = chromium.new_context(base_url=house.base)
    clerk = Person(house, SCREENS[0], context, context.new_page())
    clerk.sign_in("staff", "/staff")
    state: dict[str, Any] = context.storage_state()  # type: ignore[assignment]  # a TypedDict of the same shape
    context.close()
    return state
