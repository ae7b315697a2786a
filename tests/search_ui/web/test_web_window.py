"""Staff key in what somebody asks for, and the forms to print."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.services import Services
from service_desk.forms import PersonForm
from service_desk.privacy import Privacy
from service_desk.request_types import Types
from service_desk.routes import Departments
from service_desk.rules import bundled_text
from tests.search_ui.web.house import LAND_ID, ODD_ID, Items, client_of, open_house, sign_in
from tests.search_ui.web.test_web_asking import PNG, receipt_in
from tests.search_ui.web.test_web_fees import price
from tests.search_ui.web.test_web_small import Silent


def hidden(html: str) -> dict[str, str]:
    """What the form carries along."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html.split("data-window", 1)[1]))


def pressed(browser: TestClient, html: str, do: str, files: Any = None, **values: str) -> Any:
    fields = {**hidden(html), "channel": "window", "type": "certificate", "consent_way": "paper", **values, "do": do}
    return browser.post("/window", data=fields, files=files)


def case_of(services: Services, code: str) -> Any:
    return services.desk.requests.case(code, services.desk.accounts.viewer("lin"))


def test_a_walk_in_persons_request_is_keyed_in(staff: TestClient, services: Services) -> None:
    clerk = services.desk.accounts.viewer("lin")
    person = services.desk.people.register(PersonForm(name="王五", contact="wang@example.org"), clerk)
    last_week = services.desk.calendar.day_of(dt.datetime.now(dt.UTC)) - dt.timedelta(days=7)
    page = staff.get("/window").text
    page = pressed(staff, page, "seek_person", seek_person="王").text
    assert f'value="person:{person.code}"' in page
    page = pressed(staff, page, f"person:{person.code}").text
    assert 'value="王五"' in page and 'value="wang@example.org"' in page
    page = pressed(staff, page, "seek_record", seek_record="石碇鄉").text
    assert f'value="add:{LAND_ID}"' in page
    page = pressed(staff, page, f"add:{LAND_ID}", name="王五", contact="wang@example.org").text
    assert f'value="drop:{LAND_ID}"' in page and f'value="add:{LAND_ID}"' not in page
    assert "Identity document" in page
    sent = pressed(
        staff,
        page,
        "send",
        {"file": PNG},
        name="王五",
        contact="wang@example.org",
        received=f"{last_week}T10:30",
        language="zh-Hant",
        **{"verdict-identity_document": "verified"},
    )
    assert sent.status_code == 303, sent.text
    told = staff.get(sent.headers["location"])
    code, secret = receipt_in(told.text)
    assert "large" in told.text and told.headers["cache-control"] == "no-store"
    case = case_of(services, code)
    assert (case.channel, case.person, case.keyed_by, case.language) == ("window", person.code, "lin", "zh-Hant")
    assert [(one.code, one.verdict) for one in case.materials] == [("identity_document", "verified")]
    assert case.promise.start == last_week
    shown = staff.get(f"/staff/requests/{code}").text
    assert f"{last_week:%m-%d} 10:30" in shown and "keyed in by lin" in shown
    followed = client_of(services).get(f"/s/{code}", headers={"cookie": f"rs={secret}"}).text
    assert f"{last_week:%m-%d} 10:30" in followed
    assert [file.name for file in case.attachments] == ["id.png"]
    assert services.desk.requests.status(code, secret=secret).receipt == code
    again = pressed(staff, page, "send", {"file": PNG}, name="x", contact="y")
    assert again.status_code == 409 and code in again.text


