"""The story of a request, from both sides of the window."""

from __future__ import annotations

import msgspec
import pytest
from desk_parts import CLERK, COLLEAGUE, ONCE, READER, START

from mappings.access import ANONYMOUS
from service_desk import codes
from service_desk.errors import Conflict, Invalid, NotFound, Unavailable
from service_desk.forms import AnswerForm, MessageForm, OpenRequestForm, RefusalForm, parse
from service_desk.ports import Upload

HOSTILE = "<script>alert(1)</script> [x](javascript:x) $1^2$ :red[y] {{7*7}} ' OR 1=1 -- \\ %s 𠮷"


def test_filed_taken_answered_and_read(desk, filed, clock):
    taken = desk.requests.take(filed.receipt, CLERK)
    clock.push(hours=2)
    scan = Upload("C:\\scans\\214.tif", "image/tiff", b"II*\0")
    desk.requests.answer(filed.receipt, AnswerForm(text="Here it is."), CLERK, [scan], seen=taken.version)

    status = desk.requests.status(filed.receipt, secret=filed.secret)
    assert status.status == "delivered"
    assert [(event.what, event.text) for event in status.events] == [
        ("submitted", "第214頁"),
        ("accepted", ""),
        ("taken", ""),
        ("answered", "Here it is."),
    ]
    assert status.events[-1].at == clock.now()
    view, data = desk.requests.file(filed.receipt, 1, secret=filed.secret)
    assert (view.name, view.media_type, data) == ("214.tif", "image/tiff", b"II*\0")


@ONCE
def test_the_json_of_a_status_has_the_contracts_shape(desk, filed):
    told = msgspec.json.decode(msgspec.json.encode(desk.requests.status(filed.receipt, secret=filed.secret)))
    assert told.keys() >= {"receipt", "status", "type", "resource", "events", "files"}
    assert told["resource"] == {"id": "r-rail", "title": "粵漢鐵路購地卷", "reference_code": "J12-3-45"}
    assert told["events"][0] == {"at": "2026-03-02T01:00:00Z", "what": "submitted", "text": "第214頁", "details": {}}


def test_the_hit_is_frozen_with_how_it_was_found(desk, filed, holdings):
    holdings.records.clear()
    hit = desk.requests.case(filed.receipt, CLERK).hit
    assert (hit.title, hit.query, hit.rank, hit.access, hit.readable, hit.index_version) == (
        "粵漢鐵路購地卷",
        "鐵路",
        3,
        "open",
        True,
        7,
    )


def test_refused_with_an_alternative(desk, filed):
    refusal = RefusalForm(reason="Closed until 2031.", alternative="The printed inventory is open.")
    desk.requests.refuse(filed.receipt, refusal, CLERK)
    status = desk.requests.status(filed.receipt, secret=filed.secret)
    assert (status.status, status.events[-1].text) == ("refused", "Closed until 2031.")
    assert status.alternative == "The printed inventory is open."


def test_messages_pass_both_ways_and_notes_stay_inside(desk, filed):
    desk.requests.write(filed.receipt, MessageForm(text="Only the map."), secret=filed.secret)
    desk.requests.tell(filed.receipt, MessageForm(text="It is in repair."), CLERK)
    desk.requests.note(filed.receipt, MessageForm(text="difficult reader"), CLERK)
    told = desk.requests.status(filed.receipt, secret=filed.secret)
    assert [(event.what, event.text) for event in told.events][2:] == [
        ("message", "Only the map."),
        ("notice", "It is in repair."),
    ]
    assert b"difficult" not in msgspec.json.encode(told)
    assert desk.requests.case(filed.receipt, CLERK).events[-1].text == "difficult reader"


@ONCE
def test_no_clerk_is_named_to_the_reader(desk, filed):
    desk.requests.take(filed.receipt, CLERK)
    desk.requests.release(filed.receipt, COLLEAGUE)
    desk.requests.refuse(filed.receipt, RefusalForm(reason="no", alternative="y"), COLLEAGUE)
    told = msgspec.json.encode(desk.requests.status(filed.receipt, secret=filed.secret))
    assert b'"li"' not in told and b"chen" not in told


@ONCE
@pytest.mark.parametrize("action", ["take", "answer", "refuse", "release", "tell", "write", "withdraw"])
def test_a_closed_request_stays_closed(desk, filed, action):
    desk.requests.withdraw(filed.receipt, secret=filed.secret)
    acts = {
        "take": lambda: desk.requests.take(filed.receipt, CLERK),
        "release": lambda: desk.requests.release(filed.receipt, CLERK),
        "answer": lambda: desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK),
        "refuse": lambda: desk.requests.refuse(filed.receipt, RefusalForm(reason="x", alternative="y"), CLERK),
        "tell": lambda: desk.requests.tell(filed.receipt, MessageForm(text="x"), CLERK),
        "write": lambda: desk.requests.write(filed.receipt, MessageForm(text="x"), secret=filed.secret),
        "withdraw": lambda: desk.requests.withdraw(filed.receipt, secret=filed.secret),
    }
    with pytest.raises(Conflict):
        acts[action]()
    assert desk.requests.status(filed.receipt, secret=filed.secret).status == "withdrawn"


def test_an_unknown_resource_and_one_that_must_not_be_known_are_alike(desk, form):
    told = []
    for resource_id in ("r-none", "r-hidden"):
        with pytest.raises(NotFound) as caught:
            desk.filing.submit(form(resource_id=resource_id), READER)
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert desk.filing.submit(form(resource_id="r-hidden"), CLERK).status == "accepted"


