"""The OAI-PMH transport against a repository on loopback: pages, cursors, and everything repositories do wrong."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.base import Checkpoint, Connector, Gone, Listed, RawItem, RetryLater, SkipItem, SourceError, StopSource
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of
from tests.services.oai_server import OaiServer, dublin_core

FIVE = {f"oai:x:{number}": dublin_core(f"卷 {number}") for number in range(5)}


@pytest.fixture
def server() -> Iterator[OaiServer]:
    with OaiServer(FIVE) as started:
        yield started


def harvester(server: OaiServer, **settings: Any) -> Connector:
    return make("oai_pmh", {"url": server.url, **settings}, Path("/"))


def keys(listing: list[Listed]) -> list[str]:
    return [f"-{entry.key}" if isinstance(entry, Gone) else entry.key for entry in listing if not _is_place(entry)]


def _is_place(entry: Listed) -> bool:
    return isinstance(entry, Checkpoint)


def listed(made: Connector, cursor: str | None = None) -> tuple[list[Listed], SourceError | None]:
    """What is told before it fails, and how."""
    told: list[Listed] = []
    try:
        for entry in made.read(cursor):
            told.append(entry)
    except SourceError as error:
        return told, error
    return told, None


def patient(made: Connector, cursor: str | None = None, times: int = 5) -> list[Listed]:
    """As the pipeline reads: what is to be tried later goes on from the last checkpoint."""
    told: list[Listed] = []
    for _ in range(times):
        more, error = listed(made, cursor)
        told += more
        if not isinstance(error, RetryLater):
            assert error is None, error
            return told
        cursor = next((entry.cursor for entry in reversed(told) if isinstance(entry, Checkpoint)), cursor)
    raise AssertionError("it never ended")


def frame(*records: bytes, token: str = "") -> bytes:
    """A page of ListRecords."""
    after = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return (
        b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>'
        b"<ListRecords>" + b"".join(records) + after.encode() + b"</ListRecords></OAI-PMH>"
    )


def record(name: str, metadata: bytes) -> bytes:
    stamp = b"</identifier><datestamp>2026-01-01</datestamp></header><metadata>"
    return b"<record><header><identifier>" + name.encode() + stamp + metadata + b"</metadata></record>"


class TestOaiPmh(ConnectorContract):
    @pytest.fixture
    def connector(self, server: OaiServer) -> Connector:
        return harvester(server)


class TestOaiPmhOfSets(ConnectorContract):
    @pytest.fixture
    def connector(self, server: OaiServer) -> Connector:
        for number in range(5):
            server.put(f"oai:x:{number}", dublin_core(f"卷 {number}"), "a" if number < 3 else "b:c")
        return harvester(server, set=["a", "b"])


# What an item is


def test_an_item_is_what_metadata_holds_as_a_document_of_its_own(server: OaiServer) -> None:
    item = items_of(harvester(server))[1]
    with item.open() as stream:
        root = etree.fromstring(stream.read())
    assert item.key == "oai:x:1"
    assert item.token is None
    assert root.tag == "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
    assert root.findtext("{http://purl.org/dc/elements/1.1/}title") == "卷 1"


def test_the_bytes_of_a_record_are_the_same_on_another_page(server: OaiServer) -> None:
    before = {item.key: item.open().read() for item in items_of(harvester(server))}
    server.page = 100
    server.tick(days=3)
    assert before == {item.key: item.open().read() for item in items_of(harvester(server))}


def test_namespaces_declared_above_travel_with_the_metadata(server: OaiServer) -> None:
    page = frame(record("oai:x:1", b"<e:ead><e:p/></e:ead>")).replace(b"<OAI-PMH ", b'<OAI-PMH xmlns:e="urn:e" ')
    server.scripted = lambda asked: page if asked["verb"] == "ListRecords" else None
    assert etree.fromstring(items_of(harvester(server))[0].open().read()).tag == "{urn:e}ead"


@pytest.mark.parametrize(
    ("entry", "key", "said"),
    [
        (b"<record><header><identifier>oai:x:1</identifier></header></record>", "oai:x:1", "has no metadata"),
        (b"<record><header/><metadata><a/></metadata></record>", "(no identifier)", "has no identifier"),
        (record("oai:x:1", b" "), "oai:x:1", "has no metadata"),
    ],
)
def test_a_record_that_lacks_something_is_an_item_that_says_so(
    server: OaiServer, entry: bytes, key: str, said: str
) -> None:
    server.scripted = lambda asked: frame(entry) if asked["verb"] == "ListRecords" else None
    item = items_of(harvester(server))[0]
    assert item.key == key
    with pytest.raises(SkipItem, match=said):
        item.open()


def test_what_is_deleted_is_gone(server: OaiServer) -> None:
    server.delete("oai:x:3")
    made = harvester(server)
    assert keys(list(made.read(None))) == ["oai:x:0", "oai:x:1", "oai:x:2", "-oai:x:3", "oai:x:4"]
    assert "oai:x:3" not in list(made.keys())
    with pytest.raises(SkipItem, match="is deleted"):
        made.fetch("oai:x:3")


@pytest.mark.parametrize(("policy", "tells"), [("persistent", True), ("transient", False), ("no", False)])
def test_a_repository_that_forgets_deletes_is_known_by_it(policy: str, tells: bool) -> None:
    with OaiServer(FIVE, deleted=policy) as server:
        made = harvester(server)
        items_of(made)
        assert made.tells_deletes is tells  # type: ignore[attr-defined]


# Night after night


@pytest.mark.parametrize("by_second", [True, False])
def test_the_next_run_asks_for_what_changed_since_this_one_began(server: OaiServer, by_second: bool) -> None:
    server.by_second = by_second
    made = harvester(server)
    server.tick(days=9)
    items_of(made)
    assert made.complete
    cursor = made.next_cursor()
    server.put("oai:x:1", dublin_core("changed"))
    server.delete("oai:x:2")
    server.tick(days=1)
    assert keys(list(made.read(cursor))) == ["oai:x:1", "-oai:x:2"]
    assert not made.complete
    asked = next(one for one in reversed(server.asked) if one["verb"] == "ListRecords")
    assert asked["from"] == ("2026-01-10T00:00:04Z" if by_second else "2026-01-09")
    assert keys(list(made.read(made.next_cursor()))) == ([] if by_second else ["oai:x:1", "-oai:x:2"])


def test_what_changes_while_a_list_is_read_is_asked_for_again(server: OaiServer) -> None:
    made = harvester(server)
    listing = made.read(None)
    next(listing)
    server.tick(hours=1)
    server.put("oai:x:0", dublin_core("changed meanwhile"))
    list(listing)
    assert "oai:x:0" in keys(list(made.read(made.next_cursor())))


def test_nothing_new_is_no_error(server: OaiServer) -> None:
    made = harvester(server)
    items_of(made)
    server.tick(days=1)
    items_of(made, made.next_cursor())
    assert items_of(made, made.next_cursor()) == []
    assert made.next_cursor() is not None


def test_an_overlap_asks_further_back(server: OaiServer) -> None:
    server.tick(days=9)
    made = harvester(server, overlap_hours=48)
    items_of(made)
    items_of(made, made.next_cursor())
    assert server.asked[-1]["from"] == "2026-01-08T00:00:04Z"


def test_a_clock_that_jumped_reads_everything_again(server: OaiServer) -> None:
    server.tick(days=4000)
    made = harvester(server)
    items_of(made)
    server.tick(days=-4000)
    assert len(items_of(made, made.next_cursor())) == 5
    assert made.complete


def test_a_repository_without_a_clock_is_read_as_a_whole_each_time(server: OaiServer) -> None:
    plain = server.answer

    def timeless(asked: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        status, said, body = plain(asked, headers)
        return status, said, re.sub(rb"<responseDate>[^<]*", b"<responseDate>yesterday", body)

    server.answer = timeless  # type: ignore[method-assign]
    made = harvester(server)
    items_of(made)
    assert len(items_of(made, made.next_cursor())) == 5


def test_other_settings_begin_anew(server: OaiServer) -> None:
    made = harvester(server)
    items_of(made)
    server.tick(days=9)
    assert len(items_of(harvester(server, **{"from": "2025-12-31"}), made.next_cursor())) == 5


@pytest.mark.parametrize(
    ("by_second", "bounds", "asked"),
    [
        (True, {"from": "2026-01-01", "until": "2026-01-02"}, ("2026-01-01T00:00:00Z", "2026-01-02T23:59:59Z")),
        (False, {"from": "2026-01-01T05:00:00Z", "until": "2026-01-02T00:00:00Z"}, ("2026-01-01", "2026-01-02")),
        (True, {"from": date(2026, 1, 1)}, ("2026-01-01T00:00:00Z", None)),
        (True, {"until": "2026-01-01T08:00:00+08:00"}, (None, "2026-01-01T00:00:00Z")),
    ],
)
def test_fixed_bounds_are_asked_in_the_granularity_of_the_repository(
    server: OaiServer, by_second: bool, bounds: dict[str, Any], asked: tuple[str | None, str | None]
) -> None:
    server.by_second = by_second
    items_of(harvester(server, **bounds))
    first = next(one for one in server.asked if one["verb"] == "ListRecords")
    assert (first.get("from"), first.get("until")) == asked


def test_bounds_that_lie_in_the_past_ask_for_nothing_more(server: OaiServer) -> None:
    made = harvester(server, until="2026-01-02")
    items_of(made)
    server.tick(days=9)
    items_of(made, made.next_cursor())
    before = len(server.asked)
    assert items_of(made, made.next_cursor()) == []
    assert [one["verb"] for one in server.asked[before:]] == ["Identify"]


# Sets


def test_sets_are_read_one_after_the_other_and_keys_may_come_twice(server: OaiServer) -> None:
    for number in range(4):
        server.put(
            f"oai:x:{number}", dublin_core(f"卷 {number}"), *("ab" if number == 1 else "a" if number < 3 else "b")
        )
    made = harvester(server, set=["a", "b"])
    assert keys(list(made.read(None))) == ["oai:x:0", "oai:x:1", "oai:x:2", "oai:x:1", "oai:x:3"]
    assert made.complete
    with pytest.raises(SkipItem, match="chosen sets"):
        harvester(server, set="b").fetch("oai:x:0")


def test_a_killed_harvest_goes_on_in_its_set(server: OaiServer) -> None:
    for number in range(5):
        server.put(f"oai:x:{number}", dublin_core(f"卷 {number}"), "b" if number else "a")
    listing = list(harvester(server, set=["a", "b"]).read(None))
    places = [at for at, entry in enumerate(listing) if isinstance(entry, Checkpoint)]
    assert len(places) == 2
    for at in places:
        made = harvester(server, set=["a", "b"])
        assert keys(list(made.read(listing[at].cursor))) == keys(listing[at:])  # type: ignore[union-attr]
        assert not made.complete
        assert made.next_cursor() is not None


def test_a_set_that_is_not_there_stops_the_source(server: OaiServer) -> None:
    server.put("oai:x:1", dublin_core("x"), "a")
    assert _stop(harvester(server, set="b")).endswith("has no set 'b'; there are: a")


def test_an_empty_set_that_is_there_is_empty(server: OaiServer) -> None:
    server.put("oai:x:1", dublin_core("x"), "a")
    assert items_of(harvester(server, set="a", until="2025-01-01")) == []


# What goes wrong


def _stop(made: Connector) -> str:
    with pytest.raises(StopSource) as caught:
        list(made.read(None))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 60),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_a_busy_repository_is_asked_when_it_says(
    server: OaiServer, status: int, headers: dict[str, str], after: float | None
) -> None:
    server.fail_next(1, status, headers)
    _, error = listed(harvester(server))
    assert isinstance(error, RetryLater)
    assert error.after == after
    assert len(server.asked) == 1  # the library itself asks and waits no second time


def test_a_busy_repository_in_the_middle_goes_on_from_the_last_page(server: OaiServer) -> None:
    made = harvester(server)
    listing = made.read(None)
    told = [next(listing) for _ in range(3)]
    server.fail_next(1, 503, {"Retry-After": "1"})
    with pytest.raises(RetryLater):
        next(listing)
    assert isinstance(told[-1], Checkpoint)
    assert keys(told) + keys(list(made.read(told[-1].cursor))) == sorted(FIVE)


def test_an_expired_token_begins_the_list_again(server: OaiServer) -> None:
    made = harvester(server)
    listing = made.read(None)
    told = [next(listing) for _ in range(3)]
    server.expire_tokens()
    told += listing
    assert keys(told) == [*sorted(FIVE)[:2], *sorted(FIVE)]
    assert made.complete


def test_a_token_that_expired_between_two_runs_begins_the_list_again(server: OaiServer) -> None:
    listing = list(harvester(server).read(None))
    cursor = next(entry.cursor for entry in listing if isinstance(entry, Checkpoint))
    server.expire_tokens()
    made = harvester(server)
    assert keys(list(made.read(cursor))) == sorted(FIVE)
    assert made.next_cursor() is not None


def test_an_expired_token_of_an_incremental_harvest_keeps_its_bounds(server: OaiServer) -> None:
    server.tick(days=9)
    made = harvester(server)
    items_of(made)
    for number in range(1, 5):
        server.put(f"oai:x:{number}", dublin_core("changed"))
    cursor = next(entry.cursor for entry in made.read(made.next_cursor()) if isinstance(entry, Checkpoint))
    server.expire_tokens()
    assert keys(list(harvester(server).read(cursor))) == sorted(FIVE)[1:]


def test_tokens_that_always_expire_end(server: OaiServer) -> None:
    made = harvester(server)
    told = []
    with pytest.raises(StopSource, match="beginning again came no further"):
        for entry in made.read(None):
            told.append(entry)
            server.expire_tokens()
    assert set(keys(told)) == set(sorted(FIVE)[:2])
    assert len(server.asked) < 10


def test_a_list_that_never_ends_is_left(server: OaiServer) -> None:
    page = frame(record("oai:x:1", b"<a/>"), token="again")
    server.scripted = lambda asked: page if asked["verb"] == "ListRecords" else None
    told, error = listed(harvester(server))
    assert isinstance(error, StopSource)
    assert "same page again and again (resumption token 'again')" in str(error)
    assert set(keys(told)) == {"oai:x:1"}


def test_one_token_for_all_pages_is_allowed(server: OaiServer) -> None:
    pages = [frame(record(f"oai:x:{n}", b"<a/>"), token="next" if n < 3 else "") for n in range(4)]
    server.scripted = lambda asked: pages.pop(0) if asked["verb"] == "ListRecords" else None
    assert len(items_of(harvester(server))) == 4


def test_records_that_come_twice_are_told_twice(server: OaiServer) -> None:
    pages = [frame(record("oai:x:1", b"<a/>"), token="more"), frame(record("oai:x:1", b"<a/>"))]
    server.scripted = lambda asked: pages.pop(0) if asked["verb"] == "ListRecords" else None
    assert [item.key for item in items_of(harvester(server))] == ["oai:x:1"] * 2


def test_a_page_that_is_cut_off_is_asked_for_again(server: OaiServer) -> None:
    server.truncate_next(2)
    assert keys(patient(harvester(server))) == sorted(FIVE)


def test_a_page_that_stays_cut_off_stops_the_source_and_names_the_page(server: OaiServer) -> None:
    made = harvester(server)
    listing = made.read(None)
    told = [next(listing) for _ in range(3)]
    listing.close()  # type: ignore[attr-defined]
    server.truncate_next(3)
    errors = [listed(made, told[-1].cursor)[1] for _ in range(3)]  # type: ignore[union-attr]
    assert [type(error) for error in errors] == [RetryLater, RetryLater, StopSource]
    assert "the page of resumption token 'token 1' of http" in str(errors[-1])
    assert "what was read before is kept" in str(errors[-1])


def test_one_broken_record_does_not_take_its_page_with_it(server: OaiServer) -> None:
    good, bad = record("oai:x:1", b"<a>1</a>"), record("oai:x:2&amp;", b"<a>Smith & Sons</a>")
    marc = record("oai:x:3", b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader/></record>')
    pages = {"more": frame(record("oai:x:4", b"<a/>"))}
    first = frame(good, bad, marc, token="more")
    server.scripted = lambda asked: (
        pages.get(asked.get("resumptionToken", ""), first) if asked["verb"] == "ListRecords" else None
    )
    told = {entry.key: entry for entry in patient(harvester(server)) if isinstance(entry, RawItem)}
    assert sorted(told) == ["oai:x:1", "oai:x:2&", "oai:x:3", "oai:x:4"]
    assert told["oai:x:2&"].open().read() == b"<a>Smith & Sons</a>"


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
        '<!ENTITY e "&c;&c;&c;&c;&c;&c;&c;&c;">',
        '<!ENTITY e SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p; <!ENTITY e "x">',
    ],
)
def test_entities_are_neither_expanded_nor_fetched(server: OaiServer, entities: str) -> None:
    page = f"<!DOCTYPE x [{entities}]>".encode() + frame(record("oai:x:1", b'<a b="1">&e;</a>'))
    server.scripted = lambda asked: page if asked["verb"] == "ListRecords" else None
    made = harvester(server)
    errors = [listed(made)[1] for _ in range(3)]
    assert isinstance(errors[-1], StopSource)
    assert "root:" not in str(errors[-1])


def test_a_page_without_end_is_left(server: OaiServer) -> None:
    server.fail_next(1, 200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(16 << 20)))
    assert "larger than 1 MiB" in _stop(harvester(server, largest=1))


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "user and password"), (403, "user and password"), (404, "settings.url"), (410, "address")],
)
def test_a_repository_that_refuses_stops_the_source(server: OaiServer, status: int, said: str) -> None:
    server.fail_next(1, status, body=b"<html>no")
    assert said in _stop(harvester(server))


def test_a_redirect_is_followed_and_a_circle_of_them_not(server: OaiServer) -> None:
    server.fail_next(1, 302, {"Location": f"{server.url}?verb=Identify"})
    assert len(items_of(harvester(server))) == 5
    server.fail_next(99, 302, {"Location": server.url})
    assert "leads on more than 5 times" in _stop(harvester(server))


def test_a_repository_that_is_down_is_asked_later() -> None:
    with OaiServer(FIVE) as server:
        made = harvester(server)
    _, error = listed(made)
    assert isinstance(error, RetryLater)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"metadata_prefix": "ead"}, "cannotDisseminateFormat.*'ead'; it offers oai_dc"),
        ({"set": "x"}, "noSetHierarchy.*it has no sets; take out settings.set"),
        ({"url": "ftp://x/oai"}, "'url' of connector oai_pmh is wrong: it must begin with http"),
        ({"url": "http://me:hunter2@x/oai"}, "settings.user and settings.password"),
        ({"from": "1.1.2020"}, "'from' of connector oai_pmh is wrong: write it as 2031-12-31"),
        ({"user": "me"}, "user and password together"),
        ({"form": "2020-01-01"}, "did you mean 'from'.*known: .*url, metadata_prefix, set, from, until"),
        ({"timeout": 0}, "'timeout'"),
    ],
)
def test_settings_that_cannot_work(server: OaiServer, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(StopSource, match=said) as caught:
        list(harvester(server, **settings).read(None))
    assert "hunter2" not in str(caught.value)


def test_a_password_is_sent_and_never_shown(server: OaiServer, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    made = make("oai_pmh", {"url": server.url, "user": "me", "password": "file:password"}, tmp_path)
    server.fail_next(1, 403)
    assert "hunter2" not in _stop(made)
    assert server.headers[-1]["authorization"] == "Basic bWU6aHVudGVyMg=="
    assert "hunter2" not in repr(vars(made)["_settings"])


def test_an_address_with_a_query_keeps_it(server: OaiServer) -> None:
    items_of(harvester(server, url=f"{server.url}?repo=%E6%A1%A3&verb=Identify"))
    assert {one["repo"] for one in server.asked} == {"档"}
    assert server.asked[0]["verb"] == "Identify"


@pytest.mark.parametrize("cursor", ["{", "[]", '"x"', '{"from": 1}', "3"])
def test_a_broken_cursor_is_said(server: OaiServer, cursor: str) -> None:
    with pytest.raises(StopSource, match="--full"):
        list(harvester(server).read(cursor))


def test_the_cursor_is_readable(server: OaiServer) -> None:
    made = harvester(server)
    items_of(made)
    assert json.loads(made.next_cursor() or "")["since"] == "2026-01-01T00:00:04+00:00"
