"""Who reads text within a holder or a fonds finds and reads it there, and is a reader everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from indexer.engines.tantivy_engine import TantivyEngine
from indexer.resource import Resource, mint
from mappings.access import Access
from mappings.grants import Scope
from mappings.record import Ancestor, Copy, Record
from tests.indexer.corpus import page
from tests.search_ui.web import house

NORTH, SOUTH, FONDS = "North House", "South House", "N-7"
WORD = "quorndale"


def _scan(name: str, holder: str, fonds: str, value: str = "restricted") -> Resource:
    """A record with a page on which the word stands."""
    record = Record(
        name,
        f"Scan {name}",
        "digital",
        holder=holder,
        access=Access(value),  # type: ignore[arg-type]
        ancestors=(Ancestor("top", "Papers", "fonds", fonds),),
        copies=(Copy(page_count=1, pages=(page(1, f"{WORD} letter"),)),),
    )
    return Resource(mint("scans", name), (house._member("scans", record),))


SCANS = {
    "north": _scan("north", NORTH, FONDS),
    "north-closed": _scan("north-closed", NORTH, "N-8", "closed"),
    "north-internal": _scan("north-internal", NORTH, FONDS, "internal"),
    "south": _scan("south", SOUTH, "S-1"),
}
READ = {
    "a holder": (Scope(holder=NORTH), {"north", "north-closed"}),
    "a fonds": (Scope(fonds=FONDS), {"north"}),
    "a holder and a fonds": (Scope(holder=NORTH, fonds="N-8"), {"north-closed"}),
    "another holder's fonds": (Scope(holder=SOUTH, fonds=FONDS), set()),
    "a theme": (Scope(theme="land"), set()),
    "a department": (Scope(department="Maps"), set()),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = Path(tmp_path_factory.mktemp("house"))
    services = house.open_house(
        folder, house.Items(), 10**6, engine=TantivyEngine(folder / "index"), more=list(SCANS.values())
    )
    for number, (scope, _) in enumerate(READ.values()):
        services.desk.accounts.add(f"at{number}", house.PASSWORD, "reader", "Somebody")
        services.desk.roles.give(f"at{number}", "holdings_staff", scope, "root")
    yield house.client_of(services)
    services.desk.close()


@pytest.mark.parametrize("where", READ)
def test_text_is_found_shown_and_served_there_and_nowhere_else(browser: TestClient, where: str) -> None:
    browser.cookies.clear()
    house.sign_in(browser, f"at{list(READ).index(where)}")
    expected = READ[where][1]
    found = browser.get("/api/v1/search", params={"q": f"page:{WORD}"}).json()["hits"]
    assert {hit["id"] for hit in found} == {SCANS[name].id for name in expected}
    for name, resource in SCANS.items():
        text = browser.get(f"/api/v1/resources/{resource.id}/pages/1")
        assert (WORD in text.text) == (name in expected)
        shown = browser.get(f"/api/v1/resources/{resource.id}")
        assert shown.status_code == (404 if name == "north-internal" else 200)
        if shown.status_code == 200:
            assert shown.json()["rights"]["read"] == (
                "yes" if name in expected else "apply" if name != "north-closed" else "closed"
            )
            offers = [offer["action"] for offer in shown.json()["available"]]
            assert ("read" in offers) == (name in expected)
