"""A training desk says so on every page, has its exercises on one, and begins anew by a button."""

from __future__ import annotations

import pytest

from search_ui import paths
from service_desk.printed.documents import Certificate
from service_desk.printed.sheets import House
from service_desk.roles import bundled
from tests.search_ui.web.house import PASSWORD, Items, browser_of, open_house, token_in

SAID = "Training: nothing here leaves the house."


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    made = open_house(tmp_path_factory.mktemp("training"), Items(), training=True)
    made.desk.accounts.add("boss", PASSWORD, "administrator")
    made.desk.accounts.add("wu", PASSWORD, "staff", "吳海濤")
    yield made
    made.desk.close()


@pytest.mark.parametrize("name", [None, "chen", "lin"])
@pytest.mark.parametrize("path", ["/ask", "/about", "/verify", "/basket", "/no-such-page", "/themes", "/faq"])
def test_every_page_says_so(training, name, path):
    assert SAID in browser_of(training, name).get(path).text


def test_no_page_of_a_real_house_does(services):
    browser = browser_of(services, "lin")
    for path in ("/ask", "/verify", paths.INBOX, paths.TASKS):
        answer = browser.get(path)
        assert answer.status_code == 200 and "Training" not in answer.text
    assert browser.get(paths.TRAINING).status_code == 404
    for address in (paths.TRAINING, f"{paths.TRAINING}/accept"):
        sent = browser.post(address, data={"csrf": token_in(browser.get("/ask").text)})
        assert sent.status_code == 404


def test_a_real_house_leads_to_where_it_trains(services):
    services.training_url = "https://training.example"
    try:
        assert 'href="https://training.example"' in browser_of(services, "lin").get(paths.INBOX).text
        assert "https://training.example" not in browser_of(services, "chen").get("/ask").text
    finally:
        services.training_url = ""


def test_verification_says_that_it_proves_nothing(training):
    def made(mark, at):
        given = {"house": House("云江"), "language": "zh-Hans", "issued": at, "mark": mark, "receipt": "A"}
        return Certificate(**given, person="x", question="?", findings=(), is_certified=True)

    mark = training.desk.printing.issue("certificate", made, "lin").mark
    page = browser_of(training).get("/verify", params={"number": mark.number, "code": mark.code}).text
    assert "Genuine" in page and "documents are for practice" in page


def test_readers_find_no_exercises(training):
    assert browser_of(training).get(paths.TRAINING).status_code == 303
    assert browser_of(training, "chen").get(paths.TRAINING).status_code == 404


def test_an_exercise_begins_is_done_and_ticks_itself_off(training):
    browser = browser_of(training, "lin")
    page = browser.get(paths.TRAINING).text
    assert "0 of 8 done" in page and page.count("☐") > 10 and "☑" not in page
    assert "Begin anew" not in page
    token = token_in(page)
    begun = browser.post(f"{paths.TRAINING}/hand_over", data={"csrf": token})
    assert begun.status_code == 303
    case = begun.headers["location"]
    assert "local schools" in browser.get(case).text
    for act, fields in (("take", {}), ("hand_over", {"to": "wu", "text": "begun"})):
        assert browser.post(f"{case}/acts/{act}", data={"csrf": token, "seen": "", **fields}).status_code == 303
    page = browser.get(paths.TRAINING).text
    assert "1 of 8 done" in page and page.count("☑") == 2
    boss = browser_of(training, "boss").get(paths.TRAINING).text
    assert "林曉" in boss and "1 / 8" in boss


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_in_chinese_nothing_is_left_in_english(training, language):
    pages = (browser_of(training, name).get(paths.TRAINING, params={"lang": language}) for name in ("lin", "boss"))
    page = "".join(one.text.split("<main", 1)[1].split("</main>")[0] for one in pages).replace("exercises", "")
    for english in ("Exercise", "Begin", "done", "Training", "Everything"):
        assert english not in page


def test_what_is_no_exercise_is_not_found(training):
    browser = browser_of(training, "lin")
    sent = browser.post(f"{paths.TRAINING}/no_such", data={"csrf": token_in(browser.get(paths.TRAINING).text)})
    assert sent.status_code == 404


def test_only_an_administrator_begins_anew(training):
    called = []
    training.begin_anew = lambda: called.append(True)
    try:
        lin, boss = browser_of(training, "lin"), browser_of(training, "boss")
        token = token_in(lin.get(paths.TRAINING).text)
        assert lin.post(paths.TRAINING, data={"csrf": token}).status_code == 404 and called == []
        page = boss.get(paths.TRAINING).text
        assert "Begin anew" in page
        assert boss.post(paths.TRAINING, data={"csrf": "wrong"}).status_code == 403 and called == []
        assert boss.post(paths.TRAINING, data={"csrf": token_in(page)}).headers["location"] == paths.TRAINING
        assert called == [True]
    finally:
        training.begin_anew = None
    assert "accounts.manage" in bundled().actions("administrator")
