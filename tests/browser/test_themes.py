"""The thematic corner, as somebody comes to it: from the landing page to the form, a mistake, hits, a facet, a pack."""

from __future__ import annotations

import re
import zipfile

from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS
from tests.browser.people import Person


@CORNERS
def test_from_a_theme_to_its_records_and_its_pack(reader: Person) -> None:
    page = reader.page
    reader.open(paths.LANDING)
    page.locator(f'a[href="{paths.theme("land")}"]').click()
    expect(page.locator("#guide")).to_contain_text("CC0")
    with page.expect_download() as download:
        page.locator('a[href*="pack.zip"]').click()
    with zipfile.ZipFile(download.value.path()) as pack:
        assert "README.md" in pack.namelist() and any(name.startswith("pages/") for name in pack.namelist())
    page.locator("#owner").fill("石碇鄉公所; 中國國民黨台灣省委員會")
    page.locator("#dated-from").fill("soon")
    page.locator("#dated-from").press("Enter")
    expect(page.locator("#dated-from-mistake")).to_have_text(
        reader.web("Write a year, such as {example}", example="1964, 民國53年")
    )
    expect(page.locator("#owner")).to_have_value("石碇鄉公所; 中國國民黨台灣省委員會")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#dated-from")).to_be_focused()
    page.locator("#dated-from").fill("民國73年")
    page.locator("#place").fill("石碇")
    page.locator("#place").press("Enter")
    expect(reader.hits.first.locator("h2")).to_contain_text("石碇")
    found = int(re.findall(r"\d+", page.locator("#count").inner_text())[0])
    if reader.screen.is_phone:
        page.locator("details.narrow-down > summary").click()
    page.locator("details.narrow-down").get_by_role(
        "link", name=reader.term("kind", "physical"), exact=False
    ).first.click()
    expect(page.locator(".chosen a")).to_have_count(1)
    assert int(re.findall(r"\d+", page.locator("#count").inner_text())[0]) <= found
    reader.hits.first.locator("h2 a").click()
    page.locator("a.back").click()
    expect(page.locator("#place")).to_have_value("石碇")
