"""The desk's database goes away and comes back: what everybody may see goes on, the rest says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from tests.search_ui.web.house import Items, client_of, open_house, sign_in
from tests.services.postgres_server import PostgresServer

SAID = "The desk is closed for the moment; searching goes on"


@pytest.fixture
def services(tmp_path: Path, postgres: PostgresServer) -> Iterator[Services]:
    made = open_house(tmp_path, Items(), database=postgres.url("house"))
    yield made
    made.desk.close()
    postgres.start()
    postgres.drop("house")


def test_pages_and_calls_while_the_desk_is_down(services: Services, postgres: PostgresServer) -> None:
    staff, stranger = client_of(services), client_of(services)
    sign_in(staff, "lin")
    record = staff.get("/api/v1/search").json()["hits"][0]["id"]
    postgres.kill()
    for browser in (staff, stranger):
        assert browser.get(f"/r/{record}").status_code == 200
        assert browser.get("/about").status_code == 200
        for address in ("/my-searches", "/s/2222-2222"):
            answer = browser.get(address)
            assert (answer.status_code, SAID in answer.text) == (503, True)
    assert stranger.get("/api/v1/search").status_code == 200
    asked = {"resource_id": record, "type": "copy", "name": "A", "contact": "a@b.org"}
    problem = stranger.post("/api/v1/requests", json=asked)
    assert (problem.status_code, problem.json()["detail"]) == (503, TOLD)
    assert staff.get("/api/v1/staff/inbox").status_code == 503
    assert _tried_to_sign_in(client_of(services)).status_code in (403, 503)
    health = stranger.get("/health")
    assert (health.status_code, health.json()["desk"], health.json()["search"]) == (503, "down", "ok")
    postgres.start()
    assert staff.get("/api/v1/staff/inbox").status_code == 200, "still signed in"
    assert stranger.post("/api/v1/requests", json=asked).status_code == 201


def _tried_to_sign_in(browser: TestClient):  # type: ignore[no-untyped-def]
    browser.get("/login")
    return browser.post(
        "/login", data={"name": "lin", "password": "x", "csrf": ""}, headers={"origin": "http://testserver"}
    )


TOLD = "The desk does not answer now; please try again in a few minutes."
