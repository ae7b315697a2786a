"""The scripts of the plain pages in Chromium: pages turn in place, the tree has its keys, feedback stays here."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from socket import socket
from urllib.parse import quote

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from search_ui import index_page
from search_ui.services import Services
from tests.search_ui.web.house import LAND_ID, LAST_ID, MANY_ID, app_of

pytestmark = pytest.mark.browser
SOUGHT = quote("石碇鄉")


class Server(uvicorn.Server):
    """A server in a thread that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    app = app_of(services)
    app.routes.append(Mount("/static", StaticFiles(directory=index_page.INDEX.parent / "static")))
    server = Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.listening.wait(20)
    yield server.address
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "the browser tests need Chromium: apt-get install chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(params=[1440, 390])
def page(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """A page at two widths; whatever a script or the policy complains of fails the test."""
    context = chromium.new_context(viewport={"width": request.param, "height": 900}, base_url=address, locale="en-GB")
    made = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    made.on("console", heard)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    assert complaints == []
    context.close()


def fits(page: Page) -> bool:
    """Is nothing wider than the window?"""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_pages_turn_in_place(page: Page) -> None:
    page.goto(f"/r/{LAND_ID}?q={SOUGHT}&rank=1")
    expect(page.locator(".where")).to_contain_text("Page 2 of 2")
    page.evaluate("window.same = true")
    page.get_by_label("Previous page").click()
    expect(page.locator(".where")).to_contain_text("Page 1 of 2")
    assert page.evaluate("window.same") and "page=1" in page.url and f"q={SOUGHT}" in page.url and "rank=1" in page.url
    page.get_by_role("link", name="Page 2, with a hit").click()
    expect(page.locator(".hitbox")).to_have_count(1)
    assert fits(page)


def test_the_tree_is_walked_with_keys(page: Page) -> None:
    page.goto(f"/r/{MANY_ID}")
    if page.viewport_size and page.viewport_size["width"] < 768:
        expect(page.get_by_role("tree")).to_be_hidden()
        page.locator(".place > summary").click()
    focused = page.locator(":focus")
    page.locator('[role=treeitem][tabindex="0"]').focus()
    for key, shown in (("ArrowDown", "Letter 1"), ("End", "106 more"), ("Home", "Many letters"), ("l", "Letter 1")):
        page.keyboard.press(key)
        expect(focused).to_have_text(shown)
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_text("Many letters")
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("treeitem", name="Letter 1", exact=True)).to_be_hidden()


def test_what_the_tree_left_out_is_fetched_and_never_more_than_sixty(page: Page) -> None:
    page.goto(f"/r/{LAST_ID}")
    if page.viewport_size and page.viewport_size["width"] < 768:
        page.locator(".place > summary").click()
    page.get_by_role("treeitem", name="117 earlier").click()
    expect(page.get_by_role("treeitem", name="Letter 58")).to_be_focused()
    assert page.get_by_role("treeitem").count() <= 64
    expect(page.locator('[role=treeitem][aria-current="page"]')).to_have_text("Letter 130")


def test_feedback_is_said_on_the_page(page: Page) -> None:
    page.goto(f"/r/{LAND_ID}?q=land&rank=2")
    page.get_by_role("button", name="This was it").click()
    expect(page.get_by_role("status").filter(has_text="Thank you")).to_be_visible()
    assert page.url.endswith("rank=2")
    page.get_by_text("Something is wrong…").click()
    page.get_by_label("What it should say").fill("<b>1985</b>")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status").filter(has_text="Thank you")).to_have_count(2)


def test_the_viewer_zooms_turns_and_shows_the_word(page: Page) -> None:
    page.goto(f"/view/{LAND_ID}?q={SOUGHT}&page=2")
    sheet = page.locator(".sheet")
    place = "element => element.getBoundingClientRect().width"
    page.locator(".stage.moved").wait_for()
    page.get_by_role("button", name="Whole page").click()
    whole = sheet.evaluate(place)
    page.get_by_role("button", name="Zoom in").click()
    assert sheet.evaluate(place) > whole
    page.get_by_role("button", name="Whole page").click()
    page.get_by_role("button", name="Turn").click()
    assert "rotate(90deg)" in sheet.evaluate("element => element.style.transform")
    page.locator(".stage").focus()
    page.keyboard.press("0")
    page.keyboard.press("Tab")
    expect(page.locator(".hitbox")).to_be_focused()
    assert fits(page)


@pytest.mark.parametrize("path", [f"/r/{LAND_ID}", "/r", "/about", "/login", "/s/", "/api/v1/docs"])
def test_nothing_is_wider_than_the_window(page: Page, path: str) -> None:
    page.goto(path)
    assert fits(page)


def test_without_script_pages_are_links_and_forms(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=address, locale="en-GB")
    page = context.new_page()
    page.goto(f"/r/{LAND_ID}?q={SOUGHT}")
    page.get_by_label("Previous page").click()
    expect(page.locator(".where")).to_contain_text("Page 1 of 2")
    page.get_by_role("button", name="Not what I looked for").click()
    expect(page.get_by_text("Thank you. Your word was kept")).to_be_visible()
    page.goto(f"/r/{LAND_ID}")
    expect(page.get_by_role("treeitem").first).to_be_visible()
    context.close()
