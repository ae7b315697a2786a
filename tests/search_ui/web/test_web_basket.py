"""Records are collected, grouped by the box they lie in, and asked for at once."""

from __future__ import annotations

from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui.services import Services
from search_ui.web.basket import boxes
from service_desk.basket import FORM
from service_desk.forms import BASKET
from service_desk.ports import FrozenHit
from tests.search_ui.web.house import LAND_ID, ODD_ID, SECRET_ID, UNKNOWN_ID, sign_in, token_in
from tests.search_ui.web.test_web_asking import case_of, opened, receipt_in, sent


def collect(browser: TestClient, record: str, **headers: str) -> object:
    token = token_in(browser.get("/login").text)
    return browser.post("/basket/collect", data={"csrf": token, "record": record}, headers=headers)


def test_records_are_collected_and_asked_for_at_once(browser: TestClient, services: Services) -> None:
    assert "Basket 1" not in browser.get("/about").text
    back = collect(browser, LAND_ID, referer=f"http://testserver/r/{LAND_ID}?q=x")
    assert (back.status_code, back.headers["location"]) == (303, f"/r/{LAND_ID}?q=x")
    told = collect(browser, ODD_ID, accept="application/json")
    assert (told.status_code, told.json()["count"], told.json()["basket"]) == (201, 2, "Basket 2")
    assert "Basket 2" in browser.get("/about").text
    page = browser.get("/basket").text
    assert f"/r/{LAND_ID}" in page and f"/r/{ODD_ID}" in page and "Box 案卷 001" in page
    fields = opened(browser, "/ask?from=basket&type=copy")
    code, _ = receipt_in(browser.get(sent(browser, fields).headers["location"]).text)
    case = case_of(services, code)
    assert [case.hit.id, *(hit.id for hit in case.more)] == [LAND_ID, ODD_ID]
    assert "Nothing collected yet" in browser.get("/basket").text
    assert services.desk.drafts.all("request:", ANONYMOUS, browser.cookies.get("vid")) == []


def test_what_was_collected_can_be_put_back(browser: TestClient) -> None:
    collect(browser, LAND_ID)
    collect(browser, ODD_ID)
    token = token_in(browser.get("/basket").text)
    browser.post("/basket/remove", data={"csrf": token, "record": LAND_ID})
    assert f"/r/{LAND_ID}" not in browser.get("/basket").text
    browser.post("/basket/clear", data={"csrf": token})
    assert "Nothing collected yet" in browser.get("/basket").text
    assert "Basket 1" not in browser.get("/about").text


def test_nothing_is_collected_that_is_not_there_for_the_reader(browser: TestClient) -> None:
    for record in (SECRET_ID, UNKNOWN_ID, "", "x" * 5000):
        assert collect(browser, record).status_code == 404
    assert collect(browser, LAND_ID, referer="https://evil.example/x").headers["location"] == "/basket"


def test_a_box_is_shown_once() -> None:
    hits = (
        FrozenHit("1", "a", fonds="Z", container="box 1"),
        FrozenHit("2", "b"),
        FrozenHit("3", "c", fonds="Z", container="box 1"),
        FrozenHit("4", "d", fonds="Y", container="box 1"),
    )
    assert [(box.name, box.fonds, [hit.id for hit in box.hits]) for box in boxes(hits)] == [
        ("box 1", "Z", ["1", "3"]),
        (None, None, ["2"]),
        ("box 1", "Y", ["4"]),
    ]


def test_what_was_collected_before_signing_in_goes_with_the_reader(browser: TestClient, services: Services) -> None:
    chen = services.desk.accounts.viewer("chen")
    services.desk.basket.add(ODD_ID, chen)
    collect(browser, LAND_ID)
    collect(browser, ODD_ID)
    visitor = browser.cookies.get("vid")
    sign_in(browser, "chen")
    assert services.desk.basket.ids(chen) == (ODD_ID, LAND_ID)
    assert "Basket 2" in browser.get("/about?lang=en").text
    assert services.desk.basket.ids(ANONYMOUS, visitor) == (), "nothing of it is left to who sits down next"
    assert services.desk.basket.merge(chen, visitor) == 2, "once more changes nothing"


def test_what_there_is_no_room_for_stays_with_the_browser(services: Services) -> None:
    desk, chen = services.desk, services.desk.accounts.viewer("chen")
    desk.drafts.save(FORM, {"records": [f"r-{number}" for number in range(BASKET - 1)]}, chen)
    desk.drafts.save(FORM, {"records": ["x-1", "r-1", "x-2"]}, ANONYMOUS, "a-visitor")
    assert desk.basket.merge(chen, "a-visitor") == BASKET
    assert desk.basket.ids(chen)[-1] == "x-1" and desk.basket.ids(ANONYMOUS, "a-visitor") == ("x-2",)
