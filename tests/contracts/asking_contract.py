"""What every engine promises of questions: codes lead to their record, a reading only adds, other names are found."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.search import Searcher
from indexer.synonyms import SynonymFile, Synonyms
from indexer.understanding.question import ALL, CODE
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Authority, Dates, Name, Record, Variant
from tests.indexer.corpus import FONDS, RESOURCES, fill, member, resource

TODAY = dt.date(2026, 11, 23)
STAFF = Viewer("mei", frozenset({"staff"}))
LAND = mint("list", "z013-005")


def person(source_id: str, title: str, *variants: str, **more: Any) -> Record:
    authority = Authority("person", variants=tuple(Variant(name) for name in variants))
    return Record(source_id, title, kind="thematic", authority=authority, **more)


PEOPLE = (
    person("p1", "蘇軾", "蘇東坡", "子瞻", "Su, Shi, 1037-1101", "軾"),
    person("p2", "王安", "王介"),
    person("p3", "王安", "王大"),
    person("p4", "Informant", "Deep Source", access=Access("internal")),
)


def dated(source_id: str, title: str, *years: int, **more: Any) -> Record:
    return Record(source_id, title, dates=Dates("-".join(map(str, years)), years[0], years[-1]), **more)


RECORDS = (
    dated("d1", "Railway letters", 1905),
    dated("d2", "Railway letters", 1911),
    dated("d3", "Railway reports", 1930, 1950),
    Record("d4", "Railways before 1911: a history"),
    Record("d5", "Correspondence on railways", languages=("de",), dates=Dates("1899", 1899, 1899)),
    Record("n1", "蘇東坡詩集", names=(Name("蘇東坡", "person", "creator"),)),
    Record("n2", "蘇軾文集"),
    Record("n3", "子瞻書信"),
    Record("n4", "王安手稿"),
    Record("n5", "王介日記"),
    Record("n6", "Notes of a Deep Source"),
    Record("n7", "Notes of the informant"),
    Record("n8", "北平市政府公報"),
    Record("n9", "北京市政府公報"),
    Record("n10", "Peking gazette"),
    Record("c1", "twice one", reference_code="J1-2-345"),
    Record("c2", "twice two", reference_code="J001/002/0345"),
    Record("c3", "only one", reference_code="J1-2-346", description={"note": "see J1-2-345 and J1-2-3460"}),
    Record("c4", "see J1-2-346 first", description={"note": "J1-2-346 J1-2-346"}),
    Record("c5", "secret one", reference_code="J9-9-9", access=Access("internal")),
    dated("e1", "奏摺", 1894),
    dated("e2", "土地卷", 1949),
    Record("e3", "photograph of the flood"),
)
SYNONYM_LINES = "北平 = 北京 = Peking\n"


def everything() -> tuple[Resource, ...]:
    records = (
        *(resource(member("persons", record)) for record in PEOPLE),
        *(resource(member("more", record)) for record in RECORDS),
    )
    return (*RESOURCES, *records)


class AskingContract:
    """Inherit, and give a fixture ``engine`` (empty)."""

    CONTENT = everything()

    @pytest.fixture
    def searcher(self, filled: Engine, tmp_path: Path) -> Searcher:
        return self.opened(filled, tmp_path)

    @staticmethod
    def opened(engine: Engine, folder: Path) -> Searcher:
        """Who asks it, with synonyms of ours."""
        (folder / "synonyms.txt").write_text(SYNONYM_LINES, encoding="utf-8")
        synonyms = Synonyms(engine, SynonymFile(folder / "synonyms.txt"))
        return Searcher(engine, today=lambda: TODAY, synonyms=synonyms)

    @staticmethod
    def found(searcher: Searcher, text: str, viewer: Viewer = ANONYMOUS, **options: Any) -> list[str]:
        """The records found, best first."""
        answer = searcher.search(Query(text, size=100, **options), viewer)
        return [hit["sources"][0]["source_id"] for hit in answer["hits"]]

    @pytest.mark.parametrize(
        "text",
        ["Z013-1-001-005", "z013 1 1 5", "Z013/1/1/5", "Z13.1.1.5", " z013—001—001—0005 ", "Ｚ０１３－１－１－５"],
    )
    def test_a_code_is_found_however_it_is_written(self, searcher: Searcher, text: str) -> None:
        answer = searcher.search(Query(text), ANONYMOUS)
        assert (answer["interpretation"]["record"], answer["hits"][0]["id"]) == (LAND, LAND)

    def test_a_code_comes_before_what_speaks_of_it(self, searcher: Searcher) -> None:
        assert self.found(searcher, "J1-2-346")[0] == "c3"
        assert "c4" in self.found(searcher, "J1-2-346")

    def test_a_code_of_two_is_the_code_of_neither(self, searcher: Searcher) -> None:
        answer = searcher.search(Query("j1 2 345"), ANONYMOUS)
        assert answer["interpretation"]["record"] is None
        assert set(self.found(searcher, "j1 2 345")[:2]) == {"c1", "c2"}

    def test_a_code_that_may_not_be_known_leads_nowhere(self, searcher: Searcher) -> None:
        seen = searcher.search(Query("J9-9-9"), ANONYMOUS)
        unknown = searcher.search(Query("J9-9-8"), ANONYMOUS)
        assert seen["interpretation"]["record"] is None
        assert (seen["total"], seen["interpretation"]["notes"]) == (
            unknown["total"],
            unknown["interpretation"]["notes"],
        )
        assert searcher.search(Query("J9-9-9"), STAFF)["interpretation"]["record"] == mint("more", "c5")

    @pytest.mark.parametrize("plain", [(CODE,), (ALL,)])
    def test_a_code_can_be_searched_as_words(self, searcher: Searcher, plain: tuple[str, ...]) -> None:
        answer = searcher.search(Query("Z013/1/1/5", plain=plain), ANONYMOUS)
        assert (answer["interpretation"]["record"], answer["total"]) == (None, 0)

    @pytest.mark.parametrize(
        ("text", "records"),
        [
            ("railways before 1911", {"d1", "d4", "d5"}),
            ("railways until 1911", {"d1", "d2", "d5"}),
            ("railways 1911", {"d2", "d4"}),
            ("railways since 1911", {"d2", "d3", "a.xml#c1", "z013-005"}),
            ("railways after 1911", {"d3", "a.xml#c1", "z013-005"}),
            ("railways in the 1940s", {"d3"}),
            ("railways from 1906 to 1935", {"d2", "d3", "a.xml#c1"}),
            ("late 19th century railways", {"d5"}),
            ("letters about railways before 1911", {"d1", "d5"}),
            ("letters about railways in German", {"d5"}),
            ("光緒二十年的奏摺", {"e1"}),
            ("奏折 光绪年间", {"e1"}),
            ("民國三十八年 土地", {"e2"}),
            ("四十年代的土地", {"e2"}),
            ("photos of the flood", {"e3"}),
            ("Do you have anything about the flood?", {"e3"}),
            ("请问哪里可以查到光緒年間的奏摺？", {"e1"}),
            ("siding before 1990", {"z013-005"}),
        ],
    )
    def test_what_words_mean_is_found(self, searcher: Searcher, text: str, records: set[str]) -> None:
        answer = searcher.search(Query(text, size=100), ANONYMOUS)
        found = {hit["sources"][0]["source_id"] for hit in answer["hits"]}
        assert not answer["interpretation"]["relaxed"]
        assert found == records

    def test_years_beyond_what_decades_are_kept_of(self, engine: Engine) -> None:
        long = (dated("l1", "long railway", 1000, 1950), dated("l2", "long railway", 900, 1400), *RECORDS)
        fill(engine, tuple(resource(member("more", record)) for record in long))
        assert set(self.found(Searcher(engine), "railway 1949")) == {"l1", "d3"}

    def test_a_reading_can_be_taken_back(self, searcher: Searcher) -> None:
        text = "railways before 1911"
        (reading,) = searcher.search(Query(text), ANONYMOUS)["interpretation"]["readings"]
        assert (reading["kind"], reading["text"], reading["from"], reading["to"]) == (
            "years",
            "before 1911",
            None,
            1910,
        )
        for plain in ((reading["key"],), (ALL,)):
            assert self.found(searcher, text, plain=plain) == ["d4"]

    def test_what_is_typed_comes_before_what_it_means(self, searcher: Searcher) -> None:
        assert self.found(searcher, "railways before 1911")[0] == "d4"
        assert self.found(searcher, "蘇東坡")[0] in ("n1", "p1")

    def test_names_that_headings_know_are_told(self, searcher: Searcher) -> None:
        readings = searcher.search(Query("石碇鄉 土地"), ANONYMOUS)["interpretation"]["readings"]
        assert [(one["kind"], one["value"]) for one in readings] == [("subject", "土地")]
        (key,) = [one["key"] for one in readings]
        again = searcher.search(Query("石碇鄉 土地", plain=(key,)), ANONYMOUS)
        assert again["interpretation"]["readings"] == []

    @pytest.mark.parametrize(
        ("text", "records"),
        [
            ("蘇軾", {"p1", "n1", "n2", "n3"}),
            ("苏东坡", {"p1", "n1", "n2", "n3"}),
            ("su shi 1037-1101", {"p1", "n1", "n2", "n3"}),
            ("軾", {"p1", "n2"}),
            ("王安", {"p2", "p3", "n4"}),
            ("deep source", {"n6"}),
            ("北平", {"n8", "n9", "n10"}),
            ("peking", {"n8", "n9", "n10"}),
            ("北京市政府", {"n8", "n9"}),
            ("creator:蘇軾", {"n1"}),
            ('="蘇軾"', {"p1", "n2"}),
            ('"蘇軾"', {"p1", "n2"}),
        ],
    )
    def test_other_names_are_found(self, searcher: Searcher, text: str, records: set[str]) -> None:
        assert set(self.found(searcher, text)) == records

    def test_other_names_are_told_marked_and_switched_off(self, searcher: Searcher) -> None:
        answer = searcher.search(Query("苏东坡"), ANONYMOUS)
        assert answer["interpretation"]["expanded"] == {"苏东坡": ["蘇軾", "子瞻", "Su, Shi, 1037-1101"]}
        assert answer["interpretation"]["words"] == ["苏东坡"]
        marked = {hit["sources"][0]["source_id"]: hit["highlights"]["title"][0] for hit in answer["hits"]}
        assert marked["n2"] == "<mark>蘇軾</mark>文集" and marked["n1"] == "<mark>蘇東坡</mark>詩集"
        assert set(self.found(searcher, "苏东坡", synonyms=False)) == {"p1", "n1"}
        assert searcher.search(Query("苏东坡", synonyms=False), ANONYMOUS)["interpretation"]["expanded"] == {}

    def test_who_may_not_know_of_an_authority_learns_no_name_from_it(self, searcher: Searcher) -> None:
        answer = searcher.search(Query("deep source"), ANONYMOUS)
        assert answer["interpretation"]["expanded"] == {} and answer["interpretation"]["readings"] == []
        assert set(self.found(searcher, "deep source", STAFF)) == {"n6", "n7", "p4"}
        assert set(self.found(searcher, "deep source")) == {"n6"}, "nor when staff have asked before"

    def test_the_names_of_an_index_change_with_it(self, engine: Engine, tmp_path: Path) -> None:
        fill(engine, self.CONTENT)
        searcher = self.opened(engine, tmp_path)
        assert set(self.found(searcher, "王安")) == {"p2", "p3", "n4"}
        writer = engine.writer()
        writer.delete([mint("persons", "p3")])
        writer.commit(2)
        writer.close()
        assert set(self.found(searcher, "王安")) == {"p2", "n4", "n5"}

    def test_other_names_are_marked_on_pages(self, searcher: Searcher) -> None:
        assert searcher.matching_pages(LAND, "siding before 1990", ANONYMOUS) == [2]
        page = searcher.page(LAND, 2, ANONYMOUS, "siding before 1990")
        assert page is not None
        assert [word["text"] for word in page["lines"][0] if word["match"]] == ["siding"]

    def test_slips_are_told(self, searcher: Searcher) -> None:
        for text, note in (
            ('"farm', "unfinished-quotation"),
            ("AND farm", "lone-operator"),
            ("foo:farm", "unknown-field"),
        ):
            assert searcher.search(Query(text), ANONYMOUS)["interpretation"]["notes"] == [note]

    def test_fields_are_called_as_readers_call_them(self, searcher: Searcher) -> None:
        assert self.found(searcher, "题名:贈與案") == self.found(searcher, "title:贈與案") == ["z013-005"]
        assert FONDS.source_id not in self.found(searcher, "題名：贈與案")
