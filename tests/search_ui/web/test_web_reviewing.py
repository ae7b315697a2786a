"""Staff decide on a de-identified copy on its pages: span by span, all at once, what was not proposed; they release it
and withdraw it.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from mappings.access import Viewer
from onestop.copies import Choice, RecordCopy
from onestop.wiring import Workspace
from tests.deidentify.hospital import ID, LINES, PASSWORD, begun, synced, write_page
from tests.search_ui.web.house import client_of, token_in

STAFF = Viewer("li", frozenset({"staff"}))
REVIEW = f"/copies/{ID}"
NAME, PHONE = "1:6-20:name", "1:28-42:phone"
MORE = (*LINES, ("Ward", "of", "Ginger"))


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = begun(tmp_path_factory.mktemp("review") / "house")
    write_page(folder, MORE)
    synced(folder)
    return folder


@pytest.fixture
def here(ready: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(ready, tmp_path / "house")
    with Workspace(tmp_path / "house") as opened:
        yield opened


@pytest.fixture
def staff(here: Workspace) -> TestClient:
    browser = client_of(here.services)
    sign_in(browser, "li")
    return browser


def sign_in(browser: TestClient, name: str) -> None:
    token = token_in(browser.get("/login").text)
    answer = browser.post("/login", data={"csrf": token, "name": name, "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303


def post(browser: TestClient, act: str, accept: str = "text/html", **fields: str) -> tuple[int, str]:
    """Send the form of a page as it is now, with more fields; the status, and where it leads or what it says."""
    html = browser.get(f"{REVIEW}?page=1").text
    seen = re.search(r'name="seen" value="(\d+)"', html)
    assert seen is not None
    data = {"csrf": token_in(html), "seen": seen[1], "page": "1"} | fields
    answer = browser.post(f"{REVIEW}/{act}", data=data, headers={"accept": accept})
    return answer.status_code, answer.headers.get("location") or answer.text


def states(browser: TestClient) -> dict[str, str]:
    found = re.findall(r'<li id="[^"]+" class="one (\w+)" data-span="([^"]+)"', browser.get(REVIEW).text)
    return {span: state for state, span in found}


def test_the_list_leads_to_the_record(staff: TestClient) -> None:
    assert "Nobody has begun a copy yet." in staff.get("/copies").text
    assert staff.get("/copies", params={"q": ID}).headers["location"] == REVIEW
    assert "Hospital patient record" in staff.get("/copies", params={"q": "hospital"}).text
    assert "was found so" in staff.get("/copies", params={"q": "quagga"}).text
    post(staff, "decide", mask=NAME)
    listed = staff.get("/copies").text
    assert "In work" in listed and "1 span open" in listed


def test_a_page_shows_its_spans_in_the_text_and_on_the_image(staff: TestClient) -> None:
    html = staff.get(REVIEW).text
    assert states(staff) == {NAME: "open", PHONE: "open"}
    assert '<mark class="spot open" data-span="1:6-20:name" title="Name">Walter Hensley</mark>' in html
    assert html.count('class="spot open" data-span="1:6-20:name" x=') == 2, "a box a word"
    assert staff.get(f"{REVIEW}/pages/1/image").headers["content-type"] == "image/png"


def test_from_span_to_span_to_the_release_and_back(staff: TestClient, here: Workspace) -> None:
    assert post(staff, "decide", mask=NAME) == (303, f"{REVIEW}?page=1")
    code, said = post(staff, "release")
    assert code == 409 and "1 span is not decided yet" in said
    post(staff, "decide", leave=PHONE)
    assert states(staff) == {NAME: "masked", PHONE: "left"}
    assert post(staff, "release", note="for research")[0] == 303
    assert here.desk.copies.released(("hospital", "case")) is not None
    assert 'name="mask"' not in staff.get(REVIEW).text
    code, said = post(staff, "decide", mask=PHONE)
    assert code == 409 and "withdraw it before you change it" in said
    assert post(staff, "withdraw", note="a name was missed")[0] == 303
    assert here.desk.copies.released(("hospital", "case")) is None


def test_all_that_is_open_and_what_nobody_proposed(staff: TestClient) -> None:
    post(staff, "decide", all="page")
    assert set(states(staff).values()) == {"masked"}
    post(staff, "decide", words="Ginger", kind="name")
    assert states(staff)["1:51-57:name"] == "masked"
    post(staff, "decide", start="43", end="47", words="Ward", kind="address")
    assert states(staff)["1:43-47:address"] == "masked"
    for wrong in ({"words": "quagga"}, {"words": ""}, {"start": "900", "end": "901"}, {"start": "5", "end": "6"}):
        code, said = post(staff, "decide", kind="name", **wrong)
        assert code == 409 and "Choose characters of this page" in said, wrong
    assert post(staff, "decide", kind="quagga", words="Ward")[0] == 409
    assert post(staff, "decide", mask="1:2-3")[0] == 409


def test_of_two_who_decide_the_second_is_told(staff: TestClient, here: Workspace) -> None:
    html = staff.get(REVIEW).text
    RecordCopy(here, ID, STAFF).decide(Choice(reject="1"))
    seen = re.search(r'name="seen" value="(\d+)"', html)
    assert seen is not None
    data = {"csrf": token_in(html), "seen": seen[1], "page": "1", "mask": NAME}
    answer = staff.post(f"{REVIEW}/decide", data=data)
    assert answer.status_code == 409 and "Somebody has decided something here" in answer.text
    told = staff.post(f"{REVIEW}/decide", data=data, headers={"accept": "application/json"})
    assert told.status_code == 409 and "Somebody" in told.json()["problem"]
    assert states(staff)[NAME] == "left"


def test_a_script_is_told_how_the_page_stands(staff: TestClient) -> None:
    code, said = post(staff, "decide", "application/json", mask=NAME)
    assert code == 200 and f'"{NAME}":"masked"' in said and f'"{PHONE}":"open"' in said and '"open":1' in said


def test_the_preview_is_masked(staff: TestClient) -> None:
    post(staff, "decide", leave=PHONE)
    html = staff.get(f"{REVIEW}/pages/1/preview").text
    assert "Person A" in html and "79460018" in html and "Hensley" not in html
    answer = staff.get(f"{REVIEW}/pages/1/image?masked=1")
    assert answer.headers["cache-control"] == "private, no-store"
    shown = Image.open(io.BytesIO(answer.content)).convert("L")
    assert shown.getpixel((250, 55)) < 60 and shown.getpixel((250, 115)) > 200  # type: ignore[operator]


def test_nobody_else_gets_there(here: Workspace) -> None:
    anonymous, reader = client_of(here.services), client_of(here.services)
    sign_in(reader, "wang")
    for path in ("/copies", REVIEW, f"{REVIEW}/pages/1/image", f"{REVIEW}/pages/1/preview"):
        assert anonymous.get(path).status_code == 303, path
        assert reader.get(path).status_code == 404, path
    token = token_in(reader.get("/account").text)
    for act in ("decide", "release", "withdraw"):
        assert reader.post(f"{REVIEW}/{act}", data={"csrf": token, "all": "record"}).status_code == 404
    assert "Masked copies" not in reader.get("/about").text


def test_what_is_not_there_is_not_found(staff: TestClient) -> None:
    for path in ("/copies/hospital:quagga", f"{REVIEW}?page=9", f"{REVIEW}/pages/9/image", f"{REVIEW}/pages/9/preview"):
        assert staff.get(path).status_code == 404, path


def test_that_somebody_looked_is_kept(staff: TestClient, here: Workspace) -> None:
    staff.get(REVIEW)
    rows = list(here.desk.audit.rows(what="record.read", size=5).rows)
    assert rows and rows[0].subject == ID and rows[0].actor == "li"
