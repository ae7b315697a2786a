"""Servers that die, hang and fill up while a run writes and readers search: three nodes of OpenSearch, whole commands.

Nodes are away for seconds where an archive's are away for a minute: what waits for them has the same pauses, and the
patience of a run (`bulk.PATIENCE`) is longer than both.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from indexer.engines.cluster import bulk, catalog, session
from indexer.engines.cluster.connection import Connection
from indexer.engines.marker import MARKER
from indexer.errors import IndexPartial
from indexer.query import Query
from mappings.access import ANONYMOUS
from onestop.cli import run
from onestop.wiring import Workspace
from tests.services.opensearch_cluster import OpenSearchCluster
from tests.services.proxy_server import proxy_server

pytestmark = pytest.mark.slow
RECORDS, MORE = 900, 100
SOURCE = """\
title: List
connector: folder
mapping: table
holder: East
settings: {path: data}
enrich: false
columns: {id: id, title: title}
"""
Captured = pytest.CaptureFixture[str]


class Archive:
    """A workspace whose index is on the cluster, and what its one source says now."""

    def __init__(self, folder: Path, cluster: OpenSearchCluster, parameters: str) -> None:
        self.folder, self.name = folder, f"a{secrets.token_hex(4)}"
        self.cluster = cluster
        self.titles: dict[str, str] = {}
        for name in ("sources", "data"):
            (folder / name).mkdir(parents=True)
        (folder / "sources/list.yml").write_text(SOURCE, encoding="utf-8")
        self.settle(cluster.engine(self.name, parameters))

    def settle(self, engine: str) -> None:
        """The address of its engine."""
        (self.folder / "onestop.toml").write_text(f"engine = {json.dumps(engine)}\n", encoding="utf-8")

    def says(self) -> None:
        """All rows of the source say something else than before, and there are more of them."""
        words, count = secrets.token_hex(4), len(self.titles) + MORE if self.titles else RECORDS
        self.titles = {str(number): f"River {words} {number}" for number in range(count)}
        rows = "".join(f"{number},{title}\n" for number, title in self.titles.items())
        (self.folder / "data/list.csv").write_text(f"id,title\n{rows}", encoding="utf-8")

    def run(self, *command: str) -> int:
        """The exit code of a command."""
        return run([*command, "--workspace", str(self.folder)])

    @contextmanager
    def open(self) -> Iterator[Workspace]:
        with Workspace(self.folder) as here:
            yield here

    def found(self) -> dict[str, str]:
        """Titles by id, as a reader finds them."""
        with self.open() as here:
            pages = [
                here.searcher.search(Query("river", size=200, offset=offset, sort="reference_code"), ANONYMOUS)
                for offset in range(0, len(self.titles) + 200, 200)
            ]
        assert not any(page["partial"] for page in pages)
        hits = [hit for page in pages for hit in page["hits"]]
        assert len(hits) == pages[0]["total"]
        return {hit["sources"][0]["source_id"]: hit["title"] for hit in hits}

    def stored(self) -> dict[str, str]:
        """Titles by id, as the record store has them."""
        with self.open() as here:
            rows = here.store.current("record", ("source_id", "action", "record"), source="list").to_pylist()
        return {row["source_id"]: msgspec.json.decode(row["record"])["title"] for row in rows}

    def node_of(self, routing: str) -> int:
        """Which node has the first copy of the part where documents with this routing lie."""
        said = self.cluster.ask("GET", f"/{self.name}/_search_shards", {"routing": routing})
        primary = next(copy for copy in said["shards"][0] if copy["primary"])
        place = said["nodes"][primary["node"]]["transport_address"].rpartition(":")[2]
        return [node.transport for node in self.cluster.nodes].index(int(place))

    def is_green(self) -> None:
        """Every copy is in its place again."""
        self.cluster.is_green(len(self.cluster.nodes), f"{self.name}-*")


@pytest.fixture(scope="module")
def _archive(tmp_path_factory: pytest.TempPathFactory, _opensearch_cluster: OpenSearchCluster) -> Archive:
    return synced(Archive(tmp_path_factory.mktemp("archive") / "here", _opensearch_cluster, "shards=2&replicas=1"))


@pytest.fixture
def here(_archive: Archive, opensearch_cluster: OpenSearchCluster) -> Archive:
    """An archive that the tests share, each going on where the one before ended; all nodes are up."""
    _archive.is_green()
    return _archive


def synced(here: Archive) -> Archive:
    here.says()
    assert here.run("sync") == 0
    return here


@pytest.fixture
def in_the_middle(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Does something once, after the fifth of many bulks of a run has arrived."""
    monkeypatch.setattr(bulk, "MOST_BYTES", 20_000)

    def at_fifth(act: Callable[[], object]) -> None:
        lines, lock, seen = Connection.lines, threading.Lock(), [0]

        def counted(self: Connection, path: str, *given: Any, **named: Any) -> Any:
            answer = lines(self, path, *given, **named)
            if path.endswith("/_bulk"):
                with lock:
                    seen[0] += 1
                    if seen[0] == 5:
                        act()
            return answer

        monkeypatch.setattr(Connection, "lines", counted)

    return at_fifth


