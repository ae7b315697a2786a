"""Receipts as PDF: who gets one, what it says, and where the secret stands."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from search_ui.services import Services
from service_desk.forms import RequestForm
from tests.search_ui.web.house import LAND_ID, client_of, sign_in
from tests.search_ui.web.test_web_asking import receipt_in
from tests.search_ui.web.test_web_following import unlocked
from tests.search_ui.web.test_web_window import pressed

FORM = RequestForm(
    resource_id=LAND_ID, type="question", note="?", name="王小明", contact="w@example.org", language="zh-Hans"
)


def text_of(pdf: bytes) -> str:
    """What stands on its pages, without spaces and line ends."""
    with pypdfium2.PdfDocument(pdf) as document:
        return re.sub(r"\s", "", "".join(one.get_textpage().get_text_bounded() for one in document))


@pytest.fixture
def filed(services: Services) -> tuple[str, str]:
    receipt = services.desk.filing.submit(FORM, ANONYMOUS)
    return receipt.receipt, receipt.secret


def test_whoever_follows_a_request_has_its_receipt_and_nobody_else(
    services: Services, browser: TestClient, reader: TestClient, filed: tuple[str, str]
) -> None:
    address = f"/s/{filed[0]}/receipt.pdf"
    for stranger in (client_of(services), reader):
        assert stranger.get(address).status_code == 404
        assert stranger.get(address).text.replace(filed[0], "") == stranger.get(
            "/s/AAAA-AAAA/receipt.pdf"
        ).text.replace("AAAA-AAAA", "")
    assert f'href="{address}"' in unlocked(browser, *filed).get(f"/s/{filed[0]}").text
    got = browser.get(address)
    assert got.status_code == 200 and got.headers["content-type"] == "application/pdf"
    assert "no-store" in got.headers["cache-control"] and "attachment" in got.headers["content-disposition"]
    text = text_of(got.content)
    assert filed[0] in text and "Z013-1-001-005" in text and "Receiptofacceptance" in text
    assert filed[1] not in text


def test_staff_print_it_in_the_language_of_the_reader(
    staff: TestClient, reader: TestClient, filed: tuple[str, str]
) -> None:
    address = f"/staff/requests/{filed[0]}/receipt.pdf"
    text = text_of(staff.get(address).content)
    assert "受理回执" in text and "王小明" in text and filed[1] not in text and "最迟答复" in text
    assert reader.get(address).status_code == 404
    assert staff.get("/staff/requests/AAAA-AAAA/receipt.pdf").status_code == 404


def test_at_the_window_the_secret_stands_on_it_for_whom_it_was_told(staff: TestClient, services: Services) -> None:
    sent = pressed(
        staff, staff.get("/window").text, "send", name="王五", contact="w@example.org", note="n", language="zh-Hant"
    )
    where = sent.headers["location"]
    told = staff.get(where).text
    code, secret = receipt_in(told)
    assert f'href="{where}/receipt.pdf"' in told
    got = staff.get(f"{where}/receipt.pdf")
    text = text_of(got.content)
    assert code in text and secret in text and "受理回執" in text and "no-store" in got.headers["cache-control"]
    other = client_of(services)
    services.desk.accounts.add("wu", "correct horse battery staple", "staff", "吳")
    sign_in(other, "wu")
    assert other.get(f"{where}/receipt.pdf").status_code == 404
    assert client_of(services).get(f"{where}/receipt.pdf").status_code == 303
