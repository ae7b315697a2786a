"""Plain pages of what leaves the house: verification, links to files, the outbox, the texts of notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui.services import Services
from search_ui.web import verifying
from service_desk.forms import RequestForm, parse
from service_desk.ports import Notice, RefusedForGood
from service_desk.printed.codes import new_code
from service_desk.printed.issued import Issued
from service_desk.printed.links import Linked
from service_desk.ratelimit import RateLimit
from service_desk.rules import bundled_text
from service_desk.sending.rules import NoticeRules
from tests.search_ui.web.house import HOSTILE, LAND_ID, PASSWORD, Items, client_of, open_house, sign_in, token_in


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = open_house(tmp_path, Items())
    made.desk.accounts.add("root", PASSWORD, "administrator")
    yield made
    made.desk.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "_TRIES", RateLimit(calls=10))
    monkeypatch.setattr(verifying, "_LINKS", RateLimit(calls=30))


@pytest.fixture
def browser(services: Services) -> TestClient:
    return client_of(services)


@pytest.fixture
def issued(services: Services) -> Issued:
    return services.desk.documents.issue("certificate", lambda mark, at: b"%PDF", "lin", "A7K2-9QXM")


def verify(browser: TestClient, number: str, code: str, language: str = "en") -> str:
    asked = urlencode({"number": number, "code": code, "lang": language}, errors="replace")
    answer = browser.get(f"/verify?{asked}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language, word", [("en", "Genuine"), ("zh-Hans", "真实有效"), ("zh-Hant", "真實有效")])
def test_a_genuine_document(browser: TestClient, issued: Issued, language: str, word: str) -> None:
    told = verify(browser, issued.mark.number, issued.mark.code, language)
    assert word in told and issued.mark.number in told
    assert "A7K2-9QXM" not in told and "lin" not in told.split("</header>")[1].split("<form")[0]


def test_a_revoked_document(services: Services, browser: TestClient, issued: Issued) -> None:
    services.desk.documents.revoke(issued.mark.number, "wrong person", services.desk.accounts.viewer("lin"))
    told = verify(browser, issued.mark.number, issued.mark.code)
    assert "Revoked" in told and "wrong person" not in told


def test_unknown_and_mistyped(browser: TestClient, issued: Issued) -> None:
    right = verify(browser, "2026-C-00077", issued.mark.code).replace("2026-C-00077", "NUMBER")
    wrong_code, wrong = new_code(), issued.mark.number
    assert "No such document" in right
    assert verify(browser, wrong, wrong_code).replace(wrong_code, issued.mark.code).replace(wrong, "NUMBER") == right
    assert "not typed as it stands" in verify(browser, issued.mark.number, "KKKK")
    assert "<script>" not in verify(browser, HOSTILE[:80], HOSTILE[:80])


def test_the_form_alone(browser: TestClient) -> None:
    assert "square code" in browser.get("/verify").text
    assert browser.get("/verify?number=%20&code=").status_code == 200


def test_guessing_is_slowed_and_an_office_that_verifies_is_not(browser: TestClient, issued: Issued) -> None:
    for _ in range(15):
        verify(browser, issued.mark.number, issued.mark.code)
    for _ in range(10):
        verify(browser, issued.mark.number, new_code())
    answer = browser.get(f"/verify?number={issued.mark.number}&code={issued.mark.code}")
    assert answer.status_code == 429 and "Too many tries" in answer.text


@pytest.fixture
def token(services: Services) -> str:
    services.desk.file_links._objects.put("answers/x", b"<script>bytes</script>")
    linked = Linked("A7K2-9QXM", "answers/x", "答复.html", "text/html")
    return services.desk.file_links.make(linked, services.desk.accounts.viewer("lin"), days=7, times=1)


def test_a_file_by_a_link(browser: TestClient, token: str) -> None:
    for _ in range(3):  # a mail program looks at it first
        shown = browser.get(f"/f/{token}")
        assert shown.status_code == 200 and "答复.html" in shown.text and "1 time is left" in shown.text
    had = browser.post(f"/f/{token}", data={"csrf": token_in(shown.text)})
    assert had.content == b"<script>bytes</script>" and had.headers["content-disposition"].startswith("attachment")
    assert had.headers["content-security-policy"] == "sandbox" and "no-store" in had.headers["cache-control"]
    assert browser.post(f"/f/{token}", data={"csrf": token_in(shown.text)}).status_code == 404
    assert browser.get(f"/f/{token}").status_code == 404


def test_a_link_from_a_foreign_page_is_not_counted(browser: TestClient, token: str) -> None:
    assert browser.post(f"/f/{token}", data={}).status_code == 403
    assert browser.get(f"/f/{token}").status_code == 200
    assert browser.get("/f/nothing").status_code == 404


class Refusing:
    is_quick = True

    def send(self, notice: Notice) -> None:
        raise RefusedForGood("address", f"550 {HOSTILE}")


@pytest.fixture
def stuck(services: Services) -> str:
    """A notice that was given up; its receipt."""
    desk = services.desk
    desk.notices._outbox, outbox = Refusing(), desk.notices._outbox
    form = {"resource_id": LAND_ID, "type": "copy", "name": "Wang", "contact": "wang@example.org"}
    receipt = desk.filing.submit(parse(RequestForm, form), ANONYMOUS).receipt
    desk.notices._outbox = outbox
    return receipt


def test_the_outbox(services: Services, browser: TestClient, stuck: str, tmp_path: Path) -> None:
    assert browser.get("/outbox").headers["location"].startswith("/login")
    sign_in(browser, "lin")
    told = browser.get("/outbox").text
    assert (
        stuck in told
        and "given up" in told
        and "w***@example.org" in told
        and "550" in told
        and "does not take this address" in told
    )
    assert "wang@example.org" not in told and "<img src=x" not in told
    number = told.split("/outbox/")[1].split("/again")[0]
    answer = browser.post(f"/outbox/{number}/again", data={"csrf": token_in(told)})
    assert answer.headers["location"] == "/outbox?said=again"
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
    empty = browser.get("/outbox?said=again").text
    assert "Every notice has left" in empty and "tried again now" in empty
    again = browser.post(f"/outbox/{number}/again", data={"csrf": token_in(told)})
    assert again.headers["location"] == "/outbox?said=left"


def test_readers_have_no_outbox(browser: TestClient, stuck: str) -> None:
    sign_in(browser, "chen")
    assert browser.get("/outbox").status_code == 404 and browser.get("/desk-notices").status_code == 404
    token = token_in(browser.get("/reset").text)
    assert browser.post("/outbox/1/again", data={"csrf": token}).status_code == 404


@pytest.fixture
def editor(browser: TestClient) -> TestClient:
    sign_in(browser, "root")
    return browser


TEXT = bundled_text(NoticeRules)
CHANGED = TEXT.replace('en: "Your request {{ receipt }} is answered"', 'en: "DONE {{ receipt }}"')


def posted(browser: TestClient, text: str, do: str = "try", seen: str = "0", **more: str) -> tuple[int, str]:
    page = browser.get("/desk-notices").text
    data = {"csrf": token_in(page), "text": text, "seen": seen, "do": do, **more}
    answer = browser.post("/desk-notices", data=data)
    return answer.status_code, answer.text or answer.headers.get("location", "")


def test_a_sample_of_each_notice_in_each_language(editor: TestClient) -> None:
    told = editor.get("/desk-notices?event=quoted&channel=sms").text
    for words in ("What your request A7K2-9QXM will cost", "费用估算", "費用估算"):
        assert words in told
    assert 'value="quoted" selected' in told and "15 minutes" in editor.get("/desk-notices?event=register").text
    assert "贵馆协查" in editor.get("/desk-notices?event=leg_asked").text
    assert editor.get("/desk-notices?event=nonsense&channel=pigeon").status_code == 200


def test_texts_are_tried_and_brought_into_force(services: Services, editor: TestClient) -> None:
    code, told = posted(editor, CHANGED)
    assert code == 200 and "DONE A7K2-9QXM" in told
    assert services.desk.rules.version(NoticeRules).number == 0, "trying changes nothing"
    assert posted(editor, CHANGED, "put")[0] == 303
    assert "DONE {{ receipt }}" in editor.get("/desk-notices").text
    code, told = posted(editor, TEXT, "put", seen="0")
    assert code == 409 and "Somebody changed" in told


def test_a_mistake_is_told_with_its_line(editor: TestClient) -> None:
    code, told = posted(editor, TEXT.replace("{{ receipt }} is answered", "{{ recipt }} is answered"), "put")
    assert code == 422 and re.search(r"<li>line \d+ ·", told) and "there is no value &#39;recipt&#39;" in told
    assert posted(editor, "no: yaml: at all")[0] == 422 and posted(editor, "")[0] == 422


def test_who_may_change_texts(browser: TestClient) -> None:
    sign_in(browser, "lin")
    assert browser.get("/desk-notices").status_code == 404
