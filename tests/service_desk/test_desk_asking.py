"""A form that is sent twice files one request; drafts, the basket, and the privacy notice, on both databases."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from desk_parts import CLERK, NOTICE, ONCE, READER, START

from mappings.access import ANONYMOUS
from service_desk import codes, rules, sent
from service_desk.attachments import Supplied
from service_desk.errors import Conflict, Invalid, NotFound
from service_desk.forms import BASKET, KeyedForm, OpenRequestForm, RequestForm
from service_desk.ports import FrozenHit, Upload
from service_desk.privacy import Privacy

VISITOR = "v" * 32
FORM = RequestForm(type="copy", name="王", contact="wang@example.org", resource_id="r-rail")
KEYED = FORM.model_copy(update={"consent": NOTICE})
PICTURE = Supplied(Upload("a.png", "image/png", b"\x89PNG\r\n\x1a\n"), "identity_document")


def test_a_form_sent_twice_at_once_files_one_request(desk):
    number, together = sent.new_number(), Barrier(4)

    def send(_):
        together.wait()
        once = sent.once(number, ANONYMOUS, VISITOR, FORM, [PICTURE])
        return desk.filing.submit(FORM, ANONYMOUS, VISITOR, [PICTURE], once=once)

    with ThreadPoolExecutor(4) as threads:
        receipts = list(threads.map(send, range(4)))
    assert len({(one.receipt, one.secret) for one in receipts}) == 1
    assert len(desk.requests.mine(ANONYMOUS, VISITOR)) == 1
    assert desk.requests.status(receipts[0].receipt, secret=receipts[0].secret).receipt == receipts[0].receipt


def test_staff_key_the_same_form_in_once(desk):
    number = sent.new_number()
    once = sent.once(number, CLERK, None, KEYED)
    first, second = (desk.filing.key_in(KEYED, KeyedForm(consent_way="paper"), CLERK, once=once) for _ in range(2))
    assert first == second
    assert desk.filing.told(once) == first


@ONCE
def test_the_secret_is_told_for_some_minutes_to_whom_it_was_told(desk, clock):
    once = sent.once(sent.new_number(), ANONYMOUS, VISITOR)
    receipt = desk.filing.submit(FORM, ANONYMOUS, VISITOR, once=once)
    assert desk.filing.told(once) == receipt
    for other in (sent.once(once.number, ANONYMOUS, "w" * 32), sent.once(sent.new_number(), ANONYMOUS, VISITOR)):
        with pytest.raises(NotFound):
            desk.filing.told(other)
    clock.push(minutes=11)
    with pytest.raises(NotFound):
        desk.filing.told(once)
    assert desk.filing.submit(FORM, ANONYMOUS, VISITOR, once=once).receipt == receipt.receipt, "still the same form"


@ONCE
def test_a_form_with_something_else_in_it_is_not_swallowed(desk):
    number = sent.new_number()
    receipt = desk.filing.submit(FORM, READER, once=sent.once(number, READER, None, FORM))
    other = FORM.model_copy(update={"note": "page 3"})
    with pytest.raises(sent.AlreadySent) as caught:
        desk.filing.submit(other, READER, once=sent.once(number, READER, None, other))
    assert caught.value.receipt == receipt.receipt
    with pytest.raises(sent.AlreadySent):
        desk.filing.submit(FORM, READER, [PICTURE], once=sent.once(number, READER, None, FORM, [PICTURE]))


@ONCE
def test_a_form_that_was_refused_can_be_sent_again(desk):
    number = sent.new_number()
    wrong = FORM.model_copy(update={"type": "emergency"})
    with pytest.raises(Invalid):
        desk.filing.submit(wrong, READER, once=sent.once(number, READER, None, wrong))
    assert desk.filing.submit(FORM, READER, once=sent.once(number, READER, None, FORM)).receipt


def test_numbers_of_ours_only_count():
    assert sent.once("short", READER, None) is None
    assert sent.once(sent.new_number(), ANONYMOUS, None) is None


def test_a_secret_of_a_seed_is_like_any_other():
    secret = codes.derived_secret(bytes(range(32)))
    assert codes.normalise(secret) == secret
    assert len(secret) == len(codes.new_secret())
    assert secret != codes.derived_secret(bytes(range(1, 33)))


@ONCE
def test_a_list_for_each_relation(desk):
    form = FORM.model_copy(update={"type": "certificate"})
    lists = desk.filing.checklists(form, READER)
    assert lists["heir"] == {"identity_document": "missing", "proof_of_relation": "missing"}
    assert lists[""] == desk.filing.checklist(form, READER) == {"identity_document": "missing"}


# Drafts


def test_drafts_are_listed_by_form_the_last_changed_first(desk, clock):
    for form in ("request:", "request:r-rail", "basket"):
        desk.drafts.save(form, {"note": form}, READER)
        clock.push(minutes=1)
    desk.drafts.save("request:", {"note": "typed before signing in"}, ANONYMOUS, VISITOR)
    listed = desk.drafts.all("request:", READER, VISITOR)
    assert [(one.form, one.body["note"]) for one in listed] == [
        ("request:r-rail", "request:r-rail"),
        ("request:", "request:"),
    ]
    assert desk.drafts.one("request:", READER).updated == START
    clock.push(days=31)
    assert desk.drafts.all("request:", READER, VISITOR) == []


def test_what_two_change_at_once_is_not_lost(desk):
    together = Barrier(4)

    def collect(number):
        together.wait()
        desk.drafts.change("list", lambda body: {"all": [*body.get("all", []), number]}, READER)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(collect, range(4)))
    assert sorted(desk.drafts.load("list", READER)["all"]) == [0, 1, 2, 3]


# The basket


@ONCE
def test_what_is_collected_is_what_its_reader_may_know(desk, holdings):
    assert desk.basket.add("r-rail", ANONYMOUS, VISITOR) == 1
    assert desk.basket.add("r-rail", ANONYMOUS, VISITOR) == 1
    for unknown in ("r-hidden", "r-none", ""):
        with pytest.raises(NotFound):
            desk.basket.add(unknown, ANONYMOUS, VISITOR)
    assert desk.basket.ids(ANONYMOUS, "w" * 32) == ()
    assert [hit.title for hit in desk.basket.hits(ANONYMOUS, VISITOR)] == ["粵漢鐵路購地卷"]
    del holdings.records["r-rail"]
    assert desk.basket.hits(ANONYMOUS, VISITOR) == ()
    desk.basket.remove(["r-rail"], ANONYMOUS, VISITOR)
    assert desk.basket.ids(ANONYMOUS, VISITOR) == ()


@ONCE
def test_a_basket_has_an_end(desk, holdings):
    for number in range(BASKET + 1):
        holdings.records[f"r-{number}"] = FrozenHit(f"r-{number}", "x")
    for number in range(BASKET):
        desk.basket.add(f"r-{number}", READER)
    with pytest.raises(Conflict):
        desk.basket.add(f"r-{BASKET}", READER)
    desk.basket.clear(READER)
    assert desk.basket.ids(READER) == ()


# The notice


@ONCE
def test_a_request_says_which_notice_was_agreed_to(desk):
    before = desk.rules.now(Privacy)
    text = rules.bundled_text(Privacy).replace("Nobody else;", "Nobody;")
    desk.rules.bring_into_force(Privacy, text, "house")
    after = desk.rules.now(Privacy)
    assert before.version == after.version and before.mark != after.mark
    assert len(after.mark) <= 64
    form = OpenRequestForm(type="question", name="w", contact="c", note="n", consent=after.mark)
    assert form.consent == after.mark


def test_every_part_of_the_notice_speaks_three_languages():
    notice = rules.read(Privacy, rules.bundled_text(Privacy))
    for title in (notice.short, *(said.heading for said in notice.parts), *(said.text for said in notice.parts)):
        assert len({title.in_language(language) for language in ("en", "zh-Hans", "zh-Hant")}) > 1


@ONCE
def test_what_came_on_paper_counts_from_when_it_came(desk, clock):
    came = START - dt.timedelta(days=3)
    receipt = desk.filing.key_in(KEYED, KeyedForm(channel="post", received=came, consent_way="letter"), CLERK)
    case = desk.requests.case(receipt.receipt, CLERK)
    assert (case.channel, case.promise.start) == ("post", dt.date(2026, 2, 27))
    assert (case.submitted, case.events[0].at) == (came, START)
    assert desk.requests.status(receipt.receipt, ANONYMOUS, secret=receipt.secret).submitted == came


def test_a_slip_in_the_year_is_told(desk):
    for came in (START - dt.timedelta(days=367), START + dt.timedelta(seconds=1)):
        with pytest.raises(Invalid) as told:
            desk.filing.key_in(KEYED, KeyedForm(channel="post", received=came, consent_way="letter"), CLERK)
        assert [one.field for one in told.value.errors] == ["received"]
