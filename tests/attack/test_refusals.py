"""The audit log sees attacks: what an account was refused, what staff took away and saw more of. Nobody fills it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mappings.access import Viewer
from search_ui.services import Services
from service_desk.audit import REFUSALS_AN_HOUR
from service_desk.errors import Unavailable
from tests.attack.house import CLOSED_TEXT_ID, INTERNAL_ID, MARK, SCOPED, filed, furnished
from tests.search_ui.web.house import LAND_ID, client_of, sign_in


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = furnished(tmp_path_factory.mktemp("refusals"))
    yield made
    made.desk.close()


def kept(services: Services, what: str, actor: str | None = None) -> list[tuple[str | None, str]]:
    rows = services.desk.audit.rows(what=what, actor=actor, size=500).rows
    return [(row.actor, row.subject) for row in reversed(rows)]


def test_what_an_account_is_refused_is_kept_once(house: Services) -> None:
    reader, clerk, administrator = client_of(house), client_of(house), client_of(house)
    for browser, name in ((reader, "reader"), (clerk, SCOPED), (administrator, "administrator")):
        sign_in(browser, name)
    receipt = filed(house).receipt
    for _ in range(3):
        assert reader.get("/api/v1/staff/inbox").status_code == 403
        assert reader.get("/accounts").status_code == 404
        assert clerk.get(f"/api/v1/staff/requests/{receipt}").status_code == 404
        assert clerk.get("/api/v1/staff/requests/2222-2222").status_code == 404
        assert administrator.get(f"/r/{INTERNAL_ID}").status_code == 404
        assert administrator.get("/r/r-0000000000000000").status_code == 404
        assert administrator.get(f"/s/{receipt}/files/1").status_code == 404
    assert kept(house, "access.refused", "reader") == [("reader", "/api/v1/staff/inbox"), ("reader", "/accounts")]
    assert kept(house, "access.refused", SCOPED) == [(SCOPED, receipt), (SCOPED, "2222-2222")], (
        "both, so as not to tell"
    )
    assert kept(house, "access.refused", "administrator") == [
        ("administrator", INTERNAL_ID),
        ("administrator", receipt),
    ]
    assert house.desk.audit.verify().broken is None


def test_nobody_fills_the_log(house: Services) -> None:
    browser = client_of(house)
    sign_in(browser, "manager")
    for number in range(REFUSALS_AN_HOUR + 20):
        browser.get(f"/accounts/{number}")
    assert len(kept(house, "access.refused", "manager")) == REFUSALS_AN_HOUR
    stranger = client_of(house)
    before = house.desk.audit.rows().total
    for number in range(20):
        stranger.get(f"/accounts/{number}")
        stranger.get("/api/v1/staff/inbox")
        stranger.get(f"/s/2222-22{number:02}")
    assert house.desk.audit.rows().total == before, "who is not signed in leaves no row"


def test_what_staff_see_that_readers_do_not_is_kept(house: Services) -> None:
    browser, reader = client_of(house), client_of(house)
    sign_in(browser, "coordinator")
    sign_in(reader, "chen")
    for _ in range(2):
        for one in (browser, reader):
            one.get(f"/r/{INTERNAL_ID}")
            one.get(f"/api/v1/resources/{CLOSED_TEXT_ID}")
            one.get(f"/r/{LAND_ID}")
            one.get(f"/api/v1/search?q={MARK}")
            one.get("/api/v1/themes/land/data.csv")
            one.get("/api/v1/themes/land/pack.zip")
    seen = kept(house, "record.see", "coordinator")
    assert {subject for _, subject in seen} >= {INTERNAL_ID, CLOSED_TEXT_ID, LAND_ID}
    assert len(seen) == len(set(seen)), "each once"
    [row] = house.desk.audit.rows(what="record.found").rows
    assert set(row.detail["records"]) == {INTERNAL_ID, CLOSED_TEXT_ID}
    taken = kept(house, "data.export")
    assert taken == [("coordinator", "land/data.csv"), ("coordinator", "land/pack.zip")]
    assert [each for what in ("record.see", "record.found", "data.export") for each in kept(house, what, "chen")] == []


def test_a_refusal_is_one_whether_the_log_answers_or_not(house: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise Unavailable("The desk does not answer now.")

    monkeypatch.setattr(house.desk.audit._database, "write", down)
    house.desk.audit.refused(Viewer("lin"), "screen", "/elsewhere")
    with pytest.raises(Unavailable):
        house.desk.audit.found(Viewer("lin"), "record.found", ["r-1"])
