"""People at their browsers: what they open, read, type and press, and what their browser complains of meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    Response,
    WebSocket,
    expect,
)
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from search_ui import paths
from search_ui.i18n import Translator
from tests.browser.house import PASSWORDS, House

LOCALES: Final = {"zh-Hans": "zh-CN", "en": "en-GB"}
PHONE: Final = 768
_IDLE: Final = """() => {
    const app = document.querySelector('.stApp')
    return !app || (app.dataset.testScriptState === 'notRunning' && Boolean(window.onestopPage)
        && !app.querySelector('[data-testid=stSkeleton]')) }"""
"""A widget whose script is still on its way has a skeleton in its place, also when the server has run the screen."""


@dataclass(frozen=True)
class Screen:
    """What somebody looks at: width in CSS pixels, language of the interface."""

    width: int
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{self.language}"

    @property
    def is_phone(self) -> bool:
        return self.width < PHONE


def act(clerk: Person, name: str, **fields: str) -> None:
    """Fill in the form of an act on the page of a case, and send it."""
    form = clerk.page.locator(f"form[data-act={name}]")
    folded = clerk.page.locator(f"details:has(form[data-act={name}]):not([open]) > summary")
    if folded.count():
        folded.click()
    for field_name, value in fields.items():
        form.locator(f"[name={field_name}]").fill(value)
    form.locator("button").click()
    expect(clerk.page.locator(".said")).to_be_visible()


@dataclass
class Person:
    """One browser of its own: cookies, a page, and everything that went wrong on it."""

    house: House
    screen: Screen
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    _socket: WebSocket | None = None

    def __post_init__(self) -> None:
        """Listen to this page and to every further one of this browser."""
        self.context.on("page", self._watch)
        self._watch(self.page)

    def t(self, msgid: str, **values: object) -> str:
        """A sentence of the screens in this person's language."""
        return Translator(self.screen.language).t(msgid, **values)

    def t_plural(self, one: str, many: str, count: int) -> str:
        """A counted sentence of the screens."""
        return Translator(self.screen.language).n(one, many, count)

    def web(self, msgid: str, **values: object) -> str:
        """A sentence of the plain pages."""
        return Translator(self.screen.language, "web").t(msgid, **values)

    def term(self, group: str, code: str) -> str:
        """A code as a word."""
        return Translator(self.screen.language).term(group, code)

    def number(self, value: int) -> str:
        """A number as this language writes it."""
        return Translator(self.screen.language).number(value)

    def open(self, address: str) -> Response:
        """Go to an address of the house and wait until the page can be worked with; what the server answered."""
        answer = self.page.goto(self.house.base + address)
        assert answer is not None
        self.ready()
        return answer

    def goto(self, address: str) -> None:
        """Go to an address of the house, for a browser that runs no script and needs no waiting."""
        self.page.goto(self.house.base + address)

    def ready(self) -> None:
        """Wait until nothing runs any more for this page and its own script listens."""
        expect(self.page.locator("h1").first).to_be_attached()
        self.page.wait_for_function(_IDLE)

    @property
    def h1(self) -> Locator:
        return self.page.locator("h1")

    @property
    def box(self) -> Locator:
        """The search box."""
        return self.page.locator("form[data-box] input[type=search]")

    @property
    def hits(self) -> Locator:
        return self.page.locator("article.hit")

    def facet(self, label: str) -> Locator:
        """A facet value: beside the hits, or in the open drawer."""
        where = "dialog[open]" if self.screen.is_phone else "#facets"
        return self.page.locator(f"{where} label").filter(has_text=_facet_value(label))

    def search(self, text: str) -> None:
        """Type into the box, press Enter."""
        self.box.fill(text)
        self.box.press("Enter")
        self.page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("q") == [text])

    def counts(self, total: int) -> None:
        """The result list says how many there are."""
        expect(self.h1).to_have_text(re.compile(rf"(?<![\d,]){re.escape(self.number(total))}(?![\d,])"))

    def tick(self, label: str) -> None:
        """Choose a facet value, or take it back; on a phone in the drawer, which is closed by its foot."""
        if self.screen.is_phone:
            self.page.locator("[data-open=facets]").click()
        choice = self.facet(label).get_by_role("checkbox")
        before = choice.is_checked()
        choice.click()
        expect(choice).to_be_checked(checked=not before)
        self.page.wait_for_function(_IDLE)
        if self.screen.is_phone:
            self.page.locator("dialog[open] .drawer-foot [data-close]").click()
            expect(self.page.locator("dialog[open]")).to_have_count(0)

    def facet_count(self, label: str) -> int:
        """The count beside a facet value; it stands in the page also where the drawer is closed."""
        row = self.page.locator("#facets label").filter(has_text=_facet_value(label))
        return int(re.sub(r"\D", "", (row.text_content() or "").rpartition("(")[2]))

    def chip(self, label: str) -> Locator:
        """One reading of the question, which can be taken back."""
        return self.page.locator(".understood .chip").filter(has_text=re.compile(re.escape(label), re.IGNORECASE))

    def sign_in(self, role: str, onward: str) -> None:
        """Through the form, and on to where one wanted to go."""
        self.open(f"{paths.LOGIN}?next={onward}")
        self.page.locator("#name").fill(role)
        self.page.locator("#password").fill(PASSWORDS[role])
        self.page.locator("main form button").click()
        self.page.wait_for_url(lambda url: urlsplit(url).path == onward)
        self.ready()

    @contextmanager
    def rerun(self) -> Iterator[None]:
        """Wait until the server has run the screen once more for what is done within."""
        assert self._socket is not None, "no screen of Streamlit is open"
        with self._socket.expect_event("framereceived", _is_end_of_run):
            yield

    def fill(self, key: str, text: str) -> None:
        """Type something else into a field of a Streamlit screen and leave it, so that the server knows."""
        target = self.page.locator(f".st-key-{key} :is(input, textarea)").first
        with self.rerun():
            target.fill(text)
            target.press("Tab")

    def press(self, key: str) -> None:
        """A button of a Streamlit screen, once what was typed before has arrived."""
        self.page.wait_for_function(_IDLE)
        self.page.locator(f".st-key-{key} button").click()

    def write(self, **values: str) -> None:
        """Type into fields of a plain form, by their names."""
        for name, text in values.items():
            self.page.locator(f"main form #{name}").fill(text)

    def send(self, *, agreed: bool = True) -> None:
        """Send the request form, the privacy notice agreed to or not."""
        if agreed:
            self.page.locator("#consent").check()
        self.page.locator("form[data-ask] button[value=send]").click()

    def is_wider_than_the_window(self) -> bool:
        """Would one have to scroll sideways?"""
        return bool(
            self.page.evaluate(
                """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
                    .some(each => each && each.scrollWidth > each.clientWidth)"""
            )
        )

    def forgive(self) -> None:
        """What was complained of so far was meant to happen."""
        self.complaints.clear()

    def _watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"error of a script: {error}"))
        page.on("dialog", self._asked)
        page.on("request", self._sent)
        page.on("websocket", self._connected)

    def _connected(self, socket: WebSocket) -> None:
        self._socket = socket

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def _asked(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _sent(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.house.base:
            self.complaints.append(f"request to a foreign origin: {request.url[:200]}")


def _is_end_of_run(frame: str | bytes) -> bool:
    """Does Streamlit say with this message that it has run the script?"""
    message = ForwardMsg()
    message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
    return message.WhichOneof("type") == "script_finished"


def _facet_value(label: str) -> re.Pattern[str]:
    """The label of a facet value with its count."""
    return re.compile(rf"^\s*{re.escape(label)}\s*\([\d,]+\)\s*$", re.IGNORECASE)


def query_of(url: str) -> dict[str, list[str]]:
    """The parameters of an address."""
    return parse_qs(urlsplit(url).query)


def inside(inner: Any, outer: Any, slack: float = 1.0) -> bool:
    """Does one box of Playwright (x, y, width, height) lie within another?"""
    return bool(
        inner["x"] >= outer["x"] - slack
        and inner["y"] >= outer["y"] - slack
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + slack
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + slack
    )
