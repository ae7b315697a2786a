"""What a run reports is kept with it, whatever ended it, and what the ledger makes of it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from indexer.query import Query
from indexer.search import Searcher
from mappings.access import Viewer
from mappings.record import Problem
from pipelines.errors import StoreUnusable
from pipelines.ledger import REASONS, ledger
from pipelines.publish import SHOWN_KINDS, is_behind
from pipelines.report import DELETES_SHOWN, PROBLEMS_SHOWN, RunReport, SourceReport
from pipelines.runs import LATEST, read_report, recorded, runs, write_report
from pipelines.stored_problems import stored_problems

from .conftest import House, finding_aid, table

STAFF = Viewer("clerk", frozenset({"staff"}))
BAD_AID = "<ead><archdesc level='fonds'><did><unitid>J2</unitid>"


class Night(House):
    """A house whose runs are recorded, as the command line does it."""

    def night(self, *, counted: bool = True, **options: Any) -> RunReport:
        report = RunReport(planned=[spec.name for spec in self.specs])
        with recorded(self.store, report):
            self.sync(report=report, **options)
            for source in report.sources if counted else ():
                stored = self.store.current("item", ["source"], source=source.source).num_rows
                source.count_at_source(stored, reconciled=True)
        return report

    def ledger(self, **changed: Any) -> dict[str, dict[str, Any]]:
        searcher = Searcher(self.engine, {})

        def count(name: str) -> int:
            found = searcher.search(Query(filters={"source": (name,)}, size=0), STAFF)["total"]
            assert isinstance(found, int)
            return found

        def holds(source: str, source_id: str) -> bool:
            found = searcher.resource(f"{source}:{source_id}", STAFF)
            return found is not None and {"source": source, "source_id": source_id} in found["sources"]

        given: dict[str, Any] = {
            "titles": {spec.name: spec.title for spec in self.specs},
            "shown": self.engine.store_version(),
            "count": count,
            "holds": holds,
        }
        rows = ledger(self.store, runs(self.store), **given | changed)
        return {row["source"]: row for row in rows}


@pytest.fixture
def night(house: House) -> Night:
    house.__class__ = Night
    assert isinstance(house, Night)
    return house


# The report


def test_steps_add_up_and_keep_their_order() -> None:
    report = SourceReport("east")
    with report.timed("read") as step:
        step.add(read=3)
    report.step("ocr").add(pages_read=2)
    with pytest.raises(ValueError, match="torn"), report.timed("read") as step:
        step.add(read=4, indexed=5)
        raise ValueError("torn")
    read, ocr = report.to_json()["steps"]
    assert (read["step"], list(read["counts"].items())) == ("read", [("read", 7), ("indexed", 5)])
    assert (ocr["step"], ocr["counts"], ocr["seconds"]) == ("ocr", {"pages_read": 2}, 0)
    assert dt.datetime.fromisoformat(read["started"]).tzinfo == dt.UTC


def test_problems_are_counted_by_code_beyond_those_listed() -> None:
    report = SourceReport("east")
    for number in range(PROBLEMS_SHOWN + 50):
        report.tell(f"{number}.xml", Problem("empty-file", "nothing in it", "export it"))
    report.tell("b.mrc", Problem("bad-leader", "no leader", "correct it"), is_failure=True)
    report.note("c.xml", [Problem("bad-date", "no date", "")])
    found = report.to_json()
    assert [(one["code"], one["count"], len(one["examples"])) for one in found["codes"]] == [
        ("empty-file", PROBLEMS_SHOWN + 50, 3),
        ("bad-date", 1, 1),
        ("bad-leader", 1, 1),
    ]
    assert found["problems"][0]["code"] == "bad-leader"
    assert (len(found["problems"]), found["problems_total"]) == (PROBLEMS_SHOWN, PROBLEMS_SHOWN + 52)


@pytest.mark.parametrize(
    ("code", "braked"),
    [("deletes-held-back", True), ("source-not-configured", True), ("source-incomplete", False)],
)
def test_a_brake_is_told_from_a_failure(code: str, braked: bool) -> None:
    report = SourceReport("east")
    report.hold_back(code, "40 of 100 records", "look")
    found = report.to_json()
    assert (found["held_back"], found["braked"], found["reason"]) == (True, braked, "40 of 100 records")


def test_deletes_are_named_up_to_a_number_and_taken_back_with_the_source() -> None:
    report = SourceReport("east")
    report.prove_deletes([f"{number}" for number in range(150)], "tombstone")
    report.prove_deletes((f"later {number}" for number in range(150)), "reconciliation")
    deletes = report.to_json()["deletes"]
    assert len(deletes) == DELETES_SHOWN
    assert {one["why"] for one in deletes[:150]} == {"tombstone"}
    assert deletes[-1]["key"] == "later 49"
    report.publish_nothing()
    assert report.to_json()["deletes"] == []


def test_waiting_is_counted() -> None:
    report = SourceReport("east")
    report.wait(1.5)
    report.wait(2)
    assert (report.to_json()["retries"], report.to_json()["waited"]) == (2, 3.5)


# Stored


def test_a_run_is_read_back_as_it_was_told(night: Night) -> None:
    night.write("aids/broken.xml", "")
    told = night.night().to_json()
    assert read_report(night.store) == read_report(night.store, LATEST) == told
    assert read_report(night.store, told["run"]) == told
    assert read_report(night.store, told["run"][:15]) == told
    assert read_report(night.store, "1999") is None
    assert told["state"] == "done"
    assert told["planned"] == ["aids", "rows"]


def test_runs_are_listed_newest_first_without_their_lists(night: Night) -> None:
    names = [night.night().run for _ in range(3)]
    listed = runs(night.store)
    assert [run["run"] for run in listed] == names[::-1]
    assert [run["run"] for run in runs(night.store, 1)] == names[-1:]
    assert "problems" not in listed[0]["sources"][0]
    assert read_report(night.store, names[0]) is not None
    assert read_report(night.store, "20") is None, "three runs begin so"


def states(night: Night, *locked: str) -> list[str]:
    return [run["state"] for run in runs(night.store, is_locked=lambda sources: not set(sources).isdisjoint(locked))]


def test_a_run_under_way_and_a_killed_one(night: Night) -> None:
    under_way = recorded(night.store, RunReport(planned=["aids"]))
    begun = under_way.__enter__()
    assert (states(night, "aids"), states(night)) == (["running"], ["interrupted"])
    assert night.night().interrupted == begun.run
    assert night.night().interrupted is None
    assert states(night, "aids") == ["done", "done", "interrupted"]
    found = read_report(night.store, begun.run)
    assert found is not None
    assert (found["state"], found["sources"], found["planned"]) == ("interrupted", [], ["aids"])


def test_runs_of_other_sources_are_under_way_at_the_same_time(night: Night) -> None:
    killed, first, second = (RunReport(planned=planned) for planned in (["aids", "rows"], ["aids"], ["rows"]))
    kept = [recorded(night.store, report) for report in (killed, first, second)]
    for one in kept:
        one.__enter__()
    assert states(night, "aids", "rows") == ["running", "running", "interrupted"]
    assert states(night, "rows") == ["running", "interrupted", "interrupted"]
    assert (first.interrupted, second.interrupted) == (killed.run, killed.run)


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (StoreUnusable("The store x cannot be opened: full."), "failed", "The store x cannot be opened: full."),
        (OSError(28, "No space left on device", "/data"), "failed", "/data: No space left on device"),
        (KeyError("postgresql://reader:secret@db"), "failed", "KeyError"),
        (KeyboardInterrupt(), "stopped", None),
    ],
)
def test_a_run_that_raises_says_so(night: Night, error: BaseException, state: str, said: str | None) -> None:
    with pytest.raises(type(error)), recorded(night.store, RunReport()) as report:
        report.of("aids").indexed = 3
        raise error
    found = read_report(night.store)
    assert found is not None
    assert (found["state"], found["error"], found["sources"][0]["indexed"]) == (state, said, 3)


def test_a_report_makes_no_index_old(night: Night) -> None:
    night.night()
    shown, documents = night.engine.store_version(), night.engine.documents
    night.night()
    assert night.engine.documents is documents
    assert night.engine.store_version() == shown
    assert night.store.version > night.store.version_of(SHOWN_KINDS)
    assert not is_behind(shown, night.store)
    night.write("rows/r.csv", table(("1", "J1-1-1", "Land sold again")))
    night.night()
    assert night.engine.store_version() != shown


def test_a_report_of_an_earlier_version_is_read(night: Night) -> None:
    told: dict[str, Any] = {
        "run": "2026-01-01T02:00:00Z-0000",
        "state": "done",
        "sources": [{"source": "aids", "failed": 2}],
    }
    with night.store.begin(told["run"]) as commit:
        commit.add("run", {"source": [""], "action": ["index"], "record": [json.dumps(told)]})
        commit.commit()
    found = read_report(night.store)
    assert found is not None
    assert found.keys() == RunReport().to_json().keys()
    assert found["sources"][0].keys() == SourceReport("").summary().keys()
    assert found["sources"][0]["failed"] == 2
    assert night.ledger()["aids"]["failed"] == 2


def test_an_empty_store_has_no_runs(night: Night) -> None:
    assert (runs(night.store), read_report(night.store), night.store.version_of(SHOWN_KINDS)) == ([], None, -1)


# The ledger


def test_all_is_well(night: Night) -> None:
    night.night()
    aids, rows = night.ledger().values()
    assert (aids["state"], aids["why"], aids["reason"]) == ("ok", None, "")
    assert (aids["at_source"], aids["items_in_store"], aids["records_in_store"]) == (1, 1, 4)
    assert (aids["resources_in_store"], aids["in_index"]) == (4, 4)
    assert (rows["at_source"], rows["resources_in_store"], rows["in_index"]) == (1, 2, 2)
    assert aids["as_of"] == aids["as_of"] is not None
    assert aids["deletes"] == {"deleted": 0, "checked": 0, "found": 0, "examples": [], "last": None}


def test_what_staff_alone_may_know_is_counted(night: Night) -> None:
    text = finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Harbour")])
    night.write("aids/a.xml", text.replace('<c id="J1-1-2"', '<c id="J1-1-2" audience="internal"'))
    night.night()
    assert night.ledger()["aids"]["in_index"] == 3


def test_deletes_are_proved(night: Night) -> None:
    night.night()
    night.write("aids/a.xml", finding_aid([("J1-1-1", "Railway")]))
    night.night()
    row = night.ledger()["aids"]
    assert row["state"] == "ok"
    assert (row["deletes"]["deleted"], row["deletes"]["checked"], row["deletes"]["found"]) == (2, 2, 0)
    caught = night.ledger(holds=lambda _, source_id: source_id.endswith("J1-1-3"))["aids"]
    assert (caught["state"], caught["why"], caught["deletes"]["examples"]) == (
        "differs",
        "deleted-but-found",
        ["a.xml#J1-1-3"],
    )


def test_a_record_deleted_from_a_joined_resource_is_not_found(night: Night) -> None:
    """The other record keeps the id by which the resource was known."""
    night.night()
    night.write("aids/a.xml", finding_aid([("J1-1-2", "Harbour"), ("J1-1-3", "Canal")]))
    night.night()
    row = night.ledger()["aids"]
    assert (row["state"], row["deletes"]["checked"], row["resources_in_store"]) == ("ok", 1, 3)


def test_every_verdict(night: Night) -> None:
    assert night.ledger()["aids"]["why"] == "not-read"
    night.night()
    cases: dict[str, dict[str, Any]] = {
        "index-behind": {"shown": 0},
        "index-differs": {"count": lambda _: 99},
    }
    for why, changed in cases.items():
        row = night.ledger(**changed)["aids"]
        assert (row["why"], row["state"]) == (why, REASONS[why][0])
    report = RunReport()
    report.of("aids").count_at_source(7)
    report.of("rows").hold_back("deletes-held-back", "2 of 2 records", "look")
    _written(night, report)
    found = night.ledger()
    assert (found["aids"]["why"], found["aids"]["reason"]) == (
        "store-differs",
        "the source lists 7 items, the store has 1",
    )
    assert (found["rows"]["why"], found["rows"]["reason"]) == (
        "held-back",
        "the last run held it back: 2 of 2 records",
    )
    assert found["rows"]["as_of"] is not None, "of the run before"


def test_failed_records_are_told_and_no_difference(night: Night) -> None:
    night.night()
    report = RunReport()
    report.of("aids").failed = 2
    report.of("aids").unchanged = 5
    _written(night, report)
    row = night.ledger()["aids"]
    assert (row["state"], row["why"]) == ("ok", "failed")


def test_a_source_of_which_everything_failed_is_not_up_to_date(night: Night) -> None:
    night.night()
    report = RunReport()
    report.of("aids").failed = 2
    _written(night, report)
    row = night.ledger()["aids"]
    assert (row["state"], row["why"]) == ("behind", "all-failed")


@pytest.mark.parametrize("of_old", [True, False])
def test_an_interrupted_run_leaves_its_sources_behind(night: Night, of_old: bool) -> None:
    if of_old:
        night.night()
        begun = recorded(night.store, RunReport(planned=["aids"]))
        begun.__enter__()
        assert night.ledger()["aids"]["why"] == "unfinished"
        assert night.ledger()["rows"]["state"] == "ok"
    night.night()
    assert night.ledger()["aids"]["state"] == "ok"


def test_a_source_without_its_file_stands_in_the_ledger_while_it_is_stored(night: Night) -> None:
    night.night()
    assert night.ledger(titles={"rows": "Rows"})["aids"]["records_in_store"] == 4


def _written(night: Night, report: RunReport) -> None:
    report.end()
    write_report(night.store, report)


# Problems


def test_problems_that_hold_now(night: Night) -> None:
    night.write("aids/broken.xml", BAD_AID)
    night.write("aids/empty.xml", "")
    night.write("aids/dated.xml", finding_aid([("J3-1", "Dated")], "J3").replace("</ead>", ""))
    night.night()
    found = {(one.item, one.outcome, one.problem.code) for one in stored_problems(night.store)}
    assert ("empty.xml", "skip", "empty-file") in found
    assert {item for item, outcome, _ in found if outcome == "note"} >= {"dated.xml"}
    (night.folder / "aids/broken.xml").unlink()
    night.write("aids/empty.xml", finding_aid([("J4-1", "Full")], "J4"))
    night.night(allow_deletes=True)
    left = {one.item for one in stored_problems(night.store)}
    assert left == {"dated.xml"}
    assert list(stored_problems(night.store, "rows")) == []
