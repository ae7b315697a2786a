"""Headers and cookies: on every kind of answer, for everybody, on whatever was asked."""

from __future__ import annotations

import re

import httpx2
import pytest

from search_ui import paths
from search_ui.services import Services
from tests.attack.conftest import As
from tests.attack.doors import doors, reading
from tests.search_ui.web.house import client_of

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TELLING = ("server", "x-powered-by", "x-aspnet-version", "via")
ERRORS = (
    ("GET", "/nothing"),
    ("GET", "/r/unknown"),
    ("GET", "/api/v1/nothing"),
    ("GET", "/api/v1/search?size=-1"),
    ("POST", "/api/v1/search"),
    ("DELETE", "/"),
    ("PUT", "/login"),
    ("POST", "/login"),
    ("GET", "/assets/nothing.css"),
    ("OPTIONS", "/api/v1/search"),
    ("TRACE", "/"),
    ("GET", "/api/v1/staff/inbox"),
    ("GET", "/../../etc/passwd"),
)


def check(answer: httpx2.Response, where: object) -> None:
    """What every answer has."""
    headers = answer.headers
    stricter = {"referrer-policy": "no-referrer"} if headers.get("referrer-policy") == "no-referrer" else {}
    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE | stricter, where
    assert [name for name in TELLING if name in headers] == [], where
    assert "access-control-allow-origin" not in headers, where
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    if "sandbox" in policy:
        return
    assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'" and policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["frame-ancestors"] == "'self'", where
    assert re.fullmatch(r"'self'( 'sha256-[A-Za-z0-9+/=]+')*", policy["script-src"].strip()), where
    inline = "'unsafe-inline'" in policy["style-src"]
    assert inline <= (answer.request.url.path in paths.SCREENS), "inline style is Streamlit's alone"
    assert "unsafe-eval" not in headers["content-security-policy"] and "*" not in headers["content-security-policy"]


@pytest.mark.parametrize("name", ["nobody", "chen", "coordinator"])
def test_every_door_has_them(services: Services, signed_in: As, name: str) -> None:
    browser = signed_in(name)
    for door in reading(services):
        answer = browser.get(door.address(services))
        check(answer, door)
        assert answer.status_code < 500, door
        if "text/html" in answer.headers.get("content-type", ""):
            assert "public" not in answer.headers.get("cache-control", ""), (door, "pages differ by reader")


@pytest.mark.parametrize(("method", "path"), ERRORS)
def test_every_refusal_has_them(services: Services, method: str, path: str) -> None:
    answer = client_of(services).request(method, path)
    check(answer, path)
    assert 200 <= answer.status_code < 500 and "Traceback" not in answer.text


HANDED = ("/s/", "/api/v1/requests/")
"""Where readers get the files of answers."""


def test_what_a_reader_is_handed_is_no_page_of_ours(services: Services, signed_in: As) -> None:
    """An answer's file that is HTML is saved, not shown; if a browser did show it, it would run nothing."""
    for door in reading(services):
        if "files" in door.pattern and door.pattern.startswith(HANDED):
            answer = signed_in("chen").get(door.address(services))
            assert answer.status_code == 200 and b"<script>" in answer.content
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["content-security-policy"] == "sandbox"
            assert answer.headers["cache-control"] == "no-store"


def test_every_cookie_is_out_of_reach(services: Services) -> None:
    """Of scripts, of other sites, of a line that is not encrypted."""
    browser = client_of(services)
    browser.base_url = httpx2.URL("https://testserver")
    set_by: set[str] = set()
    for door in doors(services):
        answer = browser.request(door.method, door.address(services), params={"lang": "en"})
        for cookie in answer.headers.get_list("set-cookie"):
            set_by.add(cookie.partition("=")[0])
            assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; ")), (door, cookie)
    assert set_by == {"vid", "lang"}, "those of sessions, receipts and terminals: test_sessions"


def test_a_method_that_is_not_meant_is_refused(services: Services) -> None:
    browser = client_of(services)
    for door in doors(services):
        for method in {"PUT", "DELETE", "PATCH"} - {door.method}:
            assert browser.request(method, door.address(services)).status_code in (404, 405), (method, door)
