"""Following a request: who sees it, what it says, what its reader can still do."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS, Viewer
from search_ui.services import Services
from service_desk.errors import Unavailable
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, RequestForm
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
from tests.search_ui.web.house import HOSTILE, LAND_ID, Items, client_of, open_house, token_in

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


def test_the_sum_of_a_date_is_told_in_the_order_of_its_days(tmp_path: Path) -> None:
    class BeforeTheFeast:
        def now(self) -> dt.datetime:
            return dt.datetime(2026, 10, 2, 2, tzinfo=dt.UTC)  # a Friday, ten o'clock in Shanghai

    services = open_house(tmp_path, Items(), clock=BeforeTheFeast())
    receipt = services.desk.filing.submit(FORM, ANONYMOUS)
    page = unlocked(client_of(services), receipt.receipt, receipt.secret).get(f"/s/{receipt.receipt}").text
    services.desk.close()
    sums = page.split('class="t sums"')[1].split("</table>")[0]
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", sums)
    days = [told.split(", ")[0] for _, told in rows]
    assert days == sorted(days) and ("Working day 1", "10-08") in rows and rows[-1][0] == "Working day 5"
    told = ", ".join(told for _, told in rows[1:]).split(", ")
    assert sorted(told) == sorted(set(told)) and {"10-03", "10-05", "10-06", "10-07"} <= set(told)


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
    assert "Answer by" in page and "accepted" in page and "How the date was worked out" in page
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
    assert "cannot be taken up again" in browser.get(address).text
    assert browser.post(f"{address}/withdraw", data={"csrf": token}).headers["location"].endswith("withdrawn")
    assert "withdrawn" in browser.get(address).text
    assert browser.post(f"{address}/withdraw", data={"csrf": token}).headers["location"].endswith("closed")


def test_nobody_else_can_act(services: Services, browser: TestClient, filed: tuple[str, str]) -> None:
    token = token_in(browser.get("/s/").text)
    for act in ("messages", "withdraw"):
        assert browser.post(f"/s/{filed[0]}/{act}", data={"csrf": token, "text": "x"}).status_code == 404
    assert services.desk.requests.case(filed[0], STAFF).status == "accepted"


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


CLOSED_ONE = RequestForm(resource_id=LAND_ID, type="certificate", name="Ms Chen", contact="chen@example.org")
PDF = ("id.pdf", b"%PDF-1.7 x", "application/pdf")


def test_what_is_missing_is_told_once_and_handed_in_on_the_page(services: Services, browser: TestClient) -> None:
    filed = services.desk.filing.submit(CLOSED_ONE, ANONYMOUS)
    address = f"/s/{filed.receipt}"
    page = unlocked(browser, filed.receipt, filed.secret).get(address).text
    assert "Your turn: hand in what is missing by" in page and "1 thing is missing" in page
    assert "Identity document" in page and "upload a photograph of both sides" in page
    assert "if you do your part today" in page
    token = token_in(page)
    wrong = browser.post(
        f"{address}/supply", data={"csrf": token}, files={"file-identity_document": ("id.pdf", b"GIF89a", "text/html")}
    )
    assert wrong.status_code == 422 and "send a PDF or a picture" in wrong.text and "1 thing is missing" in wrong.text
    none = browser.post(f"{address}/supply", data={"csrf": token}, files={"file-x": ("", b"", "")})
    assert none.status_code == 422
    for name, data, told in (("a.png", b"", "是空文件"), ("b.exe", b"MZ", "格式不能接收"), ("", b"", "选择文件")):
        given = {"file-identity_document": (name, data, "image/png")}
        said = browser.post(f"{address}/supply?lang=zh-Hans", data={"csrf": token}, files=given)
        assert said.status_code == 422 and told in said.text, said.text
    sent = browser.post(f"{address}/supply", data={"csrf": token}, files={"file-identity_document": PDF})
    assert sent.headers["location"].endswith("said=supplied")
    page = browser.get(f"{address}?lang=en").text
    assert "Answer by" in page and "handed in" in page and "Your turn, not counted" in page
    case = services.desk.requests.case(filed.receipt, STAFF)
    assert (case.status, [file.material for file in case.attachments]) == ("submitted", ["identity_document"])


def test_nobody_else_hands_anything_in(services: Services, filed: tuple[str, str]) -> None:
    other = client_of(services)
    token = token_in(other.get("/s/").text)
    answer = other.post(f"/s/{filed[0]}/supply", data={"csrf": token}, files={"file": PDF})
    assert answer.status_code == 404
    assert services.desk.requests.case(filed[0], STAFF).attachments == ()


def test_an_estimate_is_shown_and_agreed_to(services: Services, browser: TestClient, filed: tuple[str, str]) -> None:
    lines = [{"what": "Scans <b>", "count": 3, "price": 250}, {"what": "Postage", "price": 1200}]
    services.desk.cases.act(filed[0], "quote", {"lines": lines}, STAFF)
    page = unlocked(browser, *filed).get(f"/s/{filed[0]}").text
    assert "19.50" in page and "Scans &lt;b&gt;" in page and "Your turn: agree to the estimate by" in page
    answer = browser.post(f"/s/{filed[0]}/agree", data={"csrf": token_in(page)})
    assert answer.headers["location"].endswith("said=agreed")
    assert "Your turn: pay by" in browser.get(f"/s/{filed[0]}").text


def test_an_answer_is_taken_up_again(services: Services, browser: TestClient, filed: tuple[str, str]) -> None:
    services.desk.cases.act(filed[0], "not_held", {"text": "Not here.", "tried": "Land office"}, STAFF)
    page = unlocked(browser, *filed).get(f"/s/{filed[0]}").text
    assert "Land office" in page and f"concerns={filed[0]}" in page
    answer = browser.post(f"/s/{filed[0]}/reopen", data={"csrf": token_in(page), "text": "It is in volume 3."})
    assert answer.headers["location"].endswith("said=reopened")
    page = browser.get(f"/s/{filed[0]}").text
    assert "taken up again" in page and "It is in volume 3." in page


def test_what_is_there_to_be_read_is_the_answer(services: Services, browser: TestClient) -> None:
    form = RequestForm(resource_id=LAND_ID, type="copy", name="Ms Chen", contact="chen@example.org")
    filed = services.desk.filing.submit(form, ANONYMOUS)
    page = unlocked(browser, filed.receipt, filed.secret).get(f"/s/{filed.receipt}").text
    assert filed.status == "delivered" and "Read now" in page and "#pages" in page
