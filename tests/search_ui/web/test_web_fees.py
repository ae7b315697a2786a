"""What it will cost is told before it is sent, and stands in the estimate with its grounds."""

from __future__ import annotations

import re

import pypdfium2
import pytest

from search_ui import paths
from service_desk.fees import Fees
from service_desk.rules import bundled_text
from tests.search_ui.web.house import Items, browser_of, open_house, token_in
from tests.search_ui.web.test_web_asking import LAND_ID

ENGLISH = {"lang": "en"}


@pytest.fixture
def services(tmp_path):
    made = open_house(tmp_path, Items())
    yield made
    made.desk.close()


def price(page):
    found = re.search(r'data-follows="price"[^>]*>(.*?)</p>', page, re.S)
    assert found
    told = re.search(r"<b class=.num.>([^<]*)</b>", found[1])
    return told[1] if told else None


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({}, "CNY 1.00"),
        ({"pages": "12"}, "CNY 12.00"),
        ({"pages": "12", "copies": "2", "delivery": "post"}, "CNY 36.00"),
        ({"pages": "10", "exemption": "student"}, "CNY 5.00"),
        ({"pages": "10", "relation": "self"}, "CNY 0.00"),
        ({"pages": "-3", "copies": "<b>"}, "CNY 1.00"),
        ({"pages": "9" * 40}, "CNY 1.00"),
    ],
)
def test_the_price_follows_what_is_chosen(services, wishes, expected):
    part = browser_of(services).get("/ask/part", params={"type": "copy", "resource": LAND_ID, **wishes}).text
    assert price(part) == expected


def test_without_script_a_button_works_it_out(services):
    browser = browser_of(services)
    page = browser.get(paths.ask(LAND_ID, type="paper_copy")).text
    assert price(page) == "CNY 0.50" and "Work out the price" in page
    form = {"csrf": token_in(page), "type": "paper_copy", "records": LAND_ID, "pages": "30", "do": "update"}
    page = browser.post(paths.ASK, data=form).text
    assert price(page) == "CNY 15.00" and 'value="30"' in page
    assert price(browser.get(paths.ask(LAND_ID, type="question")).text) is None


def test_a_house_that_charges_nothing_asks_nothing(services):
    services.desk.rules.bring_into_force(Fees, "fees: {}", "test")
    page = browser_of(services).get(paths.ask(LAND_ID, type="copy")).text
    assert price(page) is None and 'name="pages"' not in page and 'name="exemption"' not in page


def filed(services, browser, **wishes):
    page = browser.get(paths.ask(LAND_ID, type="copy")).text
    consent = re.search(r'name="consent" value="([^"]*)"', page)
    once = re.search(r'name="once" value="([^"]*)"', page)
    assert consent and once
    form = {
        "csrf": token_in(page),
        "once": once[1],
        "consent": consent[1],
        "type": "copy",
        "records": LAND_ID,
        "name": "Ada",
        "contact": "ada@example.org",
        "note": "the whole file",
        "do": "send",
        **wishes,
    }
    return browser.post(paths.ASK, data=form)


def receipt_of(services):
    row = services.desk.inbox.page(services.desk.accounts.viewer("lin"), "open").rows[0]
    return row.receipt


def test_what_was_said_of_it_is_kept_and_the_clerk_finds_the_lines(services):
    sent = filed(services, browser_of(services), pages="10", delivery="post", exemption="student")
    assert sent.status_code == 303, sent.text
    receipt = receipt_of(services)
    lin = browser_of(services, "lin")
    case = services.desk.requests.case(receipt, services.desk.accounts.viewer("lin"))
    assert case.events[0].payload["wishes"] == {"pages": 10, "delivery": "post", "exemption": "student"}
    page = lin.get(paths.case(receipt)).text
    assert "10 pages, By post, claims: Student" in page
    values = dict(re.findall(r'name="((?:what|count|price|off|why)[12])"[^>]*? value="([^"]*)"', page))
    assert values["count1"] == "10" and values["price1"] == "1.00" and values["off1"] == "5.00"
    assert values["why1"].startswith("Students, half price") and values["price2"] == "12.00"
    assert values["off2"] == ""
    form = {"csrf": token_in(page), "seen": str(case.version), "currency": "CNY", **values}
    act = f"{paths.case(receipt)}/acts/quote"
    changed = lin.post(act, data={**form, "off1": "10.00"})
    assert changed.status_code == 422 and "Say why a line" in changed.text and 'value="10.00"' in changed.text
    assert lin.post(act, data={**form, "off1": "10.00", "why1": "Agreed with the head of the desk"}).status_code == 303
    quoted = services.desk.requests.case(receipt, services.desk.accounts.viewer("lin")).events[-1]
    assert quoted.payload["lines"][0] | {"what": ""} == {
        "what": "",
        "count": 10,
        "price": 100,
        "off": 1000,
        "why": "Agreed with the head of the desk",
    }
    page = lin.get(paths.case(receipt)).text
    assert "12.00 CNY" in page


def test_the_estimate_is_printed_with_its_grounds(services):
    filed(services, browser_of(services), pages="10", exemption="student")
    receipt, lin = receipt_of(services), browser_of(services, "lin")
    page = lin.get(paths.case(receipt)).text
    values = dict(re.findall(r'name="((?:what|count|price|off|why)1)"[^>]*? value="([^"]*)"', page))
    token = token_in(page)
    assert lin.post(f"{paths.case(receipt)}/acts/quote", data={"csrf": token, "seen": "", **values}).status_code == 303
    made = lin.post(f"{paths.case(receipt)}/documents", data={"csrf": token, "kind": "estimate"})
    assert made.status_code == 303
    viewer = services.desk.accounts.viewer("lin")
    number = services.desk.documents.of(receipt, viewer)[0].number
    with pypdfium2.PdfDocument(services.desk.documents.pdf(number)) as document:
        text = document[0].get_textpage().get_text_range()
    assert "Students, half price" in text and "5.00" in text


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"pages": "none"}, "how many pages"),
        ({"pages": "0"}, "how many pages"),
        ({"copies": "1000"}, "how many copies"),
        ({"carrier": "papyrus"}, "on what the copy"),
        ({"delivery": "pigeon"}, "how it is to reach you"),
        ({"exemption": "king"}, "why it costs you less"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_lost(services, wishes, said):
    sent = filed(services, browser_of(services), **wishes)
    assert sent.status_code == 422 and said in sent.text and "the whole file" in sent.text


def test_a_house_document_of_before_goes_on(services):
    old = "fees:\n  a: {title: {en: Copy, zh-Hans: 复制, zh-Hant: 複製}, price: 250, types: [copy]}\n"
    services.desk.rules.bring_into_force(Fees, old, "test")
    page = browser_of(services).get(paths.ask(LAND_ID, type="copy")).text
    assert "2.50" in page and price(page) is None
    assert filed(services, browser_of(services)).status_code == 303
    assert services.desk.rules.now(Fees).minimum == 0 and bundled_text(Fees)
