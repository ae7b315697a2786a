"""The promises of suggestions on every engine. A new engine supplies an empty `engine` and inherits the suite."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.search import Searcher
from indexer.suggest import LIMIT, Suggester
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Authority, Name, Record, Variant
from tests.indexer.corpus import RESOURCES, fill, member, resource

STAFF = Viewer("mei", frozenset({"staff"}))

NAMED = (
    resource(
        member(
            "list",
            Record(
                "g-1",
                "光緒二十年粵漢鐵路購地卷",
                level="file",
                reference_code="J1-2-345",
                holder="Yunjiang Archives",
                names=(Name("張之洞", "person", "creator"), Name("鐵路", "subject", "subject")),
            ),
        )
    ),
    resource(
        member(
            "list",
            Record(
                "g-2",
                "蘆漢鐵路合同",
                level="file",
                reference_code="J1-2-346",
                names=(Name("張之洞", "person"), Name("鐵路", "subject", "subject"), Name("重慶", "place", "subject")),
            ),
        )
    ),
    resource(member("ead", Record("d#1", "Correspondence", level="file", names=(Name("Šmíd, Jan", "person"),)))),
    resource(member("ead", Record("d#2", "Correspondence", level="file", names=(Name("Smith, Ada", "person"),)))),
    resource(
        member(
            "people",
            Record(
                "p-1",
                "蘇軾",
                authority=Authority("person", variants=(Variant("蘇東坡"), Variant("東坡居士"))),
            ),
        )
    ),
    resource(member("list", Record("g-3", "赤壁賦", names=(Name("蘇軾", "person", "creator"),)))),
)
HIDDEN = resource(
    member(
        "desk",
        Record(
            "h-1",
            "Railway informers 鐵路密探",
            level="fonds",
            reference_code="J1-2-3456",
            access=Access("internal"),
            names=(
                Name("Smithers, Max", "person"),
                Name("鐵路", "subject", "subject"),
                Name("Spies", "subject", "subject"),
            ),
        ),
    )
)
EVERYTHING = (*RESOURCES, *NAMED)

FINDS = {
    "a title from its beginning": ("north car", "titles", "North Carolina Farm Bureau Records"),
    "a title from a word in it": ("bureau rec", "titles", "North Carolina Farm Bureau Records"),
    "a short beginning": ("ra", "titles", "Railroad photographs"),
    "case, width": ("ＦＡＲＭ ｂｕｒ", "names", "Farm Bureau"),
    "accents": ("smid", "names", "Šmíd, Jan"),
    "a name from a later word": ("jan", "names", "Šmíd, Jan"),
    "a name in the other script": ("张之", "names", "張之洞"),
    "a name from a character within": ("之洞", "names", "張之洞"),
    "a title in the other script": ("铁路合", "titles", "蘆漢鐵路合同"),
    "one character": ("鐵", "subjects", "鐵路"),
    "a subject": ("railr", "subjects", "Railroads"),
    "pinyin of a subject": ("tiedao", "subjects", None),
    "pinyin of a subject, begun": ("tiel", "subjects", "鐵路"),
    "pinyin of a name": ("zhangzhid", "names", "張之洞"),
    "pinyin with blanks": ("zhang zhi dong", "names", "張之洞"),
    "pinyin with tones": ("tiě lù", "subjects", "鐵路"),
    "pinyin with numbers": ("tie3lu4", "subjects", "鐵路"),
    "pinyin of a word with several readings": ("chongqing", "names", "重慶"),
    "initials of a name": ("zzd", "names", "張之洞"),
    "pinyin of a title": ("guangxu", "titles", "光緒二十年粵漢鐵路購地卷"),
    "pinyin of a title, within": ("yuehantielu", "titles", "光緒二十年粵漢鐵路購地卷"),
    "initials of a title": ("gx", "titles", "光緒二十年粵漢鐵路購地卷"),
    "a code": ("J1-2-34", "codes", "J1-2-345"),
    "a code in another writing": ("j001/002 0345", "codes", "J1-2-345"),
    "another form of an authority": ("蘇東", "names", "蘇軾"),
    "another form of an authority, as it is read": ("sudongpo", "names", "蘇軾"),
    "nothing": ("zzzz", "titles", None),
}


def items(answer: dict[str, Any], group: str) -> list[dict[str, Any]]:
    """The items of a group of an answer."""
    return next((found["items"] for found in answer["groups"] if found["group"] == group), [])


class SuggestContract:
    """Inherit, and give a fixture ``engine``."""

    CONTENT = EVERYTHING

    @pytest.fixture
    def suggester(self, filled: Engine) -> Suggester:
        return Suggester(filled)

    @pytest.mark.parametrize("name", FINDS)
    def test_finds(self, suggester: Suggester, name: str) -> None:
        text, group, wanted = FINDS[name]
        texts = [item["text"] for item in items(suggester.suggest(text, ANONYMOUS), group)]
        assert (wanted in texts) if wanted else not texts

    def test_homophones_are_not_equal(self, suggester: Suggester, filled: Engine) -> None:
        assert not suggester.suggest("光旭", ANONYMOUS)["groups"]
        assert Searcher(filled).search(Query("光旭"), ANONYMOUS)["total"] == 0

    @pytest.mark.parametrize("text", ["smi", "鐵路", "zhang", "corr", "farm", "苏东坡"])
    def test_what_is_chosen_finds_as_many_as_it_says(self, suggester: Suggester, filled: Engine, text: str) -> None:
        counted = [
            item
            for group in suggester.suggest(text, ANONYMOUS)["groups"]
            for item in group["items"]
            if item["count"] is not None
        ]
        assert counted
        for item in counted:
            search = item["search"]
            field, _, value = search.get("filter", "").partition(":")
            query = Query(search.get("q", "*"), {field: (value,)} if field else {})
            assert Searcher(filled).search(query, ANONYMOUS)["total"] == item["count"] > 0

    def test_what_was_typed_is_told_apart(self, suggester: Suggester) -> None:
        (subject,) = items(suggester.suggest("tielu", ANONYMOUS), "subjects")
        assert subject["parts"] == ["", "鐵路", ""]
        (title,) = items(suggester.suggest("gouditi", ANONYMOUS), "titles") or [None]
        assert title is None
        (title,) = items(suggester.suggest("goudi", ANONYMOUS), "titles")
        assert title["parts"] == ["光緒二十年粵漢鐵路", "購地", "卷"]

    def test_a_title_several_resources_have_is_one_search(self, suggester: Suggester) -> None:
        (title,) = items(suggester.suggest("corresp", ANONYMOUS), "titles")
        assert (title["count"], title["id"], title["search"]) == (2, None, {"q": 'title:"Correspondence"'})

    def test_another_form_says_which(self, suggester: Suggester) -> None:
        (name,) = items(suggester.suggest("東坡居", ANONYMOUS), "names")
        assert (name["text"], name["form"], name["count"]) == ("蘇軾", "東坡居士", 1)

    def test_not_more_than_asked_for(self, suggester: Suggester) -> None:
        for limit in (1, 2, LIMIT):
            answer = suggester.suggest("鐵", ANONYMOUS, limit)
            assert all(1 <= len(group["items"]) <= limit for group in answer["groups"])

    @pytest.mark.parametrize("text", ["", " ", "---", '"', "\x1f", "*", "鐵\x1f", ".*", "a" * 5_000])
    def test_anything_may_be_typed(self, suggester: Suggester, text: str) -> None:
        assert suggester.suggest(text, ANONYMOUS)["text"] == text

    def test_hidden_resources_change_nothing(self, engine: Engine) -> None:
        fill(engine, EVERYTHING)
        before = {text: Suggester(engine).suggest(text, ANONYMOUS) for text in TYPED}
        fill(engine, (HIDDEN,), 2)
        assert {text: Suggester(engine).suggest(text, ANONYMOUS) for text in TYPED} == before
        assert "Spies" in str(Suggester(engine).suggest("spies", STAFF))
        assert items(Suggester(engine).suggest("鐵路", STAFF), "subjects")[0]["count"] == 3

    def test_what_changed_is_in_the_next_list(self, engine: Engine) -> None:
        fill(engine, EVERYTHING)
        suggester = Suggester(engine)
        assert items(suggester.suggest("蘆漢", ANONYMOUS), "titles")
        replaced = resource(
            member("list", Record("g-2", "滇越鐵路合同", level="file", names=(Name("岑毓英", "person"),)))
        )
        put(engine, replaced)
        assert not items(suggester.suggest("蘆漢", ANONYMOUS), "titles")
        assert items(suggester.suggest("滇越", ANONYMOUS), "titles")
        assert items(suggester.suggest("cenyuying", ANONYMOUS), "names")
        assert not items(suggester.suggest("重慶", ANONYMOUS), "names")
        (person,) = items(suggester.suggest("張之洞", ANONYMOUS), "names")
        assert person["count"] == 1

    def test_what_becomes_internal_is_suggested_no_more(self, engine: Engine) -> None:
        fill(engine, EVERYTHING)
        suggester = Suggester(engine)
        record = NAMED[1].members[0].record
        put(engine, resource(member("list", replace(record, access=Access("internal")))))
        for text in ("重慶", "chongqing", "蘆漢", "J1-2-346"):
            assert not suggester.suggest(text, ANONYMOUS)["groups"]
            assert suggester.suggest(text, STAFF)["groups"]
        (person,) = items(suggester.suggest("張之洞", ANONYMOUS), "names")
        assert person["count"] == 1


TYPED = (
    "s",
    "sp",
    "spies",
    "smith",
    "rai",
    "railway",
    "鐵",
    "鐵路",
    "tielu",
    "mt",
    "tlmt",
    "J1-2-3",
    "J1-2-3456",
    "inf",
)


def put(engine: Engine, changed: Resource) -> None:
    """Replace one resource."""
    writer = engine.writer()
    writer.delete([changed.id])
    writer.add(documents(changed, mint))
    writer.commit(3)
    writer.close()
    engine.refresh()
