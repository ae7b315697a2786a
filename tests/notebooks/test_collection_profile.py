"""The notebook runs on the samples, holds no results, and counts what the files hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient


REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOK = REPOSITORY / "notebooks" / "collection_profile.ipynb"


@pytest.fixture(scope="module")
def executed(synced_samples: Path, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The notebook after a run over a copy of the samples that has been synchronised."""
    workspace = tmp_path_factory.mktemp("profile") / "samples"
    shutil.copytree(synced_samples, workspace)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONESTOP_WORKSPACE", str(workspace))
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(workspace))
    return notebook


def test_no_output_is_stored() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.slow
def test_every_cell_shows_something(executed: nbformat.NotebookNode) -> None:
    assert all(cell.outputs for cell in executed.cells if cell.cell_type == "code")


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["云江档案馆", "NC State University Libraries", "1980s", "digital + physical + thematic", "restricted"]
)
def test_the_profile_names_what_the_samples_hold(executed: nbformat.NotebookNode, words: str) -> None:
    outputs = [output for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]
    texts = [output.get("text") or "".join(output.data.values()) for output in outputs]
    assert any(words in text for text in texts)
