"""Errors become one sentence each, or a file with the details."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.base import StopSource
from indexer.errors import QueryError
from mappings.mistakes import nearest
from onestop.errors import OnestopError, keep_traceback, sentence
from pipelines.errors import WorkspaceLocked
from service_desk.errors import UnknownAccount


@pytest.mark.parametrize("kind", [OnestopError, StopSource, QueryError, WorkspaceLocked, UnknownAccount])
def test_every_package_speaks_in_sentences(kind: type[Exception]) -> None:
    assert sentence(kind("what,\n  where,\n  what to do.")) == "what, where, what to do."


def test_an_error_nobody_foresaw_has_no_sentence() -> None:
    assert sentence(KeyError("x")) is None


def test_details_are_kept_in_the_folder(tmp_path: Path) -> None:
    file = keep_traceback(KeyError("x"), tmp_path / "logs")
    assert file is not None
    assert file.parent == tmp_path / "logs"
    assert "KeyError: 'x'" in file.read_text(encoding="utf-8")


def test_details_are_kept_elsewhere_when_the_folder_cannot_be_made(tmp_path: Path) -> None:
    file = keep_traceback(KeyError("x"), tmp_path / "missing" / "logs")
    assert file is not None
    assert not file.is_relative_to(tmp_path / "missing")
    file.unlink()


def test_the_nearest_name_is_offered_else_all() -> None:
    assert nearest("databse", ["engine", "database"]) == "did you mean 'database'?"
    assert nearest("zzz", ["b", "a"]) == "known are: a, b."
    assert nearest("zzz", []) == "there is none yet."
