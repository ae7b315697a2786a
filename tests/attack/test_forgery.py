"""Cross-site request forgery: nothing is changed from pages of other sites, by whatever way it would be."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from tests.attack.conftest import As
from tests.attack.doors import Door, changing, reading
from tests.attack.house import filed, token_of
from tests.attack.state import kept
from tests.search_ui.web.house import LAND_ID, client_of

FOREIGN = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://foreign.example"},
    "another site, by an old browser": {"origin": "https://foreign.example"},
    "another port of this machine": {"origin": "http://testserver:8080"},
    "a neighbour below the same domain": {"sec-fetch-site": "same-site"},
    "a frame without an origin": {"origin": "null"},
}
WAYS = {
    "as JSON": ("application/json", b'{"text": "x", "reason": "x"}'),
    "as text, which asks nobody's leave": ("text/plain", b'{"text": "x"}'),
    "as a form": ("application/x-www-form-urlencoded", b"text=x"),
    "as files": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--b--\r\n',
    ),
}


def tokens(browser: TestClient) -> dict[str, str]:
    """Every token that a page of ours would send."""
    return {"x-csrf-token": browser.get("/api/v1/session").json()["csrf_token"] or ""}


@pytest.mark.parametrize("place", FOREIGN)
def test_no_door_opens_from_elsewhere(services: Services, signed_in: As, place: str) -> None:
    """With cookies, with the right tokens even: as if they had leaked."""
    browser = signed_in("coordinator")
    fields, headers = {"csrf": token_of(browser)}, tokens(browser)
    before = kept(services)
    for door in changing(services):
        sent = {"json": {}} if door.is_api else {"data": fields}
        answer = browser.request(door.method, door.address(services), headers=headers | FOREIGN[place], **sent)
        assert answer.status_code == 403, (door, answer.status_code)
    assert kept(services) == before


@pytest.mark.parametrize("way", WAYS)
def test_forms_and_acts_of_staff_need_the_token(services: Services, signed_in: As, way: str) -> None:
    """From our own origin, as a hole in one page would send it."""
    kind, body = WAYS[way]
    browser, before = signed_in("coordinator"), kept(services)
    for door in changing(services):
        if door.is_api and "/staff/" not in door.pattern:
            continue
        answer = browser.request(door.method, door.address(services), headers={"content-type": kind}, content=body)
        assert answer.status_code == 403, (door, answer.status_code)
    assert kept(services) == before


@pytest.mark.parametrize("way", list(WAYS)[1:])
def test_the_api_takes_json_alone(services: Services, signed_in: As, way: str) -> None:
    """What a form of another site can send without asking is no JSON."""
    kind, body = WAYS[way]
    browser, before = signed_in("chen"), kept(services)
    receipt = filed(services).of_chen
    for path in ("/api/v1/requests", "/api/v1/feedback", f"/api/v1/requests/{receipt}/messages"):
        answer = browser.post(path, headers={"content-type": kind}, content=body)
        assert answer.status_code == 422, (path, answer.status_code)
    assert kept(services) == before


def test_a_token_is_of_one_visitor_and_one_session(services: Services, signed_in: As) -> None:
    chen, clerk = signed_in("chen"), signed_in("coordinator")
    theirs, own = tokens(clerk), tokens(chen)
    path = f"/api/v1/staff/requests/{filed(services).receipt}/take"
    assert clerk.post(path, headers=own, json={}).status_code == 403
    assert clerk.post(path, headers=theirs, json={}).status_code == 409, "it is closed already"
    page = token_of(chen)
    assert clerk.post("/logout", data={"csrf": page}).status_code == 403


def test_looking_changes_nothing(services: Services, signed_in: As) -> None:
    """What a link or an image of another page can fetch with somebody's cookies."""
    for name in ("nobody", "coordinator"):
        browser, before = signed_in(name), kept(services)
        for door in reading(services):
            browser.get(door.address(services))
        assert kept(services) == before, name


def test_a_reader_who_sends_json_from_our_pages_is_heard(services: Services) -> None:
    """The attacks above fail for what they are, not because nothing works."""
    browser = client_of(services)
    form = {"resource_id": LAND_ID, "kind": "wrong"}
    for headers in ({}, {"origin": "http://testserver", "sec-fetch-site": "same-origin"}):
        assert browser.post("/api/v1/feedback", json=form, headers=headers).status_code == 201


def test_every_change_is_tried(services: Services) -> None:
    found = changing(services)
    assert Door("POST", "/api/v1/staff/requests/{receipt}/answer") in found and Door("POST", "/logout") in found
    assert len(found) > 30
