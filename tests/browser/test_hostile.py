"""Hostile words stay words: on every screen that shows a catalogue, a reader's letter or a clerk's answer."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Response, expect

from search_ui import paths
from tests.browser import hostile
from tests.browser.conftest import CORNERS, Someone
from tests.browser.house import House, address
from tests.browser.people import Person, act

PLAIN: Final = "default-src 'self'"
LONGEST_TITLE: Final = 2000


def harmless(person: Person, answer: Response | None = None) -> None:
    """Nothing ran, nothing was put in, nothing sticks out; what the browser complained of counts after the test."""
    found = person.page.evaluate(hostile.TRACES)
    assert found == {"pwned": None, "elements": 0, "foreign": 0}, (person.page.url, found)
    assert not person.is_wider_than_the_window(), person.page.url
    title = person.page.title()
    assert 0 < len(title) < LONGEST_TITLE and title.isprintable() and "\u202e" not in title, (person.page.url, title)
    if answer is not None:
        assert answer.headers["content-security-policy"].startswith(PLAIN)
        assert "'unsafe-eval'" not in answer.headers["content-security-policy"]


@CORNERS
def test_in_search(reader: Person, house: House) -> None:
    found = house.search(hostile.WORD)
    assert found["total"] == len(hostile.TEXTS)
    harmless(reader, reader.open(address(paths.SEARCH, q=hostile.WORD)))
    titles = reader.hits.locator("h2 a").all_text_contents()
    assert set(titles) == {hit["title"] for hit in found["hits"]}
    expect(reader.page.locator("main, [data-testid=stMain]").first).to_contain_text("{{7*7}}")
    for text in (hostile.SCRIPT, hostile.IMAGE, hostile.MARKDOWN, hostile.BREAKOUT, hostile.REVERSED):
        reader.open(paths.LANDING)
        reader.search(text)
        expect(reader.h1).to_have_count(1)
        expect(reader.box).to_have_value(text)
        harmless(reader)
    harmless(reader, reader.open(address(paths.SEARCH, q=hostile.WORD, f=[f"person:{hostile.IMAGE}"], sort="<b>")))


@CORNERS
def test_on_records_and_their_pages(reader: Person, house: House) -> None:
    hits = {hit["title"]: hit for hit in house.search(hostile.WORD)["hits"]}
    for title, hit in hits.items():
        answer = reader.open(paths.record(hit["id"], q=hostile.WORD, rank=1))
        expect(reader.h1).to_have_text(title)
        assert title.split()[0][:20] in reader.page.title() or "\u202e" in title
        harmless(reader, answer)
    led = hits[hostile.TEXTS[hostile.LEADER]]
    assert set(led["kinds"]) == {"physical", "digital", "thematic"}
    reader.open(paths.record(led["id"], q=hostile.WORD))
    expect(reader.page.locator(".ocr").first).to_contain_text(hostile.SCRIPT)
    expect(reader.page.locator("section:has(> #entries)")).to_contain_text(hostile.IMAGE)
    for path in (paths.viewer(led["id"], q=hostile.WORD), f"/r/{led['id']}/children", paths.ABOUT, "/r"):
        harmless(reader, reader.open(path))


@CORNERS
def test_in_a_request_from_form_to_desk(someone: Someone, clerk: Person, house: House) -> None:
    reader = someone()
    led = next(hit for hit in house.search(hostile.WORD)["hits"] if hit["title"] == hostile.TEXTS[hostile.LEADER])
    answer = reader.open(paths.ask(led["id"], type="copy", q=hostile.IMAGE, rank=3))
    expect(reader.page.locator(".records").first).to_contain_text(hostile.SCRIPT)
    harmless(reader, answer)
    note = f"{hostile.BREAKOUT}\n{hostile.MARKDOWN}\n{hostile.UNBROKEN}"
    reader.write(name=hostile.NAME, contact=hostile.IMAGE, note=note)
    harmless(reader)
    reader.send()
    receipt = reader.page.locator("[data-copy]").first.inner_text()
    for path in (paths.receipt(receipt), paths.MY_REQUESTS):
        harmless(reader, reader.open(path))
        expect(reader.page.locator("body")).to_contain_text(hostile.SCRIPT)
    at_the_desk(clerk, receipt)
    harmless(reader, reader.open(paths.receipt(receipt)))
    expect(reader.page.locator("section:has(> #answer)")).to_contain_text(hostile.MARKDOWN)


def at_the_desk(clerk: Person, receipt: str) -> None:
    """Staff see the words as words, and answer in kind."""
    for path in (paths.INBOX, f"{paths.INBOX}?find={receipt}", address(paths.INBOX, find=hostile.SCRIPT)):
        harmless(clerk, clerk.open(path))
        expect(clerk.page.locator("table.requests tr").filter(has_text=receipt)).to_contain_text(hostile.NAME)
    harmless(clerk, clerk.open(paths.case(receipt)))
    expect(clerk.page.locator("#who + dl")).to_contain_text(hostile.UNBROKEN)
    expect(clerk.page.locator("#who + dl")).to_contain_text(hostile.NAME)
    act(clerk, "take")
    act(clerk, "answer", text=f"{hostile.SCRIPT}{hostile.MARKDOWN}{hostile.UNBROKEN}")
    expect(clerk.page.locator(".said")).to_have_text(clerk.web("The answer is sent."))
    expect(clerk.page.locator("ol.line li").first).to_contain_text(hostile.MARKDOWN)
    harmless(clerk)


@CORNERS
def test_in_feedback(reader: Person, clerk: Person, house: House) -> None:
    hit = house.search(hostile.WORD)["hits"][0]
    form = {"resource_id": hit["id"], "kind": "wrong", "note": hostile.BREAKOUT, "query": hostile.IMAGE, "rank": 1}
    assert reader.page.request.post(f"{house.base}{paths.API}/feedback", data=form).status == 201
    harmless(clerk, clerk.open(paths.FEEDBACK_LIST))
    expect(clerk.page.locator("table.inbox")).to_contain_text(hostile.BREAKOUT)
    expect(clerk.page.locator("table.inbox")).to_contain_text(hostile.IMAGE)
