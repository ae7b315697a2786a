"""Enumeration: nobody finds out what there is by asking for it - receipts, accounts, persons, records, terminals."""

from __future__ import annotations

import math
import re
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from search_ui import paths
from search_ui.limits import counted_as
from search_ui.services import Services
from search_ui.web import following
from service_desk import codes
from service_desk.ratelimit import RateLimit
from tests.attack.conftest import As
from tests.attack.doors import Door, doors
from tests.attack.house import CLOSED_TEXT_ID, INTERNAL_ID, MARK, SCOPED, filed, token_of
from tests.attack.test_fields import BODIES, WITH_FILES
from tests.search_ui.web.house import LAND_ID, UNKNOWN_ID, client_of

NOBODYS = "2222-2222"
TOKEN = re.compile(r'name="csrf" value="[^"]*"')


def told(answer: httpx2.Response, *own: str) -> tuple[int, dict[str, str], str]:
    """What an answer says, without what it repeats of the question and what differs from one visitor to the next."""
    text = TOKEN.sub("", answer.text)
    headers = {name: value for name, value in answer.headers.items() if name not in ("set-cookie", "content-length")}
    for word in own:
        text = text.replace(word, "*")
        headers = {name: value.replace(word, "*") for name, value in headers.items()}
    return answer.status_code, headers, text


def ask(browser: TestClient, door: Door, address: str) -> httpx2.Response:
    if door.is_api:
        token = browser.get("/api/v1/session").json()["csrf_token"] or ""
        sent = {"json": {"text": "x"}} if door.pattern.endswith("messages") else {}
        return browser.request(door.method, address, headers={"x-csrf-token": token}, **sent)
    fields = {"csrf": token_of(browser), "text": "x", "kind": "wrong"} if door.method == "POST" else None
    return browser.request(door.method, address, **({"data": fields} if fields else {}))


def test_a_receipt_is_no_key_and_a_secret_is_not_guessed() -> None:
    secret_bits = codes.SECRET_LENGTH * math.log2(len(codes.ALPHABET))
    assert secret_bits >= 128 and codes.RECEIPT_LENGTH * math.log2(len(codes.ALPHABET)) >= 40
    drawn = {codes.new_receipt() for _ in range(2_000)}
    assert len(drawn) == 2_000
    counts = [sum(code.replace("-", "").count(letter) for code in drawn) for letter in codes.ALPHABET]
    assert max(counts) < 1.3 * min(counts), "every letter as often as every other"


@pytest.mark.parametrize("name", ["nobody", "reader", "administrator"])
def test_a_receipt_of_others_is_as_one_that_is_not_there(services: Services, signed_in: As, name: str) -> None:
    browser = client_of(services) if name == "nobody" else signed_in(name)
    browser.get("/about")
    for door in doors(services):
        if "{receipt}" not in door.pattern or "/staff/" in door.pattern:
            continue
        answers = []
        for receipt in (filed(services).receipt, filed(services).of_chen, NOBODYS):
            address = door.pattern.replace("{receipt}", receipt).replace("{number}", "1").replace("{number:int}", "1")
            answers.append(told(ask(browser, door, address), receipt))
        assert answers[0] == answers[1] == answers[2], door
        assert answers[0][0] in (200, 303, 404) and MARK not in answers[0][2], door


def test_staff_of_one_holder_learn_nothing_of_another(services: Services, signed_in: As) -> None:
    browser = signed_in(SCOPED)
    assert browser.get("/api/v1/staff/inbox").json()["total"] == 0
    for door in doors(services):
        if "/staff/requests/{receipt}" not in door.pattern:
            continue
        answers = []
        for receipt in (filed(services).receipt, NOBODYS):
            token = browser.get("/api/v1/session").json()["csrf_token"]
            address = door.pattern.replace("{act}", "note").replace("{number:int}", "1").replace("{receipt}", receipt)
            answer = browser.request(door.method, address, headers={"x-csrf-token": token}, **_right(browser, door))
            answers.append(told(answer, receipt))
        assert answers[0] == answers[1] and answers[0][0] == 404, door


def _right(browser: TestClient, door: Door) -> dict[str, Any]:
    """A body in which there is nothing to refuse."""
    if door.method != "POST":
        return {}
    if door.pattern in WITH_FILES:
        return {"data": WITH_FILES[door.pattern], "files": {"files": ("a.txt", b"x", "text/plain")}}
    return {"json": BODIES[door.pattern]} if door.is_api else {"data": {"csrf": token_of(browser), "text": "x"}}


