"""One story: from a search to a page, from hit to hit, and a search within the volume; with and without scripts."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from search_ui import paths
from tests.browser.conftest import CORNERS, Someone
from tests.browser.people import Person

SOUGHT, WITHIN = "石碇鄉", "委員會"
"""Both stand on several pages of a volume of the samples, the first several times on one."""


def asked(page: Page, name: str) -> str:
    """A parameter of the address."""
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


@CORNERS
def test_from_a_search_to_a_page_from_hit_to_hit_and_within_the_volume(reader: Person) -> None:
    page = reader.page
    reader.open(f"{paths.SEARCH}?q={SOUGHT}")
    hit = next(hit for hit in reader.house.search(SOUGHT)["hits"] if any(each["times"] > 1 for each in hit["pages"]))
    article = reader.hits.filter(has=page.locator(f'h2 a[href^="/r/{hit["id"]}"]'))
    times = max(each["times"] for each in hit["pages"])
    expect(article).to_contain_text(reader.t_plural("{count} time on this page", "{count} times on this page", times))
    article.locator(f'.pagehit.more a[href^="/view/{hit["id"]}"]').click()
    page.wait_for_url(re.compile("/view/"))
    assert asked(page, "q") == SOUGHT
    expect(page.locator(".found li")).to_have_count(hit["page_hits"])
    _walk(page)
    page.locator("#within").fill(WITHIN)
    page.locator("#within").press("Enter")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("q") == [WITHIN])
    expect(page.locator(".found mark").first).to_have_text(WITHIN)
    expect(page.locator(".hitbox.current").first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _walk(page: Page) -> None:
    """By keys through every hit of every page, which leads back to the first."""
    steps: list[tuple[str, str]] = []
    while (asked(page, "page"), asked(page, "hit")) not in steps:
        steps.append((asked(page, "page"), asked(page, "hit")))
        expect(page.locator("mark.current")).to_be_attached()
        before = page.url
        page.keyboard.press("n")
        page.wait_for_url(lambda url, before=before: url != before)
        page.wait_for_load_state("load")
    assert len({number for number, _ in steps}) > 1 and len(steps) > 3
    page.keyboard.press("p")
    page.wait_for_url(lambda url: "hit=" in url)


@CORNERS
def test_the_same_without_scripts(someone: Someone) -> None:
    reader = someone(java_script_enabled=False)
    hit = next(hit for hit in reader.house.search(SOUGHT)["hits"] if hit["page_hits"] > 1)
    reader.goto(paths.viewer(hit["id"], q=SOUGHT, list=1))
    page = reader.page
    expect(page.locator(".found li")).to_have_count(hit["page_hits"])
    page.locator('[data-go="next"]').click()
    expect(page.locator("mark.current")).to_have_text(SOUGHT)
    assert page.url.endswith("#hit") and asked(page, "q") == SOUGHT
    page.locator("#within").fill("zzzz")
    page.locator("#within").press("Enter")
    expect(page.get_by_text(reader.web("No page of this volume has these words."))).to_be_visible()
