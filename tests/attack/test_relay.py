"""What is open to other houses: links of letters that are guessed, signed addresses without a signature or with that of
somebody else, too many tries.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from search_ui.web.forms import WITH_FILES
from service_desk.legs import signing
from service_desk.legs.ports import Relays
from service_desk.legs.rules import Partners
from service_desk.rules import bundled_text
from tests.attack.house import FILED, MARK, Filed, filed, relayed
from tests.attack.state import kept
from tests.search_ui.web.house import Items, client_of, open_house, sign_in, token_in

SECRETS = {"ONESTOP_RELAY_RIVER": "r" * 32, "ONESTOP_RELAY_HILL": "h" * 32}
TITLE = "title: {en: x, zh-Hans: x, zh-Hant: x}"
PARTNERS = "partners:\n" + "".join(
    f"  {name}: {{{TITLE}, files_here: {{secret: ONESTOP_RELAY_{name.upper()}}}}}\n" for name in ("river", "hill")
)
LEG = "L" * 24


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A house for each test: tries are counted."""
    made = open_house(tmp_path, Items(), relays=Relays(secret=SECRETS.get, site="https://house.example"))
    leg, token = relayed(made, tmp_path, "lin")
    FILED[id(made)] = Filed("", "", "", "", "", "", leg=leg, token=token)
    yield made
    made.desk.close()


@pytest.fixture
def browser(services: Services) -> TestClient:
    return client_of(services)


@pytest.fixture
def partnered(services: Services) -> Services:
    text = bundled_text(Partners).replace("partners: {}\n", PARTNERS)
    services.desk.rules.bring_into_force(Partners, text, "test")
    return services


def signed(browser: TestClient, method: str, target: str, body: object = None, *, as_: str = "river", with_: str = ""):
    data = json.dumps(body).encode() if body is not None else b""
    secret = SECRETS[f"ONESTOP_RELAY_{(with_ or as_).upper()}"].encode()
    headers = signing.signed(secret, as_, secrets.token_hex(16), method, target, data, dt.datetime.now(dt.UTC))
    return browser.request(method, f"/api/v1{target}", content=data, headers=headers)


def test_a_link_shows_its_leg_and_nothing_else(services: Services, browser: TestClient) -> None:
    page = browser.get(f"/relay/{filed(services).token}")
    assert page.status_code == 200 and page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "private, no-store" and "noindex" in page.headers["x-robots-tag"]
    assert MARK not in page.text, "what the department was asked is not the partner's"
    assert "c@example.org" not in page.text
    assert "<script>window" not in page.text


def test_links_cannot_be_guessed(services: Services, browser: TestClient) -> None:
    token = filed(services).token
    answers = {browser.get(f"/relay/{guess}").status_code for guess in (token[:-1], token[::-1], "x", "A" * 32)}
    assert answers == {404}
    for _ in range(10):
        last = browser.get(f"/relay/{secrets.token_urlsafe(24)}")
    assert last.status_code == 429 and int(last.headers["retry-after"]) > 0
    assert browser.get(f"/relay/{token}").status_code == 429, "whoever guesses waits"
    sent = browser.post(f"/relay/{token}", data={"act": "answer", "text": "x"})
    assert sent.status_code == 429 and int(sent.headers["retry-after"]) > 0


def test_who_has_the_link_is_not_counted(services: Services, browser: TestClient) -> None:
    assert {browser.get(f"/relay/{filed(services).token}").status_code for _ in range(30)} == {200}


def test_looking_changes_nothing_and_answering_needs_the_form(services: Services, browser: TestClient) -> None:
    address = f"/relay/{filed(services).token}"
    before = kept(services)
    page = browser.get(address)
    browser.head(address)
    assert browser.post(address, data={"act": "answer", "text": "x"}).status_code == 403
    foreign = {"origin": "https://foreign.example", "sec-fetch-site": "cross-site"}
    form = {"csrf": token_in(page.text), "act": "answer", "text": "x"}
    assert browser.post(address, data=form, headers=foreign).status_code == 403
    assert browser.post(address, data=form, files={"files": ("a.html", b"<script>", "text/html")}).status_code == 303
    assert kept(services) == before
    done = browser.post(address, data=form, files={"files": ("../../a.pdf", b"%PDF-1.7", "text/html")})
    assert done.headers["location"].endswith("said=done")
    over = browser.get(address)
    assert over.status_code == 200 and "answer-text" not in over.text
    assert browser.post(address, data=form).headers["location"].endswith("said=changed")


