"""The address is the state of a search: opened, reloaded, gone back to, passed on."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS
from tests.browser.house import House, address
from tests.browser.people import Person, query_of

PAGE: Final = 20
DEEP: Final = {"q": "土地", "f": ["kind:thematic"], "from": "1950", "to": "1990", "sort": "date", "page": "2"}
PLACE: Final = """() => [document.querySelector('[data-testid=stMain]')?.scrollTop ?? 0,
    document.querySelectorAll('article.hit')[9]?.getBoundingClientRect().top ?? 0]"""
"""How far down the list one is, and where its tenth hit stands in the window."""
NEAR: Final = 100
"""A list may come back so many pixels away from where it was left."""


@CORNERS
def test_a_deep_link_opens_and_reloads_to_the_same_screen(reader: Person, house: House) -> None:
    asked = {"filter": DEEP["f"], "from": DEEP["from"], "to": DEEP["to"], "sort": DEEP["sort"]}
    expected = house.search("土地", offset=PAGE, **asked)
    reader.open(address(paths.SEARCH, **DEEP))
    for _ in range(2):
        reader.counts(expected["total"])
        shows(reader, DEEP)
        titles = [hit["title"] for hit in expected["hits"]]
        assert reader.hits.locator("h2 a").all_text_contents() == titles
        reader.page.reload()
        reader.ready()
    expect(reader.chip("1950–1990")).to_have_count(1)
    expect(reader.chip(reader.term("kind", "thematic"))).to_have_count(1)


def shows(reader: Person, state: dict[str, object]) -> None:
    """Every part of the address stands on the screen."""
    page = reader.page
    expect(reader.box).to_have_value(str(state["q"]))
    expect(page.locator("#facets input[name=from]")).to_have_value(str(state.get("from", "")))
    expect(page.locator("#facets input[name=to]")).to_have_value(str(state.get("to", "")))
    expect(page.locator("#facets input:checked")).to_have_count(len(state.get("f", ())))  # type: ignore[arg-type]
    chosen = page.locator("select[data-key=sort] option:checked")
    expect(chosen).to_have_text(reader.term("sort", str(state.get("sort", "relevance"))))
    if page.locator(".pager").count():
        expect(page.locator(".pager [aria-current=page]")).to_have_text(str(state.get("page", 1)))


@CORNERS
def test_back_and_forward_lead_through_every_state(reader: Person) -> None:
    page, label = reader.page, reader.term("kind", "thematic")
    states: list[dict[str, object]] = [{"q": "土地"}]
    reader.open(paths.LANDING)
    reader.search("土地")
    shows(reader, states[-1])
    reader.tick(label)
    states.append({**states[-1], "f": ["kind:thematic"]})
    shows(reader, states[-1])
    page.locator(".pager a[rel=next]").click()
    states.append({**states[-1], "page": 2})
    shows(reader, states[-1])
    reader.chip(label).click()
    states.append({"q": "土地"})
    shows(reader, states[-1])
    for state in reversed(states[:-1]):
        page.go_back()
        shows(reader, state)
    for state in states[1:]:
        page.go_forward()
        shows(reader, state)


@CORNERS
def test_back_from_a_record_finds_the_list_where_it_was_left(reader: Person) -> None:
    page, hit = reader.page, reader.hits.nth(9)
    page.add_init_script(f"addEventListener('pagehide', () => sessionStorage.setItem('left', ({PLACE})()))")
    reader.open(address(paths.SEARCH, q="土地"))
    hit.scroll_into_view_if_needed()
    title = hit.locator("h2 a").text_content() or ""
    hit.locator("h2 a").click()
    expect(reader.h1).to_have_text(title)
    top, place = map(float, page.evaluate("sessionStorage.getItem('left')").split(","))
    assert top > NEAR
    page.go_back()
    reader.ready()
    expect(reader.hits).to_have_count(PAGE)
    page.wait_for_function(
        f"([top, place]) => {{ const now = ({PLACE})()\n"
        f"return Math.abs(now[0] - top) <= {NEAR} && Math.abs(now[1] - place) <= {NEAR} }}",
        arg=[top, place],
    )


@CORNERS
def test_the_way_back_on_the_record_leads_to_the_search(reader: Person) -> None:
    reader.open(address(paths.SEARCH, q="土地", f=["kind:thematic"]))
    title = reader.hits.first.locator("h2 a").text_content() or ""
    reader.hits.first.locator("h2 a").click()
    expect(reader.h1).to_have_text(title)
    reader.page.locator("a.back").click()
    reader.ready()
    expect(reader.box).to_have_value("土地")
    expect(reader.hits.first.locator("h2 a")).to_have_text(title)
    assert query_of(reader.page.url) == {"q": ["土地"], "f": ["kind:thematic"]}


@CORNERS
def test_a_click_with_control_opens_a_tab_and_stays(reader: Person) -> None:
    reader.open(address(paths.SEARCH, q="土地"))
    before, link = reader.page.url, reader.hits.first.locator("h2 a")
    with reader.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    expect(opened.value.locator("h1")).to_have_text(link.text_content() or "")
    assert urlsplit(opened.value.url).path.startswith("/r/")
    assert reader.page.url == before
    expect(reader.hits).to_have_count(PAGE)


@CORNERS
@pytest.mark.parametrize("path", ["/search?q=%2A", "/about"])
def test_the_language_chosen_stays(reader: Person, path: str) -> None:
    page, other = reader.page, {"en": "zh-Hans", "zh-Hans": "en"}[reader.screen.language]
    reader.open(path)
    page.locator(".langs > summary").click()
    page.locator(f'.langs a[hreflang="{other}"]').click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    for onward in (paths.LANDING, paths.ABOUT, paths.MY_REQUESTS):
        reader.open(onward)
        expect(page.locator("html")).to_have_attribute("lang", other)
        assert "lang" not in query_of(page.url)
