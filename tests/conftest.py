"""Fixtures that every package's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.services"]
SERVICES = frozenset({"_minio", "_postgres", "_opensearch", "_opensearch_cluster", "_elasticsearch"})

# No deadline: nothing here asserts how long a step takes. CI draws the same examples every time, `long` draws more.
settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("house")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What lies in `tests/long` takes minutes and gigabytes: it runs when its folder is named (`make test-long`)."""
    is_long = collection_path == Path(__file__).parent / "long"
    return True if is_long and not any("long" in Path(argument).parts for argument in config.args) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a server is told by its fixtures; what reads page images needs Tesseract."""
    for item in items:
        if "ocr" in item.path.parts or not SERVICES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("services")


def corpus_folder() -> Path:
    """Where the shared corpus is looked for: `ONESTOP_CORPUS`, or ``../shared/data`` beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ONESTOP_CORPUS", beside))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The shared corpus. Absent: skip, on CI fail."""
    folder = corpus_folder()
    if not folder.is_dir():
        message = f"the corpus is not at {folder}; set ONESTOP_CORPUS"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder
