"""The large archive has words of its own in every copy, and an opponent holds the same documents."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from indexer.documents import documents
from indexer.resource import mint
from mappings.record import Copy, Name, Page, Record
from tests.benchmarks import finding, finding_corpus
from tests.benchmarks.finding_corpus import Texts, peer_documents
from tests.indexer.corpus import member, resource


def test_copies_differ_in_rare_words_and_are_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_corpus, "FREQUENT", 1)
    given = ["the harbour, the harbour and 上海 lighthouse-1950", "harbour"]
    texts = Texts(given)
    assert texts.copy(0) == given
    copies = [texts.copy(number) for number in range(1, 30)]
    assert copies == [Texts(given).copy(number) for number in range(1, 30)]
    assert all("harbour" in copy[0] and "-1950" in copy[0] for copy in copies)
    assert len({copy[0] for copy in copies}) > 5


def test_an_opponent_gets_resources_and_pages_as_documents() -> None:
    pages = (Page(1, "first leaf"), Page(2, "second leaf"))
    volume = Record(
        "v", "A volume", kind="digital", names=(Name("Ships", "subject"),), copies=(Copy(page_count=2, pages=pages),)
    )
    lines = [orjson.loads(line) for line in peer_documents(documents(resource(member("scans", volume)), mint))]
    assert [line["title"] for line in lines] == ["A volume"] * 3
    assert [line["text"] for line in lines[1:]] == ["first leaf", "second leaf"]
    assert lines[0]["subject"] == ["Ships"] and lines[1]["id"] == f"{lines[0]['id']}/1"


def test_rows_of_what_was_measured() -> None:
    both = {"n": 1, "p50": 1.0, "p95": 2.0, "hits_median": 3, "cpu_ms": 1.0}
    classes = {"short": {"ours": both, "peer": both}, "short, equal": {"ours": both, "peer": both}}
    grown = {"p50": 1.0, "p95": 4.0}
    found: dict[str, Any] = {
        "classes": classes,
        "where": [],
        "substrings": {"held": 4, "found": 4, "exact": 2, "exact_right": 1},
        "facets": {"kind": {"page": 2.0, "limited": 3.0}, "level": {"page": 2.0, "limited": 1.0}},
        "everything": {"ours": 1.0, "peer": 2.0},
        "growth": {"short": {"large": grown, "small": {"p50": 1.0, "p95": 1.0}}},
        "index_bytes": {"ours": 3 << 20, "single_layer": 1 << 20},
    }
    met = {row.name: row.met for row in finding.page_rows(found)}
    assert met["search page, short, p95"] and met["search page, short, equal, p95"] is None
    assert met["Chinese strings: recall"] and not met['Chinese strings, ="...": precision']
    assert met["a facet followed, the dearest (kind)"] is False and met["10-fold: search page, short, p95"] is False
    load = {f"{clients}/{count}": {"per_second": 10.0 * count} for clients in (1, 4) for count in (1, 2)}
    http = {"classes": classes, "memory_mib": {"peak": 900.0, "private": 300.0}, "load": load}
    met = {row.name: row.met for row in finding.http_rows(http)}
    assert met["4 clients, two processes"] and met["1 clients, two processes"] is None
