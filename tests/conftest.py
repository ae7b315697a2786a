"""Fixtures that every package's tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from onestop.wiring import Workspace
from tests.cheap import make_digests_cheap
from tests.compiled_once import compile_once
from tests.once import made_once
from tests.relevance.asked import cases_workspace

ROOT = Path(__file__).resolve().parents[1]
pytest_plugins = ["tests.services", "tests.side_by_side"]
SERVICES = frozenset({"_minio", "_postgres", "_opensearch", "_opensearch_cluster", "_elasticsearch"})

# No deadline: nothing here asserts how long a step takes. CI draws the same examples every time, `long` draws more.
settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile("house")
make_digests_cheap()
compile_once()


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
    beside = ROOT.parent / "shared" / "data"
    return Path(os.environ.get("ONESTOP_CORPUS", beside))


@pytest.fixture(scope="session")
def synced_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the bundled samples, synchronised once for all test processes. Nobody changes it: copy it."""
    return made_once(_for_all(tmp_path_factory) / "synced-samples", _synced)


@pytest.fixture(scope="session")
def synced_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the cases of `tests/relevance`, as `synced_samples`."""
    return made_once(_for_all(tmp_path_factory) / "synced-cases", cases_workspace)


def _for_all(factory: pytest.TempPathFactory) -> Path:
    """The folder that all test processes of a run share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _synced(folder: Path) -> None:
    leaves = shutil.ignore_patterns("__init__.py", "__pycache__")
    shutil.copytree(ROOT / "samples", folder, ignore=leaves, dirs_exist_ok=True)
    with Workspace(folder, {}) as opened:
        report = opened.sync().to_json()
    assert {source["source"]: source["problems"] for source in report["sources"] if source["problems"]} == {}


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
