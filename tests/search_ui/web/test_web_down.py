"""With the engine down: what goes on, what says so, and who is told what, over a real workspace."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from indexer.errors import EngineUnavailable
from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from onestop.wiring import Workspace
from service_desk.ports import FrozenHit
from tests.search_ui.web.house import PASSWORD, client_of, sign_in

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
SOURCES = ("land_files", "land_tenders", "land_volumes")
API = "/api/v1"
UNKNOWN = "r-0123456789abcdef"
PRIVATE = ("There is no index", "onestop sync", "/index")
STAFF = Viewer("lin", frozenset({"staff"}))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The land files of the samples, their scans and the themes; one account of staff."""
    folder = tmp_path_factory.mktemp("down") / "workspace"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("__init__.py", "__pycache__"))
    for file in (folder / "sources").iterdir():
        if file.stem not in SOURCES:
            file.unlink()
    with Workspace(folder) as here:
        here.sync()
        here.desk.accounts.add("lin", PASSWORD, "staff")
        yield here


@pytest.fixture(scope="module")
def volume(workspace: Workspace) -> dict[str, Any]:
    """A file with its scans: two records that are one resource, as the API has it while the index answers."""
    found = workspace.searcher.search(Query("土地", filters={"kind": ("digital",)}), ANONYMOUS)["hits"]
    hit = next(hit for hit in found if hit["page_total"] and len(hit["sources"]) > 1)
    shown: dict[str, Any] = client_of(workspace.services).get(f"{API}/resources/{hit['id']}").json()
    return shown


@pytest.fixture
def down(workspace: Workspace, volume: dict[str, Any]) -> Iterator[Workspace]:
    """The same with the index gone."""
    index = workspace.folder / "index"
    away = index.rename(workspace.folder / "index.away")
    yield workspace
    away.rename(index)


@pytest.fixture
def browser(down: Workspace) -> TestClient:
    return client_of(down.services)


def test_a_record_opens_with_its_pages_and_images(browser: TestClient, volume: dict[str, Any]) -> None:
    path = f"/r/{volume['id']}"
    page = browser.get(f"{path}?q=土地")
    assert page.status_code == 200 and volume["title"] in page.text
    assert 'class="resting small"' in page.text and 'id="similar"' not in page.text and 'role="tree"' not in page.text
    assert '<mark id="hit"' in page.text and not any(word in page.text for word in PRIVATE)
    for address in (
        f"/view/{volume['id']}?q=土地&list=1",
        f"{path}/pages/1",
        f"{path}/description.txt",
        f"{path}/text.txt",
    ):
        assert browser.get(address).status_code == 200, address
    assert "No page of this volume" not in browser.get(f"/view/{volume['id']}?q=nowhere").text
    for image in (
        f"{path}/pages/1/image",
        f"{path}/pages/1/image?w=120",
        f"{API}/resources/{volume['id']}/pages/1/image",
    ):
        assert browser.get(image).headers["content-type"] == "image/jpeg", image
    source = volume["sources"][0]
    joined = browser.get(f"/r/{source['source']}:{source['source_id']}")
    assert (joined.status_code, joined.headers["location"]) == (302, path)
    missing = [browser.get(f"/r/{one}") for one in (UNKNOWN, "land_files:nothing", "x")]
    assert [one.status_code for one in missing] == [404] * 3


def test_the_api_has_records_and_says_503_for_the_rest(browser: TestClient, volume: dict[str, Any]) -> None:
    path = f"{API}/resources/{volume['id']}"
    told = browser.get(path).json()
    assert told["from_store"] is True and told["children_total"] is None
    assert {**told, "from_store": False, "children_total": 0, "siblings_before": volume["siblings_before"]} == volume
    assert browser.get(f"{path}/pages/1?q=土地").json()["hits"]
    assert browser.get(f"{API}/resources/{UNKNOWN}").status_code == 404
    asked = (
        "search",
        "suggest?q=a",
        "facets/kind",
        f"resources/{volume['id']}/similar",
        f"resources/{volume['id']}/children",
    )
    exports = (
        "themes/land/search",
        "themes/land/pack.zip",
        *(f"themes/land/data.{kind}" for kind in ("csv", "parquet", "md")),
    )
    for address in (*asked, f"resources/{volume['id']}/pages?q=a", *exports):
        answer = browser.get(f"{API}/{address}")
        assert answer.status_code == 503, address
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json" and answer.headers["retry-after"]
        assert problem["since"] and problem["last_worked"] and not any(word in answer.text for word in PRIVATE)


