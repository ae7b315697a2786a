"""Suggestions at the search box: with keys, with fingers, with an input method, on screens and on plain pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from search_ui import paths
from tests.browser.conftest import CORNERS, SCREENS
from tests.browser.people import Person

PLACES = [paths.SEARCH, paths.ABOUT]


def box(reader: Person) -> Locator:
    return reader.page.locator("input[data-suggest]")


def options(reader: Person) -> Locator:
    return reader.page.locator(".suggestions [role=option]")


def typed(reader: Person, path: str, text: str) -> Locator:
    """Somebody opens a page and types; the list that appears."""
    reader.open(path)
    box(reader).click()
    reader.page.keyboard.type(text, delay=20)
    shown = reader.page.get_by_role("listbox")
    expect(shown).to_be_visible()
    return shown


@pytest.mark.parametrize("path", PLACES)
@CORNERS
def test_with_keys_a_name_is_searched_for(reader: Person, path: str) -> None:
    typed(reader, path, "shiding")
    first = options(reader).first
    expect(first).to_contain_text("石碇鄉")
    expect(first.locator("mark")).to_have_text("石碇")
    reader.page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    assert box(reader).get_attribute("aria-activedescendant") == first.get_attribute("id")
    count = re.search(r"\d+", first.locator("small").inner_text())
    reader.page.keyboard.press("Enter")
    expect(reader.hits.first).to_be_visible()
    assert count is not None
    expect(reader.h1).to_have_text(re.compile(rf"\b{count[0]}\b"))
    expect(reader.page.get_by_role("listbox")).to_be_hidden()


@CORNERS
def test_with_a_click_a_title_is_opened(reader: Person) -> None:
    typed(reader, paths.LANDING, "north carolina farm bureau rec")
    title = options(reader).filter(has_text="North Carolina Farm Bureau Records").last
    title.click()
    expect(reader.h1).to_have_text("North Carolina Farm Bureau Records")
    assert "/r/" in reader.page.url


@CORNERS
def test_escape_closes_and_the_words_stay(reader: Person) -> None:
    shown = typed(reader, paths.LANDING, "farm")
    reader.page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(box(reader)).to_have_value("farm")
    expect(box(reader)).to_have_attribute("aria-expanded", "false")
    reader.page.keyboard.press("ArrowDown")
    expect(reader.page.get_by_role("listbox")).to_be_visible()
    reader.page.keyboard.press("ArrowUp")
    expect(options(reader).last).to_have_attribute("aria-selected", "true")
    reader.page.keyboard.press("ArrowDown")
    expect(reader.page.locator(".suggestions [aria-selected=true]")).to_have_count(0)
    reader.page.keyboard.press("Enter")
    expect(reader.hits.first).to_be_visible()
    assert "q=farm" in reader.page.url


@pytest.mark.parametrize("screen", [SCREENS[-1]], ids=str, indirect=True)
def test_nothing_is_asked_in_the_middle_of_a_word(reader: Person) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url) if f"{paths.SUGGEST}?" in request.url else None)
    reader.open(paths.LANDING)
    box(reader).click()
    session: Any = reader.context.new_cdp_session(reader.page)
    for letters in ("s", "sh", "shi d", "shi ding"):
        session.send("Input.imeSetComposition", {"text": letters, "selectionStart": -1, "selectionEnd": -1})
        reader.page.wait_for_timeout(200)
    assert not asked
    session.send("Input.insertText", {"text": "石碇"})
    expect(options(reader).first).to_contain_text("石碇")
    assert [url.partition("q=")[2].partition("&")[0] for url in asked] == ["%E7%9F%B3%E7%A2%87"]


@CORNERS
def test_the_list_fits_and_needs_no_mouse(reader: Person) -> None:
    shown = typed(reader, paths.LANDING, "farm")
    area = shown.bounding_box()
    assert area and area["x"] >= 0 and area["x"] + area["width"] <= reader.screen.width
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= reader.screen.width
    heights = options(reader).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert min(heights) >= (44 if reader.screen.is_phone else 24)
    grave = [
        violation["id"]
        for violation in Axe().run(reader.page, context=".box").response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert not grave


@CORNERS
def test_another_spelling_is_offered_and_finds(reader: Person) -> None:
    reader.open(f"{paths.SEARCH}?q=corespondence")
    reader.page.get_by_role("link", name="correspondence", exact=True).click()
    expect(reader.hits.first).to_be_visible()
    expect(box(reader)).to_have_value("correspondence")
