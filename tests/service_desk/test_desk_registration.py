"""Readers' own accounts: codes by e-mail and telephone, new passwords, lock-out, and that nobody learns who has one."""

from __future__ import annotations

import email
import re
from email.policy import default

import pytest
import sqlalchemy as sa
from desk_parts import ONCE
from hypothesis import given
from hypothesis import strategies as st

from service_desk import accounts, contacts, registration, throttle
from service_desk.database import Database, make_engine
from service_desk.errors import BadCredentials, Invalid, TooMany
from service_desk.forms import RegisterForm, parse
from service_desk.models import Contact, QueuedNotice

HERE, ELSEWHERE = "browser-1", "browser-2"
PASSWORD = "correct horse"


def wanted(contact="wang@example.org", password=PASSWORD, name="王小明", language="en"):
    return parse(RegisterForm, {"contact": contact, "password": password, "name": name, "language": language})


def messages(desk, outbox):
    """What has left, oldest first: to whom, subject, text."""
    desk.notices.deliver()
    files = sorted(outbox.glob("*.eml"))
    mails = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [(str(mail["To"]), str(mail["Subject"]), mail.get_content()) for mail in mails]


def last_code(desk, outbox):
    return re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", messages(desk, outbox)[-1][2])[0]


def registered(desk, outbox, contact="wang@example.org", form=None, between=lambda session: None):
    desk.registration.start(form or wanted(contact), HERE)
    with desk._database.write() as session:
        between(session)
    return desk.registration.finish(contact, last_code(desk, outbox), HERE)


@pytest.mark.parametrize("contact", ["wang@example.org", "+86 139-0000 1234"])
def test_an_account_by_code(desk, outbox, contact):
    assert desk.registration.start(wanted(contact), HERE) == contacts.normalised(contact)
    with pytest.raises(BadCredentials):
        desk.sessions.sign_in(contact, PASSWORD)
    [(to, _, text)] = messages(desk, outbox)
    assert to == contacts.normalised(contact) and "15 minutes" in text
    code = last_code(desk, outbox)
    account = desk.registration.finish(contact, code.lower().replace("-", " "), HERE)
    assert account.display_name == "王小明" and account.name.startswith("reader-")
    assert "wang" not in account.name and "139" not in account.name
    for name in (account.name, contact, contact.upper()):
        assert desk.sessions.sign_in(name, PASSWORD).viewer.roles == {"reader"}
    with pytest.raises(BadCredentials):
        desk.registration.finish(contact, code, HERE)
    assert desk.registration.contact_of(account.name) == contacts.normalised(contact)


def test_a_contact_with_an_account_gets_a_message_and_nobody_else_learns_it(desk, outbox):
    first = registered(desk, outbox)
    before = len(messages(desk, outbox))
    known = desk.registration.start(wanted(" WANG@example.org ", password="another password"), ELSEWHERE)
    unknown = desk.registration.start(wanted("nobody@example.org"), ELSEWHERE)
    assert (known, unknown) == ("wang@example.org", "nobody@example.org")
    told = messages(desk, outbox)[before:]
    assert told[0][1] == "You have an account already"
    assert not re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told[0][2])
    assert desk.sessions.sign_in(first.name, PASSWORD)
    with pytest.raises(BadCredentials):
        desk.sessions.sign_in(first.name, "another password")


def test_a_new_password_by_code_ends_every_session(desk, outbox):
    account = registered(desk, outbox)
    token = desk.sessions.sign_in(account.name, PASSWORD).token
    desk.registration.ask_reset("wang@example.org", HERE, "en")
    code = last_code(desk, outbox)
    assert desk.sessions.lookup(token), "asking changes nothing"
    assert desk.registration.reset("wang@example.org", code, "battery staple", HERE, "en").name == account.name
    assert desk.sessions.lookup(token) is None
    assert desk.sessions.sign_in("wang@example.org", "battery staple")
    assert messages(desk, outbox)[-1][1] == "Your password was changed"
    with pytest.raises(BadCredentials):
        desk.registration.reset("wang@example.org", code, "once more!", HERE, "en")


def test_nothing_is_sent_to_a_contact_without_an_account_that_asks_for_a_new_password(desk, outbox):
    assert desk.registration.ask_reset("nobody@example.org", HERE, "en") == "nobody@example.org"
    assert messages(desk, outbox) == []


