"""The promises of every engine. A new engine supplies a fixture `engine` (empty) and inherits the suite; `filled` holds
the `CONTENT` of a suite, and no test writes into it.
"""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from indexer.asking import Asking
from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.plan import rights_of, without_hits
from indexer.query import Query
from indexer.resource import mint
from indexer.search import Searcher
from indexer.suggest_keys import OUTSET, WITHIN
from indexer.synonyms import Synonyms
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Ancestor, Name, Record
from tests.indexer.corpus import JOINED, RESOURCES, fill, member, resource

STAFF = Viewer("mei", frozenset({"staff"}))
READER = Viewer("li", frozenset({"reader"}))
TODAY = dt.date(2026, 11, 23)


def found(searcher: Searcher, text: str, viewer: Viewer = ANONYMOUS, **options: object) -> set[str]:
    """Titles of all hits."""
    answer = searcher.search(Query(text, size=100, **options), viewer)  # type: ignore[arg-type]
    assert answer["total"] == len(answer["hits"])
    return {hit["title"] for hit in answer["hits"]}


LAND = "關於新北市石碇鄉石碇段石碇小段29號贈與案"
FONDS = "政府贈予土地清冊"
BUREAU = "North Carolina Farm Bureau Records"
MINUTES = "Women's committee minutes"
PHOTOS = "Railroad photographs"
BELOW_SECRET = (
    Ancestor("a.xml", "North Carolina Farm Bureau Records"),
    Ancestor("a.xml#c3", "Secret personnel matters", internal=True),
)
SHANGHAI = {"上海。市政府公報", "上海市圖書館藏書目錄"}

FINDS = {
    "traditional": ("石碇鄉", {LAND}),
    "simplified finds traditional": ("石碇乡", {LAND}),
    "full width and case": ("ＦＡＲＭ ｂｕｒｅａｕ", {BUREAU, MINUTES, PHOTOS}),
    "every word, in any field": ("石碇鄉 1984", {LAND}),
    "two characters": ("土地", {LAND, FONDS, "土地移轉清冊"}),
    "one character inside": ("碇", {LAND}),
    "one character at the end of a run": ("冊", {LAND, FONDS, "土地移轉清冊"}),
    "a string that crosses punctuation is not there": ('"上海市政府"', {"上海。市政府公報"} & set()),
    "a string within a run": ("上海市", {"上海市圖書館藏書目錄"}),
    "a shorter string": ("上海", SHANGHAI),
    "English stem": ("railway", {LAND, MINUTES}),
    "plural and singular": ("committees", {MINUTES}),
    "stop words are not asked for": ("the minutes of the committee", {MINUTES}),
    "accents": ("cafe recits", {MINUTES}),
    "phrase": ('"farm bureau"', {BUREAU, MINUTES, PHOTOS}),
    "phrase from one value into the next": ('"farm bureau railroads"', set()),
    "phrase from a title into the titles above it": ('"railroad photographs north carolina"', set()),
    "phrase in the wrong order": ('"bureau farm"', set()),
    "prefix": ("railr*", {BUREAU, PHOTOS}),
    "or": ("上海 OR minutes", {*SHANGHAI, MINUTES}),
    "not": ("farm -minutes", {BUREAU, PHOTOS}),
    "NOT as a word": ("farm NOT minutes", {BUREAU, PHOTOS}),
    "only excluded": ("-farm -bureau -上海 -土地", {"Closed volume"}),
    "field": ("title:farm", {BUREAU}),
    "heading field": ("subject:土地", {LAND}),
    "heading field by stem": ("subject:railroad", {BUREAU}),
    "facet field": ("level:series", SHANGHAI),
    "creator": ("creator:民眾服務", {LAND}),
    "code with its punctuation": ("Z013-1-001-005", {LAND}),
    "code without its punctuation": ("Z013 1 001 005", {LAND}),
    "the beginning of a code": ("Z013-1", {LAND}),
    "identifier": ("ark:/12345/x9", {"上海市圖書館藏書目錄"}),
    "exact form holds its script": ('="石碇鄉"', {LAND}),
    "exact form in the other script": ('="石碇乡"', set()),
    "exact form with accents": ('="Café récits"', {MINUTES}),
    "exact form without accents": ('="Cafe recits"', set()),
    "a word of a page": ("page:siding", {LAND}),
    "a word of a page that stands in a description": ("page:贈與案", set()),
    "all words on one page": ("公所 siding", {LAND}),
    "page and description together": ("siding 民眾服務分社", {LAND}),
    "words on different pages only": ('"登記簿" siding -zzz', {LAND}),
    "nothing": ("zzzz", set()),
    "only punctuation": ("---", set()),
    "a slip is read as words": ('farm AND OR "bureau', {BUREAU, MINUTES, PHOTOS}),
}


