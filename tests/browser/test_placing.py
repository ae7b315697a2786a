"""Placing a request: papers follow the choice, nothing chosen is lost, one form files one request; with and without a
script, and at a terminal that wipes itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from search_ui import paths
from search_ui.web import kiosk
from tests.browser.conftest import CORNERS, SCREENS, Someone
from tests.browser.house import House, address, run
from tests.browser.people import Person

PNG: Final = b"\x89PNG\r\n\x1a\n123"
NARROW = pytest.mark.parametrize(
    "screen", [next(one for one in SCREENS if one.is_phone and one.language == "zh-Hans")], ids=str, indirect=True
)


def form_of(house: House, kind: str = "certificate") -> str:
    return paths.ask(house.search("石碇")["hits"][0]["id"], type=kind)


@CORNERS
def test_papers_follow_and_what_was_chosen_stays(reader: Person, house: House, tmp_path: Path) -> None:
    page, card = reader.page, tmp_path / "身份证.png"
    card.write_bytes(PNG)
    reader.open(form_of(house))
    expect(page.locator("input[type=file]")).to_have_count(2)
    page.locator("#file-identity_document").set_input_files(card)
    expect(page.locator(".chosen").first).to_contain_text(card.name)
    page.locator("input[name=relation][value=heir]").check()
    expect(page.locator("#file-proof_of_relation")).to_be_attached()
    expect(page.locator(".chosen").first).to_contain_text(card.name)
    reader.write(name="陳小姐", note="half a sentence")
    page.locator("input[name=type][value=copy]").check()
    expect(page.locator("#file-identity_document")).to_have_count(0)
    page.locator("input[name=type][value=certificate]").check()
    expect(page.locator("#file-proof_of_relation")).to_be_attached()
    expect(page.locator("#note")).to_have_value("half a sentence")
    assert not reader.is_wider_than_the_window()


@CORNERS
def test_the_way_back_leads_to_the_receipt(reader: Person, house: House) -> None:
    page = reader.page
    reader.open(form_of(house, "question"))
    reader.write(name="陳小姐", contact="chen@example.org", note="Where?")
    reader.send()
    expect(page.locator("[data-copy]")).to_have_count(2)
    receipt, code = page.url, page.locator("[data-copy]").first.inner_text()
    page.go_back()
    page.wait_for_url(receipt)
    page.reload()
    expect(page.locator("[data-copy]").first).to_have_text(code)
    reader.open(paths.MY_REQUESTS)
    expect(page.locator(".row")).to_have_count(1)  # and no draft is left
    assert not reader.is_wider_than_the_window()


@NARROW
def test_without_a_script(someone: Someone, house: House) -> None:
    reader = someone(java_script_enabled=False)
    page = reader.page
    page.goto(house.base + form_of(house, "copy"))
    page.locator("input[name=type][value=certificate]").check()
    page.locator("button[value=update]").first.click()
    expect(page.locator("#file-identity_document")).to_be_visible()
    page.locator("input[name=relation][value=heir]").check()
    reader.write(name="陳小姐", contact="chen@example.org")
    page.locator("button[value=update]").last.click()
    expect(page.locator("#file-proof_of_relation")).to_be_visible()
    expect(page.locator("#name")).to_have_value("陳小姐")
    reader.send()
    expect(page.locator("[data-copy]")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("还缺 2 项")


@CORNERS
def test_hits_are_collected_without_leaving_the_list(reader: Person) -> None:
    page = reader.page
    reader.open(address(paths.SEARCH, q="石碇"))
    for button in page.locator("[data-collect]").all()[:2]:
        said = button.inner_text()
        button.click()
        expect(button).not_to_have_text(said)
    expect(page.locator(f'.masthead a[href="{paths.BASKET}"]').first).to_contain_text("2")
    reader.open(paths.BASKET)
    expect(page.locator(".collected li")).to_have_count(2)
    page.locator("form[action='/ask'] button").click()
    expect(page.locator(".records li")).to_have_count(2)
    assert not reader.is_wider_than_the_window()


@NARROW
def test_a_terminal_leaves_nothing_of_one_person_to_the_next(someone: Someone, house: House) -> None:
    reader = someone()
    page = reader.page
    key = run(house.workspace, "terminal", "add", "R1").split()[-1]
    reader.open(paths.TERMINAL)
    page.locator("#key").fill(key)
    page.locator("main form button").click()
    page.clock.install()
    reader.open(form_of(house, "copy"))
    reader.write(name="陳小姐", contact="chen@example.org", note="nobody else's business")
    page.clock.fast_forward((kiosk.SECONDS - 10) * 1000)
    expect(page.locator("[data-left]")).to_be_visible()
    page.locator("#note").press("End")
    page.clock.fast_forward((kiosk.SECONDS - 10) * 1000)
    expect(page.locator("#note")).to_have_value("nobody else's business")
    page.clock.fast_forward(11_000)
    page.wait_for_url(house.base + paths.LANDING)
    page.go_back()
    expect(page.locator("#note")).to_have_value("")
    reader.write(name="王先生", contact="wang@example.org")
    reader.send()
    expect(page.locator("[data-copy]")).to_have_count(2)
    page.locator("[data-wipe] button").click()
    page.wait_for_url(house.base + paths.LANDING)
    reader.open(paths.MY_REQUESTS)
    expect(page.locator(".row")).to_have_count(0)
    expect(page.locator("main, section").first).not_to_contain_text("王先生")


@NARROW
def test_every_page_and_screen_of_a_terminal_wipes_itself(someone: Someone, house: House) -> None:
    reader = someone()
    page = reader.page
    key = run(house.workspace, "terminal", "add", "R2").split()[-1]
    reader.open(form_of(house, "question"))
    reader.write(name="陳小姐", contact="chen@example.org", note="nobody else's business")
    reader.send()
    receipt, secret = (page.locator("[data-copy]").nth(place).inner_text() for place in (0, 1))
    reader.open(paths.TERMINAL)
    page.locator("#key").fill(key)
    page.locator("main form button").click()
    page.clock.install()
    reader.open(f"{paths.SEARCH}?q=石碇")
    expect(page.locator("form[data-wipe]")).to_be_visible()
    page.locator("[data-collect]").first.click()
    expect(page.locator(".masthead")).to_contain_text("1")
    assert not reader.is_wider_than_the_window()
    page.clock.fast_forward((kiosk.SECONDS - 10) * 1000)
    page.keyboard.press("Shift")
    page.clock.fast_forward((kiosk.SECONDS - 10) * 1000)
    expect(page.locator("[data-collect]").first).to_be_visible()
    page.clock.fast_forward(11_000)
    page.wait_for_url(house.base + paths.LANDING)
    reader.open(paths.BASKET)
    expect(page.locator(".records li")).to_have_count(0)
    reader.open("/s/")
    page.locator("#receipt").fill(receipt)
    page.locator("#secret").fill(secret)
    page.locator("main form button").first.click()
    page.wait_for_url(house.base + paths.receipt(receipt))
    expect(page.locator("#secret")).to_have_count(0)
    page.clock.fast_forward((kiosk.SECONDS + 1) * 1000)
    page.wait_for_url(house.base + paths.LANDING)
    page.go_back()
    expect(page.locator("#secret")).to_have_count(1)
    assert not reader.is_wider_than_the_window()