def test_nobody_without_a_link_sends_files(services: Services, browser: TestClient) -> None:
    large = b"--b\r\n" + b"x" * 1000
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(WITH_FILES * 2)}
    assert browser.post(f"/relay/{'A' * 32}", content=large, headers=headers).status_code == 404
    assert browser.post(f"/relay/{filed(services).token}", content=large, headers=headers).status_code == 413


def test_nothing_is_told_without_a_signature(partnered: Services, browser: TestClient) -> None:
    assert signed(browser, "POST", "/relay", {"leg": LEG, "asks": "?"}).status_code == 201
    before = kept(partnered)
    for method, path in (
        ("POST", "/relay"), ("POST", f"/relay/{LEG}"), ("GET", f"/relay/{LEG}"), ("GET", f"/relay/{LEG}/files/1"),
        ("GET", f"/relay/{'x' * 24}"),
    ):  # fmt: skip
        answers = [
            browser.request(method, f"/api/v1{path}", json={"leg": LEG} if method == "POST" else None),
            signed(browser, method, path, {"what": "taken_back"} if method == "POST" else None, with_="hill"),
            browser.request(method, f"/api/v1{path}"),
        ]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.text for answer in answers}) == 1, "always the same"
    assert kept(partnered) == before


def test_whoever_tries_signatures_waits(partnered: Services, browser: TestClient) -> None:
    codes = [signed(browser, "GET", f"/relay/{LEG}", with_="hill").status_code for _ in range(25)]
    assert codes[0] == 401 and codes[-1] == 429


def test_a_partner_does_not_see_what_another_filed(partnered: Services, browser: TestClient) -> None:
    assert signed(browser, "POST", "/relay", {"leg": LEG, "asks": "of river"}).status_code == 201
    for method, path in (("GET", f"/relay/{LEG}"), ("GET", f"/relay/{LEG}/files/1")):
        known, unknown = (
            signed(browser, method, path, as_="hill"),
            signed(browser, method, path.replace("L", "M"), as_="hill"),
        )
        assert known.status_code == unknown.status_code == 404 and "river" not in known.text
    taken = signed(browser, "POST", f"/relay/{LEG}", {"what": "taken_back"}, as_="hill")
    assert taken.status_code == 404
    assert signed(browser, "GET", f"/relay/{LEG}").json()["status"] != "withdrawn"
    both = signed(browser, "POST", "/relay", {"leg": LEG, "asks": "of hill"}, as_="hill")
    assert both.status_code == 201, "each has its own names"


@pytest.mark.parametrize(
    "body",
    [
        {"leg": LEG, "asks": "?", "status": "delivered"},
        {"leg": LEG, "asks": "?", "files_here": {"type": "emergency"}},
        {"leg": "short", "asks": "?"},
        {"leg": LEG, "asks": "x" * 20_000},
        {"leg": LEG, "asks": "?", "records": [{"title": "t", "id": "r-1"}]},
        {"leg": LEG, "what": "taken_back"},
        [],
        "x",
        {"leg": LEG},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_asked_for_is_refused(partnered: Services, browser: TestClient, body: object) -> None:
    before = len(partnered.desk.inbox.page(partnered.desk.accounts.viewer("lin"), "open").rows)
    answer = signed(browser, "POST", "/relay", body)
    assert answer.status_code == 422 and signing.SIGNATURE in answer.headers
    after = len(partnered.desk.inbox.page(partnered.desk.accounts.viewer("lin"), "open").rows)
    assert before == after


def test_a_session_is_no_signature(partnered: Services, browser: TestClient) -> None:
    sign_in(browser, "lin")
    assert browser.post("/api/v1/relay", json={"leg": LEG, "asks": "?"}).status_code == 401
