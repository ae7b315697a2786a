"""The promises of every engine about pages: over line ends, deep in long texts, volume by volume, reader by reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import Resource
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.formats.page_text import page_of, rejoined
from mappings.record import Ancestor, Copy, Page, Record, Word
from tests.indexer.corpus import fill, member

STAFF = Viewer("mei", frozenset({"staff"}))
TODAY = dt.date(2026, 11, 23)
KEPT, PART = 400, 2_000
"""Bounds as they are here: a long text need not be long to write."""


def written(number: int, *lines: str) -> Page:
    """A page whose lines are words side by side."""
    words = [
        tuple(Word(text, 10.0 * at, 10.0 * row, 9.0, 8.0) for at, text in enumerate(line.split()))
        for row, line in enumerate(lines)
    ]
    page = page_of(words, f"{number}r", 100, 100, None)
    return Page(number, page.text, page.label, f"v/{number}.jpg", 100, 100, page.lines)


def columns(number: int, *texts: str) -> Page:
    """A page of vertical columns from right to left, a box for each character."""
    lines = [
        tuple(Word(char, 90.0 - 10 * column, 10.0 * at, 9.0, 9.0) for at, char in enumerate(text))
        for column, text in enumerate(texts)
    ]
    page = page_of(lines, None, 100, 100, "zh")
    return Page(number, page.text, None, None, 100, 100, page.lines, "zh")


def divided(number: int) -> Page:
    """A page on which the mapping put a word together that stands on two lines."""
    lines, rests = rejoined(
        [[Word("die", 0, 0, 5, 5), Word("Ver\u00ac", 6, 0, 5, 5)], [Word("gangenheit", 0, 6, 9, 5)]], "de"
    )
    page = page_of(lines, None, 100, 100, "de", rests)
    return Page(number, page.text, None, None, 100, 100, page.lines, "de", divided=page.divided)


def volume(name: str, *pages: Page, access: Access | None = None, **more: object) -> Resource:
    """A scanned volume."""
    record = Record(name, name, "digital", copies=(Copy(page_count=len(pages), pages=pages),), access=access, **more)  # type: ignore[arg-type]
    return Resource(f"r-{name}", (member("scans", record),))


LONG = "lorem ipsum dolor\n" * (3 * PART // 18) + "the quagga sleeps\n" + "lorem ipsum dolor\n" * 100
LINES = volume(
    "lines",
    written(1, "the farm", "bureau of the rail-", "ways and the farm"),
    columns(2, "原為石", "碇鄉鄉", "有土地"),
    divided(3),
    written(4, "a farm and a farm and a farm"),
)
DEEP = volume("deep", Page(1, LONG, "i"), Page(2, "a short page"))
HALF = volume("half", written(1, "word " * (KEPT // 4), "the okapi grazes"), written(2, "the okapi sleeps"))
TOLD = Resource("r-told", (member("list", Record("told", "Told at length", description={"text": LONG})),))
SERIES = volume("series", *(written(n, f"page {n}", "every fifth" if n % 5 == 0 else "other") for n in range(1, 61)))
UNDER = Ancestor("closed-series", "Closed series")
CLOSED = volume("closed", written(1, "the farm of secrets"), access=Access("closed", opens_on=dt.date(2030, 1, 1)))
INTERNAL = volume("internal", written(1, "the farm within"), access=Access("internal"))
MIXED = Resource(
    "r-mixed",
    (
        member(
            "scans",
            Record(
                "open-half",
                "Mixed",
                "digital",
                access=Access("open"),
                copies=(Copy(page_count=1, pages=(written(1, "open farm"),)),),
            ),
        ),
        member(
            "scans",
            Record(
                "shut-half",
                "Mixed",
                "digital",
                access=Access("closed"),
                copies=(Copy(page_count=2, pages=(written(1, "shut farm"), Page(2, "shut " + LONG))),),
            ),
        ),
    ),
)
VOLUMES = (LINES, DEEP, HALF, TOLD, SERIES, CLOSED, INTERNAL, MIXED)


class PagesContract:
    """Inherit, and give a fixture ``engine``."""

    CONTENT = VOLUMES

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def bounds(cls) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for module in ("documents", "page_documents", "stored_records"):
                patch.setattr(f"indexer.{module}.KEPT", KEPT)
            patch.setattr("indexer.page_documents.PART_SIZE", PART)
            yield

    @pytest.fixture
    def searcher(self, filled: Engine) -> Searcher:
        return Searcher(filled, today=lambda: TODAY)

    @pytest.mark.parametrize(
        ("query", "marked", "boxes"),
        [
            ('"farm bureau"', "the <mark>farm\nbureau</mark> of", [(10, 0), (0, 10)]),
            ("railways", "the <mark>rail-\nways</mark> and", [(30, 10), (0, 20)]),
            ("ways", "the <mark>rail-\nways</mark> and", [(30, 10), (0, 20)]),
            ('"the railways and"', "of <mark>the rail-\nways and</mark> the", [(20, 10), (30, 10), (0, 20), (10, 20)]),
        ],
    )
    def test_words_over_a_line_end(
        self, searcher: Searcher, query: str, marked: str, boxes: list[tuple[int, int]]
    ) -> None:
        assert searcher.matching_pages(LINES.id, query, ANONYMOUS) == [1]
        page = searcher.page(LINES.id, 1, ANONYMOUS, query)
        assert page is not None and marked in page["highlights"][0] and page["hits"] == 1
        assert [(w["x"], w["y"]) for line in page["lines"] for w in line if w["match"]] == boxes

    def test_a_string_over_columns(self, searcher: Searcher) -> None:
        (hit,) = searcher.search(Query("石碇乡"), ANONYMOUS)["hits"]
        assert hit["pages"][0]["highlights"] == ["原為<mark>石碇鄉</mark>鄉有土地"]
        page = searcher.page(LINES.id, 2, ANONYMOUS, "石碇乡")
        assert page is not None and page["hits"] == 1
        matching = [(w["text"], w["x"], w["hit"]) for line in page["lines"] for w in line if w["match"]]
        assert matching == [("石", 90, 1), ("碇", 80, 1), ("鄉", 80, 1)]

    def test_characters_of_a_longer_word_are_boxed_alone(self, engine: Engine) -> None:
        wide, tall = Word("管理機關", 0, 0, 40, 10), Word("公所地目", 50, 0, 10, 40)
        page = page_of([(wide, tall)], None, 100, 100, "zh")
        fill(engine, (volume("words", Page(1, page.text, lines=page.lines)),))
        opened = Searcher(engine).page("r-words", 1, ANONYMOUS, '"機關公所"')
        assert opened is not None
        boxes = [[(b["x"], b["y"], b["w"], b["h"]) for b in word["boxes"]] for word in opened["lines"][0]]
        assert boxes == [[(20, 0, 20, 10)], [(50, 0, 10, 20)]]

    @pytest.mark.parametrize("query", ["Vergangenheit", "gangenheit", '"die Vergangenheit"'])
    def test_a_divided_word_has_both_its_boxes(self, searcher: Searcher, query: str) -> None:
        assert searcher.matching_pages(LINES.id, query, ANONYMOUS) == [3]
        page = searcher.page(LINES.id, 3, ANONYMOUS, query)
        assert page is not None
        word = page["lines"][0][1]
        assert (word["match"], [box["y"] for box in word["boxes"]]) == (True, [0, 6])
        (hit,) = searcher.search(Query(query), ANONYMOUS)["hits"]
        assert "<mark>" in hit["pages"][0]["highlights"][0]

    def test_how_often_a_page_has_the_words(self, searcher: Searcher) -> None:
        hit = next(hit for hit in searcher.search(Query("farm"), ANONYMOUS)["hits"] if hit["id"] == LINES.id)
        assert {page["number"]: page["times"] for page in hit["pages"]} == {1: 2, 4: 3}
        assert hit["page_hits"] == 2

    def test_matches_are_counted_on_the_page(self, searcher: Searcher) -> None:
        page = searcher.page(LINES.id, 4, ANONYMOUS, "farm")
        assert page is not None and page["hits"] == 3
        assert [w["hit"] for line in page["lines"] for w in line if w["match"]] == [1, 2, 3]
        plain = searcher.page(LINES.id, 4, ANONYMOUS)
        assert plain is not None and plain["hits"] == 0 and not plain["highlights"]

    def test_every_matching_page_of_a_volume_in_order(self, searcher: Searcher) -> None:
        fifth = list(range(5, 61, 5))
        assert searcher.matching_pages(SERIES.id, "fifth", ANONYMOUS) == fifth
        found = searcher.pages(SERIES.id, "fifth", ANONYMOUS, 4, 3)
        assert found["total"] == 12
        assert [page["number"] for page in found["items"]] == fifth[4:7]
        assert found["items"][0] == {
            "number": 25,
            "label": "25r",
            "times": 1,
            "highlights": ["page 25 every <mark>fifth</mark>"],
        }
        assert searcher.pages(SERIES.id, "fifth", ANONYMOUS, 12)["items"] == []
        assert searcher.pages(SERIES.id, "*", ANONYMOUS) == {"total": 0, "items": []}
        assert searcher.pages("r-none", "fifth", ANONYMOUS) == {"total": 0, "items": []}

    def test_a_page_and_its_description_match_together(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        """As far as pages carry the description: its first words, and the titles above it."""
        monkeypatch.setattr("indexer.page_documents.ABOUT_TOKENS", 20)
        told = {"text": "early words " + "and so on " * 20 + "late words"}
        above = (Ancestor("up", "Harbour board", "fonds"),)
        fill(engine, (volume("told", written(1, "the quagga"), description=told, ancestors=above),))
        searcher = Searcher(engine)
        for text, found in (("quagga early", [1]), ("quagga harbour", [1]), ("quagga late", []), ("late", [])):
            pages = searcher.search(Query(text), ANONYMOUS)["hits"]
            numbers = [page["number"] for hit in pages for page in hit["pages"]]
            assert numbers == found or searcher.search(Query(text), ANONYMOUS)["interpretation"]["relaxed"], text

    def test_most_words_when_no_page_has_all(self, searcher: Searcher) -> None:
        assert searcher.matching_pages(SERIES.id, "fifth zebra", ANONYMOUS) == list(range(5, 61, 5))

    def test_a_match_deep_in_a_long_page_is_shown(self, searcher: Searcher) -> None:
        hit = next(hit for hit in searcher.search(Query("quagga"), ANONYMOUS)["hits"] if hit["id"] == DEEP.id)
        (page,) = hit["pages"]
        assert "the <mark>quagga</mark> sleeps" in page["highlights"][0]
        assert page["times"] is None
        opened = searcher.page(DEEP.id, 1, ANONYMOUS, "quagga")
        assert opened is not None and opened["parts"] > 3 and opened["part"] == opened["parts"]
        assert len(opened["text"]) <= PART + 20 and opened["hits"] == 1
        first = searcher.page(DEEP.id, 1, ANONYMOUS)
        second = searcher.page(DEEP.id, 1, ANONYMOUS, "quagga", 2)
        assert first is not None and second is not None and (first["part"], second["part"]) == (1, 2)
        assert searcher.page(DEEP.id, 1, ANONYMOUS, part=99) is None

    def test_all_words_of_a_long_page_count_together(self, searcher: Searcher) -> None:
        assert searcher.matching_pages(DEEP.id, "ipsum quagga", ANONYMOUS) == [1]
        assert searcher.matching_pages(DEEP.id, "short quagga", ANONYMOUS) != [1]

    def test_a_match_beyond_what_is_kept_with_a_hit_is_shown(self, searcher: Searcher) -> None:
        found = searcher.pages(HALF.id, "okapi", ANONYMOUS)
        assert [len(page["highlights"]) for page in found["items"]] == [1, 1]
        assert "the <mark>okapi</mark> grazes" in found["items"][0]["highlights"][0]

    def test_a_match_deep_in_a_long_description_is_shown(self, searcher: Searcher) -> None:
        hit = next(hit for hit in searcher.search(Query("quagga"), ANONYMOUS)["hits"] if hit["id"] == TOLD.id)
        assert "the <mark>quagga</mark> sleeps" in hit["highlights"]["text"][0]
        view = searcher.resource(TOLD.id, ANONYMOUS, whole=True)
        assert view is not None and "quagga" in view["description"]["text"] and not view["shortened"]
        assert "cut" not in hit and "cut" not in view

    def test_long_texts_are_cut_where_the_whole_is_not_asked_for(self, searcher: Searcher) -> None:
        view = searcher.resource(TOLD.id, ANONYMOUS)
        assert view is not None and view["shortened"] and len(view["description"]["text"]) <= KEPT + 1
        short = searcher.resource(LINES.id, ANONYMOUS)
        assert short is not None and not short["shortened"]

    def test_what_only_staff_may_know_stays_theirs_in_long_records(self, engine: Engine) -> None:
        notes = {"staff_notes": {"note": "stack four " + LONG}, "description": {"text": LONG}}
        fill(engine, (Resource("r-long", (member("list", Record("long", "Long", **notes)),)),))  # type: ignore[arg-type]
        searcher = Searcher(engine)
        for whole in (False, True):
            assert "stack four" not in str(searcher.resource("r-long", ANONYMOUS, whole))
            assert "stack four" in str(searcher.resource("r-long", STAFF, whole))
        assert searcher.resource("r-long", STAFF, True)["staff_notes"]["note"].endswith(LONG)  # type: ignore[index]

    def test_exact_forms_deep_in_long_texts(self, searcher: Searcher) -> None:
        found = {hit["id"] for hit in searcher.search(Query('="the quagga"'), ANONYMOUS)["hits"]}
        assert found == {DEEP.id, TOLD.id}
        assert searcher.search(Query('="the Quagga"'), ANONYMOUS)["total"] == 0

    @pytest.mark.parametrize("query", ["farm", '"farm"', '="farm"'])
    def test_pages_that_may_not_be_read_are_absent(self, searcher: Searcher, query: str) -> None:
        found = {hit["id"]: hit for hit in searcher.search(Query(query), ANONYMOUS)["hits"]}
        assert set(found) == {LINES.id, MIXED.id}
        assert (found[MIXED.id]["page_hits"], [page["number"] for page in found[MIXED.id]["pages"]]) == (1, [1])
        assert searcher.matching_pages(MIXED.id, query, ANONYMOUS) == [1]
        assert searcher.matching_pages(MIXED.id, query, STAFF) == [1, 2]
        for hidden in (CLOSED, INTERNAL):
            assert searcher.matching_pages(hidden.id, query, ANONYMOUS) == []
            assert searcher.pages(hidden.id, query, ANONYMOUS) == {"total": 0, "items": []}
            assert searcher.page(hidden.id, 1, ANONYMOUS, query) is None
            assert searcher.matching_pages(hidden.id, query, STAFF) == [1]

    def test_parts_that_may_not_be_read_are_absent(self, searcher: Searcher) -> None:
        assert searcher.matching_pages(MIXED.id, "quagga", ANONYMOUS) == []
        assert MIXED.id not in {hit["id"] for hit in searcher.search(Query("quagga"), ANONYMOUS)["hits"]}
        for part in (None, 1, 3):
            assert searcher.page(MIXED.id, 3, ANONYMOUS, "quagga", part) is None
            assert searcher.page(MIXED.id, 3, STAFF, "quagga", part) is not None
        assert searcher.matching_pages(MIXED.id, "quagga", STAFF) == [3]

    def test_closed_pages_are_found_from_the_day_they_open(self, filled: Engine) -> None:
        later = Searcher(filled, today=lambda: dt.date(2030, 1, 1))
        assert later.matching_pages(CLOSED.id, "secrets", ANONYMOUS) == [1]
        assert later.pages(CLOSED.id, "secrets", ANONYMOUS)["total"] == 1

    def test_a_volume_taken_out_leaves_nothing(self, engine: Engine) -> None:
        fill(engine, VOLUMES)
        searcher = Searcher(engine, today=lambda: TODAY)
        assert searcher.search(Query("quagga"), ANONYMOUS)["total"] == 2
        writer = engine.writer()
        writer.delete([DEEP.id, TOLD.id])
        writer.commit(2)
        writer.close()
        assert searcher.search(Query("quagga"), ANONYMOUS)["total"] == 0
        assert searcher.page(DEEP.id, 1, ANONYMOUS) is None
        assert searcher.resource(TOLD.id, ANONYMOUS) is None

    def test_what_a_hit_holds_does_not_grow_with_the_text(self, filled: Engine) -> None:
        """Characters in all that an engine gives out for one answer."""
        from indexer.plan import Plan, Term, rights_of

        plan = Plan(rights_of(ANONYMOUS, TODAY), Term("quagga", "quagga"))
        answer = filled.search(plan)
        assert len(answer.hits) == 2
        for hit in answer.hits:
            assert len(hit.stored["text"]) <= KEPT
            assert all(len(page.stored["text"]) <= KEPT for page in hit.pages)
        kept = filled.get(TOLD.id, plan.rights)
        assert kept is not None and len(kept["full"]) < 3 * KEPT
        for identifier, number in ((DEEP.id, 1), (TOLD.id, 0)):
            parts = filled.parts(identifier, number, plan, 5)
            assert len(parts) == 1 and len(str(parts[0])) < 2 * PART
