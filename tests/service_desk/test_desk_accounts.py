"""Accounts and sessions."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from desk_parts import CHEAP, CLERK, ONCE, READER

from mappings.access import Viewer
from service_desk import accounts
from service_desk.accounts import Accounts
from service_desk.database import Database, make_engine
from service_desk.errors import BadCredentials, Conflict, Invalid, TooMany, UnknownAccount
from service_desk.models import Account
from service_desk.passwords import Passwords, password_advice
from service_desk.views import RoleView


def stored_hash(database, name):
    engine = make_engine(database)
    with Database(engine).read() as session:
        found = session.get(Account, name).password_hash
    engine.dispose()
    return found


def test_sign_in_and_out(desk):
    signed_in = desk.sessions.sign_in("li", "li", "192.0.2.1")
    assert signed_in.viewer == CLERK
    assert desk.sessions.lookup(signed_in.token).account.roles == (RoleView("staff"),)
    desk.sessions.end(signed_in.token)
    assert desk.sessions.lookup(signed_in.token) is None


@pytest.mark.parametrize(
    "name, password", [("li", "wrong"), ("nobody", "li"), ("", ""), ("li\0", "li"), ("\ud800", "\ud800"), ("li", "")]
)
def test_wrong_credentials_are_all_told_alike(desk, name, password):
    with pytest.raises(BadCredentials) as caught:
        desk.sessions.sign_in(name, password)
    assert str(caught.value) == "Name and password do not fit."


def test_passwords_are_argon2id(desk, database, open_desk):
    assert stored_hash(database, "li").startswith("$argon2id$")


def test_an_old_hash_is_renewed_at_the_next_sign_in(desk, database, clock):
    engine = make_engine(database)
    dearer = Accounts(
        Database(engine), clock, Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)), desk.roles
    )
    before = stored_hash(database, "li")
    dearer.verify("li", "li")
    after = stored_hash(database, "li")
    assert before != after and "t=2" in after
    dearer.verify("li", "li")
    assert stored_hash(database, "li") == after
    engine.dispose()


def failures(desk, name, client, times):
    for _ in range(times):
        with pytest.raises(BadCredentials):
            desk.sessions.sign_in(name, "wrong", client)


def test_the_sixth_try_of_a_name_from_one_client_waits(desk, clock):
    failures(desk, "li", "192.0.2.1", 5)
    with pytest.raises(TooMany) as caught:
        desk.sessions.sign_in("li", "li", "192.0.2.1")
    assert 0 < caught.value.retry_after <= 15 * 60 + 1
    assert desk.sessions.sign_in("li", "li", "192.0.2.2"), "nobody locks others out"
    assert desk.sessions.sign_in("wang", "wang", "192.0.2.1")
    clock.push(seconds=caught.value.retry_after)
    assert desk.sessions.sign_in("li", "li", "192.0.2.1")


def test_success_forgives_failures(desk):
    for _ in range(3):
        failures(desk, "li", "192.0.2.1", 4)
        desk.sessions.sign_in("li", "li", "192.0.2.1")


def test_many_names_from_one_client_wait_too_but_successes_do_not_count(desk, monkeypatch):
    monkeypatch.setattr(accounts, "ATTEMPTS_PER_CLIENT", 3)
    for _ in range(10):
        desk.sessions.sign_in("li", "li", "192.0.2.1")
    for name in ("a", "b", "c"):
        failures(desk, name, "192.0.2.1", 1)
    with pytest.raises(TooMany):
        desk.sessions.sign_in("d", "x", "192.0.2.1")


def test_the_throttle_survives_a_restart(desk, open_desk):
    failures(desk, "li", "192.0.2.1", 5)
    with pytest.raises(TooMany):
        open_desk().sessions.sign_in("li", "li", "192.0.2.1")


def test_a_session_slides_twelve_hours_and_ends_after_seven_days(desk, clock):
    token = desk.sessions.sign_in("li", "li").token
    clock.push(hours=12)
    assert desk.sessions.lookup(token) is None

    token = desk.sessions.sign_in("li", "li").token
    for _ in range(15):
        clock.push(hours=11)
        assert desk.sessions.lookup(token)
    clock.push(hours=3)  # 15 x 11 + 3 hours are seven days
    assert desk.sessions.lookup(token) is None


def test_sessions_end_everywhere_with_a_new_password_or_a_closed_account(desk):
    endings = {
        "end_all": lambda: desk.sessions.end_all("wang"),
        "set_password": lambda: desk.accounts.set_password("wang", "wang"),
        "disable": lambda: desk.accounts.disable("wang"),
    }
    for end in endings.values():
        tokens = [desk.sessions.sign_in("wang", "wang").token for _ in range(2)]
        clerk = desk.sessions.sign_in("li", "li").token
        end()
        assert [desk.sessions.lookup(token) for token in tokens] == [None, None]
        assert desk.sessions.lookup(clerk).viewer == CLERK
    with pytest.raises(BadCredentials):
        desk.sessions.sign_in("wang", "wang")


@pytest.mark.parametrize("token", [None, "", "x", "\ud800", "A" * 100_000])
def test_odd_tokens(desk, token):
    assert desk.sessions.lookup(token) is None
    desk.sessions.end(token)


def test_form_tokens_belong_to_one_session_and_survive_a_restart(desk, open_desk):
    token = desk.sessions.form_token("session-1")
    assert desk.sessions.form_token_fits("session-1", token)
    assert open_desk().sessions.form_token_fits("session-1", token)
    for binding, given in (("session-2", token), ("session-1", ""), ("session-1", None), ("session-1", "é\ud800")):
        assert not desk.sessions.form_token_fits(binding, given)


def test_the_viewer_of_an_account(desk):
    assert desk.accounts.viewer("wang") == READER == Viewer("wang", frozenset({"reader"}))
    for name in ("nobody", "", "\ud800"):
        with pytest.raises(UnknownAccount, match="no account named"):
            desk.accounts.viewer(name)


NEW = {
    "blank name": ("", "x", "reader", "name"),
    "spaces": ("a b", "x", "reader", "name"),
    "control character": ("a\n", "x", "reader", "name"),
    "long name": ("a" * 101, "x", "reader", "name"),
    "no password": ("a", "", "reader", "password"),
    "long password": ("a", "x" * 1001, "reader", "password"),
    "unknown role": ("a", "x", "root", "role"),
}


@ONCE
@pytest.mark.parametrize("case", NEW)
def test_an_account_that_cannot_be(desk, case):
    name, password, role, field = NEW[case]
    with pytest.raises(Invalid) as caught:
        desk.accounts.add(name, password, role)
    assert [error.field for error in caught.value.errors] == [field]


def test_a_name_is_given_once(desk):
    desk.accounts.add("王", "x", "reader", "王小明")
    with pytest.raises(Conflict, match="already"):
        desk.accounts.add("王", "y", "staff")
    assert [account.name for account in desk.accounts.all()] == ["chen", "li", "wang", "zhao", "王"]


def test_advice_on_short_passwords():
    assert "short" in password_advice("1234567")
    assert password_advice("12345678") is None


def test_the_default_hasher_is_argon2ids_own():
    assert CHEAP.type == PasswordHasher().type
