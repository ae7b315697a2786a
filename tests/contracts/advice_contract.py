"""Did you mean, and one step wider, on every engine. A new engine supplies an empty `engine` and inherits the suite."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Dates, Name, Record
from tests.contracts.suggest_contract import EVERYTHING
from tests.indexer.corpus import fill, member, resource

STAFF = Viewer("mei", frozenset({"staff"}))
TODAY = dt.date(2026, 11, 23)
HIDDEN = resource(
    member(
        "desk",
        Record(
            "h-2",
            "Zanzibar expedition 鄭和航海圖",
            access=Access("internal"),
            dates=Dates("1891", 1891, 1891),
            names=(Name("Zanzibar", "place"), Name("鄭和", "person")),
        ),
    )
)

MEANT = {
    "a letter too few": ("commitee minutes", "committee minutes"),
    "two letters changed over": ("rialroad", "railroad"),
    "a letter too many, in a long word": ("correspondennce", "correspondence"),
    "a word known from a name": ("smithh", "smith"),
    "read alike": ("光旭", "光緒"),
    "read alike, within a question": ("張支洞 鐵路", "張之洞 鐵路"),
    "read alike, in a title": ("鐵鹿合同", "鐵路合同"),
    "looking alike": ("士地", "土地"),
    "one character of three": ("石碇鎮", "石碇鄉"),
    "pinyin": ("guangxu", "光緒"),
}


def interpretation(searcher: Searcher, query: Query, viewer: Viewer = ANONYMOUS) -> dict[str, Any]:
    """How a question was understood."""
    found: dict[str, Any] = searcher.search(query, viewer)["interpretation"]
    return found


class AdviceContract:
    """Inherit, and give a fixture ``engine``."""

    CONTENT = EVERYTHING

    @pytest.fixture
    def searcher(self, filled: Engine) -> Searcher:
        return Searcher(filled, today=lambda: TODAY)

    @pytest.mark.parametrize("name", MEANT)
    def test_did_you_mean(self, searcher: Searcher, name: str) -> None:
        typed, meant = MEANT[name]
        offered = interpretation(searcher, Query(typed))["did_you_mean"]
        assert meant in [other["text"] for other in offered]
        for other in offered:
            answer = searcher.search(Query(other["text"]), ANONYMOUS)
            assert (answer["total"], answer["interpretation"]["relaxed"]) == (other["count"], False)

    @pytest.mark.parametrize("text", ["farm bureau", "鐵路", "*", "smith", "minutes", "", "committees", '"farm'])
    def test_what_is_found_is_left_alone(self, searcher: Searcher, text: str) -> None:
        assert interpretation(searcher, Query(text or "*"))["did_you_mean"] == []

    def test_it_keeps_to_filters_and_years(self, searcher: Searcher) -> None:
        query = Query("rialroad", {"holder": ("Yunjiang Archives",)})
        assert interpretation(searcher, query)["did_you_mean"] == []

    def test_fewer_words(self, searcher: Searcher) -> None:
        steps = interpretation(searcher, Query("minutes zzzz 鐵路 yyyy"))["wider"]
        assert [(step["query"]["q"], step["count"]) for step in steps] == [("鐵路", 2), ("minutes", 1)]
        assert steps[0]["dropped"] == ["minutes", "zzzz", "yyyy"]

    def test_most_words_rather_than_one(self, searcher: Searcher) -> None:
        told = interpretation(searcher, Query("minutes zzzz committee"))
        (step,) = told["wider"]
        assert told["relaxed"]
        assert (step["query"]["q"], step["dropped"], step["count"]) == ("minutes committee", ["zzzz"], 1)

    def test_wider_years(self, searcher: Searcher) -> None:
        (step,) = interpretation(searcher, Query("minutes", year_from=1940, year_to=1941))["wider"]
        assert (step["kind"], step["count"]) == ("years", 1)
        assert (step["query"]["from"], step["query"]["to"]) == (1930, 1951)
        (step,) = interpretation(searcher, Query("minutes", year_from=1700, year_to=1701))["wider"]
        assert (step["query"]["from"], step["query"]["to"]) == (None, None)

    def test_other_holders_collections_and_filters(self, searcher: Searcher) -> None:
        query = Query("minutes", {"holder": ("Yunjiang Archives",)}, within=mint("list", "z013"))
        kinds = {step["kind"]: step["count"] for step in interpretation(searcher, query)["wider"]}
        assert kinds == {"everywhere": 1}
        query = Query("minutes", {"holder": ("Yunjiang Archives",)})
        assert [step["kind"] for step in interpretation(searcher, query)["wider"]] == ["holder"]
        query = Query("minutes", {"level": ("series",)})
        (step,) = interpretation(searcher, query)["wider"]
        assert (step["kind"], step["dropped"], step["query"]["filter"]) == ("filter", ["level:series"], [])

    def test_the_other_script(self, searcher: Searcher) -> None:
        (step,) = interpretation(searcher, Query('="石碇乡"'))["wider"]
        assert (step["kind"], step["query"]["q"], step["count"]) == ("script", '"石碇乡"', 1)

    def test_hidden_resources_change_nothing(self, engine: Engine) -> None:
        fill(engine, EVERYTHING)
        searcher = Searcher(engine, today=lambda: TODAY)
        before = [interpretation(searcher, query) for query in ASKED]
        fill(engine, (HIDDEN,), 2)
        assert [interpretation(searcher, query) for query in ASKED] == before
        for query in ASKED:
            told = interpretation(searcher, query, STAFF)
            assert told["did_you_mean"] or told["wider"]


ASKED = (
    Query("zanzibaar"),
    Query("鄭何"),
    Query("鄭合"),
    Query("zhenghe"),
    Query("zanzibar", year_from=1900, year_to=1901),
    Query("expedition", {"level": ("file",)}),
    Query("expedition wwww xxxx yyyy vvvv"),
)
