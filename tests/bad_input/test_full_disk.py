"""A file system that runs full: a sentence, nothing lost, and with room again the night ends as if nothing had been."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kill.state import state
from tests.pipelines.conftest import finding_aid

ROOT = Path(__file__).resolve().parents[2]
ROOM, FILES = 64, 25
"""MiB that are enough, and finding aids of a hundred parts."""
SCRIPT = """
set -eu
mount -t tmpfs -o size="$1"k tmpfs "$2/house"
cp -r "$2/seed/." "$2/house"
set +e
"$3" -m onestop --workspace "$2/house" sync --json > "$2/full.json" 2> "$2/full.txt"
echo $? > "$2/full.code"
set -e
mount -o remount,size="$4"m "$2/house"
"$3" -m onestop --workspace "$2/house" sync --json > "$2/room.json"
cp -r "$2/house/." "$2/after"
"""
"""In a mount namespace of its own: where it ends, nothing is left of it."""


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace before its first run, in a folder `seed`."""
    folder = tmp_path_factory.mktemp("disk") / "seed"
    (folder / "sources").mkdir(parents=True)
    (folder / "onestop.toml").touch()
    (folder / "aids").mkdir()
    source = "title: Aids\nconnector: folder\nmapping: ead\nholder: East\naccess: open\nsettings: {path: aids}\n"
    (folder / "sources/aids.yml").write_text(source, encoding="utf-8")
    for number in range(FILES):
        files = [(f"F{number}-{file}", f"File {file * 7919} of {number * 104729}") for file in range(100)]
        (folder / f"aids/f{number}.xml").write_text(finding_aid(files, f"F{number}"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(seed: Path) -> dict[str, Any]:
    """What a run with room enough makes of it."""
    folder = Path(shutil.copytree(seed, seed.with_name("undisturbed")))
    subprocess.run([sys.executable, "-m", "onestop", "--workspace", folder, "sync", "--json"], cwd=ROOT, check=True)
    return state(folder)


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [350, 700])
def test_a_disk_that_runs_full(seed: Path, undisturbed: dict[str, Any], kilobytes: int, tmp_path: Path) -> None:
    shutil.copytree(seed, tmp_path / "seed")
    (tmp_path / "house").mkdir()
    arguments = [str(kilobytes), str(tmp_path), sys.executable, str(ROOM)]
    subprocess.run(["unshare", "-rm", "bash", "-c", SCRIPT, "disk", *arguments], cwd=ROOT, check=True)
    said = (tmp_path / "full.txt").read_text(encoding="utf-8")
    assert (tmp_path / "full.code").read_text().strip() == "2", said
    assert "make room on the disk" in said
    assert "Traceback" not in said
    report = json.loads((tmp_path / "room.json").read_text(encoding="utf-8"))["sources"][0]
    assert (report["read"], report["failed"]) == (FILES * 101, 0)
    assert state(tmp_path / "after") == undisturbed
