"""Transport http: files and rows, what leads to the next page, what has changed and what is gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Checkpoint, Connector, Gone, RawItem, RetryLater, SkipItem, SourceError, StopSource
from connectors.http_files import file_names
from connectors.registry import connector as make
from tests.contracts.connector_contract import ConnectorContract, items_of
from tests.services.web_server import Asked, Reply, WebServer, web_server

PEOPLE = [
    {"id": "p/1", "name": "查道", "born": {"year": 955}, "updated": "2024-01-01T00:00:00Z", "state": "live"},
    {"id": "p/2", "name": "張載", "born": {"year": 1020}, "updated": "2024-02-01T00:00:00Z", "state": "live"},
    {"id": "p/3", "name": "歐陽修", "born": None, "updated": "2024-03-01T00:00:00Z", "state": "live"},
    {"id": "p/4", "name": "x'); drop", "born": {"year": None}, "updated": "2024-03-01T00:00:00Z", "state": "live"},
    {"id": "p/5", "name": "沈括", "born": {"year": 1031}, "updated": "2024-04-01T00:00:00Z", "state": "live"},
]
XML = """<?xml version="1.0"?>
<list xmlns="urn:x"><next>{next}</next><page>
{rows}</page></list>"""
ROW = '<record no="{id}"><name lang="zh">{name}</name><born><year>955</year></born><tag>a</tag><tag>b</tag></record>\n'


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def sent(document: Any, **more: Any) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False).encode(), **more)


def over_http(**given: Any) -> Connector:
    return make("http", given, Path("/"))


def rows_at(server: WebServer, **given: Any) -> Connector:
    return over_http(**{"url": server.url("/people"), "items": {"path": "results"}, "key": "id", **given})


def keys(connector: Connector, cursor: str | None = None) -> list[str]:
    return [item.key for item in items_of(connector, cursor)]


def content(item: RawItem) -> bytes:
    with item.open() as stream:
        return stream.read()


# The same rows by every rule that leads from page to page; each takes rows and rows a page, and answers requests.


def by_link(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("at", 0))
        link = f"/people?at={at + size}" if at + size < len(rows) else None
        return sent({"results": rows[at : at + size], "links": {"next": link}})

    return answer


def by_header(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("at", 0))
        links = f'<{server.url("/people")}?at=0>; rel="first"'
        links += f', <people?at={at + size}>; rel="next"' if at + size < len(rows) else ""
        return sent({"results": rows[at : at + size]}, headers={"Link": links})

    return answer


def by_offset(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query["offset"])
        return sent({"results": rows[at : at + size] or None})

    return answer


def by_page(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = (int(asked.query["page"]) - 1) * size
        return sent({"results": rows[at : at + size]})

    return answer


def by_page_with_404(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = (int(asked.query["page"]) - 1) * size
        return sent({"results": rows[at : at + size]}) if at < max(len(rows), 1) else Reply(b"Invalid page", 404)

    return answer


def by_cursor(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("cursor", "c0")[1:])
        more = {"nextCursor": f"c{at + size}"} if at + size < len(rows) else {"nextCursor": ""}
        return sent({"results": rows[at : at + size], **more})

    return answer


def by_element(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("at", 0))
        link = f"people?at={at + size}" if at + size < len(rows) else ""
        some = "".join(f"<r><id>{row['id']}</id></r>" for row in rows[at : at + size])
        return Reply(f"<l><rows>{some}</rows><next href='{link}'/></l>".encode())

    return answer


def all_at_once_as_lines(server: WebServer, rows: list[Any], size: int) -> Callable[[Asked], Reply]:
    text = "\n\n".join(json.dumps(row) for row in rows)
    return lambda asked: Reply(b"\xef\xbb\xbf" + text.encode())


RULES: dict[str, tuple[Any, dict[str, Any]]] = {
    "link in the answer": (by_link, {"next": {"path": "links.next"}}),
    "link header": (by_header, {"next": "link-header"}),
    "offset": (by_offset, {"next": {"parameter": "offset", "step": 2}}),
    "page": (by_page, {"next": {"parameter": "page", "start": 1}}),
    "page, 404 after the last": (by_page_with_404, {"next": {"parameter": "page"}}),
    "cursor": (by_cursor, {"next": {"parameter": "cursor", "path": "nextCursor"}}),
    "element": (by_element, {"items": {"element": "r"}, "next": {"path": "next"}}),
    "lines": (all_at_once_as_lines, {"items": "lines"}),
}


@pytest.fixture(params=RULES)
def paged(request: pytest.FixtureRequest, server: WebServer) -> Connector:
    rule, given = RULES[request.param]
    server.routes["/people"] = rule(server, PEOPLE, 2)
    return rows_at(server, **given)


class TestRows(ConnectorContract):
    @pytest.fixture
    def connector(self, paged: Connector) -> Connector:
        return paged


class TestRowsWithCursor(ConnectorContract):
    @pytest.fixture(params=[False, True])
    def connector(self, request: pytest.FixtureRequest, server: WebServer) -> Connector:
        server.routes["/people"] = changing(PEOPLE)
        changed = {"parameter": "since", "path": "updated", "in_order": request.param}
        return rows_at(server, next={"parameter": "offset", "step": 2}, changed=changed)


class TestFiles(ConnectorContract):
    @pytest.fixture(params=[True, False])
    def connector(self, request: pytest.FixtureRequest, server: WebServer) -> Connector:
        server.routes |= {f"/{name}": Reply(name.encode() * 99, tagged=request.param) for name in ("a.csv", "b.xml")}
        return over_http(urls=[server.url("/b.xml"), server.url("/a.csv")])


def changing(rows: list[Any], size: int = 2) -> Callable[[Asked], Reply]:
    """Rows that changed at or after ``since``, by offset."""

    def answer(asked: Asked) -> Reply:
        some = [row for row in rows if row.get("updated", "") >= asked.query.get("since", "")]
        at = int(asked.query.get("offset", 0))
        return sent({"results": some[at : at + size]})

    return answer


# Files


def test_a_file_is_its_last_name_and_its_bytes(server: WebServer) -> None:
    server.routes["/export/%E5%8D%B7.csv"] = Reply("題名\n卷一\n".encode())
    item = items_of(over_http(url=server.url("/export/卷.csv?format=csv")))[0]
    assert (item.key, content(item), item.row) == ("卷.csv", "題名\n卷一\n".encode(), None)


def test_a_file_that_has_not_changed_keeps_its_token_and_is_not_sent_again(server: WebServer) -> None:
    server.routes["/a.csv"] = Reply(b"one", tagged=True)
    first = over_http(url=server.url("/a.csv"))
    token = items_of(first)[0].token
    again = over_http(url=server.url("/a.csv"))
    assert items_of(again, first.next_cursor())[0].token == token is not None
    assert server.log[-1].headers["If-None-Match"] in str(token)
    assert again.next_cursor() == first.next_cursor()
    server.routes["/a.csv"] = Reply(b"two", tagged=True)
    item = items_of(again, first.next_cursor())[0]
    assert item.token != token and content(item) == b"two"


def test_a_file_whose_server_vouches_for_nothing_has_no_token(server: WebServer) -> None:
    server.routes["/a.csv"] = Reply(b"one")
    made = over_http(url=server.url("/a.csv"))
    assert items_of(made)[0].token is None and made.next_cursor() is None
    assert [item.key for item in items_of(made, "not a cursor of ours")] == ["a.csv"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_the_only_file_that_may_not_be_had_stops_the_source(server: WebServer, status: int) -> None:
    server.routes["/a.csv"] = Reply(b"", status)
    with pytest.raises(StopSource, match=rf"/a\.csv answers {status}"):
        items_of(over_http(url=server.url("/a.csv")))


def test_of_several_files_each_has_its_own_fate(server: WebServer) -> None:
    server.routes |= {"/a": Reply(b"a"), "/gone": Reply(b"", 410), "/busy": Reply(b"", 503), "/none": Reply(b"", 404)}
    made = over_http(urls=[server.url(f"/{name}") for name in ("none", "busy", "gone", "a")])
    found = list(made.read(None))
    assert found[2] == Gone("gone")
    none, busy, good = (entry for entry in found if isinstance(entry, RawItem))
    assert content(good) == b"a" and list(made.keys()) == ["none", "busy", "a"]
    with pytest.raises(SkipItem, match="answers 404"):
        none.open()
    with pytest.raises(RetryLater, match="answers 503"):
        busy.open()


def test_the_only_file_that_is_busy_says_later(server: WebServer) -> None:
    server.routes["/a"] = Reply(b"", 503, {"Retry-After": "9"})
    with pytest.raises(RetryLater) as caught:
        items_of(over_http(url=server.url("/a")))
    assert caught.value.after == 9


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        (["http://h/x/a.csv", "http://h/y/b.csv"], ["a.csv", "b.csv"]),
        (["http://h/x/a.csv", "http://h/y/a.csv"], ["h/x/a.csv", "h/y/a.csv"]),
        (["http://h/a?n=1", "http://h/a?n=2"], ["h/a", "h/a~2"]),
        (["http://h/a", "http://h/a"], ["a"]),
        (["http://h/", "http://h:8080"], ["h", "h:8080"]),
        (["http://h/a%2Fb", "http://h/%E5%8D%B7/"], ["a%2Fb", "卷"]),
    ],
)
def test_files_are_named_by_their_path(urls: list[str], expected: list[str]) -> None:
    assert list(file_names(urls)) in (expected, ["h:80", "h:8080"])


def test_a_secret_may_lie_in_a_file_of_the_workspace(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("hunter2\n")
    server.routes["/a"] = Reply(b"a")
    given = {"url": server.url("/a"), "headers": {"X-Key": "file:key.txt"}}
    assert content(items_of(make("http", given, tmp_path))[0]) == b"a"
    assert {asked.headers["X-Key"] for asked in server.log} == {"hunter2"}
    with pytest.raises(StopSource, match=r"file .*nothing\.txt cannot be read"):
        make("http", given | {"headers": {"X-Key": "file:nothing.txt"}}, tmp_path)


# Rows


@pytest.mark.parametrize("rule", RULES)
@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_of_rows_in_pages_of_any_size_comes_once_and_in_order(
    server: WebServer, rule: str, data: st.DataObject
) -> None:
    numbers = data.draw(st.lists(st.integers(0, 500), unique=True, max_size=12))
    size = data.draw(st.integers(1, 5))
    answering, given = RULES[rule]
    rows = [{"id": f"r{number}"} for number in numbers]
    if rule == "element" and not rows:
        return
    server.routes["/people"] = answering(server, rows, size)
    made = rows_at(server, **given)
    assert keys(made) == [row["id"] for row in rows] == list(made.keys())
    assert made.complete


def test_a_row_has_its_columns_flat_and_is_json(server: WebServer) -> None:
    server.routes["/people"] = sent({"results": [PEOPLE[0] | {"names": ["a", {"b": 1}], "half": "HALF"}]})
    server.routes["/people"] = Reply(server.routes["/people"].body.replace(b"HALF", rb"\ud800x"))
    item = items_of(rows_at(server, key="born.year"))[0]
    assert item.key == "955"
    assert item.row == {"id": "p/1", "name": "查道", "born.year": 955, "updated": "2024-01-01T00:00:00Z",
                        "state": "live", "names": ["a", {"b": 1}], "half": "?x"}  # fmt: skip
    assert json.loads(content(item)) == item.row


def test_elements_are_rows_or_xml_of_their_own(server: WebServer) -> None:
    rows = "".join(ROW.format(**row) for row in PEOPLE[:2])
    server.routes["/people"] = Reply(XML.format(next="", rows=rows).encode())
    as_row = items_of(rows_at(server, items={"element": "record"}, key="@no"))
    assert [item.key for item in as_row] == ["p/1", "p/2"]
    assert as_row[0].row == {
        "@no": "p/1", "name": "查道", "name.@lang": "zh", "born.year": "955", "tag": ["a", "b"]
    }  # fmt: skip
    as_xml = items_of(rows_at(server, items={"element": "record", "as": "xml"}, key="@no"))
    assert as_xml[1].row is None
    assert content(as_xml[1]).decode().startswith('<record xmlns="urn:x" no="p/2"><name lang="zh">張載</name>')


def test_elements_inside_elements_of_the_same_name_belong_to_the_outer_one(server: WebServer) -> None:
    server.routes["/people"] = Reply(b"<l><r><id>1</id><r><id>2</id></r></r><r><id>3</id></r></l>")
    assert keys(rows_at(server, items={"element": "r"})) == ["1", "3"]


def test_the_answer_itself_can_be_the_list(server: WebServer) -> None:
    server.routes["/people"] = sent(PEOPLE)
    assert len(keys(rows_at(server, items={"path": ""}))) == 5


def test_rows_with_one_key_are_told_apart_and_the_same_row_twice_is_one(server: WebServer) -> None:
    server.routes["/people"] = sent({"results": [{"id": 1, "a": 1}, {"id": 1, "a": 2}, {"id": 1, "a": 1}, {"id": 2}]})
    assert keys(rows_at(server)) == ["1", "1~2", "2"]


def test_a_line_that_is_no_json_and_a_row_without_key_are_said_and_the_rest_is_there(server: WebServer) -> None:
    server.routes["/people"] = Reply(b'{"id": 1}\n{"id": \n[3]\n{"name": "x"}\n\xff\xfe\n{"id": 5}')
    made = rows_at(server, items="lines")
    found = items_of(made)
    assert [item.key for item in found] == ["1", "#row-2", "#row-3", "#row-4", "#row-5", "5"]
    assert not made.complete
    for item, said in zip(found[1:5], ["no JSON", "no JSON object", "has no 'id'", "no JSON"], strict=True):
        with pytest.raises(SkipItem, match=said):
            item.open()


def test_rows_that_are_flagged_are_gone(server: WebServer) -> None:
    rows = [PEOPLE[0], PEOPLE[1] | {"state": "Withdrawn"}, PEOPLE[2] | {"born": {"year": "none"}}, PEOPLE[3]]
    server.routes["/people"] = sent({"results": rows})
    made = rows_at(server, deleted={"state": ["withdrawn", "deleted"], "born.year": ["none"]})
    listing = list(made.read(None))
    assert [entry for entry in listing if isinstance(entry, Gone)] == [Gone("p/2"), Gone("p/3")]
    assert list(made.keys()) == ["p/1", "p/4"]
    with pytest.raises(SkipItem):
        made.fetch("p/2")


@pytest.mark.parametrize(("flag", "listed"), [(True, [True]), (1, [1]), ("Yes", ["yes"]), (None, [None]), ("", [None])])
def test_flags_are_compared_as_text(server: WebServer, flag: Any, listed: list[Any]) -> None:
    server.routes["/people"] = sent({"results": [{"id": 1, "flag": flag}, {"id": 2, "flag": "other"}]})
    assert next(rows_at(server, deleted={"flag": listed}).read(None)) == Gone("1")


# What has changed


def incremental(server: WebServer, **changed: Any) -> Connector:
    changed = {"parameter": "since", "path": "updated", **changed}
    return rows_at(server, next={"parameter": "offset", "step": 2}, changed=changed)


def test_only_what_changed_is_asked_for_the_next_time(server: WebServer) -> None:
    rows = list(PEOPLE)
    server.routes["/people"] = changing(rows)
    first = incremental(server)
    assert len(keys(first)) == 5 and first.complete
    cursor = first.next_cursor()
    rows += [{"id": "p/6", "updated": "2024-05-01T00:00:00Z"}]
    later = incremental(server)
    assert keys(later, cursor) == ["p/5", "p/6"] and not later.complete
    assert server.log[-1].query["since"] == "2024-04-01T00:00:00Z"
    rows.clear()
    assert keys(later, later.next_cursor()) == []
    assert json.loads(later.next_cursor() or "") == "2024-05-01T00:00:00Z"


def test_numbers_are_compared_as_numbers(server: WebServer) -> None:
    server.routes["/people"] = sent({"results": [{"id": 1, "v": 9}, {"id": 2, "v": 100}, {"id": 3, "v": 20}]})
    made = rows_at(server, changed={"parameter": "since", "path": "v"})
    items_of(made)
    assert made.next_cursor() == "100"


def test_rows_in_order_give_checkpoints_that_leave_no_tie_behind(server: WebServer) -> None:
    server.routes["/people"] = changing(PEOPLE)
    told = [entry.cursor for entry in incremental(server, in_order=True).read(None) if isinstance(entry, Checkpoint)]
    assert [json.loads(cursor)[:7] for cursor in told] == ["2024-01", "2024-02", "2024-03"]


def test_without_order_there_is_no_checkpoint(server: WebServer) -> None:
    server.routes["/people"] = changing(PEOPLE)
    assert not any(isinstance(entry, Checkpoint) for entry in incremental(server).read(None))


@given(st.lists(st.integers(0, 6), max_size=14).map(sorted), st.integers(1, 4), st.integers(0, 20), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_run_killed_anywhere_goes_on_from_its_last_checkpoint_and_loses_nothing(
    server: WebServer, values: list[int], size: int, killed_after: int, is_inclusive: bool
) -> None:
    rows = [{"id": f"r{number}", "updated": f"{value}"} for number, value in enumerate(values)]

    def answer(asked: Asked) -> Reply:
        since = asked.query.get("since", "")
        some = [row for row in rows if row["updated"] > since or (is_inclusive and row["updated"] == since)]
        at = int(asked.query.get("offset", 0))
        return sent({"results": some[at : at + size]})

    server.routes["/people"] = answer
    told, cursor = set(), None
    for number, entry in enumerate(incremental(server, in_order=True).read(None)):
        if number == killed_after:
            break
        if isinstance(entry, Checkpoint):
            cursor = entry.cursor
            committed = set(told)
        elif isinstance(entry, RawItem):
            told.add(entry.key)
    kept = committed if cursor is not None else set()
    assert kept | set(keys(incremental(server, in_order=True), cursor)) == {row["id"] for row in rows}


@pytest.mark.parametrize(
    ("values", "said"), [(["2", "1"], "not in order: '1' comes after '2'"), (["1", None], "nothing at changed.path")]
)
def test_rows_said_to_be_in_order_that_are_not_stop_the_source(server: WebServer, values: list[Any], said: str) -> None:
    server.routes["/people"] = sent({"results": [{"id": n, "updated": value} for n, value in enumerate(values)]})
    with pytest.raises(StopSource, match=f"{said}.*--full"):
        items_of(rows_at(server, changed={"parameter": "since", "path": "updated", "in_order": True}))


def test_a_row_that_changes_while_it_is_read_is_read_again_the_next_time(server: WebServer) -> None:
    old, new = {"id": "1", "updated": "2"}, {"id": "1", "updated": "5"}
    pages = [[old, {"id": "2", "updated": "3"}], [new, {"id": "3", "updated": "9"}], []]
    server.routes["/people"] = [sent({"results": page}) for page in pages]
    made = incremental(server)
    assert keys(made) == ["1", "2", "3"]
    assert made.next_cursor() == '"5"'


def test_a_cursor_that_is_none_is_said(server: WebServer) -> None:
    with pytest.raises(StopSource, match="--full"):
        items_of(incremental(server), "{")


# What goes wrong


def circle(asked: Asked) -> Reply:
    return sent({"results": [{"id": asked.target}], "next": "/people?at=1" if "=2" in asked.target else "/people?at=2"})


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no JSON": (Reply(b"<html>Sign in</html>"), {}, "is no JSON.*check settings.url"),
    "deep JSON": (Reply(b"[" * 10**5), {}, "is no JSON"),
    "no list": (sent({"result": []}), {}, "no list at items.path 'results'; there is: 'result'"),
    "not a list": (sent({"results": {"id": 1}}), {}, "no list at items.path"),
    "no such key": (sent({"results": [{"ident": 1, "name": 2}]}), {}, "settings.key 'id'; there are: ident, name"),
    "no such time": (
        sent({"results": PEOPLE}),
        {"changed": {"parameter": "s", "path": "at"}},
        "changed.path 'at'; there",
    ),
    "the same page again": (sent({"results": PEOPLE}), {"next": {"parameter": "page"}}, "same page twice"),
    "a circle": (circle, {"next": {"path": "next"}}, "comes twice"),
    "itself": (sent({"results": PEOPLE, "next": "/people"}), {"next": {"path": "next"}}, "comes twice"),
    "empty pages": (
        lambda asked: sent({"results": [], "next": int(asked.query.get("c", 0)) + 1}),
        {"next": {"parameter": "c", "path": "next"}},
        "11 empty pages in a row",
    ),
    "a link that is none": (sent({"results": PEOPLE, "next": {"a": 1}}), {"next": {"path": "next"}}, "neither address"),
    "a private link": (
        sent({"results": PEOPLE, "next": "http://169.254.169.254/latest/meta-data"}),
        {"next": {"path": "next"}},
        "private network.*settings.allow",
    ),
    "a link to a file": (
        sent({"results": PEOPLE, "next": "file:///etc/passwd"}),
        {"next": {"path": "next"}},
        "no addre",
    ),
    "no XML": (Reply(b"{}"), {"items": {"element": "r"}}, "no well-formed XML"),
    "XML that ends": (Reply(b"<l><r><id>1</id></r>"), {"items": {"element": "r"}}, "no well-formed XML"),
    "404": (Reply(b"", 404), {}, "answers 404"),
    "404 of the first page": (Reply(b"", 404), {"next": {"parameter": "page"}}, "answers 404"),
}


@pytest.mark.parametrize(("route", "given", "said"), WRONG.values(), ids=WRONG)
def test_a_listing_that_is_not_what_the_settings_say_stops_the_source(
    server: WebServer, route: Any, given: dict[str, Any], said: str
) -> None:
    server.routes["/people"] = route
    made = rows_at(server, **given)
    with pytest.raises(StopSource, match=said) as caught:
        items_of(made)
    assert "\n" not in str(caught.value) and not made.complete


def test_a_page_that_is_busy_or_cut_says_later_and_the_listing_is_not_complete(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.web.PAUSES", (0, 0))
    for second in (Reply(b"", 503), sent({"results": PEOPLE}, cut=40), sent({"results": PEOPLE}, cut=40, chunked=True)):
        server.routes |= {"/people": sent({"results": PEOPLE[:1], "next": "/2"}), "/2": second}
        made = rows_at(server, next={"path": "next"})
        with pytest.raises(RetryLater):
            items_of(made)
        assert not made.complete


def test_a_limit_within_a_listing_is_waited_for_in_its_place(server: WebServer) -> None:
    wait = Reply(b"", 429, {"Retry-After": "0"})
    server.routes |= {
        "/people": sent({"results": PEOPLE[:1], "next": "/2"}),
        "/2": [wait, wait, sent({"results": PEOPLE[1:]})],
    }
    assert len(keys(rows_at(server, next={"path": "next"}))) == 5
    assert [asked.path for asked in server.log] == ["/people", "/2", "/2", "/2"]
    server.routes["/2"] = Reply(b"", 429, {"Retry-After": "3600"})
    with pytest.raises(RetryLater) as caught:
        items_of(rows_at(server, next={"path": "next"}))
    assert caught.value.after == 3600 and len(server.asked("/2")) == 4


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["/people", "\ud800", "//["]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "results", "next", "a.b", ""]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    body=st.binary(max_size=200) | DOCUMENTS.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from([{"path": ""}, {"path": "results"}, "lines", {"element": "r"}, {"element": "r", "as": "xml"}]),
    rule=st.sampled_from([None, {"path": "next"}, {"parameter": "c", "path": "next"}, {"parameter": "page"}]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_ends_in_rows_or_a_sentence(server: WebServer, body: bytes, kind: Any, rule: Any) -> None:
    server.routes["/people"] = Reply(body)
    if kind == "lines" and rule is not None and "path" in rule:
        rule = None
    given = {"items": kind, **({"next": rule} if rule is not None else {})}
    try:
        for item in items_of(rows_at(server, **given)):
            item.key.encode()
            content(item)
    except SourceError as error:
        str(error).encode()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY n SYSTEM "%s">]>
<l><r><id>1</id><t>&c;</t><u>&x;</u><v>&n;</v></r></l>"""


