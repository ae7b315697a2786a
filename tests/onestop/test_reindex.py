"""`onestop reindex` and `onestop rollback`, in a folder and on a server, with somebody searching all the while."""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.engines.cluster import address
from indexer.engines.cluster.connection import connect
from indexer.query import Query
from mappings.access import ANONYMOUS
from onestop.cli import run
from onestop.wiring import Workspace
from pipelines.lock import INDEX
from tests.services.opensearch_server import SearchServer

Captured = pytest.CaptureFixture[str]
RECORDS = 300
PAUSE = 0.05
"""Seconds between two searches."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with one source, which was not read yet."""
    made = tmp_path / "archive"
    assert run(["init", str(made)]) == 0
    table = tmp_path / "list.csv"
    write(table, RECORDS)
    (made / "sources" / "list.yml").write_text(
        f"title: List\nconnector: folder\nmapping: table\nsettings: {{path: {table}}}\n"
        "columns: {title: Title, reference_code: Code, id: Code}\n"
    )
    return made


def write(table: Path, records: int) -> None:
    table.write_text("Code,Title\n" + "".join(f"L-{n},Letter number {n}\n" for n in range(records)))


@pytest.fixture
def served(folder: Path, opensearch: SearchServer) -> Iterator[Path]:
    """The workspace, its index on a server."""
    engine = opensearch.engine(f"writer-{secrets.token_hex(4)}", "replicas=0")
    file = folder / "onestop.toml"
    file.write_text(
        f'engine = "{engine}"\n'
        + "".join(line for line in file.read_text().splitlines(True) if not line.startswith("engine"))
    )
    yield folder
    opened = connect(address.parse(engine, Path()))
    asked = {"expand_wildcards": "all", "filter_path": "*.settings.index.creation_date"}
    if names := ",".join(opened.ask("GET", f"/{opened.address.name}*", None, asked)):
        opened.ask("DELETE", f"/{names}")
    opened.close()


def told(capsys: Captured) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


class Reader(threading.Thread):
    """Searches twenty times a second, and remembers what was not as it should be."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder, self._over = folder, threading.Event()
        self.answers, self.wrong = 0, list[object]()

    def run(self) -> None:
        with Workspace(self._folder) as here:
            while not self._over.wait(PAUSE):
                try:
                    self._look(here)
                except Exception as error:
                    self.wrong.append(error)

    def _look(self, here: Workspace) -> None:
        total = here.searcher.search(Query("letter"), ANONYMOUS)["total"]
        one = here.searcher.search(Query(f"L-{self.answers % RECORDS}"), ANONYMOUS)
        if total != RECORDS or not one["total"] or here.searcher.resource(one["hits"][0]["id"], ANONYMOUS) is None:
            self.wrong.append((total, one["total"]))
        self.answers += 1

    def end(self) -> None:
        self._over.set()
        self.join()


def test_a_reader_notices_nothing(served: Path, capsys: Captured) -> None:
    assert run(["--workspace", str(served), "sync"]) == 0
    reader = Reader(served)
    reader.start()
    capsys.readouterr()
    for command in ("reindex", "rollback", "reindex"):
        before = reader.answers
        assert run(["--workspace", str(served), command, "--json"]) == 0
        assert told(capsys)["version"] is not None
        while reader.answers < before + 5 and not reader.wrong:
            threading.Event().wait(PAUSE)
    reader.end()
    assert reader.wrong == []


def test_going_back_shows_what_was_there_and_sync_goes_forward(served: Path, capsys: Captured) -> None:
    def titles() -> int:
        with Workspace(served) as here:
            return int(here.searcher.search(Query("letter"), ANONYMOUS)["total"])

    workspace = ["--workspace", str(served)]
    assert run([*workspace, "rollback"]) == 2
    assert "no earlier index" in capsys.readouterr().err
    assert run([*workspace, "sync"]) == 0
    assert run([*workspace, "reindex"]) == 0
    write(served.parent / "list.csv", RECORDS + 5)
    assert run([*workspace, "sync"]) == 0
    assert titles() == RECORDS + 5
    capsys.readouterr()
    assert run([*workspace, "rollback"]) == 0
    assert "`onestop sync` brings the" in capsys.readouterr().err
    assert titles() == RECORDS
    assert run([*workspace, "sync"]) == 0
    assert titles() == RECORDS + 5


def test_reindex_without_asking_the_sources(folder: Path, capsys: Captured) -> None:
    workspace = ["--workspace", str(folder)]
    assert run([*workspace, "reindex"]) == 2
    assert "no records yet" in capsys.readouterr().err
    assert run([*workspace, "sync"]) == 0
    (folder.parent / "list.csv").unlink()
    capsys.readouterr()
    assert run([*workspace, "reindex"]) == 0
    assert "built anew from version" in capsys.readouterr().err
    assert run([*workspace, "search", "letter", "--json"]) == 0
    assert told(capsys)["total"] == RECORDS


def test_a_folder_keeps_no_earlier_index(folder: Path, capsys: Captured) -> None:
    assert run(["--workspace", str(folder), "rollback"]) == 2
    assert "keeps no earlier index" in capsys.readouterr().err


def test_not_while_another_run_is_at_it(folder: Path, capsys: Captured) -> None:
    assert run(["--workspace", str(folder), "sync"]) == 0
    with Workspace(folder) as here, here.locks.take(INDEX):
        assert run(["--workspace", str(folder), "reindex"]) == 2
    assert f"process {os.getpid()}" in capsys.readouterr().err