class Readers:
    """Searching twenty times a second until the block ends."""

    def __init__(self, here: Archive) -> None:
        self.totals: set[tuple[int, bool]] = set()
        self.failed: list[Exception] = []
        self.count = 0
        self._here, self._over = here, threading.Event()
        self._thread = threading.Thread(target=self._search)

    def _search(self) -> None:
        with self._here.open() as here:
            while not self._over.wait(0.05):
                try:
                    answer = here.searcher.search(Query(f"river {self.count % RECORDS}"), ANONYMOUS)
                    whole = here.searcher.search(Query("river", size=0), ANONYMOUS)
                except Exception as error:  # told by the test
                    self.failed.append(error)
                else:
                    self.totals.add((whole["total"], answer["partial"] or whole["partial"]))
                self.count += 1

    def __enter__(self) -> Readers:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


def test_a_node_dies_while_a_run_writes_and_readers_search(
    here: Archive, in_the_middle: Callable[[Callable[[], object]], None]
) -> None:
    """The first copy of a part goes with it; then the node comes back."""
    here.says()
    doomed = here.cluster.nodes[here.node_of("x")]
    in_the_middle(doomed.kill)
    with Readers(here) as readers:
        assert here.run("sync") == 0
        readers_then = readers.count
        while readers.count < readers_then + 20:
            time.sleep(0.05)
    assert not readers.failed
    assert not any(partial for _, partial in readers.totals)
    assert max(readers.totals)[0] == len(here.titles)
    assert here.found() == here.stored() == here.titles
    doomed.start()
    here.is_green()
    assert here.found() == here.titles


def test_the_only_copy_of_what_is_built_is_away_for_a_while(
    here: Archive, in_the_middle: Callable[[Callable[[], object]], None]
) -> None:
    """A new index has no copies before all is in it: the run waits for the node, and readers do not notice."""
    nodes = {node.transport: node for node in here.cluster.nodes}

    def away() -> None:
        building = max(here.cluster.ask("GET", f"/{here.name}-2*/_search_shards")["indices"])
        said = here.cluster.ask("GET", f"/{building}/_search_shards")
        place = next(iter(said["nodes"].values()))["transport_address"].rpartition(":")[2]
        nodes[int(place)].kill()
        threading.Thread(target=nodes[int(place)].start).start()

    in_the_middle(away)
    with Readers(here) as readers:
        assert here.run("reindex") == 0
    assert not readers.failed
    assert readers.totals == {(len(here.titles), False)}
    assert here.found() == here.titles


