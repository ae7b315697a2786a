"""Pages as libraries have them: a German journal with divided words, hOCR, and columns of a Chinese woodblock print."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from indexer.engines.memory import MemoryEngine
from indexer.resource import Resource
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping
from tests.contracts.mapping_contract import mapped
from tests.indexer.corpus import fill, member
from tests.mappings.test_golden import GOLDEN, files

VOLUMES = {"alto": "alto/newspaper/046.xml", "hocr": "hocr/hocr_hyphen.html", "page": "page/woodblock.item"}


@cache
def searcher() -> Searcher:
    engine = MemoryEngine()
    found = []
    for kind, path in VOLUMES.items():
        outcomes = mapped(mapping(kind, MappingOptions()), *files(GOLDEN / path))
        (record,) = (outcome for outcome in outcomes if isinstance(outcome, Record))
        found.append(Resource(kind, (member("pages", record),)))
    fill(engine, tuple(found))
    return Searcher(engine)


def opened(kind: str, query: str) -> tuple[int, list[dict[str, Any]], str]:
    """The one page that matches: its number, the boxes of the first match, and its text with marks."""
    (number,) = searcher().matching_pages(kind, query, ANONYMOUS)
    page = searcher().page(kind, number, ANONYMOUS, query)
    assert page is not None
    words = [word for line in page["lines"] for word in line if word["match"] and word["hit"] == 1]
    return number, [box for word in words for box in word["boxes"]], page["highlights"][0]


@pytest.mark.parametrize(
    ("kind", "whole", "rest"),
    [("alto", "konzentriert", "triert"), ("hocr", "verbunden", "den"), ("hocr", "Schweizerdeutsch", "deutsch")],
)
def test_a_divided_word_is_boxed_on_both_lines(kind: str, whole: str, rest: str) -> None:
    for query in (whole, whole.removesuffix(rest)):
        _, (first, second), text = opened(kind, query)
        assert f"<mark>{whole}" in text
        assert second["y"] > first["y"] + first["h"] / 2 and second["x"] < first["x"]


@pytest.mark.parametrize("query", ['"甲補亡"', '"詩甲补亡"', '"一首詩甲"'])
def test_a_string_over_columns_is_boxed_in_both_from_right_to_left(query: str) -> None:
    number, boxes, text = opened("page", query)
    assert number == 2 and "\n" in text[text.index("<mark>") : text.index("</mark>")]
    assert len(boxes) == len(query.strip('"'))
    assert boxes[0]["x"] > boxes[-1]["x"]
    assert all(later["x"] <= earlier["x"] + 10 for earlier, later in pairwise(boxes))
