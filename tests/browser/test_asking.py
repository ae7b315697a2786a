"""Asking as one would a person: what was read can be taken back, a code leads to its record and back to the text."""

from __future__ import annotations

from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS
from tests.browser.house import House
from tests.browser.people import Person, query_of


@CORNERS
def test_a_code_leads_to_its_record_and_back_to_the_text(reader: Person, house: House) -> None:
    record = house.search("Z013-1-001-005")["interpretation"]["record"]
    reader.open(paths.LANDING)
    reader.box.fill("z013 1 1 5")
    reader.box.press("Enter")
    reader.page.wait_for_url(f"**{paths.record(record)}**")
    reader.page.locator("header.head a").first.click()
    reader.ready()
    assert query_of(reader.page.url) == {"q": ["z013 1 1 5"], "plain": ["code"]}
    reader.counts(house.search("z013 1 1 5", plain=["code"])["total"])
    reader.page.go_back()
    reader.page.wait_for_url(f"**{paths.record(record)}**")
    reader.page.go_back()
    expect(reader.page).not_to_have_url("**/search**")


@CORNERS
def test_a_reading_is_taken_back(reader: Person, house: House) -> None:
    text = "民國七十三年 土地"
    reader.open(paths.LANDING)
    reader.search(text)
    reader.counts(house.search(text)["total"])
    expect(reader.chip("1984")).to_have_count(1)
    reader.chip("1984").click()
    reader.ready()
    expect(reader.chip("1984")).to_have_count(0)
    reader.counts(house.search(text, plain=["years:民国七十三年"])["total"])
