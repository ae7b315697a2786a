"""Transport iiif: collections of both versions, streams of changes, and manifests that lead where they may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Checkpoint, Connector, Gone, RawItem, RetryLater, SkipItem, SourceError, StopSource
from connectors.registry import connector as make
from mappings.base import MappingOptions
from mappings.formats.iiif import IiifMapping
from mappings.record import Record
from pipelines.items import Contents
from tests.contracts.connector_contract import ConnectorContract, items_of
from tests.services.web_server import Reply, WebServer, web_server


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def other() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def over_iiif(server: WebServer, path: str = "/top", **given: Any) -> Connector:
    return make("iiif", {"url": server.url(path), **given}, Path("/"))


def put(server: WebServer, path: str, document: Any, **more: Any) -> str:
    """The document at its place; its address."""
    server.routes[path] = Reply(json.dumps(document, ensure_ascii=False).encode(), **more)
    return server.url(path)


def manifest(server: WebServer, name: str, **more: Any) -> dict[str, Any]:
    """A manifest of version 3 at its place, and how a collection names it."""
    url = server.url(f"/{name}/manifest")
    put(server, f"/{name}/manifest", {"id": url, "type": "Manifest", "label": {"en": [name]}, "items": []}, **more)
    return {"id": url, "type": "Manifest", "label": {"en": [name]}}


def collection(server: WebServer, path: str, *members: Any) -> dict[str, Any]:
    url = put(server, path, {"id": server.url(path), "type": "Collection", "label": {}, "items": list(members)})
    return {"id": url, "type": "Collection"}


def names(connector: Connector, cursor: str | None = None) -> list[str]:
    """The names of the manifests of a run, without server and last part."""
    return [named(item.key) for item in items_of(connector, cursor)]


def named(key: str) -> str:
    return key.partition("/")[2].removesuffix("/manifest")


# Collections


def nested_version_3(server: WebServer, tagged: bool = False) -> None:
    a, b, c, d = (manifest(server, name, tagged=tagged) for name in "abcd")
    inner = {"type": "Collection", "id": server.url("/inline"), "items": [c]}
    sub = collection(server, "/sub", b, inner)
    collection(server, "/top", a, sub, d)


def nested_version_2(server: WebServer) -> None:
    for name in "abcde":
        url = server.url(f"/{name}/manifest")
        put(server, f"/{name}/manifest", {"@id": url, "@type": "sc:Manifest", "label": name})
    a, b, c, d, e = (server.url(f"/{name}/manifest") for name in "abcde")
    sub = put(server, "/sub", {"@type": "sc:Collection", "members": [{"@id": b, "@type": "sc:Manifest"}]})
    page_2 = put(server, "/page2", {"@type": "sc:Collection", "manifests": [{"@id": e}]})
    page_1 = put(server, "/page1", {"@type": "sc:Collection", "manifests": ["/d/manifest", d], "next": page_2})
    top = {"@type": "sc:Collection", "collections": [{"@id": sub}], "manifests": [{"@id": a}, c], "first": page_1}
    put(server, "/top", top)


class TestCollection3(ConnectorContract):
    @pytest.fixture(params=[True, False])
    def connector(self, request: pytest.FixtureRequest, server: WebServer) -> Connector:
        nested_version_3(server, request.param)
        return over_iiif(server)


class TestCollection2(ConnectorContract):
    @pytest.fixture
    def connector(self, server: WebServer) -> Connector:
        nested_version_2(server)
        return over_iiif(server)


class TestStream(ConnectorContract):
    @pytest.fixture(params=[True, False])
    def connector(self, request: pytest.FixtureRequest, server: WebServer) -> Connector:
        told = [("Create", "a"), ("Create", "b"), ("Update", "a"), ("Create", "c"), ("Delete", "b"), ("Create", "d")]
        stream(server, told, 2, timed=request.param)
        return over_iiif(server)


def test_manifests_come_nearest_first_through_collections_fetched_and_inline(server: WebServer) -> None:
    nested_version_3(server)
    made = over_iiif(server)
    assert names(made) == ["a", "d", "b", "c"] and made.complete
    assert items_of(made)[0].key == f"127.0.0.1:{server.port}/a/manifest"


def test_collections_of_version_2_with_pages_and_bare_addresses(server: WebServer) -> None:
    nested_version_2(server)
    assert names(over_iiif(server)) == ["a", "c", "b", "d", "e"]


def test_a_manifest_alone_is_an_item(server: WebServer) -> None:
    manifest(server, "a", tagged=True)
    item = items_of(over_iiif(server, "/a/manifest"))[0]
    assert named(item.key) == "a" and item.token is not None


def test_the_mapping_understands_what_comes(server: WebServer) -> None:
    nested_version_3(server)
    mapping = IiifMapping(MappingOptions())
    found = [one for item in items_of(over_iiif(server)) for one in mapping.records([Contents(item)])]
    assert [record.title for record in found if isinstance(record, Record)] == ["a", "d", "b", "c"]


def test_collections_in_a_circle_end(server: WebServer) -> None:
    a, b = manifest(server, "a"), manifest(server, "b")
    up = {"id": server.url("/top"), "type": "Collection"}
    sub = collection(server, "/sub", b, a, up, {"id": server.url("/sub"), "type": "Collection"})
    collection(server, "/top", a, a, sub, sub)
    made = over_iiif(server)
    assert names(made) == ["a", "b"] and made.complete
    assert len(server.asked("/sub")) == 1


def test_what_lies_too_deep_is_told_and_the_rest_is_there(server: WebServer) -> None:
    below = collection(server, "/c3", manifest(server, "d"))
    for level, name in ((2, "c"), (1, "b")):
        below = collection(server, f"/c{level}", manifest(server, name), below)
    collection(server, "/top", manifest(server, "a"), below)
    made = over_iiif(server, depth=2)
    assert names(made) == ["a", "b", "c", "c3/"] and not made.complete
    with pytest.raises(SkipItem, match=r"settings\.depth, 2"):
        items_of(made)[-1].open()
    assert names(over_iiif(server, depth=3)) == ["a", "b", "c", "d"]


def test_more_manifests_than_there_may_be_stop_the_source(server: WebServer) -> None:
    collection(server, "/top", *(manifest(server, f"m{number}") for number in range(5)))
    with pytest.raises(StopSource, match=r"settings\.max_manifests"):
        items_of(over_iiif(server, max_manifests=4))
    assert len(items_of(over_iiif(server, max_manifests=6))) == 5


@pytest.mark.parametrize(
    ("sub", "said"),
    [
        (Reply(b"", 404), "answers 404"),
        (Reply(b"", 403), "answers 403"),
        (Reply(b"<html>"), "is no JSON"),
        (Reply(b"[]"), "no JSON object"),
        (Reply(b'{"type": "AnnotationPage"}'), "is no collection but of type 'AnnotationPage'"),
        (Reply(b"", 302, {"Location": "http://10.0.0.1/"}), "private network"),
    ],
)
def test_a_collection_that_cannot_be_read_is_told_and_the_listing_not_complete(
    server: WebServer, sub: Reply, said: str
) -> None:
    server.routes["/sub"] = sub
    below = {"id": server.url("/sub"), "type": "Collection"}
    collection(server, "/top", manifest(server, "a"), below, manifest(server, "b"))
    made = over_iiif(server)
    assert names(made) == ["a", "b", "sub/"] and not made.complete
    with pytest.raises(SkipItem, match=said):
        items_of(made)[-1].open()


def test_a_collection_that_is_busy_says_later_and_nothing_counts_as_deleted(server: WebServer) -> None:
    server.routes["/sub"] = Reply(b"", 503, {"Retry-After": "99"})
    collection(server, "/top", manifest(server, "a"), {"id": server.url("/sub"), "type": "Collection"})
    made = over_iiif(server)
    with pytest.raises(RetryLater) as caught:
        items_of(made)
    assert caught.value.after == 99 and not made.complete


@pytest.mark.parametrize(
    ("top", "said"),
    [
        (Reply(b"", 404), "answers 404"),
        (Reply(b"", 401), "answers 401.*user and password"),
        (Reply(b"<html>"), "is no JSON"),
        (Reply(b'{"type": "Canvas"}'), "of type 'Canvas', neither manifest, collection nor stream"),
        (Reply(b"{}"), "without a type"),
        (Reply(b"", 302, {"Location": "http://192.168.0.1/"}), "private network"),
    ],
)
def test_an_address_that_is_not_of_iiif_stops_the_source(server: WebServer, top: Reply, said: str) -> None:
    server.routes["/top"] = top
    with pytest.raises(StopSource, match=said):
        items_of(over_iiif(server))


DOCUMENTS = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["Manifest", "Collection", "OrderedCollection", "Create", "Delete", "/top", "/m", "\ud800", "http://["]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["type", "id", "@type", "items", "members", "manifests", "first", "next", "last", "prev",
                         "orderedItems", "object", "endTime"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@given(top=DOCUMENTS, other=DOCUMENTS, kind=st.sampled_from(["Manifest", "Collection", "OrderedCollection"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_ends_in_items_or_a_sentence(server: WebServer, top: Any, other: Any, kind: str) -> None:
    put_raw = {"/top": {**top, "type": kind} if isinstance(top, dict) else {"type": kind, "items": top, "last": other}}
    server.routes = {path: Reply(json.dumps(document).encode()) for path, document in put_raw.items()}
    server.routes["/m"] = Reply(json.dumps(other).encode())
    try:
        for item in items_of(over_iiif(server)):
            item.key.encode()
    except SourceError as error:
        str(error).encode()


# Tokens


def test_a_server_that_gives_entity_tags_vouches_for_its_manifests(server: WebServer) -> None:
    nested_version_3(server, tagged=True)
    first = {item.key: item.token for item in items_of(over_iiif(server))}
    assert None not in first.values()
    put(server, "/b/manifest", {"id": server.url("/b/manifest"), "type": "Manifest", "label": {}}, tagged=True)
    second = {item.key: item.token for item in items_of(over_iiif(server))}
    assert [named(key) for key in first if first[key] != second[key]] == ["b"]
    assert {asked.method for asked in server.asked("/a/manifest")} == {"HEAD"}


def test_a_server_that_gives_none_is_not_asked_for_every_manifest(server: WebServer) -> None:
    collection(server, "/top", *(manifest(server, f"m{number}") for number in range(100)))
    assert {item.token for item in items_of(over_iiif(server))} == {None}
    assert sum(asked.method == "HEAD" for asked in server.log) <= 30


def test_a_manifest_that_its_server_says_is_gone_is_gone_and_one_that_is_missing_is_told(server: WebServer) -> None:
    a, b, c = (manifest(server, name) for name in "abc")
    server.routes |= {"/a/manifest": Reply(b"", 410), "/b/manifest": Reply(b"", 404)}
    collection(server, "/top", a, b, c)
    entries = list(over_iiif(server).read(None))
    assert [type(entry) for entry in entries] == [Gone, RawItem, RawItem]
    assert isinstance(entries[1], RawItem)
    with pytest.raises(SkipItem, match="answers 404"):
        entries[1].open()


def test_a_server_without_head_requests_is_read_all_the_same(server: WebServer) -> None:
    a, b = manifest(server, "a"), manifest(server, "b")
    for path in ("/a/manifest", "/b/manifest"):
        usual = server.routes[path]
        assert isinstance(usual, Reply)
        server.routes[path] = lambda asked, usual=usual: Reply(b"", 405) if asked.method == "HEAD" else usual
    collection(server, "/top", a, b)
    for item in items_of(over_iiif(server)):
        with item.open() as stream:
            assert json.load(stream)["type"] == "Manifest"


# Where a document may lead

FORBIDDEN = [
    "http://127.0.0.1:{port}/a/manifest", "http://0x7f.1:{port}/a/manifest", "http://[::ffff:127.0.0.1]:{port}/a",
    "http://169.254.169.254/latest/meta-data", "http://10.1.2.3/manifest", "http://[fd00::1]/m", "file:///etc/passwd",
    "gopher://127.0.0.1:70/x", "http://ann:geheim@192.168.1.1/m?token=geheim",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_manifest_at_a_private_address_is_refused_and_the_others_are_read(
    server: WebServer, other: WebServer, address: str
) -> None:
    manifest(other, "a")
    away = {"id": address.format(port=other.port), "type": "Manifest"}
    collection(server, "/top", away, manifest(server, "b"))
    refused, good = items_of(over_iiif(server))
    with pytest.raises(SkipItem, match=r"private network|no address of the web") as caught:
        refused.open()
    assert "geheim" not in str(caught.value)
    with good.open() as stream:
        assert stream.read()
    assert other.log == []


def test_an_allowed_host_is_read_and_gets_no_password(server: WebServer, other: WebServer) -> None:
    away = manifest(other, "a")
    collection(server, "/top", away)
    made = over_iiif(server, allow=[f"127.0.0.1:{other.port}"], user="ann", password="geheim")
    with items_of(made)[0].open() as stream:
        assert json.load(stream)["id"] == away["id"]
    assert "Authorization" in server.log[0].headers
    assert all("Authorization" not in asked.headers for asked in other.log)


# Streams of changes


def stream(
    server: WebServer, told: list[tuple[str, str]], size: int, timed: bool = True, day: int = 1, **more: Any
) -> None:
    """A stream that tells of (type, manifest), the oldest first, one a minute, in pages; ``a>b`` is moved."""
    activities = []
    for minute, (kind, name) in enumerate(told):
        at = f"2026-11-{day:02}T{minute // 60:02}:{minute % 60:02}:00Z"
        old, _, new = name.partition(">")
        activity: dict[str, Any] = {"type": kind, "object": manifest(server, old)}
        if kind == "Refresh":
            activity = {"type": kind, "startTime": at}
        elif new:
            activity["target"] = manifest(server, new)
        if timed and kind != "Refresh":
            activity["endTime"] = at
        activities.append(activity)
    pages = [activities[at : at + size] for at in range(0, len(activities), size)] or [[]]
    for number, page in enumerate(pages):
        before = {"prev": {"id": server.url(f"/page{number - 1}")}} if number else {}
        put(server, f"/page{number}", {"type": "OrderedCollectionPage", "orderedItems": page, **before})
    last = {"id": server.url(f"/page{len(pages) - 1}"), "type": "OrderedCollectionPage"}
    put(server, "/top", {"id": server.url("/top"), "type": "OrderedCollection", "last": last, **more})


def happened(connector: Connector, cursor: str | None = None) -> list[str]:
    """``+a`` for a manifest, ``-a`` for one that is gone, in the order of the listing."""
    return [
        ("-" if isinstance(entry, Gone) else "+") + named(entry.key)
        for entry in connector.read(cursor)
        if not isinstance(entry, Checkpoint)
    ]


def at(minute: int) -> str:
    return f"2026-11-01T00:{minute:02}:00.000000+00:00"


STREAMS: dict[str, tuple[list[tuple[str, str]], int | None, list[str]]] = {
    "the newest counts": ([("Create", "a"), ("Update", "a"), ("Create", "b")], None, ["+a", "+b"]),
    "deleted": ([("Create", "a"), ("Create", "b"), ("Delete", "a")], None, ["+b", "-a"]),
    "made anew": ([("Create", "a"), ("Delete", "a"), ("Create", "a")], None, ["+a"]),
    "added and removed": ([("Add", "a"), ("Add", "b"), ("Remove", "b")], None, ["+a", "-b"]),
    "moved": ([("Create", "a"), ("Move", "a>b")], None, ["-a", "+b"]),
    "moved, then the old place used": ([("Create", "a"), ("Move", "a>b"), ("Create", "a")], None, ["+b", "+a"]),
    "since": ([("Create", "a"), ("Create", "b"), ("Delete", "a")], 1, ["+b", "-a"]),
    "since the last, which is told again": ([("Create", "a"), ("Create", "b")], 1, ["+b"]),
    "nothing since": ([("Create", "a")], 5, []),
    "a refresh is the beginning": ([("Create", "a"), ("Create", "b"), ("Refresh", ""), ("Update", "b")], None, ["+b"]),
    "of before a refresh only deletes count": (
        [("Create", "a"), ("Delete", "c"), ("Update", "a"), ("Move", "d>e"), ("Refresh", ""), ("Update", "b")],
        0,
        ["-c", "+b"],
    ),
    "a delete before a refresh that lists it again": ([("Delete", "a"), ("Refresh", ""), ("Update", "a")], 0, ["+a"]),
}


@pytest.mark.parametrize("size", [1, 2, 50])
@pytest.mark.parametrize(("told", "since", "expected"), STREAMS.values(), ids=STREAMS)
def test_what_a_stream_tells(
    server: WebServer, told: list[tuple[str, str]], since: int | None, expected: list[str], size: int
) -> None:
    stream(server, told, size)
    made = over_iiif(server)
    assert happened(made, at(since) if since is not None else None) == expected
    assert made.complete is (since is None)


def test_the_cursor_is_the_newest_time_and_reading_stops_there(server: WebServer) -> None:
    told = [("Create", name) for name in "abcdefgh"]
    stream(server, told, 2)
    made = over_iiif(server)
    happened(made)
    cursor = made.next_cursor()
    assert cursor == at(7)
    stream(server, [*told, ("Update", "a")], 2)
    server.log.clear()
    assert happened(made, cursor) == ["+h", "+a"]
    assert made.next_cursor() == at(8)
    assert [asked.path for asked in server.log] == ["/top", "/page4", "/page3"]
    assert happened(made, made.next_cursor()) == ["+a"]


def test_the_time_of_the_last_change_vouches_for_a_manifest(server: WebServer) -> None:
    stream(server, [("Create", "a"), ("Create", "b")], 9)
    first = [item.token for item in items_of(over_iiif(server))]
    stream(server, [("Create", "a"), ("Create", "b"), ("Update", "a")], 9)
    second = {named(item.key): item.token for item in items_of(over_iiif(server))}
    assert second["b"] == first[1] and second["a"] != first[0]


def test_a_time_to_come_does_not_hide_what_comes_before_it(server: WebServer) -> None:
    stream(server, [("Create", "a")], 9)
    page = {"type": "OrderedCollectionPage", "orderedItems": [
        {"type": "Create", "object": manifest(server, "a"), "endTime": "2999-01-01T00:00:00Z"}]}  # fmt: skip
    put(server, "/page0", page)
    made = over_iiif(server)
    assert happened(made) == ["+a"]
    assert str(made.next_cursor()) < "2999"


def test_a_stream_without_times_is_read_whole_each_time(server: WebServer) -> None:
    stream(server, [("Update", "a"), ("Update", "b"), ("Delete", "a")], 2, timed=False)
    made = over_iiif(server)
    assert happened(made) == ["-a", "+b"] and made.complete and made.next_cursor() is None


def test_things_that_are_no_manifests_and_streams_of_others_are_left_alone(server: WebServer) -> None:
    stream(server, [], 9)
    elsewhere = {"id": "https://example.org/stream", "type": "OrderedCollection"}
    put(server, "/page0", {"type": "OrderedCollectionPage", "orderedItems": [
        {"type": "Create", "object": {"id": server.url("/c"), "type": "Collection"}, "endTime": at(1)},
        {"type": "Add", "object": manifest(server, "a"), "target": elsewhere, "endTime": at(2)},
        {"type": "Remove", "object": manifest(server, "b"), "origin": elsewhere, "endTime": at(3)},
        {"type": "Add", "object": manifest(server, "d"), "target": {"id": server.url("/top")}, "endTime": at(4)},
        {"type": "Offer", "object": manifest(server, "e"), "endTime": at(5)}, "nonsense", {"type": "Delete"},
        {"type": "Create", "object": "", "endTime": at(6)},
    ]})  # fmt: skip
    assert happened(over_iiif(server)) == ["+d"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"type": "OrderedCollectionPage"}, "no orderedItems"),
        ({"orderedItems": [], "prev": {"id": "/page0"}}, "comes twice"),
        ({"orderedItems": [], "prev": {"id": "http://10.0.0.1/"}}, "private network"),
        ({"orderedItems": [], "prev": "/nowhere"}, "answers 404"),
    ],
)
def test_a_stream_that_is_broken_stops_the_source(server: WebServer, page: dict[str, Any], said: str) -> None:
    stream(server, [("Create", "a")], 9)
    put(server, "/page0", page)
    with pytest.raises(StopSource, match=said):
        happened(over_iiif(server))


def test_a_long_stream_gives_checkpoints(server: WebServer) -> None:
    told = [("Create", f"m{number}") for number in range(1100)]
    stream(server, told, 400)
    made = over_iiif(server)
    listing = list(made.read(None))
    checkpoints = [place for place, entry in enumerate(listing) if isinstance(entry, Checkpoint)]
    assert checkpoints == [500, 1001]
    second = listing[1001]
    assert isinstance(second, Checkpoint)
    assert happened(made, second.cursor) == [f"+m{number}" for number in range(999, 1100)]


@given(
    told=st.lists(st.tuples(st.sampled_from(["Create", "Update", "Delete"]), st.sampled_from("abcde")), max_size=20),
    size=st.integers(1, 6),
    cut=st.integers(0, 20),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_runs_hold_what_one_does(server: WebServer, told: list[tuple[str, str]], size: int, cut: int) -> None:
    expected: set[str] = set()
    for kind, name in told:
        (expected.discard if kind == "Delete" else expected.add)(name)
    held: set[str] = set()
    cursor = None
    for upto in (cut, len(told)):
        stream(server, told[:upto], size)
        made = over_iiif(server)
        for change in happened(made, cursor):
            (held.add if change[0] == "+" else held.discard)(change[1:])
        cursor = made.next_cursor()
    assert held == expected == set(map(named, made.keys()))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "ftp://h/"}, "must begin with http"),
        ({"depth": -1}, "'depth'"),
        ({"max_manifests": 0}, "'max_manifests'"),
        ({"manifest": "x"}, "'manifest' is not known"),
        ({"headers": {"Host": "x"}}, "not a header that can be set"),
    ],
)
def test_settings_that_cannot_work_stop_the_source_in_one_sentence(given: dict[str, Any], said: str) -> None:
    with pytest.raises(StopSource, match=said) as caught:
        make("iiif", {"url": "http://h/", **given}, Path("/"))
    assert "\n" not in str(caught.value)


# Real manifests


@pytest.mark.corpus
def test_real_manifests_come_as_they_lie_in_their_files(server: WebServer, corpus: Path) -> None:
    files = sorted((corpus / "iiif/large").glob("*.json"))
    members = []
    for number, file in enumerate(files):
        server.routes[f"/{number}"] = Reply(file.read_bytes(), tagged=True, chunked=number % 2 == 0)
        members.append({"id": server.url(f"/{number}"), "type": "Manifest"})
    collection(server, "/top", *members)
    items = items_of(over_iiif(server))
    mapping = IiifMapping(MappingOptions())
    assert len(items) == len(files) == 5
    for item, file in zip(items, files, strict=True):
        with item.open() as stream:
            assert stream.read() == file.read_bytes()
        assert any(isinstance(one, Record) for one in mapping.records([Contents(item)]))


@pytest.mark.corpus
def test_real_collections_lead_to_their_manifests(server: WebServer, corpus: Path) -> None:
    """Recipe 0068: a newspaper title with two issues; addresses in the files are templates, put right here."""
    folder = corpus / "iiif/cookbook/0068-newspaper"
    for file in folder.glob("*.json"):
        text = file.read_text("utf-8").replace("{{ id.path }}", server.url("/news"))
        server.routes[f"/news/{file.name}"] = Reply(text.encode())
    found = items_of(over_iiif(server, "/news/newspaper_title-collection.json"))
    assert [item.key.rpartition("/")[2] for item in found] == [
        "newspaper_issue_1-manifest.json", "newspaper_issue_2-manifest.json"
    ]  # fmt: skip
