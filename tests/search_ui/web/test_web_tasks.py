"""``/tasks`` and the section of a case: a task through route, list, answer with a file, back on the case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from mappings.grants import Scope
from search_ui import paths
from search_ui.services import Services
from service_desk.forms import RequestForm, parse
from service_desk.legs.rules import Partners
from service_desk.routes import Routes
from service_desk.rules import bundled_text
from tests.search_ui.web.house import HOSTILE, LAND_ID, PASSWORD, Items, client_of, open_house, sign_in, token_in

ROUTES = """routes:
  films:
    title: {en: Film, zh-Hans: 声像, zh-Hant: 影音}
    when: {type: [copy]}
    to: department
    department: special
    expects: {en: "A copy that can be played", zh-Hans: 可播放的副本, zh-Hant: 可播放之複製物}
  window:
    title: {en: Window, zh-Hans: 窗口, zh-Hant: 窗口}
    to: window
"""
HARBOUR = """partners:
  harbour:
    title: {en: Harbour Archives, zh-Hans: 港口档案馆, zh-Hant: 港口檔案館}
    holders: [Yunjiang Archives]
    email: {address: desk@harbour.example, language: en}
"""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = open_house(Path(tmp_path_factory.mktemp("house")), Items())
    made.desk.rules.bring_into_force(Routes, ROUTES, "test")
    partners = bundled_text(Partners).replace("partners: {}\n", HARBOUR)
    made.desk.rules.bring_into_force(Partners, partners, "test")
    made.desk.accounts.add("films", PASSWORD, "reader")
    made.desk.roles.give("films", "department_worker", Scope(department="special"), "test")
    yield made
    made.desk.close()


@pytest.fixture
def films(services: Services) -> TestClient:
    browser = client_of(services)
    sign_in(browser, "films")
    return browser


def filed(services: Services, note: str = "一卷影片") -> tuple[str, str]:
    """The receipt of a request that is a task, and the task's code."""
    form = {"resource_id": LAND_ID, "type": "copy", "name": "王小明", "contact": "wang@example.org", "note": note}
    receipt = services.desk.filing.submit(parse(RequestForm, form), ANONYMOUS, "v" * 32).receipt
    [leg] = services.desk.legs.of_case(receipt, services.desk.accounts.viewer("lin"))
    return receipt, leg.code


def sent(browser: TestClient, address: str, at: str, **data: str):
    return browser.post(address, data={"csrf": token_in(browser.get(at).text), **data})


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_list_tells_date_and_expected_answer(services: Services, films: TestClient, language: str) -> None:
    _, code = filed(services)
    page = films.get("/tasks", params={"lang": language}).text
    assert f'href="/tasks/{code}"' in page
    expected = {"en": "A copy that can be played", "zh-Hans": "可播放的副本", "zh-Hant": "可播放之複製物"}
    assert expected[language] in page
    assert "leg_" not in page and "wang@example.org" not in page
    one = films.get(f"/tasks/{code}", params={"lang": language}).text
    assert expected[language] in one and "leg_" not in one and "王小明" not in one


def test_an_answer_with_a_file_is_back_on_the_case(services: Services, films: TestClient, staff: TestClient) -> None:
    receipt, code = filed(services)
    at = f"/tasks/{code}"
    assert sent(films, at, at, act="acknowledge").headers["location"].endswith("said=done")
    form = {"csrf": token_in(films.get(at).text), "act": "answer", "held": "yes", "text": "找到一卷"}
    answer = films.post(at, data=form, files={"files": ("a.pdf", b"%PDF-1.7 found", "text/html")})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{at}?said=done")
    page = staff.get(f"/tasks/of/{receipt}").text
    assert "找到一卷" in page and f"/tasks/{code}/files/1" in page
    file = staff.get(f"/tasks/{code}/files/1")
    assert file.content == b"%PDF-1.7 found" and file.headers["content-type"] == "application/pdf"
    sent(staff, f"/legs/{code}", f"/tasks/of/{receipt}", act="pass_on", receipt=receipt)
    case = services.desk.requests.case(receipt, services.desk.accounts.viewer("lin"))
    assert case.status == "delivered" and [one.name for one in case.files] == ["a.pdf"]


