"""The answer library on its pages: written, found, changed, retired; readers see what is public in their language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mappings.access import ANONYMOUS
from onestop.personal import DeidentifyRules
from search_ui import i18n
from service_desk.forms import AnswerForm, RequestForm, parse
from service_desk.knowledge import REASONS, Knowledge
from service_desk.library.earlier import Because
from service_desk.library.entries import EntryForm
from tests.search_ui.web.house import LAND_ID, Items, client_of, open_house, sign_in, token_in


@pytest.fixture
def services(tmp_path: Path):
    made = open_house(tmp_path, Items(), knowledge=Knowledge(personal=DeidentifyRules()))
    yield made
    made.desk.close()


def post(browser, path, page="/answers/new", **fields):
    return browser.post(path, data={"csrf": token_in(browser.get(page).text), **fields})


SAID = {
    "question": "Can copies be <b>posted</b>?",
    "answer": "Yes.\nBy post.",
    "language": "en",
    "tags": "copies, post",
}


def test_an_answer_is_written_found_changed_and_retired(staff):
    empty = staff.get("/answers").text
    assert "There is no answer yet." in empty and "0 answers" in empty
    answer = post(staff, "/answers", **SAID, type="copy")
    assert (answer.status_code, answer.headers["location"]) == (303, "/answers/1")
    page = staff.get("/answers/1").text
    assert "Can copies be &lt;b&gt;posted" in page and "<b>posted" not in page and 'value="copies, post"' in page
    listed = staff.get("/answers", params={"q": "posting copies"}).text
    assert ('href="/answers/1"' in listed and "1 answer<" in listed and "Copies" in listed) or "copies" in listed
    assert "No answer has these words" in staff.get("/answers", params={"q": "railway"}).text
    changed = post(staff, "/answers/1", "/answers/1", **SAID | {"answer": "No."}, seen="1")
    assert changed.status_code == 303
    late = post(staff, "/answers/1", "/answers/1", **SAID | {"answer": "Perhaps."}, seen="1")
    assert late.status_code == 409 and "Somebody has changed this answer" in late.text and "Perhaps." in late.text
    assert post(staff, "/answers/1/retire", "/answers/1", seen="2").status_code == 303
    assert "nobody finds it" in staff.get("/answers/1").text
    assert "0 answers" in staff.get("/answers").text and "/answers/1" in staff.get("/answers?retired=1").text
    assert post(staff, "/answers/1/restore", "/answers/1", seen="3").status_code == 303
    assert staff.get("/answers/1").text.count('class="entry"') == 4


def test_what_is_wrong_is_said_and_what_was_typed_stays(staff):
    for wrong, sentence in (
        ({"question": " "}, "Write the question"),
        ({"answer": ""}, "Write the answer in at most"),
        ({"tags": ",".join("abcdefghijkl")}, "at most 10 tags"),
    ):
        answer = post(staff, "/answers", **SAID | wrong)
        assert answer.status_code == 422 and sentence in answer.text and 'role="alert"' in answer.text
    assert "By post." in post(staff, "/answers", **SAID | {"question": ""}).text
    for path in ("/answers/9", "/answers/99999999999999999999"):
        assert staff.get(path).status_code == 404
    assert post(staff, "/answers/9/retire").status_code == 404
    assert post(staff, "/answers/9", **SAID).status_code == 404


def test_readers_see_what_is_public(services, staff, browser):
    assert "Nothing has been written down here yet" in browser.get("/faq").text
    services.desk.library.bring_in(
        [
            parse(EntryForm, SAID | {"public": True}),
            parse(
                EntryForm, {"question": "複製件可以郵寄嗎？", "answer": "可以。", "language": "zh-Hant", "public": True}
            ),
            parse(EntryForm, {"question": "For staff", "answer": "x", "language": "en"}),
        ],
        "test",
    )
    english = browser.get("/faq").text
    assert "Can copies be &lt;b&gt;posted" in english and "For staff" not in english and "郵寄" not in english
    browser.cookies.set("lang", "zh-Hant")
    chinese = browser.get("/faq").text
    assert "複製件可以郵寄嗎" in chinese and "常見問題" in chinese and "posted" not in chinese
    assert 'href="/faq"' in browser.get("/about").text
    assert "/answers" not in chinese


def test_it_is_for_who_writes_answers(browser, reader):
    assert browser.get("/answers").status_code == 303
    assert reader.get("/answers").status_code == 404
    assert (
        post(reader, "/answers", "/faq" if "csrf" in reader.get("/faq").text else "/account", **SAID).status_code == 404
    )


def test_an_answer_that_was_given_is_taken_over_without_persons(services, staff):
    note = "我是李建国，身份证号 11010519491231002X，想查父亲的土地登记。"
    form = {"resource_id": LAND_ID, "type": "query", "name": "李建国", "contact": "li@example.org", "note": note}
    receipt = services.desk.filing.submit(parse(RequestForm, form), ANONYMOUS).receipt
    clerk = services.desk.accounts.viewer("lin")
    services.desk.requests.answer(receipt, AnswerForm(text="李建国您好，登记簿在二层。电话 13800138000。"), clerk, [])
    page = staff.get("/answers/new", params={"from": receipt}).text
    assert "土地登记" in page and "登记簿在二层" in page and f'name="origin" value="{receipt}"' in page
    assert not re.search("李建国|11010519491231002X|13800138000", page)
    told = {"question": "查土地登记", "language": "zh-Hans", "origin": receipt}
    refused = post(staff, "/answers", **told, answer="电话 13800138000")
    assert refused.status_code == 422 and "may still name somebody" in refused.text
    assert post(staff, "/answers", **told, answer="电话 13800138000", checked="1").status_code == 303
    missing = staff.get("/answers/new", params={"from": "AAAA-AAAA"})
    assert missing.status_code == 404 and "no answered request" in missing.text


@pytest.fixture
def staff(services):
    made = client_of(services)
    sign_in(made, "lin")
    return made


def test_every_reason_has_words():
    from typing import get_args

    for language in i18n.LANGUAGES:
        terms = i18n.catalogue(language, "terms")
        assert all(f"alternative.{reason}" in terms for reason in REASONS)
        assert all(f"because.{code}" in terms for code in get_args(Because))
