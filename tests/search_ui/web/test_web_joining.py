"""A reader's own account on the plain pages: registering, a new password, signing out everywhere."""

from __future__ import annotations

import email
import re
from email.policy import default

import pytest

from tests.search_ui.web.house import PASSWORD, Items, client_of, open_house, sign_in, token_in

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
def services(tmp_path):
    made = open_house(tmp_path, Items())
    yield made
    made.desk.close()


@pytest.fixture
def mails(tmp_path):
    """The messages that have left, oldest first."""

    def texts():
        files = sorted((tmp_path / "outbox").glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes(), policy=default).get_content() for file in files]

    return texts


def post(browser, path, page="/login", **fields):
    return browser.post(path, data={"csrf": token_in(browser.get(page).text), **fields})


def register(browser, mails, contact="new@example.org"):
    asked = post(browser, "/register", name="新讀者", contact=contact, password=PASSWORD)
    assert asked.status_code == 200 and contact in asked.text
    code = CODE.search(mails()[-1])[0]
    return post(browser, "/register/confirm", contact=contact, code=code)


def test_registering_signs_in(services, mails):
    browser = client_of(services)
    answer = register(browser, mails)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = browser.get("/account").text
    assert "新讀者" in page and "n***@example.org" in page and "Reader" in page and "In 1 browser." in page
    assert browser.get("/register").headers["location"] == "/account"
    other = client_of(services)
    token = token_in(other.get("/login").text)
    fields = {"csrf": token, "name": "NEW@example.org", "password": PASSWORD, "next": "/"}
    assert other.post("/login", data=fields).status_code == 303


def normal(html: str) -> str:
    """A page without what differs from one visitor to the next."""
    return re.sub(r'name="csrf" value="[0-9a-f]*"', "", html)


@pytest.mark.parametrize("path", ["/register", "/reset"])
def test_nobody_learns_who_has_an_account(services, mails, path):
    register(client_of(services), mails, "known@example.org")
    answers = {}
    for contact in ("known@example.org", "other@example.org"):
        browser = client_of(services)
        answer = post(browser, path, name="x", contact=contact, password=PASSWORD)
        wrong = post(browser, f"{path}/confirm", contact=contact, code="2222-2222", password=PASSWORD)
        answers[contact] = (
            answer.status_code,
            wrong.status_code,
            *(normal(one.text).replace(contact, "CONTACT") for one in (answer, wrong)),
            sorted(answer.headers),
        )
    assert answers["known@example.org"] == answers["other@example.org"]
    assert answers["known@example.org"][:2] == (200, 401)


def test_a_new_password_by_code(services, mails):
    browser, elsewhere = client_of(services), client_of(services)
    register(browser, mails)
    assert post(elsewhere, "/reset", contact="new@example.org").status_code == 200
    code = CODE.search(mails()[-1])[0]
    fields = {"contact": "new@example.org", "code": code}
    assert post(elsewhere, "/reset/confirm", **fields, password="short").status_code == 422
    answer = post(elsewhere, "/reset/confirm", **fields, password="battery staple")
    assert answer.headers["location"] == "/account" and elsewhere.get("/account").status_code == 200
    assert browser.get("/account").status_code == 303, "signed out elsewhere"
    assert "was changed" in mails()[-1]


def test_signing_out_everywhere(services):
    browsers = [client_of(services) for _ in range(3)]
    for browser in browsers:
        sign_in(browser, "chen")
    assert "In 3 browsers." in browsers[0].get("/account").text
    assert post(browsers[0], "/account/sign-out", page="/account").status_code == 303
    for browser in browsers:
        assert browser.get("/account").headers["location"] == "/login?next=/account"
        assert browser.get("/api/v1/session").json()["name"] is None


def test_changing_the_password(services):
    here, there = client_of(services), client_of(services)
    for browser in (here, there):
        sign_in(browser, "chen")
    wrong = post(here, "/account/password", page="/account", old="wrong", password="battery staple")
    assert wrong.status_code == 401 and "The old password does not fit." in wrong.text
    short = post(here, "/account/password", page="/account", old=PASSWORD, password="short")
    assert short.status_code == 422
    assert post(here, "/account/password", page="/account", old=PASSWORD, password="battery staple").status_code == 303
    assert here.get("/account").status_code == 200 and there.get("/account").status_code == 303


