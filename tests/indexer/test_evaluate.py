"""The measures, against values worked out by hand, and the formats of the judged files."""

from __future__ import annotations

from math import log2
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.evaluate import BadJudgements, evaluate, read_judgements, read_questions, score
from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer


def hits(*named: str) -> list[dict[str, Any]]:
    """Hits in order; ``a+b`` joins two records."""
    return [{"sources": [{"source": "s", "source_id": name} for name in joined.split("+")]} for joined in named]


SCORES = {
    "first": (hits("a", "x"), {"a": 1}, (1.0, 1.0, 1.0)),
    "second": (hits("x", "a"), {"a": 1}, (1 / log2(3), 0.5, 1.0)),
    "linear gain": (hits("b", "a"), {"a": 3, "b": 1}, ((1 + 3 / log2(3)) / (3 + 1 / log2(3)), 1.0, 1.0)),
    "joined records take the best": (hits("b+a"), {"a": 2, "b": 1}, (2 / (2 + 1 / log2(3)), 1.0, 1.0)),
    "not found": (hits("x"), {"a": 1}, (0.0, 0.0, 0.0)),
    "no hits": ([], {"a": 1}, (0.0, 0.0, 0.0)),
    "judged irrelevant": (hits("z", "a"), {"z": 0, "a": 1}, (1 / log2(3), 0.5, 1.0)),
    "below ten": (hits(*(["x"] * 10), "a"), {"a": 1}, (0.0, 0.0, 1.0)),
    "below a hundred": (hits(*(["x"] * 100), "a"), {"a": 1}, (0.0, 0.0, 0.0)),
}


@pytest.mark.parametrize(("found", "gains", "expected"), SCORES.values(), ids=SCORES)
def test_the_measures(found: list[Any], gains: dict[str, int], expected: tuple[float, float, float]) -> None:
    assert score(found, gains) == pytest.approx(expected)


@given(
    st.lists(st.sampled_from("abcdxyz"), unique=True),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3), min_size=1),
)
def test_every_measure_lies_between_nothing_and_everything(found: list[str], gains: dict[str, int]) -> None:
    assert all(0 <= measure <= 1 + 1e-9 for measure in score(hits(*found), gains))


def test_questions_without_a_relevant_document_are_left_out() -> None:
    asked: list[tuple[str, int]] = []

    def search(query: Query, viewer: Viewer) -> dict[str, Any]:
        asked.append((query.text, query.size))
        return {"hits": hits("a")}

    report = evaluate(
        search, {"1": "one", "2": "two", "3": "three"}, {"1": {"a": 1}, "2": {"a": 0}, "9": {"a": 1}}, ANONYMOUS
    )
    assert (report["queries"], report["ndcg@10"], report["mrr@10"], report["recall@100"]) == (1, 1.0, 1.0, 1.0)
    assert set(report["latency_ms"]) == {"p50", "p95"}
    assert asked == [("one", 20), ("one", 100)]


def test_a_question_without_text_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("1\tone\n2\t \n", encoding="utf-8")
    questions = read_questions(tmp_path / "q.tsv")
    report = evaluate(lambda query, viewer: {"hits": hits("a")}, questions, {"1": {"a": 1}, "2": {"a": 1}}, ANONYMOUS)
    assert (report["queries"], report["mrr@10"]) == (2, 0.5)


def test_the_measures_of_each_question_when_asked_for() -> None:
    report = evaluate(lambda query, viewer: {"hits": hits("a")}, {"1": "x"}, {"1": {"a": 1}}, ANONYMOUS, each=True)
    assert report["questions"] == {"1": {"ndcg@10": 1.0, "mrr@10": 1.0, "recall@100": 1.0}}


def test_nothing_judged_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadJudgements, match="No question"):
        evaluate(lambda query, viewer: {"hits": []}, {"1": "one"}, {"2": {"a": 1}}, ANONYMOUS)


def test_the_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("﻿1\t鐵路 購地\n\n2\tb\tc\n", encoding="utf-8")
    (tmp_path / "q.txt").write_text("1 0 a.xml#c 12 2\n1\t0\tb\t1\n2 Q0 c -1\n", encoding="utf-8")
    assert read_questions(tmp_path / "q.tsv") == {"1": "鐵路 購地", "2": "b\tc"}
    assert read_judgements(tmp_path / "q.txt") == {"1": {"a.xml#c 12": 2, "b": 1}, "2": {"c": -1}}


BAD = {
    "question without a tab": (read_questions, b"1 text\n", "line 1"),
    "question without an id": (read_questions, b"1\tok\n \ttext\n", "line 2"),
    "judgement without a gain": (read_judgements, b"1 0 a.xml\n", "line 1"),
    "judgement with a word for a gain": (read_judgements, b"1 0 a.xml yes\n", "line 1"),
    "not UTF-8": (read_questions, b"1\t\xff\xfe\n", "UTF-8"),
}


@pytest.mark.parametrize(("read", "content", "words"), BAD.values(), ids=BAD)
def test_a_bad_line_is_named(tmp_path: Path, read: Any, content: bytes, words: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(BadJudgements, match=words):
        read(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadJudgements, match="nowhere"):
        read_questions(tmp_path / "nowhere")
