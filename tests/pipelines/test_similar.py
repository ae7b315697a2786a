"""Records joined by likeness, and what staff decide: on rows as the intake writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.resource import Link, mint
from mappings.blocks import MOST, blocks
from mappings.dates import dated
from mappings.decisions import Decision, Key
from mappings.record import Ancestor, Name, Record, encode
from pipelines import similar
from pipelines.link import Links, link
from pipelines.record_store import RecordStore
from pipelines.similar import Pair, pairs_of
from pipelines.tasks import KEY_SEPARATOR

RAILWAY = "粵漢鐵路公司購地卷宗"


def key(name: str) -> Key:
    source, _, source_id = name.partition(":")
    return source, source_id


def own(name: str) -> str:
    return mint(*key(name))


class Night:
    """A store, what was decided so far, and runs of the link step."""

    def __init__(self, folder: Path) -> None:
        self.store = RecordStore(folder / "records")
        self.decisions: list[Decision] = []
        self._since: dict[Key, int] = {}

    def put(
        self, name: str, title: str, dates: str | None = None, *, aid: str | None = None, by: str = "", **more: Any
    ) -> Night:
        """A record ``SOURCE:SOURCE_ID``; `by` is a link key ``RULE=VALUE``."""
        above = (Ancestor("top", "Railway company records"),) if aid else ()
        record = Record(key(name)[1], title, dates=dated(dates) if dates else None, ancestors=above, **more)
        with self.store.begin("run") as commit:
            row = {
                "item": aid or record.source_id,
                "source_id": record.source_id,
                "action": "index",
                "record_kind": record.kind,
                "nested": aid is not None,
                "link_keys": [by.replace("=", KEY_SEPARATOR)] if by else None,
                "blocks": list(blocks(record)) or None,
                "since": self._since.setdefault(key(name), commit.version),
                "record": encode(record),
            }
            commit.add("record", {column: [value] for column, value in row.items()}, key(name)[0])
            commit.commit()
        return self

    def take(self, name: str) -> Night:
        source, source_id = key(name)
        with self.store.begin("run") as commit:
            commit.add("record", {"source_id": [source_id], "item": [source_id], "action": ["delete"]}, source)
            commit.commit()
        return self

    def say(self, one: str, other: str, verdict: Any) -> Night:
        self.decisions.append(Decision(key(one), key(other), verdict, "2026-11-26"))
        return self

    def link(self) -> Night:
        standing = [each for each in self.decisions if each.verdict in ("same", "apart")]
        link(self.store, "run", standing)
        return self

    def id(self, name: str) -> str:
        return Links.read(self.store).resource_of(*key(name))

    def together(self, *names: str) -> bool:
        return len({self.id(name) for name in names}) == 1

    def pairs(self) -> dict[tuple[str, str], Pair]:
        return {(":".join(pair.one), ":".join(pair.other)): pair for pair in pairs_of(self.store)}


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


class TestLikeness:
    def test_two_catalogues_of_one_file(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "光緒三十一年").put("b:1", "粤汉铁路公司购地卷宗", "1905").link()
        assert night.together("a:1", "b:1")
        assert Links.read(night.store).evidence(key("b:1")) == Link(
            "similar", f"{night.pairs()['a:1', 'b:1'].score:.2f}"
        )

    def test_the_evidence_is_kept_field_by_field(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905", extent="3 卷").put(
            "b:1", "粤汉铁路公司购地卷宗", "1905", extent="3 卷"
        ).link()
        fields = {field["field"]: field for field in night.pairs()["a:1", "b:1"].evidence}
        assert (fields["title"]["one"], fields["title"]["other"]) == (RAILWAY, "粤汉铁路公司购地卷宗")
        assert fields["extent"]["level"] == "same"
        assert all(isinstance(field["share"], float) for field in fields.values())

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("Annual report of the canal board", "1950"), ("Annual report of the canal board", "1951")),
            (
                ("Minutes of the harbour board, volume 3", None),
                ("Minutes of the harbour board, volume 4", None),
            ),
            (("關於板橋市介壽段73號贈與案", None), ("關於板橋市介壽段75號贈與案", None)),
            (("資治通鑑卷一", None), ("資治通鑑卷二", None)),
        ],
    )
    def test_siblings_never(self, night: Night, one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
        night.put("a:1", *one).put("b:1", *other).link()
        assert night.pairs() == {}
        assert not night.together("a:1", "b:1")

    def test_the_same_title_by_others_is_for_people_at_most(self, night: Night) -> None:
        one, other = (Name(name, role="creator") for name in ("王維", "趙子明"))
        night.put("a:1", "道德經集解", names=(one,)).put("b:1", "道德經集解", names=(other,)).link()
        assert not night.together("a:1", "b:1")

    def test_records_of_one_source_never(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("a:2", RAILWAY, "1905").link()
        assert night.pairs() == {}

    def test_two_that_fit_alike_are_for_people(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").put("b:2", RAILWAY, "1905").link()
        assert {pair.state for pair in night.pairs().values()} == {"review"}
        assert not night.together("a:1", "b:1")

    def test_originals_of_two_houses_are_for_people(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905", holder="East").put("b:1", RAILWAY, "1905", holder="West").link()
        assert not night.together("a:1", "b:1")
        assert all(pair.state != "auto" for pair in night.pairs().values())

    def test_components_of_one_finding_aid_not_through_a_third(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905", aid="f", by="ark=x").put("a:2", "Something else", "1905", aid="f", by="doi=y")
        night.put("b:1", RAILWAY, "1905", by="doi=y").link()
        assert night.together("a:2", "b:1")
        assert not night.together("a:1", "b:1")

    def test_exact_keys_win(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("a:2", "Other words", by="ark=x").put("b:1", RAILWAY, "1905", by="ark=x")
        night.link()
        assert night.together("a:2", "b:1")
        assert not night.together("a:1", "b:1")

    def test_a_changed_record_is_scored_again(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").link()
        before = night.id("b:1")
        night.put("b:1", "Harbour dues and wharfage", "1931").link()
        assert night.pairs() == {}
        assert (night.id("a:1"), night.id("b:1")) == (own("a:1"), own("b:1"))
        night.put("b:1", RAILWAY, "1905").link()
        assert night.id("b:1") == before

    def test_a_deleted_record_leaves_no_pair(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").link().take("b:1").link()
        assert night.pairs() == {}
        assert night.id("a:1") == own("a:1")

    def test_what_did_not_change_is_not_written_again(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").link()
        night.put("c:1", "Something of no likeness to anything").link()
        assert night.store.rows("pair", ["version"]).num_rows == 1

    @pytest.mark.parametrize("held", [0, similar.MOST_CHANGED])
    def test_of_one_changed_record_only_its_own_pairs_are_scored(
        self, night: Night, monkeypatch: pytest.MonkeyPatch, held: int
    ) -> None:
        """Whether the changed blocks are held, or all are hashed because there are too many."""
        monkeypatch.setattr(similar, "MOST_CHANGED", held)
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").link()
        night.put("a:2", "Harbour dues and wharfage", "1931").put("b:2", "Wharfage and harbour dues.", "1931").link()
        assert night.together("a:1", "b:1")
        assert night.together("a:2", "b:2")
        assert night.store.rows("pair", ["version"]).num_rows == 2

    def test_a_title_that_all_have_is_no_block(self, night: Night) -> None:
        for number in range(61):
            night.put(f"{'ab'[number % 2]}:{number}", "Correspondence")
        night.link()
        assert night.pairs() == {}
        assert night.store.rows("linked", ["skipped"])["skipped"].to_pylist() == [1]


class TestDecisions:
    def test_same_joins_what_no_rule_does(self, night: Night) -> None:
        night.put("a:1", "Land purchase").put("b:1", "購地").say("a:1", "b:1", "same").link()
        assert night.together("a:1", "b:1")
        assert Links.read(night.store).evidence(key("b:1")) == Link("decided", "2026-11-26")

    def test_same_never_joins_components_of_one_finding_aid(self, night: Night) -> None:
        night.put("a:1", "x", aid="f").put("a:2", "y", aid="f").say("a:1", "a:2", "same").link()
        assert not night.together("a:1", "a:2")

    def test_apart_parts_what_a_key_joins(self, night: Night) -> None:
        night.put("a:1", "x", by="ark=x").put("b:1", "x", by="ark=x").link()
        assert night.together("a:1", "b:1")
        night.say("a:1", "b:1", "apart").link()
        assert (night.id("a:1"), night.id("b:1")) == (own("a:1"), own("b:1"))

    def test_apart_also_through_a_third(self, night: Night) -> None:
        night.put("a:1", "x", by="ark=x").put("b:1", "x", by="ark=x").put("c:1", "x", by="ark=x")
        night.say("a:1", "b:1", "apart").link()
        assert night.together("a:1", "c:1")
        assert not night.together("a:1", "b:1")

    def test_a_wrong_link_is_undone_and_done_again(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").link()
        joined = night.id("b:1")
        assert night.say("a:1", "b:1", "apart").link().id("b:1") == own("b:1")
        assert Links.read(night.store).redirects == {}
        assert night.say("b:1", "a:1", "same").link().id("b:1") == joined

    def test_what_was_parted_makes_room_for_the_next_best(self, night: Night) -> None:
        night.put("a:1", RAILWAY, "1905").put("b:1", RAILWAY, "1905").put("b:2", RAILWAY, "1905")
        night.say("a:1", "b:1", "apart").link()
        assert night.together("a:1", "b:2")

    def test_a_merge_leaves_a_redirect(self, night: Night) -> None:
        night.put("a:1", "Land purchase").put("b:1", "購地").link().say("a:1", "b:1", "same").link()
        assert Links.read(night.store).follow(own("b:1")) == night.id("a:1") == own("a:1")

    def test_a_decision_alone_makes_a_link_step_and_none_does_not(self, night: Night) -> None:
        night.put("a:1", "x").put("b:1", "y").link()
        version = night.store.version
        assert night.link().store.version == version
        assert night.say("a:1", "b:1", "same").link().store.version == version + 1
        assert night.link().store.version == version + 1

    def test_a_decision_on_a_record_that_is_gone_waits_for_it(self, night: Night) -> None:
        night.put("a:1", "x").say("a:1", "b:1", "same").link()
        assert night.id("a:1") == own("a:1")
        assert night.put("b:1", "y").link().together("a:1", "b:1")


NAMES = ("a:1", "a:2", "b:1", "b:2", "c:1")
TITLES = (RAILWAY, "海港工程處會議記錄", "Canal dues")
acts = st.one_of(
    st.tuples(
        st.just("put"),
        st.sampled_from(NAMES),
        st.sampled_from(TITLES),
        st.booleans(),
    ),
    st.tuples(st.just("take"), st.sampled_from(NAMES)),
    st.tuples(
        st.just("say"),
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda two: two[0] < two[1]),
        st.sampled_from(("same", "apart")),
    ),
    st.just(("link",)),
)


def play(night: Night, act: tuple[Any, ...], there: set[str]) -> None:
    match act:
        case ("put", name, title, has_key):
            night.put(name, title, "1905", by="ark=x" if has_key else "")
            there.add(name)
        case ("take", name) if name in there:
            night.take(name)
            there.discard(name)
        case ("say", (one, other), verdict):
            night.say(one, other, verdict)
        case ("link",):
            night.link()


def groups(night: Night, there: set[str]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name in there:
        found.setdefault(night.id(name), set()).add(name)
    return {frozenset(names) for names in found.values()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(acts, min_size=3, max_size=12))
def test_what_is_joined_does_not_depend_on_the_nights(
    history: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Joined and parted in whatever order, the groups are those of one link step over the end; ids are found for
    good."""
    lived, there = Night(tmp_path_factory.mktemp("lived")), set[str]()
    given_out: set[str] = set()
    for act in history:
        play(lived, act, there)
        if act == ("link",):
            given_out |= {lived.id(name) for name in there}
    lived.link()
    once, here = Night(tmp_path_factory.mktemp("once")), set[str]()
    for act in history:
        if act != ("link",):
            play(once, act, here)
    once.link()
    assert groups(lived, there) == groups(once, here)
    newest = {tuple(sorted((each.one, each.other))): each for each in lived.decisions}
    for each in newest.values():
        one, other = ":".join(each.one), ":".join(each.other)
        if each.verdict == "apart" and {one, other} <= there:
            assert not lived.together(one, other)
    links = Links.read(lived.store)
    ids = {lived.id(name) for name in there}
    assert len(ids) == len(groups(lived, there))
    assert all(links.follow(old) not in links.redirects for old in given_out)


def test_blocks_are_few_and_say_nothing_of_what_has_no_title() -> None:
    long = Record("1", " ".join(f"word{number} 鐵路{number}公司" for number in range(500)), dates=dated("1905"))
    assert 0 < len(blocks(long)) <= MOST
    assert blocks(Record("1", "Untitled", supplied_title=True)) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RAILWAY, "粤汉铁路公司购地卷宗"),
        ("Minutes of the Board, Harbour Commission", "Harbour Commission: minutes of the board."),
        ("Correspondence with the Department of Agriculture", "Correspondence with Dept. of Agriculture"),
    ],
)
def test_two_writings_of_a_title_share_a_block(one: str, other: str) -> None:
    assert set(blocks(Record("1", one))) & set(blocks(Record("1", other)))
