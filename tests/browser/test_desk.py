"""The desk by keyboard, and on a phone: inbox and case."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import SCREENS
from tests.browser.house import House
from tests.browser.people import Person, act

WIDE = pytest.mark.parametrize("screen", [SCREENS[-1]], ids=str, indirect=True)
NARROW = pytest.mark.parametrize("screen", [SCREENS[0]], ids=str, indirect=True)


@pytest.fixture
def receipts(house: House) -> list[str]:
    """Three requests of one name, so that a list can be narrowed to them."""
    hit = house.search("石碇")["hits"][0]["id"]
    return [house.file(resource_id=hit, name="Keyboard Reader", note=f"no. {number}")["receipt"] for number in range(3)]


@WIDE
def test_a_list_is_worked_by_keyboard(clerk: Person, receipts: list[str]) -> None:
    page = clerk.page
    clerk.open(f"{paths.INBOX}?view=open&find=Keyboard+Reader")
    expect(page.locator(".keys")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.at .code")).to_have_text(page.locator("[data-row] .code").nth(1).inner_text())
    page.keyboard.press("x")
    expect(page.locator("tr.at input")).to_be_checked()
    page.keyboard.press("k")
    expect(page.locator("[data-row]").first.locator(".matter a")).to_be_focused()
    first = page.locator("tr.at .code").inner_text()
    page.locator(".finder [name=find]").press("End")
    page.locator(".finder [name=find]").press("j")
    expect(page.locator(".finder [name=find]")).to_have_value("Keyboard Readerj")
    page.locator("tr.at .matter a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{paths.case(first)}")
    act(clerk, "take")
    expect(page.locator(".clock")).to_contain_text("staff")


@WIDE
def test_several_rows_are_taken_and_each_is_told_of(clerk: Person, receipts: list[str]) -> None:
    page = clerk.page
    clerk.open(f"{paths.INBOX}?view=new&find={receipts[0]}")
    page.locator("[data-row] input").check()
    page.locator("button[value=take]").click()
    expect(page.locator(".results")).to_contain_text(f"{receipts[0]}: {clerk.web('done')}")


@WIDE
def test_without_script_all_of_it_works(someone, house: House, receipts: list[str]) -> None:
    plain = someone(java_script_enabled=False)
    plain.goto(f"{paths.LOGIN}?next={paths.INBOX}")
    from tests.browser.house import PASSWORDS

    plain.page.locator("#name").fill("staff")
    plain.page.locator("#password").fill(PASSWORDS["staff"])
    plain.page.locator("main form button.primary").click()
    plain.goto(paths.case(receipts[1]))
    plain.page.locator("details:has(form[data-act=note]) > summary").click()
    plain.page.locator("#note-text").fill("written without script")
    plain.page.locator("form[data-act=note] button").click()
    expect(plain.page.locator("ol.line li").first).to_contain_text("written without script")
    expect(plain.page.locator(".keys")).to_have_count(0)


@NARROW
def test_on_a_phone_a_row_has_two_lines(clerk: Person, receipts: list[str]) -> None:
    page = clerk.page
    clerk.open(f"{paths.INBOX}?view=open&find=Keyboard+Reader")
    row = page.locator("[data-row]").first
    tops = [row.locator(part).bounding_box() for part in (".matter", ".due", ".step")]
    assert all(box is not None for box in tops)
    matter, due, step = (box for box in tops if box is not None)
    assert due["y"] >= matter["y"] + matter["height"] - 1 and abs(due["y"] - step["y"]) < 8
    assert not row.locator(".type").is_visible() and not clerk.is_wider_than_the_window()
    clerk.open(paths.case(receipts[2]))
    assert not clerk.is_wider_than_the_window()
    page.locator(".jump a").click()
    expect(page.locator("#acts")).to_be_in_viewport()


@WIDE
def test_the_sum_of_an_estimate_is_told_as_it_is_typed(clerk: Person, receipts: list[str]) -> None:
    page = clerk.page
    clerk.open(paths.case(receipts[2]))
    page.locator("details:has(form[data-act=quote]) > summary").click()
    for name, value in {"what1": "scan", "count1": "3", "price1": "1.50", "what2": "post", "price2": "12"}.items():
        page.locator(f"[name={name}]").fill(value)
    expect(page.locator(".sum output")).to_have_text("16.50")