def test_pages_say_so_or_go_on(browser: TestClient, volume: dict[str, Any]) -> None:
    for address in ("/r", f"/r/{volume['id']}/children", f"/r/{volume['id']}/similar", "/themes/land?show=all"):
        page = browser.get(address)
        assert page.status_code == 503 and page.headers["retry-after"] and "data-resting" in page.text, address
        assert "It has not answered since" in page.text and not any(word in page.text for word in PRIVATE), address
    assert browser.get("/sitemap.xml").status_code == browser.get("/sitemap.xml?page=1").status_code == 503
    for address in (
        "/about",
        "/themes",
        "/themes/land",
        "/login",
        "/s/",
        "/my-searches",
        "/my-searches/new?q=a",
        "/robots.txt",
    ):
        assert browser.get(address).status_code == 200, address
    typed = browser.get("/suggest?q=tu")
    assert (typed.status_code, typed.json()) == (200, {"groups": []})
    assert browser.get("/health").json() == {"status": "degraded", "search": "down", "desk": "ok"}


def test_staff_are_told_why(browser: TestClient) -> None:
    sign_in(browser, "lin")
    assert "There is no index in" in browser.get("/r").text


def test_a_request_keeps_the_title_and_what_does_not_exist_is_refused(down: Workspace, volume: dict[str, Any]) -> None:
    browser = client_of(down.services)
    form = {"type": "copy", "name": "Ms Chen", "contact": "chen@example.org", "note": "", "resource_id": volume["id"]}
    filed = browser.post(f"{API}/requests", json=form)
    assert filed.status_code == 201
    hit = down.desk.requests.case(filed.json()["receipt"], STAFF).hit
    assert hit is not None and (hit.title, hit.checked) == (volume["title"], True)
    assert browser.post(f"{API}/requests", json={**form, "resource_id": UNKNOWN}).status_code == 404
    assert browser.post(f"{API}/feedback", json={"kind": "relevant", "resource_id": volume["id"]}).status_code == 201


def test_with_the_store_gone_as_well_requests_are_taken_by_their_id(down: Workspace, volume: dict[str, Any]) -> None:
    records = down.folder / "records"
    away = records.rename(down.folder / "records.away")
    records.write_text("no folder")
    try:
        with Workspace(down.folder) as here:
            assert here.holdings is not None
            browser = client_of(here.services)
            assert browser.get(f"/r/{volume['id']}").status_code == 503
            form = {
                "type": "copy",
                "name": "Ms Chen",
                "contact": "c@example.org",
                "note": "",
                "resource_id": volume["id"],
            }
            receipt = browser.post(f"{API}/requests", json=form).json()["receipt"]
            assert here.desk.requests.case(receipt, STAFF).hit == FrozenHit(volume["id"], volume["id"], checked=False)
    finally:
        records.unlink()
        away.rename(records)


def test_it_comes_back_by_itself(workspace: Workspace, volume: dict[str, Any]) -> None:
    browser = client_of(workspace.services)
    index = workspace.folder / "index"
    away = index.rename(workspace.folder / "index.away")
    assert browser.get("/r").status_code == 503 and workspace.services.pulse().since
    away.rename(index)
    assert browser.get("/r").status_code == 200 and workspace.services.pulse().since is None
    assert 'class="resting small"' not in browser.get(f"/r/{volume['id']}").text


def test_an_engine_that_hangs_is_waited_for_once(workspace: Workspace, volume: dict[str, Any]) -> None:
    """A whole visit with a server that takes its time to fail: one call waits, all others are answered at once."""
    calls: list[str] = []

    class Hanging:
        def __getattr__(self, name: str) -> Any:
            def fail(*_: object, **__: object) -> None:
                calls.append(name)
                raise EngineUnavailable("https://search.example:9200 does not answer")

            return fail

    with Workspace(workspace.folder) as here:
        here.engine = Hanging()  # type: ignore[assignment]
        browser = client_of(here.services)
        path = f"/r/{volume['id']}"
        visit = [
            path,
            f"{path}/pages/1",
            f"{path}/pages/1/image",
            "/r",
            "/themes",
            "/about",
            f"{API}/search",
            "/health",
        ]
        assert [browser.get(address).status_code for address in visit] == [200, 200, 200, 503, 200, 200, 503, 200]
        assert len(calls) == 1
        assert "search.example" not in browser.get("/r").text
