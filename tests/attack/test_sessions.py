"""Sessions: fixed by somebody else, stolen, kept for too long. On SQLite and on PostgreSQL, where they lie."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count

import httpx2
import pytest
from starlette.testclient import TestClient

from mappings.grants import ANYWHERE
from search_ui.services import Services
from service_desk.forms import RequestForm, parse
from service_desk.sessions import ABSOLUTE, IDLE
from tests.attack.conftest import As
from tests.attack.doors import reading
from tests.attack.house import filed, token_of
from tests.search_ui.web.house import LAND_ID, PASSWORD, Items, client_of, open_house, sign_in

PLANTED = "p" * 43
NUMBERS = count()
NEW_PASSWORD = "another long password of theirs"


class Clock:
    """Moves when pushed."""

    def __init__(self) -> None:
        self.time = dt.datetime.now(dt.UTC)

    def now(self) -> dt.datetime:
        return self.time


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Services]:
    """A house on either database."""
    server = request.getfixturevalue("_postgres") if request.param == "postgresql" else None
    if server:
        server.start()
    folder = tmp_path_factory.mktemp("sessions")
    made = open_house(folder, Items(), database=server.url("sessions") if server else "", clock=clock)
    yield made
    made.desk.close()
    if server:
        server.drop("sessions")


@pytest.fixture
def chen(house: Services) -> str:
    """The name of an account that has not been used."""
    name = f"chen-{next(NUMBERS)}"
    house.desk.accounts.add(name, PASSWORD, "reader")
    return name


def who(browser: TestClient, sid: str | None = None) -> str | None:
    """Who is signed in there, or with that session."""
    headers = {} if sid is None else {"cookie": f"sid={sid}"}
    probe = browser if sid is None else TestClient(browser.app)
    name: str | None = probe.get("/api/v1/session", headers=headers).json()["name"]
    return name


def posted(browser: TestClient, path: str, **fields: str) -> httpx2.Response:
    answer = browser.post(path, data={"csrf": token_of(browser), **fields})
    return answer


def test_a_planted_session_is_never_signed_in(house: Services, chen: str) -> None:
    """Fixation: the attacker knows the cookie that the victim's browser had before."""
    for planted in (PLANTED, "", "x" * 5000, "' OR '1'='1"):
        victim = client_of(house, sid=planted)
        token = token_of(victim)
        answer = victim.post("/login", data={"csrf": token, "name": chen, "password": PASSWORD})
        given = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        assert given not in (planted, "") and len(given) >= 43
        assert who(victim, given) == chen and who(victim, planted) is None


def test_a_session_of_the_attacker_is_not_the_victims(house: Services, chen: str) -> None:
    """The attacker's own session, planted in the victim's browser, ends where the victim signs in."""
    attacker = client_of(house)
    sign_in(attacker, chen)
    planted = attacker.cookies["sid"]
    victim = client_of(house, sid=planted)
    token = token_of(victim)
    victim.post("/login", data={"csrf": token, "name": "lin", "password": PASSWORD})
    assert who(attacker, planted) is None


def change(house: Services, browser: TestClient, chen: str, what: str) -> None:
    """One of the moments at which rights change."""
    if what == "sign-in":
        posted(browser, "/login", name=chen, password=PASSWORD)
    elif what == "sign-out":
        posted(browser, "/logout")
    elif what == "sign-out everywhere":
        posted(browser, "/account/sign-out")
    elif what == "password":
        posted(browser, "/account/password", old=PASSWORD, password=NEW_PASSWORD)
    elif what == "password by an administrator":
        house.desk.accounts.set_password(chen, NEW_PASSWORD)
    elif what == "role given":
        house.desk.roles.give(chen, "coordinator", ANYWHERE, "test")
    elif what == "role taken":
        house.desk.roles.take_back(chen, "manager", ANYWHERE, "test")
    elif what == "closed":
        house.desk.accounts.disable(chen)


CHANGES = (
    "sign-in",
    "sign-out",
    "sign-out everywhere",
    "password",
    "password by an administrator",
    "role given",
    "role taken",
    "closed",
)


@pytest.mark.parametrize("what", CHANGES)
def test_a_stolen_session_ends_whenever_rights_change(house: Services, chen: str, what: str) -> None:
    if what == "role taken":
        house.desk.roles.give(chen, "manager", ANYWHERE, "test")
    browser = client_of(house)
    sign_in(browser, chen)
    stolen = browser.cookies["sid"]
    assert who(browser, stolen) == chen
    change(house, browser, chen, what)
    assert who(browser, stolen) is None
    assert browser.cookies.get("sid") != stolen or what not in ("sign-in", "sign-out", "password")


def test_a_stolen_session_lasts_no_longer_than_is_said(house: Services, clock: Clock, chen: str) -> None:
    browser = client_of(house)
    sign_in(browser, chen)
    stolen, begun = browser.cookies["sid"], clock.time
    clock.time += IDLE + dt.timedelta(seconds=1)
    assert who(browser, stolen) is None, "idle"
    sign_in(browser, chen)
    stolen, begun = browser.cookies["sid"], clock.time
    while clock.time < begun + ABSOLUTE:
        assert who(browser, stolen) == chen
        clock.time += IDLE / 2
    assert who(browser, stolen) is None, "used all the time, and over all the same"


def test_no_session_is_in_the_database_as_it_is_in_the_cookie(house: Services, chen: str) -> None:
    from sqlalchemy import inspect, text

    browser = client_of(house)
    sign_in(browser, chen)
    with (engine := house.desk.audit._database.engine).connect() as connection:
        rows = [
            repr(row)
            for table in inspect(engine).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        ]
    assert rows and not any(browser.cookies[name] in row for row in rows for name in ("sid", "vid"))


def test_no_page_and_no_address_tells_a_session(services: Services, signed_in: As) -> None:
    browser = signed_in("coordinator")
    secrets = (browser.cookies["sid"], browser.cookies["vid"], filed(services).secret)
    for door in reading(services):
        answer = browser.get(door.address(services))
        told = answer.text + "".join(answer.headers.values())
        assert not any(secret in told for secret in secrets), door


def test_cookies_of_sessions_receipts_and_terminals_are_out_of_reach(services: Services) -> None:
    browser = client_of(services)
    browser.base_url = httpx2.URL("https://testserver")
    form = {"resource_id": LAND_ID, "type": "copy", "name": "n", "contact": "c"}
    receipt = services.desk.filing.submit(parse(RequestForm, form), services.desk.accounts.viewer("chen"))
    key = services.desk.terminals.add("Room", "test")
    answers = {
        "sid": posted(browser, "/login", name="chen", password=PASSWORD),
        "rs": posted(browser, "/s/", receipt=receipt.receipt, secret=receipt.secret),
        "tid": posted(browser, "/terminal", key=key),
    }
    for name, answer in answers.items():
        assert answer.status_code == 303, name
        [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
        assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; ")) and "Domain" not in cookie
        assert answer.headers["cache-control"] == "no-store"
    assert f"Path=/s/{receipt.receipt}" in answers["rs"].headers["set-cookie"], "sent to its own address alone"
