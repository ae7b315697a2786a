"""Policies, reviews and days carried through the run: what is decided is written once, shown that night, and is what an
index built anew shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.opening import Review
from mappings.opening_policy import OpeningPolicy
from pipelines.decided import DecidedAccess
from pipelines.nightly import sync
from pipelines.opening import Asked, Outcome, changes, coming, decide_access, opened_since
from pipelines.opening_policies import in_force, next_version, undone, versions
from pipelines.profile import holdings
from pipelines.publish import publish
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec
from pipelines.workers import Workers
from tests.pipelines.conftest import page
from tests.pipelines.shown import agree

EVE, DAY = dt.date(2026, 11, 26), dt.date(2026, 11, 27)
TEXTS = {"en": "why", "zh-Hans": "为何", "zh-Hant": "為何"}
CODES = ["P-1", "P-2", "P-3", "P-4", "V-1"]
LIST = """id,code,title,date,access,until
P-1,P-1,Opens by the policy,2001-11-26,,
P-2,P-2,Opens by its own word,1990,closed,2026-11-27
P-3,P-3,Stays closed,2020,,
P-4,P-4,Says on application,1950,restricted,
"""
COLUMNS: dict[str, Any] = {
    "columns": {
        "id": "id",
        "reference_code": "code",
        "title": "title",
        "dates": "date",
        "access": "access",
        "opens_on": "until",
    }
}


def policy(years: int = 25, **said: Any) -> OpeningPolicy:
    rule = {"name": "all", "title": TEXTS, "reason": TEXTS, "closed_for": years, "article": "§ 1"}
    return OpeningPolicy.model_validate({"rules": [rule | said]})


class Archive:
    """Lists and a volume on a real store and index, synchronised night by night."""

    def __init__(self, folder: Path, engine: Engine, workers: Workers) -> None:
        self.folder, self.engine, self.workers = folder, engine, workers
        self.store = RecordStore(folder / "records")
        self.reviews: list[Review] = []
        self._runs = count()
        self.write("lists/list.csv", LIST)
        self.write("volumes/V-1/1.xml", page("secret"))
        self.specs = [
            SourceSpec("lists", "Lists", "folder", "table", settings={"path": "lists"}, base=folder, **COLUMNS),
            SourceSpec("volumes", "Volumes", "folder", "alto", settings={"path": "volumes"}, base=folder),
        ]

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def night(self, day: dt.date, **options: Any) -> dict[str, int]:
        """A run; what its step counted."""
        options = {"reviews": self.reviews, **options}
        report = sync(self.specs, self.store, self.engine, workers=self.workers, today=day, **options)
        return next(step["counts"] for step in report.to_json()["steps"] if step["step"] == "opening")

    def apply(self, new: OpeningPolicy, day: dt.date) -> Outcome:
        """What `onestop opening apply` does."""
        version = next_version(self.store, new, "test")
        return self.decide(day, policy=version)

    def decide(self, day: dt.date, **options: Any) -> Outcome:
        made = decide_access(self.store, f"o{next(self._runs)}", self.reviews, day, **options)
        publish(self.store, self.engine, self.workers)
        return made

    def open_ones(self, day: dt.date) -> set[str]:
        """Codes of what the facet says is open to everybody."""
        query = Query(filters={"access": ("open",)}, size=50)
        return {hit["reference_code"] for hit in self.searcher(day).search(query, ANONYMOUS)["hits"]}

    def searcher(self, day: dt.date) -> Searcher:
        return Searcher(self.engine, today=lambda: day)

    def resource(self, code: str, day: dt.date) -> dict[str, Any]:
        found = self.searcher(day).resource(f"lists:{code}", ANONYMOUS)
        assert found is not None
        return found

    def access_rows(self) -> int:
        return int(self.store.rows("access", ["source_id"]).num_rows)


@pytest.fixture(params=["memory", "tantivy"])
def archive(request: pytest.FixtureRequest, tmp_path: Path, workers: Workers) -> Archive:
    engine = MemoryEngine() if request.param == "memory" else TantivyEngine(tmp_path / "index")
    return Archive(tmp_path, engine, workers)


def test_without_a_policy_a_night_opens_what_states_its_own_day(archive: Archive) -> None:
    archive.night(EVE)
    assert archive.open_ones(EVE) == set()
    assert archive.resource("P-2", EVE)["opens_on"] == "2026-11-27"
    assert archive.resource("P-2", DAY)["access"] == "closed", "by day the document is still as the night left it"
    assert archive.night(DAY) == {"read": 1, "opened": 1}
    assert archive.open_ones(DAY) == {"P-2"}
    assert archive.night(DAY) == {}, "a night without anything new looks at nothing"


def test_a_record_opens_in_the_index_the_night_its_term_is_over(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    assert archive.open_ones(EVE) == set()
    shown = archive.resource("P-1", EVE)
    assert (shown["access"], shown["opens_on"], shown["access_reason"]) == ("closed", "2026-11-27", "why")
    assert archive.night(DAY) == {"read": 2, "opened": 2}, "nothing but what is due is looked at"
    assert archive.open_ones(DAY) == {"P-1", "P-2"}
    assert sorted(one.key[1] for one in opened_since(archive.store, DAY)) == ["P-1", "P-2"]


def test_a_tighter_policy_closes_again_the_next_night_and_undoing_it_opens_again(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), DAY)
    assert archive.open_ones(DAY) == {"P-1", "P-2"}
    tightened = archive.apply(policy(70), DAY)
    assert (tightened.closed, archive.open_ones(DAY)) == (2, set())
    back = undone(archive.store, "test")
    assert back is not None and back.policy == policy()
    archive.decide(DAY, policy=back)
    assert archive.open_ones(DAY) == {"P-1", "P-2"}
    assert [(one.number, one.what, one.by) for one in versions(archive.store)][-1] == (3, "undone", "test")
    further = undone(archive.store, "test")
    assert further is not None and further.policy == OpeningPolicy(), "and back to the time before any policy"
    archive.decide(DAY, policy=further)
    assert archive.open_ones(DAY) == {"P-2"}
    assert undone(archive.store, "test") is None


def test_a_preview_tells_what_applying_then_does(archive: Archive) -> None:
    archive.night(EVE)
    for new, day in ((policy(), DAY), (policy(5, loosens="record"), DAY), (policy(100), EVE), (OpeningPolicy(), DAY)):
        foreseen = {one.key: one.decided.access for one in changes(archive.store, Asked(new, (), day))}
        before = archive.store.version
        told = archive.apply(new, day)
        rows = archive.store.rows("access", ["source", "source_id"], after=before).to_pylist()
        written = {(row["source"], row["source_id"]) for row in rows}
        assert foreseen.keys() <= written
        assert not list(changes(archive.store, Asked(new, (), day))), "and then nothing is left to do"
        assert told.looked_at == 5


def test_what_is_shown_after_applying_is_what_an_index_built_anew_shows(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(20, loosens="record"), DAY)
    anew = MemoryEngine()
    publish(archive.store, anew, archive.workers, full=True)
    asked = Query(size=50, sort="reference_code")
    one, other = (Searcher(engine, today=lambda: DAY).search(asked, ANONYMOUS) for engine in (archive.engine, anew))
    assert one["hits"] == other["hits"] and one["facets"] == other["facets"]
    ids = [hit["id"] for hit in one["hits"]]
    assert agree(archive.engine, archive.store, ids), "and what the store shows while search rests"
    frame = holdings(archive.store)
    assert dict(zip(frame["source_id"], frame["access"], strict=True))["P-4"] == "open"


def test_only_what_is_decided_anew_is_written_anew(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    rows = archive.access_rows()
    archive.apply(policy(), EVE)
    assert archive.access_rows() == rows, "the same policy once more says nothing new"
    written: list[str] = []
    monkeypatch.setattr(archive.engine, "writer", _counted(archive.engine.writer, written))
    archive.night(DAY)
    assert len(written) == 2


def test_pages_open_with_their_record(archive: Archive) -> None:
    archive.night(EVE)
    one = Query("secret")
    found = archive.searcher(EVE).search(Query(size=50), ANONYMOUS)["hits"]
    volume = next(hit for hit in found if hit["sources"][0]["source"] == "volumes")
    key = ("volumes", volume["sources"][0]["source_id"])
    archive.apply(policy(select={"source": ["volumes"]}), EVE)
    assert archive.searcher(EVE).search(one, ANONYMOUS)["total"] == 0, "undated"
    archive.reviews = [Review(key, "open", EVE, DAY, number=3)]
    assert archive.night(EVE)["read"] == 1, "a review is looked at that night"
    assert archive.searcher(EVE).search(one, ANONYMOUS)["total"] == 0
    assert archive.searcher(DAY).search(one, ANONYMOUS)["total"] == 1, "on the day itself, before its night"
    assert archive.night(DAY) == {"read": 2, "opened": 2}
    assert archive.searcher(DAY).search(one, ANONYMOUS)["total"] == 1
    archive.reviews = [Review(key, "closed", DAY, number=4)]
    assert archive.night(DAY) == {"read": 1, "closed": 1}
    assert archive.searcher(DAY).search(one, ANONYMOUS)["total"] == 0


def test_a_review_of_a_unit_counts_for_what_is_below_it(archive: Archive) -> None:
    from tests.pipelines.conftest import finding_aid

    archive.write("aids/a.xml", finding_aid([("J1-1", "First"), ("J1-2", "Second")]))
    archive.specs.append(SourceSpec("aids", "Aids", "folder", "ead", settings={"path": "aids"}, base=archive.folder))
    archive.night(EVE)
    found = archive.searcher(EVE).search(Query(filters={"source": ("aids",)}, size=9), ANONYMOUS)["hits"]
    ids = {hit["reference_code"]: hit["sources"][0]["source_id"] for hit in found}
    archive.reviews = [
        Review(("aids", ids["J1"]), "open", EVE, number=1),
        Review(("aids", ids["J1-2"]), "closed", EVE, number=2),
    ]
    assert archive.night(EVE) == {"read": 3, "opened": 2, "closed": 1}
    assert archive.open_ones(EVE) == {"J1", "J1-1"}
    assert archive.night(EVE, reviews=None) == {}, "when the desk does not answer, what it said last holds"
    archive.write("aids/a.xml", finding_aid([("J1-1", "First"), ("J1-2", "Second"), ("J1-3", "Third")]))
    archive.night(EVE, reviews=None)
    assert archive.open_ones(EVE) == {"J1", "J1-1", "J1-3"}


def test_new_records_come_under_the_policy_and_are_not_told_as_opened(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    archive.write("lists/list.csv", LIST + "P-5,P-5,New and old,1950,,\nP-6,P-6,New,2020,,\n")
    assert archive.night(EVE)["read"] == 2
    assert archive.open_ones(EVE) == {"P-5"}
    assert list(opened_since(archive.store, EVE)) == []
    assert archive.resource("P-6", EVE)["opens_on"] == "2046-01-01"


def test_a_record_that_is_gone_is_decided_no_more_and_one_that_comes_back_is_decided_anew(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    archive.reviews = [Review(("lists", "P-3"), "closed", EVE, number=1)]
    archive.write("lists/list.csv", LIST.replace("P-1,P-1,Opens by the policy,2001-11-26,,\n", ""))
    archive.night(DAY)
    assert archive.open_ones(DAY) == {"P-2"}
    archive.write("lists/list.csv", LIST)
    archive.night(DAY)
    assert archive.open_ones(DAY) == {"P-1", "P-2"}
    archive.decide(DAY, policy=undone(archive.store, "test"))
    assert archive.open_ones(DAY) == {"P-2"}


def test_what_opens_in_the_days_to_come(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    asked = Asked(in_force(archive.store).policy, (), EVE)
    found = {key[1]: day for key, day, _ in coming(archive.store, asked, EVE + dt.timedelta(30))}
    assert found == {"P-1": DAY, "P-2": DAY}
    later = {key[1] for key, _, _ in coming(archive.store, asked, dt.date(2050, 1, 1))}
    assert later == {"P-1", "P-2", "P-3"}


def test_a_clock_that_was_wrong_and_is_put_back_closes_again(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    archive.night(dt.date(2090, 1, 1))
    assert "P-3" in archive.open_ones(DAY)
    archive.night(EVE)
    assert archive.open_ones(EVE) == set()


def test_decided_access_as_it_was_and_is(archive: Archive) -> None:
    archive.night(EVE)
    archive.apply(policy(), EVE)
    before = archive.store.version
    archive.night(DAY)
    now = DecidedAccess.read(archive.store, before)
    assert (len(now.changed), now.sources) == (2, frozenset({"lists"}))
    assert now.of([("lists", "no such")]) == [None]


def _counted(make: Callable[[], Any], written: list[str]) -> Callable[[], Any]:
    """A writer that notes the ids of the documents it is given."""
    import orjson

    def writer() -> Any:
        made = make()
        add = made.add

        def noted(documents: Any) -> None:
            kept = list(documents)
            written.extend(orjson.loads(one)["id"] for one in kept)
            add(kept)

        made.add = noted
        return made

    return writer
