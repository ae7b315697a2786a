"""The register of documents, and links to files that end."""

from __future__ import annotations

import hashlib
import threading

import msgspec
import pytest
import sqlalchemy as sa
from desk_parts import CLERK, ONCE, READER
from hypothesis import given
from hypothesis import strategies as st
from printed_parts import documents

from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant, Scope
from service_desk import codes
from service_desk.database import Database, make_engine
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.printed.codes import LENGTH, check_character, is_well_typed, new_code
from service_desk.printed.issued import Verified
from service_desk.printed.links import Linked
from service_desk.printed.tables import DocumentRevocation, FileLink, IssuedDocument

BODY = st.text(codes.ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)
PLACE = st.integers(0, LENGTH - 1)


@given(BODY, PLACE, st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_seen(body, place, char):
    code = body + check_character(body)
    assert is_well_typed(code) and is_well_typed(codes.normalise(code).lower())
    changed = code[:place] + char + code[place + 1 :]
    assert is_well_typed(changed) == (changed == code)


@given(BODY, st.integers(0, LENGTH - 2))
def test_neighbours_that_changed_places_are_seen(body, place):
    code = body + check_character(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert not is_well_typed(swapped) or swapped == code or {code[place], code[place + 1]} == {"2", "Z"}


@given(st.text(max_size=30))
def test_anything_typed_is_judged(text):
    assert is_well_typed(text) in (True, False)


def test_codes_are_new_each_time():
    made = {new_code() for _ in range(200)}
    assert len(made) == 200 and all(map(is_well_typed, made))


@pytest.fixture
def rows(database):
    engine = make_engine(database)

    def read(kind):
        with Database(engine).read() as session:
            return list(session.scalars(sa.select(kind)))

    yield read
    engine.dispose()


def certificate(mark, at):
    return msgspec.structs.replace(documents("zh-Hans")["certificate"], mark=mark, issued=at)


def issued(desk, receipt="A7K2-9QXM"):
    return desk.printing.issue("certificate", certificate, "li", receipt)


def test_a_certificate_is_printed_registered_and_verified(desk, rows, clock):
    made = issued(desk)
    assert made.mark.number == "2026-C-00001" and made.pdf.startswith(b"%PDF")
    [row] = rows(IssuedDocument)
    assert row.sha256 == made.sha256 == hashlib.sha256(made.pdf).hexdigest()
    assert made.mark.code not in repr(vars(row)), "its digest is kept, not the code"
    typed = made.mark.code.replace("-", " ").lower()
    found = desk.documents.verify(f" {made.mark.number.lower()} ", typed)
    assert (found.state, found.kind, found.issued) == ("genuine", "certificate", desk.calendar.day_of(clock.now()))
    assert desk.documents.pdf(made.mark.number) == made.pdf
    assert [each.number for each in desk.documents.of("a7k29qxm", CLERK)] == [made.mark.number]


@ONCE
def test_a_wrong_code_and_a_number_that_is_none_are_told_alike(desk):
    made, code = issued(desk), new_code()
    unknown = Verified("unknown")
    assert desk.documents.verify(made.mark.number, code) == unknown
    assert desk.documents.verify("2026-C-00099", code) == unknown
    assert desk.documents.verify("' OR 1=1 --", code) == unknown
    assert desk.documents.verify(made.mark.number, "") == Verified("mistyped")
    assert desk.documents.verify(made.mark.number, made.mark.code[:-1] + "?") == Verified("mistyped")
    assert desk.documents.verify("x" * 10_000, "y" * 10_000) == Verified("mistyped")


def test_a_revoked_document_says_so_and_nothing_is_taken_back(desk, rows, clock):
    made = issued(desk)
    clock.push(days=3)
    desk.documents.revoke(made.mark.number, "wrong person", CLERK)
    found = desk.documents.verify(made.mark.number, made.mark.code)
    assert (found.state, (found.revoked - found.issued).days) == ("revoked", 3)
    with pytest.raises(Conflict):
        desk.documents.revoke(made.mark.number, "again", CLERK)
    assert desk.documents.of("A7K2-9QXM", CLERK)[0].why == "wrong person"
    assert len(rows(DocumentRevocation)) == 1


@ONCE
def test_who_may_revoke_and_with_a_reason(desk):
    made = issued(desk)
    for nobody in (ANONYMOUS, READER, Viewer("x", frozenset({"staff"}), grants=frozenset({Grant("requests.see")}))):
        with pytest.raises(NotAllowed):
            desk.documents.revoke(made.mark.number, "x", nobody)
    with pytest.raises(Invalid):
        desk.documents.revoke(made.mark.number, " \n", CLERK)
    with pytest.raises(NotFound):
        desk.documents.revoke("2026-C-09999", "x", CLERK)
    with pytest.raises(NotAllowed):
        desk.documents.of("A7K2-9QXM", READER)


STATEMENTS = [
    f"{act} {table}"
    for table in ("issued_document", "document_revocation")
    for act in ("DELETE FROM", f"UPDATE {table} SET number = 'x' --")
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_keeps_the_register_as_it_is(desk, database, rows, statement):
    made = issued(desk)
    desk.documents.revoke(made.mark.number, "x", CLERK)
    engine = make_engine(database)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert len(rows(IssuedDocument)) == len(rows(DocumentRevocation)) == 1


def test_several_who_issue_at_once_get_a_number_each(desk):
    made, failed = [], []

    def issue():
        try:
            made.append(desk.documents.issue("report", lambda mark, at: mark.number.encode(), "li"))
        except Conflict as error:
            failed.append(error)

    threads = [threading.Thread(target=issue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and {each.mark.number for each in made} == {f"2026-R-{n:05d}" for n in range(1, 5)}


@ONCE
def test_what_cannot_be_printed_is_not_registered(desk, rows):
    def broken(mark, at):
        raise Unavailable("no font")

    with pytest.raises(Unavailable):
        desk.documents.issue("certificate", broken, "li")
    assert rows(IssuedDocument) == []


@ONCE
def test_the_audit_log_tells_who_issued_and_revoked(desk):
    made = issued(desk)
    desk.documents.revoke(made.mark.number, "wrong person", CLERK)
    told = [(row.what, row.subject) for row in desk.audit.rows().rows]
    assert ("document.issue", made.mark.number) in told and ("document.revoke", made.mark.number) in told
    assert "wrong person" not in repr([row.detail for row in desk.audit.rows().rows])


@ONCE
def test_a_document_belongs_where_its_request_belongs(desk, filed):
    made = issued(desk, filed.receipt)
    actions = ("requests.see", "requests.decide")
    for holder, inside in (("East Wing", True), ("Elsewhere", False)):
        grants = frozenset(Grant(action, Scope(holder=holder)) for action in actions)
        viewer = Viewer("li", frozenset({"staff"}), grants=grants)
        linked = Linked(filed.receipt, "answers/x", "a", "text/plain")
        calls = (
            lambda who=viewer: desk.documents.of(filed.receipt, who),
            lambda who=viewer, what=linked: desk.file_links.make(what, who, days=1, times=1),
            lambda who=viewer: desk.documents.revoke(made.mark.number, "x", who),
        )
        for call in calls:
            if inside:
                call()
            else:
                with pytest.raises(NotFound):
                    call()


# Links


@pytest.fixture
def linked(desk, tmp_path):
    desk.file_links._objects.put("answers/x", b"the bytes")
    return Linked("A7K2-9QXM", "answers/x", "答复.txt", "text/plain")


def test_a_link_is_good_so_many_times(desk, linked, rows):
    token = desk.file_links.make(linked, CLERK, days=7, times=2)
    assert desk.file_links.shown(token).left == 2 and desk.file_links.shown(token).left == 2
    assert desk.file_links.taken(token)[1] == b"the bytes"
    shown, _ = desk.file_links.taken(token)
    assert (shown.name, shown.left) == ("答复.txt", 0)
    for call in (desk.file_links.shown, desk.file_links.taken):
        with pytest.raises(NotFound):
            call(token)
    assert token not in repr([vars(row) for row in rows(FileLink)])


def test_a_link_ends_with_its_time(desk, linked, rows, clock):
    token = desk.file_links.make(linked, CLERK, days=1, times=100)
    clock.push(hours=23, minutes=59)
    assert desk.file_links.taken(token)
    clock.push(minutes=1)
    with pytest.raises(NotFound):
        desk.file_links.taken(token)
    assert desk.file_links.expire() == 1 and rows(FileLink) == []


def test_links_of_a_request_are_closed(desk, linked):
    tokens = [desk.file_links.make(linked, CLERK, days=1, times=1) for _ in range(2)]
    assert desk.file_links.close("A7K2-9QXM") == 2
    for token in tokens:
        with pytest.raises(NotFound):
            desk.file_links.shown(token)


@ONCE
@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "x" * 10_000, "\ud800"])
def test_a_token_that_is_none(desk, token):
    with pytest.raises(NotFound):
        desk.file_links.taken(token)


@ONCE
def test_who_makes_links_and_within_which_bounds(desk, linked):
    with pytest.raises(NotAllowed):
        desk.file_links.make(linked, READER, days=1, times=1)
    for days, times in ((0, 1), (91, 1), (1, 0), (1, 101)):
        with pytest.raises(Invalid):
            desk.file_links.make(linked, CLERK, days=days, times=times)


def test_of_several_who_take_the_last_one_at_once_one_gets_it(desk, linked):
    token, got = desk.file_links.make(linked, CLERK, days=1, times=3), []

    def take():
        try:
            got.append(desk.file_links.taken(token)[1])
        except NotFound:
            got.append(None)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count(b"the bytes") == 3 and got.count(None) == 5
