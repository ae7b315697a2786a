"""Everything in the shared folder of broken files, through every mapping, by the command line."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mappings.base import MappingOptions
from mappings.registry import MAPPINGS, mapping
from pipelines.record_store import RecordStore
from tests.bad_input.house import Done, House

pytestmark = [pytest.mark.corpus, pytest.mark.slow]
UNITS = {name: mapping(name, MappingOptions()).unit for name in MAPPINGS}
FILES = sorted(name for name, unit in UNITS.items() if unit == "file")
FOLDERS = sorted(name for name, unit in UNITS.items() if unit == "folder")
MEMORY, FILE, DISK = 6 << 30, 64 << 20, 64 << 20
PEAK = 1 << 30
WHOLE = {"encrypted", "unreadable", "wrong-format", "empty-file", "damaged-xlsx", "duplicate-id"}
"""Codes of problems that concern a file as a whole: the item is the position."""


class Trial:
    """The workspace, and how the first and the second sync of it went."""

    def __init__(self, house: House, files: list[str]) -> None:
        self.house = house
        self.files = files
        limits = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_FSIZE: FILE, resource.RLIMIT_CPU: 120}
        self.first: Done = house.run("sync", "--json", limits=limits)
        self.taken = house.bytes()
        self.second: Done = house.run("sync", "--json", limits=limits)

    def problems(self, source: str) -> list[dict[str, Any]]:
        """Every stored problem of what was skipped or failed."""
        rows = self.store.rows("problem", ["item", "action", "problems"], source=source).to_pylist()
        return [
            {"item": row["item"], "action": row["action"], **msgspec.to_builtins(problem)}
            for row in rows
            for problem in msgspec.json.decode(row["problems"], type=list[Told])
        ]

    @property
    def store(self) -> RecordStore:
        return RecordStore(self.house.folder / "records")


class Told(msgspec.Struct):
    """A problem with every part of it."""

    reason: str
    code: str
    hint: str = ""
    position: str = ""


@pytest.fixture(scope="module")
def trial(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    house = House.new(tmp_path_factory.mktemp("shared") / "bad")
    bad = corpus / "bad"
    for name in MAPPINGS:
        settings = f"connector: folder\nmapping: {name}\nsettings: {{path: {bad}}}\n"
        house.source(name, f"title: {name}\nholder: House\naccess: open\n{settings}")
    return Trial(house, sorted(str(file.relative_to(bad)) for file in bad.rglob("*") if file.is_file()))


def test_it_ends_in_order_and_says_that_something_failed(trial: Trial) -> None:
    assert (trial.first.code, trial.first.err) == (1, "")
    assert set(trial.first.sources()) == set(MAPPINGS)


def test_neither_memory_nor_disk_blow_up(trial: Trial) -> None:
    assert trial.first.peak < PEAK
    assert trial.taken < DISK


def test_nobody_is_called(trial: Trial) -> None:
    assert (trial.first.connections, trial.second.connections) == ((), ())


@pytest.mark.parametrize("source", FILES)
def test_each_file_has_its_row(trial: Trial, source: str) -> None:
    assert {item.partition("!/")[0] for item in trial.house.items(source)} == set(trial.files)


@pytest.mark.parametrize("source", FOLDERS)
def test_each_folder_of_pages_has_its_row(trial: Trial, source: str) -> None:
    given = trial.house.items(source)
    inside = {str(Path(item.partition("!")[0]).parent) for item in given if "!" in item}
    assert {item for item in given if "!" not in item} | inside == {str(Path(file).parent) for file in trial.files}


@pytest.mark.parametrize("source", MAPPINGS)
def test_counts_are_those_of_the_rows(trial: Trial, source: str) -> None:
    report, problems = trial.first.sources()[source], trial.problems(source)
    counts = {action: sum(problem["action"] == action for problem in problems) for action in ("skip", "error")}
    assert (report["skipped"], report["failed"]) == (counts["skip"], counts["error"])
    records = trial.store.current("record", ["source_id"], source=source).num_rows
    assert report["indexed"] == records


@pytest.mark.parametrize("source", MAPPINGS)
def test_each_problem_says_where_why_and_what_to_do(trial: Trial, source: str) -> None:
    for problem in [*trial.problems(source), *trial.first.sources()[source]["problems"]]:
        assert problem["item"] and problem["reason"] and problem["hint"], problem
        assert problem["position"] or problem["code"] in WHOLE, problem


@pytest.mark.parametrize("source", MAPPINGS)
def test_every_file_is_accounted_for(trial: Trial, source: str) -> None:
    """A file gave records, or a problem names it."""
    given = {row["item"] for row in trial.store.current("record", ["item"], source=source).to_pylist()}
    told = {f"{problem['item']} {problem['position']} {problem['reason']}" for problem in trial.problems(source)}
    for file in trial.files:
        folder = str(Path(file).parent)
        inside = any(item.startswith(f"{file}!") for item in given)
        assert file in given or folder in given or inside or any(file in text for text in told), file


BESIDE = {
    "components before the place where a finding aid ends": ("ead", "encodings-reencoded/ead-truncated.xml"),
    "components under a wrong declaration": ("ead", "encodings-reencoded/ead-utf8-declared-gbk.xml"),
    "rows beside ragged ones": ("table", "csv-frictionless/defective-rows.csv"),
    "rows in characters that GBK lacks": ("table", "encodings-reencoded/areas.gb18030.csv"),
    "rows in three encodings": ("table", "encodings-reencoded/kanripo-titles.mixed-big5-gbk-utf8.csv"),
    "rows encoded twice": ("table", "encodings-reencoded/kanripo-titles.double-encoded-utf8.csv"),
}


@pytest.mark.parametrize(("source", "item"), BESIDE.values(), ids=BESIDE)
def test_good_records_beside_damage_are_found(trial: Trial, corpus: Path, source: str, item: str) -> None:
    """As many as the bytes show: starts of components and the fonds, or lines below the header."""
    payload = (corpus / "bad" / item).read_bytes()
    there = 1 + payload.count(b"<c ") if source == "ead" else payload.count(b"\n") - 1
    records = trial.store.current("record", ["source_id", "item"], source=source).to_pylist()
    assert sum(row["item"] == item for row in records) == there > 0


def test_what_was_read_before_the_damage_is_found_by_its_words(trial: Trial) -> None:
    found = trial.house.titles("notes on drafting of constitution", "--filter", "source:ead")
    assert "Constitution - notes on drafting of constitution" in " ".join(found)


def test_a_second_run_finds_everything_as_it_was(trial: Trial) -> None:
    assert (trial.second.code, trial.second.err) == (1, "")
    first, second = trial.first.sources(), trial.second.sources()
    for source in MAPPINGS:
        assert second[source]["indexed"] == second[source]["deleted"] == 0
        assert second[source]["unchanged"] == first[source]["indexed"]
        for part in ("read", "skipped", "failed", "pages"):
            assert second[source][part] == first[source][part]