def test_all_nodes_die_in_the_middle_of_a_run(
    here: Archive,
    in_the_middle: Callable[[Callable[[], object]], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    here.says()
    in_the_middle(here.cluster.kill)
    for module in (bulk, catalog, session):
        monkeypatch.setattr(module, "PATIENCE", 1.0)
    assert here.run("sync") == 2
    assert_one_sentence(capsys, "refuses connections")
    assert here.stored() == here.titles, "what was read is kept"
    here.cluster.start()
    assert here.run("sync") == 0
    assert here.found() == here.titles


def test_a_full_disk_is_told_and_got_over(here: Archive, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """What a server does at its flood stage, by the same setting."""
    before = here.titles
    here.says()
    monkeypatch.setattr(bulk, "PATIENCE", 1.0)
    block(here, True)
    assert here.run("sync") == 2
    assert_one_sentence(capsys, "takes no writing since its disks are nearly full; make room there")
    now, here.titles = here.titles, before
    assert here.found() == before
    here.titles = now
    block(here, None)
    assert here.run("sync") == 0
    assert here.found() == here.titles


def block(here: Archive, value: bool | None) -> None:
    body = {"index.blocks.read_only_allow_delete": value}
    assert here.cluster.ask("PUT", f"/{here.name}/_settings", body=body)["acknowledged"]


def test_a_part_that_is_nowhere_is_left_out_and_told(
    tmp_path: Path, opensearch_cluster: OpenSearchCluster, capsys: Captured
) -> None:
    """Three parts without copies, of which one dies: the one that knows the version."""
    here = synced(Archive(tmp_path / "here", opensearch_cluster, "shards=3&replicas=0"))
    lost = here.cluster.nodes[here.node_of(MARKER)]
    with here.open() as warm:
        services = warm.services
        assert services.search(Query("river"), ANONYMOUS)["total"] == RECORDS
        lost.kill()
        part = services.search(Query("river", size=200), ANONYMOUS)
        assert part["partial"] and 0 < part["total"] < RECORDS
        ids = {hit["sources"][0]["source_id"] for hit in part["hits"]}
        assert services.resource(f"list:{ids.pop()}", ANONYMOUS)
        with here.open() as cold:
            assert cold.searcher.search(Query("river"), ANONYMOUS)["total"] == part["total"]
            with pytest.raises(IndexPartial):
                cold.engine.store_version()
        assert_commands_tell(here, capsys)
        lost.start()
        here.cluster.is_green(3, f"{here.name}-*")
        assert services.search(Query("river", size=200), ANONYMOUS)["total"] == RECORDS
    assert here.run("sync") == 0
    assert here.found() == here.titles


def assert_commands_tell(here: Archive, capsys: Captured) -> None:
    """The command line says that an answer is partial; a run changes nothing that it cannot see."""
    capsys.readouterr()
    assert here.run("search", "river", "--json") == 1
    assert json.loads(capsys.readouterr().out)["partial"] is True
    assert here.run("search", "river") == 1
    assert "A part of the index did not answer" in capsys.readouterr().err
    assert here.run("sync") == 2
    assert_one_sentence(capsys, "A part of the index")


def test_readers_do_not_wait_for_a_node_that_is_slow(here: Archive) -> None:
    slow, *others = here.cluster.nodes
    with proxy_server("opensearch", slow.address) as proxy:
        proxy.latency = 30.0
        nodes = ",".join(node.address.removeprefix("http://") for node in [*others, proxy])
        login = proxy.engine(here.name, parameters="timeout=6")
        before = (here.folder / "onestop.toml").read_text(encoding="utf-8")
        here.settle(login.replace(proxy.address.removeprefix("http://"), nodes))
        assert here.found() == here.titles
    (here.folder / "onestop.toml").write_text(before, encoding="utf-8")


def test_two_workspaces_with_one_index_are_kept_apart(here: Archive, capsys: Captured) -> None:
    with here.open() as other:
        writer = other.engine.writer()
        here.says()
        assert here.run("sync") == 2
        assert_one_sentence(capsys, "Another run is writing the index")
        writer.close()
    assert here.run("sync") == 0
    assert here.found() == here.titles


def assert_one_sentence(capsys: Captured, words: str) -> None:
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
