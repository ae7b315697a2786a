"""Signing in and out, and where it may lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from search_ui.security import safe_next, web_address
from tests.search_ui.web.house import PASSWORD, sign_in, token_in


def attempt(browser: TestClient, **fields: str) -> object:
    """A sign-in with these fields over right ones."""
    right = {"csrf": token_in(browser.get("/login").text), "name": "chen", "password": PASSWORD, "next": "/requests"}
    return browser.post("/login", data={**right, **fields})


def test_signing_in_sets_a_cookie_scripts_cannot_read_and_goes_on(browser: TestClient) -> None:
    answer = attempt(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/requests")  # type: ignore[attr-defined]
    cookie = answer.headers["set-cookie"]  # type: ignore[attr-defined]
    assert cookie.startswith("sid=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert browser.get("/api/v1/session").json()["name"] == "chen"
    assert browser.get("/login?next=/about").headers["location"] == "/about"


@pytest.mark.parametrize("fields", [{"password": "wrong"}, {"name": "nobody"}, {"name": "", "password": ""}])
def test_a_wrong_name_and_a_wrong_password_look_the_same(browser: TestClient, fields: dict[str, str]) -> None:
    answer = attempt(browser, **fields)
    assert answer.status_code == 401 and "Name and password do not fit" in answer.text  # type: ignore[attr-defined]
    assert "sid=" not in answer.headers.get("set-cookie", "") and PASSWORD not in answer.text  # type: ignore[attr-defined]


def test_a_form_needs_the_token_of_its_visitor(browser: TestClient) -> None:
    assert attempt(browser, csrf="").status_code == 403  # type: ignore[attr-defined]
    token = token_in(browser.get("/login").text)
    browser.cookies.clear()
    assert browser.post("/login", data={"csrf": token, "name": "chen", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_elsewhere_is_refused(browser: TestClient, headers: dict[str, str]) -> None:
    fields = {"csrf": token_in(browser.get("/login").text), "name": "chen", "password": PASSWORD}
    assert browser.post("/login", data=fields, headers=headers).status_code == 403


def test_signing_out_ends_the_session_at_once(reader: TestClient) -> None:
    session = reader.cookies["sid"]
    answer = reader.post("/logout", data={"csrf": token_in(reader.get("/about").text), "next": "/"})
    assert answer.status_code == 303 and "Max-Age=0" in answer.headers["set-cookie"]
    reader.cookies.set("sid", session)
    assert reader.get("/api/v1/session").json()["name"] is None
    assert reader.get("/logout").status_code == 404


def test_signing_in_again_ends_the_session_before(browser: TestClient) -> None:
    sign_in(browser, "chen")
    first = browser.cookies["sid"]
    fields = {"csrf": token_in(browser.get("/about").text), "name": "lin", "password": PASSWORD}
    assert browser.post("/login", data=fields).status_code == 303
    assert browser.cookies["sid"] != first
    browser.cookies.delete("sid")
    browser.cookies.set("sid", first)
    assert browser.get("/api/v1/session").json()["name"] is None


def test_a_large_form_is_refused(browser: TestClient) -> None:
    assert browser.post("/login", data={"name": "x" * 70_000}).status_code == 413
    assert browser.post("/login", data={f"f{n}": "x" for n in range(60)}).status_code == 413


ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "\\\\evil",
    "",
    "evil",
    "/a b",
    "/\t/evil",
    "/a\nb",
    "/a\\b",
    "/" + "x" * 3000,
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(browser: TestClient, target: str) -> None:
    assert safe_next(target) == "/"
    assert attempt(browser, next=target).headers["location"] == "/"  # type: ignore[attr-defined]


@given(st.text(max_size=60))
def test_whatever_is_asked_the_way_on_is_a_path_of_ours(target: str) -> None:
    way = safe_next(target)
    assert way.startswith("/") and not way.startswith(("//", "/\\")) and not set(way) & set(" \t\r\n\\")


@given(st.text(max_size=80))
def test_only_web_addresses_are_links(text: str) -> None:
    address = web_address(text)
    assert address is None or address.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        " //evil",
        "http://",
        "https:///x",
        "http://[",
        "file:///etc/passwd",
        None,
    ],
)
def test_what_is_no_link(address: str | None) -> None:
    assert web_address(address) is None
