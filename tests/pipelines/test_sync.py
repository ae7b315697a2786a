"""Runs over real sources: what is counted, written, deleted, kept and shown."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from indexer.resource import mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Level
from pipelines.link import Links, members_of
from pipelines.publish import is_behind
from pipelines.source import SourceSpec

from .conftest import House, finding_aid, page, table

NOTHING = (0, 0, 0, 0, 0)


def test_a_first_run_takes_everything_in(house: House) -> None:
    assert house.counts() == {"aids": (4, 0, 0, 0, 0), "rows": (2, 0, 0, 0, 0)}
    assert house.titles() == {"Fonds J1", "Railway", "Harbour", "Canal", "Land sold"}
    assert not is_behind(house.engine.store_version(), house.store)


def test_a_night_without_changes_writes_nothing(house: House) -> None:
    house.sync()
    version, documents = house.store.version, list(house.engine.documents)
    assert house.counts() == {"aids": (0, 4, 0, 0, 0), "rows": (0, 2, 0, 0, 0)}
    assert house.store.version == version
    assert house.engine.documents == documents


def test_only_what_differs_is_written(house: House) -> None:
    house.sync()
    version = house.store.version
    house.write("aids/a.xml", finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Port"), ("J1-1-3", "Canal")]))
    assert house.counts()["aids"] == (1, 3, 0, 0, 0)
    changed = house.store.rows("record", ["source_id"], after=version)["source_id"].to_pylist()
    assert changed == ["a.xml#J1-1-2"]
    assert "Port" in house.titles()
    assert "Harbour" not in house.titles()


def test_a_component_gone_from_a_file_is_deleted(house: House) -> None:
    house.sync()
    house.write("aids/a.xml", finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Harbour")]))
    assert house.counts()["aids"] == (0, 3, 0, 0, 1)
    assert "Canal" not in house.titles()
    assert house.counts()["aids"] == (0, 3, 0, 0, 0)


def test_a_file_that_is_gone_takes_its_records_with_it(house: House) -> None:
    house.write("aids/b.xml", finding_aid([("J2-1-1", "Bridge")], "J2"))
    house.sync()
    (house.folder / "aids/b.xml").unlink()
    assert house.counts()["aids"] == (0, 4, 0, 0, 2)
    assert "Bridge" not in house.titles()


def test_everything_again(house: House) -> None:
    house.sync()
    version, documents = house.store.version, sorted(map(str, house.engine.documents))
    assert house.counts(full=True) == {"aids": (0, 4, 0, 0, 0), "rows": (0, 2, 0, 0, 0)}
    assert house.store.version == version
    assert sorted(map(str, house.engine.documents)) == documents


def test_an_index_ahead_of_the_store_or_lost_is_built_anew(house: House) -> None:
    house.sync()
    titles = house.titles()
    for version in (house.store.version + 5, None):
        house.engine.publish([], version)  # type: ignore[arg-type]  # None is how an engine says it has none
        house.sync()
        assert house.titles() == titles


class TestBrake:
    """A run that would delete much of a source stops before it."""

    @pytest.fixture
    def large(self, house: House) -> House:
        house.write("aids/a.xml", finding_aid([(f"J1-1-{number}", f"File {number}") for number in range(60)]))
        house.write("aids/b.xml", finding_aid([(f"J2-1-{number}", f"Plan {number}") for number in range(30)], "J2"))
        house.sync()
        return house

    def test_holds_deletions_back(self, large: House) -> None:
        (large.folder / "aids/b.xml").unlink()
        report = large.sync()
        assert report.exit_code == 1
        assert large.counts(report)["aids"] == (0, 61, 0, 0, 0)
        assert [problem["code"] for problem in report.sources[0].problems] == ["deletes-held-back"]
        assert "Plan 7" in large.titles()

    def test_holds_back_what_a_changed_file_lost_but_takes_what_is_new(self, large: House) -> None:
        large.write("aids/a.xml", finding_aid([("J1-1-1", "File one")]))
        assert large.counts()["aids"] == (1, 32, 0, 0, 0)
        assert {"File one", "File 59"} <= large.titles()
        assert large.counts(allow_deletes=True)["aids"] == (0, 33, 0, 0, 59)
        assert "File 59" not in large.titles()

    def test_gives_way_when_told_so(self, large: House) -> None:
        (large.folder / "aids/b.xml").unlink()
        report = large.sync(allow_deletes=True)
        assert report.exit_code == 0
        assert report.sources[0].deleted == 31
        assert "Plan 7" not in large.titles()


class TestExpectation:
    """A source that gives too few or too many records is left as it was."""

    def test_too_few(self, house: House) -> None:
        house.sync()
        before = house.records()
        house.specs[0] = replace(house.specs[0], min_records=4)
        house.write("aids/a.xml", finding_aid([("J1-1-1", "Railway, changed")]))
        report = house.sync()
        assert report.exit_code == 1
        assert house.counts(report)["aids"] == (0, 1, 1, 0, 0)
        assert report.sources[0].problems[0]["code"] == "fewer-records-than-expected"
        assert house.records() == before

    def test_too_many(self, house: House) -> None:
        house.specs[0] = replace(house.specs[0], max_records=3)
        assert house.counts()["aids"] == (0, 0, 4, 0, 0)
        assert house.titles() == {"Land bought", "Land sold"}

    def test_right(self, house: House) -> None:
        house.specs[0] = replace(house.specs[0], min_records=4, max_records=4)
        assert house.sync(commit_bytes=1).exit_code == 0


class TestBadSources:
    """One source that fails leaves the others alone."""

    def test_that_cannot_be_opened(self, house: House) -> None:
        house.specs.insert(0, house.spec("nowhere"))
        report = house.sync()
        assert report.exit_code == 1
        assert house.counts(report) == {"nowhere": NOTHING, "aids": (4, 0, 0, 0, 0), "rows": (2, 0, 0, 0, 0)}
        assert report.sources[0].problems[0]["code"] == "source-unreadable"

    def test_a_skipped_file_counts_each_night_and_says_why(self, house: House) -> None:
        house.write("aids/empty.xml", "")
        for _ in range(2):
            report = house.sync()
            assert report.sources[0].skipped == 1
            assert [problem["item"] for problem in report.sources[0].problems] == ["empty.xml"]

    def test_a_damaged_file_keeps_what_it_no_longer_shows(self, house: House) -> None:
        house.sync()
        text = (house.folder / "aids/a.xml").read_text(encoding="utf-8")
        house.write("aids/a.xml", text[: text.index('<c id="J1-1-3"')])
        report = house.sync()
        assert report.sources[0].deleted == 0
        assert "records-kept" in {problem["code"] for problem in report.sources[0].problems}
        assert "Canal" in house.titles()

    def test_a_name_that_is_not_unicode(self, house: House) -> None:
        (house.folder / "aids" / "b\udcff.xml").write_text(finding_aid([("J2-1-1", "Bridge")], "J2"), encoding="utf-8")
        assert house.counts()["aids"] == (6, 0, 0, 0, 0)
        assert ("aids", r"b\xff.xml") in house.records()


class TestIds:
    """Ids that two items of one source give."""

    def test_both_are_kept_and_the_second_says_so(self, house: House) -> None:
        house.write("rows/s.csv", table(("1", "J1-1-2", "Another")))
        report = house.sync()
        assert {key for key in house.records() if key[0] == "rows"} == {("rows", "1"), ("rows", "2"), ("rows", "1~2")}
        record = house.store.get("rows", "1~2")
        assert record is not None
        assert record.title == "Another"
        assert [problem.code for problem in record.problems] == ["duplicate-id"]
        assert [problem["item"] for problem in report.sources[1].problems] == ["s.csv"]
        assert house.counts()["rows"] == (0, 3, 0, 0, 0)

    def test_within_one_file(self, house: House) -> None:
        house.write("rows/r.csv", table(("1", "", "One"), ("1", "", "Another one")))
        house.sync()
        assert {key[1] for key in house.records() if key[0] == "rows"} == {"1", "1~2"}

    @pytest.mark.parametrize("name", ["a.csv", "z.csv"])
    def test_a_renamed_file_takes_its_ids_along(self, house: House, name: str) -> None:
        house.sync()
        (house.folder / "rows/r.csv").rename(house.folder / "rows" / name)
        assert house.counts()["rows"][4] == 0
        assert {key[1] for key in house.records() if key[0] == "rows"} == {"1", "2"}
        assert house.store.current("record", ["item"], source="rows")["item"].to_pylist() == [name, name]

    @pytest.mark.parametrize("other", ["a.csv", "z.csv"])
    def test_a_row_that_moves_to_another_file_keeps_its_id(self, house: House, other: str) -> None:
        house.sync()
        house.write("rows/r.csv", table(("1", "J1-1-1", "Land bought")))
        house.write(f"rows/{other}", table(("2", "J9-1-1", "Land sold")))
        assert house.counts()["rows"][4] == 0
        assert {key[1] for key in house.records() if key[0] == "rows"} == {"1", "2"}


class TestSettings:
    """What the source file says of all records."""

    @pytest.mark.parametrize(("key", "value"), [("title", "New name"), ("access", "open")])
    def test_reach_every_record_without_reading_it_again(self, house: House, key: str, value: Level) -> None:
        house.sync()
        house.specs[0] = replace(house.specs[0], **{key: value})
        assert house.counts()["aids"] == (0, 4, 0, 0, 0)
        assert sum(value in str(document) for document in map(_opened, house.engine.documents)) == 4

    def test_another_holder_maps_everything_again(self, house: House) -> None:
        house.sync()
        house.specs[0] = replace(house.specs[0], holder="West")
        assert house.counts()["aids"] == (4, 0, 0, 0, 0)

    def test_a_source_without_a_file_is_taken_out(self, house: House) -> None:
        house.sync()
        gone = house.specs.pop()
        report = house.sync(configured=["aids"])
        assert house.counts(report) == {"aids": (0, 4, 0, 0, 0), gone.name: (0, 0, 0, 0, 2)}
        assert "Land sold" not in house.titles()
        assert set(house.counts(configured=["aids"])) == {"aids"}


def _opened(document: dict[str, object]) -> str:
    from base64 import b64decode

    return b64decode(str(document["full"])).decode()


def test_rows_of_a_database(house: House) -> None:
    file = house.folder / "people.db"
    with sqlite3.connect(file) as database:
        database.execute("create table people (id integer primary key, name text)")
        database.executemany("insert into people values (?, ?)", [(1, "Chan"), (2, "Wong"), (3, "Lee")])
    settings = {"url": f"sqlite:///{file}", "table": "people"}
    columns: dict[str, str | list[str]] = {"title": "name"}
    house.specs = [SourceSpec("people", "People", "sql", "table", settings=settings, columns=columns)]
    assert house.counts()["people"] == (3, 0, 0, 0, 0)
    with sqlite3.connect(file) as database:
        database.execute("update people set name = 'Cheung' where id = 1")
        database.execute("delete from people where id = 2")
    assert house.counts()["people"] == (1, 1, 0, 0, 1)
    assert house.titles() == {"Cheung", "Lee"}
    raw = house.store.current("item", ["item", "raw"]).to_pylist()
    assert {row["item"]: row["raw"] for row in raw}["3"] == '{"id":3,"name":"Lee"}'


def test_an_id_given_before_a_join_still_finds_the_resource(house: House) -> None:
    house.write("aids/a.xml", finding_aid([("J1-1-2", "Harbour")]))
    house.sync()
    before = mint("rows", "1")
    house.write("aids/b.xml", finding_aid([("J1-1-1", "Railway")]))
    house.sync()
    kept = Links.read(house.store).resource_of("rows", "1")
    assert kept == before
    for identifier in (before, "rows:1", "aids:b.xml#J1-1-1"):
        view = Searcher(house.engine).resource(identifier, ANONYMOUS)
        assert view is not None and view["id"] == kept


def test_of_two_that_join_later_both_ids_find_the_resource(house: House) -> None:
    house.write("rows/r.csv", table(("1", "J8-1-1", "Land bought"), ("2", "J9-1-1", "Land sold")))
    house.sync()
    ids = {mint("rows", "1"), mint("aids", "a.xml#J1-1-1")}
    house.write("rows/r.csv", table(("1", "J1-1-1", "Land bought"), ("2", "J9-1-1", "Land sold")))
    house.sync()
    kept = Links.read(house.store).resource_of("rows", "1")
    assert Links.read(house.store).redirects == dict.fromkeys(ids - {kept}, kept)
    for identifier in ids:
        view = Searcher(house.engine).resource(identifier, ANONYMOUS)
        assert view is not None and view["id"] == kept


def test_a_join_survives_what_happens_to_its_records(house: House) -> None:
    house.sync()
    first = Links.read(house.store).resource_of("aids", "a.xml#J1-1-1")
    assert Links.read(house.store).resource_of("rows", "1") == first
    assert sorted(members_of(house.store, first)) == [("aids", "a.xml#J1-1-1"), ("rows", "1")]
    house.write("aids/a.xml", finding_aid([("J1-1-2", "Harbour"), ("J1-1-3", "Canal")]))
    house.sync()
    assert members_of(house.store, first) == [("rows", "1")]
    assert "Land bought" in house.titles()
    house.write("aids/a.xml", finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Harbour"), ("J1-1-3", "Canal")]))
    house.sync()
    assert sorted(members_of(house.store, first)) == [("aids", "a.xml#J1-1-1"), ("rows", "1")]


class TestVolumes:
    """The page files of a folder are the pages of one record, each with a row of its own."""

    @pytest.fixture
    def scans(self, house: House) -> House:
        for number, word in enumerate(("Railway", "Harbour", "Canal"), 1):
            house.write(f"scans/volume/{number}.xml", page(word))
        house.specs = [house.spec("scans", mapping="alto")]
        house.sync()
        return house

    def test_are_read_whole(self, scans: House) -> None:
        (key,) = scans.records()
        assert texts(scans, key[1]) == ["Railway", "Harbour", "Canal"]
        assert scans.sync().sources[0].pages == 3

    def test_write_only_pages_that_differ(self, scans: House) -> None:
        (key,) = scans.records()
        version = scans.store.version
        scans.write("scans/volume/2.xml", page("Port"))
        assert scans.counts()["scans"] == (1, 0, 0, 0, 0)
        assert scans.store.rows("page", ["page"], after=version)["page"].to_pylist() == [2]
        assert texts(scans, key[1]) == ["Railway", "Port", "Canal"]
        assert [kept(scans, kind) for kind in ("page", "sheet")] == [3, 3]

    def test_lose_the_pages_that_are_gone(self, scans: House) -> None:
        (key,) = scans.records()
        (scans.folder / "scans/volume/2.xml").unlink()
        assert scans.counts()["scans"] == (1, 0, 0, 0, 0)
        assert texts(scans, key[1]) == ["Railway", "Canal"]
        assert [kept(scans, kind) for kind in ("page", "sheet")] == [2, 2]

    def test_that_come_back_have_only_the_pages_they_come_with(self, scans: House) -> None:
        (key,) = scans.records()
        (scans.folder / "scans/volume").rename(scans.folder / "away")
        assert scans.counts()["scans"][4] == 1
        scans.write("scans/volume/1.xml", page("Railway"))
        scans.sync()
        assert texts(scans, key[1]) == ["Railway"]


def kept(house: House, kind: str) -> int:
    return sum(f"{kind}:reader" in document["scope"] for document in house.engine.documents)


def texts(house: House, source_id: str) -> list[str]:
    record = house.store.get("scans", source_id)
    assert record is not None
    return [one.text for one in record.pages]
