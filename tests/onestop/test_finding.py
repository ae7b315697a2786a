"""Where the holdings have what somebody writes of, from the real searcher and with the reader's rights."""

from __future__ import annotations

import pytest

from indexer.engines.memory import MemoryEngine
from indexer.errors import EngineUnavailable
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Ancestor, Record
from onestop.finding import SearchFinder, telling
from service_desk.errors import Unavailable
from tests.contracts.leak_contract import TODAY
from tests.indexer.corpus import fill, member, resource
from tests.search_ui.themes.corner import theme

STAFF = Viewer("mei", frozenset({"staff"}))


def finder(*records: Record) -> SearchFinder:
    engine = MemoryEngine()
    fill(engine, tuple(resource(member("list", record)) for record in records))
    searcher = Searcher(engine, today=lambda: TODAY)
    return SearchFinder(
        lambda: searcher, lambda: [theme(), theme(name="bare", corner="research", pack=None, data=None)]
    )


def record(number: int, title: str, access: Access | None = None, holder: str = "North") -> Record:
    above = (Ancestor("f", "土地清冊", "fonds", "F"),)
    return Record(f"r{number}", title, level="file", holder=holder, ancestors=above, access=access)


def test_the_fullest_places_are_told_as_the_reader_finds_them() -> None:
    secret = [record(n, "石碇土地", Access("internal"), holder="South") for n in range(4, 8)]
    found = finder(*(record(n, "石碇土地贈與") for n in range(3)), record(3, "鐵路", holder="South"), *secret)
    text = "請問石碇的贈與"
    told = {one.kind: (one.name, one.count, one.total) for one in found.places(text, ANONYMOUS)}
    assert told["fonds"] == ("土地清冊", 3, 3) and told["holder"] == ("North", 3, 3)
    assert {one.kind: one.total for one in found.places(text, STAFF)}["holder"] == 7


def test_what_every_request_says_is_not_looked_for() -> None:
    assert telling("请问我想查询婚姻登记档案，谢谢") == ["婚姻登记"]
    assert telling("Please could you copy the LAND register 7") == ["you", "copy", "land", "register"]
    assert finder(record(1, "x")).places("请问 AND OR ?", ANONYMOUS) == ()
    assert len(telling(" ".join(f"word{n}" for n in range(50)))) == 12


def test_search_that_is_down_is_unavailable() -> None:
    class Down:
        def search(self, *_: object) -> dict[str, object]:
            raise EngineUnavailable("away")

    with pytest.raises(Unavailable):
        SearchFinder(Down, list).places("土地", ANONYMOUS)