def test_requests_are_taken_while_search_is_down_and_filled_in_later(desk, form, holdings):
    holdings.down = True
    filed = desk.filing.submit(form(), ANONYMOUS)
    desk.tidy()
    hit = desk.requests.case(filed.receipt, CLERK).hit
    assert (hit.id, hit.title, hit.checked) == ("r-rail", "r-rail", False)
    holdings.down = False
    desk.tidy()
    hit = desk.requests.case(filed.receipt, CLERK).hit
    assert (hit.title, hit.query, hit.checked) == ("粵漢鐵路購地卷", "鐵路", True)


def test_catching_up_does_not_tell_what_must_not_be_known(desk, form, holdings):
    holdings.down = True
    filed = desk.filing.submit(form(resource_id="r-hidden"), ANONYMOUS)
    holdings.down = False
    assert desk.requests.catch_up() == 0
    assert desk.requests.status(filed.receipt, secret=filed.secret).resource.title == "r-hidden"


def test_a_request_without_a_hit(desk):
    asked = parse(OpenRequestForm, {"type": "question", "name": "A", "contact": "1", "note": "Where are the maps?"})
    filed = desk.filing.submit(asked, ANONYMOUS)
    assert desk.requests.status(filed.receipt, secret=filed.secret).resource is None
    assert desk.inbox.page(CLERK).rows[0].title == ""


def test_a_reader_finds_their_own(desk, form, clock):
    first = desk.filing.submit(form(), READER, "shared-machine")
    clock.push(days=1)
    second = desk.filing.submit(form(), READER, "shared-machine")
    here = desk.filing.submit(form(), ANONYMOUS, "shared-machine")
    assert [each.receipt for each in desk.requests.mine(READER)] == [second.receipt, first.receipt]
    assert [each.receipt for each in desk.requests.mine(ANONYMOUS, "shared-machine")] == [here.receipt]
    assert desk.requests.mine(ANONYMOUS) == desk.requests.mine(ANONYMOUS, "") == []


@ONCE
@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"])
def test_codes_may_be_typed_carelessly(desk, filed, typed):
    def careless(code):
        wide = "".join(chr(ord(char) + 0xFEE0) if char != "-" else "－" for char in code)
        return typed.format(code, code.lower().replace("-", ""), wide)

    assert desk.requests.status(careless(filed.receipt), secret=careless(filed.secret)).receipt == filed.receipt


def test_an_answer_needs_text_or_a_file(desk, filed):
    with pytest.raises(Invalid) as caught:
        desk.requests.answer(filed.receipt, AnswerForm(), CLERK)
    assert caught.value.errors[0].field == "text"
    assert desk.requests.answer(filed.receipt, AnswerForm(), CLERK, [Upload("a", "x/y", b"1")]).status == "delivered"


BAD_FILES = {
    "empty": [Upload("a.pdf", "application/pdf", b"")],
    "too many": [Upload("a.pdf", "application/pdf", b"x")] * 21,
}


@ONCE
@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused_and_nothing_is_kept(desk, filed, name, tmp_path):
    with pytest.raises(Invalid):
        desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK, BAD_FILES[name])
    assert desk.requests.case(filed.receipt, CLERK).status == "accepted"
    assert not (tmp_path / "objects").exists()


FILE_NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\x\\報告.pdf": "報告.pdf",
    "a\r\nSet-Cookie: x": "a Set-Cookie: x",
    "..": "file",
    "": "file",
    "\u202egpj.exe": "gpj.exe",
}


@ONCE
@pytest.mark.parametrize("given", FILE_NAMES)
def test_file_names_are_names(desk, filed, given):
    case = desk.requests.answer(filed.receipt, AnswerForm(), CLERK, [Upload(given, "text/html\r\nx: y", b"x")])
    assert (case.files[0].name, case.files[0].media_type) == (FILE_NAMES[given], "application/octet-stream")


def test_a_file_changed_in_the_store_is_not_handed_out(desk, filed, tmp_path):
    desk.requests.answer(filed.receipt, AnswerForm(), CLERK, [Upload("a", "x/y", b"true")])
    [stored] = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    stored.write_bytes(b"false")
    with pytest.raises(Unavailable, match="damaged"):
        desk.requests.file(filed.receipt, 1, secret=filed.secret)
    stored.unlink()
    with pytest.raises(Unavailable, match="not in the object store"):
        desk.requests.file(filed.receipt, 1, secret=filed.secret)


@ONCE
@pytest.mark.parametrize("number", [0, 2, -1, 10**40])
def test_no_such_file(desk, filed, number):
    with pytest.raises(NotFound):
        desk.requests.file(filed.receipt, number, secret=filed.secret)


def test_hostile_text_stays_as_it_is(desk, form):
    filed = desk.filing.submit(form(note=HOSTILE, name=HOSTILE, query=HOSTILE), ANONYMOUS)
    case = desk.requests.case(filed.receipt, CLERK)
    assert case.note == case.name == case.hit.query == HOSTILE
    assert desk.inbox.page(CLERK, find=HOSTILE).total == 1


def test_a_receipt_code_in_use_is_not_given_out_again(desk, filed, form, monkeypatch):
    offered = iter([filed.receipt, "AAAA-2222"])
    monkeypatch.setattr(codes, "new_receipt", lambda: next(offered))
    assert desk.filing.submit(form(), ANONYMOUS).receipt == "AAAA-2222"


def test_the_promise_explains_itself(desk, filed):
    promise = desk.requests.status(filed.receipt, secret=filed.secret).promise
    assert (promise.start, promise.days, promise.due) == (START.date(), 5, filed.due)