def test_what_is_wrong_is_told(services: Services, films: TestClient) -> None:
    _, code = filed(services)
    at = f"/tasks/{code}"
    assert sent(films, at, at, act="answer", text=" ").headers["location"].endswith("said=empty")
    form = {"csrf": token_in(films.get(at).text), "act": "answer", "text": "x"}
    wrong = films.post(at, data=form, files={"files": ("a.pdf", b"<script>", "application/pdf")})
    assert wrong.headers["location"].endswith("said=files")
    assert films.post(at, data={**form, "csrf": "x"}, files={"files": ("a.pdf", b"%PDF-", "")}).status_code == 403
    assert films.post(at, content=b"x", headers={"content-type": "multipart/form-data"}).status_code in (403, 413)
    large = films.post(at, content=b"x" * 10, headers={"content-type": "multipart/form-data; boundary=b",
                                                       "content-length": str(1 << 30)})  # fmt: skip
    assert large.status_code == 413
    token = token_in(films.get(at).text)
    films.post(at, data={"csrf": token, "act": "return", "text": "not ours"})
    late = films.post(at, data={"csrf": token, "act": "answer", "text": "x"})
    assert late.headers["location"].endswith("said=changed")
    assert 'role="status"' in films.get(f"{at}?said=done").text


def test_those_who_have_nothing_to_do_with_it_find_nothing(services: Services, reader: TestClient) -> None:
    receipt, code = filed(services)
    for path in ("/tasks", f"/tasks/{code}", f"/tasks/of/{receipt}", f"/tasks/{code}/files/1"):
        assert reader.get(path).status_code == 404
        assert client_of(services).get(path).status_code == 303
    assert reader.post(f"/tasks/{code}", data={}).status_code == 404


def test_staff_ask_remind_and_take_back(services: Services, staff: TestClient) -> None:
    receipt, _ = filed(services)
    at = f"/tasks/of/{receipt}"
    sent(staff, "/legs/new", at, act="send", receipt=receipt, to="partner:harbour", asks="請查", expects="副本")
    legs = services.desk.legs.of_case(receipt, services.desk.accounts.viewer("lin"))
    code = legs[-1].code
    assert "Harbour Archives" in staff.get(at).text
    assert sent(staff, f"/legs/{code}", at, act="remind", receipt=receipt).headers["location"].endswith("said=done")
    assert sent(staff, f"/legs/{code}", at, act="go_on", receipt=receipt).headers["location"].endswith("said=done")
    assert sent(staff, f"/legs/{code}", at, act="take_back", receipt=receipt).headers["location"].endswith("said=done")
    assert sent(staff, f"/legs/{code}", at, act="take_back", receipt=receipt).headers["location"].endswith("changed")
    empty = sent(staff, "/legs/new", at, act="send", receipt=receipt, to="partner:harbour", asks=" ")
    assert empty.headers["location"].endswith("empty")


def test_hostile_words_are_words(services: Services, films: TestClient) -> None:
    _, code = filed(services, HOSTILE)
    for path in ("/tasks", f"/tasks/{code}"):
        assert "<script>alert(1)" not in films.get(path).text


def test_coordinators_see_what_nobody_does(services: Services, staff: TestClient, films: TestClient) -> None:
    filed(services)
    assert "What nobody may overlook" in staff.get("/tasks").text
    assert "What nobody may overlook" not in films.get("/tasks").text


def test_the_case_has_it_as_a_section(services: Services, staff: TestClient) -> None:
    receipt, _ = filed(services)
    for language, said in (("en", "Asked of others"), ("zh-Hans", "协查与协办"), ("zh-Hant", "協查與協辦")):
        page = staff.get(paths.case(receipt), params={"lang": language}).text
        assert said in page and "leg_" not in page
    assert 'action="/legs/new"' in page
