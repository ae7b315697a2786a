"""Feedback, drafts, the rate limit, objects: the smaller subjects of the desk."""

from __future__ import annotations

import threading

import pytest
from desk_parts import CLERK, ONCE, OTHER_READER, READER

from mappings.access import ANONYMOUS
from service_desk import codes, drafts
from service_desk.errors import Invalid, NotFound, TooMany
from service_desk.forms import FeedbackForm
from service_desk.ratelimit import RateLimit


def word(**changes):
    return FeedbackForm(**{"resource_id": "r-rail", "kind": "wrong", "query": "鐵路", "rank": 2} | changes)


def test_feedback_is_kept_with_query_rank_and_title(desk, holdings):
    number = desk.feedback.add(word(note="Not Canton"), READER)
    holdings.records.clear()
    [row] = desk.feedback.page(CLERK).rows
    assert (row.id, row.title, row.query, row.rank, row.index_version, row.account) == (
        number,
        "粵漢鐵路購地卷",
        "鐵路",
        2,
        "7",
        "wang",
    )


def test_feedback_filters_pages_and_marks(desk, clock):
    for kind in ("wrong", "relevant", "wrong"):
        clock.push(minutes=1)
        desk.feedback.add(word(kind=kind), ANONYMOUS, "visitor-1")
    desk.feedback.mark(1, "done", CLERK)
    assert [row.id for row in desk.feedback.page(CLERK).rows] == [3, 2, 1]
    assert [row.id for row in desk.feedback.page(CLERK, kind="wrong", state="new").rows] == [3]
    assert [row.id for row in desk.feedback.page(CLERK, size=1, offset=1).rows] == [2]
    assert desk.feedback.page(CLERK, resource_id="r-none").total == 0
    page = desk.feedback.page(CLERK, state="done")
    assert (page.total, page.counts, page.rows[0].marked_by) == (1, {"new": 2, "seen": 0, "done": 1}, "li")


@ONCE
@pytest.mark.parametrize("filters", [{"state": "x"}, {"kind": "x"}])
def test_unknown_feedback_filters(desk, filters):
    with pytest.raises(Invalid):
        desk.feedback.page(CLERK, **filters)


@pytest.mark.parametrize("number", [0, 99, -1, 10**40])
def test_marking_what_is_not_there(desk, number):
    with pytest.raises(NotFound):
        desk.feedback.mark(number, "seen", CLERK)


def test_feedback_on_what_must_not_be_known_is_on_what_does_not_exist(desk):
    for resource_id in ("r-none", "r-hidden"):
        with pytest.raises(NotFound, match=r"There is no such record\."):
            desk.feedback.add(word(resource_id=resource_id), READER)


def test_feedback_while_search_is_down(desk, holdings):
    holdings.down = True
    assert desk.feedback.add(word(), ANONYMOUS) == 1


def test_drafts_survive_reopening(desk, open_desk):
    desk.drafts.save("request:r-rail", {"name": "王", "rank": 3}, ANONYMOUS, "visitor-1")
    desk.close()
    assert open_desk().drafts.load("request:r-rail", ANONYMOUS, "visitor-1") == {"name": "王", "rank": 3}


def test_drafts_belong_to_their_owner(desk):
    desk.drafts.save("f", {"a": 1}, READER, "visitor-1")
    desk.drafts.save("f", {"a": 2}, ANONYMOUS, "visitor-1")
    assert desk.drafts.load("f", READER) == {"a": 1}
    assert desk.drafts.load("f", ANONYMOUS, "visitor-1") == {"a": 2}
    for viewer, visitor in ((OTHER_READER, None), (ANONYMOUS, "visitor-2"), (ANONYMOUS, None), (ANONYMOUS, "")):
        assert desk.drafts.load("f", viewer, visitor) == {}


def test_what_a_visitor_typed_is_there_after_signing_in_and_goes_with_the_form(desk):
    desk.drafts.save("f", {"a": 2}, ANONYMOUS, "visitor-1")
    assert desk.drafts.load("f", READER, "visitor-1") == {"a": 2}
    desk.drafts.delete("f", READER, "visitor-1")
    assert desk.drafts.load("f", ANONYMOUS, "visitor-1") == {}


def test_without_an_owner_nothing_is_kept(desk):
    desk.drafts.save("f", {"a": 1}, ANONYMOUS, None)
    assert desk.drafts.load("f", ANONYMOUS, None) == {}
    desk.drafts.delete("f", ANONYMOUS, None)


BAD_DRAFTS = {
    "too large": ("f", {"a": "x" * 65_536}),
    "not JSON": ("f", {"a": object()}),
    "no number": ("f", {"a": float("nan")}),
    "no form": ("", {}),
    "long form": ("f" * 201, {}),
    "odd form": ("f\0", {}),
}


@ONCE
@pytest.mark.parametrize("name", BAD_DRAFTS)
def test_drafts_that_are_refused(desk, name):
    with pytest.raises(Invalid):
        desk.drafts.save(*BAD_DRAFTS[name], READER)


def test_drafts_expire_and_are_few(desk, clock, monkeypatch):
    monkeypatch.setattr(drafts, "FORMS_PER_OWNER", 2)
    for number in range(3):
        clock.push(minutes=1)
        desk.drafts.save(f"f{number}", {"a": number}, READER)
    assert [desk.drafts.load(f"f{number}", READER) for number in range(3)] == [{}, {"a": 1}, {"a": 2}]
    clock.push(days=31)
    assert desk.drafts.load("f2", READER) == {}
    assert desk.drafts.expire() == 2


def test_sixty_calls_a_minute_and_client():
    now = [0.0]
    limit = RateLimit(now=lambda: now[0])
    for _ in range(60):
        limit.spend("a")
        now[0] += 0.5
    with pytest.raises(TooMany) as caught:
        limit.spend("a")
    assert caught.value.retry_after == 31
    limit.spend("b")
    now[0] += caught.value.retry_after
    limit.spend("a")


def test_the_rate_limit_holds_between_threads():
    limit, refused = RateLimit(calls=50, now=lambda: 0.0), []

    def call():
        for _ in range(20):
            try:
                limit.spend("a")
            except TooMany:
                refused.append(1)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 50


def test_codes():
    receipts = {codes.new_receipt() for _ in range(1000)}
    assert len(receipts) == 1000
    assert all(len(code) == 9 and code[4] == "-" and set(code) <= set(codes.ALPHABET + "-") for code in receipts)
    assert not set("01IO") & set(codes.ALPHABET) and len(codes.ALPHABET) == 32
    assert all(codes.normalise(code) == code for code in receipts)
    assert codes.normalise(secret := codes.new_secret()) == secret
    assert codes.fits(secret, codes.digest(secret)) and not codes.fits("", codes.digest(""))
