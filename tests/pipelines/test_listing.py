"""Sources that tell changes, break off, say later, take things back: what a run makes of each."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.base import Gone, Listed, RetryLater, StopSource
from connectors.registry import CONNECTORS
from pipelines import intake
from pipelines.report import SourceReport
from pipelines.source import Errors, SourceSpec
from pipelines.workers import Workers
from tests.pipelines.conftest import House, finding_aid
from tests.pipelines.scripted import SCRIPTS, Script, checkpoint, item, row, unopened


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(CONNECTORS, "scripted", "tests.pipelines.scripted:Scripted")
    yield
    SCRIPTS.clear()


@pytest.fixture
def house(tmp_path: Path, workers: Workers) -> House:
    house = House(tmp_path, workers)
    house.specs = []
    return house


def source(house: House, name: str = "far", mapping: str = "ead", **more: Any) -> Script:
    """A scripted source of the house."""
    SCRIPTS[name] = Script()
    spec = SourceSpec(name, name, "scripted", mapping, "East", settings={"script": name}, base=house.folder, **more)
    house.specs.append(spec)
    return SCRIPTS[name]


def aid(number: int, title: str = "File") -> Listed:
    """A finding aid of two records."""
    return item(f"a{number}.xml", finding_aid([(f"F{number}-1", f"{title} {number}")], f"F{number}"))


def report_of(house: House, **options: Any) -> SourceReport:
    (report,) = house.sync(**options).sources
    return report


def counts(report: SourceReport) -> tuple[int, int, int, int, int]:
    return report.indexed, report.unchanged, report.skipped, report.failed, report.deleted


def ids(house: House) -> set[str]:
    return {key[1].partition("#")[0] for key in house.records()}


# Where a run goes on


def test_the_next_night_asks_for_changes_only(house: House) -> None:
    script = source(house)
    script.entries = [aid(1), aid(2)]
    assert counts(report_of(house)) == (4, 0, 0, 0, 0)
    script.entries += [aid(3)]
    assert counts(report_of(house)) == (2, 0, 0, 0, 0)
    assert script.asked == [None, "2"]
    assert ids(house) == {"a1.xml", "a2.xml", "a3.xml"}


def test_a_run_that_broke_off_goes_on_from_the_last_checkpoint(house: House) -> None:
    script = source(house)
    script.entries = [aid(1), checkpoint(2), aid(2), checkpoint(4), aid(3)]
    script.errors = {4: StopSource("the cable is cut")}
    report = report_of(house)
    assert report.held_back
    assert report.problems[0]["code"] == "source-incomplete"
    assert ids(house) == {"a1.xml", "a2.xml"}
    assert counts(report_of(house))[:2] == (2, 0)
    assert script.asked == [None, "4"]


def test_the_cursor_is_committed_with_its_batch(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "TASK_ITEMS", 1)
    script = source(house)
    script.entries = [aid(1), checkpoint(2), aid(2), checkpoint(4), aid(3)]
    report_of(house, commit_bytes=1)
    rows = house.store.rows("source", ["version", "raw"]).to_pylist()
    assert [row["raw"] for row in rows] == ["2", "4", "5"]
    for cursor in rows:
        seen = house.store.rows("item", ["version"], after=-1)["version"].to_pylist()
        assert sum(version <= cursor["version"] for version in seen) >= int(cursor["raw"]) // 2


def test_no_cursor_passes_a_deletion_that_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "TASK_ITEMS", 1)
    script = source(house)
    script.entries = [aid(1), aid(2)]
    report_of(house)
    script.entries += [Gone("a1.xml"), checkpoint(4), aid(3), aid(4)]
    script.errors = {6: StopSource("gone")}
    report_of(house, commit_bytes=1)
    assert house.store.current("source", ["raw"]).to_pylist() == [{"raw": "2"}]
    assert counts(report_of(house)) == (0, 4, 0, 0, 2)
    assert ids(house) == {"a2.xml", "a3.xml", "a4.xml"}


def test_later_goes_on_in_the_same_run_without_telling_twice(house: House) -> None:
    script = source(house)
    script.entries = [aid(1), checkpoint(2), aid(2), aid(3)]
    script.errors = {3: RetryLater("busy", after=0.01), 0: RetryLater("busy", after=0)}
    report = report_of(house)
    assert counts(report) == (6, 0, 0, 0, 0)
    assert script.asked == [None, None, "2"]
    assert (report.retries, report.waited) == (2, 0.01)


def test_patience_ends(house: House) -> None:
    script = source(house, patience=0)
    script.entries = [aid(1), aid(2)]
    script.errors = {1: RetryLater("the server asks for an hour", after=3600)}
    report = report_of(house)
    assert report.problems[0]["code"] == "source-incomplete"
    assert "an hour" in report.problems[0]["reason"]
    assert ids(house) == {"a1.xml"}


# What is gone


def test_a_tombstone_deletes_and_is_proved(house: House) -> None:
    script = source(house)
    script.entries = [aid(1), aid(2)]
    report_of(house)
    script.entries += [Gone("a1.xml"), Gone("never.xml")]
    report = report_of(house)
    assert counts(report) == (0, 0, 0, 0, 2)
    assert {(one["key"], one["why"]) for one in report.to_json()["deletes"]} == {
        ("a1.xml", "tombstone"),
        ("a1.xml#F1-1", "tombstone"),
    }
    assert ids(house) == {"a2.xml"}


def test_told_and_taken_back_in_one_listing(house: House) -> None:
    script = source(house)
    script.entries = [aid(1), aid(2), Gone("a1.xml")]
    report_of(house)
    assert ids(house) == {"a2.xml"}
    script.entries += [Gone("a2.xml"), aid(2, "Back")]
    assert counts(report_of(house))[4] == 0
    assert ids(house) == {"a2.xml"}


def test_tombstones_are_braked_like_any_deletion(house: House) -> None:
    script = source(house)
    script.entries = [aid(number) for number in range(30)]
    report_of(house)
    script.entries += [Gone(f"a{number}.xml") for number in range(12)]
    report = report_of(house)
    assert (report.braked, report.deleted, len(ids(house))) == (True, 0, 30)
    assert report_of(house, allow_deletes=True).deleted == 24
    assert len(ids(house)) == 18


def test_what_no_tombstone_tells_is_found_by_comparing_keys(house: House) -> None:
    script = source(house, reconcile=7)
    script.entries = [aid(1), aid(2), aid(3)]
    report_of(house)
    script.keys = ["a1.xml", "a3.xml"]
    assert counts(report_of(house))[4] == 0
    house.specs = [replace(spec, reconcile=1e-9) for spec in house.specs]
    report = report_of(house)
    assert (report.deleted, report.source_count, report.is_reconciled) == (2, 2, True)
    assert ids(house) == {"a1.xml", "a3.xml"}


def test_a_clock_that_was_put_back_makes_the_comparison_due(house: House) -> None:
    script = source(house)
    script.entries = [aid(1), aid(2)]
    report_of(house)
    stored = house.store.current("source", ["record", "raw", "signature"]).to_pylist()[0]
    settings = msgspec.json.decode(stored["record"])
    settings["reconciled"] = (dt.datetime.now(dt.UTC) + dt.timedelta(days=900)).isoformat()
    with house.store.begin("jump") as commit:
        row = {"record": [msgspec.json.encode(settings)], "raw": [stored["raw"]], "signature": [stored["signature"]]}
        commit.add("source", row | {"action": ["index"]}, "far")
        commit.commit()
    script.keys = ["a2.xml"]
    assert report_of(house).deleted == 2


def test_a_source_that_answers_with_nothing_when_compared_is_braked(house: House) -> None:
    script = source(house, reconcile=1e-9)
    script.entries = [aid(number) for number in range(20)]
    report_of(house)
    script.keys = []
    report = report_of(house)
    assert (report.braked, report.deleted, len(ids(house))) == (True, 0, 20)


def test_a_comparison_that_fails_deletes_nothing(house: House) -> None:
    script = source(house, reconcile=1e-9)
    script.entries = [aid(1), aid(2)]
    report_of(house)
    script.complete = True
    script.errors = {2: StopSource("one temporary 503")}
    report = report_of(house)
    assert (report.held_back, report.deleted, len(ids(house))) == (True, 0, 2)


# What is not opened


def test_an_item_with_the_same_token_is_not_opened(house: House) -> None:
    script = source(house)
    script.complete = True
    script.entries = [item("a.xml", finding_aid([("F1", "One")]), token="etag-1")]
    report_of(house)
    script.entries = [unopened("a.xml", "etag-1")]
    assert counts(report_of(house)) == (0, 2, 0, 0, 0)


def test_what_a_file_is_is_remembered_by_its_token(house: House) -> None:
    script = source(house, mapping="auto")
    script.complete, script.separate = True, False
    script.entries = [item("a.xml", finding_aid([("F1", "One")]), token="etag-1"), item("b.csv", "id,title", token="c")]
    assert report_of(house).indexed == 2
    kept = house.store.current("item", ["item", "record_kind"]).to_pylist()
    assert {row["item"]: row["record_kind"] for row in kept} == {"a.xml": "ead", "b.csv": "table"}
    script.entries = [unopened("a.xml", "etag-1"), unopened("b.csv", "c")]
    report = report_of(house)
    assert (report.unchanged, report.failed) == (2, 0)


def test_a_new_token_on_the_same_bytes_is_remembered(house: House) -> None:
    script = source(house)
    script.complete = True
    for token in ("etag-1", "etag-2"):
        script.entries = [item("a.xml", finding_aid([("F1", "One")]), token=token)]
        report_of(house)
    script.entries = [unopened("a.xml", "etag-2")]
    assert counts(report_of(house)) == (0, 2, 0, 0, 0)


# What fails


def test_what_could_not_be_read_is_fetched_again_though_the_source_tells_changes_only(house: House) -> None:
    script = source(house)
    script.entries = [unopened("a1.xml", "t"), aid(2)]
    assert counts(report_of(house))[3] == 1
    assert counts(report_of(house))[3] == 1
    assert script.asked[-1] == "2"


def test_failures_in_all_stop_the_source(house: House) -> None:
    script = source(house, errors=Errors(total=3))
    script.entries = [item(f"b{number}.xml", "<ead" + " " * 20_000) for number in range(2000)]
    report = report_of(house)
    assert report.problems[0]["code"] == "too-many-errors"
    assert report.read < 2000
    assert "errors.total" in report.problems[0]["reason"]


def test_failures_one_after_the_other_stop_the_source(house: House) -> None:
    script = source(house, errors=Errors(in_a_row=5))
    script.entries = [item(f"b{number}.xml", "<ead") if number % 5 else aid(number) for number in range(40)]
    assert report_of(house).problems[0]["code"] != "too-many-errors"
    script.entries += [item(f"c{number}.xml", "<ead") for number in range(7)]
    assert report_of(house).problems[0]["code"] == "too-many-errors"


def test_a_share_of_failures_stops_the_source(house: House) -> None:
    script = source(house, errors=Errors(share=0.5))
    script.entries = [item(f"b{number}.xml", "<ead") for number in range(99)]
    assert report_of(house).problems[0]["code"] != "too-many-errors"
    script.entries += [item(f"c{number}.xml", "<ead") for number in range(101)]
    assert report_of(house).problems[0]["code"] == "too-many-errors"


def test_what_failed_is_kept_and_mapped_again_without_asking(house: House) -> None:
    columns: dict[str, Any] = {"columns": {"id": "id", "title": "title"}, "fixed": {"kind": "thematic"}}
    rows = source(house, "rows", "table", **columns)
    rows.entries = [row("1", title="One"), row("2", titel="Two")]
    files = source(house, "files")
    files.entries = [item("bad.xml", "<ead"), aid(1), item("note.txt", "no finding aid")]
    house.sync()
    kept = house.store.current("payload", ["source", "item"]).to_pylist()
    assert kept == [{"source": "files", "item": "bad.xml"}, {"source": "files", "item": "note.txt"}]
    asked = (len(rows.asked), len(files.asked))
    before = house.counts(replay=True)
    assert before["files"][3] == 1
    house.specs = [replace(spec, mapping="text") if spec.name == "files" else spec for spec in house.specs]
    after = house.counts(replay=True)
    assert after["files"][:1] == (2,)
    assert (len(rows.asked), len(files.asked)) == asked
    assert house.store.current("payload", ["item"]).num_rows == 0


# Side by side


def test_sources_that_wait_for_a_network_run_side_by_side(house: House) -> None:
    together = threading.Barrier(3)
    for name in ("north", "south", "west"):
        script = source(house, name)
        script.barrier = together
        script.entries = [aid(number) for number in range(5)]
    report = house.sync()
    assert [one.source for one in report.sources] == ["north", "south", "west"]
    assert [one.indexed for one in report.sources] == [10, 10, 10]


def test_a_source_that_is_down_leaves_the_others_alone(house: House) -> None:
    for name in ("north", "south"):
        source(house, name).entries = [aid(1)]
    SCRIPTS["north"].errors = {0: StopSource("no permission")}
    north, south = house.sync().sources
    assert (north.held_back, south.held_back, south.indexed) == (True, False, 2)


def test_an_expectation_holds_for_what_is_there_not_for_what_changed(house: House) -> None:
    script = source(house, min_records=4)
    script.entries = [aid(1), aid(2)]
    assert not report_of(house).held_back
    script.entries += [aid(1, "Changed")]
    report = report_of(house)
    assert (report.held_back, report.indexed) == (False, 1)
