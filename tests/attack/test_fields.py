"""Mass assignment: what a form does not ask for is refused by name, or counts for nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from search_ui.services import Services
from service_desk import forms
from tests.attack.conftest import As
from tests.attack.doors import Door, changing
from tests.attack.house import FILED, Filed, furnished, token_of
from tests.search_ui.web.house import LAND_ID, client_of, sign_in

MORE: dict[str, Any] = {
    "role": "administrator",
    "roles": ["administrator"],
    "is_staff": True,
    "grants": ["accounts.manage"],
    "permissions": ["accounts.manage"],
    "status": "answered",
    "receipt": "2222-2222",
    "secret": "x",
    "secret_digest": "x",
    "access": "open",
    "account_name": "lin",
    "visitor_digest": "x",
    "handler": "chen",
    "submitted": "1900-01-01T00:00:00Z",
    "hit": {"title": "x"},
    "id": 1,
    "by": "lin",
    "actor": "lin",
    "on_site": True,
    "disabled": False,
    "password_hash": "x",
    "created": "1900-01-01",
    "__class__": "x",
}
BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/requests": {"resource_id": LAND_ID, "type": "copy", "name": "n", "contact": "c"},
    "/api/v1/feedback": {"resource_id": LAND_ID, "kind": "wrong"},
    "/api/v1/requests/{receipt}/messages": {"text": "x"},
    "/api/v1/staff/requests/{receipt}/answer": {"text": "x"},
    "/api/v1/staff/requests/{receipt}/messages": {"text": "x"},
    "/api/v1/staff/requests/{receipt}/copies": {},
    "/api/v1/staff/requests/{receipt}/copies/back": {"kept": "x", "why": "x"},
    "/api/v1/staff/requests/{receipt}/refuse": {"reason": "x", "alternative": "y"},
    "/api/v1/staff/requests/{receipt}/take": {},
    "/api/v1/staff/requests/{receipt}/release": {},
    **{
        f"/api/v1/staff/requests/{{receipt}}/acts/{action}": body
        for action, body in {
            "accept": {},
            "ask_materials": {"verdicts": {}},
            "check": {"verdicts": {}},
            "resume": {},
            "hand_over": {},
            "classify": {},
            "search": {},
            "review": {},
            "quote": {"lines": [{"what": "x", "price": 1}]},
            "agree": {},
            "pay": {},
            "make_ready": {"how": "pickup"},
            "hand_out": {},
            "answer_part": {"text": "x"},
            "not_held": {"text": "x"},
            "reopen": {"text": "x"},
            "extend": {"days": 1, "text": "x"},
            "consent": {"consent": "1 abc", "consent_way": "paper"},
        }.items()
    },
}
"""What is right, for each body of the API."""
SIGNED = {"/api/v1/relay", "/api/v1/relay/{leg}"}
"""Nothing of them is read before their signature is right; what they say then is tried in test_relay.py."""
WITH_FILES = {
    "/api/v1/staff/requests/{receipt}/answer/files": {"text": "x"},
    "/api/v1/staff/requests/{receipt}/acts/answer_part/files": {"text": "x"},
    "/api/v1/staff/requests/{receipt}/acts/make_ready/files": {"how": "pickup"},
}
"""Forms in parts, which bring files: what is right in each."""
BODILESS = {"/api/v1/requests/{receipt}/withdraw", *SIGNED, *WITH_FILES}


def _forms(kind: type[forms.Form]) -> list[type[forms.Form]]:
    return [kind, *(below for each in kind.__subclasses__() for below in _forms(each))]


@pytest.mark.parametrize("form", _forms(forms.Form), ids=lambda form: form.__name__)
@pytest.mark.parametrize("name", MORE)
def test_every_form_refuses_what_it_does_not_ask_for(form: type[forms.Form], name: str) -> None:
    if name in form.model_fields:
        return
    with pytest.raises(ValidationError) as caught:
        form.model_validate({name: MORE[name]})
    assert {"extra_forbidden"} == {each["type"] for each in caught.value.errors() if each["loc"] == (name,)}


def test_every_body_of_the_api_names_the_field(services: Services, signed_in: As) -> None:
    doors = [door for door in changing(services) if door.is_api and door.pattern not in BODILESS]
    assert {door.pattern for door in doors} == BODIES.keys(), "a new body: say here what is right in it"
    browser = signed_in("coordinator")
    token = browser.get("/api/v1/session").json()["csrf_token"]
    for door in doors:
        for name, value in MORE.items():
            if name in BODIES[door.pattern]:
                continue
            body = {**BODIES[door.pattern], name: value}
            answer = browser.post(door.address(services), json=body, headers={"x-csrf-token": token})
            assert answer.status_code == 422, (door, name, answer.status_code)
            assert name in {each["field"] for each in answer.json()["errors"]}, (door, name)


@pytest.mark.parametrize("pattern", WITH_FILES)
def test_every_form_in_parts_names_the_field(services: Services, signed_in: As, pattern: str) -> None:
    [door] = [door for door in changing(services) if door.pattern == pattern]
    browser, right = signed_in("coordinator"), WITH_FILES[pattern]
    token = {"x-csrf-token": browser.get("/api/v1/session").json()["csrf_token"]}
    file = {"files": ("a.txt", b"x", "text/plain")}
    for name, value in MORE.items():
        if name in right:
            continue
        answer = browser.post(door.address(services), data={**right, name: str(value)}, files=file, headers=token)
        assert answer.status_code == 422, (name, answer.status_code)
        assert name in {each["field"] for each in answer.json()["errors"]}, name
    loose = browser.post(door.address(services), data=right, files={"role": file["files"]}, headers=token)
    assert loose.status_code == 422 and loose.json()["errors"][0]["field"] == "role"
    assert browser.post(door.address(services), json=right, headers=token).status_code == 422


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A house of one's own: here forms are sent in earnest."""
    return furnished(tmp_path_factory.mktemp("fields"))


def _accounts(services: Services) -> list[tuple[Any, ...]]:
    statement = text("SELECT name, role, display_name, disabled FROM account ORDER BY name")
    with services.desk.audit._database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def test_no_form_of_a_page_gives_more_than_it_asks_for(mine: Services) -> None:
    """A reader sends every form with everything more; what follows is what the form is for, and nothing else."""
    roles = {account.name: account.roles for account in mine.desk.accounts.all()}
    requests: Filed = FILED[id(mine)]
    rows = _accounts(mine)
    browser = client_of(mine)
    sign_in(browser, "chen")
    for door in changing(mine):
        if door.is_api or door.pattern in ("/account/sign-out", "/logout", "/login"):
            continue
        if door.pattern == "/s/{receipt}/reopen":  # its reader may take it up again, and then withdraw it
            continue
        _send(browser, door, mine)
    assert {account.name: account.roles for account in mine.desk.accounts.all()} == roles
    assert _accounts(mine) == rows
    clerk = mine.desk.accounts.viewer("coordinator")
    case = mine.desk.requests.case(requests.of_chen, clerk)
    assert (case.status, case.handler) == ("delivered", "coordinator"), "it is closed, and stays so"
    assert not mine.desk.accounts.viewer("chen").is_staff


def _send(browser: Any, door: Door, services: Services) -> None:
    fields = {name: str(value) for name, value in MORE.items()}
    fields |= {"name": "x", "text": "x", "kind": "wrong", "csrf": token_of(browser)}
    answer = browser.post(door.address(services), data=fields)
    assert answer.status_code < 500, door
