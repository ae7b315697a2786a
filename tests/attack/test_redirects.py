"""Open redirects: no address, no field and no header leads anybody to another host."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from search_ui.services import Services
from tests.attack.doors import Door, doors
from tests.attack.house import token_of
from tests.search_ui.web.house import LAND_ID, PASSWORD, client_of, sign_in

ELSEWHERE = (
    "https://foreign.example/",
    "//foreign.example",
    "/\\foreign.example",
    "\\\\foreign.example",
    "/%2f%2fforeign.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:foreign.example",
    "https://testserver@foreign.example/",
    "/\t/foreign.example",
    "/\r\nLocation: https://foreign.example",
    " https://foreign.example",
    "///foreign.example",
    "/.//foreign.example",
    "\u2215\u2215foreign.example",
)
NAMES = ("next", "return", "url", "redirect", "redirect_uri", "continue", "onward", "goto", "back", "target", "to", "u")


ENDING = ("/logout", "/account/sign-out", "/login")
"""Tried apart."""


def check(location: str, where: object) -> None:
    """A way on is a path of ours, as every browser reads it."""
    as_browsers_do = location.replace("\\", "/").replace("\t", "").strip()
    parts = urlsplit(as_browsers_do)
    assert parts.hostname in (None, "testserver") and parts.scheme in ("", "http"), (where, location)
    assert not as_browsers_do.startswith("//") and "\r" not in location and "\n" not in location, (where, location)


def through(browser: TestClient, door: Door, services: Services, target: str) -> httpx2.Response:
    """What a door says to a target in every parameter and field that could be one."""
    asked = dict.fromkeys(NAMES, target)
    fields = {**asked, "csrf": token_of(browser) if door.method == "POST" else ""}
    sent = {"data": fields} if door.method == "POST" and not door.is_api else {}
    return browser.request(door.method, door.address(services), params=asked, **sent)


def test_no_parameter_and_no_field_leads_away(services: Services) -> None:
    """Every door that leads on anywhere, for nobody and for a reader, with every target."""
    for name in ("nobody", "reader"):
        browser = client_of(services)
        if name == "reader":
            sign_in(browser, name)
        leading = [door for door in doors(services) if door.pattern not in ENDING]
        leading = [door for door in leading if "location" in through(browser, door, services, ELSEWHERE[0]).headers]
        assert leading, "there are some"
        for door in leading:
            for target in ELSEWHERE:
                # What was done once may not be done again: then it leads nowhere.
                check(through(browser, door, services, target).headers.get("location", "/"), (door, target))


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nor_when_one_signs_in_and_out(services: Services, target: str) -> None:
    browser = client_of(services)
    fields = {"csrf": token_of(browser), "next": target}
    for path, more in (("/login", {"name": "reader", "password": PASSWORD}), ("/logout", {})):
        answer = browser.post(path, data=fields | more)
        assert answer.status_code == 303
        check(answer.headers["location"], path)


@pytest.mark.parametrize(
    "header", ["host", "x-forwarded-host", "forwarded", "x-original-url", "x-rewrite-url", "x-http-host-override"]
)
def test_a_forged_host_is_in_nothing_that_is_kept_or_sent(services: Services, header: str) -> None:
    """A house that says where it is reached writes that, whatever a client says of itself."""
    browser = client_of(replace(services, public_address="https://archive.example"))
    value = "host=foreign.example" if header == "forwarded" else "foreign.example"
    for path in (
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap.xml?page=1",
        f"/r/{LAND_ID}",
        "/api/v1/themes/land/data.md",
        "/login",
    ):
        answer = browser.get(path, headers={header: value})
        assert answer.status_code == 200 and "foreign.example" not in answer.text, path
        assert "foreign.example" not in "".join(answer.headers.values())
    redirected = browser.get("/persons", headers={header: value})
    assert redirected.headers["location"] == "/login?next=%2Fpersons"