def test_what_is_wrong_is_said_and_nothing_is_lost(staff: TestClient) -> None:
    page = staff.get(f"/window?resource={LAND_ID}&resource={ODD_ID}").text
    assert page.count('value="drop:') == 2
    page = pressed(staff, page, f"drop:{ODD_ID}").text
    assert page.count('value="drop:') == 1
    wrong = pressed(staff, page, "send", note="as <i>told</i>", contact="c", received="yesterday")
    assert wrong.status_code == 422
    assert '<a href="#name">' in wrong.text and "as &lt;i&gt;told&lt;/i&gt;" in wrong.text
    late = pressed(staff, page, "send", name="n", contact="c", received="2999-01-01T00:00")
    assert late.status_code == 422 and '<a href="#received">' in late.text
    slip = pressed(staff, page, "send", name="n", contact="c", received="1926-11-27T09:00")
    assert slip.status_code == 422 and '<a href="#received">' in slip.text
    odd = pressed(staff, page, "send", name="n", contact="c", channel="smoke")
    assert odd.status_code == 422 and '<a href="#channel">' in odd.text


def test_urgent_types_are_there_for_staff(staff: TestClient, services: Services) -> None:
    page = staff.get("/window").text
    assert 'value="emergency"' in page and "urgent" in page
    sent = pressed(staff, page, "send", type="emergency", note="flood", name="Mayor", contact="000")
    told = staff.get(sent.headers["location"]).text
    code, _ = receipt_in(told)
    case = case_of(services, code)
    assert case.urgent and case.promise.at is not None
    assert "Those on duty are told: lin." in told, "where the rules name nobody, who coordinates"
    assert (
        Translator("en", timezone=services.desk.calendar.timezone).moment(case.promise.at) in told
    )  # hours, not a day


def test_the_clerk_hears_who_is_told_of_what_is_urgent(staff: TestClient, services: Services) -> None:
    text = bundled_text(Departments).replace("on_duty: []", "on_duty: [wu]")
    services.desk.rules.bring_into_force(Departments, text, "house")
    page = staff.get("/window").text
    sent = pressed(staff, page, "send", type="emergency", note="flood", name="Mayor", contact="000")
    assert "Those on duty are told: wu." in staff.get(sent.headers["location"]).text
    sent = pressed(staff, staff.get("/window").text, "send", type="question", note="x", name="n", contact="c")
    assert "on duty" not in staff.get(sent.headers["location"]).text


def test_an_unknown_person_is_nobody(staff: TestClient, services: Services) -> None:
    page = staff.get("/window?person=XXXX-XXXX").text
    assert hidden(page)["person"] == ""
    assert "Nobody is registered so" in pressed(staff, page, "seek_person", seek_person="nobody at all").text


def test_the_window_goes_on_while_search_rests(tmp_path: Any) -> None:
    services = open_house(tmp_path, Items())
    services.searcher = Silent()
    staff = client_of(services)
    sign_in(staff, "lin")
    page = pressed(staff, staff.get("/window").text, "seek_record", seek_record="石碇").text
    assert "Search is paused" in page
    sent = pressed(staff, page, "send", type="question", note="Where?", name="n", contact="c")
    assert sent.status_code == 303


@pytest.mark.parametrize("who", ["", "chen"])
def test_the_window_is_for_staff(services: Services, who: str) -> None:
    browser = client_of(services)
    if who:
        sign_in(browser, who)
    assert browser.get("/window").status_code in (303, 404)
    assert browser.get(f"/window/receipt/{'A' * 32}").status_code in (303, 404)


def test_a_receipt_of_the_window_is_its_clerks(staff: TestClient, services: Services) -> None:
    services.desk.accounts.add("zhou", "correct horse battery staple", "staff")
    sent = pressed(staff, staff.get("/window").text, "send", type="question", note="x", name="n", contact="c")
    other = client_of(services)
    sign_in(other, "zhou")
    assert other.get(sent.headers["location"]).status_code == 404


# Forms to print


