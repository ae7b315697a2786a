"""The samples in the product: nothing gets lost, things join as their files say, questions of the tour have answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from onestop.wiring import Workspace

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
TOUR = yaml.safe_load((SAMPLES / "tour.yml").read_text("utf-8"))
STAFF = Viewer("staff", frozenset({"staff"}))


@pytest.fixture(scope="module")
def workspace(synced_samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy of the samples, synchronised without any problem."""
    folder = tmp_path_factory.mktemp("samples") / "workspace"
    shutil.copytree(synced_samples, folder)
    with Workspace(folder, {}) as opened:
        yield opened


def found(workspace: Workspace, text: str, viewer: Viewer = ANONYMOUS, **wanted: Any) -> dict[str, Any]:
    return workspace.searcher.search(Query(text=text, **wanted), viewer)


@pytest.mark.parametrize("question", sorted({example["text"] for one in TOUR.values() for example in one["examples"]}))
def test_a_question_of_the_tour_is_answered_in_full(workspace: Workspace, question: str) -> None:
    answer = found(workspace, question)
    assert answer["total"] > 0
    assert not answer["interpretation"]["relaxed"]


def test_what_has_three_faces_on_disk_is_one_resource(workspace: Workspace, volumes: dict[str, dict[str, str]]) -> None:
    triples = [
        hit
        for code in _codes(volumes)
        for hit in found(workspace, f'="{code}"', STAFF)["hits"]
        if hit["reference_code"] == code
    ]
    assert len(triples) == len(volumes)
    assert all(set(hit["kinds"]) == {"physical", "digital", "thematic"} for hit in triples)


def _codes(volumes: dict[str, dict[str, str]]) -> list[str]:
    by_ark = {"yj00001": "Z013-1-002-009", "yj00002": "Z013-1-005-010", "yj00003": "Z013-1-010-003"}
    return [by_ark.get(name, name) for name in volumes]


def test_the_typescript_belongs_to_its_collection(workspace: Workspace) -> None:
    first = found(workspace, '"North Carolina Farm Bureau Records"', filters={"level": ("collection",)})["hits"][0]
    assert (first["reference_code"], set(first["kinds"])) == ("MC 00313", {"physical", "digital"})


def test_what_is_internal_is_for_staff_only(workspace: Workspace, file_list: list[dict[str, str]]) -> None:
    internal = [row for row in file_list if row["开放状态"] == "内部"]
    for row in internal:
        assert found(workspace, f'="{row["档号"]}"')["total"] == 0
        assert found(workspace, f'="{row["档号"]}"', STAFF)["total"] == 1