def test_who_registers_on_a_chinese_page_is_told_in_chinese(services, mails):
    browser = client_of(services)
    browser.cookies.set("lang", "zh-Hant")
    register(browser, mails)
    name = browser.get("/api/v1/session").json()["name"]
    assert services.desk.accounts.language_of(name) == "zh-Hant"


CHOSEN = '<option value="{}" selected>'


def test_who_works_here_chooses_the_language_of_what_is_sent_to_them(services):
    browser = client_of(services)
    sign_in(browser, "lin")
    page = browser.get("/account").text
    assert "As the archive does: 简体中文" in page and " selected" not in page
    answer = post(browser, "/account/language", page="/account", language="zh-Hant")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?said=language")
    page = browser.get(answer.headers["location"]).text
    assert CHOSEN.format("zh-Hant") in page and "Saved." in page and '<html lang="en"' in page
    wrong = post(browser, "/account/language", page="/account", language="<script>")
    assert wrong.status_code == 422 and "Choose one of the languages" in wrong.text
    assert "<script>alert" not in wrong.text
    assert services.desk.accounts.language_of("lin") == "zh-Hant"
    post(browser, "/account/language", page="/account", language="", name="chen")
    assert services.desk.accounts.language_of("lin") is None


def test_nobody_chooses_it_for_another_without_the_right_to(services):
    browser = client_of(services)
    sign_in(browser, "chen")
    assert "notice-language" not in browser.get("/account").text, "nothing is sent to readers in it"
    assert post(browser, "/accounts/lin/language", page="/account", language="en").status_code == 404
    assert services.desk.accounts.language_of("lin") is None


def test_an_administrator_chooses_it_on_the_page_of_the_account(services):
    services.desk.accounts.add("root", PASSWORD, "administrator")
    browser = client_of(services)
    sign_in(browser, "root")
    assert post(browser, "/accounts/lin/language", page="/accounts/lin", language="en").status_code == 303
    page = browser.get("/accounts/lin?said=language").text
    assert CHOSEN.format("en") in page and "Saved." in page
    wrong = post(browser, "/accounts/lin/language", page="/accounts/lin", language="fr")
    assert wrong.status_code == 422 and "Choose one of the languages" in wrong.text
    assert services.desk.accounts.language_of("lin") == "en"
    assert post(browser, "/accounts/nobody/language", page="/accounts/lin", language="en").status_code == 404


BAD = {
    "no contact": ({"contact": "nowhere"}, "Write an e-mail address"),
    "a short password": ({"password": "short"}, "eight characters"),
    "no name": ({"name": " "}, "what to call you"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_and_the_password_not_shown_again(services, case):
    changes, said = BAD[case]
    fields = {"name": "x", "contact": "new@example.org", "password": PASSWORD} | changes
    answer = post(client_of(services), "/register", **fields)
    assert answer.status_code == 422 and said in answer.text and fields["password"] not in answer.text


def test_too_many_codes(services):
    browser = client_of(services)
    codes = [post(browser, "/reset", contact="new@example.org").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "path",
    [
        *("/register", "/register/confirm", "/reset", "/reset/confirm"),
        *("/account/password", "/account/language", "/account/sign-out"),
    ],
)
def test_every_form_needs_the_token_of_its_visitor(services, path):
    browser = client_of(services)
    browser.get("/login")
    assert browser.post(path, data={"contact": "a@b.org"}).status_code == 403
    token = token_in(browser.get("/login").text)
    assert browser.post(path, data={"csrf": token}, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/account/password", "/account/language", "/account/sign-out"])
def test_who_is_not_signed_in_is_shown_the_way(services, path):
    assert post(client_of(services), path).headers["location"] == "/login?next=/account"


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_the_pages_speak_chinese(services, language):
    browser = client_of(services)
    for path, word in (
        ("/register", {"zh-Hans": "注册", "zh-Hant": "註冊"}),
        ("/reset", {"zh-Hans": "新密码", "zh-Hant": "新密碼"}),
    ):
        assert word[language] in browser.get(f"{path}?lang={language}").text
