"""A night that meets images it has read before, to the first night with them.

The pages are drawn: prose of the commonest characters, A5 at 150 dpi, three of English to one of simplified and one of
traditional Chinese. In the second night all of them lie in another folder, so that every image is fetched and known by
its checksum; in the third nothing has changed.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from indexer.engines.memory import MemoryEngine
from pipelines.nightly import sync
from pipelines.ocr.step import Budget, SourceReadings, read_pages
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec
from tests.benchmarks.programs import Failed
from tests.benchmarks.rows import Row
from tests.pipelines.ocr.drawing import drawn, payload

PAGES = 20
LINES = 16
PROSE = {
    "en": "The secretary laid before the meeting letters from the harbour board and the railway company about the pier",
    "zh-cn": "关于加强档案管理工作的通知各县市人民政府办公室铁路局职工名册来函登记簿会议记录全文",
    "zh-tw": "關於加強檔案管理工作的通知各縣市政府辦公室鐵路局職工名冊來函登記簿會議記錄全文",
}
LANGUAGES = ("en", "en", "en", "zh-cn", "zh-tw")
TITLES = {"en": "Minutes", "zh-cn": "会议记录档案", "zh-tw": "會議記錄檔案"}


def measure(work: Path) -> Row:
    """The row."""
    spec = SourceSpec(
        "scans", "Scans", "folder", "image", "East", settings={"path": "scans"}, base=work / "ocr", ocr="auto"
    )
    folder = work / "ocr" / "scans"
    draw(folder)
    store, engine = RecordStore(work / "ocr" / "records"), MemoryEngine()
    first, read = night(spec, store, engine)
    for volume in sorted(folder.iterdir()):
        volume.rename(volume.with_name(f"{volume.name} moved"))
    moved, known = night(spec, store, engine)
    quiet, nothing = night(spec, store, engine)
    if (read.read, known.known, known.read, nothing.known) != (PAGES, PAGES, 0, 0):
        raise Failed(f"the nights did not read what they should: {read}, {known}, {nothing}")
    return Row(
        "a night of images read before",
        "s",
        round(moved, 3),
        round(first, 3),
        goal=0.05,
        detail={"pages": PAGES, "pages_per_minute": round(60 * PAGES / first, 1), "nothing_changed": round(quiet, 4)},
    )


def draw(folder: Path) -> None:
    """The volumes, one a language: its title tells who reads it."""
    for number in range(PAGES):
        language = LANGUAGES[number % len(LANGUAGES)]
        text = PROSE[language]
        width = 58 if language == "en" else 28
        lines = tuple((text[7 * (line + number) % 30 :] + " " + text)[:width] for line in range(LINES))
        file = folder / TITLES[language] / f"p{number:03}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(payload(drawn(lines, language, 25)))


def night(spec: SourceSpec, store: RecordStore, engine: MemoryEngine) -> tuple[float, SourceReadings]:
    """A run over the source, and how long reading its images took of it."""
    sync([replace(spec, ocr=None, enrich=False)], store, engine, allow_deletes=True)
    begun = time.perf_counter()
    (found,) = read_pages(store, "night", [spec], Budget())
    return time.perf_counter() - begun, found
