"""Asking, following and answering through AppTest, on a real desk."""

from __future__ import annotations

from collections.abc import Callable

import app_house
import pytest
from streamlit.testing.v1 import AppTest

from mappings.access import ANONYMOUS
from search_ui.services import Services
from service_desk import sniffing
from service_desk.forms import FeedbackForm, OpenRequestForm, RequestForm
from service_desk.views import Receipt

Visit = Callable[..., AppTest]
Markup = Callable[[AppTest], str]


@pytest.fixture
def filed(rooms: Services) -> Receipt:
    """A request for a copy, filed from the visitor's browser."""
    form = RequestForm(
        type="copy",
        name="陳小姐",
        contact="chen@example.org",
        note="<b>pages</b> 2",
        resource_id="r-1",
        query="土地",
        rank=3,
    )
    return rooms.desk.filing.submit(form, ANONYMOUS, app_house.VISITOR)


def test_my_requests_are_those_of_this_browser(visit: Visit, rooms: Services, markup: Markup, filed: Receipt) -> None:
    other = OpenRequestForm(type="question", name="x", contact="y", note="z")
    stranger = rooms.desk.filing.submit(other, ANONYMOUS, "w" * 32)
    shown = markup(visit("/requests"))
    assert f"/s/{filed.receipt}" in shown
    assert stranger.receipt not in shown
    assert filed.secret not in shown
    assert filed.receipt not in markup(visit("/requests", "chen"))


def test_my_requests_about_no_record_begin_as_they_were_asked(visit: Visit, rooms: Services, markup: Markup) -> None:
    form = OpenRequestForm(type="question", name="x", contact="y", note="Where did\n my <b>grandfather</b> serve?")
    rooms.desk.filing.submit(form, ANONYMOUS, app_house.VISITOR)
    assert "Where did my &lt;b&gt;grandfather&lt;/b&gt; serve?" in markup(visit("/requests"))


@pytest.mark.parametrize("path", ["/staff-feedback", "/staff-links", "/staff-runs"])
@pytest.mark.parametrize("account", ["", "chen"])
def test_others_see_nothing_of_the_desk(visit: Visit, markup: Markup, filed: Receipt, path: str, account: str) -> None:
    test = visit(path, account, receipt=filed.receipt)
    shown = markup(test)
    assert "This page is for staff" in shown
    assert "/login?next=" in shown
    assert "陳小姐" not in shown.partition("</nav>")[2], "what they are called stands in the masthead, and nowhere else"
    assert not test.button


def test_feedback_is_listed_with_where_it_came_from(visit: Visit, rooms: Services, markup: Markup) -> None:
    form = FeedbackForm(resource_id="r-1", kind="wrong", note="<i>30</i>", query="土地", rank=2)
    rooms.desk.feedback.add(form, ANONYMOUS, app_house.VISITOR)
    shown = markup(visit("/staff-feedback", "lin"))
    assert "&lt;i&gt;30&lt;/i&gt;" in shown
    assert 'data-act="mark:1:done"' in shown


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
FILES = {
    "picture": ("scan.png", PNG, "image/png"),
    "name in capitals": ("SCAN.PNG", PNG, "image/png"),
    "document": ("a.pdf", b"%PDF-1.7 ...", "application/pdf"),
    "text": ("a.txt", "答覆".encode(), "text/plain"),
    "page under a document's name": ("a.pdf", b"<html><script>", None),
    "program under a text's name": ("a.txt", b"MZ\x90\0", None),
    "text in another encoding": ("a.csv", "答覆".encode("big5"), None),
    "wave under a picture's name": ("a.webp", b"RIFF....WAVE", None),
    "unknown kind": ("a.html", b"<html>", None),
    "empty": ("a.pdf", b"", None),
    "large": ("a.pdf", b"%PDF-" + b"0" * sniffing.MAX_BYTES, None),
}


@pytest.mark.parametrize(("name", "data", "media_type"), FILES.values(), ids=FILES)
def test_a_file_is_what_its_bytes_say(name: str, data: bytes, media_type: str | None) -> None:
    if media_type is None:
        with pytest.raises(sniffing.Refused):
            sniffing.checked(name, data)
    else:
        assert sniffing.checked(name, data).media_type == media_type
