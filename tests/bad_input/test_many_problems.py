"""Ten thousand problems in one file: a report one can read, and every one of them in the record store."""

from __future__ import annotations

import pytest

from pipelines.record_store import RecordStore
from pipelines.report import PROBLEMS_SHOWN
from tests.bad_input.conftest import EAD_SOURCE, PLAIN, TABLE_SOURCE
from tests.bad_input.house import Done, House

pytestmark = pytest.mark.slow
MANY = 10_000
BOTH = 2


def broken_lines() -> str:
    """JSON Lines of which none but the last can be read: ten thousand failures."""
    return '{"id": 1, "title": \n' * MANY + '{"id": "last", "title": "Tide tables"}\n'


def same_ids() -> str:
    """A finding aid whose components all have one id: each is taken, with a doubt."""
    parts = "".join(f'<c id="x" level="file"><did><unittitle>File {n}</unittitle></did></c>' for n in range(MANY + 1))
    did = "<did><unitid>J1</unitid><unittitle>Harbour Board</unittitle></did>"
    return f'<ead><archdesc level="fonds">{did}<dsc>{parts}</dsc></archdesc></ead>'


def made(house: House) -> House:
    house.put("aids/same.xml", same_ids())
    house.put("lists/broken.jsonl", broken_lines())
    house.source("aids", EAD_SOURCE + PLAIN)
    house.source("lists", TABLE_SOURCE + PLAIN)
    return house


def test_json_is_bounded_and_the_store_has_them_all(house: House) -> None:
    done = made(house).run("sync", "--json")
    reports = done.sources()
    assert (reports["aids"]["indexed"], reports["lists"]["failed"]) == (MANY + 2, MANY)
    assert [len(report["problems"]) for report in reports.values()] == [PROBLEMS_SHOWN] * BOTH
    assert [report["problems_total"] for report in reports.values()] == [MANY] * BOTH
    assert_short(done, 250_000)
    store = RecordStore(house.folder / "records")
    rows = store.current("record", ["source_id", "problems"]).to_pylist()
    assert len({row["source_id"] for row in rows if row["problems"]}) == MANY
    failures = store.rows("problem", ["source_id", "action", "problems"], source="lists").to_pylist()
    assert [row["action"] for row in failures] == ["error"] * MANY


def test_the_console_shows_a_few_and_says_where_the_others_are(house: House) -> None:
    done = made(house).run("sync")
    assert_short(done, 10_000)
    assert "aids: 9,990 more problems; onestop report --problems lists them all." in done.err
    assert "(damaged-json), and 199 more like it\nlists: 9,800 more problems; onestop report" in done.err


def assert_short(done: Done, characters: int) -> None:
    assert len(done.out) + len(done.err) < characters