def test_there_is_a_form_for_every_type(browser: TestClient, services: Services) -> None:
    listed = browser.get("/forms").text
    for code in services.desk.rules.now(Types).types:
        assert f'href="/forms/{code}"' in listed
        assert browser.get(f"/forms/{code}").status_code == 200
    assert browser.get("/forms/nothing").status_code == 404


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Proof of your relation"), ("zh-Hans", "户口簿"), ("zh-Hant", "戶口名簿")]
)
def test_a_form_has_its_checklist_and_the_notice(browser: TestClient, language: str, word: str) -> None:
    page = browser.get(f"/forms/certificate?lang={language}").text
    assert word in page
    assert "<table" in page and "30" in page


# What the form of readers asks is asked here, too

WISHED: list[dict[str, str]] = [
    {},
    {"pages": "10", "delivery": "post", "exemption": "student"},
    {"pages": "12", "copies": "2", "delivery": "post", "certified": "yes"},
    {"pages": "10", "relation": "self"},
]


def asked_on_the_web(services: Services, **values: str) -> str:
    browser = client_of(services)
    page = browser.get(paths.ask(LAND_ID, type="copy")).text
    given = dict(re.findall(r'name="(csrf|once|records)" value="([^"]*)"', page))
    consent = services.desk.rules.now(Privacy).mark
    sent = browser.post(paths.ASK, data={**given, "consent": consent, "type": "copy", "do": "send", **values})
    assert sent.status_code == 303, sent.text
    return receipt_in(browser.get(sent.headers["location"]).text)[0]


def keyed_in(staff: TestClient, **values: str) -> str:
    page = staff.get(f"/window?resource={LAND_ID}").text
    sent = pressed(staff, page, "send", **{"type": "copy", **values})
    assert sent.status_code == 303, sent.text
    return receipt_in(staff.get(sent.headers["location"]).text)[0]


@pytest.mark.parametrize("wishes", WISHED, ids=lambda one: " ".join(one) or "nothing")
def test_both_doors_make_the_same_request(staff: TestClient, services: Services, wishes: dict[str, str]) -> None:
    """Wishes, papers, promise, price, and the estimate that a clerk finds laid out."""
    values = {"name": "Ada", "contact": "ada@example.org", "note": "the whole file", **wishes}
    pair = [asked_on_the_web(services, **values), keyed_in(staff, **values)]
    web, window = (case_of(services, code) for code in pair)
    assert (web.channel, window.channel) == ("web", "window")
    assert window.wishes == web.wishes and set(web.wishes) == {*wishes} - {"relation"}
    for same in ("type", "note", "relation", "materials", "due", "hit", "route", "department", "status"):
        got, wanted = getattr(window, same), getattr(web, same)
        assert getattr(got, "date", lambda got=got: got)() == getattr(wanted, "date", lambda wanted=wanted: wanted)()
    pages = [staff.get(paths.case(code)).text for code in pair]
    lines = [re.findall(r'name="((?:what|count|price|off|why)\d)"[^>]*? value="([^"]*)"', page) for page in pages]
    assert lines[0] == lines[1] and lines[0]


@pytest.mark.parametrize("wishes", WISHED, ids=lambda one: " ".join(one) or "nothing")
def test_the_window_tells_the_price_that_the_reader_is_told(
    staff: TestClient, services: Services, wishes: dict[str, str]
) -> None:
    told = client_of(services).get("/ask/part", params={"type": "copy", "resource": LAND_ID, **wishes}).text
    shown = pressed(staff, staff.get(f"/window?resource={LAND_ID}").text, "update", **{"type": "copy", **wishes}).text
    fields = [
        set(re.findall(r'name="(pages|copies|carrier|delivery|certified|exemption)"', one)) for one in (told, shown)
    ]
    assert fields[0] == fields[1] and {"pages", "delivery", "exemption"} <= fields[0]
    assert price(shown) == price(told) is not None
    choices = [re.findall(r'<select id="(?:delivery|exemption)".*?</select>', one, re.S) for one in (told, shown)]
    assert choices[0] == choices[1] and len(choices[0]) == 2


