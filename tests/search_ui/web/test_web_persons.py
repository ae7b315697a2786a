"""Persons at the window and accounts, on their pages: who gets there, and what comes of the forms."""

from __future__ import annotations

import pytest

from mappings.grants import Scope
from service_desk.views import RoleView
from tests.search_ui.web.house import PASSWORD, Items, client_of, open_house, sign_in, token_in

ID_CARD = "11010519491231002X"


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    made = open_house(tmp_path_factory.mktemp("house"), Items())
    made.desk.accounts.add("adm", PASSWORD, "administrator")
    yield made
    made.desk.close()


@pytest.fixture
def clerk(services):
    browser = client_of(services)
    sign_in(browser, "lin")
    return browser


@pytest.fixture
def administrator(services):
    browser = client_of(services)
    sign_in(browser, "adm")
    return browser


def post(browser, path, **fields):
    page = browser.get("/login")
    shown = page if page.status_code == 200 else browser.get("/about")
    return browser.post(path, data={"csrf": token_in(shown.text), **fields})


def register(clerk, **fields):
    answer = post(clerk, "/persons", name="陳阿婆", contact="", kind="", number="", **fields)
    return answer.headers["location"]


def test_a_person_is_registered_checked_found_and_joined(services, clerk):
    address = register(clerk)
    assert "None was shown yet." in clerk.get(address).text
    assert post(clerk, f"{address}/document", kind="cn_id", number=ID_CARD).status_code == 303
    page = clerk.get(address).text
    assert "…002X" in page and ID_CARD not in page and "Identity card (China)" in page
    found = post(clerk, "/persons/find", find=ID_CARD)
    assert address in found.text and ID_CARD not in found.text
    known = post(clerk, "/persons", name="x", contact="", kind="cn_id", number=ID_CARD)
    assert known.status_code == 409 and f'<a href="{address}">' in known.text and ID_CARD not in known.text
    assert post(clerk, f"{address}/account", account="nobody").status_code == 404
    assert post(clerk, f"{address}/account", account="chen").status_code == 303
    assert services.desk.accounts.viewer("chen").roles == {"reader", "verified_reader"}
    assert "chen" in clerk.get(address).text
    joined = post(clerk, f"{register(clerk)}/account", account="chen")
    assert joined.status_code == 409 and "joined to another" in joined.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Write the name."),
        ({"contact": "nowhere"}, "Write an e-mail address"),
        ({"kind": "cn_id", "number": "110105194912310021"}, "no number of such a document"),
    ],
)
def test_what_is_wrong_is_said(clerk, fields, said):
    answer = post(clerk, "/persons", **{"name": "x", "contact": "", "kind": "", "number": "", **fields})
    assert answer.status_code == 422 and said in answer.text


def test_accounts_on_their_pages(services, administrator):
    services.desk.accounts.add("wu/yi", PASSWORD, "reader", "吳一")
    page = administrator.get("/accounts?find=吳").text
    assert "吳一" in page and "1 account" in page and "/accounts/wu%2Fyi" in page
    address = "/accounts/wu%2Fyi"
    assert "吳一" in administrator.get(address).text
    given = post(administrator, f"{address}/give", role="window_clerk", holder="East", fonds="", theme="")
    assert given.status_code == 303
    assert services.desk.accounts.all()[-1].roles[-1] == RoleView("window_clerk", Scope(holder="East"))
    listed = administrator.get("/accounts").text
    assert "Reader · Window clerk" in listed and "Coordinator" in listed, "roles by what they are called"
    page = administrator.get(address).text
    assert "Window clerk" in page and "Held by: East" in page
    again = post(administrator, f"{address}/give", role="window_clerk", holder="East")
    assert again.status_code == 409 and "That cannot be done" in again.text
    assert post(administrator, f"{address}/give", role="king").status_code == 422
    assert post(administrator, f"{address}/take", role="window_clerk", holder="East").status_code == 303
    browser = client_of(services)
    sign_in(browser, "wu/yi")
    assert post(administrator, f"{address}/sign-out").status_code == 303
    assert browser.get("/account").status_code == 303
    assert post(administrator, f"{address}/close").status_code == 303
    assert administrator.get(address).status_code == 404
    assert "closed" in administrator.get("/accounts?find=wu").text
    assert post(administrator, "/accounts/adm/close").status_code == 409


PAGES = {
    "/persons": "lin",
    "/persons/2222-2222": "lin",
    "/accounts": "adm",
    "/accounts/chen": "adm",
}
FORMS = {
    "/persons": "lin",
    "/persons/find": "lin",
    "/persons/2222-2222/document": "lin",
    "/persons/2222-2222/account": "lin",
    "/accounts/gone/give": "adm",
    "/accounts/gone/take": "adm",
    "/accounts/gone/sign-out": "adm",
    "/accounts/gone/close": "adm",
}


@pytest.mark.parametrize("name", ["", "chen", "lin", "adm"])
def test_pages_and_forms_are_for_those_who_may(services, name):
    browser = client_of(services)
    if name:
        sign_in(browser, name)
    for path, whose in PAGES.items():
        answer = browser.get(path)
        if not name:
            assert answer.headers["location"].startswith("/login?next=%2F"), path
        elif name != whose:
            assert answer.status_code == 404, path
    for path, whose in FORMS.items():
        answer = post(browser, path)
        if not name:
            assert answer.headers["location"].startswith("/login?next="), path
        elif name != whose:
            assert answer.status_code == 404, path
    assert services.desk.accounts.viewer("chen")


def test_the_masthead_leads_there(clerk, administrator):
    assert 'href="/persons"' in clerk.get("/about").text and 'href="/accounts"' not in clerk.get("/about").text
    assert 'href="/accounts"' in administrator.get("/about").text
