"""What a reader can have in place of what is refused: from the real searcher, with the rights of the reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from indexer.engines.memory import MemoryEngine
from indexer.errors import EngineUnavailable
from indexer.resource import Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Ancestor, Copy, Holding, Name, Record
from onestop.alternatives import SearchAlternatives
from onestop.holdings import SearchHoldings
from service_desk.errors import Unavailable
from service_desk.knowledge import MOST_ALTERNATIVES, REASONS, Alternative
from service_desk.ports import FrozenHit
from tests.contracts.leak_contract import TODAY, VIEWERS, corpora
from tests.indexer.corpus import fill, member, page, resource

FONDS = Ancestor("f", "Bridge office", "fonds", "F")
WHO = Name("Bridge office", "organisation", "creator")
STAFF = Viewer("mei", frozenset({"staff"}))
READER = Viewer("wang", frozenset({"reader"}))


def record(number: int, title: str, access: Access | None = None, **more: Any) -> Record:
    given = {
        "level": "file",
        "holder": "North",
        "ancestors": (FONDS,),
        "access": access,
        "holdings": (Holding(("1",)),),
    }
    return Record(f"r{number}", title, **(given | more))


CLOSED = record(
    1,
    "Adoption of 1972, bridge family",
    Access("closed", opens_on=dt.date(2047, 1, 1), article="第二十七条"),
    names=(WHO,),
)
OPEN = record(2, "Adoption rules, printed", names=(WHO,))
HIDDEN = record(3, "Adoption of the bridge family, whistle", Access("internal"), names=(WHO,))
ALSO_CLOSED = record(4, "Adoption of 1973", Access("closed"), names=(WHO,))
MEMBERS = record(5, "Adoption bulletin", Access("registered"))
FAR = Record("r6", "Bridge family in print", kind="thematic", holder="South")
RESTRICTED = record(7, "Personnel of the bridge", Access("restricted"))


WHOLE = Record("f", FONDS.title, level="fonds", reference_code="F", holder="North")


def opened(*records: Record) -> Searcher:
    return searching([resource(member("s", WHOLE)), *(resource(member("s", one)) for one in records)])


def searching(found: Sequence[Resource]) -> Searcher:
    engine = MemoryEngine()
    fill(engine, tuple(found))
    return Searcher(engine, today=lambda: TODAY)


def asked(searcher: Searcher, number: int, reader: Viewer = READER, frozen_for: Viewer = READER) -> list[Alternative]:
    identifier = mint("s", f"r{number}")
    hit = SearchHoldings(lambda: searcher, lambda: 1).hit(identifier, frozen_for) or FrozenHit(identifier, "gone")
    return list(SearchAlternatives(lambda: searcher).for_hit(hit, reader))


def test_a_closed_record_comes_with_open_ones_and_who_may_grant_and_when_it_opens() -> None:
    searcher = opened(CLOSED, OPEN, HIDDEN, ALSO_CLOSED, MEMBERS, FAR)
    found = asked(searcher, 1)
    assert [(one.kind, one.reason) for one in found] == [
        ("similar", "same_names"),
        ("similar", "same_fonds"),
        ("similar", "same_words"),
        ("opens", "opens_on"),
        ("holder", "grants_access"),
    ]
    assert [one.title for one in found[:3]] == [OPEN.title, MEMBERS.title, FAR.title]
    assert found[0].words == (WHO.name,) and found[0].path == f"/r/{mint('s', 'r2')}"
    assert (found[3].day, found[3].article, found[4].title) == ("2047-01-01", "第二十七条", "North")
    assert all(one.reason in REASONS for one in found)


def test_what_needs_an_account_is_for_who_has_one() -> None:
    searcher = opened(CLOSED, MEMBERS)
    assert mint("s", "r5") in {one.id for one in asked(searcher, 1)}
    assert mint("s", "r5") not in {one.id for one in asked(searcher, 1, ANONYMOUS, ANONYMOUS)}


def test_a_deidentified_copy_comes_first() -> None:
    text = Copy(page_count=1, pages=(page(1, "telephone 123"),))
    scan = record(1, "Adoption of 1972", Access("restricted"), copies=(text,), kind="digital", holdings=())
    own = member("s", scan)
    from tests.contracts.leak_contract import released

    searcher = searching([resource(structs.replace(own, released=released(scan))), resource(member("s", OPEN))])
    found = asked(searcher, 1)
    assert found[0].reason == "deidentified" and found[0].kind == "same"
    assert [one.reason for one in found][-1] == "grants_access"


def test_signing_in_and_the_reading_room_are_ways_to_the_same() -> None:
    searcher = opened(MEMBERS, record(8, "Map", Access("onsite")))
    assert next(one.reason for one in asked(searcher, 5, ANONYMOUS, ANONYMOUS)) in ("sign_in", "reading_room")
    assert "reading_room" in [one.reason for one in asked(searcher, 8, ANONYMOUS, ANONYMOUS)]


def test_who_may_read_it_is_told_so() -> None:
    """What is refused may be a loan; then the reading room is what is left."""
    assert asked(opened(OPEN), 2)[0].reason == "reading_room"


def test_of_what_the_reader_may_not_know_nothing_is_told() -> None:
    searcher = opened(HIDDEN, OPEN, FAR)
    assert asked(searcher, 3, READER, frozen_for=STAFF) == []


def test_a_record_that_went_is_looked_for_by_the_title_that_was_kept() -> None:
    searcher = opened(OPEN, HIDDEN)
    gone = FrozenHit(mint("s", "gone"), "Adoption rules", access="closed")
    found = SearchAlternatives(lambda: searcher).for_hit(gone, READER)
    assert [(one.title, one.reason) for one in found] == [(OPEN.title, "same_words")]
    assert SearchAlternatives(lambda: searcher).for_hit(structs.replace(gone, checked=False), READER) == ()


def test_a_title_is_words_and_no_question() -> None:
    odd = record(1, 'NOT "adoption" OR title:* -rules AND', Access("closed"))
    assert mint("s", "r2") in {one.id for one in asked(opened(odd, OPEN), 1)}


def test_search_that_is_down_is_unavailable() -> None:
    class Down:
        def resource(self, *_: object) -> None:
            raise EngineUnavailable("away")

    with pytest.raises(Unavailable):
        SearchAlternatives(Down).for_hit(FrozenHit("r-1", "x"), READER)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(corpora, st.sampled_from(VIEWERS))
def test_nothing_is_told_that_the_reader_may_not_know_or_read(corpus: list[Resource], reader: Viewer) -> None:
    searcher = searching(corpus)
    holdings = SearchHoldings(lambda: searcher, lambda: 1)
    for one in corpus:
        hit = holdings.hit(one.id, STAFF)
        assert hit is not None
        found = SearchAlternatives(lambda: searcher).for_hit(hit, reader)
        assert len(found) <= MOST_ALTERNATIVES and len(set(found)) == len(found)
        for told in found:
            known = searcher.resource(told.id, reader)
            assert known is not None
            assert told.kind != "similar" or known["rights"]["read"] == "yes"
            assert told.kind == "holder" or told.title in (known["title"], known["reference_code"], known["id"])
