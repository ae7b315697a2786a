"""All of the corpus' broken input through every mapping: a row for each item, bounded memory, no exception."""

from __future__ import annotations

import socket
import tracemalloc
from pathlib import Path
from typing import Any, NoReturn

import pytest

from connectors.base import RawItem, SkipItem
from connectors.registry import connector
from mappings.base import Failed, MappingOptions, Skipped
from mappings.grouping import found_in
from mappings.record import Record
from mappings.registry import MAPPINGS, mapping
from tests.contracts.mapping_contract import check_outcome

LIMIT = 60 * 2**20  # the largest file of the folder is 0.6 MB


def items(folder: Path) -> list[RawItem]:
    return [item for item in connector("folder", {"path": str(folder)}, Path()).read(None) if isinstance(item, RawItem)]


def groups(name: str, folder: Path) -> list[list[RawItem]]:
    """What makes one item for a mapping; a member of an archive that is refused has its row before any of them."""
    readable = [item for item in items(folder) if opens(item)]
    return [list(group) for _, group in found_in(readable, mapping(name, MappingOptions()).unit)]


def opens(item: RawItem) -> bool:
    try:
        item.open().close()
    except SkipItem:
        return False
    return True


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", MAPPINGS)
def test_every_broken_item_has_its_row(corpus: Path, name: str) -> None:
    made = mapping(name, MappingOptions())
    tracemalloc.start()
    for group in groups(name, corpus / "bad"):
        found = list(made.records(group))
        assert found, group[0].key
        for outcome in found:
            check_outcome(outcome)
            assert "root:" not in str(outcome)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LIMIT


def outcome_of(path: Path) -> list[Record | Skipped | Failed]:
    name = "ead" if path.suffix == ".xml" else "table"
    item = next(item for item in items(path.parent) if item.key == path.name)
    return list(mapping(name, MappingOptions()).records([item]))


@pytest.mark.corpus
def test_good_records_of_damaged_files_are_kept(corpus: Path) -> None:
    bad = corpus / "bad"
    truncated = outcome_of(bad / "encodings-reencoded/ead-truncated.xml")
    kept = [outcome for outcome in truncated if isinstance(outcome, Record)]
    assert len(kept) > 1
    assert [problem.code for problem in kept[-1].problems] == ["damaged-xml"]
    assert kept[-1].problems[0].position.startswith("line ")
    mistaken = outcome_of(bad / "encodings-reencoded/ead-utf8-declared-gbk.xml")
    assert any(
        "wrong-encoding" in {problem.code for problem in outcome.problems}
        for outcome in mistaken
        if isinstance(outcome, Record)
    )
    mixed = outcome_of(bad / "encodings-reencoded/kanripo-titles.mixed-big5-gbk-utf8.csv")
    assert len(mixed) == 899 and all(isinstance(outcome, Record) for outcome in mixed)


REENCODED = {
    "areas.gbk.csv": 2_978,
    "areas.gb18030.csv": 2_979,
    "areas.utf-16le-bom.csv": 2_978,
    "areas.utf-8-bom-crlf.csv": 2_978,
    "kanripo-titles.big5.csv": 1_999,
    "kanripo-titles.big5hkscs.csv": 1_999,
    "kanripo-titles.double-encoded-utf8.csv": 199,
}


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "rows"), REENCODED.items())
def test_encodings_of_the_corpus_are_found_out(corpus: Path, name: str, rows: int) -> None:
    whole = (corpus / "csv/chinese-text-catalogues/textref-kanripo.csv").read_text("utf-8")
    found = outcome_of(corpus / "bad/encodings-reencoded" / name)
    titles = [outcome.title for outcome in found if isinstance(outcome, Record)]
    assert len(titles) == rows
    if name.startswith("kanripo"):
        assert all(title in whole for title in titles)
    else:
        assert titles[0] == "东城区"
