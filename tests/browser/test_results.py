"""Many hits: what is folded opens, the best of each fonds, a search kept and found again, records like one."""

from __future__ import annotations

from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS
from tests.browser.house import House, address
from tests.browser.people import Person, query_of

WORD = "土地"


@CORNERS
def test_folded_hits_open_and_fonds_show_their_best(reader: Person, house: House) -> None:
    page, found = reader.page, house.search(WORD)
    reader.open(address(paths.SEARCH, q=WORD))
    expect(reader.hits).to_have_count(len(found["hits"]))
    folded = next(hit for hit in found["hits"] if hit["more"])
    link = page.locator(f"article.hit:has(a[href^='/r/{folded['id']}']) .others a").first
    expect(link).to_contain_text(folded["more"]["parent"]["title"])
    link.click()
    reader.counts(house.search(WORD, within=folded["more"]["parent"]["id"])["total"])
    assert query_of(page.url)["fold"] == ["0"]
    expect(reader.chip(folded["more"]["parent"]["title"])).to_have_count(1)
    reader.open(address(paths.SEARCH, q=WORD))
    page.get_by_role("link", name=reader.t("By fonds")).click()
    groups = house.search(WORD, group="fonds")["groups"]
    expect(page.locator("section.fonds")).to_have_count(len(groups))
    titles = [group["fonds"]["title"] for group in groups]
    assert page.locator("section.fonds .whole a").all_text_contents() == titles
    first = page.locator("section.fonds").first
    expect(first.locator("article.hit")).to_have_count(1)
    first.locator(".next a[data-go]").click()
    reader.counts(groups[0]["count"])


@CORNERS
def test_a_search_is_kept_and_found_again(reader: Person) -> None:
    page = reader.page
    reader.open(address(paths.SEARCH, q=WORD, **{"from": 1950}))
    page.get_by_role("link", name=reader.t("Save this search")).click()
    page.get_by_label(reader.web("Name")).fill("Land since 1950")
    page.get_by_role("button", name=reader.web("Save")).click()
    expect(page.locator(".saved h2")).to_have_text("Land since 1950")
    page.get_by_role("button", name=reader.web("Open"), exact=True).click()
    page.wait_for_url("**/search?**")
    assert query_of(page.url) == {"q": [WORD], "from": ["1950"]}


@CORNERS
def test_records_like_one_come_with_their_reasons(reader: Person, house: House) -> None:
    page, hit = reader.page, next(hit for hit in house.search(WORD)["hits"] if hit["level"] == "file")
    reader.open(paths.record(hit["id"]))
    page.locator("#similar").scroll_into_view_if_needed()
    expect(page.locator("#similar li a").first).to_be_visible()
    expect(page.locator("#similar li .muted").nth(1)).to_contain_text(WORD)
