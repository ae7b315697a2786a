"""An index on a real OpenSearch, and on the core of a real Elasticsearch, keeps the contract of every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from indexer.engines import open_engine
from indexer.engines.base import Engine
from indexer.engines.cluster.address import parse
from indexer.engines.cluster.connection import Connection, connect
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from tests.contracts.advice_contract import AdviceContract
from tests.contracts.asking_contract import AskingContract
from tests.contracts.authorities_contract import AuthoritiesContract
from tests.contracts.corner_contract import CornerContract
from tests.contracts.engine_contract import EngineContract
from tests.contracts.pages_contract import PagesContract
from tests.contracts.suggest_contract import SuggestContract
from tests.contracts.text_contract import TextContract
from tests.indexer.corpus import fill
from tests.services.elasticsearch_server import ElasticsearchServer
from tests.services.opensearch_server import OpenSearchServer, RunningServer

Server = OpenSearchServer | ElasticsearchServer | RunningServer


@pytest.fixture(scope="class", params=["opensearch", "elasticsearch"])
def server(request: pytest.FixtureRequest, _opensearch: Server, _elasticsearch: Server) -> Server:
    """One of the two products; none of these tests kills it."""
    server = {"opensearch": _opensearch, "elasticsearch": _elasticsearch}[request.param]
    server.start()
    return server


def empty(server: Server, name: str) -> str:
    """The address of an index that is not there yet."""
    address = server.engine(name, "replicas=0")
    connection = connect(parse(address, Path()))
    for index in connection.ask("GET", f"/{connection.address.name}-*"):
        connection.ask("DELETE", f"/{index}")
    connection.close()
    return address


@pytest.fixture
def engine(server: Server, worker_id: str, tmp_path: Path) -> Engine:
    """All tests use one name: what keeps writers apart is made once."""
    return open_engine(empty(server, f"contract-{worker_id}"), tmp_path)


@pytest.fixture(scope="class")
def filled(server: Server, worker_id: str, request: pytest.FixtureRequest) -> Engine:
    """Filled once for all tests of a contract that only read: that takes a server longer than an answer."""
    engine = open_engine(empty(server, f"filled-{worker_id}"), Path())
    fill(engine, request.cls.CONTENT)
    return engine


class TestContract(EngineContract):
    pass


class TestAuthorities(AuthoritiesContract):
    pass


class TestPages(PagesContract):
    pass


class TestText(TextContract):
    pass


class TestAsking(AskingContract):
    pass


class TestSuggestions(SuggestContract):
    pass


class TestAdvice(AdviceContract):
    pass


class TestCorners(CornerContract):
    pass


WAYS = {
    "a phrase": ('"farm bureau"', 1),
    "words, of which some may be names": ("farm bureau minutes", 1),
    "words in Han characters": ("土地移轉", 1),
    "a reference code": ("Z013-1-001-005", 1),
    "a word of pages": ("siding", 4),
    "a slip": ("railraod", 3),
    "a slip in Han characters": ("石錠鄉", 7),
    "more words than any record has": ("minutes zzzz committee", 5),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_page_takes_few_ways(engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    text, ways = WAYS[name]
    fill(engine)
    searcher = Searcher(engine)
    searcher.search(Query(), ANONYMOUS)
    sent: list[bytes] = []
    lines = Connection.lines

    def counted(connection: Connection, path: str, body: bytes, within: float) -> Any:
        sent.append(body) if body.startswith(b"{}\n") else None  # else it looks for the version alone
        return lines(connection, path, body, within=within)

    monkeypatch.setattr(Connection, "lines", counted)
    searcher.search(Query(text), ANONYMOUS)
    assert len(sent) == ways
