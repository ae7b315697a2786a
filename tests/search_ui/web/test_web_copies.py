"""Released de-identified copies as readers get them: text, masked images, PDF; never anything of the original."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS, Viewer
from onestop.copies import Choice, RecordCopy
from onestop.wiring import Workspace
from search_ui.copies import CopyFiles
from tests.deidentify.hospital import LINES, PASSWORD, begun, synced, volume, write_page
from tests.search_ui.web.house import client_of, token_in

STAFF = Viewer("li", frozenset({"staff"}))
ORIGINALS = ("Hensley", "Walter", "79460018", "1.png", "2.png")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A house with released copies of two volumes: of one every page can be drawn, of the other not the second."""
    folder = begun(tmp_path_factory.mktemp("copies") / "house")
    volume(folder, "letter", "Hospital patient letter", pages=2)
    write_page(folder, LINES, "letter/1")
    synced(folder)
    with Workspace(folder) as made:
        for name in ("case", "letter"):
            copy = RecordCopy(made, f"hospital:{name}", STAFF)
            copy.decide(Choice(accept="all"))
            copy.release()
    synced(folder)
    with Workspace(folder) as opened:
        yield opened


@pytest.fixture
def browser(here: Workspace) -> TestClient:
    return client_of(here.services)


def address(here: Workspace, name: str) -> str:
    found = here.searcher.resource(f"hospital:{name}", STAFF)
    assert found is not None
    return f"/r/{found['id']}"


def test_the_record_page_shows_the_copy_and_how_to_see_the_rest(here: Workspace, browser: TestClient) -> None:
    page = browser.get(address(here, "case") + "?q=phone").text
    assert "Name: Person A" in page and "<mark" in page
    assert "This is the de-identified copy: names and numbers are masked." in page
    assert "Names and numbers are masked" in page and "How to see the full record" in page
    assert not [word for word in ORIGINALS if word in page]


def test_the_image_is_black_where_something_is_masked(here: Workspace, browser: TestClient) -> None:
    for width in ("", "?w=120", "?w=900"):
        answer = browser.get(address(here, "case") + "/pages/1/image" + width)
        assert answer.status_code == 200 and answer.headers["content-type"] == "image/jpeg"
        shown = Image.open(io.BytesIO(answer.content)).convert("L")
        scale = shown.width / 600
        assert shown.getpixel((int(250 * scale), int(55 * scale))) < 60  # type: ignore[operator]
        assert shown.getpixel((int(60 * scale), int(55 * scale))) > 200  # type: ignore[operator]


@pytest.mark.parametrize("door", ["", "/api/v1/resources"])
def test_no_browser_shows_one_reader_the_image_it_was_given_for_another(
    here: Workspace, browser: TestClient, door: str
) -> None:
    """One address, two images: whoever uses the browser after somebody asks anew."""
    image = address(here, "case").replace("/r", door or "/r", 1) + "/pages/1/image?w=400"
    masked = browser.get(image)
    assert (masked.headers["cache-control"], masked.headers["vary"]) == ("private, max-age=600", "cookie")
    token = token_in(browser.get("/login").text)
    browser.post("/login", data={"csrf": token, "name": "li", "password": PASSWORD, "next": "/"})
    whole = browser.get(image)
    assert whole.content != masked.content and whole.headers["cache-control"] == "private, no-store"


def test_text_and_pdf_are_those_of_the_copy(here: Workspace, browser: TestClient, tmp_path: Path) -> None:
    text = browser.get(address(here, "case") + "/text.txt").text
    assert "Name: Person A\nPhone: [telephone]" in text and "de-identified copy" in text
    answer = browser.get(address(here, "case") + "/copies/1/copy.pdf")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    page = pypdfium2.PdfDocument(answer.content)[0]
    assert page.get_textpage().get_text_bounded().split() == ["Name:", "Person", "A", "Phone:", "[telephone]"]
    assert not [word for word in ORIGINALS if word.encode() in answer.content]


def test_a_page_without_an_image_says_so_and_shows_its_text(here: Workspace, browser: TestClient) -> None:
    said = "This page has no image that could be masked"
    letter = address(here, "letter")
    assert said not in browser.get(letter).text
    assert said in browser.get(f"{letter}?page=2").text
    assert browser.get(f"{letter}/pages/2/image").status_code == 404
    assert browser.get(f"{letter}/pages/1/image").status_code == 200
    refused = browser.get(f"{letter}/copies/1/copy.pdf")
    assert refused.status_code == 404 and "No PDF of this copy" in refused.text


def test_the_api_says_that_a_page_is_of_the_copy(here: Workspace, browser: TestClient) -> None:
    base = "/api/v1/resources/" + address(here, "case").removeprefix("/r/")
    page = browser.get(f"{base}/pages/1", params={"q": "phone"}).json()
    assert (page["deidentified"], page["hits"], page["url"]) == (True, 1, None)
    told = browser.get(base).json()
    assert [(copy["readable"], copy["deidentified"]) for copy in told["copies"]] == [(False, True)]
    assert not [word for word in ORIGINALS if word in str(page) + str(told)]


def test_staff_read_the_text_itself(here: Workspace) -> None:
    staff = client_of(here.services)
    token = token_in(staff.get("/login").text)
    staff.post("/login", data={"csrf": token, "name": "li", "password": PASSWORD, "next": "/"})
    page = staff.get(address(here, "case")).text
    assert "Hensley" in page and "de-identified copy" not in page
    assert staff.get(address(here, "case") + "/copies/1/copy.pdf").status_code == 404


def test_a_copy_that_is_taken_back_is_gone_at_once(here: Workspace, browser: TestClient) -> None:
    letter = address(here, "letter")
    assert browser.get(f"{letter}/pages/1/image").status_code == 200
    here.desk.copies.withdraw(("hospital", "letter"), STAFF)
    for path in ("/pages/1/image", "/pages/1/image?w=120", "/pages/1", "/copies/1/copy.pdf"):
        assert browser.get(letter + path).status_code == 404, path
    assert "Person A" not in browser.get(letter).text + browser.get(f"{letter}/text.txt").text
    assert browser.get(f"/api/v1/resources{letter[2:]}/pages/1").json().get("text") is None


def test_files_of_ended_releases_go_when_a_new_one_is_drawn(here: Workspace, tmp_path: Path) -> None:
    copied = here.searcher.copied_page("hospital:case", 1, ANONYMOUS)
    assert copied is not None and copied.page.image is not None
    for name in ("ended", "standing"):
        (tmp_path / "copies" / name).mkdir(parents=True)
    files = CopyFiles(here.open_item, tmp_path, lambda: {"ended"})
    assert files.image(copied.source, copied.release, copied.page.image, 1, None) is not None
    assert {folder.name for folder in (tmp_path / "copies").iterdir()} == {"standing", copied.release}
    (here.folder / "data" / "case" / "1.png").write_bytes(b"another file")
    assert files.image(copied.source, copied.release, copied.page.image, 1, 120) is not None, "it was drawn before"
    other = CopyFiles(here.open_item, tmp_path / "other")
    assert other.image(copied.source, copied.release, copied.page.image, 1, None) is None
    assert other.pdf(copied.source, copied.release, 1, [copied.page]) is None
