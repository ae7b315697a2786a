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


def fill(test: AppTest, **values: str) -> AppTest:
    for name, value in values.items():
        field = test.text_area(key="ask_note") if name == "note" else test.text_input(key=f"ask_{name}")
        field.input(value)
    return test.run()


def test_a_request_on_a_hit_gives_receipt_and_secret_once(visit: Visit, rooms: Services, markup: Markup) -> None:
    test = visit("/ask", resource="r-1", type="copy", q="土地", rank="3")
    assert test.radio(key="ask_type").value == "copy"
    fill(test, name="Chen", contact="chen@example.org")
    test.button(key="ask_send").click().run()
    shown = markup(test)
    assert "Request received" in shown
    assert not test.query_params
    (mine,) = rooms.desk.requests.mine(ANONYMOUS, app_house.VISITOR)
    assert mine.receipt in shown
    case = rooms.desk.requests.case(mine.receipt, rooms.desk.accounts.viewer("lin"))
    assert (case.hit.id, case.hit.query, case.hit.rank) == ("r-1", "土地", 3)
    assert "Make a request" in markup(visit("/ask"))


def test_what_is_missing_is_named_and_what_was_typed_stays(visit: Visit, markup: Markup) -> None:
    test = fill(visit("/ask"), name="Chen")
    test.button(key="ask_send").click().run()
    shown = markup(test)
    assert "Write an e-mail address" in shown
    assert "Say what you would like to know" in shown
    assert "Write your name" not in shown
    assert test.text_input(key="ask_name").value == "Chen"


def test_a_draft_comes_back_in_another_session(visit: Visit) -> None:
    fill(visit("/ask", resource="r-1"), name="Chen", contact="c@example.org", note="half a sen")
    again = visit("/ask", resource="r-1")
    assert again.text_area(key="ask_note").value == "half a sen"
    assert again.text_input(key="ask_contact").value == "c@example.org"
    assert visit("/ask", resource="r-2").text_area(key="ask_note").value == ""


def test_a_sent_request_leaves_no_draft(visit: Visit) -> None:
    test = fill(visit("/ask"), name="Chen", contact="c@example.org", note="Who was she?")
    test.button(key="ask_send").click().run()
    assert visit("/ask").text_area(key="ask_note").value == ""


def test_a_signed_in_reader_need_not_write_the_name(visit: Visit) -> None:
    assert visit("/ask", "chen").text_input(key="ask_name").value == "陳小姐"


@pytest.mark.parametrize("resource", ["r-unknown", "../x", "<script>"])
def test_an_unknown_record_is_said_so(visit: Visit, markup: Markup, resource: str) -> None:
    assert "There is no such record" in markup(visit("/ask", resource=resource))


def test_requests_are_taken_while_search_is_down(visit: Visit, rooms: Services, markup: Markup) -> None:
    rooms.searcher.down = True
    test = fill(visit("/ask", resource="r-1"), name="Chen", contact="c@example.org")
    test.button(key="ask_send").click().run()
    assert "Request received" in markup(test)


def test_my_requests_are_those_of_this_browser(visit: Visit, rooms: Services, markup: Markup, filed: Receipt) -> None:
    other = OpenRequestForm(type="question", name="x", contact="y", note="z")
    stranger = rooms.desk.filing.submit(other, ANONYMOUS, "w" * 32)
    shown = markup(visit("/requests"))
    assert f"/s/{filed.receipt}" in shown
    assert stranger.receipt not in shown
    assert filed.secret not in shown
    assert filed.receipt not in markup(visit("/requests", "chen"))


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
