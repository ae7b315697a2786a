"""The record page: what it shows to whom, that hostile text stays text, and that it works without script."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from search_ui.web import tree
from search_ui.web.linked_data import script
from tests.search_ui.web.house import (
    CLOSED_ID,
    FONDS_ID,
    HOSTILE,
    LAND_ID,
    LAST_ID,
    MANY,
    MANY_ID,
    ODD_ID,
    OFFICE_ID,
    REGISTERED_ID,
    SECRET_ID,
    UNKNOWN_ID,
    token_in,
)


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, tag: str, attribute: str) -> list[str]:
        return [
            attributes[attribute] or "" for name, attributes in self.elements if name == tag and attribute in attributes
        ]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page_of(browser: TestClient, address: str, status: int = 200) -> Page:
    answer = browser.get(address)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def test_a_record_says_what_it_is_and_what_can_be_had(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{LAND_ID}?q={quote('石碇鄉')}&rank=3")
    for shown in (
        "關於新北市石碇鄉石碇段石碇小段29號贈與案",
        "19841230",
        "Reference code Z013-1-001-005",
        "Original 1",
        "Scans, 2 pages",
    ):
        assert shown in page.text
    for way in ("Read online", "See the original", "within 3 working days", "Order a copy", "Ask an archivist"):
        assert way in page.text
    asked = [href for href in page.values("a", "href") if href.startswith("/ask?")]
    assert {"consult", "copy", "question"} <= {re.search(r"type=(\w+)", href)[1] for href in asked}  # type: ignore[index]
    assert all("rank=3" in href and f"resource={LAND_ID}" in href for href in asked)


def test_the_pages_stand_beside_their_text_with_the_words_boxed(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{LAND_ID}?q={quote('石碇鄉')}")
    assert "Page 2 of 2" in page.text and "hits on 1 page" in page.text
    assert [(box["x"], box["width"]) for tag, box in page.elements if tag == "rect"] == [("10.0", "90.0")]
    assert ("mark", {"id": "hit", "class": "current"}) in page.elements
    turned = [href for href in page.values("a", "href") if "page=1" in href]
    assert turned and page_of(browser, turned[0]).text.count("Page 1 of 2")


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "９", "99999999", ""])
def test_a_page_that_is_not_there_opens_the_first(browser: TestClient, number: str) -> None:
    assert "Page 1 of 2" in page_of(browser, f"/r/{LAND_ID}?page={quote(number)}").text


def test_the_part_a_script_asks_for_is_a_part(browser: TestClient) -> None:
    part = browser.get(f"/r/{LAND_ID}/pages/2", params={"q": "railway"})
    assert part.status_code == 200 and "<html" not in part.text
    assert '<mark id="hit" class="current">railway</mark>' in part.text
    assert browser.get(f"/r/{LAND_ID}/pages/3").status_code == 404
    assert browser.get(f"/r/{REGISTERED_ID}/pages/1").status_code == 404


def test_entries_show_why_they_were_joined(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{LAND_ID}")
    assert "Database entries on the same matter" in page.text and "地目 建" in page.text
    assert "same reference code Z013-1-001-005" in page.text


def test_the_description_follows_the_standard_and_ends_with_the_citation(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{LAND_ID}")
    labels = [
        "Reference code",
        "Dates",
        "Level of description",
        "Extent",
        "Held by",
        "Languages",
        "Creator",
        "Note",
        "自訂欄",
        "Access",
        "Cite as",
    ]
    places = [page.text.index(label, page.text.index("Description")) for label in labels]
    assert places == sorted(places)
    assert "Land files, Z013-1-001-005" in page.text
    assert "/search?f=subject%3A%E5%9C%9F%E5%9C%B0" in page.values("a", "href")


def test_staff_see_more(browser: TestClient, staff: TestClient) -> None:
    public, internal = browser.get(f"/r/{LAND_ID}").text, staff.get(f"/r/{LAND_ID}").text
    for secret in ("STAFF-NOTE", "STACK-4", "BC-77"):
        assert secret not in public and secret in internal
    assert staff.get(f"/r/{SECRET_ID}").status_code == 200


@pytest.mark.parametrize("suffix", ["", "/children", "/text.txt", "/pages/1"])
def test_unknown_and_forbidden_look_the_same(browser: TestClient, suffix: str) -> None:
    def seen(resource: str) -> tuple[int, str]:
        answer = browser.get(f"/r/{resource}{suffix}")
        return answer.status_code, re.sub(r'value="\w{64}"', "", answer.text).replace(resource, "ID")

    assert seen(SECRET_ID) == seen(UNKNOWN_ID)
    assert seen(SECRET_ID)[0] == 404 and 'role="search"' in seen(SECRET_ID)[1]


def test_other_names_of_a_record_lead_to_its_address(browser: TestClient) -> None:
    answer = browser.get(f"/r/{quote('east:a/b.xml#c1', safe='')}?q=x")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/r/{ODD_ID}?q=x")
    assert browser.get("/r/scans:scan-005").headers["location"] == f"/r/{LAND_ID}"


def test_a_closed_record_says_when_it_opens_and_what_one_can_do(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{CLOSED_ID}")
    assert "Opens on Monday 1 January 2046" in page.text and "Ask an archivist" in page.text


def test_signing_in_is_offered_where_it_helps(browser: TestClient, reader: TestClient) -> None:
    address = f"/r/{REGISTERED_ID}"
    assert f"/login?next={quote(address, safe='')}" in page_of(browser, address).values("a", "href")
    assert "bulletin text" not in browser.get(address).text
    assert "bulletin text" in page_of(reader, address).text


PAGES_WITH_HOSTILE_TEXT = [
    f"/r/{ODD_ID}",
    f"/r/{ODD_ID}?q={quote(HOSTILE)}",
    "/r",
    f"/login?next={quote(HOSTILE)}",
    f"/r/nothing{quote(HOSTILE, safe='')}",
    f"/s/{quote(HOSTILE, safe='')}",
]


@pytest.mark.parametrize("address", PAGES_WITH_HOSTILE_TEXT)
def test_hostile_text_stays_text(browser: TestClient, address: str) -> None:
    page = Page(browser.get(address).text)
    assert [attributes for tag, attributes in page.elements if tag == "script" and "src" not in attributes] in (
        [],
        [{"type": "application/ld+json"}],
    )
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "x" not in page.values("img", "src")
    hrefs = page.values("a", "href") + page.values("form", "action") + page.values("link", "href")
    assert all(re.match(r"(/(?!/)|#|\?|https?://|mailto:)", href) for href in hrefs), hrefs
    assert "{{7*7}}" in html.unescape(browser.get(address).text) or "49" not in page.text


def test_only_web_addresses_become_links(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{ODD_ID}")
    assert "javascript:alert(3)" in page.text
    outside = [
        (tag, attributes)
        for tag, attributes in page.elements
        if (attributes.get("href") or "").startswith("https://example.org")
    ]
    assert outside and all("noopener" in (attributes["rel"] or "") for _, attributes in outside)
    assert outside[0][1]["href"] == "https://example.org/a?b=1&c=<d>"


def test_machines_read_it_as_schema_org(browser: TestClient) -> None:
    text = browser.get(f"/r/{LAND_ID}").text
    data = json.loads(text.split('<script type="application/ld+json">', 1)[1].split("</script>", 1)[0])
    assert data["@type"] == "ArchiveComponent" and data["name"].startswith("關於新北市")
    assert data["isPartOf"]["name"] == "案卷 001" and data["holdingArchive"]["@type"] == "ArchiveOrganization"
    assert json.loads(script({"a": HOSTILE + "</script>\u2028"})) == {"a": HOSTILE + "</script>\u2028"}
    assert not set("<>&\u2028") & set(script({"a": HOSTILE + "</script>\u2028"}))


BACK = {
    "from=q%3D%E7%9F%B3%26f%3Dkind%253Adigital": "/search?q=%E7%9F%B3&f=kind%3Adigital",
    "q=land": "/search?q=land",
    "from=https%3A%2F%2Fevil.example%2F": "/search",
    "from=%2F%2Fevil.example%3Fq%3Dx": "/search",
    "from=javascript%3Aalert(1)": "/search",
}


@pytest.mark.parametrize("query", BACK)
def test_the_way_back_leads_to_a_search_and_nowhere_else(browser: TestClient, query: str) -> None:
    page = page_of(browser, f"/r/{LAND_ID}?{query}")
    back = [attributes["href"] for tag, attributes in page.elements if tag == "a" and attributes.get("class") == "back"]
    assert back == [BACK[query]]


def test_the_tree_is_opened_at_the_record(browser: TestClient) -> None:
    page = page_of(browser, f"/r/{LAND_ID}")
    items = [attributes for tag, attributes in page.elements if attributes.get("role") == "treeitem"]
    assert next(item["href"] for item in items) == f"/r/{FONDS_ID}"
    assert [item["tabindex"] for item in items].count("0") == 1
    assert [item["href"] for item in items if item.get("aria-current")] == [f"/r/{LAND_ID}"]


@pytest.mark.parametrize(("record", "offset", "rest"), [(MANY_ID, 24, "106 more"), (LAST_ID, 57, "117 earlier")])
def test_the_tree_never_holds_more_than_sixty_nodes(browser: TestClient, record: str, offset: int, rest: str) -> None:
    page = page_of(browser, f"/r/{record}")
    items = [attributes for tag, attributes in page.elements if attributes.get("role") == "treeitem"]
    assert len(items) <= 60
    assert [item["href"] for item in items if "data-more" in item] == [f"/r/{MANY_ID}/children?offset={offset}"]
    assert rest in page.text


def test_a_record_among_many_stands_beside_its_neighbours(browser: TestClient) -> None:
    assert "Letter 129" in page_of(browser, f"/r/{LAST_ID}").text


def test_the_rest_of_a_branch_comes_as_tree_items_json_or_a_page(browser: TestClient) -> None:
    address = f"/r/{MANY_ID}/children?offset=24"
    part = browser.get(f"{address}&part=tree").text
    assert part.count('role="treeitem"') == 62 and "24 earlier" in part and "46 more" in part and "<html" not in part
    assert browser.get(address, headers={"accept": "application/json"}).json()["total"] == MANY
    page = page_of(browser, address)
    assert "25 to 84" in page.text and f"/r/{MANY_ID}/children?offset=84" in page.values("a", "href")


def test_one_record_alone_has_no_tree(services: Services) -> None:
    from mappings.access import ANONYMOUS

    resource = services.resource(CLOSED_ID, ANONYMOUS)
    assert resource is not None and tree.opened_at(services, resource, ANONYMOUS) is None


def test_text_of_all_pages_or_of_one(browser: TestClient) -> None:
    whole = browser.get(f"/r/{LAND_ID}/text.txt")
    assert (
        whole.headers["content-type"] == "text/plain; charset=utf-8"
        and "attachment" in whole.headers["content-disposition"]
    )
    assert "登記簿" in whole.text and "railway" in whole.text
    assert "登記簿" not in browser.get(f"/r/{LAND_ID}/text.txt?page=2").text
    assert "bulletin text" not in browser.get(f"/r/{REGISTERED_ID}/text.txt").text


def test_feedback_without_script_goes_back_to_the_record(browser: TestClient, staff: TestClient) -> None:
    token = token_in(browser.get(f"/r/{LAND_ID}").text)
    sent = {"csrf": token, "kind": "not_relevant", "query": "石碇", "rank": "2", "note": ""}
    answer = browser.post(f"/r/{LAND_ID}/feedback", data=sent)
    assert answer.status_code == 303 and answer.headers["location"].endswith("said=not_relevant#feedback")
    assert "Thank you" in page_of(browser, answer.headers["location"]).text
    kept = staff.get("/api/v1/staff/feedback").json()["rows"][0]
    assert (kept["kind"], kept["query"], kept["rank"]) == ("not_relevant", "石碇", 2)
    assert browser.post(f"/r/{LAND_ID}/feedback", data={**sent, "kind": "rude"}).status_code == 422
    assert browser.post(f"/r/{SECRET_ID}/feedback", data=sent).status_code == 404
    assert browser.post(f"/r/{LAND_ID}/feedback", data={**sent, "csrf": "x"}).status_code == 403
    assert (
        browser.post(f"/r/{LAND_ID}/feedback", data=sent, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    )


def test_the_viewer_shows_one_page(browser: TestClient) -> None:
    page = page_of(browser, f"/view/{LAND_ID}?page=2&q={quote('石碇鄉')}")
    boxes = [attributes for tag, attributes in page.elements if tag == "rect"]
    assert [(box["tabindex"], box["aria-label"]) for box in boxes] == [("0", "石碇鄉")]
    assert f"/r/{LAND_ID}/pages/2/image" in page.values("img", "src")
    assert browser.get(f"/view/{CLOSED_ID}").status_code == 404
    assert browser.get(f"/view/{SECRET_ID}").status_code == 404


def test_the_viewer_leads_from_hit_to_hit_and_lists_the_pages(browser: TestClient) -> None:
    page = page_of(browser, f"/view/{LAND_ID}?q={quote('土地 OR 石碇鄉')}&list=1")
    assert "2 pages of this volume match" in page.text and "Hit 1 of 2 · page 1 of 2 with hits" in page.text
    assert "Page 1 (1r)" in page.text and "Page 2 (2r)" in page.text
    onward = [href for href in page.values("a", "href") if "hit=1" in href and "page=2" in href]
    assert onward and onward[0].endswith("#hit") and "list=1" in onward[0]
    after = page_of(browser, onward[0])
    assert "Hit 2 of 2 · page 2 of 2 with hits" in after.text
    back = [href for href in after.values("a", "href") if "hit=last" in href]
    assert back and "page=1" in back[0]
    closed = page_of(browser, f"/view/{LAND_ID}?q={quote('土地 OR 石碇鄉')}")
    assert "Close the list" not in closed.text and "2 pages of this volume match" in closed.text


@pytest.mark.parametrize("odd", ["hit=0", "hit=99", "hit=x", "list=0", "list=99", "list=x", "part=0", "hit=<b>"])
def test_an_odd_address_opens_the_page_all_the_same(browser: TestClient, odd: str) -> None:
    page = page_of(browser, f"/view/{LAND_ID}?page=2&q={quote('石碇鄉')}&{odd}")
    assert [tag for tag, _ in page.elements].count("mark") == 1


def test_nothing_found_in_a_volume_is_said(browser: TestClient) -> None:
    page = page_of(browser, f"/view/{LAND_ID}?q=zzzz&list=1")
    assert "No page of this volume has these words." in page.text and "with hits" not in page.text


def test_the_whole_description_is_a_text(browser: TestClient) -> None:
    answer = browser.get(f"/r/{LAND_ID}/description.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "原為石碇鄉鄉有土地。" in answer.text and "STAFF-NOTE" not in answer.text
    assert browser.get(f"/r/{SECRET_ID}/description.txt").status_code == 404


def test_words_of_the_page_follow_the_reader_and_those_of_the_record_do_not(browser: TestClient) -> None:
    for language, word in {"zh-Hans": "您可以", "zh-Hant": "檔號", "en": "What you can do"}.items():
        text = browser.get(f"/r/{LAND_ID}?lang={language}").text
        assert word in text and "關於新北市石碇鄉" in text


def test_pages_are_not_kept_between_readers(browser: TestClient) -> None:
    headers = browser.get(f"/r/{LAND_ID}").headers
    assert "private" in headers["cache-control"] and "cookie" in headers["vary"]


def test_browsing_starts_at_the_top(browser: TestClient) -> None:
    assert f"/r/{FONDS_ID}" in page_of(browser, "/r").values("a", "href")
    assert "Personnel matters" not in browser.get("/r").text


def test_similar_records_come_as_a_page_and_as_a_part(browser: TestClient) -> None:
    record = browser.get(f"/r/{LAND_ID}").text
    assert f'data-part="/r/{LAND_ID}/similar?part=list"' in record
    page = browser.get(f"/r/{LAND_ID}/similar")
    assert page.status_code == 200 and "Similar records" in page.text
    part = browser.get(f"/r/{LAND_ID}/similar?part=list").text
    assert "<html" not in part and part.strip() in page.text
    assert (
        browser.get(f"/r/{SECRET_ID}/similar").status_code == browser.get(f"/r/{UNKNOWN_ID}/similar").status_code == 404
    )


def test_hostile_words_in_common_stay_words(browser: TestClient) -> None:
    for identifier in (ODD_ID, OFFICE_ID):
        part = page_of(browser, f"/r/{identifier}/similar?part=list")
        assert not {"script", "img"} & {tag for tag, _ in part.elements}
