"""Pages of PDF as images, rendered in a process of their own; pages that are elsewhere lead there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from PIL import Image
from starlette.testclient import TestClient

from indexer.documents import documents
from indexer.engines.memory import MemoryEngine
from indexer.query import Query
from indexer.resource import Member, Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, effective
from mappings.record import Copy, Page, Record
from search_ui import images, pdf_images, pdf_renderer
from search_ui.pdf_images import NotPdf, Renderer
from search_ui.services import Services
from tests.mappings.pdf.files import pdf, written
from tests.search_ui.web.house import Items, client_of, open_house

LETTERS = pdf(written("Marne 1865"), written("railway"), written("sideways"), page="/CropBox[0 0 400 842]")


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    made = Renderer()
    yield made
    made.close()


class Source:
    """A document that counts how often it was opened."""

    def __init__(self, payload: bytes = LETTERS) -> None:
        self.payload = payload
        self.opened = 0

    def __call__(self) -> BinaryIO:
        self.opened += 1
        return io.BytesIO(self.payload)


def size(found: images.PageImage | None) -> tuple[int, int]:
    assert found is not None and found.media_type == "image/jpeg"
    with Image.open(io.BytesIO(found.data)) as image:
        return image.size


def test_a_page_is_rendered_at_the_resolution_of_reading(renderer: Renderer) -> None:
    assert size(renderer.page("k", Source(), 0, None)) == (834, 1755)  # 400 x 842 points at 150 dpi, rounded up


@pytest.mark.parametrize("width", images.WIDTHS)
def test_smaller_images_are_rendered_small(renderer: Renderer, width: int) -> None:
    assert size(renderer.page("k", Source(), 1, width))[0] == min(width, 834)


def test_turning_pages_opens_the_document_once(renderer: Renderer) -> None:
    source = Source()
    pages = [renderer.page("k", source, number, 120) for number in (0, 1, 2, 1)]
    assert all(pages) and pages[0] != pages[1] == pages[3] and source.opened == 1
    assert renderer.page("other", source, 0, 120) == pages[0] and source.opened == 2


@pytest.mark.parametrize("frame", [3, -1, 10**12])
def test_a_page_that_is_not_there_has_no_image(renderer: Renderer, frame: int) -> None:
    assert renderer.page("k", Source(), frame, None) is None
    assert renderer.page("k", Source(), 0, None) is not None


def test_what_is_no_pdf_is_left_to_others(renderer: Renderer) -> None:
    with pytest.raises(NotPdf):
        renderer.page("k", Source(b"II*\0"), 0, None)
    assert renderer.page("l", Source(), 0, 120) is not None


@pytest.mark.parametrize("payload", [b"%PDF-1.7 and nothing", LETTERS[:200]], ids=["nothing", "cut off"])
def test_a_broken_document_has_no_images(renderer: Renderer, payload: bytes) -> None:
    assert renderer.page("k", Source(payload), 0, None) is None
    assert renderer.page("l", Source(), 0, 120) is not None


def test_a_process_that_died_is_replaced(renderer: Renderer) -> None:
    first = renderer.page("k", Source(), 0, 120)
    process = renderer._process
    assert process is not None
    process._process.kill()
    process._process.wait()
    assert renderer.page("k", Source(), 0, 120) == first


def test_a_page_that_never_comes_ends_the_process(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_images, "SECONDS", 0)
    assert renderer.page("k", Source(), 0, None) is None
    assert renderer._process is None
    monkeypatch.setattr(pdf_images, "SECONDS", 30)
    assert renderer.page("k", Source(), 0, 120) is not None


class Broken(io.BytesIO):
    def read(self, count: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionError("the transport broke off")
        return super().read(count)


def test_a_transport_that_breaks_off_leaves_a_working_renderer(renderer: Renderer) -> None:
    assert renderer.page("k", lambda: Broken(LETTERS), 0, None) is None
    assert renderer.page("k", Source(), 0, 120) is not None


def test_a_document_too_large_is_not_rendered(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_images, "MAX_BYTES", 100)
    assert renderer.page("k", Source(), 0, None) is None


SCALES = {
    "A4": ((595, 842, 0), 150 / 72),
    "a wall map": ((20_000, 10_000, 0), 0.2),
    "small": ((595, 842, 119), 0.2),
    "wider than it can be": ((100, 100, 900), 150 / 72),
    "a strip of film": ((1, 10_000, 900), 0.4),
    "no size": ((0, 10, 0), 0),
}


@pytest.mark.parametrize(("given", "expected"), SCALES.values(), ids=SCALES)
def test_scales(given: tuple[float, float, int], expected: float) -> None:
    assert pdf_renderer.scale_of(*given) == pytest.approx(expected)


def _page(number: int, **about: Any) -> Page:
    return Page(number, "", f"f. {number}", width=400, height=842, **about)


def _paged(name: str, pages: tuple[Page, ...], access: Access | None = None) -> Record:
    return Record(name, name, kind="digital", access=access, copies=(Copy(page_count=len(pages), pages=pages),))


VOLUME = _paged("letters.pdf", tuple(_page(n + 1, image="letters.pdf", frame=n) for n in range(3)))
HIDDEN = _paged("hidden.pdf", (_page(1, image="letters.pdf", frame=0),), Access("restricted"))
IMAGE = "https://images.example/1/full/max/0/default.jpg"
ELSEWHERE = _paged("manifest.json", (_page(1, url=IMAGE), _page(2, url="javascript:alert(1)")))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    items = Items()
    items.data["scans", "letters.pdf"] = LETTERS
    made = open_house(tmp_path, items)
    engine = MemoryEngine()
    writer = engine.writer()
    for record in (VOLUME, HIDDEN, ELSEWHERE):
        member = Member("scans", "Scans", record, effective(record.access, "open"))
        writer.add(documents(Resource(mint("scans", record.source_id), (member,)), mint))
    writer.commit(1)
    writer.close()
    made.searcher = Searcher(engine)
    yield made
    made._pdf.close()
    made.desk.close()


def test_the_pages_of_a_volume_in_the_browser(services: Services) -> None:
    browser, address = client_of(services), f"/r/{mint('scans', 'letters.pdf')}/pages"
    found = [browser.get(f"{address}/{number}/image?w=120") for number in (1, 2, 3)]
    assert {answer.status_code for answer in found} == {200}
    assert len({answer.content for answer in found}) == 3  # a small image each, not one for the file
    assert found[0].headers["content-type"] == "image/jpeg" and "private" in found[0].headers["cache-control"]
    whole = browser.get(f"/api/v1/resources/{mint('scans', 'letters.pdf')}/pages/2/image")
    assert whole.status_code == 200 and Image.open(io.BytesIO(whole.content)).size == (834, 1755)


def test_rights_are_asked_for_before_anything_is_rendered(services: Services) -> None:
    assert services.page_image(mint("scans", "hidden.pdf"), 1, ANONYMOUS) is None
    assert services._pdf._process is None


def test_only_pages_with_an_image_of_ours_have_a_small_one_among_the_hits(services: Services) -> None:
    hits = services.search(Query(), ANONYMOUS)["hits"]
    small = {hit["title"]: hit["thumbnail"] for hit in hits}
    assert small == {"letters.pdf": 1, "hidden.pdf": None, "manifest.json": None}


def test_a_page_elsewhere_leads_to_its_owner(services: Services) -> None:
    browser: TestClient = client_of(services)
    address = f"/r/{mint('scans', 'manifest.json')}"
    page = browser.get(address, headers={"accept-language": "en"}).text
    assert f'href="{IMAGE}"' in page and "See this page at its owner" in page
    assert '<img src="https://images.example' not in page
    odd = browser.get(f"{address}?page=2").text
    assert "javascript:" not in odd
    viewer = browser.get(f"/view/{mint('scans', 'manifest.json')}?page=1").text
    assert f'href="{IMAGE}"' in viewer
