"""Documents of a request reach its reader: issued by whoever may decide, among its files, forgotten with it."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, COLLEAGUE, READER
from printed_parts import HOUSES

from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant, Scope
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import AnswerForm
from service_desk.printed.documents import Certificate
from service_desk.printed.giving import FINDINGS
from service_desk.retention import RetentionPolicy


def made(mark, at):
    return Certificate(
        house=HOUSES["zh-Hans"],
        language="zh-Hans",
        issued=at,
        mark=mark,
        receipt="A",
        person="王小明",
        question="?",
        findings=(),
    )


def test_what_is_issued_is_given_and_registered(desk, filed):
    issued = desk.giving.issue(filed.receipt, "report", made, CLERK, "查档报告.pdf")
    status = desk.requests.status(filed.receipt, secret=filed.secret)
    assert [file.name for file in status.files] == ["查档报告.pdf"]
    assert desk.requests.file(filed.receipt, 1, secret=filed.secret)[1] == issued.pdf
    assert "note" not in [event.what for event in status.events]
    with pytest.raises(NotFound):
        desk.requests.file(filed.receipt, 1, READER)
    assert desk.giving.pdf(filed.receipt, issued.mark.number, CLERK) == issued.pdf
    event = desk.requests.case(filed.receipt, CLERK).events[-1]
    assert event.payload["document"] == issued.mark.number and not event.shown
    assert event.payload["files"] == [{"name": "查档报告.pdf", "sha256": issued.sha256}]


def test_who_may_not_decide_issues_nothing(desk, filed):
    decide = frozenset({Grant("requests.decide", Scope(holder="Elsewhere")), Grant("requests.see", Scope())})
    elsewhere = Viewer("li", frozenset({"staff"}), grants=decide)
    for viewer in (ANONYMOUS, READER, elsewhere):
        assert not desk.giving.may(filed.receipt, viewer)
        with pytest.raises((NotAllowed, NotFound)):
            desk.giving.issue(filed.receipt, "report", made, viewer, "x.pdf")
        with pytest.raises((NotAllowed, NotFound)):
            desk.giving.link(filed.receipt, 1, viewer, days=1, times=1)
    with pytest.raises(NotFound):
        desk.giving.issue("AAAA-AAAA", "report", made, CLERK, "x.pdf")
    assert desk.documents.of(filed.receipt, CLERK) == [] and desk.requests.case(filed.receipt, CLERK).files == ()


def test_who_it_is_about_issues_nothing(desk, filed):
    desk.cases.act(filed.receipt, "classify", {"about": COLLEAGUE.name}, CLERK)
    assert desk.giving.may(filed.receipt, CLERK) and not desk.giving.may(filed.receipt, COLLEAGUE)


def test_a_document_that_could_not_be_given_does_not_hold(desk, filed):
    issued = desk.giving.only_issue(filed.receipt, "report", made, CLERK)

    def fails(upload):
        raise Conflict("somebody was faster")

    with pytest.raises(Conflict):
        desk.giving.withdrawing(issued, "not given", CLERK, fails, "x.pdf")
    assert desk.documents.verify(issued.mark.number, issued.mark.code).state == "revoked"


def test_a_forgotten_request_has_no_links_and_no_findings_any_more(desk, filed, clock):
    desk.giving.issue(filed.receipt, "report", made, CLERK, "r.pdf")
    with pytest.raises(NotFound):
        desk.giving.link(filed.receipt, 9, CLERK, days=1, times=1)
    with pytest.raises(Invalid):
        desk.giving.link(filed.receipt, 1, CLERK, days=91, times=1)
    token = desk.giving.link(filed.receipt, 1, CLERK, days=90, times=5)
    assert desk.file_links.taken(token)[1][:5] == b"%PDF-"
    desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK)
    clock.push(days=5)
    desk.drafts.save(f"{FINDINGS}{filed.receipt}", {"person": "王小明"}, CLERK)
    desk.retention.apply(RetentionPolicy(requests=4), "file")
    with pytest.raises(NotFound):
        desk.file_links.shown(token)
    assert desk.drafts.load(f"{FINDINGS}{filed.receipt}", CLERK) == {}
