"""What every engine promises of forms: they keep to their corner, and find what the box finds there, or more."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.engines.base import Engine
from indexer.query import Corner, Part, Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Viewer
from tests.contracts.engine_contract import BUREAU, LAND, MINUTES, PHOTOS, STAFF
from tests.indexer.corpus import RESOURCES

NAMES = Part(("石碇鄉民眾服務分社", "Farm Bureau"), field="name")
YEAR = Part(("1984",), (1984, 1984))


def found(searcher: Searcher, *parts: Part, viewer: Viewer = ANONYMOUS, **more: Any) -> set[str]:
    """Titles of what a form finds that was filled in with these parts."""
    return {hit["title"] for hit in answer(searcher, *parts, viewer=viewer, **more)["hits"]}


def answer(searcher: Searcher, *parts: Part, viewer: Viewer = ANONYMOUS, **more: Any) -> dict[str, Any]:
    standing = more.pop("standing", ())
    text = " ".join(text for part in parts for text in part.texts) or "*"
    query = Query(text, size=100, corner=Corner(standing, parts), **more)
    return searcher.search(query, viewer)


class CornerContract:
    """Inherit, and give a fixture ``engine``."""

    CONTENT = RESOURCES

    @pytest.fixture
    def searcher(self, filled: Engine) -> Searcher:
        return Searcher(filled)

    def test_an_empty_form_is_everything_in_the_corner(self, searcher: Searcher) -> None:
        standing = (("level", ("file", "item")), ("source", ("ead",)))
        assert found(searcher, standing=standing) == {MINUTES, PHOTOS}
        assert len(found(searcher, standing=standing, viewer=STAFF)) == 3

    def test_any_of_several_names_and_every_part(self, searcher: Searcher) -> None:
        assert found(searcher, NAMES) == {LAND, BUREAU, MINUTES, PHOTOS}
        assert found(searcher, NAMES, Part(("minutes",))) >= {MINUTES}
        assert answer(searcher, Part(("farm bureau",)), Part(("minutes",)))["total"] == 1

    def test_a_year_is_a_date_or_a_word(self, searcher: Searcher) -> None:
        assert found(searcher, YEAR) == {LAND, BUREAU}
        assert found(searcher, Part(("民國38年",), (1949, 1949))) == {"上海。市政府公報", BUREAU}
        assert found(searcher, Part((), (1930, 1940))) == {BUREAU, MINUTES}

    def test_words_of_a_page_and_the_year_of_its_volume(self, searcher: Searcher) -> None:
        for year in (Part((), (1980, 1990)), YEAR):
            hits = answer(searcher, Part(("siding",)), year)["hits"]
            assert [(hit["title"], hit["page_hits"]) for hit in hits] == [(LAND, 1)]
        assert found(searcher, Part(("siding",)), Part((), (1950, 1960))) == set()
        assert found(searcher, Part(("siding",)), Part((), (1950, 1990)), year_from=1985) == set()

    def test_a_code_in_any_spelling(self, searcher: Searcher) -> None:
        assert found(searcher, Part(("z013/001/001/0005",), field="code")) == {LAND}

    def test_standing_and_chosen_values_of_one_field_all_hold(self, searcher: Searcher) -> None:
        standing = (("level", ("file", "item")),)
        assert found(searcher, standing=standing, filters={"level": ("series",)}) == set()
        assert found(searcher, standing=standing, filters={"level": ("item", "series")}) == {LAND}

    def test_who_has_everything_stands_first_when_most_is_enough(self, searcher: Searcher) -> None:
        parts = (Part(("railroad photographs", "zebra"), field="name"), Part(("farm",)), Part(("石碇鄉",)))
        whole = answer(searcher, *parts[:2])
        assert whole["hits"][0]["title"] == PHOTOS
        assert whole["interpretation"]["relaxed"] and whole["interpretation"]["complete"] == 1
        assert answer(searcher, *parts)["interpretation"]["complete"] == 0
        assert PHOTOS in found(searcher, *parts)
        whole = searcher.search(Query("railroad photographs zebra farm", corner=Corner((), parts[:2], True)), ANONYMOUS)
        assert [hit["title"] for hit in whole["hits"]] == [PHOTOS]

    def test_an_exact_form_in_a_field(self, searcher: Searcher) -> None:
        assert found(searcher, Part(('="石碇鄉"',)), YEAR) == {LAND}
        assert found(searcher, Part(('="石碇乡"',))) == set()

    def test_what_is_internal_is_absent(self, searcher: Searcher) -> None:
        assert found(searcher, Part(("personnel",), field="name")) == set()
        assert len(found(searcher, Part(("personnel",), field="name"), viewer=STAFF)) == 1
