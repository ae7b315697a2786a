"""A night of reading, to be killed: `python -m tests.pipelines.ocr.program FOLDER`. Commits after every page."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.ocr import source
from pipelines.ocr.step import read_pages
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec


def spec(folder: Path, **more: object) -> SourceSpec:
    """The source of the images below a folder."""
    given = {"mapping": "image", "settings": {"path": "scans"}, "base": folder, "ocr": "tesseract:eng", **more}
    return SourceSpec("scans", "Scans", "folder", holder="East", **given)  # type: ignore[arg-type]


if __name__ == "__main__":
    source.COMMIT_PAGES = 1
    source.BATCH = 2
    read_pages(RecordStore(Path(sys.argv[1]) / "records"), "killed", [spec(Path(sys.argv[1]))])
