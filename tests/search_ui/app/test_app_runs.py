"""The page of nightly runs through AppTest: for staff, escaped, in the words of the language, also when it is empty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from indexer.errors import EngineUnavailable
from mappings.record import Problem
from pipelines.record_store import RecordStore
from pipelines.report import RunReport
from pipelines.runs import read_report, recorded, runs, write_report
from search_ui.screens.runs import SIZE
from search_ui.services import Services

Visit = Callable[..., AppTest]
Markup = Callable[[AppTest], str]
HOSTILE = "<script>alert(1)</script>[x](javascript:1)"


def row(name: str, state: str = "ok", why: str | None = None, **values: Any) -> dict[str, Any]:
    """A row of the ledger."""
    return {
        "source": name,
        "title": f"{name.title()} {HOSTILE}",
        "at_source": 1980,
        "items_in_store": 1981,
        "resources_in_store": 1982,
        "in_index": 1983,
        "as_of": "2026-11-23T02:12:00Z",
        "deletes": {"checked": 3, "found": 1},
        "state": state,
        "why": why,
        "values": values,
    }


class Nights:
    """The reports of a real store, and a ledger that is given."""

    def __init__(self, folder: Path) -> None:
        self.store = RecordStore(folder / "records")
        self.rows: list[dict[str, Any]] | None = []

    def ledger(self) -> list[dict[str, Any]]:
        if self.rows is None:
            raise EngineUnavailable("nothing listens there")
        return self.rows

    def runs(self, limit: int = 400) -> list[dict[str, Any]]:
        return runs(self.store, limit)

    def report(self, run: str | None = None) -> dict[str, Any] | None:
        return read_report(self.store, run)

    def add(self, number: int = 0, state: Any = "done") -> RunReport:
        """A run that braked on one source and read another."""
        report = RunReport(f"2026-11-{number + 1:02d}T02:00:00Z-0000")
        east, west = report.of("east"), report.of("west")
        east.hold_back("deletes-held-back", f"40 of 50 {HOSTILE}", "look")
        east.tell(f"a{HOSTILE}.xml", Problem("bad-date", f"no date {HOSTILE}", "write it"))
        west.indexed, west.deleted = 1234, 30
        west.wait(12)
        west.prove_deletes([f"w{number} {HOSTILE}" for number in range(30)], "reconciliation")
        with west.timed("read") as step:
            step.add(read=1234)
        with report.timed("link") as step:
            step.add(pairs_linked=14, something_new=2)
        report.end(state, "the store is full" if state == "failed" else None)
        write_report(self.store, report)
        return report


@pytest.fixture
def nights(rooms: Services, tmp_path: Path) -> Nights:
    made = Nights(tmp_path)
    rooms.nights = made
    return made


def test_nobody_else_comes_in(visit: Visit, markup: Markup, nights: Nights) -> None:
    run = nights.add()
    nights.rows = [row("east")]
    for account in ("", "chen"):
        for parameters in ({}, {"run": run.run}):
            shown = markup(visit("/staff-runs", account, **parameters))
            assert "This page is for staff" in shown
            assert "East" not in shown and "bad-date" not in shown and 'href="/staff-runs"' not in shown


def test_staff_find_the_way_there(visit: Visit, markup: Markup, nights: Nights) -> None:
    assert 'href="/staff-runs"' in markup(visit("/staff-feedback", "lin"))


@pytest.mark.parametrize(("lang", "word"), [("en", "No run has been recorded yet"), ("zh-Hans", "尚无更新记录")])
@pytest.mark.parametrize("is_known", [True, False])
def test_before_the_first_run(
    visit: Visit, markup: Markup, rooms: Services, nights: Nights, lang: str, word: str, is_known: bool
) -> None:
    rooms.nights = nights if is_known else None
    assert word in markup(visit("/staff-runs", "lin", lang))


@pytest.mark.parametrize(
    ("lang", "differs", "reason"),
    [
        ("en", "differs", "the store has 1,982 resources, the index 1,983"),
        ("zh-Hans", "不一致", "存储中有 1,982 项资源，索引中有 1,983 项"),
        ("zh-Hant", "不一致", "存放區有 1,982 項資源，索引有 1,983 項"),
    ],
)
def test_what_needs_somebody_comes_first(
    visit: Visit, markup: Markup, nights: Nights, lang: str, differs: str, reason: str
) -> None:
    nights.rows = [
        row("east"),
        row("north", "behind", "held-back", reason=HOSTILE),
        row("west", "differs", "index-differs", stored=1982, shown=1983),
    ]
    shown = markup(visit("/staff-runs", "lin", lang))
    assert shown.index("West") < shown.index("North") < shown.index("East")
    assert differs in shown and reason in shown
    assert "2026-11-23" in shown and "1,980" in shown
    assert "<script" not in shown and "&lt;script" in shown


def test_the_runs_stand_while_the_index_is_away(visit: Visit, markup: Markup, nights: Nights) -> None:
    nights.rows = None
    nights.add()
    shown = markup(visit("/staff-runs", "lin"))
    assert "The index cannot be asked now" in shown
    assert "done, with problems" in shown and "1,234" in shown


def test_many_runs_come_page_by_page(visit: Visit, markup: Markup, nights: Nights) -> None:
    for number in range(SIZE + 2):
        report = RunReport(f"run {number:02d}")
        report.end()
        write_report(nights.store, report)
    first, second = (markup(visit("/staff-runs", "lin", page=page)) for page in ("1", "2"))
    assert (first.count("/staff-runs?run="), second.count("/staff-runs?run=")) == (SIZE, 2)
    assert "page=2" in first and "page=1" in second
    assert markup(visit("/staff-runs", "lin", page="x99")).count("/staff-runs?run=") == SIZE


def test_one_run_in_full(visit: Visit, markup: Markup, nights: Nights) -> None:
    report = nights.add()
    shown = markup(visit("/staff-runs", "lin", run=report.run))
    for words in (
        "40 of 50",
        "onestop sync --allow-deletes carries it out",
        "12.0 s were waited",
        "deletes-held-back",
        "bad-date",
        "pairs linked",
        "something_new",
        "not among the keys of the source",
        "and 10 more",
    ):
        assert words in shown
    assert "<script" not in shown


@pytest.mark.parametrize(("state", "word"), [("failed", "the store is full"), ("stopped", "stopped")])
def test_a_run_that_did_not_end_well(visit: Visit, markup: Markup, nights: Nights, state: str, word: str) -> None:
    report = nights.add(state=state)
    assert word in markup(visit("/staff-runs", "lin", run=report.run))


def test_a_run_that_was_killed(visit: Visit, markup: Markup, nights: Nights) -> None:
    killed = recorded(nights.store, RunReport(planned=["east"]))
    name = killed.__enter__().run
    shown = markup(visit("/staff-runs", "lin", run=name))
    assert "interrupted" in shown and "It never told its end" in shown
    with recorded(nights.store, RunReport()) as report:
        pass
    assert "The run before it never told its end" in markup(visit("/staff-runs", "lin", run=report.run))


@pytest.mark.parametrize("name", ["nothing", "x" * 5000, HOSTILE])
def test_a_run_there_is_not(visit: Visit, markup: Markup, nights: Nights, name: str) -> None:
    shown = markup(visit("/staff-runs", "lin", run=name))
    assert "There is no such run" in shown and "<script" not in shown
