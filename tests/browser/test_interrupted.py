"""What outlives a server that is killed: a half-typed request, and a search session that goes on by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from search_ui import paths
from search_ui.resting import AGAIN
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
    with reader.page.expect_response(f"**{paths.ASK}/draft"):
        reader.write(name="陳小姐", note=f"half a sentence, {reader.screen}")
    restart(house)
    reader.open(form)
    expect(reader.page.locator("#name")).to_have_value("陳小姐")
    expect(reader.page.locator("#note")).to_have_value(f"half a sentence, {reader.screen}")
    reader.open(paths.ASK)
    expect(reader.page.locator("#note")).to_have_value("")
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


KEEP_SOCKETS = """
    window.keptSockets = []
    const Before = window.WebSocket
    window.WebSocket = class extends Before {
        constructor(...given) { super(...given); window.keptSockets.push(this) } }
"""


@CORNERS
def test_a_session_outlives_a_dropped_websocket_and_ends_when_it_is_signed_out(reader: Person) -> None:
    reader.context.add_init_script(KEEP_SOCKETS)
    reader.sign_in("staff", paths.FEEDBACK_LIST)
    expect(reader.page.locator(".masthead")).to_contain_text("staff")
    assert reader.page.evaluate("keptSockets.map(socket => { socket.close(); return 1 }).length") >= 1
    expect(reader.page.locator(CONNECTED)).to_be_attached()
    reader.page.wait_for_function("() => keptSockets.some(socket => socket.readyState === 1)")
    expect(reader.page.locator(".masthead")).to_contain_text("staff")
    reader.open(paths.LINKS)
    expect(reader.page.locator(".masthead")).to_contain_text("staff")
    other = reader.context.new_page()
    other.goto(reader.house.base + paths.ACCOUNT)
    other.locator(f"form[action='{paths.ACCOUNT}/sign-out'] button").click()
    other.wait_for_url(f"**{paths.LOGIN}?next={paths.ACCOUNT}")
    other.close()
    reader.open(paths.FEEDBACK_LIST)
    expect(reader.page.locator(".masthead")).not_to_contain_text("staff")
    reader.forgive()  # the browser's own lines about a connection that broke


def test_with_the_index_gone_requests_and_records_go_on(reader: Person, house: House) -> None:
    hit = house.search("嘉义")["hits"][0]
    reader.page.clock.install()
    reader.open(address(paths.SEARCH, q="嘉义"))
    index = house.workspace / "index"
    away = index.rename(house.workspace / "index.away")
    try:
        paused(reader, hit)
        reader.open(address(paths.SEARCH, q="嘉义"))
        expect(reader.page.locator("[data-resting]")).to_be_visible()
        assert not reader.is_wider_than_the_window()
    finally:
        bring_back(index, away)
    reader.page.clock.fast_forward((AGAIN + 1) * 1000)
    expect(reader.hits.first).to_be_visible()  # the page has looked again by itself
    reader.open(paths.record(hit["id"]))
    expect(reader.page.locator(".resting")).to_have_count(0)
    reader.forgive()  # the browser's own lines about the 503s


def paused(reader: Person, hit: dict[str, Any]) -> None:
    """Search says so, a record opens without what the index alone knows, a request on it is taken."""
    page = reader.page
    reader.box.fill("tobacco")
    reader.box.press("Enter")
    expect(reader.h1).to_have_text(reader.t("Search is paused; requests go on"))
    expect(reader.box).to_have_value("tobacco")
    assert reader.open("/r").status == 503
    expect(page.locator(f'main a[href="{paths.ASK}"]')).to_be_visible()
    for path in (paths.ABOUT, paths.LOGIN, paths.receipt(""), paths.THEMES, paths.LANDING):
        assert reader.open(path).status == 200, path
    assert reader.open(paths.record(hit["id"])).status == 200
    expect(reader.h1).to_have_text(hit["title"])
    expect(page.locator(".resting")).to_be_visible()
    assert not reader.is_wider_than_the_window()
    reader.open(paths.ask(hit["id"], type="copy"))
    expect(page.locator(f'.records a[href="{paths.record(hit["id"])}"]').first).to_have_text(hit["title"])
    reader.write(name="陳小姐", contact="chen@example.org", note="while search is down")
    reader.send()
    expect(page.locator("[data-copy]")).to_have_count(2)
    page.locator(f'a[href="{paths.receipt(page.locator("[data-copy]").first.inner_text())}"]').click()
    expect(page.locator("main .state").first).to_have_text(reader.term("status", "accepted"))


def bring_back(index: Path, away: Path) -> None:
    """The index where it was; nothing may have been made in its place meanwhile."""
    assert not index.exists()
    away.rename(index)
