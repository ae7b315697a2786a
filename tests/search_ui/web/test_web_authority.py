"""The page of an authority: forms of the name, related names, the records that name it; and the way there."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.testclient import TestClient

from tests.search_ui.web.house import LAND_ID, OFFICE_ID, PARTY_ID
from tests.search_ui.web.test_web_record import page_of


def test_a_name_leads_to_who_is_meant(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{LAND_ID}")
    assert f"/r/{OFFICE_ID}" in page.values("a", "href")
    assert "About 石碇鄉民眾服務分社" in page.values("a", "aria-label")


def test_forms_kin_and_who_names_it(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{OFFICE_ID}")
    for said in ("Names and connections", "Romanised Shiding Service Branch", "Also found as", "1 record names it"):
        assert said in page.text
    assert "Organisation" in page.text and "Database entries on the same matter" not in page.text
    links = [unquote(href) for href in page.values("a", "href")]
    assert f"/r/{PARTY_ID}" in links
    assert any("name:石碇鄉民眾服務分社" in href.replace("=", ":") for href in links)


def test_in_chinese(browser: TestClient) -> None:
    browser.headers["accept-language"] = "zh-Hant"
    text = page_of(browser, f"/r/{OFFICE_ID}").text
    assert "名稱與關係" in text and "有 1 筆記錄提到" in text


def test_hostile_forms_stay_text(browser: TestClient) -> None:
    answer = browser.get(f"/r/{OFFICE_ID}").text
    assert "<script>alert(1)" not in answer and "<img src=x" not in answer


def test_the_api_says_who_is_meant(browser: TestClient) -> None:
    names = browser.get(f"/api/v1/resources/{LAND_ID}").json()["names"]
    assert names[0]["authority"] == {"id": OFFICE_ID, "title": "石碇鄉民眾服務分社"}
    shown = browser.get(f"/api/v1/resources/{OFFICE_ID}").json()["authority"]
    assert shown["type"] == "organisation" and shown["named_in"]["total"] == 1


def test_names_found_in_the_text_lead_to_who_is_meant(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{OFFICE_ID}")
    for said in ("Names found in the text", "not catalogued", "中國國民黨", "not told apart:"):
        assert said in page.text
    links = [unquote(href) for href in page.values("a", "href")]
    assert links.count(f"/r/{PARTY_ID}") == 3, "as kin, as found, as one who may be meant"
    assert any("place:石碇" in href.replace("=", ":") for href in links)
    browser.headers["accept-language"] = "zh-Hant"
    assert "文中提到" in page_of(browser, f"/r/{OFFICE_ID}").text


def test_the_page_of_an_authority_counts_texts_that_name_it(browser: TestClient) -> None:
    assert "1 record names it" in page_of(browser, f"/r/{PARTY_ID}").text


def test_records_without_found_names_say_nothing_of_them(browser: TestClient) -> None:
    assert "Names found in the text" not in page_of(browser, f"/r/{LAND_ID}").text
