"""Any sequence of acts by anybody leaves a request whole: stored is folded, events only grow, closed is closed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import pytest
from desk_parts import CHEAP, CLERK, COLLEAGUE, LEAST, FakeHoldings, StandingClock
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mappings.access import ANONYMOUS
from service_desk import machine
from service_desk.attachments import OF_A_REQUEST, Supplied
from service_desk.casework import FORMS
from service_desk.desk import Desk
from service_desk.errors import Conflict, Invalid
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, RequestForm
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
from service_desk.watch import Watched

clerks = st.sampled_from([CLERK, COLLEAGUE])
texts = st.text(min_size=1, max_size=20).map(lambda text: f"x{text}")


PAPER = Supplied(Upload("id.pdf", "application/pdf", b"%PDF-1.7"), "identity_document")
VALUES = {**LEAST, "classify": {"route": "own_stacks"}}
REFUSED_BY_RULES = {"extend"}
"""What may be offered and still not be allowed: beyond what the rules extend a date by."""


class OneRequest(RuleBasedStateMachine):
    address = "sqlite://"

    @initialize(text=texts)
    def file(self, text):
        self.folder = TemporaryDirectory()
        self.clock = StandingClock()
        objects = FolderObjects(Path(self.folder.name))
        self.desk = Desk(self.address, objects=objects, holdings=FakeHoldings(), clock=self.clock, hasher=CHEAP)
        for viewer in (CLERK, COLLEAGUE):
            with suppress(Conflict):  # a server keeps them
                self.desk.accounts.add(viewer.name, "x", "staff")
        form = RequestForm(resource_id="r-rail", type="copy", name="A", contact="1", note=text)
        self.filed = self.desk.filing.submit(form, ANONYMOUS)
        self.before = self.case()

    def case(self):
        return self.desk.requests.case(self.filed.receipt, CLERK)

    def tried(self, action, act):
        """Do it; it happens exactly when the screen would have offered it, and leaves exactly one event."""
        try:
            act(self.desk.requests)
        except Conflict:
            assert self.case() == self.before
            return False
        self.grown(machine.ACTIONS[action].event)
        return True

    @rule(clerk=clerks, action=st.sampled_from(sorted(FORMS)))
    def clerk_works(self, clerk, action):
        """Every act of `casework`: done when it was offered, by an event of its own and what follows from it."""
        offered = action in self.desk.requests.case(self.filed.receipt, clerk).actions
        try:
            self.desk.cases.act(self.filed.receipt, action, VALUES[action], clerk)
        except (Conflict, Invalid):
            assert not offered or action in REFUSED_BY_RULES
            assert self.case() == self.before
            return
        assert offered
        self.grown(machine.ACTIONS[action].event)

    @rule(act=st.sampled_from(["supply", "agree", "reopen"]))
    def reader_turns(self, act):
        proof = {"secret": self.filed.secret}
        offered = act in self.desk.requests.status(self.filed.receipt, **proof).actions
        calls = {
            "supply": lambda desk: desk.supply(self.filed.receipt, [PAPER], **proof),
            "agree": lambda desk: desk.agree(self.filed.receipt, **proof),
            "reopen": lambda desk: desk.reopen(self.filed.receipt, MessageForm(text="x"), **proof),
        }
        try:
            calls[act](self.desk.requests)
        except (Conflict, Invalid):
            assert not offered or len(self.before.attachments) == OF_A_REQUEST
            return
        assert offered
        self.grown(machine.ACTIONS[act].event)

    @rule(days=st.integers(0, 40))
    def time_passes(self, days):
        """What is due happens once: looking again at the same moment does nothing."""
        self.clock.push(days=days)
        for _ in range(4):  # a request that is warned may be late as well
            self.desk.watch.look()
        before = self.case()
        assert self.desk.watch.look() == Watched()
        assert self.case() == before

    def grown(self, event):
        """Events only grow, and the first new one is the act's."""
        after, known = self.case(), len(self.before.events)
        assert after.events[:known] == self.before.events
        assert after.events[known].what == event

    @invariant()
    def the_date_is_that_of_whose_turn_it_is(self):
        case = self.case()
        clock = machine.fold(case.events).clock
        assert (case.due is None) == (case.status in machine.CLOSED)
        assert clock.stands_still == (case.status in machine.WAITING)
        assert not case.late or case.status in machine.RUNNING
        page = self.desk.inbox.page(CLERK, "open")
        assert (self.filed.receipt in [row.receipt for row in page.rows]) == (case.status in machine.OPEN)

    @rule(clerk=clerks, action=st.sampled_from(["take", "release", "tell", "note"]), stale=st.booleans())
    def clerk_moves(self, clerk, action, stale):
        offered = action in self.desk.requests.case(self.filed.receipt, clerk).actions
        text = MessageForm(text="x")
        seen = self.before.version - stale
        done = self.tried(
            action,
            {
                "take": lambda requests: requests.take(self.filed.receipt, clerk, seen),
                "release": lambda requests: requests.release(self.filed.receipt, clerk, seen),
                "tell": lambda requests: requests.tell(self.filed.receipt, text, clerk),
                "note": lambda requests: requests.note(self.filed.receipt, text, clerk),
            }[action],
        )
        assert done == (offered and not (stale and action in ("take", "release")))

    @rule(clerk=clerks, text=texts, data=st.binary(max_size=8))
    def clerk_answers(self, clerk, text, data):
        offered = "answer" in self.desk.requests.case(self.filed.receipt, clerk).actions
        files = [Upload("a", "x/y", data)] if data else []
        form = AnswerForm(text=text)
        assert self.tried("answer", lambda requests: requests.answer(self.filed.receipt, form, clerk, files)) == offered

    @rule(clerk=clerks, text=texts)
    def clerk_refuses(self, clerk, text):
        offered = "refuse" in self.desk.requests.case(self.filed.receipt, clerk).actions
        form = RefusalForm(reason=text, alternative=text)
        assert self.tried("refuse", lambda requests: requests.refuse(self.filed.receipt, form, clerk)) == offered

    @rule(text=texts)
    def reader_writes(self, text):
        form = MessageForm(text=text)
        proof = {"secret": self.filed.secret}
        done = self.tried("write", lambda requests: requests.write(self.filed.receipt, form, **proof))
        assert done == (self.before.status in machine.OPEN)

    @rule()
    def reader_withdraws(self):
        proof = {"secret": self.filed.secret}
        done = self.tried("withdraw", lambda requests: requests.withdraw(self.filed.receipt, **proof))
        assert done == (self.before.status in machine.OPEN)

    @invariant()
    def stored_is_folded(self):
        case = self.case()
        state = machine.fold(case.events)
        assert (state.status, state.handler, state.version, state.closed) == (
            case.status,
            case.handler,
            case.version,
            case.closed,
        )
        assert [event.number for event in case.events] == list(range(1, case.version + 1))
        self.before = case

    @invariant()
    def the_reader_sees_what_is_shown(self):
        told = self.desk.requests.status(self.filed.receipt, secret=self.filed.secret)
        assert len(told.events) == sum(event.shown for event in self.before.events)
        assert told.status == self.before.status

    def teardown(self):
        if hasattr(self, "folder"):
            self.desk.close()
            self.folder.cleanup()


OneRequest.TestCase.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestOneRequest = OneRequest.TestCase


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.services)])
def test_one_request_on_a_server(database):
    class OnServer(OneRequest):
        address = database

    run_state_machine_as_test(OnServer, settings=settings(OneRequest.TestCase.settings, max_examples=5))