_LETTERS = (Ancestor("f", "Letters"),)
LETTERS = (
    *(
        resource(member("ead", Record(f"f-{n}", f"Letter {n}", reference_code=f"F-{n}", ancestors=_LETTERS)))
        for n in range(1, 5)
    ),
    resource(member("ead", Record("f-5", "Note on a letter", ancestors=_LETTERS))),
    resource(member("ead", Record("p", "Photographed letter", reference_code="P-1", holder="North"))),
    resource(member("list", Record("p-1", "Photographed Letter", reference_code="P 1", holder="North"))),
)


_ENGINEER = Name("詹天佑", "person", "subject")
_LINE = (Ancestor("line", "Line papers"),)
RAILWAYS = tuple(
    resource(member("rail", record))
    for record in (
        Record("line", "Line papers", names=(_ENGINEER,)),
        Record("a", "Survey 1", names=(_ENGINEER, Name("張家口", "place", "subject")), ancestors=_LINE),
        Record("b", "Survey 2", names=(_ENGINEER,), ancestors=_LINE),
        Record("a-1", "Sheet of the survey", names=(_ENGINEER,), ancestors=(*_LINE, Ancestor("a", "Survey 1"))),
        Record("c", "京張鐵路工程紀略", names=(_ENGINEER, Name("張家口", "place", "subject"))),
        Record("d", "Survey of the northern line", names=(_ENGINEER,)),
        Record("quarrels", "Surveyors' quarrels", names=(_ENGINEER,), access=Access("internal")),
    )
)


