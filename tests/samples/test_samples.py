"""The samples are small, licensed, consistent, and hold what the demonstration promises."""

from __future__ import annotations

import contextlib
import importlib
import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
import yaml

from onestop.sources import SourceFile, load_sources

MEGABYTE = 1_000_000
LICENCES = re.compile(r"CC0-1\.0|MIT|Apache-2\.0|BSD|ECL-2\.0|WTFPL")
DATA = (
    "file_list/land_files.csv",
    "file_list/land_tenders.xlsx",
    "land_register.sqlite",
    "volumes",
    "work_and_family",
    "tang_poets.sqlite",
    "woodblock",
    "library",
    "newspapers/titles.jsonl",
    "finding_aids/ncsu",
    "finding_aids/nlm",
    "finding_aids/bentley",
    "typescripts",
)
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_all_of_it_is_small_enough_to_ship(samples: Path) -> None:
    assert sum(file.stat().st_size for file in samples.rglob("*") if "__pycache__" not in file.parts) <= 15 * MEGABYTE


def test_the_readme_names_every_part_with_a_licence_that_allows_it(samples: Path) -> None:
    rows = [
        line.split("|")
        for line in (samples / "README.md").read_text("utf-8").splitlines()
        if line.startswith("| `data/")
    ]
    licensed = {row[1].strip().strip("`").removeprefix("data/").rstrip("/"): row[4] for row in rows}
    assert set(licensed) == set(DATA)
    assert all(LICENCES.search(licence) for licence in licensed.values())


def test_every_file_belongs_to_a_part_the_readme_names(samples: Path) -> None:
    data = samples / "data"
    files = [file.relative_to(data).as_posix() for file in data.rglob("*") if file.is_file()]
    assert [file for file in files if not file.startswith(DATA)] == []


def test_licence_texts_the_readme_refers_to_are_there(samples: Path) -> None:
    named = set(re.findall(r"`(LICENSES/[^`]+)`", (samples / "README.md").read_text("utf-8")))
    assert named
    assert all((samples / name).stat().st_size > 500 for name in named)


def test_every_source_file_is_valid_and_points_into_the_samples(samples: Path) -> None:
    sources = load_sources(samples, [], {})
    assert len(sources) >= 8
    assert all(_place(samples, source).exists() for source in sources.values())


def _place(samples: Path, source: SourceFile) -> Path:
    return samples / str(source.settings.get("path") or source.settings["url"].removeprefix("sqlite:///"))


def test_reference_codes_are_unique_and_every_parent_is_there(file_list: list[dict[str, str]]) -> None:
    codes = Counter(row["档号"] for row in file_list)
    assert [code for code, times in codes.items() if times > 1] == []
    assert [row["档号"] for row in file_list if row["上级档号"] and row["上级档号"] not in codes] == []
    assert all(row["档号"].startswith(row["全宗号"]) and row["题名"] for row in file_list)


def test_every_opening_status_occurs(file_list: list[dict[str, str]], samples: Path) -> None:
    known = load_sources(samples, ["land_files"], {})["land_files"].values["access"]
    found = Counter(known[row["开放状态"]] for row in file_list)
    assert set(found) == {"open", "registered", "onsite", "restricted", "closed", "internal"}
    assert found["open"] > len(file_list) / 2
    assert all(row["开放日期"] for row in file_list if row["开放状态"] == "延期开放")


def test_what_is_internal_has_no_row_in_the_register(
    file_list: list[dict[str, str]], register: list[sqlite3.Row]
) -> None:
    internal = {row["档号"] for row in file_list if row["开放状态"] == "内部"}
    assert internal
    assert not internal & {row["档号"] for row in register}


def test_entries_of_the_register_name_files_of_the_list(
    file_list: list[dict[str, str]], register: list[sqlite3.Row]
) -> None:
    status = {row["档号"]: row["开放状态"] for row in file_list}
    linked = [row for row in register if row["档号"]]
    assert len(linked) > 400
    assert [row["条目号"] for row in linked if status.get(row["档号"]) != row["开放状态"]] == []


def test_thirty_things_are_physical_digital_and_thematic(
    file_list: list[dict[str, str]], register: list[sqlite3.Row], volumes: dict[str, dict[str, str]]
) -> None:
    by_ark = {row["ARK"]: row["档号"] for row in file_list if row["ARK"]}
    scanned = {by_ark[statement["ark"]] if "ark" in statement else name for name, statement in volumes.items()}
    triples = {row["档号"] for row in file_list} & {row["档号"] for row in register} & scanned
    assert len(triples) >= 30
    assert sum("ark" in statement for statement in volumes.values()) == 3


def test_a_volume_is_as_open_as_its_row(
    file_list: list[dict[str, str]], volumes: dict[str, dict[str, str]], samples: Path
) -> None:
    values = load_sources(samples, ["land_files"], {})["land_files"].values["access"]
    rows = {row["档号"]: row for row in file_list} | {row["ARK"]: row for row in file_list if row["ARK"]}
    for name, statement in volumes.items():
        row = rows[statement.get("ark", name)]
        assert (statement.get("access", "open"), statement.get("opens_on", "")) == (
            values[row["开放状态"]],
            row["开放日期"],
        )


def test_a_row_states_as_many_pages_as_were_digitised(
    file_list: list[dict[str, str]], volumes: dict[str, dict[str, str]], samples: Path
) -> None:
    rows = {row["档号"]: row for row in file_list} | {row["ARK"]: row for row in file_list if row["ARK"]}
    for name, statement in volumes.items():
        images = list((samples / "data" / "volumes" / name).glob("*.jpg"))
        assert rows[statement.get("ark", name)]["数量及单位"] == f"{len(images)}页"


def test_both_languages_are_well_represented(file_list: list[dict[str, str]], samples: Path) -> None:
    assert sum(bool(HAN.search(row["题名"])) for row in file_list) > 500
    aids = (samples / "data" / "finding_aids" / "ncsu").glob("*.xml")
    assert sum(len(re.findall(r"<c>|<c ", aid.read_text("utf-8"))) for aid in aids) > 1000


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_tour_greets_in_every_language_of_the_interface(samples: Path, language: str) -> None:
    tour = yaml.safe_load((samples / "tour.yml").read_text("utf-8"))
    greeting = tour[language]
    assert set(greeting) == {"name", "tagline", "examples", "hours", "contact"}
    assert len(greeting["examples"]) == 3
    assert all(set(example) == {"text", "why"} for example in greeting["examples"])
    assert set(greeting["contact"]) == {"phone", "address", "email"}


@pytest.mark.corpus
def test_the_tables_can_be_made_again(
    corpus: Path, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(samples.parent / "tools")
    main = importlib.import_module("make_samples.__main__")
    main.make_tables(corpus, tmp_path)
    for name in ("file_list/land_files.csv", "file_list/land_tenders.xlsx", "newspapers/titles.jsonl"):
        assert (tmp_path / name).read_bytes() == (samples / "data" / name).read_bytes()
    for name in ("land_register.sqlite", "tang_poets.sqlite"):
        assert _dump(tmp_path / name) == _dump(samples / "data" / name)


def _dump(file: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
