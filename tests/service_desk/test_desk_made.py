"""Copies made to order, at the desk: kept with an answer or later, taken by the night, replaced, taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import CLERK, COLLEAGUE, ONCE, OTHER_READER, READER

from mappings.access import ANONYMOUS
from mappings.grants import Scope
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.forms import AnswerForm
from service_desk.made.copies import KeepForm, TakeBackForm
from service_desk.made.views import Outcome
from service_desk.ports import Upload
from service_desk.request_types import Types
from service_desk.retention import RetentionPolicy
from service_desk.roles import bundled
from service_desk.rules import bundled_text, read
from service_desk.views import RoleView

SCAN = Upload("page 1.png", "image/png", b"\x89PNG one")
MORE = Upload("page 2.png", "image/png", b"\x89PNG two")
LETTER = Upload("letter.txt", "text/plain", b"dear reader")


def answered(desk, form, *files, viewer=READER, keep=True, **more):
    receipt = desk.filing.submit(form(**more), viewer).receipt
    desk.requests.answer(receipt, AnswerForm(text="here", keep=keep), CLERK, files)
    return receipt


def standing(desk):
    return [(one.of, [file.name for file in one.files]) for one in desk.made.standing()]


def shown(desk, copy, pages=1):
    desk.made.note(Outcome(copy.copy, file.name, pages) for file in files_of(desk, copy))


def files_of(desk, copy):
    return next(one.files for one in desk.made.standing() if one.copy == copy.copy)


def logged(desk, what):
    return [(row.subject, row.actor, row.detail) for row in desk.audit.rows(what=what).rows]


def test_kept_with_an_answer_becomes_a_digital_copy_and_is_taken_back(desk, form, clock):
    receipt = answered(desk, form, SCAN, LETTER, MORE)
    [copy] = desk.made.of_case(receipt, CLERK)
    assert (copy.resource_id, copy.title, copy.by, copy.shown) == ("r-rail", "粵漢鐵路購地卷", "li", None)
    assert [(file.number, file.name) for file in copy.files] == [(1, "page 1.png"), (3, "page 2.png")]
    assert standing(desk) == [(("list", "r-rail"), ["0001.png", "0002.png"])]
    assert desk.made.file(copy.copy, "0002.png") == MORE.data
    [(subject, actor, detail)] = logged(desk, "made.keep")
    assert (subject, actor, detail["copy"], len(detail["files"])) == (receipt, "li", copy.copy, 2)

    clock.push(hours=12)
    desk.made.note([Outcome(copy.copy, "0001.png", 3), Outcome(copy.copy, "0002.png", 0, "it is torn")])
    [copy] = desk.made.of_case(receipt, CLERK)
    assert (copy.shown, copy.pages) == (clock.now(), 3)
    assert [file.problem for file in copy.files] == [None, "it is torn"]
    day = copy.shown
    clock.push(hours=24)
    shown(desk, copy, 3)
    assert desk.made.of_case(receipt, CLERK)[0].shown == day  # each night tells it again

    assert desk.made.ended() == frozenset()
    [gone] = desk.made.take_back(receipt, TakeBackForm(kept=copy.copy, why="the wrong box"), COLLEAGUE)
    assert (gone.ended, gone.ended_by, gone.why) == (clock.now(), "chen", "the wrong box")
    assert desk.made.ended() == {copy.copy} and standing(desk) == []
    with pytest.raises(NotFound):
        desk.made.file(copy.copy, "0001.png")
    with pytest.raises(Conflict):
        desk.made.take_back(receipt, TakeBackForm(kept=copy.copy, why="again"), CLERK)
    assert logged(desk, "made.take_back") == [(receipt, "chen", {"copy": copy.copy, "record": "r-rail"})]
    again = desk.made.keep(receipt, KeepForm(files=(3, 1)), CLERK)
    assert [file.number for file in again[1].files] == [3, 1] and desk.made.ended() == {copy.copy}


def test_a_record_is_not_being_copied_any_more_once_its_copy_is_there(desk, form, holdings):
    hit = holdings.records["r-rail"]
    begun = desk.stacks.repairs.begin("copying", CLERK, hit=hit)
    desk.stacks.repairs.begin("repair", CLERK, hit=hit)
    receipt = answered(desk, form, SCAN)
    [copy] = desk.made.of_case(receipt, CLERK)
    assert desk.stacks.busy(["r-rail"])["r-rail"].kind == "in_repair"
    desk.made.note([Outcome(copy.copy, "0001.png", 0, "it is torn")])
    assert [one.number for one in desk.stacks.repairs.page(CLERK, ended=True).rows] == []
    shown(desk, copy)
    [ended] = desk.stacks.repairs.page(CLERK, ended=True).rows
    assert (ended.number, ended.kind, ended.steps[0].by) == (begun.number, "copying", "li")
    assert desk.stacks.busy(["r-rail"])["r-rail"].kind == "in_repair"  # that goes on
    again = desk.stacks.repairs.begin("copying", CLERK, hit=hit)
    shown(desk, copy)  # the next night tells it again, and another copy is being made
    assert again.number in {one.number for one in desk.stacks.repairs.page(CLERK).rows}


def test_nothing_is_kept_that_nobody_ticked(desk, form):
    receipt = answered(desk, form, SCAN, keep=False)
    assert desk.made.of_case(receipt, CLERK) == [] and standing(desk) == []


@pytest.mark.parametrize("act", ["answer_part", "make_ready"])
def test_other_acts_with_files_keep_them_too(desk, form, act):
    receipt = desk.filing.submit(form(), READER).receipt
    values = {"answer_part": {"text": "the half of it"}, "make_ready": {"how": "file"}}[act]
    case = desk.cases.act(receipt, act, {**values, "keep": True}, CLERK, files=[SCAN])
    assert not {"keep", "record", "instead_of"} & case.events[-1].payload.keys()
    assert standing(desk) == [(("list", "r-rail"), ["0001.png"])]


def test_the_same_bytes_of_a_record_are_kept_once(desk, form):
    answered(desk, form, SCAN, SCAN)
    second = answered(desk, form, SCAN, MORE, viewer=OTHER_READER)
    assert [len(one.files) for one in desk.made.standing()] == [1, 1]
    third = answered(desk, form, SCAN, viewer=OTHER_READER)
    assert desk.made.of_case(third, CLERK) == [] and len(desk.made.of_case(second, CLERK)) == 1


def test_a_better_copy_takes_the_place_of_another_once_it_is_there(desk, form):
    first, second = answered(desk, form, SCAN), answered(desk, form, MORE, keep=False, viewer=OTHER_READER)
    [dim] = desk.made.of_case(first, CLERK)
    shown(desk, dim)
    [sharp] = desk.made.keep(second, KeepForm(instead_of=dim.copy), CLERK)
    assert desk.made.ended() == frozenset() and sharp.replaces == dim.copy
    desk.made.note([Outcome(sharp.copy, "0001.png", 0, "it is torn")])
    assert desk.made.ended() == frozenset()  # the torn one is not better
    shown(desk, sharp)
    assert desk.made.ended() == {dim.copy}
    assert desk.made.of_case(first, CLERK)[0].why == "replaced by a better copy"
    [(_, actor, detail)] = logged(desk, "made.take_back")
    assert (actor, detail["copy"], detail["replaced_by"]) == ("li", dim.copy, sharp.copy)


@ONCE
def test_what_cannot_be_kept_is_refused_before_anything_is_answered(desk, form, holdings):
    receipt = desk.filing.submit(form(), READER).receipt
    for files, more in (((), {}), ((LETTER,), {}), ((SCAN,), {"record": "r-other"}), ((SCAN,), {"instead_of": "9"})):
        with pytest.raises(Invalid):
            desk.requests.answer(receipt, AnswerForm(text="x", keep=True, **more), CLERK, files)
    holdings.down = True
    with pytest.raises(Invalid, match="not in the index"):
        desk.requests.answer(receipt, AnswerForm(text="x", keep=True), CLERK, [SCAN])
    holdings.down = False
    assert desk.requests.case(receipt, CLERK).status == "accepted" and standing(desk) == []
    for number in (0, 7):
        with pytest.raises(Invalid):
            desk.made.keep(receipt, KeepForm(files=(number,)), CLERK)


@ONCE
def test_which_types_make_copies_is_a_rule(desk, form):
    receipt = answered(desk, form, SCAN, keep=False, type="query")
    assert desk.made.offered(receipt, CLERK) == ()
    with pytest.raises(Invalid):
        desk.made.keep(receipt, KeepForm(), CLERK)
    text = bundled_text(Types)
    rules = read(Types, text)
    assert rules.makes_copies("copy") and not rules.makes_copies("query") and not rules.makes_copies("no-such-type")
    told = text.replace("  query:\n", "  query:\n    makes_copies: true\n", 1)
    assert read(Types, told).makes_copies("query")


@ONCE
def test_who_may_not_decide_keeps_nothing_and_takes_nothing_back(desk, form):
    receipt = answered(desk, form, SCAN)
    [copy] = desk.made.of_case(receipt, CLERK)
    desk.accounts.add("window", "window", "window_clerk")
    desk.roles.give("window", "window_clerk", Scope(holder="West Wing"), "root")
    elsewhere = bundled().viewer("west", [RoleView("staff", Scope(holder="West Wing"))])
    calls = (
        lambda viewer: desk.made.keep(receipt, KeepForm(), viewer),
        lambda viewer: desk.made.take_back(receipt, TakeBackForm(kept=copy.copy, why="x"), viewer),
    )
    for call in calls:
        for viewer in (ANONYMOUS, READER, bundled().viewer("boss", [RoleView("administrator")])):
            with pytest.raises(NotAllowed):
                call(viewer)
        with pytest.raises(NotFound):
            call(elsewhere)
    with pytest.raises(NotFound):
        desk.made.take_back(receipt, TakeBackForm(kept="00000099", why="x"), CLERK)
    other = answered(desk, form, MORE, viewer=OTHER_READER)
    with pytest.raises(NotFound):  # a copy of another request
        desk.made.take_back(other, TakeBackForm(kept=copy.copy, why="x"), CLERK)
    assert desk.made.ended() == frozenset()


@ONCE
def test_nobody_decides_on_copies_of_their_own_work(desk, form):
    receipt = answered(desk, form, SCAN, keep=False)
    desk.cases.act(receipt, "reopen", {"text": "again"}, CLERK)
    desk.cases.act(receipt, "classify", {"about": "chen"}, CLERK)
    assert desk.made.offered(receipt, COLLEAGUE) == ()
    with pytest.raises(Invalid):
        desk.made.keep(receipt, KeepForm(), COLLEAGUE)


@ONCE
def test_a_file_that_is_lost_or_changed_is_told_of(desk, form, tmp_path):
    receipt = answered(desk, form, SCAN)
    [copy] = desk.made.of_case(receipt, CLERK)
    [file] = desk.made.standing()[0].files
    (tmp_path / "objects" / file.object_key).write_bytes(b"other")
    with pytest.raises(Unavailable, match="damaged"):
        desk.made.file(copy.copy, "0001.png")


def test_a_forgotten_request_keeps_its_copy_without_names(desk, form, clock):
    receipt = answered(desk, form, Upload("for Mr Wang.png", "image/png", b"\x89PNG wang"))
    clock.push(days=400)
    assert desk.retention.apply(RetentionPolicy(requests=365), "root").requests == 1
    [copy] = desk.made.of_case(receipt, CLERK)
    assert [file.name for file in copy.files] == ["1"]
    assert desk.made.file(copy.copy, "0001.png") == b"\x89PNG wang"
    assert isinstance(copy.at, dt.datetime)
