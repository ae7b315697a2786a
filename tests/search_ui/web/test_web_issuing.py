"""Documents of a case: issued, registered, given to the reader and to nobody else; links to files."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS, Viewer
from search_ui.letters import give_letter
from search_ui.services import Services
from service_desk.forms import RefusalForm, RequestForm
from service_desk.ports import FrozenHit
from service_desk.printed.press import CannotPrint
from tests.search_ui.web.house import LAND_ID, PASSWORD, Items, client_of, open_house, sign_in, token_in
from tests.search_ui.web.test_web_following import unlocked
from tests.search_ui.web.test_web_printing import text_of

STAFF = Viewer("lin", frozenset({"staff"}))


@pytest.fixture
def filed(services: Services) -> tuple[str, str]:
    return asked(services)


def asked(services: Services) -> tuple[str, str]:
    """Receipt code and secret of a question about the record of land."""
    form = RequestForm(
        resource_id=LAND_ID, type="question", note="?", name="王小明", contact="w@example.org", language="zh-Hans"
    )
    receipt = services.desk.filing.submit(form, ANONYMOUS)
    return receipt.receipt, receipt.secret


def issued(staff: TestClient, receipt: str, kind: str) -> tuple[int, str]:
    """What came of the button, and the number of the newest document on the case."""
    base = f"/staff/requests/{receipt}"
    answer = staff.post(f"{base}/documents", data={"csrf": token_in(staff.get(base).text), "kind": kind})
    numbers = re.findall(rf"{base}/documents/([0-9A-Z-]+)", staff.get(base).text)
    return answer.status_code, numbers[0] if numbers else ""


def refuse(services: Services, receipt: str) -> None:
    form = RefusalForm(reason="涉及他人隐私", article="第十二条", alternative="脱敏件")
    services.desk.requests.refuse(receipt, form, STAFF)


def test_a_refusal_is_given_as_a_letter(
    services: Services, staff: TestClient, browser: TestClient, reader: TestClient, filed: tuple[str, str]
) -> None:
    receipt = filed[0]
    assert issued(staff, receipt, "refusal") == (409, "")
    refuse(services, receipt)
    code, number = issued(staff, receipt, "refusal")
    assert code == 303 and re.fullmatch(r"\d{4}-D-\d{5}", number)
    pdf = staff.get(f"/staff/requests/{receipt}/documents/{number}").content
    text = text_of(pdf)
    for said in ("不予提供决定书", "王小明", "涉及他人隐私", "第十二条", "脱敏件", "如何申诉", number):
        assert said in text
    verification = re.search(r"核验码([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", text)
    assert verification
    assert services.desk.documents.verify(number, verification[1]).state == "genuine"
    page = unlocked(browser, *filed).get(f"/s/{receipt}").text
    assert "不予提供决定书.pdf" in page
    assert browser.get(f"/s/{receipt}/files/1").content == pdf
    for stranger in (reader, client_of(services)):
        assert stranger.get(f"/s/{receipt}/files/1").status_code == 404
        assert stranger.get(f"/staff/requests/{receipt}/documents/{number}").status_code in (303, 404)


def test_a_document_is_revoked_with_a_reason_and_everybody_who_verifies_it_is_told(
    services: Services, staff: TestClient, browser: TestClient, filed: tuple[str, str]
) -> None:
    receipt, base = filed[0], f"/staff/requests/{filed[0]}"
    refuse(services, receipt)
    _, number = issued(staff, receipt, "refusal")
    found = re.search(
        r"核验码([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", text_of(staff.get(f"{base}/documents/{number}").content)
    )
    assert found
    data = {"csrf": token_in(staff.get(base).text), "number": number, "why": "<b>wrong person</b>"}
    assert staff.post(f"{base}/revoke", data=data | {"why": " "}).status_code == 422
    assert staff.post(f"{base}/revoke", data=data | {"number": "2026-C-99999"}).status_code == 409
    assert services.desk.documents.verify(number, found[1]).state == "genuine"
    assert staff.post(f"{base}/revoke", data=data).status_code == 303
    shown = staff.get(f"{base}?done=revoke").text
    assert "&lt;b&gt;wrong person" in shown and f"{base}/revoke" not in shown, "it is revoked once"
    assert staff.post(f"{base}/revoke", data=data).status_code == 409
    year = str(services.desk.calendar.day_of(services.desk.documents.of(receipt, STAFF)[0].revoked).year)  # type: ignore[arg-type]
    for language, said in (("en", "Revoked on"), ("zh-Hans", "撤销"), ("zh-Hant", "撤銷")):
        told = browser.get("/verify", params={"number": number, "code": found[1], "lang": language}).text
        state = re.search(r'<span class="state closed">([^<]*)', told)
        assert state and said in state[1] and year in state[1] and "wrong person" not in told
    [entry] = [row for row in services.desk.audit.rows(subject=number).rows if row.what == "document.revoke"]
    assert entry.actor == "lin" and "wrong person" not in str(entry.detail), "what people write is not in the log"


def test_who_may_not_decide_revokes_nothing(services: Services, staff: TestClient, filed: tuple[str, str]) -> None:
    refuse(services, filed[0])
    _, number = issued(staff, filed[0], "refusal")
    services.desk.accounts.add("stackhand", PASSWORD, "holdings_staff")
    keeper = client_of(services)
    sign_in(keeper, "stackhand")
    data = {"csrf": token_in(keeper.get("/account").text), "number": number, "why": "x"}
    assert keeper.post(f"/staff/requests/{filed[0]}/revoke", data=data).status_code in (403, 404)
    assert services.desk.documents.of(filed[0], STAFF)[0].revoked is None


@pytest.mark.parametrize("act, said", [("refuse", "涉及他人隐私"), ("not_held", "馆藏目录")])
def test_a_refusal_takes_its_letter_with_it(
    services: Services, staff: TestClient, browser: TestClient, filed: tuple[str, str], act: str, said: str
) -> None:
    receipt, base = filed[0], f"/staff/requests/{filed[0]}"
    services.desk.cases.act(receipt, "search", {}, STAFF)
    fields = {"reason": "涉及他人隐私", "alternative": "脱敏件", "text": "未藏", "tried": "馆藏目录"}
    data = fields | {
        "csrf": token_in(staff.get(base).text),
        "seen": str(services.desk.requests.case(receipt, STAFF).version),
    }
    answer = staff.post(f"{base}/acts/{act}", data=data)
    assert answer.status_code == 303 and "done=letter" in answer.headers["location"]
    [document] = services.desk.documents.of(receipt, STAFF)
    pdf = staff.get(f"{base}/documents/{document.number}").content
    assert document.kind == "refusal" and said in text_of(pdf)
    page = unlocked(browser, *filed).get(f"/s/{receipt}").text
    assert "/files/1" in page and browser.get(f"/s/{receipt}/files/1").content == pdf
    assert 'value="refusal"' not in staff.get(base).text, "one letter is enough"
    services.desk.giving.revoke(receipt, document.number, "wrong", STAFF)
    assert 'value="refusal"' in staff.get(base).text


def test_a_refusal_stands_when_its_letter_cannot_be_printed(
    services: Services, staff: TestClient, filed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **named: object) -> None:
        raise CannotPrint("no font")

    monkeypatch.setattr(services.desk.giving, "issue", broken)
    base = f"/staff/requests/{filed[0]}"
    data = {"csrf": token_in(staff.get(base).text), "reason": "x", "nothing_instead": "there is one copy"}
    answer = staff.post(f"{base}/acts/refuse", data=data)
    assert "done=no_letter" in answer.headers["location"]
    assert services.desk.requests.case(filed[0], STAFF).status == "refused"
    assert "could not be printed" in staff.get(answer.headers["location"] + "&lang=en").text


def test_an_estimate_says_what_it_is_made_of(services: Services, staff: TestClient, filed: tuple[str, str]) -> None:
    receipt = filed[0]
    services.desk.cases.act(receipt, "search", {}, STAFF)
    lines = [{"what": "扫描 A4", "count": 24, "price": 150}]
    services.desk.cases.act(receipt, "quote", {"lines": lines}, STAFF)
    code, number = issued(staff, receipt, "estimate")
    assert code == 303
    text = text_of(staff.get(f"/staff/requests/{receipt}/documents/{number}").content)
    assert "费用估算" in text and "扫描A4" in text and "36.00" in text and "(CNY)" in text and "有效期至" in text


def test_a_document_bears_the_day_at_the_archive(tmp_path: Path) -> None:
    class Night:
        def now(self) -> dt.datetime:
            return dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC)  # four in the morning of the third in Shanghai

    services = open_house(tmp_path, Items(), clock=Night())
    receipt, _ = asked(services)
    refuse(services, receipt)
    assert give_letter(services, receipt, STAFF)
    text = text_of(services.desk.documents.pdf(services.desk.documents.of(receipt, STAFF)[0].number))
    services.desk.close()
    assert "3月3日" in text and "3月2日" not in text


def test_what_is_lent_goes_with_a_voucher(services: Services, staff: TestClient, filed: tuple[str, str]) -> None:
    receipt = filed[0]
    services.desk.accounts.add("keeper", PASSWORD, "holdings_staff")
    keeper = services.desk.accounts.viewer("keeper")
    services.desk.cases.act(receipt, "classify", {"type": "borrow"}, STAFF)
    services.desk.stacks.loans.lend(receipt, FrozenHit("r-77", "卷一", "Z-1"), "office", keeper)
    base = f"/staff/requests/{receipt}"
    got = staff.post(f"{base}/documents", data={"csrf": token_in(staff.get(base).text), "kind": "voucher"})
    text = text_of(got.content)
    assert "借阅凭证" in text and "卷一" in text and "Z-1" in text and "王小明" in text
    assert services.desk.requests.case(receipt, STAFF).files == ()


def test_a_document_of_another_request_is_not_there(services: Services, staff: TestClient) -> None:
    form = RequestForm(resource_id=LAND_ID, type="question", note="?", name="n", contact="c")
    one, other = (services.desk.filing.submit(form, ANONYMOUS).receipt for _ in range(2))
    refuse(services, one)
    number = issued(staff, one, "refusal")[1]
    assert staff.get(f"/staff/requests/{one}/documents/{number}").status_code == 200
    assert staff.get(f"/staff/requests/{other}/documents/{number}").status_code == 404
    assert staff.get(f"/staff/requests/{one}/documents/2026-D-99999").status_code == 404


def test_who_works_and_does_not_decide_issues_nothing(services: Services, filed: tuple[str, str]) -> None:
    services.desk.accounts.add("clerk", PASSWORD, "holdings_staff")
    clerk = client_of(services)
    sign_in(clerk, "clerk")
    refuse(services, filed[0])
    page = clerk.get(f"/staff/requests/{filed[0]}")
    assert 'value="refusal"' not in page.text
    got = clerk.post(
        f"/staff/requests/{filed[0]}/documents", data={"csrf": token_in(clerk.get("/window").text), "kind": "refusal"}
    )
    assert got.status_code in (403, 404)
    assert services.desk.documents.of(filed[0], STAFF) == []


def test_a_file_is_sent_by_a_link_that_ends(services: Services, staff: TestClient, filed: tuple[str, str]) -> None:
    receipt, base = filed[0], f"/staff/requests/{filed[0]}"
    refuse(services, receipt)
    issued(staff, receipt, "refusal")
    form = {"csrf": token_in(staff.get(base).text), "file": "1", "days": "7", "times": "1"}
    assert staff.post(f"{base}/links", data=form | {"days": "0"}).status_code == 422
    assert staff.post(f"{base}/links", data=form | {"file": "9"}).status_code == 404
    made = staff.post(f"{base}/links", data=form)
    token = re.search(r'value="http[^"]*/f/([\w-]+)"', made.text)
    assert token and made.headers["cache-control"] == "no-store"
    stranger = client_of(services)
    page = stranger.get(f"/f/{token[1]}")
    got = stranger.post(f"/f/{token[1]}", data={"csrf": token_in(page.text)})
    assert got.content[:5] == b"%PDF-"
    assert stranger.get(f"/f/{token[1]}").status_code == 404
