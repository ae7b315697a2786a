"""The four questions at the doors of the house: what is said of a record not described, where copies are refused, and
what a hit says of closures, papers and other holders.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from starlette.testclient import TestClient

from indexer.resource import Resource, mint
from mappings.access import Access
from mappings.record import Copy, Dates, Identifier, Name, Record
from search_ui.services import Services
from tests.search_ui.web import house
from tests.search_ui.web.house import FONDS, Items, client_of, open_house, sign_in

WORD, NOWHERE = "zqxwhist", "vkjpnow"
ARTICLE = "檔案法第十八條第一款"
UNDESCRIBED = Record(
    f"{WORD}.xml#c9",
    f"The case of {WORD}",
    level="file",
    reference_code="Z013-9",
    holder=house.HOUSE,
    dates=Dates("1861", 1861, 1861),
    names=(Name(f"{WORD}, Anna", "person", "subject"),),
    description={"scope_and_content": f"about {WORD}"},
    identifiers=(Identifier("ark", f"ark:/1/{WORD}"),),
    copies=(Copy(page_count=1, pages=(house.page(1, WORD),)),),
    ancestors=(FONDS,),
    access=Access(
        "closed", "national security", dt.date(2046, 1, 1), article="檔案法第十八條第一款", describe="internal"
    ),
)
BELOW = Record(
    "below",
    "A plan",
    access=Access("open", describe="open"),
    ancestors=(FONDS, structs.replace(FONDS, source_id=UNDESCRIBED.source_id, title=WORD, internal=True)),
)
READ_ONLY = Record(
    "read-only",
    "A diary to be read here",
    kind="digital",
    copies=(
        Copy(url="https://example.org/diary.pdf", page_count=2, pages=tuple(house.page(n, "diary") for n in (1, 2))),
    ),
    access=Access("open", copy="closed", copy_reason="the wish of the family"),
)
APPLY = Record("apply", "A personal file", access=Access("restricted", "personal data", article="第二十八条"))
NORTH = Record("n1", "The charter", reference_code="C 1", holder="North", access=Access("closed", "fragile"))
SOUTH = Record(
    "s1", "The charter", reference_code="C 1", holder="South", copies=(Copy(url="https://south.example/c1"),)
)
ID, BELOW_ID, READ_ID, APPLY_ID = (
    mint(source, record.source_id)
    for source, record in (("list", UNDESCRIBED), ("list", BELOW), ("scans", READ_ONLY), ("list", APPLY))
)
CHARTER_ID = mint("north", "n1")


def _more() -> Iterator[Resource]:
    for source, record in (("list", UNDESCRIBED), ("list", BELOW), ("scans", READ_ONLY), ("list", APPLY)):
        yield house._resource(house._member(source, record))
    yield house._resource(house._member("north", NORTH), house._member("south", SOUTH, "reference_code"))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = open_house(Path(tmp_path_factory.mktemp("house")), Items(), more=tuple(_more()))
    yield made
    made.desk.close()


@pytest.fixture
def browser(services: Services) -> TestClient:
    return client_of(services)


def test_a_record_not_described_says_where_it_is_and_why(browser: TestClient) -> None:
    shown = browser.get(f"/r/{ID}").text
    assert "Record not described publicly" in shown
    for said in ("Z013-9", house.HOUSE, FONDS.title, "national security", "檔案法第十八條第一款", "2046"):
        assert said in shown
    assert WORD not in shown and "1861" not in shown
    chinese = browser.get(f"/r/{ID}?lang=zh-Hant").text
    assert "未公開著錄的檔案" in chinese


DOORS = (
    f"/r/{ID}",
    f"/r/{ID}/similar",
    f"/r/{ID}/children",
    f"/r/{ID}/description.txt",
    f"/r/{ID}/text.txt",
    f"/r/{ID}/pages/1",
    f"/view/{ID}",
    f"/r/{BELOW_ID}",
    f"/r/{house.FONDS_ID}",
    f"/r/{house.FONDS_ID}/children",
    f"/api/v1/resources/{ID}",
    f"/api/v1/resources/{ID}/pages/1",
    f"/api/v1/resources/{ID}/similar",
    f"/api/v1/resources/{BELOW_ID}",
    f"/api/v1/resources/{house.FONDS_ID}/children",
    "/api/v1/search?q=*&size=100&sort=date",
    "/api/v1/search?q=Z013-9",
    "/api/v1/facets/person?q=*",
    "/api/v1/suggest?q=Z013-9",
    "/api/v1/suggest?q=The%20case",
    "/sitemap.xml",
)


@pytest.mark.parametrize("door", DOORS)
def test_no_door_has_a_word_of_it(door: str, browser: TestClient) -> None:
    answer = browser.get(door, follow_redirects=True)
    assert WORD not in answer.text and "1861" not in answer.text


def test_who_asks_for_its_words_is_answered_as_for_words_that_are_nowhere(browser: TestClient) -> None:
    def asked(word: str, field: str = "") -> str:
        found = browser.get(f"/api/v1/search?q={field}{word}").json()
        return str({**found, "took_ms": 0}).replace(word, "-")

    for field in ("", "name:", "title:", "code:"):
        assert asked(WORD, field) == asked(NOWHERE, field)
    assert "1860" not in str(browser.get("/api/v1/search?q=*").json()["facets"]["decade"])
    (hit,) = browser.get("/api/v1/search?q=Z013-9").json()["hits"]
    assert (hit["id"], hit["title"], hit["described"]) == (ID, "Z013-9", False)


def test_staff_read_it_whole(services: Services) -> None:
    staff = client_of(services)
    sign_in(staff, "lin")
    shown = staff.get(f"/r/{ID}").text
    assert f"The case of {WORD}" in shown and "Description for staff only" in shown
    assert staff.get(f"/api/v1/search?q={WORD}").json()["total"] == 1


def test_what_may_only_be_read_gives_no_files(browser: TestClient) -> None:
    shown = browser.get(f"/r/{READ_ID}").text
    assert "No copies" in shown and "the wish of the family" in shown
    assert "text.txt" not in shown and "Download the image" not in shown and "diary.pdf" not in shown
    image = f"/r/{READ_ID}/pages/1/image"
    assert browser.get(f"{image}?w=900").status_code == 200
    for refused in (image, f"/r/{READ_ID}/text.txt", f"/r/{READ_ID}/text.txt?page=2"):
        answer = browser.get(refused)
        assert (answer.status_code, "the wish of the family" in answer.text) == (403, True)
    api = browser.get(f"/api/v1/resources/{READ_ID}/pages/1/image")
    assert (api.status_code, "the wish of the family" in api.json()["detail"]) == (403, True)
    assert browser.get(f"/api/v1/resources/{READ_ID}/pages/1/image?w=400").status_code == 200
    assert browser.get(f"/api/v1/resources/{READ_ID}/pages/1").json()["text"] == "diary"
    viewed = browser.get(f"/view/{READ_ID}").text
    assert f"{image}?w=900" in viewed and f'{image}"' not in viewed
    (copy,) = browser.get(f"/api/v1/resources/{READ_ID}").json()["copies"]
    assert (copy["readable"], copy["copyable"], copy["url"]) == (True, False, None)


def test_where_copies_are_given_files_are(browser: TestClient) -> None:
    assert browser.get(f"/r/{house.LAND_ID}/pages/1/image").status_code == 200
    assert browser.get(f"/r/{house.LAND_ID}/text.txt").status_code == 200


def test_each_hit_says_the_four_answers(browser: TestClient) -> None:
    hits = {one: browser.get(f"/api/v1/resources/{one}").json() for one in (ID, READ_ID, APPLY_ID)}
    told = {one: [hits[one]["rights"][q] for q in ("know", "describe", "read", "copy")] for one in hits}
    assert told[ID] == ["yes", "no", "no", "no"]
    assert told[READ_ID] == ["yes", "yes", "yes", "closed"]
    assert told[APPLY_ID] == ["yes", "yes", "apply", "apply"]
    rights = hits[ID]["rights"]
    assert (rights["article"], rights["opens_on"]) == ("檔案法第十八條第一款", "2046-01-01")
    assert rights["stated_by"] == "record"
    assert hits[APPLY_ID]["available"][0]["papers"][0] == "identity_document"


def test_the_record_says_what_to_bring_and_who_else_has_it(browser: TestClient) -> None:
    apply = browser.get(f"/r/{APPLY_ID}").text
    assert "Bring: identity document, proof of your relation to the person" in apply
    assert "Under 第二十八条" in apply and "text and images: on application" in apply
    charter = browser.get(f"/r/{CHARTER_ID}").text
    assert "South (open)" in charter and "https://south.example/c1" in charter
    chinese = browser.get(f"/r/{APPLY_ID}?lang=zh-Hans").text
    assert "请携带：身份证件" in chinese and "阅读正文与图像 须申请" in chinese