def test_secrets_are_tried_so_often(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_TRIES", RateLimit(calls=10))
    browser = client_of(services)
    fields = {"csrf": token_of(browser), "receipt": NOBODYS, "secret": "x"}
    answers = [browser.post("/s/", data=fields).status_code for _ in range(12)]
    assert answers == [404] * 10 + [429] * 2


@pytest.mark.parametrize("name", ["nobody", "reader", "administrator"])
def test_a_hidden_record_is_as_one_that_is_not_there(services: Services, signed_in: As, name: str) -> None:
    """At every door that has the id of a record in its address, or in its form."""
    browser = client_of(services) if name == "nobody" else signed_in(name)
    browser.get("/about")
    for door in doors(services):
        if "{id:path}" not in door.pattern:
            continue
        answers = []
        for identifier in (INTERNAL_ID, UNKNOWN_ID):
            address = door.pattern.replace("{id:path}", identifier).replace("{number:int}", "1")
            answers.append(told(ask(browser, door, address), identifier))
        assert answers[0] == answers[1], door
        to_sign_in = answers[0][1].get("location", "").startswith(paths.LOGIN)
        assert (answers[0][0] == 404 or to_sign_in) and MARK not in answers[0][2], door
    form = {"type": "copy", "name": "n", "contact": "c"}
    filing = [browser.post("/api/v1/requests", json={**form, "resource_id": one}) for one in (INTERNAL_ID, UNKNOWN_ID)]
    assert told(filing[0], INTERNAL_ID) == told(filing[1], UNKNOWN_ID) and filing[0].status_code == 404


@pytest.mark.parametrize("name", ["nobody", "reader", "administrator", "manager"])
def test_a_text_that_may_not_be_read_is_nowhere(services: Services, signed_in: As, name: str) -> None:
    browser = signed_in(name)
    for door in doors(services):
        if "{id:path}" in door.pattern and door.method == "GET":
            address = door.pattern.replace("{id:path}", CLOSED_TEXT_ID).replace("{number:int}", "1")
            answer = browser.get(address, params={"q": MARK})
            page = answer.text.replace(f"q={MARK}", "").replace(f'value="{MARK}"', "").replace(f'"{MARK}"', "")
            assert "closed page" not in page, door
            assert name == "manager" or f"note: {MARK}" not in page


def test_persons_and_accounts_are_for_those_who_work_with_them(services: Services, signed_in: As) -> None:
    """A code of a person that there is, and one that there is not, are alike for all others."""
    for name in ("reader", "administrator"):
        browser = signed_in(name)
        for code in (filed(services).person, NOBODYS):
            assert browser.get(f"/persons/{code}").status_code == 404
    for name in ("reader", "coordinator"):
        known, unknown = (signed_in(name).get(f"/accounts/{account}") for account in ("chen", "nobody-of-that-name"))
        assert told(known, "chen") == told(unknown, "nobody-of-that-name") and known.status_code == 404


@pytest.mark.parametrize(
    "fields", [{"name": "chen"}, {"name": "nobody"}, {"name": "chen", "password": ""}, {"name": ""}]
)
def test_a_name_that_there_is_is_told_apart_by_nothing(services: Services, fields: dict[str, str]) -> None:
    browser = client_of(services)
    token = token_of(browser)
    right = {"csrf": token, "password": "wrong", "next": "/"}
    answer = browser.post("/login", data=right | fields)
    nobody = browser.post("/login", data=right | {"name": "nobody-else"})
    shown = f'value="{fields["name"]}"'
    assert told(answer, shown) == told(nobody, 'value="nobody-else"')


def test_files_are_not_found_by_counting(services: Services) -> None:
    browser = client_of(services)
    for number in range(1, 5):
        for receipt in (filed(services).receipt, NOBODYS):
            assert browser.get(f"/s/{receipt}/files/{number}").status_code == 404
            assert browser.get(f"/api/v1/requests/{receipt}/files/{number}").status_code == 404
    opened = browser.get(
        f"/api/v1/requests/{filed(services).receipt}/files/1", headers={"x-request-secret": filed(services).secret}
    )
    assert opened.status_code == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_a_network_of_addresses_is_one_client(address: str, counted: str) -> None:
    assert counted_as(address) == counted


def test_what_is_open_is_found(services: Services) -> None:
    """The attacks above fail for what they are."""
    assert client_of(services).get(f"/r/{LAND_ID}").status_code == 200
