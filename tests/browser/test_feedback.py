"""A word on a hit: said on the record page, found by staff with the question and the place it was found at."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from search_ui import paths
from tests.browser.conftest import CORNERS
from tests.browser.house import address
from tests.browser.people import Person


@CORNERS
def test_each_word_lands_in_the_list_of_staff_with_query_and_rank(reader: Person, clerk: Person) -> None:
    question, note = "嘉义", f"the date is wrong ({reader.screen})"
    reader.open(address(paths.SEARCH, q=question))
    link = reader.hits.nth(1).locator("h2 a")
    title = link.text_content() or ""
    link.click()
    expect(reader.h1).to_have_text(title)
    for kind in ("relevant", "not_relevant"):
        reader.page.locator(f'form.feedback button[value="{kind}"]').click()
        expect(said(reader)).to_have_count(1)
        reader.page.reload()
    reader.page.locator("#feedback details > summary").click()
    reader.page.locator("#feedback textarea").fill(note)
    reader.page.locator("#feedback details form button").click()
    expect(said(reader)).to_have_count(1)
    clerk.open(paths.FEEDBACK_LIST)
    rows = clerk.page.locator("table.inbox tbody tr")
    for place, kind in enumerate(("wrong", "not_relevant", "relevant")):
        row = rows.nth(place)
        for text in (title, clerk.term("feedback", kind), question, clerk.t("place {rank}", rank=2)):
            expect(row).to_contain_text(text)
    expect(rows.first).to_contain_text(note)
    seen(clerk, rows.first, note)


def said(reader: Person) -> Locator:
    """The thanks on the record page."""
    return reader.page.locator("#feedback").get_by_role("status")


def seen(clerk: Person, row: Locator, note: str) -> None:
    """Staff mark it; it stands among those seen from then on."""
    row.locator("[data-act]").first.click()
    expect(row).not_to_contain_text(note)
    clerk.open(f"{paths.FEEDBACK_LIST}?state=seen")
    expect(clerk.page.locator("table.inbox tbody tr").first).to_contain_text(note)
