"""What surrounds every page: cookies, language, headers, what is not found, and the guard on the websocket."""

from __future__ import annotations

import base64
import hashlib
import re

import anyio
import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg

from search_ui import paths
from search_ui.middleware import ALLOWED_MESSAGES, guarded, is_allowed
from search_ui.services import Services
from tests.search_ui.web.house import LAND_ID, client_of

PAGES = [
    "/",
    "/search",
    "/about",
    "/login",
    "/s/",
    "/r",
    f"/r/{LAND_ID}",
    f"/view/{LAND_ID}",
    "/nothing",
    "/api/v1/docs",
]


@pytest.mark.parametrize(
    "path", [*PAGES, "/api/v1/search", "/robots.txt", "/assets/site.css", f"/r/{LAND_ID}/pages/1/image"]
)
def test_every_answer_carries_the_headers(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    policy = headers["content-security-policy"]
    assert "object-src 'none'" in policy and "base-uri 'none'" in policy and "'unsafe-eval'" not in policy
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts and "unsafe-inline" not in scripts[1] and "blob:" not in scripts[1]


@pytest.mark.parametrize("path", [path for path in PAGES if path not in paths.SCREENS])
def test_plain_pages_hold_nothing_the_policy_would_stop(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<[^>]+\sstyle=", answer.text) and "<style" not in answer.text
    assert not re.search(r"<[^>]+\son\w+=", answer.text)
    assert all("src=" in tag or "ld+json" in tag for tag in re.findall(r"<script[^>]*>", answer.text))
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!testserver|example\.org)', answer.text)


def test_the_policy_of_the_screens_names_each_inline_script(browser: TestClient) -> None:
    answer = browser.get("/search")
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert len(scripts) == 1
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", paths.SCREENS)
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_a_screen_starts_in_the_reader_s_language(browser: TestClient, path: str, language: str) -> None:
    page = browser.get(path, headers={"accept-language": language}).text
    assert f'<html lang="{language}">' in page
    assert "<title>Streamlit</title>" not in page and "service-desc" not in page and "_stcore/agent" not in page
    assert 'name="description"' in page and 'property="og:title"' in page
    assert "You need to enable JavaScript" not in page and 'href="/about"' in page
    assert '<div id="root"></div>' in page and re.search(r'<script type="module"[^>]+src="./static/js/', page)


def test_the_visitor_cookie_is_set_once_and_out_of_scripts_reach(browser: TestClient) -> None:
    cookie = browser.get("/search").headers["set-cookie"]
    assert cookie.startswith("vid=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    assert "set-cookie" not in browser.get("/search").headers
    assert "set-cookie" not in browser.get("/api/v1/search").headers


def test_cookies_are_secure_where_the_line_is(services: Services) -> None:
    made = client_of(services)
    made.base_url = httpx2.URL("https://testserver")
    assert "; Secure" in made.get("/about").headers["set-cookie"]


@pytest.mark.parametrize("forged", ["x", "a" * 31, "a" * 33, "<script>", "ab cd" * 6])
def test_a_visitor_id_of_another_shape_is_replaced(browser: TestClient, forged: str) -> None:
    answer = browser.get("/about", headers={"cookie": f"vid={forged}"})
    assert "vid=" in answer.headers["set-cookie"]


def test_a_chosen_language_stays(browser: TestClient) -> None:
    assert 'lang="zh-Hant"' in browser.get("/about?lang=zh-Hant").text
    assert '<html lang="zh-Hant">' in browser.get("/about").text
    assert '<html lang="en">' in browser.get("/about?lang=en").text
    assert '<html lang="en">' in browser.get("/about?lang=xx").text


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/script-health-check",
        "/oauth2callback",
        "/index.html",
        "/r/" + "x" * 300,
        "/component/x/y",
    ],
)
def test_what_is_not_ours_is_not_found(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404 and 'action="/search"' in answer.text


@pytest.mark.parametrize(
    "path",
    ["/static/js/index.js", "/_stcore/health", "/_stcore/host-config", "/_stcore/bidi-components/x", "/media/x.png"],
)
def test_streamlit_s_own_addresses_are_left_to_it(path: str) -> None:
    assert paths.belongs_to_streamlit(path)


MESSAGES = {field.name: field for field in BackMsg.DESCRIPTOR.oneofs[0].fields}


def message(name: str) -> bytes:
    """A message of that kind, as a browser would send it."""
    made = BackMsg()
    field = MESSAGES[name]
    if field.message_type is not None:
        getattr(made, name).SetInParent()
    else:
        setattr(made, name, "x" if field.type == field.TYPE_STRING else True)
    return bytes(made.SerializeToString())


@pytest.mark.parametrize("name", MESSAGES)
def test_only_messages_about_one_s_own_session_pass(name: str) -> None:
    assert is_allowed(message(name)) == (name in ALLOWED_MESSAGES)


def test_clearing_everybody_s_caches_is_dropped_and_the_next_message_passes() -> None:
    sent = [message("clear_cache"), b"\xff\xff\xff", message("rerun_script")]
    queue: list[Message] = [
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "bytes": each} for each in sent),
    ]
    queue.append({"type": "websocket.receive", "text": "hello"})
    queue.append({"type": "websocket.disconnect"})

    async def receive() -> Message:
        return queue.pop(0)

    async def passed() -> list[Message]:
        next_message = guarded(receive)
        return [await next_message() for _ in range(3)]

    kinds = [each["type"] for each in anyio.run(passed)]
    assert kinds == ["websocket.connect", "websocket.receive", "websocket.disconnect"]


def test_assets_are_our_own_files(browser: TestClient) -> None:
    for name in ("site.css", "viewer.css", "site.js", "record.js", "tree.js", "viewer.js", "mark.svg"):
        assert browser.get(f"/assets/{name}").headers["cache-control"] == "no-cache"
    named = re.findall(r'"(/assets/site[^"]+)"', browser.get("/about").text)
    assert len(named) == 2
    assert all("immutable" in browser.get(address).headers["cache-control"] for address in named)
    fonts = browser.get("/assets/fonts.css").text
    assert fonts.count("@font-face") == 2 and "/static/media/Source" in fonts
    assert browser.get("/assets/../services.py").status_code == 404
