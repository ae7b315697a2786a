"""What everybody needs, on every kind of page: one heading, landmarks, labels, targets one can hit; and axe."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS, Someone
from tests.browser.house import House, address, run
from tests.browser.people import Person

FOUND: Final = """smallest => {
    const seen = element => {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element)
        return box.width > 1 && box.height > 1 && style.visibility === 'visible' && box.bottom > 0
            && element.checkVisibility({ contentVisibilityAuto: false, opacityProperty: true })
    }
    const all = selector => [...document.querySelectorAll(selector)].filter(seen)
    const name = element => element.outerHTML.slice(0, 160)
    const labelled = field => field.labels?.length || field.matches('[aria-label], [aria-labelledby]')
    const inText = element => getComputedStyle(element).display === 'inline'
    const whole = element => element.matches('input[type=checkbox], input[type=radio]') && element.closest('label')
    const area = element => (whole(element) || element).getBoundingClientRect()
    const ends = element => { const box = area(element); return Math.min(box.width, box.height) < smallest }
    const targets = all('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]')
    return {
        headings: all('h1').length,
        main: document.querySelectorAll('main, [role=main], section[data-testid=stMain]').length,
        navigation: document.querySelectorAll('nav, [role=navigation]').length > 0,
        unlabelled: all('input:not([type=hidden]), select, textarea').filter(field => !labelled(field)).map(name),
        pictures: [...document.querySelectorAll('img:not([alt])')].map(name),
        small: targets.filter(element => !element.disabled && !inText(element) && ends(element)).map(name),
    } }"""
SMALLEST: Final = {True: 24, False: 1}
"""Target size in CSS pixels (WCAG 2.2, 2.5.8), where fingers point."""
GRAVE: Final = frozenset({"serious", "critical"})

Place = Callable[[House], str]


def _record(house: House) -> str:
    hit = next(hit for hit in house.search("石碇")["hits"] if len(hit["kinds"]) == 3)
    return paths.record(hit["id"], q="石碇", rank=1)


def _asked(house: House) -> str:
    return paths.ask(house.search("石碇")["hits"][0]["id"], type="copy")


def _case(house: House) -> str:
    return paths.case(house.file(resource_id=house.search("石碇")["hits"][0]["id"])["receipt"])


def _run(house: House) -> str:
    told = json.loads(run(house.workspace, "report", "--json"))
    return address(paths.RUNS, run=told["run"]["run"])


PAGES: Final[dict[str, Place]] = {
    "landing": lambda house: paths.LANDING,
    "search": lambda house: address(paths.SEARCH, q="石碇", f=["kind:digital"]),
    "nothing": lambda house: address(paths.SEARCH, q="石碇 qqqqqq"),
    "record": _record,
    "viewer": lambda house: _record(house).replace("/r/", "/view/"),
    "ask": _asked,
    "papers": lambda house: _asked(house).replace("type=copy", "type=certificate&relation=heir"),
    "basket": lambda house: paths.BASKET,
    "forms": lambda house: paths.FORMS,
    "form on paper": lambda house: paths.paper_form("certificate"),
    "requests": lambda house: paths.MY_REQUESTS,
    "follow": lambda house: paths.receipt(""),
    "login": lambda house: paths.LOGIN,
    "register": lambda house: paths.REGISTER,
    "reset": lambda house: paths.RESET,
    "terminal": lambda house: paths.TERMINAL,
    "about": lambda house: paths.ABOUT,
    "themes": lambda house: paths.THEMES,
    "theme": lambda house: paths.theme("land"),
    "theme found": lambda house: address(paths.theme("land"), place="石碇", f="level:item"),
    "theme mistaken": lambda house: paths.theme("land", lot="abc", code="abc"),
    "browse": lambda house: "/r",
}
STAFF_PAGES: Final[dict[str, Place]] = {
    "window": lambda house: paths.WINDOW,
    "inbox": lambda house: paths.INBOX,
    "case": _case,
    "feedback": lambda house: paths.FEEDBACK_LIST,
    "runs": lambda house: paths.RUNS,
    "run": _run,
    "links": lambda house: paths.LINKS,
    "account": lambda house: paths.ACCOUNT,
    "persons": lambda house: paths.PERSONS,
    "indicators": lambda house: paths.INDICATORS,
}


@CORNERS
@pytest.mark.parametrize("name", PAGES)
def test_readers_pages(reader: Person, house: House, name: str) -> None:
    reader.open(PAGES[name](house))
    sound(reader)


@CORNERS
@pytest.mark.parametrize("name", STAFF_PAGES)
def test_staff_pages(clerk: Person, house: House, name: str) -> None:
    house.file(resource_id=house.search("石碇")["hits"][0]["id"])
    clerk.open(STAFF_PAGES[name](house))
    sound(clerk)


@CORNERS
@pytest.mark.parametrize("name", ["search", "record"])
def test_in_the_dark(someone: Someone, house: House, name: str) -> None:
    reader = someone(color_scheme="dark")
    reader.open(PAGES[name](house))
    assert grave(reader) == []


@CORNERS
def test_errors_of_a_form_are_told(reader: Person) -> None:
    reader.open(paths.ASK)
    reader.send(agreed=False)
    expect(reader.page.locator("#errors")).to_be_focused()
    reader.forgive()  # Chromium's own line about a 422
    sound(reader)


@CORNERS
def test_the_drawer_of_filters(reader: Person) -> None:
    reader.open(address(paths.SEARCH, q="石碇"))
    if reader.screen.is_phone:
        reader.page.locator("[data-open=facets]").click()
        expect(reader.page.locator("dialog[open]")).to_be_visible()
    sound(reader)


def sound(person: Person) -> None:
    """Our own checks, then axe."""
    person.page.wait_for_function("() => document.querySelector('h1')")
    expect(person.page.locator("html")).to_have_attribute("lang", person.screen.language)
    found = person.page.evaluate(FOUND, SMALLEST[person.screen.is_phone])
    wanted = {"headings": 1, "main": 1, "navigation": True, "unlabelled": [], "pictures": [], "small": []}
    assert found == wanted, person.page.url
    assert grave(person) == []


def grave(person: Person) -> list[str]:
    """What axe calls serious or critical; of Streamlit's own nothing is among it here, so nothing is left out."""
    found: list[dict[str, Any]] = Axe().run(person.page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