def test_a_closed_account_gets_no_new_password(desk, outbox):
    account = registered(desk, outbox)
    desk.accounts.disable(account.name)
    before = messages(desk, outbox)
    desk.registration.ask_reset("wang@example.org", HERE, "en")
    assert messages(desk, outbox) == before


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@ONCE
def test_messages_speak_the_language_of_the_page(desk, outbox, language):
    desk.registration.start(wanted(language=language), HERE)
    told = messages(desk, outbox)[0][1]
    assert told.startswith({"en": "Your code", "zh-Hans": "您的验证码", "zh-Hant": "您的驗證碼"}[language])


CODES = {
    "wrong": lambda desk, code, clock: "2222-2222",
    "blank": lambda desk, code, clock: "",
    "odd": lambda desk, code, clock: "\ud800密",
    "long": lambda desk, code, clock: "2" * 10_000,
    "too late": lambda desk, code, clock: clock.push(minutes=15) or code,
    "of an earlier message": lambda desk, code, clock: desk.registration.start(wanted(), HERE) and code,
}


@pytest.mark.parametrize("case", CODES)
def test_codes_that_do_not_fit_are_all_told_alike(desk, outbox, clock, case):
    desk.registration.start(wanted(), HERE)
    code = CODES[case](desk, last_code(desk, outbox), clock)
    with pytest.raises(BadCredentials) as caught:
        desk.registration.finish("wang@example.org", code, HERE)
    assert str(caught.value) == registration.WRONG_CODE


@ONCE
def test_a_code_is_good_in_the_browser_it_was_asked_for_in_and_for_what_it_was_asked_for(desk, outbox):
    account = registered(desk, outbox)
    desk.registration.ask_reset("wang@example.org", HERE, "en")
    code = last_code(desk, outbox)
    with pytest.raises(BadCredentials):
        desk.registration.reset("wang@example.org", code, PASSWORD, ELSEWHERE, "en")
    with pytest.raises(BadCredentials):
        desk.registration.finish("wang@example.org", code, HERE)
    assert desk.registration.reset("wang@example.org", code, PASSWORD, HERE, "en").name == account.name


def test_a_code_is_good_for_five_tries(desk, outbox):
    desk.registration.start(wanted(), HERE)
    code = last_code(desk, outbox)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            desk.registration.finish("wang@example.org", "2222-2222", HERE)
    with pytest.raises(BadCredentials):
        desk.registration.finish("wang@example.org", code, HERE)


def test_codes_are_asked_for_so_many_times(desk, clock):
    for number in range(3):
        desk.registration.ask_reset("wang@example.org", f"b{number}", "en", "192.0.2.1")
    with pytest.raises(TooMany):
        desk.registration.ask_reset("wang@example.org", HERE, "en", "192.0.2.1")
    desk.registration.ask_reset("wang@example.org", HERE, "en", "192.0.2.2")
    clock.push(minutes=15)
    desk.registration.ask_reset("wang@example.org", HERE, "en", "192.0.2.1")


@ONCE
def test_one_client_asks_and_guesses_so_many_times(desk, monkeypatch):
    monkeypatch.setattr(registration, "CODES_PER_CLIENT", 2)
    monkeypatch.setattr(registration, "GUESSES_PER_CLIENT", 2)
    for name in "ab":
        desk.registration.ask_reset(f"{name}@example.org", HERE, "en", "192.0.2.1")
        with pytest.raises(BadCredentials):
            desk.registration.finish("a@example.org", "x", HERE, "192.0.2.1")
    with pytest.raises(TooMany):
        desk.registration.ask_reset("c@example.org", HERE, "en", "192.0.2.1")
    with pytest.raises(TooMany):
        desk.registration.finish("a@example.org", "x", HERE, "192.0.2.1")


def test_no_code_and_no_contact_is_kept_of_a_message_that_has_left(desk, outbox, database):
    registered(desk, outbox)
    engine = make_engine(database)
    with Database(engine).read() as session:
        [notice] = session.scalars(sa.select(QueuedNotice))
        assert (notice.recipient, notice.subject, notice.body) == ("", "", "") and notice.sent
        assert session.scalar(sa.select(Contact.value)) == "wang@example.org"
    engine.dispose()


def test_codes_nobody_typed_are_forgotten(desk, clock):
    desk.registration.start(wanted(), HERE)
    assert desk.registration.expire() == 0
    clock.push(minutes=15)
    assert (desk.registration.expire(), desk.registration.expire()) == (1, 0)


