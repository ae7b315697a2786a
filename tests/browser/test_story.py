"""The whole story, once for each width and language: found, read, asked for, answered, fetched; and once refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from search_ui import paths
from tests.browser.conftest import Someone
from tests.browser.house import FARM_CODE, House
from tests.browser.people import Person, act, inside, query_of

QUESTIONS = {"zh-Hans": "石碇乡", "en": "farm bureau"}
"""The Chinese one is simplified, the records it must find are traditional."""
ANSWER = "Three pages, copied.\n第二行 <b>plain</b>"
REASON = "密级未解 — see rule 7"
INSTEAD = "The open copy of the same file"


@dataclass(frozen=True)
class Filed:
    """What the reader takes home."""

    receipt: str
    secret: str


def test_the_whole_story(someone: Someone, house: House, tmp_path: Path) -> None:
    reader, stranger, clerk = someone(), someone(), someone()
    title = find(reader, house)
    read(reader, title)
    filed = order(reader)
    followed(reader, filed, title)
    kept_from(stranger, filed, title)
    sent = answer(clerk, filed, title, tmp_path)
    fetched(reader, filed, sent)
    refused = second(reader)
    refuse(clerk, refused)
    told(stranger, refused)


def find(reader: Person, house: House) -> str:
    """From the landing page to a hit of all three kinds; a facet and a chip on the way."""
    question = QUESTIONS[reader.screen.language]
    expected = house.search(question)
    reader.open(paths.LANDING)
    expect(reader.page.locator("html")).to_have_attribute("lang", reader.screen.language)
    reader.search(question)
    reader.counts(expected["total"])
    expect(reader.hits).to_have_count(min(20, expected["total"] - expected["folded"]))
    label = reader.term("kind", "digital")
    digital = reader.facet_count(label)
    assert 0 < digital < expected["total"]
    reader.tick(label)
    reader.counts(digital)
    assert query_of(reader.page.url)["f"] == ["kind:digital"]
    reader.chip(label).click()
    reader.counts(expected["total"])
    assert "f" not in query_of(reader.page.url)
    return open_the_joined_one(reader, expected["hits"])


def open_the_joined_one(reader: Person, hits: list[dict[str, object]]) -> str:
    wanted = next(hit for hit in hits if hit["kinds"] == ["physical", "digital", "thematic"] and hit["pages"])
    link = reader.page.locator(f'article.hit h2 a[href^="/r/{wanted["id"]}"]')
    expect(link).to_have_text(str(wanted["title"]))
    expect(link.locator("mark").first).to_be_visible()
    link.click()
    expect(reader.h1).to_have_text(str(wanted["title"]))
    return str(wanted["title"])


def read(reader: Person, title: str) -> None:
    """The record: its place, a page with boxes on the words, its entry with evidence, how to cite it."""
    page = reader.page
    if reader.screen.is_phone:
        expect(page.locator("details.place")).not_to_have_attribute("open", "")
        page.locator("details.place > summary").click()
    expect(page.get_by_role("tree")).to_be_visible()
    expect(page.locator('[role=treeitem][aria-current="page"]')).to_have_text(title)
    boxed_words(page)
    entries = page.locator("section:has(> #entries)")
    evidence = FARM_CODE if reader.screen.language == "en" else page.locator("dl.isad dd").first.inner_text()
    expect(entries).to_contain_text(reader.term("link_rule", "reference_code"))
    expect(entries).to_contain_text(evidence)
    expect(page.locator("section:has(> #description) dt").last).to_have_text(reader.web("Cite as"))
    expect(page.locator("section:has(> #description) dd").last).to_contain_text(page.url.split("?")[0])


def boxed_words(page: Page) -> None:
    """The page image is there, and every box lies on it."""
    scan = page.locator("a.scan img")
    scan.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('a.scan img').naturalWidth > 0")
    boxes = page.locator("a.scan .hitbox")
    assert boxes.count() > 0
    image = scan.bounding_box()
    assert all(inside(box.bounding_box(), image) for box in boxes.all())
    marked = "".join(page.locator(".ocr mark").all_text_contents())
    named = page.locator("a.scan .hitbox title").all_text_contents()
    assert any(word in marked or marked in word for word in named), (named, marked)


def order(reader: Person) -> Filed:
    """A copy: first sent empty, then filled in."""
    page = reader.page
    page.locator('.way a[href*="type=copy"]').click()
    expect(page.locator("input[name=type]:checked")).to_have_value("copy")
    reader.send(agreed=False)
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    expect(summary.locator("a")).to_have_count(3)
    reader.forgive()  # Chromium's own line about a 422
    summary.locator('a[href="#contact"]').click()
    expect(page.locator("#contact")).to_be_focused()
    reader.write(name="陳小姐 Chen", contact="chen@example.org", note="page 2, in colour")
    reader.send()
    kept = page.locator("[data-copy]")
    expect(kept).to_have_count(2)
    return Filed(*kept.all_inner_texts())


def followed(reader: Person, filed: Filed, title: str) -> None:
    """The reader follows it from here, and finds it again in the list of this browser."""
    page = reader.page
    page.locator(f'a[href="{paths.receipt(filed.receipt)}"]').click()
    expect(reader.h1).to_contain_text(title)
    expect(page.locator("main .state").first).to_have_text(reader.term("status", "accepted"))
    reader.open(paths.MY_REQUESTS)
    expect(page.locator(".row").filter(has_text=filed.receipt)).to_contain_text(title)


def kept_from(stranger: Person, filed: Filed, title: str) -> None:
    """Another browser sees neither list nor page without the secret, and the page with it."""
    stranger.open(paths.MY_REQUESTS)
    expect(stranger.page.locator(".row")).to_have_count(0)
    stranger.open(paths.receipt(filed.receipt))
    expect(stranger.page.locator("main")).not_to_contain_text(title)
    unlock(stranger, "wrong-" + filed.secret)
    expect(stranger.page.get_by_role("alert")).to_be_visible()
    expect(stranger.page.locator("main")).not_to_contain_text(title)
    stranger.forgive()  # Chromium's own line about a 404
    unlock(stranger, filed.secret)
    expect(stranger.h1).to_contain_text(title)
    assert filed.secret not in stranger.page.url


def unlock(person: Person, secret: str) -> None:
    person.page.locator("#secret").fill(secret)
    person.page.locator("main form button").click()


def answer(clerk: Person, filed: Filed, title: str, folder: Path) -> bytes:
    """Staff sign in, find it, take it, answer with words and a picture."""
    page = clerk.page
    clerk.sign_in("staff", paths.INBOX)
    row = (
        page.locator("table.requests tr")
        .filter(has_text=title)
        .filter(has=page.locator(f"[name='row.{filed.receipt}']"))
    )
    expect(row).to_contain_text(title)
    row.locator(".matter a").click()
    expect(clerk.h1).to_contain_text(title)
    expect(page.locator("#who + dl")).to_contain_text("chen@example.org")
    act(clerk, "take")
    expect(page.locator(".said")).to_have_text(clerk.web("It is in your hands now."))
    picture = folder / "copy 第一页.png"
    Image.new("RGB", (40, 40), (200, 30, 30)).save(picture)
    page.locator("form[data-act=answer] input[type=file]").set_input_files(picture)
    act(clerk, "answer", text=ANSWER)
    expect(page.locator(".said")).to_have_text(clerk.web("The answer is sent."))
    return picture.read_bytes()


def fetched(reader: Person, filed: Filed, sent: bytes) -> None:
    """The reader reads the answer and has the file, byte for byte."""
    page = reader.page
    reader.open(paths.receipt(filed.receipt))
    expect(page.locator("main .state").first).to_have_text(reader.term("status", "delivered"))
    expect(page.locator("section:has(> #answer) .prose")).to_have_text(ANSWER)
    with page.expect_download() as download:
        page.locator("section:has(> #answer) a.button").click()
    assert Path(download.value.path()).read_bytes() == sent
    assert download.value.suggested_filename == "copy 第一页.png"


def second(reader: Person) -> Filed:
    """A second request, a question without a record."""
    reader.open(f"{paths.ASK}?type=question")
    reader.write(name="陳小姐 Chen", contact="chen@example.org", note="May I see the closed part?")
    reader.send()
    kept = reader.page.locator("[data-copy]")
    expect(kept).to_have_count(2)
    return Filed(*kept.all_inner_texts())


def refuse(clerk: Person, filed: Filed) -> None:
    """Staff refuse it, with a reason and what can be had instead."""
    page = clerk.page
    clerk.open(paths.case(filed.receipt))
    act(clerk, "take")
    act(clerk, "refuse", reason=REASON, alternative=INSTEAD)
    expect(page.locator(".said")).to_have_text(clerk.web("The reader is told; the letter lies with the request."))


def told(person: Person, filed: Filed) -> None:
    """With the secret, from another browser: the reason, and what can be had instead."""
    person.open(paths.receipt(filed.receipt))
    unlock(person, filed.secret)
    expect(person.page.locator("main .state").first).to_have_text(person.term("status", "refused"))
    expect(person.page.locator("section:has(> #ground)")).to_contain_text(REASON)
    expect(person.page.locator("section:has(> #instead)")).to_contain_text(INSTEAD)
    expect(person.page.locator("section:has(> #instead) a.button")).not_to_have_count(0)
