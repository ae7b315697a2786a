"""Persons at the window and their documents; accounts as an administrator manages them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, ONCE
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.grants import ANYWHERE, Scope
from service_desk import documents
from service_desk.database import Database, make_engine
from service_desk.documents import KINDS, Documents
from service_desk.errors import BadCredentials, Conflict, Invalid, NotFound, UnknownAccount
from service_desk.forms import DocumentForm, PersonForm
from service_desk.models import Document
from service_desk.roles import bundled
from service_desk.views import RoleView
from tests.cheap import SLOW

ID_CARD = "11010519491231002X"  # the example of GB 11643
ADMINISTRATOR = bundled().viewer("adm", [RoleView("administrator")])


def person(**changes):
    values = {"name": "陳阿婆", "contact": "0912 345 678", "kind": "cn_id", "number": ID_CARD}
    return PersonForm(**(values | changes))


def test_a_person_is_registered_found_and_seen(desk, clock):
    made = desk.people.register(person(), CLERK)
    assert (made.name, made.contact, made.by, made.account) == ("陳阿婆", "0912345678", "li", None)
    assert [(one.kind, one.last, one.checked_by) for one in made.documents] == [("cn_id", "002X", "li")]
    other = desk.people.register(PersonForm(name="陳先生"), CLERK)
    for sought in (
        made.code.lower(),
        "阿婆",
        "0912345",
        "110105 19491231 002x",
        "１１０１０５１９４９１２３１００２Ｘ",
    ):
        assert [one.code for one in desk.people.find(sought, CLERK)] == [made.code], sought
    assert [one.code for one in desk.people.find("", CLERK)] == [other.code, made.code]
    assert desk.people.find("nobody", CLERK) == [] and desk.people.find("11010519491231002", CLERK) == []
    assert desk.people.one(made.code, CLERK) == made
    told = [(row.actor, row.what, row.subject) for row in desk.audit.rows(subject=made.code).rows]
    assert told == [("li", what, made.code) for what in ("person.see", "person.check", "person.register")]


def test_the_number_of_a_document_is_not_kept(desk, database):
    desk.people.register(person(), CLERK)
    engine = make_engine(database)
    with Database(engine).read() as session:
        row = session.scalar(sa.select(Document))
        assert ID_CARD not in f"{row.digest}{row.last}" and (row.last, len(row.digest)) == ("002X", 64)
    engine.dispose()


def test_one_document_is_one_person(desk):
    first = desk.people.register(person(), CLERK)
    with pytest.raises(Conflict, match=first.code):
        desk.people.register(person(name="somebody else", number="110105 19491231 002X"), CLERK)
    other = desk.people.register(person(number="", kind=""), CLERK)
    with pytest.raises(Conflict, match=first.code):
        desk.people.check(other.code, DocumentForm(kind="cn_id", number=ID_CARD), CLERK)
    assert len(desk.people.check(first.code, DocumentForm(kind="cn_id", number=ID_CARD), CLERK).documents) == 1
    both = desk.people.check(first.code, DocumentForm(kind="passport", number="E 1234567"), CLERK)
    assert [one.kind for one in both.documents] == ["cn_id", "passport"]


@pytest.mark.parametrize("first", ["the document", "the account"])
def test_with_an_account_and_a_document_a_reader_is_verified(desk, first):
    made = desk.people.register(PersonForm(name="n"), CLERK)
    steps = [
        lambda: desk.people.check(made.code, DocumentForm(kind="passport", number="E1234567"), CLERK),
        lambda: desk.people.join(made.code, "wang", CLERK),
    ]
    one, other = steps if first == "the document" else reversed(steps)
    one()
    assert desk.accounts.viewer("wang").roles == {"reader"}
    assert other().account == "wang"
    assert desk.accounts.viewer("wang").roles == {"reader", "verified_reader"}
    assert not desk.accounts.viewer("wang").is_staff
    desk.people.check(made.code, DocumentForm(kind="other", number="A12345"), CLERK)
    [given_role] = desk.audit.rows(what="role.give", subject="wang").rows[:-1]
    assert given_role.actor == "li" and given_role.detail == {"role": "verified_reader"}


def test_a_person_has_one_account_and_an_account_one_person(desk):
    one, other = (desk.people.register(PersonForm(name=name), CLERK) for name in "ab")
    desk.people.join(one.code, "wang", CLERK)
    assert desk.people.join(one.code, "wang", CLERK).account == "wang"
    for code, account in ((one.code, "zhao"), (other.code, "wang")):
        with pytest.raises(Conflict, match="joined"):
            desk.people.join(code, account, CLERK)
    with pytest.raises(UnknownAccount):
        desk.people.join(other.code, "nobody", CLERK)


@ONCE
@pytest.mark.parametrize("code", ["", "2222-2222", "\ud800", "x" * 1_000])
def test_codes_of_nobody(desk, code):
    with pytest.raises(NotFound):
        desk.people.one(code, CLERK)


WRONG = {
    "a digit wrong": ("cn_id", "110105194912310021"),
    "another document": ("cn_id", "E1234567"),
    "too short": ("passport", "1234"),
    "too long": ("passport", "1" * 41),
    "no digit": ("passport", "ABCDEF"),
    "another script": ("other", "證件1234567"),
    "no such kind": ("library card", "123456"),
}


@pytest.mark.parametrize("case", WRONG)
def test_numbers_that_cannot_be(case):
    with pytest.raises(Invalid):
        Documents(lambda: "key").seen(*WRONG[case])


def test_a_digest_depends_on_key_kind_and_number():
    kept = {
        Documents(lambda key=key: key).seen(kind, number).digest
        for key in ("one", "two")
        for kind in ("passport", "permit", "other")
        for number in ("E1234567", "E1234568")
    }
    assert len(kept) == 12
    assert Documents(lambda: "one").seen("passport", " e12-345 67").digest in kept
    assert {seen.kind for seen in Documents(lambda: "one").possible(ID_CARD)} == set(KINDS)
    assert Documents(lambda: "one").possible("陳阿婆") == []


def test_a_digest_costs_what_it_did(monkeypatch):
    """So a stolen key and database still cost, and documents that were seen are known."""
    monkeypatch.setattr(documents, "_COST", SLOW)
    assert (SLOW["n"], SLOW["r"], SLOW["p"]) == (2**14, 8, 1)
    known = Documents(lambda: "one").seen("passport", "E1234567").digest
    assert known == "549624e764d9bf44abb0f5be947093c2e69624c333d8b74bc31eba3d5425d522"


@settings(max_examples=10)
@given(st.text(max_size=50))
def test_any_text_is_a_number_or_refused(number):
    try:
        seen = Documents(lambda: "key").seen("other", number)
    except Invalid:
        return
    assert len(seen.last) == 4 and number not in seen.digest


# Accounts managed


def test_accounts_are_found_given_roles_signed_out_and_closed(desk):
    page = desk.managing.page(ADMINISTRATOR)
    assert [account.name for account in page.rows] == ["chen", "li", "wang", "zhao"], "staff first"
    assert desk.managing.page(ADMINISTRATOR, "ZH").total == desk.managing.page(ADMINISTRATOR, "zhao").total == 1
    assert [account.name for account in desk.managing.page(ADMINISTRATOR, "staff").rows] == ["chen", "li"]
    assert [account.name for account in desk.managing.page(ADMINISTRATOR, size=2, offset=1).rows] == ["li", "wang"]
    token = desk.sessions.sign_in("wang", "wang").token
    desk.managing.give(ADMINISTRATOR, "wang", "manager", Scope(holder="East"))
    assert desk.managing.one(ADMINISTRATOR, "wang").roles[-1] == RoleView("manager", Scope(holder="East"))
    desk.managing.take_back(ADMINISTRATOR, "wang", "manager", Scope(holder="East"))
    assert desk.sessions.lookup(token) is None
    token = desk.sessions.sign_in("wang", "wang").token
    desk.managing.sign_out(ADMINISTRATOR, "wang")
    assert desk.sessions.lookup(token) is None
    desk.managing.close(ADMINISTRATOR, "wang")
    with pytest.raises(BadCredentials):
        desk.sessions.sign_in("wang", "wang")
    with pytest.raises(UnknownAccount):
        desk.managing.one(ADMINISTRATOR, "wang")
    told = [(row.actor, row.what) for row in reversed(desk.audit.rows(actor="adm").rows)]
    done = ("role.give", "session.end_all", "role.take", "session.end_all", "account.close")
    assert told == [("adm", what) for what in done]


@ONCE
def test_nobody_takes_from_themselves_what_nobody_could_give_back(desk):
    desk.accounts.add("adm", "x", "administrator")
    desk.roles.give("adm", "manager", ANYWHERE, "li")
    with pytest.raises(Conflict):
        desk.managing.take_back(ADMINISTRATOR, "adm", "administrator", ANYWHERE)
    with pytest.raises(Conflict):
        desk.managing.close(ADMINISTRATOR, "adm")
    desk.managing.take_back(ADMINISTRATOR, "adm", "manager", ANYWHERE)
    assert desk.accounts.viewer("adm").roles == {"administrator", "staff"}
