"""One finding aid of two gigabytes: memory is that of one of 64 MB."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SMALL, LARGE = 64 << 20, 2 << 30
SLACK = 64
"""MiB that the large file may take more: of each id eight bytes are kept, twice."""
HEAD = (
    '<ead><eadheader><eadid>L1</eadid></eadheader><archdesc level="fonds"><did><unitid>L1</unitid>'
    "<unittitle>Ledgers</unittitle></did><dsc>"
)
TAIL = "</dsc></archdesc></ead>"


def finding_aid(file: Path, size: int) -> int:
    """A finding aid of about so many bytes, in series of 500 files: the number of its components with the fonds."""
    chooser = random.Random(7)
    words = ["".join(chooser.choices("abcdefghiklmnoprstuw", k=chooser.randint(3, 10))) for _ in range(5000)]
    count = 1
    with file.open("w", encoding="ascii") as out:
        out.write(HEAD)
        while out.tell() < size:
            out.write(f'<c id="s{count}" level="series"><did><unittitle>Series {count}</unittitle></did>')
            for number in range(count + 1, count + 501):
                text = " ".join(chooser.choices(words, k=300))
                out.write(f'<c id="c{number}" level="file"><did><unitid>L1-{number}</unitid>')
                out.write(f"<unittitle>{text[:60]}</unittitle></did><scopecontent><p>{text}</p></scopecontent></c>")
            out.write("</c>")
            count += 501
        out.write(TAIL)
    return count


def taken_in(place: Path, size: int) -> dict[str, float]:
    """What taking in such a file needed; nothing of it is left on the disk."""
    folder = place / "aids"
    folder.mkdir(parents=True)
    count = finding_aid(folder / "large.xml", size)
    command = [sys.executable, "-m", "tests.long.take_in", str(folder), str(place / "records")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    shutil.rmtree(place)
    figures: dict[str, float] = json.loads(done.stdout)
    assert figures["records"] == count
    return figures


def test_memory_is_that_of_a_small_file(tmp_path: Path) -> None:
    small, large = taken_in(tmp_path / "small", SMALL), taken_in(tmp_path / "large", LARGE)
    print(small, large)
    assert large["records"] > 20 * small["records"]
    for part in ("parent_mib", "worker_mib"):
        assert large[part] < small[part] + SLACK, (part, small, large)