def test_entities_are_neither_unfolded_nor_fetched(server: WebServer) -> None:
    server.routes["/people"] = Reply(BOMB % server.url("/called").encode())
    row = items_of(rows_at(server, items={"element": "r"}))[0].row
    assert row == {"id": "1", "t": "", "u": "", "v": ""}
    assert server.asked("/called") == []


def test_a_large_xml_streams(server: WebServer) -> None:
    server.routes["/people"] = Reply(
        b"<l>" + b"".join(b"<w><r><id>%d</id><t>%s</t></r></w>" % (n, b"x" * 500) for n in range(5_000)) + b"</l>"
    )
    assert sum(1 for _ in rows_at(server, items={"element": "r"}).read(None)) == 5_000


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": None}, "either url or urls"),
        ({"urls": ["http://h/"]}, "either url or urls"),
        ({"url": "ftp://h/"}, "'url'.*must begin with http"),
        ({"url": "http://ann:hunter2@h/"}, "settings.user"),
        ({"key": None}, "rows need key"),
        ({"items": "file"}, "key is for rows"),
        ({"items": "rows"}, "'items'.*file, lines"),
        ({"items": {"path": "a", "element": "b"}}, "one of path, lines and element"),
        ({"items": {"path": "a", "as": "xml"}}, "as: xml needs element"),
        ({"items": "lines", "next": {"path": "a"}}, "no place in lines"),
        ({"next": "header"}, "'next'.*link-header"),
        ({"next": {}}, "'next'.*give path, parameter"),
        ({"next": {"path": "a", "step": 1}}, "step and start count"),
        ({"next": {"parameter": "a", "step": 0}}, "next.step"),
        ({"changed": {"path": "a"}}, "changed.parameter"),
        ({"pages": 3}, "'pages' is not known"),
        ({"url": None, "urls": ["http://h/a"], "items": {"path": "a"}}, "rows come from one url"),
    ],
)
def test_settings_that_cannot_work_stop_the_source_in_one_sentence(given: dict[str, Any], said: str) -> None:
    whole = {"url": "http://h/", "items": {"path": "a"}, "key": "id", **given}
    with pytest.raises(StopSource, match=said) as caught:
        over_http(**{name: value for name, value in whole.items() if value is not None})
    assert "\n" not in str(caught.value) and "hunter2" not in str(caught.value)
