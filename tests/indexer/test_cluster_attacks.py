"""Injection into the language of search servers: what is typed is data in what they are sent, and never more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.documents import documents
from indexer.engines import open_engine
from indexer.engines.cluster.connection import Connection
from indexer.errors import QueryError
from indexer.query import Query
from indexer.resource import mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from tests.attack.house import INTERNAL_ID, MARK, more
from tests.indexer.test_cluster_engines import Server, empty
from tests.search_ui.web.house import LAND_ID, resources

CODE = frozenset({"script", "script_fields", "script_score", "query_string", "simple_query_string", "runtime_mappings"})
"""Parts of the language that would run, or read, what is typed."""


@pytest.fixture(scope="module", params=["opensearch", "elasticsearch"])
def searcher(request: pytest.FixtureRequest, _opensearch: Server, _elasticsearch: Server) -> Iterator[Searcher]:
    """The house that is attacked, on one of the two products."""
    server = {"opensearch": _opensearch, "elasticsearch": _elasticsearch}[request.param]
    server.start()
    engine = open_engine(empty(server, "attacked"), Path())
    writer = engine.writer()
    for resource in (*resources(), *more()):
        writer.add(documents(resource, mint))
    writer.commit(1)
    writer.close()
    yield Searcher(engine, {})
    empty(server, "attacked")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every body that goes to the server."""
    bodies: list[Any] = []
    ask, lines = Connection.ask, Connection.lines

    def asked(self: Connection, *given: Any, **named: Any) -> Any:
        bodies.extend((*given, *named.values()))
        return ask(self, *given, **named)

    def lined(self: Connection, *given: Any, **named: Any) -> Any:
        bodies.extend((*given, *named.values()))
        return lines(self, *given, **named)

    monkeypatch.setattr(Connection, "ask", asked)
    monkeypatch.setattr(Connection, "lines", lined)
    return bodies


def keys(body: Any) -> set[str]:
    """Every word of the language in a body, or in the lines of one."""
    if isinstance(body, bytes):
        return {key for line in body.splitlines() for key in keys(json.loads(line))}
    if isinstance(body, dict):
        return {str(key) for key in body} | {key for value in body.values() for key in keys(value)}
    if isinstance(body, list | tuple):
        return {key for value in body for key in keys(value)}
    return set()


def questions(text: str) -> list[Query]:
    """A text everywhere a text can stand."""
    return [
        Query(text),
        Query(f"title:{text}"),
        Query(f'"{text}"'),
        Query("*", {"level": (text,), "source": ("list", text)}),
        Query("*", {"person": (text,)}),
        Query("*", within=text),
        Query(text, {"level": ("fonds",)}, plain=(text,)),
    ]


TYPED = (
    '{"match_all":{}}',
    '"}},{"match_all":{}}',
    '"}}]}},"size":100,"x":{"y":{"z":"',
    "*:* OR access:internal",
    "NOT zz",
    "(((((((((",
    "a\\",
    '"',
    "/.*/",
    "[* TO *]",
    "a~99999^999999999",
    "* * * *",
    "${jndi:ldap://x}",
    "internal:true",
)
"""What means something in the language of search servers, or in JSON."""


@pytest.mark.parametrize("text", TYPED)
def test_what_is_typed_stays_data(searcher: Searcher, sent: list[Any], text: str) -> None:
    for query in questions(text):
        try:
            found = searcher.search(query, ANONYMOUS)
        except QueryError:
            continue
        told = {hit["id"] for hit in found["hits"]}
        assert INTERNAL_ID not in told and MARK not in repr(found["facets"]), (text, query)
        wanted = query.filters.get("level")
        assert not wanted or {hit["level"] for hit in found["hits"]} <= set(wanted), (text, query)
    searcher.suggest(text[:200], ANONYMOUS)
    searcher.pages(LAND_ID, text, ANONYMOUS)
    assert searcher.resource(text, ANONYMOUS) is None
    words = keys(sent)
    assert sent and words and not words & CODE
    assert not [key for key in words if len(text) > 3 and text in key], "no word of the language is what was typed"


def test_the_house_is_found_there(searcher: Searcher) -> None:
    """The attacks above fail for what they are."""
    assert searcher.search(Query("*"), ANONYMOUS)["total"] > 100
    assert searcher.search(Query("土地"), ANONYMOUS)["total"] >= 1