WRONG = {
    "no contact": ({"contact": "wang"}, "contact"),
    "two addresses": ({"contact": "a@b.org, c@d.org"}, "contact"),
    "a short password": ({"password": "1234567"}, "password"),
    "a long password": ({"password": "x" * 1_001}, "password"),
    "no name": ({"name": " "}, "name"),
}


@ONCE
@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_by_field(desk, case):
    changes, field = WRONG[case]
    with pytest.raises(Invalid) as caught:
        desk.registration.start(wanted(**changes), HERE)
    assert [error.field for error in caught.value.errors] == [field]


# Lock-out


def failures(desk, name, times, client="192.0.2.{}", visitor=None):
    for number in range(times):
        with pytest.raises(BadCredentials):
            desk.sessions.sign_in(name, "wrong", client.format(number), visitor)


@ONCE
def test_many_clients_guess_so_often_and_do_not_lock_the_owner_out(desk, monkeypatch, clock):
    monkeypatch.setattr(accounts, "ATTEMPTS_PER_NAME", 10)
    desk.sessions.sign_in("wang", "wang", "198.51.100.1", HERE)
    failures(desk, "wang", 10)
    with pytest.raises(TooMany):
        desk.sessions.sign_in("wang", "wang", "198.51.100.2", ELSEWHERE)
    for _ in range(3):
        assert desk.sessions.sign_in("wang", "wang", "198.51.100.1", HERE), "a browser that signed in before"
    assert desk.sessions.sign_in("zhao", "zhao", "198.51.100.2", ELSEWHERE), "other names go on"
    clock.push(minutes=15)
    assert desk.sessions.sign_in("wang", "wang", "198.51.100.2", ELSEWHERE)


@ONCE
def test_a_familiar_browser_guesses_no_more_than_others(desk):
    desk.sessions.sign_in("wang", "wang", "198.51.100.1", HERE)
    failures(desk, "wang", 5, "198.51.100.1", HERE)
    with pytest.raises(TooMany):
        desk.sessions.sign_in("wang", "wang", "198.51.100.1", HERE)


@ONCE
def test_a_browser_is_familiar_for_ninety_days(desk, monkeypatch, clock):
    monkeypatch.setattr(accounts, "ATTEMPTS_PER_NAME", 3)
    desk.sessions.sign_in("wang", "wang", "198.51.100.1", HERE)
    clock.push(days=90)
    failures(desk, "wang", 3)
    with pytest.raises(TooMany):
        desk.sessions.sign_in("wang", "wang", "198.51.100.1", HERE)


@ONCE
def test_name_and_contact_are_counted_as_one(desk, outbox):
    account = registered(desk, outbox)
    failures(desk, account.name, 3, "192.0.2.1")
    failures(desk, "wang@example.org", 2, "192.0.2.1")
    with pytest.raises(TooMany):
        desk.sessions.sign_in("wang@example.org", PASSWORD, "192.0.2.1")


def test_a_password_is_changed_by_who_knows_the_old_one(desk):
    token = desk.sessions.sign_in("wang", "wang").token
    with pytest.raises(BadCredentials):
        desk.accounts.change_password("wang", "wrong", "battery staple")
    with pytest.raises(Invalid):
        desk.accounts.change_password("wang", "wang", "short")
    assert desk.sessions.lookup(token)
    desk.accounts.change_password("wang", "wang", "battery staple")
    assert desk.sessions.lookup(token) is None and desk.sessions.sign_in("wang", "battery staple")


# Contacts

WRITTEN = {
    "Wang@Example.ORG": "wang@example.org",
    " wang@example.org\n": "wang@example.org",
    "ｗａｎｇ＠example.org": "wang@example.org",
    "139 0000-1234": "13900001234",
    "＋86（139）0000．1234": "+861390000" + "1234",
}


@pytest.mark.parametrize("typed", WRITTEN)
def test_a_contact_is_written_in_one_way(typed):
    assert contacts.normalised(typed) == WRITTEN[typed]


@pytest.mark.parametrize("typed", ["", "wang", "@", "a@b", "12345", "1" * 16, "a b@c.org", "\ud800", "1234567x"])
def test_what_is_no_contact(typed):
    with pytest.raises(Invalid):
        contacts.normalised(typed)


@given(st.text(max_size=40))
def test_a_contact_once_written_stays_so(typed):
    try:
        once = contacts.normalised(typed)
    except Invalid:
        return
    assert contacts.normalised(once) == once
    assert throttle.key(once) == throttle.key(contacts.normalised(once))
    assert once not in contacts.shown(once)
