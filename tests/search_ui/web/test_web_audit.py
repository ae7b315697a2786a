"""What staff look at that readers do not see is kept in the audit log; who may read that reads it by the API."""

from __future__ import annotations

import pytest

from mappings.access import Access
from mappings.record import Copy, Record
from tests.search_ui.web import house
from tests.search_ui.web.house import Items, client_of, mint, open_house, sign_in

LEVELS = ("open", "registered", "onsite", "restricted", "closed", "internal")


def guarded(level: str) -> Record:
    copy = Copy(format="image/png", page_count=2, pages=tuple(house.page(n, "minutes") for n in (1, 2)))
    return Record(f"minutes-{level}", "Minutes", kind="digital", access=Access(level), copies=(copy,))


@pytest.fixture
def services(tmp_path, monkeypatch):
    known = house.resources()
    more = [house._resource(house._member("scans", guarded(level))) for level in LEVELS]
    monkeypatch.setattr(house, "resources", lambda: [*known, *more])
    return open_house(tmp_path, Items())


def kept(services):
    rows = services.desk.audit.rows(what="record.read", size=500).rows
    return {(row.actor, row.subject, row.detail["page"], row.detail["part"], row.detail["access"]) for row in rows}


def identifier(level: str) -> str:
    return mint("scans", f"minutes-{level}")


@pytest.mark.parametrize("level", LEVELS)
def test_staff_who_see_what_readers_do_not_are_kept(services, level):
    browser = client_of(services)
    sign_in(browser, "lin")
    address = f"/api/v1/resources/{identifier(level)}"
    for _ in range(2):
        assert browser.get(f"{address}/pages/1").status_code == 200
        assert browser.get(f"{address}/pages/2/image").status_code == 200
        assert browser.get(f"/view/{identifier(level)}?page=2").status_code == 200
        assert browser.get(f"/r/{identifier(level)}/text.txt").status_code == 200
    looked = {(1, "text"), (2, "text"), (2, "image")} if level in ("restricted", "closed", "internal") else set()
    assert kept(services) == {("lin", identifier(level), page, part, level) for page, part in looked}
    assert len(services.desk.audit.rows(what="record.read", size=500).rows) == len(looked)


@pytest.mark.parametrize("level", LEVELS)
def test_readers_are_not_watched(services, level):
    browser = client_of(services)
    sign_in(browser, "chen")
    found = browser.get(f"/api/v1/resources/{identifier(level)}/pages/1").status_code
    assert found == (200 if level in ("open", "registered") else 404)
    assert kept(services) == set()


def test_who_may_reads_the_log_by_the_api(services):
    services.desk.accounts.add("ma", house.PASSWORD, "manager")
    answers = {}
    for name in ("lin", "chen", "ma"):
        browser = client_of(services)
        sign_in(browser, name)
        answers[name] = browser.get("/api/v1/staff/audit?what=session.open")
    assert {name: answer.status_code for name, answer in answers.items()} == {"lin": 403, "chen": 403, "ma": 200}
    assert client_of(services).get("/api/v1/staff/audit").status_code == 401
    told = answers["ma"].json()
    assert [row["actor"] for row in told["rows"]] == ["ma", "chen", "lin"] and told["total"] == 3
    browser = client_of(services)
    sign_in(browser, "ma")
    assert browser.get("/api/v1/staff/audit?what=nothing").status_code == 422


def test_masthead_and_session_tell_what_a_role_opens(services):
    services.desk.accounts.add("adm", house.PASSWORD, "administrator")
    browser = client_of(services)
    sign_in(browser, "adm")
    page = browser.get("/about").text
    assert 'href="/staff-runs"' in page and 'href="/staff"' not in page and 'href="/staff-feedback"' not in page
    assert browser.get("/api/v1/session").json()["roles"] == ["administrator", "staff"]
    assert browser.get("/api/v1/staff/inbox").status_code == 403
    assert "requests.see" in browser.get("/api/v1/staff/inbox").json()["detail"]
