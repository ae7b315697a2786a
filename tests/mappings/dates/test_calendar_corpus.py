"""Our tables of eras and lunar months against the time authority of Dharma Drum (`thematic/chinese-calendar`): every
year of every era, the first day of every month.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mappings.dates import parse
from mappings.dates.days import year_of
from mappings.dates.eras import folded, lunar_month, of_ordinal

_ROW = re.compile(r"\(((?:[^()']|'(?:[^'\\]|\\.)*')*)\)")
_CELL = re.compile(r"'(?:[^'\\]|\\.)*'|[^,]+")
Row = tuple[str, ...]


@cache
def _dump(corpus: Path) -> str:
    return (corpus / "thematic/chinese-calendar/authority_time_chinese.sql").read_text("utf-8", "replace")


def _rows(corpus: Path, table: str) -> Iterator[Row]:
    for insert in re.finditer(rf"INSERT INTO `{table}` VALUES (.*);\n", _dump(corpus)):
        for row in _ROW.finditer(insert[1]):
            yield tuple(cell.strip("'") for cell in _CELL.findall(row[1]))


def _states(corpus: Path) -> dict[str, str]:
    """Era to state."""
    names = {row[0]: row[1] for row in _rows(corpus, "t_dynasty_names") if row[2] == "0"}
    of_ruler = {row[0]: names.get(row[1], "") for row in _rows(corpus, "t_emperor")}
    return {row[0]: of_ruler[row[1]] for row in _rows(corpus, "t_era") if row[1] in of_ruler}


def _era_years(corpus: Path) -> dict[tuple[str, str, int], set[int]]:
    """The years in which the middle months (3 to 9) of (state, era, number) begin."""
    states, found = _states(corpus), defaultdict(set)
    names = {row[0]: row[1] for row in _rows(corpus, "t_era_names") if row[2] == "0"}
    for row in _rows(corpus, "t_month"):
        if row[10] == "S" and 3 <= int(row[2]) <= 9 and row[5] in names and row[5] in states:
            found[states[row[5]], names[row[5]], int(row[1])].add(year_of(of_ordinal(int(row[6]))))
    return {key: years for key, years in found.items() if not key[1].startswith("（")}


TWICE = {("東漢", "元嘉"), ("北魏", "永興"), ("北魏", "永平"), ("西夏", "大慶"), ("元", "至元")}
"""Names that one state gave to two eras: both are within what we say."""


@pytest.mark.corpus
def test_years_of_all_eras_are_those_of_the_authority(corpus: Path) -> None:
    table = _era_years(corpus)
    read = {(state, name, number): parse(f"{state}{name}{number}年") for state, name, number in table}
    differing = {key: span for key, span in read.items() if span != (min(table[key]), max(table[key]))}
    assert (len(table), len(differing)) == (4222, 10)
    for (state, name, number), (start, end) in differing.items():
        assert (state, name) in TWICE
        assert start is not None and end is not None and start <= min(table[state, name, number]) <= end


@pytest.mark.corpus
def test_first_days_of_all_months_are_those_of_the_authority(corpus: Path) -> None:
    """Ming from 1369, Qing to 1911: every whole month in the authority, with its leap months."""
    states = _states(corpus)
    agreed, differing = defaultdict(int), []
    for row in _rows(corpus, "t_month"):
        state = states.get(row[5], "")
        if state not in ("明", "清") or row[9] != "1" or row[10] != "S":
            continue
        month, leap, first = int(row[2]), row[4] == "1", int(row[6])
        begun = year_of(of_ordinal(first - 29 * (month - 1) - 15 if month > 9 else first))
        ours = lunar_month(begun, month, leap)
        if begun < 1369:
            continue
        if ours is not None and ours[0] == first:
            agreed[state] += 1
        else:
            differing.append((state, row[1:7], begun, ours))
    assert agreed["明"] > 3300 and agreed["清"] > 3200
    assert differing == []


def test_names_are_folded_alike() -> None:
    assert folded("靈龜") == folded("霊亀")
