"""Following a request: who sees it, what it says, what its reader can still do."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS, Viewer
from search_ui.services import Services
from service_desk.errors import Unavailable
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, RequestForm
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
from tests.search_ui.web.house import HOSTILE, LAND_ID, client_of, token_in

STAFF = Viewer("lin", frozenset({"staff"}))
FORM = RequestForm(resource_id=LAND_ID, type="copy", name="Ms Chen", contact="chen@example.org", note=HOSTILE)


@pytest.fixture
def filed(services: Services) -> tuple[str, str]:
    """A request's receipt code and secret, filed by nobody in particular."""
    receipt = services.desk.filing.submit(FORM, ANONYMOUS)
    return receipt.receipt, receipt.secret


def unlocked(browser: TestClient, receipt: str, secret: str) -> TestClient:
    """The browser, once it has shown the secret."""
    token = token_in(browser.get(f"/s/{receipt}").text)
    answer = browser.post("/s/", data={"csrf": token, "receipt": receipt, "secret": secret})
    assert answer.status_code == 303 and answer.headers["location"] == f"/s/{receipt}"
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("rs="))
    assert "HttpOnly" in cookie and f"Path=/s/{receipt}" in cookie
    return browser


def test_without_the_secret_one_is_asked_for_it(browser: TestClient, filed: tuple[str, str]) -> None:
    def asked(receipt: str) -> str:
        answer = browser.get(f"/s/{receipt}")
        assert answer.status_code == 200
        return str(answer.text).replace(receipt, "CODE")

    assert asked(filed[0]) == asked("YJ-NO-SUCH")
    assert "關於新北市" not in asked(filed[0])


def test_a_wrong_secret_and_an_unknown_receipt_look_the_same(browser: TestClient, filed: tuple[str, str]) -> None:
    token = token_in(browser.get("/s/").text)
    known = browser.post("/s/", data={"csrf": token, "receipt": filed[0], "secret": "wrong"})
    unknown = browser.post("/s/", data={"csrf": token, "receipt": "YJ-NO-SUCH", "secret": "wrong"})
    assert known.status_code == unknown.status_code == 404
    assert known.text.replace(filed[0], "CODE") == unknown.text.replace("YJ-NO-SUCH", "CODE")


def test_the_timeline_says_where_it_stands_and_by_when(browser: TestClient, filed: tuple[str, str]) -> None:
    page = unlocked(browser, *filed).get(f"/s/{filed[0]}").text
    assert "Answer by" in page and "submitted" in page and "How the date was worked out" in page
    assert 'class="next"' in page and "關於新北市石碇鄉" in page and filed[1] not in page


def test_who_filed_it_needs_no_secret(services: Services, browser: TestClient, reader: TestClient) -> None:
    visitor = browser.get("/about").cookies["vid"]
    here = services.desk.filing.submit(FORM, ANONYMOUS, visitor)
    mine = services.desk.filing.submit(FORM, Viewer("chen", frozenset({"reader"})))
    assert "Answer by" in browser.get(f"/s/{here.receipt}").text
    assert "Answer by" not in browser.get(f"/s/{mine.receipt}").text
    assert "Answer by" in reader.get(f"/s/{mine.receipt}").text


def test_a_reader_writes_and_withdraws(services: Services, browser: TestClient, filed: tuple[str, str]) -> None:
    address = f"/s/{filed[0]}"
    token = token_in(unlocked(browser, *filed).get(address).text)
    services.desk.requests.tell(filed[0], MessageForm(text="We are looking."), STAFF)
    sent = browser.post(f"{address}/messages", data={"csrf": token, "text": HOSTILE})
    assert sent.headers["location"] == f"{address}?said=sent"
    page = browser.get(sent.headers["location"]).text
    assert "We are looking." in page and "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
    assert browser.post(f"{address}/messages", data={"csrf": token, "text": " "}).headers["location"].endswith("empty")
    assert browser.post(f"{address}/withdraw", data={"csrf": token}).headers["location"].endswith("withdrawn")
    assert "withdrawn" in browser.get(address).text
    assert browser.post(f"{address}/withdraw", data={"csrf": token}).headers["location"].endswith("closed")


def test_nobody_else_can_act(services: Services, browser: TestClient, filed: tuple[str, str]) -> None:
    token = token_in(browser.get("/s/").text)
    for act in ("messages", "withdraw"):
        assert browser.post(f"/s/{filed[0]}/{act}", data={"csrf": token, "text": "x"}).status_code == 404
    assert services.desk.requests.case(filed[0], STAFF).status == "submitted"


def test_the_answer_with_its_files(services: Services, browser: TestClient, filed: tuple[str, str]) -> None:
    hostile = Upload('a"b<script>.html', "text/html", b"<script>alert(1)</script>")
    services.desk.requests.answer(filed[0], AnswerForm(text="Here it is."), STAFF, [hostile])
    page = unlocked(browser, *filed).get(f"/s/{filed[0]}").text
    assert "Here it is." in page and f"/s/{filed[0]}/files/1" in page and "<script>.html" not in page
    file = browser.get(f"/s/{filed[0]}/files/1")
    assert file.content == hostile.data and file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-security-policy"] == "sandbox" and file.headers["cache-control"] == "no-store"
    assert client_of(services).get(f"/s/{filed[0]}/files/1").status_code == 404
    assert browser.get(f"/s/{filed[0]}/files/2").status_code == 404


def test_a_file_that_cannot_be_had_is_said_in_the_readers_language(
    services: Services, browser: TestClient, filed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bytes:
        raise Unavailable("the reason, for the log")

    services.desk.requests.answer(filed[0], AnswerForm(), STAFF, [Upload("a.pdf", "application/pdf", b"x")])
    monkeypatch.setattr(FolderObjects, "get", away)
    unlocked(browser, *filed)
    answer = browser.get(f"/s/{filed[0]}/files/1")
    assert answer.status_code == 503 and "cannot be had now" in answer.text and "the reason" not in answer.text
    assert "现在无法取得" in browser.get(f"/s/{filed[0]}/files/1?lang=zh-Hans").text


def test_a_refusal_comes_with_its_reason_and_something_to_do(
    services: Services, browser: TestClient, filed: tuple[str, str]
) -> None:
    services.desk.requests.refuse(filed[0], RefusalForm(reason="Article 17.", alternative="File B is open."), STAFF)
    page = unlocked(browser, *filed).get(f"/s/{filed[0]}").text
    assert "Article 17." in page and "File B is open." in page and "Search for open records of the same matter" in page


def test_guessing_secrets_is_slowed_down(
    browser: TestClient, filed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from search_ui.web import following
    from service_desk.ratelimit import RateLimit

    monkeypatch.setattr(following, "_TRIES", RateLimit(calls=3))
    fields = {"csrf": token_in(browser.get("/s/").text), "receipt": filed[0], "secret": "guess"}
    right = {**fields, "secret": filed[1]}
    assert [browser.post("/s/", data=right).status_code for _ in range(4)] == [303, 303, 303, 303]
    assert [browser.post("/s/", data=fields).status_code for _ in range(4)] == [404, 404, 404, 429]
