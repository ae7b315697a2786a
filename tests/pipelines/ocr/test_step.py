"""A night of reading on the real parts: what is read, what is known, what is left, and what a killed run leaves."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from indexer.engines.memory import MemoryEngine
from indexer.query import Query
from indexer.search import Searcher
from mappings.access import Viewer
from mappings.record import Page, decode_page
from pipelines.nightly import sync
from pipelines.ocr import engines, tesseract
from pipelines.ocr.rows import STEP
from pipelines.ocr.step import Budget, SourceReadings, read_pages
from pipelines.record_store import RecordStore
from pipelines.workers import Workers
from tests.pipelines.conftest import page
from tests.pipelines.ocr.drawing import ENGLISH, drawn, payload
from tests.pipelines.ocr.program import spec

STAFF = Viewer("clerk", frozenset({"staff"}))
SAME = payload(drawn(("Minutes about the canal",), "en"))
WORDS = ("harbour", "railway", "canal", "bridge", "vessel")


class Scans:
    """A source of scans that can be changed between nights."""

    def __init__(self, folder: Path, workers: Workers) -> None:
        self.folder, self._workers = folder, workers
        self.store = RecordStore(folder / "records")
        self.engine = MemoryEngine()
        self.spec = spec(folder)

    def put(self, name: str, text: str | bytes) -> None:
        file = self.folder / "scans" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else payload(drawn((text,), "en")))

    def take_in(self) -> None:
        """A run without the step; the index is brought up to date."""
        spec = replace(self.spec, ocr=None, enrich=False)
        sync([spec], self.store, self.engine, workers=self._workers, allow_deletes=True)

    def read(self, **more: Any) -> SourceReadings:
        (found,) = read_pages(self.store, "night", [self.spec], workers=self._workers, **more)
        return found

    def night(self, **more: Any) -> SourceReadings:
        self.take_in()
        return self.read(**more)

    def pages(self) -> dict[tuple[str, int], Page]:
        rows = self.store.current("page", ["source_id", "page", "record"]).to_pylist()
        return {(row["source_id"], row["page"]): decode_page(row["record"]) for row in rows}

    def texts(self) -> list[str]:
        return [page.text for _, page in sorted(self.pages().items())]


@pytest.fixture
def make_scans(tmp_path: Path, workers: Workers) -> Callable[[str], Scans]:
    """Houses of several names, with five pages each."""

    def make(name: str) -> Scans:
        made = Scans(tmp_path / name, workers)
        for number, word in enumerate(WORDS):
            made.put(f"vol-1/p{number}.png", f"Minutes about the {word}")
        return made

    return make


@pytest.fixture
def scans(make_scans: Callable[[str], Scans]) -> Scans:
    return make_scans("house")


def counted(found: SourceReadings) -> dict[str, int]:
    names = ("read", "known", "blank", "failed", "no_engine", "left")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def test_pages_are_read_once_and_found(scans: Scans) -> None:
    assert counted(scans.night()) == {"read": 5}
    assert scans.texts() == [f"Minutes about the {word}" for word in WORDS]
    assert all(page.read_by and page.read_by.startswith("tesseract") for page in scans.pages().values())
    scans.take_in()
    version = scans.store.version
    assert counted(scans.read()) == {}
    assert scans.store.version == version
    searcher = Searcher(scans.engine, today=lambda: dt.date(2026, 1, 1))
    (hit,) = searcher.search(Query("canal"), STAFF)["hits"]
    shown = searcher.page(hit["id"], 3, STAFF, "canal")
    assert shown is not None and shown["confidence"] > 0.9
    (box,) = [word for line in shown["lines"] for word in line if word["match"]]
    assert box["text"] == "canal" and 36 <= box["y"] <= 80 and box["x"] > shown["width"] / 2


def test_the_record_and_its_page_keep_their_checksums(scans: Scans) -> None:
    scans.take_in()
    before = {kind: checksums(scans.store, kind) for kind in ("record", "page")}
    since = scans.store.current("record", ["since"]).to_pylist()
    scans.read()
    assert before == {kind: checksums(scans.store, kind) for kind in ("record", "page")}
    assert since == scans.store.current("record", ["since"]).to_pylist()


def checksums(store: RecordStore, kind: Any) -> list[dict[str, Any]]:
    return store.current(kind, ["source_id", "checksum"]).sort_by("source_id").to_pylist()


def test_a_moved_or_copied_image_is_known(scans: Scans) -> None:
    scans.night()
    (scans.folder / "scans" / "vol-1").rename(scans.folder / "scans" / "vol-2")
    scans.put("vol-3/again.png", f"Minutes about the {WORDS[0]}")
    assert counted(scans.night()) == {"known": 6}
    assert scans.texts() == [f"Minutes about the {word}" for word in (*WORDS, WORDS[0])]


def test_the_same_image_many_times_is_read_once(scans: Scans) -> None:
    shutil.rmtree(scans.folder / "scans")
    for number in range(70):
        scans.put(f"vol-1/p{number}.png", SAME)
    found = scans.night()
    assert (found.read, found.known) == (1, 69)
    assert set(scans.texts()) == {"Minutes about the canal"}


def test_a_source_built_anew_costs_no_reading(scans: Scans) -> None:
    scans.night()
    before = scans.texts()
    scans.spec = spec(scans.folder, fixed={"level": "file"})
    assert counted(scans.night()) == {} or scans.texts() == before
    assert scans.texts() == before


def test_a_new_scan_of_the_same_size_is_read(scans: Scans) -> None:
    scans.night()
    scans.put("vol-1/p2.png", "Minutes about the river")
    found = scans.night()
    assert found.read == 1
    assert scans.texts()[2] == "Minutes about the river"
    assert counted(scans.night()) == {}


def test_a_new_page_alone_is_read(scans: Scans) -> None:
    scans.night()
    scans.put("vol-1/p9.png", "Minutes about the river")
    assert scans.night().read == 1
    assert len(scans.pages()) == 6


def test_pages_with_text_are_left_alone(scans: Scans) -> None:
    (scans.folder / "scans" / "vol-1" / "p0.xml").write_text(page("Recognised"))
    scans.spec = spec(scans.folder, mapping="alto")
    assert counted(scans.night()) == {"read": 4}
    assert scans.texts()[0] == "Recognised"


def test_what_the_budget_leaves_is_read_the_next_night(scans: Scans) -> None:
    assert counted(scans.night(budget=Budget(pages=2))) == {"read": 2, "left": 3}
    assert counted(scans.night(budget=Budget(pages=2))) == {"read": 2, "left": 1}
    assert counted(scans.night(budget=Budget(pages=2))) == {"read": 1}
    assert counted(scans.night(budget=Budget(minutes=0))) == {}
    assert scans.texts() == [f"Minutes about the {word}" for word in WORDS]


def test_no_time_is_no_reading(scans: Scans) -> None:
    assert counted(scans.night(budget=Budget(minutes=0))) == {"left": 5}
    kept = scans.store.rows("enriched", ["source_id"])["source_id"].to_pylist()
    assert STEP not in kept


def test_a_bad_image_is_told_every_night_and_read_when_it_has_changed(scans: Scans) -> None:
    scans.put("vol-1/p2.png", payload(drawn(ENGLISH, "en"))[:3000])
    found = scans.night()
    assert counted(found) == {"read": 5, "failed": 1}
    again = scans.night()
    assert counted(again) == {}
    for told in (found, again):
        ((item, problem),) = told.problems
        assert (item, problem.code, problem.position) == ("vol-1", "damaged-image", "vol-1/p2.png")
    (row,) = scans.store.rows("problem", ["source_id", "page", "action"]).to_pylist()
    assert row == {"source_id": "vol-1", "page": 3, "action": "error"}
    scans.put("vol-1/p2.png", payload(drawn(ENGLISH, "en")))
    repaired = scans.night()
    assert repaired.read == 1 and repaired.problems == []
    assert scans.texts()[2] == "\n".join(ENGLISH)


def test_a_bad_image_elsewhere_is_known_to_be_bad(scans: Scans) -> None:
    broken = payload(drawn(ENGLISH, "en"))[:3000]
    scans.put("vol-1/p2.png", broken)
    scans.night()
    scans.put("vol-2/p1.png", broken)
    scans.put("vol-2/p2.png", "Fine")
    assert counted(scans.night()) == {"read": 1, "known": 1, "failed": 1}


def test_an_image_that_is_gone(scans: Scans) -> None:
    scans.take_in()
    (scans.folder / "scans" / "vol-1" / "p2.png").unlink()
    found = scans.read()
    assert counted(found) == {"read": 4, "failed": 1}
    assert [problem.code for _, problem in found.problems] == ["page-image-missing"]


def test_a_source_that_cannot_be_opened(scans: Scans) -> None:
    scans.take_in()
    scans.spec = spec(scans.folder, settings={"path": "elsewhere"})
    found = scans.read()
    assert counted(found) == {"left": 5}
    assert [problem.code for _, problem in found.problems] == ["page-images-unavailable"]
    scans.spec = spec(scans.folder)
    assert counted(scans.read()) == {"read": 5}


def test_a_missing_engine_is_told_every_night_and_installed_some_day(
    scans: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines.tesseract, "installed", lambda: tesseract.Installed("5", frozenset({"deu"})))
    found, again = scans.night(), scans.night()
    assert counted(found) == {"no_engine": 5}
    for told in (found, again):
        ((_, problem),) = told.problems
        assert problem.code == "ocr-engine-missing" and problem.reason.startswith("5 page images were not read")
        assert problem.hint == "apt install tesseract-ocr-eng"
    monkeypatch.undo()
    assert counted(scans.night()) == {"read": 5}


def test_another_engine_reads_all_again(scans: Scans, monkeypatch: pytest.MonkeyPatch) -> None:
    scans.night()
    monkeypatch.setattr(engines, "VERSION", engines.VERSION + 1)
    assert counted(scans.night()) == {"read": 5}


def test_sources_that_do_not_ask_are_left_alone(scans: Scans) -> None:
    scans.take_in()
    assert read_pages(scans.store, "night", [spec(scans.folder, ocr=None)]) == []


def test_pictures_in_one_file_and_pages_of_a_pdf(scans: Scans) -> None:
    shutil.rmtree(scans.folder / "scans")
    images = [drawn((f"Minutes about the {word}",), "en") for word in WORDS * 2]
    scans.put("vol-1.pdf", payload(images[0], "PDF", save_all=True, append_images=images[1:]))
    scans.spec = spec(scans.folder, mapping="pdf")
    assert counted(scans.night()) == {"read": 10}
    assert scans.texts() == [f"Minutes about the {word}" for word in WORDS * 2]
    widths = [page.width for page in scans.pages().values()]
    assert all(width and width > 300 for width in widths)


def test_blank_pages_are_looked_at_once(scans: Scans) -> None:
    shutil.rmtree(scans.folder / "scans")
    scans.put("vol-1/p1.png", payload(Image.new("RGB", (300, 200), "white")))
    records = scans.store.rows("record", ["version"]).num_rows
    assert counted(scans.night()) == {"read": 1, "blank": 1}
    assert scans.store.rows("record", ["version"]).num_rows == records + 1
    assert counted(scans.night()) == {}


def test_shares_of_sources(scans: Scans, tmp_path: Path) -> None:
    shutil.copytree(scans.folder / "scans", scans.folder / "more")
    more = replace(scans.spec, name="more", settings={"path": "more"})
    sync([replace(one, ocr=None, enrich=False) for one in (scans.spec, more)], scans.store, scans.engine)
    first, second = read_pages(scans.store, "night", [scans.spec, more], Budget(pages=4), workers=scans._workers)
    assert counted(first) == {"read": 2, "left": 3}
    assert second.known + second.read + second.left == 5 and second.known == 2 and second.read == 2


@pytest.mark.slow
def test_killed_anywhere_it_goes_on(make_scans: Callable[[str], Scans]) -> None:
    """Two kills, each after another commit; then an undisturbed night. Nothing that was committed is read twice."""
    killed, calm = make_scans("killed"), make_scans("calm")
    assert counted(calm.night()) == {"read": 5}
    killed.take_in()
    for _ in range(2):
        kill_after_a_commit(killed)
    committed = killed.store.rows("reading", ["version"]).num_rows
    assert committed
    found = killed.read()
    assert found.read == 5 - committed and not found.left
    assert killed.pages() == calm.pages()
    assert sorted(readings(killed.store)) == sorted(readings(calm.store))
    assert checksums(killed.store, "record") == checksums(calm.store, "record")
    assert counted(killed.read()) == {}


def kill_after_a_commit(scans: Scans) -> None:
    scans.store.refresh()
    version = scans.store.version
    command = [sys.executable, "-m", "tests.pipelines.ocr.program", str(scans.folder)]
    with subprocess.Popen(command) as run:
        while run.poll() is None and RecordStore(scans.folder / "records").version == version:
            time.sleep(0.02)
        run.kill()
    scans.store.refresh()


def readings(store: RecordStore) -> list[tuple[str, str]]:
    rows = store.current("reading", ["source_id", "record"]).to_pylist()
    return [(row["source_id"], row["record"]) for row in rows]