def test_a_wish_that_cannot_be_is_told_at_the_window(staff: TestClient) -> None:
    page = staff.get(f"/window?resource={LAND_ID}").text
    for wish in ({"pages": "0"}, {"delivery": "pigeon"}, {"exemption": "king"}):
        wrong = pressed(staff, page, "send", name="n", contact="c", **{"type": "copy", **wish})
        assert wrong.status_code == 422 and f'<a href="#{next(iter(wish))}">' in wrong.text


def test_the_form_on_paper_asks_the_same(browser: TestClient) -> None:
    copy, question = (browser.get(f"/forms/{code}").text for code in ("copy", "question"))
    for said in ("How many pages", "How it reaches you", "By post", "Student"):
        assert said in copy and said not in question


# The person's consent to the privacy notice


def test_nothing_is_keyed_in_without_consent(staff: TestClient, services: Services) -> None:
    page = staff.get("/window").text
    for way in ("Signed on paper", "Said by telephone", "Given in the letter"):
        assert way in page
    assert "Not asked yet" not in page
    wrong = pressed(staff, page, "send", type="question", note="x", name="n", contact="c", consent_way="")
    assert wrong.status_code == 422 and '<a href="#consent_way">' in wrong.text
    sent = pressed(staff, page, "send", type="question", note="x", name="n", contact="c", consent_way="telephone")
    code, _ = receipt_in(staff.get(sent.headers["location"]).text)
    case = case_of(services, code)
    assert (case.consent, case.consent_way) == (services.desk.rules.now(Privacy).mark, "telephone")
    shown = staff.get(paths.case(code)).text
    assert "Said by telephone" in shown and case.consent in shown and "Still to be got" not in shown


def test_an_emergency_is_keyed_in_and_its_consent_got_later(staff: TestClient, services: Services) -> None:
    page = pressed(staff, staff.get("/window").text, "update", type="emergency", consent_way="").text
    assert "Not asked yet" in page
    sent = pressed(staff, page, "send", type="emergency", note="flood", name="n", contact="c", consent_way="")
    code, _ = receipt_in(staff.get(sent.headers["location"]).text)
    case = staff.get(paths.case(code)).text
    assert "Still to be got" in case and 'data-act="consent"' in case
    board = staff.get(f"{paths.INBOX}?view=consent").text
    assert code in board and "consent to be got" in board and "Consent to be got" in board
    said = dict(re.findall(r'<input type="hidden" name="(csrf|consent|seen)" value="([^"]*)"', case))
    act = f"{paths.case(code)}/acts/consent"
    wrong = staff.post(act, data={**said, "consent_way": ""})
    assert wrong.status_code == 422 and "Say how they agreed" in wrong.text
    assert staff.post(act, data={**said, "consent_way": "letter"}).status_code == 303
    after = staff.get(paths.case(code)).text
    assert "Still to be got" not in after and "Given in the letter" in after and 'data-act="consent"' not in after
    assert code not in staff.get(f"{paths.INBOX}?view=consent").text


def test_a_form_on_paper_is_keyed_in_with_the_notice_it_carries(tmp_path: Any) -> None:
    services = open_house(tmp_path, Items())
    staff = client_of(services)
    sign_in(staff, "lin")
    assert '<select id="consent"' not in staff.get("/window").text
    before = services.desk.rules.now(Privacy).mark
    text = bundled_text(Privacy).replace('version: "1"', 'version: "2"')
    services.desk.rules.bring_into_force(Privacy, text, "house")
    page = staff.get("/window").text
    assert '<select id="consent"' in page and before in page
    told = {"type": "question", "note": "x", "name": "n", "contact": "c"}
    sent = pressed(staff, page, "send", consent=before, **told)
    code, _ = receipt_in(staff.get(sent.headers["location"]).text)
    assert case_of(services, code).consent == before
    wrong = pressed(staff, staff.get("/window").text, "send", consent="0 made up", **told)
    assert wrong.status_code == 422 and '<a href="#consent">' in wrong.text
    services.desk.close()
