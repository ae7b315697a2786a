"""The rules of the desk on their pages: read, checked, brought into force, taken back; what was typed is never lost."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from pydantic import Field

from service_desk import rule_documents, rules
from service_desk.rules import TEXT_BOUND, Document
from service_desk.told import Title
from tests.search_ui.web.house import PASSWORD, Items, client_of, open_house, sign_in, token_in


class Hours(Document):
    name = "hours"
    called = Title.of("Hours of the house", "开馆时间", "開館時間")

    opens: int = Field(ge=0, le=23)
    note: str = ""


BUNDLED = "# Hours\nopens: 9\n"
ADDRESS = "/desk-rules/hours"


@pytest.fixture(scope="module", autouse=True)
def documents():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_documents, "DOCUMENTS", (*rule_documents.DOCUMENTS, Hours))
        real = rules.bundled_text
        patch.setattr(rules, "bundled_text", lambda kind: BUNDLED if kind is Hours else real(kind))
        yield


@pytest.fixture
def services(tmp_path):
    made = open_house(tmp_path / "house", Items())
    made.desk.accounts.add("adm", PASSWORD, "administrator")
    made.desk.accounts.add("root", PASSWORD, "administrator")
    yield made
    made.desk.close()


@pytest.fixture
def administrator(services):
    return signed_in(services, "adm")


def signed_in(services, name):
    browser = client_of(services)
    sign_in(browser, name)
    return browser


def send(browser, text, do="apply", address=ADDRESS, **fields):
    """Fill the form as it is shown now, and send it."""
    shown = browser.get(address).text
    seen = re.search(r'name="seen" value="(\d+)"', shown)[1]
    return browser.post(ADDRESS, data={"csrf": token_in(shown), "seen": seen, "text": text, "do": do, **fields})


def field(page):
    """The text in the field, as a browser reads it."""
    inside = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]
    return html.unescape(inside.removeprefix("\n"))


def test_the_list_names_every_document_and_whose_it_is(services, administrator):
    page = administrator.get("/desk-rules").text
    assert 'href="/desk-rules/hours"' in page and "Hours of the house" in page and "as delivered" in page
    assert 'href="/desk-rules/ratings"' in page
    send(administrator, "opens: 10\n")
    assert "by adm" in administrator.get("/desk-rules").text


def test_a_text_is_edited_and_brought_into_force(services, administrator):
    page = administrator.get(ADDRESS).text
    assert field(page) == BUNDLED and "as delivered" in page
    answer = send(administrator, "# Hours\r\nopens: 10\r\n")
    assert answer.status_code == 303
    page = administrator.get(answer.headers["location"]).text
    assert "is in force." in page and field(page) == "# Hours\nopens: 10\n"
    assert services.desk.rules.now(Hours).opens == 10
    again = send(administrator, "# Hours\nopens: 10\n")
    assert "nothing changed" in administrator.get(again.headers["location"]).text


def test_checking_changes_nothing_and_keeps_the_text(services, administrator):
    page = send(administrator, "opens: 11\n", "check")
    assert page.status_code == 200 and "This text can be followed." in page.text and field(page.text) == "opens: 11\n"
    assert services.desk.rules.now(Hours).opens == 9


@pytest.mark.parametrize("do", ["check", "apply"])
def test_mistakes_are_told_with_links_to_their_lines_and_the_text_is_kept(services, administrator, do):
    text = "\nopens: 9\nclosed: <script>\n"
    page = send(administrator, text, do)
    assert page.status_code == 422 and "1 mistake;" in page.text
    assert '<a href="#line-3">line 3</a>' in page.text and '<tr id="line-3" class="gone">' in page.text
    assert "there is no key" in page.text and field(page.text) == text and "<script>" not in page.text.split("<main")[1]
    assert services.desk.rules.versions(Hours) == []


def test_who_was_overtaken_sees_what_changed_and_keeps_the_text(services, administrator):
    other = signed_in(services, "root")
    shown = administrator.get(ADDRESS).text
    send(other, "# Hours\nopens: 8\n")
    data = {"csrf": token_in(shown), "seen": "0", "text": "opens: 12\n", "do": "apply"}
    page = administrator.post(ADDRESS, data=data)
    assert page.status_code == 409 and field(page.text) == "opens: 12\n"
    assert "Somebody changed" in page.text and "<bdi>opens: 8</bdi>" in page.text
    assert services.desk.rules.now(Hours).opens == 8
    seen = re.search(r'name="seen" value="(\d+)"', page.text)[1]
    assert administrator.post(ADDRESS, data={**data, "seen": seen}).status_code == 303, "having seen it"
    assert services.desk.rules.now(Hours).opens == 12


def test_versions_tell_what_they_changed_and_give_their_text_back(services, administrator):
    for hour in (10, 11):
        send(administrator, f"# Hours\nopens: {hour}\nnote: <b>&amp;\n")
    newest, first = (one.number for one in services.desk.rules.versions(Hours))
    page = administrator.get(f"{ADDRESS}?changes={newest}").text
    assert f"What version {newest} changed against version {first}" in page
    assert '<tr class="gone">' in page and "<bdi>opens: 10</bdi>" in page and "<bdi>opens: 11</bdi>" in page
    page = administrator.get(f"{ADDRESS}?changes={first}").text
    assert "against the text as delivered" in page and "note: &lt;b&gt;&amp;amp;" in page
    old = administrator.get(f"{ADDRESS}?version={first}").text
    assert field(old) == "# Hours\nopens: 10\nnote: <b>&amp;\n" and f"The text of version {first} stands" in old
    assert send(administrator, field(old), address=f"{ADDRESS}?version={first}").status_code == 303
    assert services.desk.rules.now(Hours).opens == 10 and len(services.desk.rules.versions(Hours)) == 3
    assert field(administrator.get(f"{ADDRESS}?version=0").text) == BUNDLED


def test_what_follows_is_told_before(services, administrator):
    services.desk.rules.foreseen(Hours, lambda session, new: [Title.of(f"{new.opens} dates move.", "动", "動")])
    page = send(administrator, "opens: 10\n")
    assert page.status_code == 200 and "10 dates move." in page.text and "Press once more" in page.text
    assert services.desk.rules.now(Hours).opens == 9
    told = re.search(r'name="told" value="(\w+)"', page.text)[1]
    assert send(administrator, "opens: 11\n", told=told).status_code == 200, "another text was told of"
    assert send(administrator, "opens: 10\n", told=told).status_code == 303
    assert services.desk.rules.now(Hours).opens == 10


def test_a_long_text_is_taken_and_a_longer_one_is_not(services, administrator):
    longest = "opens: 9\n# " + "一" * (TEXT_BOUND - 12) + "\n"
    assert len(longest) == TEXT_BOUND and send(administrator, longest).status_code == 303
    assert field(administrator.get(ADDRESS).text) == longest
    page = send(administrator, longest + "x")
    assert page.status_code == 422 and "keep it shorter" in page.text
    assert send(administrator, "一" * (TEXT_BOUND + 10_000)).status_code == 413


def test_what_is_not_there_is_not_found(administrator):
    for query in ("", f"?{urlencode({'version': 99})}", "?changes=99"):
        assert administrator.get(f"/desk-rules/{'hours' if query else 'nothing'}{query}").status_code == 404
    token = token_in(administrator.get(ADDRESS).text)
    assert administrator.post("/desk-rules/nothing", data={"csrf": token, "text": ""}).status_code == 404
    for query in ("?version=x", "?version=-1", "?version=" + "9" * 50, "?changes=", "?done=x"):
        assert administrator.get(ADDRESS + query).status_code == 200


def test_others_find_nothing_there(services):
    for name in ("lin", "chen"):
        browser = signed_in(services, name)
        assert browser.get("/desk-rules").status_code == browser.get(ADDRESS).status_code == 404
        data = {"csrf": token_in(browser.get("/about").text), "text": "opens: 1\n", "do": "apply", "seen": "0"}
        assert browser.post(ADDRESS, data=data).status_code == 404
        assert 'href="/desk-rules"' not in browser.get("/about").text
    assert client_of(services).get(ADDRESS).headers["location"].startswith("/login")
    assert services.desk.rules.now(Hours).opens == 9
    assert 'href="/desk-rules"' in signed_in(services, "adm").get("/about").text


@pytest.mark.parametrize(("language", "word"), [("zh-Hans", "服务规则"), ("zh-Hant", "服務規則")])
def test_in_chinese(administrator, language, word):
    send(administrator, "opens: 10\n")
    for path in ("/desk-rules", f"{ADDRESS}?version=0"):
        page = administrator.get(path, headers={"accept-language": language}).text
        assert word in page and not re.search(r">\s*(Check|Versions|In force)\b", page)


def test_a_pack_shows_what_it_would_change(services, administrator):
    listed = administrator.get("/desk-rules").text
    assert "United Kingdom" in listed and "/desk-rules/types?pack=uk" in listed
    page = administrator.get("/desk-rules/types?pack=uk").text
    assert "What it would change" in page and 'class="new"' in page
    assert "Freedom of Information Act 2000 s. 10(1)" in page
    assert services.desk.rules.versions(rule_documents.named("types")) == []
    relay = administrator.get("/desk-rules/partners?pack=relay").text
    assert "defaults:" in relay and relay.count('class="gone"') == 0


def test_comments_are_help(services, administrator):
    page = administrator.get("/desk-rules/fees").text
    told = page.split('id="help"', 1)[1].split("</details>")[0]
    assert "What services cost, in the smallest unit" in told and "fees.scan_page" not in told
    assert "minimum" in told and "what anything that costs at all comes to" in told
    assert "What these rules say" in told


def test_a_text_without_comments_has_the_help_as_delivered(services, administrator):
    services.desk.rules.bring_into_force(Hours, "opens: 8\n", "administrator")
    assert "<bdi>Hours</bdi>" in administrator.get(ADDRESS).text


def test_help_is_text(services, administrator):
    page = send(administrator, "# <script>alert(1)</script>\nopens: 8 # <b>\n", "check").text
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
