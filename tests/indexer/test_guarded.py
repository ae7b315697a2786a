"""Nobody waits twice for an engine that does not answer, and nobody has to wake it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from indexer.engines.guarded import REST, Guard, Pulse, guarded
from indexer.engines.memory import MemoryEngine
from indexer.errors import EngineUnavailable, IndexDamaged, IndexMissing, QueryError, SearchError
from indexer.plan import Plan, rights_of
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from tests.indexer.corpus import JOINED, fill

RIGHTS = rights_of(ANONYMOUS, dt.date(2026, 1, 1))
REASON = "https://search.example:9200 does not answer"


class Server(MemoryEngine):
    """An engine behind a network: while `error` is set each call takes its time, and then fails so."""

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__()
        self.error: SearchError | None = None
        self.calls: list[str] = []
        self._delay, self._never = delay, threading.Event()

    def _met(self, name: str) -> None:
        self.calls.append(name)
        if self.error is not None:
            self._never.wait(self._delay)
            raise self.error

    def store_version(self) -> int | None:
        self._met("store_version")
        return super().store_version()

    def get(self, *given: object, **named: object) -> object:  # type: ignore[override]
        self._met("get")
        return super().get(*given, **named)  # type: ignore[arg-type]

    def search(self, plan: Plan) -> object:  # type: ignore[override]
        self._met("search")
        return super().search(plan)


class House:
    """A guarded server, a clock that is moved by hand, and the trials that wait to be made beside."""

    def __init__(self, delay: float = 0.0) -> None:
        self.server, self.seconds = Server(delay), 0.0
        self.trials: list[Callable[[], None]] = []
        fill(self.server)
        self.guard = Guard(self.server, clock=lambda: self.seconds, beside=self.trials.append)
        self.server.calls.clear()

    def get(self) -> object:
        return self.guard.get(JOINED.id, RIGHTS)

    def fails(self, error: type[SearchError] = EngineUnavailable) -> None:
        with pytest.raises(error, match=r"search\.example"):
            self.get()

    def rest(self) -> None:
        self.seconds += REST

    def try_(self) -> None:
        self.trials.pop()()


@pytest.fixture
def house() -> House:
    return House()


def test_an_engine_that_answers_is_asked_everything(house: House) -> None:
    assert house.get() and house.guard.store_version() == 1
    assert Searcher(house.guard).search(Query("石碇"), ANONYMOUS)["total"]  # type: ignore[arg-type]
    pulse = house.guard.pulse()
    assert pulse.worked is not None and (pulse.since, pulse.reason) == (None, "")
    assert house.guard.documents is house.server.documents


def test_after_a_failure_nobody_waits() -> None:
    house = House(delay=0.05)
    house.server.error = EngineUnavailable(REASON)
    callers = [threading.Thread(target=house.fails) for _ in range(3)]
    house.fails()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    with pytest.raises(EngineUnavailable):
        house.guard.search(Plan(RIGHTS))
    assert house.server.calls == ["get"]
    assert house.guard.pulse().reason == REASON


def test_it_is_tried_beside_and_comes_back(house: House) -> None:
    house.get()
    worked = house.guard.pulse().worked
    house.server.error = EngineUnavailable(REASON)
    house.fails()
    since = house.guard.pulse().since
    house.rest()
    house.fails()
    house.fails()
    assert len(house.trials) == 1 and house.server.calls == ["get", "get"]
    house.try_()
    assert house.server.calls[2:] == ["store_version"]
    house.fails()
    assert not house.trials  # it rests again after a trial in vain
    assert (house.guard.pulse().since, house.guard.pulse().worked) == (since, worked)
    house.rest()
    house.server.error = None
    house.fails()
    house.try_()
    assert house.get() and house.guard.pulse().since is None


def test_who_looks_at_the_pulse_has_it_tried_too(house: House) -> None:
    house.server.error = EngineUnavailable(REASON)
    house.fails()
    house.server.error = None
    assert house.guard.pulse().since is not None and not house.trials
    house.rest()
    house.guard.pulse()
    house.try_()
    assert house.guard.pulse().since is None


@pytest.mark.parametrize("kind", [IndexMissing, IndexDamaged])
def test_other_errors_of_the_index_are_told_as_they_are(house: House, kind: type[SearchError]) -> None:
    house.server.error = kind("no index at search.example")
    for _ in range(3):
        house.fails(kind)
    assert house.server.calls == ["get"] * 3
    pulse = house.guard.pulse()
    assert pulse.since is not None and "no index" in pulse.reason
    house.server.error = None
    assert house.get() and house.guard.pulse().since is None


def test_a_server_without_an_index_lets_calls_through_to_say_so(house: House) -> None:
    house.server.error = EngineUnavailable(REASON)
    house.fails()
    house.server.publish([], None)  # type: ignore[arg-type]  # as an engine that lost its index
    house.server.error = None
    house.rest()
    house.fails()
    house.try_()
    house.server.error = IndexMissing("no index at search.example")
    house.fails(IndexMissing)
    assert house.guard.pulse().since is not None


def test_a_wrong_question_is_no_failure(house: House) -> None:
    house.server.error = QueryError("there is no such thing at search.example")
    house.fails(QueryError)
    assert house.guard.pulse() == Pulse()


def test_a_trial_that_breaks_hides_nothing(house: House) -> None:
    house.server.error = EngineUnavailable(REASON)
    house.fails()
    house.rest()
    house.fails()
    house.server.error = RuntimeError("search.example: a mistake of ours")  # type: ignore[assignment]
    with pytest.raises(RuntimeError):
        house.try_()
    with pytest.raises(RuntimeError):
        house.get()


def test_the_trial_runs_in_a_thread_of_its_own() -> None:
    server, tried = Server(), threading.Event()
    server.error = EngineUnavailable(REASON)
    engine, pulse = guarded(server, rest=0.0)
    with pytest.raises(EngineUnavailable):
        engine.get(JOINED.id, RIGHTS)
    fill(server)
    server.error = None
    waiting = threading.Event()
    for _ in range(500):
        if pulse().since is None:
            tried.set()
            break
        waiting.wait(0.01)
    assert tried.is_set() and engine.get(JOINED.id, RIGHTS)
