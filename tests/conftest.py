"""Fixtures that every package's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The shared corpus: `ONESTOP_CORPUS`, or ``../shared/data`` beside the repository. Absent: skip, on CI fail."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ONESTOP_CORPUS", beside))
    if not folder.is_dir():
        message = f"the corpus is not at {folder}; set ONESTOP_CORPUS"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder
