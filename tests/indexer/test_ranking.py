"""What comes first, on both engines: exact forms, titles, fonds, codes, dates, and what sentences add."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import scoring
from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.feedback import RECORDS, telling
from indexer.fields import ABOUT, DESCRIPTION, PAGE
from indexer.language import parse, relax
from indexer.plan import And, Inside, Key, Most, Node, Or, Plan, Rights, Span, Term, terms
from indexer.query import Query
from indexer.ranking import lifts
from indexer.search import Searcher
from indexer.sentences import is_sentence
from indexer.suggest_keys import whole_title
from mappings.access import ANONYMOUS, Access
from mappings.record import Ancestor, Dates, Record
from tests.contracts.engine_contract import TODAY
from tests.indexer.corpus import fill, member, resource

READER = Rights("reader", frozenset({"open"}), TODAY)
FONDS = Ancestor("f", "Whitfield Papers", "fonds")
RECORDS_OF_ORDER = (
    Record("f", "Whitfield Papers", level="fonds", description={"note": "Letters and diaries of an engineer."}),
    Record("b1", "Whitfield Papers, box 1", level="file", ancestors=(FONDS,)),
    Record("b2", "Whitfield Papers, box 2", level="file", ancestors=(FONDS,), reference_code="W-001-02"),
    Record("flood", "Flood"),
    Record("wide", "Flood damage", dates=Dates("1900-1990", 1900, 1990)),
    Record("tight", "Flood relief, accounts and letters", dates=Dates("1927", 1927, 1927)),
    Record("bei", "To be or not to be"),
    Record("shrine", "乡祠"),
    Record("temple", "李氏宗祠堂重修碑记"),
)


@pytest.fixture(params=["memory", "tantivy"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    chosen: Engine = MemoryEngine() if request.param == "memory" else TantivyEngine(tmp_path / "index")
    fill(chosen, tuple(resource(member("s", record)) for record in RECORDS_OF_ORDER))
    yield chosen


def found(engine: Engine, query: Query) -> list[str]:
    return [hit["sources"][0]["source_id"] for hit in Searcher(engine).search(query, ANONYMOUS)["hits"]]


def matched(engine: Engine, node: Node) -> set[str]:
    return {hit.stored["sources"][0]["source_id"] for hit in engine.search(Plan(READER, node, size=50)).hits}


def test_nodes_that_rank_can_also_be_asked_for(engine: Engine) -> None:
    assert matched(engine, Inside(1927, 1927)) == {"tight"}
    assert matched(engine, Inside(1890, 1990)) == {"tight", "wide"}
    assert matched(engine, Key(whole_title("WHITFIELD  papers"))) == {"f"}
    assert matched(engine, Key(whole_title("Whitfield"))) == set()


def test_a_rank_or_a_bonus_matches_nothing(engine: Engine) -> None:
    everything: Node = Term("relief", "relief")
    other = Term("engineer", "engineer")
    plan = Plan(READER, everything, rank=((other, 1.0), (And((other,)), 1.0)), bonus=((Inside(1900, 1990), 1.0),))
    assert [hit.stored["title"] for hit in engine.search(plan).hits] == ["Flood relief, accounts and letters"]


def test_a_bonus_is_added_as_it_is(engine: Engine) -> None:
    plain = engine.search(Plan(READER, Term("flood", "flood")))
    lifted = engine.search(Plan(READER, Term("flood", "flood"), bonus=((Inside(1927, 1927), 2.5),)))
    scores = [{hit.stored["title"]: hit.score for hit in answer.hits} for answer in (plain, lifted)]
    gained = {title: round(scores[1][title] - scores[0][title], 3) for title in scores[0]}
    assert gained == {"Flood": 0.0, "Flood damage": 0.0, "Flood relief, accounts and letters": 2.5}


FIRST = {
    "a fonds before its boxes": (Query("whitfield papers"), "f"),
    "a box when a box is meant": (Query("whitfield papers box 2"), "b2"),
    "a code however it is written": (Query("w-1/2"), "b2"),
    "a title that is the query": (Query("flood"), "flood"),
    "a tight date among years asked for": (Query("flood", year_from=1925, year_to=1930), "tight"),
    "a year among the words": (Query("flood 1927"), "tight"),
    "nothing but stop words": (Query("to be or not to be"), "bei"),
}


@pytest.mark.parametrize("case", FIRST)
def test_first_place(engine: Engine, case: str) -> None:
    query, name = FIRST[case]
    assert found(engine, query)[0] == name


def test_a_single_character_is_found_wherever_it_stands(engine: Engine) -> None:
    assert set(found(engine, Query("祠"))) == {"shrine", "temple"}
    assert set(found(engine, Query("title:祠"))) == {"shrine", "temple"}


def test_a_stop_word_can_be_asked_for_in_a_field(engine: Engine) -> None:
    assert found(engine, Query("title:not")) == ["bei"]


SENTENCES = {
    "what is it": ("what happened to the children of the town", 3, True),
    "a question mark": ("children of the town?", 2, True),
    "a Chinese one": ("请问哪里能查到结婚登记", 3, True),
    "asking particle": ("这份档案开放了吗", 3, True),
    "a full stop": ("the slip flow of a boundary layer .", 4, True),
    "an abbreviation": ("Millbrook Mfg. Co.", 3, False),
    "a name": ("papers of Harlan Whitfield", 3, False),
    "a title": ("粤汉铁路购地卷", 3, False),
    "is within a word": ("Island of the dead in winter", 3, False),
    "many words": ("a b c d e f g", 7, True),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_what_is_a_sentence(case: str) -> None:
    text, words, sentence = SENTENCES[case]
    assert is_sentence(text, words) is sentence


def test_of_a_relaxed_han_word_a_pair_is_enough() -> None:
    assert relax(parse("石碇鄉").node, 0.4) == Most(
        (Or((Term("石碇鄉", "石碇乡"), Term("石碇", "石碇"), Term("碇鄉", "碇乡"))),), 1
    )
    assert relax(parse("鐵路").node, 0.4) is None


@given(st.lists(st.sampled_from(["鐵路", "石碇乡", "祠", "railways", "the", "land"]), min_size=1, max_size=5))
def test_each_token_counts_once(words: list[str]) -> None:
    """However often a word is said, and in whatever order, its tokens weigh the same."""
    tree = And(tuple(Term(word, word) for word in words))
    once = Or(tuple(Term(word, word) for word in sorted(set(words))))
    for fields in ((DESCRIPTION,), (PAGE, ABOUT)):
        assert scoring.weights(tree, fields) == scoring.weights(once, fields)


def test_the_tokens_of_a_han_word() -> None:
    weights = scoring.weights(Term("铁路", "铁路"), (DESCRIPTION,))
    described = {key: weight for key, weight in weights.items() if key[0].startswith(DESCRIPTION.name)}
    assert described == {("all_w", "铁路"): 1.0, ("all_g", "铁路"): 0.5, ("all_w", "铁"): 0.5, ("all_w", "路"): 0.5}


def test_what_lifts_a_typed_text() -> None:
    found = lifts("art history 1927", parse("art history 1927").node, None, None)
    assert Term("art history", "art history", "phrase") in [node for node, _ in found.rank]
    assert found.bonus == ()
    spanned = lifts("art history 1927", parse("art history 1927").node, None, None, (Span(1927, 1927),))
    assert spanned.bonus[0][0] == Inside(1927, 1927)
    assert not any(
        isinstance(node, Key) for node, _ in lifts('"art history"', parse('"art history"').node, None, None).rank
    )
    assert lifts("*", parse("*").node, 1900, None).bonus[0][0] == Inside(1900, 9_999)


MATTER = "boundary layer transition of a cooled slender cone"
TOLD = [f"{MATTER}: note {at}, on roughness and tunnel noise" for at in range(RECORDS + 2)]


@pytest.fixture
def told(engine: Engine) -> Engine:
    """Notes that share their matter, among others; one that says more is for staff only."""
    records = [Record(f"t{at}", title) for at, title in enumerate(TOLD)]
    secret = Record("s", f"{MATTER} and classified warheads", access=Access("internal"))
    fill(engine, tuple(resource(member("s", record)) for record in (*RECORDS_OF_ORDER, *records, secret)))
    return engine


def test_telling_words_are_those_the_best_hits_share(told: Engine) -> None:
    plan = Plan(READER, Most(tuple(terms(parse("cone transition layer").node)), 1))
    words = {node.folded for node, _ in telling(told, plan) if isinstance(node, Term)}
    assert {"roughness", "tunnel", "noise"} <= words
    assert words.isdisjoint({"cone", "transition", "layer", "of", "classified", "warheads"})


def test_telling_words_are_not_looked_for_where_one_hit_stands_out(told: Engine) -> None:
    assert telling(told, Plan(READER, Term("engineer", "engineer"))) == ()


def test_telling_words_only_rank(told: Engine) -> None:
    answer = Searcher(told).search(Query("what is the transition of a cone layer?"), ANONYMOUS)
    assert answer["total"] == len(TOLD)
