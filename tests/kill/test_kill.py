"""SIGKILL at any moment of a run, then a run: store and index equal those of a run nobody disturbed.

The moments are spread over the measured length of a run; where a run really is at that time differs from trial to
trial, which over many trials is the point.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.workers import Workers
from tests.kill.far import Far
from tests.kill.program import run
from tests.kill.state import state
from tests.pipelines.conftest import finding_aid, page, table
from tests.services.minio_server import MinioServer

ROOT = Path(__file__).resolve().parents[2]
FEW = 8
"""Moments of a run over all transports; `tests/long` tries fifty."""
Undisturbed = tuple[Path, dict[str, Any], float]


def old_files(folder: Path) -> None:
    """What there was before: ten finding aids, three volumes, and a table whose rows are about some components."""
    for number in range(10):
        _aid(folder, number, [(f"F{number}-1-{file}", f"File {file} of {number}") for file in range(40)])
    for volume in range(3):
        (folder / f"scans/v{volume}").mkdir(parents=True)
        for number in range(8):
            _page(folder, volume, number, f"Word{number}")
    rows = [(str(number), f"F{number % 10}-1-{number}", f"Row {number}") for number in range(40)]
    (folder / "rows").mkdir()
    (folder / "rows/r.csv").write_text(table(*rows), encoding="utf-8")


def new_files(folder: Path) -> None:
    """What there is now: a file gone, one new, one with components changed and gone, one renamed, rows that join
    otherwise.
    """
    (folder / "aids/f0.xml").unlink()
    _aid(folder, 1, [(f"F1-1-{file}", f"File {file} of 1") for file in range(0, 40, 2)])
    _aid(folder, 2, [(f"F2-1-{file}", f"File {file} of 2, corrected") for file in range(40)])
    _aid(folder, 11, [(f"F11-1-{file}", f"File {file} of 11") for file in range(40)])
    (folder / "aids/f3.xml").rename(folder / "aids/f3-new.xml")
    _page(folder, 0, 3, "Corrected")
    (folder / "scans/v1/7.xml").unlink()
    shutil.rmtree(folder / "scans/v2")
    rows = [(str(number), f"F{number % 12}-1-{number}", f"Row {number}") for number in range(5, 60)]
    (folder / "rows/r.csv").rename(folder / "rows/a.csv")
    (folder / "rows/a.csv").write_text(table(*rows[:30]), encoding="utf-8")
    (folder / "rows/s.csv").write_text(table(*rows[25:]), encoding="utf-8")


def _aid(folder: Path, number: int, components: list[tuple[str, str]]) -> None:
    """A file so heavy that workers get two at a time, and a run makes a commit after each two."""
    (folder / "aids").mkdir(exist_ok=True)
    text = finding_aid(components, f"F{number}") + f"<!-- {'.' * 120_000} -->"
    (folder / f"aids/f{number}.xml").write_text(text, encoding="utf-8")


def _page(folder: Path, volume: int, number: int, word: str) -> None:
    (folder / f"scans/v{volume}/{number}.xml").write_text(page(word), encoding="utf-8")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as pool:
        yield pool


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, workers: Workers, _minio: MinioServer) -> Iterator[Undisturbed]:
    """A folder with a run behind it and changes before it, in it and behind every transport; what an undisturbed run
    makes of it, and how long that takes.
    """
    folder = tmp_path_factory.mktemp("kill") / "changed"
    folder.mkdir()
    _minio.start()
    with Far(_minio) as far:
        old_files(folder)
        far.old(folder)
        report = run(folder, workers)
        assert {one.source: one.problems[:1] for one in report.sources if not (one.indexed and one.is_clean)} == {}
        new_files(folder)
        far.new(folder)
        yield folder, *_undisturbed(folder)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A folder without any run behind it."""
    folder = tmp_path_factory.mktemp("kill") / "first"
    folder.mkdir()
    old_files(folder)
    return folder, *_undisturbed(folder)


def _undisturbed(folder: Path) -> tuple[dict[str, Any], float]:
    copy = folder.with_name(folder.name + "-undisturbed")
    shutil.copytree(folder, copy)
    process = _start(copy)
    begun = time.monotonic()
    assert process.wait() == 0
    return state(copy), time.monotonic() - begun


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """A run in a process of its own, at the point where it begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kill.program", str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


def trial(undisturbed: Undisturbed, share: float, folder: Path, workers: Workers) -> None:
    """Kill a run when that share of its time is over, run again, compare."""
    source, expected, seconds = undisturbed
    shutil.copytree(source, folder)
    process = _start(folder)
    try:
        process.wait(share * seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    run(folder, workers)
    assert state(folder) == expected
    shutil.rmtree(folder)


def moments(number: int, seed: int) -> list[float]:
    """Shares of a run, one in each of so many equal parts."""
    source = random.Random(seed)
    return [round((at + source.random()) / number, 3) for at in range(number)]


@pytest.mark.slow
def test_a_night_of_changes_makes_what_a_new_workspace_has(changed: Undisturbed, tmp_path: Path) -> None:
    source, expected, _ = changed
    shutil.copytree(source, tmp_path / "new", ignore=shutil.ignore_patterns("records", "index", ".locks"))
    run(tmp_path / "new")
    new = state(tmp_path / "new")
    assert new["records"] == expected["records"]
    assert new["pages"] == expected["pages"]


@pytest.mark.slow
@pytest.mark.parametrize("share", moments(FEW, 1))
def test_killed_at_any_moment_over_all_transports(
    changed: Undisturbed, share: float, tmp_path: Path, workers: Workers
) -> None:
    trial(changed, share, tmp_path / "trial", workers)


@pytest.mark.slow
@pytest.mark.parametrize("share", moments(3, 3))
def test_killed_in_the_first_run(first: Undisturbed, share: float, tmp_path: Path, workers: Workers) -> None:
    trial(first, share, tmp_path / "trial", workers)


@pytest.mark.slow
def test_killed_again_and_again(changed: Undisturbed, tmp_path: Path, workers: Workers) -> None:
    """Each run gets a little further than the one before."""
    source, expected, seconds = changed
    folder = tmp_path / "trial"
    shutil.copytree(source, folder)
    for share in (0.3, 0.5, 0.7, 0.9):
        process = _start(folder)
        try:
            process.wait(share * seconds)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    run(folder, workers)
    assert state(folder) == expected
