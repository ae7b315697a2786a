"""What every engine promises of authorities: a name finds who is meant, and nobody learns of whom they may not know."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from msgspec import structs

from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import Resource
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Authority, Identifier, Mention, Name, Record, Relation, Variant
from tests.indexer.corpus import fill, member, resource

TODAY = dt.date(2026, 11, 25)
STAFF = Viewer("mei", frozenset({"staff"}))


def person(source_id: str, title: str, *variants: Variant, **more: Any) -> Record:
    authority = Authority("person", variants=variants, relations=more.pop("relations", ()))
    return Record(source_id, title, kind="thematic", authority=authority, **more)


SU_SHI = person(
    "p1",
    "蘇軾",
    Variant("蘇東坡", "號"),
    Variant("Su, Shi, 1037-1101", "romanised"),
    identifiers=(Identifier("uri", "http://viaf.org/viaf/12345"),),
    relations=(Relation("蘇轍", "弟", "p2"), Relation("王弗", "妻")),
)
SU_ZHE = person("p2", "蘇轍")
NAMESAKES = (person("p3", "王安"), person("p4", "王安"))
HIDDEN = person("p5", "Informant, Secret", access=Access("internal"))
BUREAU = Record(
    "o1",
    "Farm Bureau (N.C.)",
    kind="thematic",
    authority=Authority("organisation", headings=("North Carolina Farm Bureau",)),
)


def names(source_id: str, *found: Name, **more: Any) -> Record:
    return Record(source_id, f"record {source_id}", names=found, **more)


RECORDS = (
    names("by heading", Name("苏轼", "person", "creator"), Name("王安", "person")),
    names("by variant", Name("SU, SHI (1037-1101)", "person", "subject")),
    names("by identifier", Name("Su T'ung-po", "person", authority="https://viaf.org/viaf/12345/")),
    names("by a prefixed identifier", Name("Su Tungpo", "person", authority="(viaf)12345")),
    names("untold", Name("North Carolina Farm Bureau", "name")),
    names("of another kind", Name("蘇軾", "subject")),
    names("hidden", Name("Informant, Secret", "person")),
    names("identifier first", Name("蘇轍", "person", authority="http://viaf.org/viaf/12345")),
)


NOTE = "蘇東坡與王安、蘇轍及某人在杭州。刺史。蘇東坡。"
MENTIONING = Record(
    "m1",
    "record m1",
    names=(Name("蘇轍", "person"),),
    description={"note": NOTE},
    mentions=(
        Mention("蘇軾", "person", "蘇東坡", "note", 0, 3, "persons:p1"),
        Mention("王安", "person", "王安", "note", 4, 6, candidates=("persons:p3", "persons:p4")),
        Mention("蘇轍", "person", "蘇轍", "note", 7, 9, "persons:p2"),
        Mention("某人", "person", "某人", "note", 10, 12, "persons:p5"),
        Mention("杭州", "place", "杭州", "note", 13, 15),
        Mention("刺史", "office", "刺史", "note", 16, 18),
        Mention("蘇軾", "person", "蘇東坡", "note", 19, 22, "persons:p1"),
    ),
)


IN_USE = (Name("蘇軾", "person"), Name("蘇東坡"), Name("蘇東坡", "subject", "subject"), Name("蘇洵", "person"))


def everything() -> tuple[Resource, ...]:
    authorities = (SU_SHI, SU_ZHE, *NAMESAKES, HIDDEN, BUREAU)
    return (
        *(resource(member("persons", record)) for record in authorities),
        *(resource(member("list", record)) for record in RECORDS),
    )


class AuthoritiesContract:
    CONTENT = everything()

    @pytest.fixture
    def searcher(self, filled: Engine) -> Searcher:
        return Searcher(filled, today=lambda: TODAY)

    @pytest.mark.parametrize(
        ("source_id", "meant"),
        [
            ("by heading", ["蘇軾", None]),
            ("by variant", ["蘇軾"]),
            ("by identifier", ["蘇軾"]),
            ("by a prefixed identifier", ["蘇軾"]),
            ("untold", ["Farm Bureau (N.C.)"]),
            ("of another kind", [None]),
            ("hidden", [None]),
            ("identifier first", ["蘇軾"]),
        ],
    )
    def test_a_name_finds_who_is_meant(self, searcher: Searcher, source_id: str, meant: list[str | None]) -> None:
        shown = searcher.resource(f"list:{source_id}", ANONYMOUS)
        assert shown is not None
        found = [name["authority"] and name["authority"]["title"] for name in shown["names"]]
        assert found == meant

    def test_staff_find_an_internal_authority(self, searcher: Searcher) -> None:
        shown = searcher.resource("list:hidden", STAFF)
        assert shown is not None and shown["names"][0]["authority"]["title"] == "Informant, Secret"

    def test_an_authority_tells_its_forms_its_kin_and_who_names_it(self, searcher: Searcher) -> None:
        shown = searcher.resource("persons:p1", ANONYMOUS)
        assert shown is not None
        authority = shown["authority"]
        assert authority["headings"] == ["蘇軾"]
        assert [variant["name"] for variant in authority["variants"]] == ["蘇東坡", "Su, Shi, 1037-1101"]
        kin = [
            (one["name"], one["kind"], one["authority"] and one["authority"]["title"]) for one in authority["relations"]
        ]
        assert kin == [("蘇轍", "弟", "蘇轍"), ("王弗", "妻", None)]
        assert authority["named_in"] == {"headings": ["蘇軾"], "total": 2}  # 蘇軾 and 苏轼

    def test_who_names_it_is_counted_over_all_forms_in_use(self, engine: Engine) -> None:
        more = [names(f"n{at}", name) for at, name in enumerate(IN_USE)]
        secret = names("secret", Name("蘇軾", "person"), access=Access("internal"))
        fill(engine, (resource(member("persons", SU_SHI)), *(resource(member("list", r)) for r in (*more, secret))))
        searcher = Searcher(engine, today=lambda: TODAY)
        for viewer, total in ((ANONYMOUS, 3), (STAFF, 4)):
            shown = searcher.resource("persons:p1", viewer)
            assert shown is not None
            named = shown["authority"]["named_in"]
            assert named == {"headings": ["蘇軾", "蘇東坡"], "total": total}
            asked = Query(filters={"name": tuple(named["headings"])})
            assert searcher.search(asked, viewer)["total"] == total

    def test_every_form_finds_the_authority(self, searcher: Searcher) -> None:
        for words in ("蘇軾", "苏东坡", "su shi 1037"):
            hits = searcher.search(Query(words), ANONYMOUS)["hits"]
            assert "p1" in {hit["sources"][0]["source_id"] for hit in hits}, words

    def test_other_records_are_no_authorities(self, searcher: Searcher) -> None:
        shown = searcher.resource("list:untold", ANONYMOUS)
        assert shown is not None and shown["authority"] is None

    @pytest.fixture
    def mentioning(self, engine: Engine) -> Searcher:
        """The authorities, a record whose text names some, and the same for staff only."""
        hidden = structs.replace(MENTIONING, source_id="m2", access=Access("internal"))
        people = (*(resource(member("persons", record)) for record in (SU_SHI, SU_ZHE, *NAMESAKES, HIDDEN)),)
        fill(engine, (*people, resource(member("list", MENTIONING)), resource(member("list", hidden))))
        return Searcher(engine, today=lambda: TODAY)

    def test_found_names_say_who_is_or_may_be_meant(self, mentioning: Searcher) -> None:
        shown = mentioning.resource("list:m1", ANONYMOUS)
        assert shown is not None
        found = {
            one["name"]: (one["count"], one["authority"] and one["authority"]["title"], len(one["candidates"]))
            for one in shown["mentions"]
        }
        assert found == {
            "蘇軾": (2, "蘇軾", 0),
            "王安": (1, None, 2),
            "某人": (1, None, 0),
            "杭州": (1, None, 0),
            "刺史": (1, None, 0),
        }, "what is catalogued is not told again, and nobody learns of an internal authority"

    def test_found_names_are_facets_and_filters(self, mentioning: Searcher) -> None:
        answer = mentioning.search(Query("record"), ANONYMOUS)
        assert {one["value"] for one in answer["facets"]["person"]} == {"蘇軾", "王安", "蘇轍", "某人"}
        assert [one["value"] for one in answer["facets"]["place"]] == ["杭州"]
        for facet, name in (("person", "王安"), ("place", "杭州"), ("name", "刺史")):
            assert mentioning.search(Query(filters={facet: (name,)}), ANONYMOUS)["total"] == 1
        assert mentioning.search(Query("person:王安"), ANONYMOUS)["total"] == 1

    def test_an_authority_counts_who_names_it_in_the_text(self, mentioning: Searcher) -> None:
        for viewer, total in ((ANONYMOUS, 1), (STAFF, 2)):
            shown = mentioning.resource("persons:p1", viewer)
            assert shown is not None and shown["authority"]["named_in"] == {"headings": ["蘇軾"], "total": total}

    def test_whom_a_name_may_mean_is_not_counted_as_named(self, mentioning: Searcher) -> None:
        shown = mentioning.resource("persons:p3", ANONYMOUS)
        assert shown is not None and shown["authority"]["named_in"]["total"] == 0
