"""Writing to real clusters: what is there afterwards is what the memory engine has, whatever happened on the way."""

from __future__ import annotations

import itertools
import os
import secrets
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indexer.documents import documents
from indexer.engines.base import Writer
from indexer.engines.cluster import address, bulk, numbers, session
from indexer.engines.cluster.build import go_back
from indexer.engines.cluster.connection import Connection, connect
from indexer.engines.cluster.failures import Refused
from indexer.engines.cluster.writer import ClusterWriter
from indexer.engines.memory import MemoryEngine
from indexer.errors import EngineUnavailable, IndexIncomplete, IndexMissing
from indexer.resource import mint
from tests.indexer.corpus import RESOURCES
from tests.services.opensearch_server import SearchServer

State = dict[str, tuple[int, int]]
"""What a store holds: content and number of documents by resource."""
Ask = Callable[..., Any]


NAME = f"writer-{secrets.token_hex(4)}"
"""Of our indices on both servers."""


@pytest.fixture(params=["opensearch", "elasticsearch"])
def cluster(
    request: pytest.FixtureRequest, opensearch: SearchServer, elasticsearch: SearchServer
) -> Iterator[Connection]:
    """A connection to an index of our own that is not there yet; what was left of it is taken away afterwards."""
    yield from _connected({"opensearch": opensearch, "elasticsearch": elasticsearch}[request.param])


@pytest.fixture
def opensearch_cluster(opensearch: SearchServer) -> Iterator[Connection]:
    """One that stands for both, where what is tested is ours alone."""
    yield from _connected(opensearch)


def _connected(server: SearchServer) -> Iterator[Connection]:
    opened = connect(address.parse(server.engine(NAME, "replicas=0"), Path()))
    yield opened
    asked = {"filter_path": "*.settings.index.creation_date"}  # a session is hidden, and stays for the next test
    if names := ",".join(opened.ask("GET", f"/{NAME}*", None, asked)):
        opened.ask("DELETE", f"/{names}")
    opened.close()


@pytest.fixture(scope="module", autouse=True)
def _taken_away() -> Iterator[None]:
    """Servers that somebody else started are as they were."""
    yield
    for variable, product in (("OPENSEARCH", "opensearch"), ("ELASTICSEARCH", "elasticsearch")):
        if running := os.environ.get(f"ONESTOP_TEST_{variable}"):
            opened = connect(address.parse(f"{product}+{running}/{NAME}", Path()))
            opened.ask("DELETE", f"/{NAME}-session", None, {"ignore_unavailable": "true"})


