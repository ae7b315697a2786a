"""A process is killed in the middle of what it does: each step is there as a whole or not at all, with its notice."""

from __future__ import annotations

import random
import time

import msgspec
from desk_parts import CLERK, FakeHoldings
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from service_desk import machine
from service_desk.desk import Desk
from service_desk.models import QueuedNotice, Request
from service_desk.notices import FolderOutbox
from service_desk.objects import FolderObjects
from service_desk.sending.events import notice_of
from service_desk.sending.rules import NoticeRules
from service_desk.terms import Terms
from tests.forked import Program

KILLS = 5
# A process that files requests and works them until it is killed; the tables and the clerk are there.
CHILD = """
import random, sys
from pathlib import Path
from desk_parts import CLERK, FakeHoldings
from mappings.access import ANONYMOUS
from service_desk.attachments import Supplied
from service_desk.desk import Desk
from service_desk.errors import DeskError
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, RequestForm
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
_, address, objects, seed = sys.argv
draw = random.Random(seed)
desk = Desk(address, objects=FolderObjects(Path(objects)), holdings=FakeHoldings())
paper = Supplied(Upload("id.pdf", "application/pdf", b"%PDF-1.7 " + seed.encode()), "identity_document")
print("ready", flush=True)
while True:
    kind = draw.choice(["copy", "certificate", "consult", "query"])
    form = RequestForm(resource_id="r-rail", type=kind, name="A", contact="a@example.org", note="n")
    filed = desk.filing.submit(form, ANONYMOUS)
    acts = [
        lambda: desk.requests.supply(filed.receipt, [paper], secret=filed.secret),
        lambda: desk.cases.act(filed.receipt, "check", {"verdicts": {"identity_document": "verified"}}, CLERK),
        lambda: desk.cases.act(filed.receipt, "search", {}, CLERK),
        lambda: desk.cases.act(filed.receipt, "quote", {"lines": [{"what": "x", "price": 1}]}, CLERK),
        lambda: desk.requests.agree(filed.receipt, secret=filed.secret),
        lambda: desk.cases.act(filed.receipt, "pay", {}, CLERK),
        lambda: desk.requests.tell(filed.receipt, MessageForm(text="x"), CLERK),
        lambda: draw.choice([
            lambda: desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK),
            lambda: desk.requests.refuse(filed.receipt, RefusalForm(reason="x", alternative="y"), CLERK),
            lambda: desk.requests.withdraw(filed.receipt, secret=filed.secret),
        ])(),
    ]
    for act in acts:
        try:
            act()
        except DeskError:
            pass
        print("acted", flush=True)
"""


def test_a_step_is_there_with_its_notice_or_not_at_all(desk, database, tmp_path):
    draw, objects = random.Random(7), tmp_path / "objects"
    for number in range(KILLS):
        child = Program(CHILD, database, str(objects), str(number))
        assert child.stdout.readline() == "ready\n", child.stderr.read()
        for _ in range(draw.randrange(9, 40)):
            child.stdout.readline()
        time.sleep(draw.uniform(0, 0.05))  # into the middle of the next one
        child.kill()
        child.communicate(timeout=60)
    opened = Desk(
        database,
        objects=FolderObjects(objects),
        holdings=FakeHoldings(),
        outbox=FolderOutbox(tmp_path / "left"),
    )
    filed = looked_at(opened)
    assert len(filed) >= KILLS
    for receipt in filed:
        opened.requests.case(receipt, CLERK)
    waiting = opened.notices.waiting()
    assert opened.notices.deliver_now() == waiting == len(list((tmp_path / "left").glob("*.eml")))
    opened.close()


def looked_at(desk):
    """Every receipt code, once each request was found whole."""
    whole = select(Request).options(selectinload(Request.events), selectinload(Request.attachments))
    with desk._database.read() as session:
        terms, texts = Terms.of(desk.rules, session), desk.rules.within(session, NoticeRules)
        keys = set(session.scalars(select(QueuedNotice.key)))
        found = list(session.scalars(whole))
        for request in found:
            state = machine.fold(request.events)
            assert (state.status, state.handler, state.version, state.closed) == (
                request.status, request.handler, request.version, request.closed,
            )  # fmt: skip
            assert msgspec.convert(request.clock, machine.Clock) == state.clock
            assert request.due == terms.due(request.type, state, request.events[-1].at)
            assert [event.number for event in request.events] == list(range(1, request.version + 1))
            told = [event for event in request.events if texts.message(notice_of(event.what, event.payload))]
            assert f"request:{request.id}:{told[-1].number}:email" in keys
            files = [file for event in request.events for file in event.payload.get("files", ())]
            assert len(request.attachments) == sum("sha256" in file for file in files)
        return [request.receipt for request in found]
