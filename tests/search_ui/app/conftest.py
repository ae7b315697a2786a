"""A house to look at through AppTest: the script of the product, a real desk, invented holdings, cookies as given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import app_house
import pytest
from streamlit.testing.v1 import AppTest

import search_ui
from search_ui import services
from search_ui.screens import context
from search_ui.services import Services

SCRIPT = Path(search_ui.__file__).with_name("app.py")
Visit = Callable[..., AppTest]


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services of a small house, made those of the process."""
    opened = app_house.open_house(tmp_path)
    monkeypatch.setattr(services, "_current", opened)
    yield opened
    opened.desk.close()


@pytest.fixture
def visit(rooms: Services, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """``visit("/ask", "lin", "zh-Hant", resource="r-1")``: the screen at that address as that account, run once."""
    jar: dict[str, str] = {}
    monkeypatch.setattr(context, "cookies", lambda: jar)  # AppTest has no browser that could send any

    def open_screen(path: str = "/", account: str = "", lang: str = "en", **parameters: str | list[str]) -> AppTest:
        jar.clear()
        jar.update({"vid": app_house.VISITOR, "lang": lang})
        if account:
            jar["sid"] = rooms.desk.sessions.sign_in(account, app_house.PASSWORD, "test").token
        test = AppTest.from_file(SCRIPT, default_timeout=30).run()
        pages = test._registered_pages.items()  # switch_page knows pages that are files; ours are functions
        test._page_hash = next(page for page, info in pages if info["url_pathname"] == path.strip("/"))
        for name, value in parameters.items():
            test.query_params[name] = value
        return test.run()

    return open_screen


@pytest.fixture
def markup() -> Callable[[AppTest], str]:
    """All the markup of a screen: that of its blocks, and the content the page component puts in."""

    def shown(test: AppTest) -> str:
        content = [element.proto.bytes.partition(b"\n")[2].decode() for element in test.get("bidi_component")]
        return "\n".join([*(element.proto.body for element in test.get("html")), *content])

    return shown