@pytest.fixture(autouse=True)
def small_bulks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests; and who is dead is known to be."""
    monkeypatch.setattr(bulk, "MOST_BYTES", 400)
    monkeypatch.setattr(bulk, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(session, "LATE", 0.0)
    monkeypatch.setattr(session, "BEAT", 3_600.0)
    monkeypatch.setattr(session, "SETTLE", 0.0)


def made(resource: str, content: int, count: int) -> list[bytes]:
    """Documents like ours: small, and as many as are wanted."""
    return [
        orjson.dumps(
            {
                "id": resource,
                "scope": ["resource:reader"] if number == 0 else ["page:reader"],
                **({"facet_source": ["list" if int(resource[1:]) % 2 else "scans"]} if number == 0 else {}),
                "hit": b64encode(f"{content} {number}".encode() * 10).decode(),
            }
        )
        for number in range(count)
    ]


def bring(writer: Writer, touched: Iterable[str] | None, after: State, version: int) -> dict[str, str]:
    """What `pipelines.publish` does: what was touched is taken out and put in, documents of some in turns. None: all is
    built anew.
    """
    if touched is None:
        writer.clear()
    wanted = sorted(after if touched is None else touched)
    for some in (wanted[start : start + 3] for start in range(0, len(wanted), 3)):
        if touched is not None:
            writer.delete(some)
        for row in itertools.zip_longest(*(made(one, *after[one]) for one in some if one in after)):
            writer.add([document for document in row if document is not None])
    return dict(writer.commit(version))


def changed(before: State, after: State) -> set[str]:
    return {one for one in {*before, *after} if before.get(one) != after.get(one)}


def shown(cluster: Connection) -> Counter[tuple[Any, ...]]:
    """All documents that can be found, each with what is stored of it."""
    body = {
        "size": 10_000,
        "query": {"match_all": {}},
        "stored_fields": ["hit", "full"],
        "docvalue_fields": ["id", "store_version"],
    }
    hits = cluster.ask("POST", f"/{cluster.address.name}/_search", body)["hits"]["hits"]
    return Counter(
        (*hit["fields"]["id"], *hit["fields"].get("hit", hit["fields"].get("store_version", []))) for hit in hits
    )


def expected(state: State, version: int) -> Counter[tuple[Any, ...]]:
    """What the memory engine has."""
    engine = MemoryEngine()
    writer = engine.writer()
    bring(writer, None, state, version)
    held = Counter((document["id"], document["hit"]) for document in engine.documents)
    return held + Counter([("marker", version)])


class Killed(BaseException):
    """The process is no more."""


def killed_at(cluster: Connection, number: int, carried_out: bool) -> Connection:
    """The connection of a process that dies with its request of this number, before or after the server has it."""
    assert isinstance(cluster, Connection)
    count = itertools.count()

    def send(*call: Any) -> Any:
        at = next(count)
        if at > number or (at == number and not carried_out):
            raise Killed
        answer = cluster._send(*call)
        if at == number:
            raise Killed
        return answer

    return Connection(cluster.address, send, lambda: None)


STATES = st.dictionaries(
    st.integers(0, 12).map("r{}".format), st.tuples(st.integers(0, 2), st.integers(1, 9)), max_size=10
)


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=st.lists(STATES, min_size=4, max_size=4), data=st.data())
def test_killed_anywhere_the_next_run_ends_as_if_nothing_had_been(
    cluster: Connection, history: list[State], data: st.DataObject
) -> None:
    """A run dies at any request; so does the one that comes after it; the last one ends it."""
    committed, touched = history[0], set[str]()
    written(cluster, None, committed, 0)  # what the example before left goes with it
    for version, (before, after) in enumerate(itertools.pairwise(history), 1):
        touched |= changed(before, after)
        kill_at = data.draw(st.integers(4, 60), "killed at") if version < 3 else 10_000
        try:
            doomed = ClusterWriter(killed_at(cluster, kill_at, data.draw(st.booleans(), "carried out")))
            bring(doomed, touched, after, version)
        except Killed:
            if restarted := data.draw(st.booleans(), "a node starts anew and shows all that it has"):
                cluster.ask("POST", f"/{NAME}/_refresh")
        else:
            restarted = False
        if ("marker", version) in shown(cluster):
            committed, touched = after, set()
        assert restarted or shown(cluster) == expected(
            committed, max(one[1] for one in shown(cluster) if one[0] == "marker")
        )
    assert committed == history[-1]


def written(cluster: Connection, touched: Iterable[str] | None, state: State, version: int) -> None:
    """A whole run."""
    writer = ClusterWriter(cluster)
    bring(writer, touched, state, version)
    writer.close()


def test_documents_of_the_samples_arrive_as_they_are(cluster: Connection) -> None:
    writer = ClusterWriter(cluster)
    sent = [document for resource in RESOURCES for document in documents(resource, mint)]
    writer.add(sent)
    assert writer.commit(7) == {}
    writer.close()
    there = shown(cluster)
    assert there.total() == len(sent) + 1 and there["marker", 7] == 1
    assert {orjson.loads(document)["id"] for document in sent} == {one[0] for one in there} - {"marker"}


def test_nothing_is_seen_before_the_commit(cluster: Connection) -> None:
    state: State = {"r1": (0, 5), "r2": (0, 3)}
    writer = ClusterWriter(cluster)
    bring(writer, None, state, 1)
    writer.delete(["r1"])
    writer.add(made("r3", 0, 40))
    assert shown(cluster) == expected(state, 1)
    writer.commit(2)
    assert shown(cluster) == expected({"r2": (0, 3), "r3": (0, 40)}, 2)
    writer.close()


def test_a_new_index_is_built_beside_and_one_can_go_back(cluster: Connection) -> None:
    states: list[State] = [{"r1": (number, 5)} for number in range(3)]
    for number, state in enumerate(states):
        writer = ClusterWriter(cluster)
        bring(writer, None, state, number)
        writer.close()
    assert shown(cluster) == expected(states[2], 2)
    assert len(built(cluster)) == 2
    last = go_back(cluster)
    assert shown(cluster) == expected(states[1], 1)
    assert go_back(cluster) != last
    assert shown(cluster) == expected(states[2], 2)


def built(cluster: Connection) -> list[str]:
    asked = {"filter_path": "*.settings.index.creation_date"}
    return sorted(cluster.ask("GET", f"/{cluster.address.name}-2*", None, asked))


def test_there_is_nothing_to_go_back_to(cluster: Connection) -> None:
    with pytest.raises(IndexMissing, match="no earlier index"):
        go_back(cluster)
    writer = ClusterWriter(cluster)
    writer.commit(1)
    writer.close()
    with pytest.raises(IndexMissing, match="no earlier index"):
        go_back(cluster)


def test_an_index_that_lacks_documents_is_not_shown(
    opensearch_cluster: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(opensearch_cluster, None, {"r1": (0, 5)}, 1)
    monkeypatch.setattr(numbers, "REMEMBERED", 1)  # documents of two volumes in turns then get the same ids
    writer = ClusterWriter(opensearch_cluster)
    with pytest.raises(IndexIncomplete, match=r"is not shown: it has \d+ documents instead of 10; the search shows"):
        bring(writer, None, {"r1": (1, 5), "r2": (1, 5)}, 2)
    writer.close()
    assert shown(opensearch_cluster) == expected({"r1": (0, 5)}, 1)
    assert len(built(opensearch_cluster)) == 2
    ClusterWriter(opensearch_cluster).close()
    assert len(built(opensearch_cluster)) == 1


def test_what_the_index_does_not_take_is_told_and_the_rest_is_there(cluster: Connection) -> None:
    strange = orjson.dumps({"id": "r2", "scope": ["page:reader"], "unheard_of": 1})
    state: State = {"r1": (0, 5), "r2": (0, 4), "r3": (0, 5)}
    for before in (None, {"r2": (0, 4)}):
        writer = ClusterWriter(cluster)
        if before is None:
            writer.clear()
        else:
            writer.delete(state)
        writer.add([*made("r1", 0, 5), *made("r2", 0, 2), strange, *made("r2", 0, 4)[2:], *made("r3", 0, 5)])
        refused = writer.commit(1)
        writer.close()
        assert refused.keys() == {"r2"} and "unheard_of" in refused["r2"]
        assert shown(cluster) - Counter({("r2",): 1}) == expected(state, 1)
    writer = ClusterWriter(cluster)
    writer.delete(["r2"])
    writer.commit(2)
    writer.close()
    assert shown(cluster) == expected({"r1": (0, 5), "r3": (0, 5)}, 2)


def test_a_document_larger_than_a_request_may_be_is_told(
    opensearch_cluster: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_content_length", lambda connection: 5_000)
    writer = ClusterWriter(opensearch_cluster)
    writer.add([*made("r1", 0, 2), orjson.dumps({"id": "r2", "scope": [], "hit": "A" * 8_000})])
    refused = writer.commit(1)
    writer.close()
    assert "more than the server takes" in refused["r2"]
    assert shown(opensearch_cluster).total() == 4


class Moody:
    """A server that says no to the first requests for a bulk, as it is told."""

    def __init__(self, opensearch_cluster: Connection, *moods: Callable[[bytes], Any]) -> None:
        self._opensearch_cluster, self._moods, self.sizes = opensearch_cluster, list(moods), list[int]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opensearch_cluster, name)

    def lines(self, path: str, body: bytes, *rest: Any, **options: Any) -> Any:
        self.sizes.append(len(body))
        if self._moods and (answer := self._moods.pop(0)(body)) is not None:
            return answer
        return self._opensearch_cluster.lines(path, body, *rest, **options)


def refuse(status: int, type: str, reason: str = "") -> Callable[[bytes], Any]:
    def mood(body: bytes) -> Any:
        raise Refused(address.parse("opensearch+http://x/x", Path()), status, type, reason, None)

    return mood


def reject_all(body: bytes) -> Any:
    """Every document by itself."""
    error = {"type": "es_rejected_execution_exception", "reason": "queue capacity"}
    count = sum(line.startswith((b'{"index"', b'{"delete"')) for line in body.splitlines())
    return {"errors": True, "items": [{"index": {"status": 429, "error": error}}] * count}


STATE: State = {f"r{number}": (0, number) for number in range(1, 30)}


@pytest.mark.parametrize(
    "moods",
    [
        [refuse(429, "rejected_execution_exception")] * 4,
        [reject_all] * 4,
        [refuse(413, "")] * 2,
        [refuse(403, "cluster_block_exception", "index read-only / allow delete (api)")] * 3,
    ],
    ids=["busy", "busy for each", "too large", "read-only for a moment"],
)
def test_a_server_that_is_busy_gets_less_and_gets_all(
    opensearch_cluster: Connection, moods: list[Callable[[bytes], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_BYTES", 2_000)
    moody: Any = Moody(opensearch_cluster, *moods)
    writer = ClusterWriter(moody)
    bring(writer, None, STATE, 1)
    writer.close()
    assert shown(opensearch_cluster) == expected(STATE, 1)


def test_patience_ends_in_a_sentence(opensearch_cluster: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PATIENCE", 0.05)
    for mood, said in (
        (refuse(429, "rejected_execution_exception", "queue"), "has been too busy for 0.05 seconds"),
        (
            refuse(429, "cluster_block_exception", "disk usage exceeded flood-stage"),
            "disks are nearly full; make room",
        ),
    ):
        moody: Any = Moody(opensearch_cluster, *[mood] * 1_000)
        writer = ClusterWriter(moody)
        with pytest.raises(EngineUnavailable, match=said):
            bring(writer, None, STATE, 1)
        with pytest.raises(EngineUnavailable, match=said):
            writer.commit(1)
        writer.close()
        assert built(opensearch_cluster) == []


def test_a_read_only_index_is_told_and_the_next_run_goes_on(
    cluster: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PATIENCE", 0.05)
    first: State = {"r1": (0, 5), "r2": (0, 3)}
    written(cluster, None, first, 1)
    settings = f"/{built(cluster)[0]}/_settings"
    cluster.ask("PUT", settings, {"index.blocks.read_only_allow_delete": True})
    writer = ClusterWriter(cluster)
    with pytest.raises(EngineUnavailable, match="disks are nearly full"):
        bring(writer, ["r1", "r2"], {"r1": (1, 2)}, 2)
    writer.close()
    assert shown(cluster) == expected(first, 1)
    cluster.ask("PUT", settings, {"index.blocks.read_only_allow_delete": None})
    written(cluster, ["r1", "r2"], {"r1": (1, 2)}, 2)
    assert shown(cluster) == expected({"r1": (1, 2)}, 2)


def test_two_runs_are_kept_apart(opensearch_cluster: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LATE", 10.0)
    monkeypatch.setattr(session, "BEAT", 0.05)
    writer = ClusterWriter(opensearch_cluster)
    with pytest.raises(EngineUnavailable, match="Another run is writing the index"):
        ClusterWriter(opensearch_cluster)
    with pytest.raises(EngineUnavailable, match="Another run is writing the index"):
        go_back(opensearch_cluster)
    bring(writer, None, {"r1": (0, 5)}, 1)
    writer.close()
    assert shown(opensearch_cluster) == expected({"r1": (0, 5)}, 1)


def test_who_was_given_up_writes_no_more(opensearch_cluster: Connection) -> None:
    first = ClusterWriter(opensearch_cluster)
    first.add(made("r1", 0, 5))
    second = ClusterWriter(opensearch_cluster)  # nobody waits for signs of life here
    bring(second, None, {"r2": (0, 5)}, 1)
    second.close()
    with pytest.raises(EngineUnavailable, match="Another run"):
        first.commit(2)
    first.close()
    assert shown(opensearch_cluster) == expected({"r2": (0, 5)}, 1)


@pytest.mark.parametrize("what", ["index", "alias"])
def test_what_somebody_else_made_under_our_name_is_left_alone(cluster: Connection, what: str) -> None:
    name = cluster.address.name
    theirs = name if what == "index" else f"{name}-theirs"
    cluster.ask("PUT", f"/{theirs}", {"aliases": {} if what == "index" else {name: {}}})
    for begin in (ClusterWriter, go_back):
        with pytest.raises(EngineUnavailable, match="did not put there; nothing was changed"):
            begin(cluster)
    assert cluster.ask("HEAD", f"/{theirs}")


def test_an_index_of_another_version_is_built_anew_beside(opensearch_cluster: Connection) -> None:
    written(opensearch_cluster, None, {"r1": (0, 5)}, 1)
    old = built(opensearch_cluster)[0]
    opensearch_cluster.ask("PUT", f"/{old}/_mapping", {"_meta": {"onestop": {"schema": -5}}})
    written(opensearch_cluster, None, {"r1": (1, 5)}, 2)
    assert shown(opensearch_cluster) == expected({"r1": (1, 5)}, 2)
    with pytest.raises(IndexMissing, match="another version"):
        go_back(opensearch_cluster)


def test_what_a_crash_left_half_built_goes_with_the_next_run(opensearch_cluster: Connection) -> None:
    with pytest.raises(Killed):
        bring(ClusterWriter(killed_at(opensearch_cluster, 12, True)), None, STATE, 1)
    half = built(opensearch_cluster)
    assert len(half) == 1
    written(opensearch_cluster, None, STATE, 1)
    assert len(built(opensearch_cluster)) == 1 and built(opensearch_cluster) != half
    assert shown(opensearch_cluster) == expected(STATE, 1)


def test_without_its_alias_an_index_is_built_anew(opensearch_cluster: Connection) -> None:
    written(opensearch_cluster, None, {"r1": (0, 5)}, 1)
    opensearch_cluster.ask("DELETE", f"/{built(opensearch_cluster)[0]}/_alias/{opensearch_cluster.address.name}")
    written(opensearch_cluster, None, {"r1": (1, 5)}, 2)
    assert shown(opensearch_cluster) == expected({"r1": (1, 5)}, 2)
