"""Cross-site scripting, in what is sent: words of catalogues, readers, staff and addresses stay words on every plain
page, in what is taken away and in what is mailed. tests/browser/test_every_page.py has Chromium run them.
"""

from __future__ import annotations

import csv
import email
import io
import json
import re
import zipfile
from collections.abc import Iterator
from email.policy import default
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui import paths
from search_ui.services import Services
from search_ui.themes.files import csv_text
from service_desk.forms import MessageForm, RequestForm, parse
from tests.attack.conftest import As
from tests.attack.doors import changing, reading
from tests.attack.house import odd, texts, token_of
from tests.browser import hostile
from tests.search_ui.web.house import LAND_ID, mint

VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
LINKS: Final = ("href", "src", "action", "formaction", "poster", "data", "xlink:href", "srcset")
PARAMETERS: Final = (
    *("q", "f", "filter", "k", "page", "rank", "next", "said", "lang", "find", "from", "to", "sort", "w", "n", "in"),
    *("owner", "place", "words", "lot", "year", "dated.from", "how", "code", "only", "view", "state", "receipt"),
    *("type", "resource"),
)


class Page(HTMLParser):
    """What a browser would make of a page: elements, and attributes that would run or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look(tag, given)
        if tag not in VOID:
            self._open.append(tag)

    def _look(self, tag: str, given: dict[str, str]) -> None:
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        links = {name: given[name] for name in LINKS if name in given}
        self.wrong += [f"{tag} {name}={link[:60]}" for name, link in links.items() if _leads_astray(tag, link)]
        if tag == "script" and given.get("type") not in ("module", "application/ld+json"):
            self.wrong.append(f"script {given}")
        if (
            tag == "script"
            and given.get("type") == "module"
            and not given.get("src", "").startswith(("/assets/", "./static/"))
        ):
            self.wrong.append(f"script {given}")
        if "pwned" in (given.get("id", ""), given.get("class", "")) or tag in (
            "iframe",
            "object",
            "embed",
            "base",
            "math",
        ):
            self.wrong.append(f"{tag} {given}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script" and data.strip():
            try:
                json.loads(data)
            except ValueError:
                self.wrong.append(f"a script of the page itself: {data[:80]}")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass


def _leads_astray(tag: str, link: str) -> bool:
    """A link that would run, or something that would be fetched from elsewhere."""
    parts = urlsplit("".join(link.split()))
    if parts.scheme.lower() not in ("", "http", "https", "data", "mailto", "tel"):
        return True
    if parts.scheme.lower() == "data":
        return tag != "img"
    return tag not in ("a", "link") and parts.hostname not in (None, "testserver")


def check(page: str, where: object) -> None:
    """Nothing on a page would run, be fetched or lead astray."""
    read = Page()
    read.feed(page)
    assert read.wrong == [], (where, read.wrong[:5])


def test_the_check_sees_what_would_run() -> None:
    """It fails for each hostile text put into a page as it is."""
    for text in (
        hostile.SCRIPT,
        hostile.IMAGE,
        hostile.BREAKOUT,
        '<a href=" javascript:x">',
        "<iframe src=x>",
        "<a onclick=x>",
    ):
        with pytest.raises(AssertionError):
            check(f"<p>{text}</p>", text)
    check("<p>&lt;script&gt;</p><a href='/x?q=javascript:x'>x</a>", "a page of ours")


@pytest.mark.parametrize("name", ["nobody", "coordinator", "administrator"])
def test_every_plain_page(services: Services, signed_in: As, name: str) -> None:
    """With every parameter that there is, hostile too."""
    browser, seen = signed_in(name), 0
    odds = [mint("list", odd(key, text).source_id) for key, text in texts().items()]
    for door in reading(services):
        if door.pattern in paths.SCREENS:  # Streamlit's own page, whose script the policy names by its hash
            continue
        addresses = [door.address(services)]
        if "{id:path}" in door.pattern and (name == "nobody" or door.pattern in ("/r/{id:path}", "/view/{id:path}")):
            addresses += [door.pattern.replace("{id:path}", each).replace("{number:int}", "1") for each in odds]
        for address in addresses:
            text = f"javascript:window.pwned=1//{hostile.BREAKOUT}"
            answer = browser.get(address, params=dict.fromkeys(PARAMETERS, text))
            is_saved = answer.headers.get("content-disposition", "").startswith("attachment")
            if "text/html" in answer.headers.get("content-type", "") and not is_saved:
                check(answer.text, (address, name))
                seen += 1
    assert seen > 20


@pytest.mark.parametrize("name", ["nobody", "coordinator"])
def test_what_is_typed_into_forms_comes_back_as_words(services: Services, signed_in: As, name: str) -> None:
    """Every form that is sent back with what was wrong in it."""
    browser = signed_in(name)
    names = (
        "name",
        "contact",
        "find",
        "kind",
        "number",
        "account",
        "key",
        "address",
        "receipt",
        "secret",
        "code",
        "next",
        "role",
        "query",
        "rank",
        "note",
        "holder",
    )
    for door in changing(services):
        if door.is_api or door.pattern in ("/logout", "/account/sign-out", "/account/password"):
            continue
        fields = dict.fromkeys(names, hostile.BREAKOUT) | {"csrf": token_of(browser)}
        answer = browser.post(door.address(services), data=fields)
        if "text/html" in answer.headers.get("content-type", ""):
            check(answer.text, (door, name))


def test_what_machines_read(services: Services, signed_in: As) -> None:
    """Linked data that cannot end its element, a sitemap that is XML, JSON that no browser takes for a page."""
    browser = signed_in("nobody")
    for key, text in texts().items():
        identifier = mint("list", odd(key, text).source_id)
        page = browser.get(f"/r/{identifier}").text
        [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        assert "<" not in script and json.loads(script)["name"]
        told = browser.get(f"/api/v1/resources/{identifier}")
        assert (
            told.headers["content-type"] == "application/json" and told.headers["x-content-type-options"] == "nosniff"
        )
    for path in ("/sitemap.xml", "/sitemap.xml?page=1"):
        assert ElementTree.fromstring(browser.get(path).text).tag.endswith(("sitemapindex", "urlset"))
    assert hostile.SCRIPT not in browser.get("/robots.txt").text


@pytest.fixture
def table(services: Services, signed_in: As) -> Iterator[TestClient]:
    yield signed_in("coordinator")


def test_no_cell_of_a_table_is_a_formula(services: Services, table: TestClient) -> None:
    """OWASP, CSV injection: what a spreadsheet would run begins with an apostrophe."""
    whole = table.get("/api/v1/themes/odd/pack.zip").content
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        names = archive.namelist()
        tables = [archive.read(name).decode("utf-8-sig") for name in names if name.endswith(".csv")]
    tables.append(table.get("/api/v1/themes/odd/data.csv").content.decode("utf-8-sig"))
    cells = [cell for text in tables for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len(cells) > 20
    assert [
        cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "\t", "\r")) or re.match(r"-\D", cell)
    ] == []
    for name in names:
        assert not name.startswith(("/", "\\")) and ".." not in name.split("/") and "\\" not in name and ":" not in name


def test_no_cell_whatever_is_in_it() -> None:
    rows = [[f"{begin}{text}" for begin in ("", " ", "\u200b")] for text in texts().values()]
    for row in csv.reader(io.StringIO("".join(csv_text(rows)).removeprefix("\ufeff"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row


ADDRESSEES = {"a@example.org", "c@example.org", "far@example.org"}
"""Of the requests of this house, and the partner that was asked."""


def test_messages_say_words_and_have_one_addressee(services: Services) -> None:
    """Header injection: a contact and a title with line breaks make no header and no second message."""
    folder = services.desk.notices._outbox._folder if hasattr(services.desk.notices._outbox, "_folder") else None
    clerk = services.desk.accounts.viewer("coordinator")
    identifier = mint("list", odd("newline", "").source_id)
    form = {
        "resource_id": identifier,
        "type": "query",
        "name": hostile.NAME,
        "contact": "a@example.org\r\nBcc: b@foreign.example",
    }
    asked = services.desk.filing.submit(parse(RequestForm, form), ANONYMOUS)
    services.desk.requests.tell(asked.receipt, MessageForm(text=hostile.BREAKOUT), clerk)
    other = services.desk.filing.submit(parse(RequestForm, {**form, "contact": "a@example.org"}), ANONYMOUS)
    services.desk.requests.tell(other.receipt, MessageForm(text=hostile.BREAKOUT), clerk)
    assert folder is not None
    messages = [email.message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")]
    assert messages
    for message in messages:
        assert message["to"] in ADDRESSEES and message["bcc"] is None and message["set-cookie"] is None
        assert message.get_content_type() == "text/plain" and hostile.BREAKOUT not in message.get_content()


def test_what_is_found_is_there(services: Services, signed_in: As) -> None:
    """The pages above do show the texts."""
    page = signed_in("nobody").get(f"/r/{mint('list', 'odd-script')}").text
    assert "&lt;script&gt;window.pwned=1&lt;/script&gt;" in page
    assert signed_in("nobody").get(f"/r/{LAND_ID}").status_code == 200
