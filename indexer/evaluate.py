"""How good the ranking is on judged questions, measured through the same search function that readers use.

Measures are TREC's with linear gain: nDCG@10 = sum(gain / log2(rank + 1)) over the ideal order's, MRR@10, recall@100.
Judgements name documents by `source_id`; a hit that joins several takes the gain of its best. Questions without a
relevant document are left out. A question without a text finds nothing: published sets hold some.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import Any, Protocol

from indexer.errors import SearchError
from indexer.query import Query
from mappings.access import Viewer

_JUDGEMENT = re.compile(r"(\S+)\s+\S+\s+(\S.*?)\s+(-?\d+)")
DEPTH = 100
PAGE = 20
MEASURES = ("ndcg@10", "mrr@10", "recall@100")
Judgements = dict[str, dict[str, int]]


class BadJudgements(SearchError):
    """A file of questions or judgements is missing or not in its format."""


class Search(Protocol):
    """The search function: the contract's answer for a query and a viewer."""

    def __call__(self, query: Query, viewer: Viewer) -> dict[str, Any]: ...


def evaluate(
    search: Search, questions: Mapping[str, str], judgements: Judgements, viewer: Viewer, each: bool = False
) -> dict[str, Any]:
    """The contract's report: averages over the judged questions; latency in ms of the page of 20 a reader waits for.

    With `each` also ``"questions": {id: {"ndcg@10", "mrr@10", "recall@100"}}``.
    """
    judged = {name: gains for name, gains in judgements.items() if name in questions and max(gains.values()) > 0}
    if not judged:
        raise BadJudgements("No question has a relevant document; both files must begin with the question's id.")
    scores, seconds = [], []
    for name, gains in judged.items():
        started = time.perf_counter()
        search(Query(questions[name], size=PAGE), viewer)
        seconds.append(time.perf_counter() - started)
        found = search(Query(questions[name], size=DEPTH), viewer)["hits"] if questions[name] else []
        scores.append(score(found, gains))
    means = _measures(statistics.fmean(column) for column in zip(*scores, strict=True))
    latency = {"p50": _percentile(seconds, 50), "p95": _percentile(seconds, 95)}
    report = {"queries": len(judged), **means, "latency_ms": latency}
    return {**report, "questions": dict(zip(judged, map(_measures, scores), strict=True))} if each else report


def _measures(values: Iterable[float]) -> dict[str, float]:
    """The three measures by name, rounded."""
    return {name: round(value, 4) for name, value in zip(MEASURES, values, strict=True)}


def score(hits: Sequence[Mapping[str, Any]], gains: Mapping[str, int]) -> tuple[float, float, float]:
    """nDCG@10, reciprocal rank within 10 and recall@100 of one question's hits."""
    named = [{source["source_id"] for source in hit["sources"]} for hit in hits[:DEPTH]]
    gained = [max((gains.get(name, 0) for name in names), default=0) for names in named]
    ideal = sorted((gain for gain in gains.values() if gain > 0), reverse=True)
    relevant = {name for name, gain in gains.items() if gain > 0}
    first = next((rank for rank, gain in enumerate(gained[:10], 1) if gain > 0), None)
    found = relevant & set[str]().union(*named)
    return _dcg(gained) / _dcg(ideal), 1 / first if first else 0.0, len(found) / len(relevant)


def read_questions(file: Path) -> dict[str, str]:
    """Questions by id from lines ``id<TAB>text``. Raises BadJudgements naming the line."""
    questions = {}
    for number, line in _lines(file):
        name, tab, text = line.partition("\t")
        if not tab or not name.strip():
            raise BadJudgements(f"{file}, line {number}: a question is its id, a tab and its text.")
        questions[name.strip()] = text.strip()
    return questions


def read_judgements(file: Path) -> Judgements:
    """Gains by question and document from TREC lines ``question 0 document gain``. Raises BadJudgements."""
    judgements: Judgements = {}
    for number, line in _lines(file):
        # A source_id may hold spaces: it is what stands between the second and the last column.
        match = _JUDGEMENT.fullmatch(line.strip())
        if match is None:
            raise BadJudgements(
                f"{file}, line {number}: a judgement is a question's id, 0, a source_id and a whole number."
            )
        question, document, gain = match.groups()
        judgements.setdefault(question, {})[document] = int(gain)
    return judgements


def _lines(file: Path) -> list[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadJudgements(f"{file} cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadJudgements(f"{file} is not UTF-8 text: {error.reason} at byte {error.start}.") from error
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _dcg(gains: Sequence[int]) -> float:
    return sum(max(gain, 0) / log2(rank + 1) for rank, gain in enumerate(gains[:10], 1))


def _percentile(seconds: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile, in milliseconds."""
    ordered = sorted(seconds)
    index = max(0, -(-len(ordered) * percent // 100) - 1)
    return round(ordered[index] * 1000, 2)
