"""On the page of a request: the seat that can be booked for it, and what is lent, renewed from there."""

from __future__ import annotations

from search_ui import paths
from search_ui.services import Services
from service_desk.forms import RequestForm, parse
from service_desk.ports import FrozenHit
from tests.search_ui.web.house import LAND_ID, client_of, sign_in, token_in


def test_a_loan_is_seen_and_renewed_by_its_reader_only(services: Services) -> None:
    desk = services.desk
    reader, clerk = desk.accounts.viewer("chen"), desk.accounts.viewer("lin")
    values = {"resource_id": LAND_ID, "type": "consult", "name": "n", "contact": "a@example.org", "note": "by hand"}
    receipt = desk.filing.submit(parse(RequestForm, values), reader).receipt
    desk.cases.act(receipt, "classify", {"type": "borrow"}, clerk)
    loan = desk.stacks.loans.lend(receipt, FrozenHit("r-lent", "Lent"), "office", clerk)
    address = f"{paths.receipt(receipt)}/loans/{loan.voucher}/renew"
    browser, stranger = client_of(services), client_of(services)
    sign_in(browser, "chen")
    shown = browser.get(f"{paths.receipt(receipt)}?lang=en").text
    assert address in shown and "Bring it back by" in shown
    assert stranger.post(address, data={"csrf": token_in(stranger.get("/reset").text)}).status_code == 404
    elsewhere = address.replace(loan.voucher, "J1999-00001")
    assert browser.post(elsewhere, data={"csrf": token_in(shown)}).status_code == 404
    answer = browser.post(address, data={"csrf": token_in(shown)})
    assert answer.status_code == 303 and "Renewed." in browser.get(answer.headers["location"].partition("#")[0]).text
    [now] = desk.stacks.loans.of_request(receipt, reader)
    assert now.renewals == 1 and now.due > loan.due


def test_a_seat_is_offered_for_what_is_read_here(services: Services) -> None:
    desk = services.desk
    reader, browser = desk.accounts.viewer("chen"), client_of(services)
    values = {"resource_id": LAND_ID, "name": "n", "contact": "a@example.org", "note": "by hand"}
    consult, copy = (
        desk.filing.submit(parse(RequestForm, values | {"type": kind}), reader).receipt for kind in ("consult", "copy")
    )
    sign_in(browser, "chen")
    assert paths.seats(consult) in browser.get(paths.receipt(consult)).text
    assert paths.seats(copy) not in browser.get(paths.receipt(copy)).text
