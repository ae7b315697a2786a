"""Without script, and with nothing but keys."""

from __future__ import annotations

from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS, Someone
from tests.browser.house import PASSWORDS, House, address
from tests.browser.people import Person


@CORNERS
def test_without_script_one_reads_follows_and_signs_in(someone: Someone, house: House) -> None:
    reader = someone(java_script_enabled=False)
    page = reader.page
    hit = next(hit for hit in house.search("石碇")["hits"] if len(hit["kinds"]) == 3)
    reader.goto(paths.record(hit["id"], q="石碇"))
    expect(reader.h1).to_have_text(hit["title"])
    expect(page.get_by_role("tree")).to_be_visible()
    expect(page.locator("a.scan .hitbox").first).to_be_attached()
    page.locator(".strip a").last.click()
    expect(page.locator(".strip [aria-current=page]")).to_contain_text(str(hit["page_total"]))
    page.locator('form.feedback button[value="relevant"]').click()
    expect(page.locator("#feedback").get_by_role("status")).to_be_visible()
    filed = house.file(resource_id=hit["id"])
    reader.goto(paths.receipt(filed["receipt"]))
    page.locator("#secret").fill(filed["secret"])
    page.locator("main form button").click()
    expect(page.locator("main .state").first).to_have_text(reader.term("status", "delivered"))
    reader.goto(f"{paths.LOGIN}?next={paths.ABOUT}")
    page.locator("#name").fill("reader")
    page.locator("#password").fill(PASSWORDS["reader"])
    page.locator("main form button").click()
    expect(page.locator(f'form[action="{paths.LOGOUT}"]').first).to_be_attached()


@CORNERS
def test_without_script_the_screens_say_what_works(someone: Someone) -> None:
    reader = someone(java_script_enabled=False)
    reader.goto(paths.LANDING)
    for path in (paths.ABOUT, paths.receipt(""), "/r"):
        expect(reader.page.locator(f'noscript a[href="{path}"], a[href="{path}"]').first).to_be_visible()


@CORNERS
def test_with_keys_alone_one_searches_and_opens_a_hit(reader: Person) -> None:
    page, keys = reader.page, reader.page.keyboard
    reader.open(paths.LANDING)
    tab_to(reader, "form[data-box] input")
    keys.type("石碇")
    keys.press("Enter")
    expect(reader.hits.first).to_be_visible()
    tab_to(reader, "article.hit h2 a")
    title = page.locator(":focus").text_content() or ""
    keys.press("Enter")
    expect(reader.h1).to_have_text(title)


def tab_to(reader: Person, selector: str, presses: int = 80) -> None:
    """Tab until the focus is there, and can be seen there."""
    for _ in range(presses):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{presses} tabs did not lead to {selector}")


@CORNERS
def test_the_first_tab_offers_to_skip_to_the_content(reader: Person, house: House) -> None:
    page = reader.page
    for path in (address(paths.SEARCH, q="石碇"), paths.ABOUT):
        reader.open(path)
        page.locator("body").evaluate("() => document.activeElement.blur()")
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        expect(skip).to_be_in_viewport()
        target = skip.get_attribute("href") or ""
        assert target.startswith("#") and page.locator(target).count() == 1
        assert skip.inner_text() in (reader.web("Skip to the content"), reader.t("Skip to main content"))
        page.keyboard.press("Enter")
        assert page.evaluate(
            """target => { const main = document.querySelector(target)
            return main.contains(document.activeElement) || location.hash === target }""",
            target,
        )


@CORNERS
def test_the_tree_is_walked_with_arrows(reader: Person, house: House) -> None:
    page = reader.page
    fonds = next(hit for hit in house.search("石碇")["hits"] if hit["ancestors"])["ancestors"][0]
    reader.open(paths.record(fonds["id"]))
    if reader.screen.is_phone:
        expect(page.locator("details.place")).not_to_have_attribute("open", "")
        page.locator("details.place > summary").click()
    here = page.locator('[role=treeitem][aria-current="page"]')
    here.focus()
    page.keyboard.press("ArrowDown")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("aria-expanded", "true")
    name = focused.text_content()
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).not_to_have_text(name or "")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(":focus")).to_have_text(name or "")
    page.keyboard.press("Home")
    page.keyboard.press("End")
    title = page.locator(":focus").text_content() or ""
    page.keyboard.press("Enter")
    expect(reader.h1).to_have_text(title)