class EngineContract:
    """Inherit, and give a fixture ``engine``."""

    CONTENT = RESOURCES

    @pytest.fixture
    def searcher(self, filled: Engine) -> Searcher:
        return Searcher(filled, {"list": "File list"}, today=lambda: TODAY)

    @pytest.mark.parametrize("name", [name for name in FINDS if name != "words on different pages only"])
    def test_finds(self, searcher: Searcher, name: str) -> None:
        text, titles = FINDS[name]
        answer = searcher.search(Query(text, size=100), ANONYMOUS)
        strict = set() if answer["interpretation"]["relaxed"] else {hit["title"] for hit in answer["hits"]}
        assert strict == titles

    def test_what_is_foreseen_is_what_is_asked(self, filled: Engine, searcher: Searcher) -> None:
        rights = rights_of(ANONYMOUS, TODAY)
        asking = Asking(searcher.engine, Synonyms(filled))
        plans = [asking.planned(Query(text), rights)[0] for text, _ in FINDS.values()]
        beginnings = [(f"{place}{begun}", rights, 10) for place in (OUTSET, WITHIN) for begun in ("石", "n", "zzzz")]

        def asked() -> tuple[object, ...]:
            return [*map(filled.search, plans)], filled.counts(plans), [filled.values(*one) for one in beginnings]

        before = asked()
        filled.foresee([*plans, *map(without_hits, plans)], beginnings)
        assert asked() == before == asked()

    def test_a_value_written_in_two_scripts_is_one(self, engine: Engine) -> None:
        subjects = ("農田水利", "农田水利", "农田水利", "Ｆarms", "farms", "森林")
        records = [Record(f"s{at}", f"record {at}", names=(Name(s, "subject"),)) for at, s in enumerate(subjects)]
        both = Record("both", "record with both", names=(Name("農田水利", "subject"), Name("农田水利", "subject")))
        fill(engine, [resource(member("list", record)) for record in (*records, both)])
        searcher = Searcher(engine)
        values = {value["value"]: value["count"] for value in searcher.search(Query(), ANONYMOUS)["facets"]["subject"]}
        assert values == {"农田水利": 4, "farms": 2, "森林": 1} or values == {"農田水利": 4, "farms": 2, "森林": 1}
        for value, count in [*values.items(), ("農田水利", 4), ("FARMS", 2)]:
            assert searcher.search(Query(filters={"subject": (value,)}), ANONYMOUS)["total"] == count

    def test_values_of_a_facet_are_found_in_any_script(self, engine: Engine) -> None:
        records = [Record(f"s{at}", "tax", names=(Name(f"地名{at}", "place"), Name("縣", "place"))) for at in range(40)]
        secret = Record("secret", "tax", names=(Name("秘縣", "place"),), access=Access("internal"))
        fill(engine, [resource(member("list", record)) for record in (*records, secret)])
        searcher = Searcher(engine)

        def values(text: str, viewer: Viewer = ANONYMOUS) -> list[tuple[str, int]]:
            return [(v["value"], v["count"]) for v in searcher.facet(Query("tax"), viewer, "place", text)]

        assert values("地名39") == [("地名39", 1)]
        assert values("县") == [("縣", 40)]
        assert values("县", STAFF) == [("縣", 40), ("秘縣", 1)]
        assert len(values("")) == 20

    def test_words_on_different_pages_do_not_make_a_page(self, searcher: Searcher) -> None:
        answer = searcher.search(Query("登記簿 siding"), ANONYMOUS)
        assert answer["interpretation"]["relaxed"]

    def test_star_is_everything_one_may_know_of(self, searcher: Searcher) -> None:
        assert len(found(searcher, "*")) == len(RESOURCES) - 1
        assert len(found(searcher, "*", STAFF)) == len(RESOURCES)

    def test_most_words_when_none_has_all(self, searcher: Searcher) -> None:
        answer = searcher.search(Query("minutes committee zebra"), ANONYMOUS)
        assert answer["interpretation"]["relaxed"]
        assert [hit["title"] for hit in answer["hits"]] == [MINUTES]

    def test_internal_is_absent_for_others_and_there_for_staff(self, searcher: Searcher) -> None:
        for text in ("secret personnel", "whistleblower", "evaluation"):
            assert found(searcher, text) == set()
            assert found(searcher, text, READER) == set()
            assert len(found(searcher, text, STAFF)) == 1

    def test_a_resource_with_an_internal_record_shows_readers_the_rest(self, searcher: Searcher) -> None:
        (hit,) = searcher.search(Query("土地移轉清冊"), ANONYMOUS)["hits"]
        assert [source["source"] for source in hit["sources"]] == ["list"]
        assert "whistleblower" not in str(searcher.resource(hit["id"], ANONYMOUS))
        assert "whistleblower" in str(searcher.resource(hit["id"], STAFF))

    def test_staff_data_reaches_staff_only(self, searcher: Searcher) -> None:
        assert "stack 4" not in str(searcher.resource(JOINED.id, READER))
        assert "stack 4" in str(searcher.resource(JOINED.id, STAFF))

    def test_text_of_closed_pages_is_not_searched_until_they_open(self, searcher: Searcher, filled: Engine) -> None:
        assert found(searcher, "dossier") == set()
        assert found(searcher, "dossier", STAFF) == {"Closed volume"}
        later = Searcher(filled, today=lambda: dt.date(2030, 6, 1))
        assert found(later, "dossier") == {"Closed volume"}
        closed = mint("scans", "closed-volume")
        assert searcher.page(closed, 1, ANONYMOUS) is None
        assert later.page(closed, 1, ANONYMOUS) is not None

    def test_pages_show_under_their_resource(self, searcher: Searcher) -> None:
        (hit,) = searcher.search(Query("siding"), ANONYMOUS)["hits"]
        assert hit["id"] == JOINED.id
        assert [(page["number"], page["label"]) for page in hit["pages"]] == [(2, "2r")]
        assert hit["pages"][0]["highlights"] == ["石碇鄉 公所 railway <mark>siding</mark>"]
        assert (hit["page_hits"], hit["page_total"]) == (1, 2)

    def test_page_words_and_boxes(self, searcher: Searcher) -> None:
        page = searcher.page(JOINED.id, 2, ANONYMOUS, "石碇乡 sidings")
        assert page is not None
        assert [word["text"] for word in page["lines"][0] if word["match"]] == ["石碇鄉", "siding"]
        assert page["lines"][0][0]["w"] == 9.0
        assert searcher.page_image(JOINED.id, 2, ANONYMOUS) == ("scans", "v/2.jpg", None)
        assert searcher.page(JOINED.id, 3, ANONYMOUS) is None

    def test_joined_resource_in_full(self, searcher: Searcher) -> None:
        view = searcher.resource(JOINED.id, ANONYMOUS)
        assert view is not None
        assert view["kinds"] == ["physical", "digital", "thematic"]
        assert view["entries"][0]["values"] == {"地號": "石碇小段 29", "地目": "建"}
        assert {link["rule"] for link in view["links"]} == {"reference_code"}
        assert view["copies"][0]["pages_url"]
        for source_id in ("list:z013-005", "scans:Z013-1-001-005", "register:LR-216"):
            same = searcher.resource(source_id, ANONYMOUS)
            assert same is not None and same["id"] == JOINED.id

    def test_a_merged_resource_answers_to_its_former_id(self, engine: Engine) -> None:
        fill(engine, (replace(JOINED, former=("r-before",)),))
        view = Searcher(engine).resource("r-before", ANONYMOUS)
        assert view is not None
        assert (view["id"], view["redirected_from"]) == (JOINED.id, "r-before")

    def test_unknown_and_forbidden_look_the_same(self, searcher: Searcher) -> None:
        assert searcher.resource("r-unknown", ANONYMOUS) is None
        assert searcher.resource("ead:a.xml#c3", ANONYMOUS) is None
        assert searcher.resource("ead:a.xml#c3", STAFF) is not None

    def test_children_in_archival_order_for_this_viewer(self, searcher: Searcher) -> None:
        below = searcher.children(mint("ead", "a.xml"), ANONYMOUS)
        assert [item["title"] for item in below["items"]] == [MINUTES, PHOTOS]
        assert below["total"] == 2
        assert searcher.children(mint("ead", "a.xml"), STAFF)["total"] == 3
        assert searcher.children(mint("ead", "a.xml"), STAFF, offset=1, limit=1)["items"][0]["title"] == PHOTOS
        assert searcher.children("", ANONYMOUS)["total"] == 5
        photos = searcher.resource("ead:a.xml#c2", ANONYMOUS)
        assert photos is not None and photos["siblings_before"] == 1

    def test_a_facet_counts_what_its_filter_returns(self, searcher: Searcher) -> None:
        for viewer in (ANONYMOUS, STAFF):
            for text in ("*", "土地", "farm"):
                facets = searcher.search(Query(text), viewer)["facets"]
                for name, values in facets.items():
                    for value in values:
                        assert (
                            len(found(searcher, text, viewer, filters={name: (value["value"],)})) == value["count"]
                        ), (name, value)

    def test_facets_by_count_then_value(self, searcher: Searcher) -> None:
        for values in searcher.search(Query("*"), ANONYMOUS)["facets"].values():
            assert values == sorted(values, key=lambda value: (-value["count"], value["value"]))

    def test_a_facet_whose_filter_is_set_counts_what_its_other_values_would_give(self, searcher: Searcher) -> None:
        facets = searcher.search(Query("*", {"level": ("fonds",), "holder": ("NC State",)}), ANONYMOUS)["facets"]
        levels = {value["value"]: value["count"] for value in facets["level"]}
        assert levels == {"file": 2, "fonds": 1}
        assert {value["value"]: value["count"] for value in facets["holder"]} == {"NC State": 1, "Yunjiang Archives": 1}
        assert {value["value"]: value["count"] for value in facets["subject"]} == {"Railroads": 1}

    def test_near_identical_siblings_and_twins_are_shown_as_one(self, engine: Engine) -> None:
        fill(engine, LETTERS)
        searcher = Searcher(engine)
        answer = searcher.search(Query("letter", folded=True), ANONYMOUS)
        assert (answer["total"], answer["folded"], len(answer["hits"])) == (7, 4, 3)
        folded = {hit["title"].partition(" ")[0]: (hit["more"], len(hit["same"])) for hit in answer["hits"]}
        more, same = folded["Letter"]
        assert (more["count"], more["parent"]["title"], same) == (3, "Letters", 0)
        assert (folded["Note"], folded["Photographed"]) == ((None, 0), (None, 1))
        plain = searcher.search(Query("letter"), ANONYMOUS)
        assert plain["folded"] == 0 and all(hit["more"] is None and not hit["same"] for hit in plain["hits"])
        by_code = searcher.search(Query("letter", sort="reference_code", folded=True), ANONYMOUS)
        assert (len(by_code["hits"]), by_code["folded"]) == (7, 0)

    def test_the_best_of_each_fonds(self, engine: Engine) -> None:
        fill(engine, (*RESOURCES, *LETTERS))
        searcher = Searcher(engine)
        answer = searcher.search(Query("letter OR minutes", group="fonds"), ANONYMOUS)
        assert (answer["total"], answer["hits"], answer["more_groups"]) == (8, [], False)
        groups = {group["fonds"]["title"]: (group["count"], len(group["hits"])) for group in answer["groups"]}
        assert groups == {"Letters": (5, 3), "Photographed letter": (1, 1), BUREAU: (1, 1)} | {
            "Photographed Letter": (1, 1)
        }
        bureau = next(group["fonds"] for group in answer["groups"] if group["fonds"]["title"] == BUREAU)
        assert bureau == {"id": mint("ead", "a.xml"), "title": BUREAU, "holder": "NC State"}
        first = searcher.search(Query("letter OR minutes", group="fonds", size=1), ANONYMOUS)
        assert first["groups"] == answer["groups"][:1] and first["more_groups"]

    def test_similar_records_share_what_is_rare_and_say_so(self, engine: Engine) -> None:
        fill(engine, (*RESOURCES, *RAILWAYS))
        searcher = Searcher(engine)
        told = {}
        for viewer in (ANONYMOUS, STAFF):
            found = searcher.similar("rail:a", viewer)
            assert found is not None and found["id"] == mint("rail", "a")
            told[viewer] = {
                item["title"]: {reason["kind"]: reason["values"] for reason in item["reasons"]}
                for item in found["items"]
            }
        assert told[ANONYMOUS] == {
            "京張鐵路工程紀略": {"person": ["詹天佑"], "place": ["張家口"]},
            "Survey of the northern line": {"person": ["詹天佑"], "word": ["survey"]},
        }
        assert told[STAFF].keys() - told[ANONYMOUS].keys() == {"Surveyors' quarrels"}

    def test_similar_to_what_one_may_not_know_of_is_like_similar_to_nothing(self, engine: Engine) -> None:
        fill(engine, RAILWAYS)
        searcher = Searcher(engine)
        assert searcher.similar("rail:quarrels", STAFF) is not None
        assert searcher.similar("rail:quarrels", ANONYMOUS) is None
        assert searcher.similar("rail:nothing", ANONYMOUS) is None

    def test_filters_same_field_or_different_fields_and(self, searcher: Searcher) -> None:
        assert found(searcher, "*", filters={"level": ("series", "item")}) == {*SHANGHAI, LAND}
        assert found(searcher, "*", filters={"level": ("series", "item"), "kind": ("digital",)}) == {LAND}

    def test_within_a_resource_is_itself_and_what_is_below_it(self, searcher: Searcher) -> None:
        above = mint("ead", "a.xml")
        assert found(searcher, "*", within=above) == {BUREAU, MINUTES, PHOTOS}
        assert found(searcher, "committee", within="ead:a.xml") == {MINUTES}
        assert found(searcher, "*", STAFF, within="ead:a.xml#c3") == {"Secret personnel matters"}
        within = searcher.search(Query("*", within="ead:a.xml"), ANONYMOUS)["interpretation"]["within"]
        assert within == {"id": above, "title": BUREAU}

    def test_within_what_one_may_not_know_of_is_like_within_nothing(self, engine: Engine) -> None:
        fill(engine, (*RESOURCES, resource(member("ead", Record("a.xml#c3-1", "A leaf", ancestors=BELOW_SECRET)))))
        searcher = Searcher(engine)
        assert found(searcher, "*", STAFF, within="ead:a.xml#c3") == {"Secret personnel matters", "A leaf"}
        hidden, absent = (searcher.search(Query("leaf", within=name), ANONYMOUS) for name in ("ead:a.xml#c3", "r-no"))
        assert hidden["total"] == 0
        assert {**hidden, "took_ms": 0} == {**absent, "took_ms": 0}

    def test_years_overlap(self, searcher: Searcher) -> None:
        assert found(searcher, "*", year_from=1949, year_to=1949) == {BUREAU, "上海。市政府公報"}
        assert found(searcher, "*", year_from=1984) == {LAND, BUREAU}
        assert found(searcher, "*", year_to=1935) == {MINUTES}

    def test_sorting_and_paging_show_everything_once(self, searcher: Searcher) -> None:
        for sort in ("relevance", "date", "reference_code"):
            whole = [hit["id"] for hit in searcher.search(Query("*", sort=sort, size=100), ANONYMOUS)["hits"]]  # type: ignore[arg-type]
            paged = [
                hit["id"]
                for offset in range(0, len(whole), 2)
                for hit in searcher.search(Query("*", sort=sort, size=2, offset=offset), ANONYMOUS)["hits"]  # type: ignore[arg-type]
            ]
            assert paged == whole
        dated = [
            hit["dates"]["from"] for hit in searcher.search(Query("*", sort="date"), ANONYMOUS)["hits"] if hit["dates"]
        ]
        assert dated == sorted(dated)

    def test_own_title_comes_before_the_parents(self, searcher: Searcher) -> None:
        hits = searcher.search(Query("farm bureau"), ANONYMOUS)["hits"]
        assert hits[0]["title"] == BUREAU

    def test_histogram_counts_decades(self, searcher: Searcher) -> None:
        bars = {bar["from"]: bar["count"] for bar in searcher.search(Query("minutes"), ANONYMOUS)["histogram"]}
        assert bars == {1930: 1}

    def test_writing_is_visible_after_commit_only_and_replaces(self, engine: Engine) -> None:
        fill(engine)
        searcher = Searcher(engine)
        assert engine.store_version() == 1
        writer = engine.writer()
        writer.delete([JOINED.id])
        writer.add(documents(RESOURCES[1], mint))
        assert found(searcher, "石碇鄉") == {LAND}
        writer.delete([RESOURCES[1].id])
        writer.commit(2)
        writer.close()
        assert found(searcher, "石碇鄉") == set()
        assert found(searcher, "土地") == {"土地移轉清冊"}
        assert engine.store_version() == 2

    def test_clear(self, engine: Engine) -> None:
        fill(engine)
        searcher = Searcher(engine)
        assert len(found(searcher, "*", STAFF)) == len(RESOURCES)
        writer = engine.writer()
        writer.clear()
        writer.commit(3)
        writer.close()
        assert found(searcher, "*", STAFF) == set()
        assert engine.store_version() == 3

    def test_hostile_text_is_escaped_everywhere(self, engine: Engine) -> None:
        from indexer.resource import Resource

        hostile = Record(
            "x", "<script>alert(1)</script> land", description={"note": "<img src=x onerror=alert(1)> land & water"}
        )
        fill(engine, (Resource("r-x", (member("s", hostile),)),))
        (hit,) = Searcher(engine).search(Query("land"), ANONYMOUS)["hits"]
        assert hit["highlights"]["title"] == ["&lt;script&gt;alert(1)&lt;/script&gt; <mark>land</mark>"]
        assert "<img" not in hit["highlights"]["text"][0]
