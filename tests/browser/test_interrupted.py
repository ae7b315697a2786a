"""What outlives a server that is killed: a half-typed request, and a search session that goes on by itself."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS
from tests.browser.house import House, address
from tests.browser.people import Person

CONNECTED = "[data-test-connection-state=CONNECTED]"


def restart(house: House) -> None:
    """The power goes and comes back."""
    house.kill()
    house.start()


@CORNERS
def test_a_draft_outlives_the_server(reader: Person, house: House) -> None:
    hit = house.search("嘉义")["hits"][0]
    form = paths.ask(hit["id"], type="copy")
    reader.open(form)
    reader.fill("ask_name", "陳小姐")
    reader.fill("ask_note", f"half a sentence, {reader.screen}")
    restart(house)
    reader.open(form)
    expect(reader.page.locator(".st-key-ask_name input")).to_have_value("陳小姐")
    expect(reader.page.locator(".st-key-ask_note textarea")).to_have_value(f"half a sentence, {reader.screen}")
    reader.open(paths.ASK)
    expect(reader.page.locator(".st-key-ask_note textarea")).to_have_value("")
    reader.forgive()  # the browser's own lines about a connection that broke


@CORNERS
def test_a_search_session_goes_on_after_a_restart(reader: Person, house: House) -> None:
    reader.open(address(paths.SEARCH, q="嘉义"))
    restart(house)
    expect(reader.page.locator(CONNECTED)).to_be_attached()
    reader.search("farm bureau")
    reader.counts(house.search("farm bureau")["total"])
    reader.page.locator(".pager a[rel=next]").click()
    expect(reader.page.locator(".pager [aria-current=page]")).to_have_text("2")
    reader.forgive()


@CORNERS
def test_with_the_index_gone_requests_go_on(reader: Person, house: House) -> None:
    hit = house.search("嘉义")["hits"][0]
    reader.open(address(paths.SEARCH, q="嘉义"))
    index = house.workspace / "index"
    away = index.rename(house.workspace / "index.away")
    try:
        paused(reader, hit["id"])
    finally:
        bring_back(index, away)
    reader.open(paths.record(hit["id"]))
    expect(reader.h1).to_have_text(hit["title"])


def paused(reader: Person, resource_id: str) -> None:
    """Search says so, a record answers 503 with ways on, a request without a hit is taken, the rest stands."""
    page = reader.page
    reader.box.fill("tobacco")
    reader.box.press("Enter")
    expect(reader.h1).to_have_text(reader.t("Search is paused; requests go on"))
    expect(reader.box).to_have_value("tobacco")
    for path in (paths.record(resource_id), "/r"):
        assert reader.open(path).status == 503
        expect(page.locator(f'main a[href="{paths.ASK}"]')).to_be_visible()
    for path in (paths.ABOUT, paths.LOGIN, paths.receipt(""), paths.LANDING):
        assert reader.open(path).status == 200, path
    reader.open(address(paths.SEARCH, q="嘉义"))
    page.locator(f'main .nothing a[href^="{paths.ASK}"], .nothing a[href^="{paths.ASK}"]').first.click()
    reader.ready()
    reader.fill("ask_name", "陳小姐")
    reader.fill("ask_contact", "chen@example.org")
    reader.fill("ask_note", "while search is down")
    reader.press("ask_send")
    expect(page.locator("[data-copy]")).to_have_count(2)
    page.locator(f'a[href="{paths.receipt(page.locator("[data-copy]").first.inner_text())}"]').click()
    expect(page.locator("main .state").first).to_have_text(reader.term("status", "submitted"))
    reader.forgive()  # the browser's own lines about the 503s


def bring_back(index: Path, away: Path) -> None:
    """The index where it was; nothing may have been made in its place meanwhile."""
    assert not index.exists()
    away.rename(index)
