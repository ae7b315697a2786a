"""Whole runs of `onestop sync`, process start included, against the bare ingest of the same files.

An *empty sync* is a further `onestop sync` of a workspace whose one source is an empty folder; a *night without
changes* a further one of a workspace that is up to date. A *changed record* is one title changed in one file.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.benchmarks.programs import Failed, Ran, onestop, run
from tests.benchmarks.rows import Row, in_turns, middle

ROUNDS = 3
NIGHTS = 5
SOURCE = "title: Finding aids\nconnector: folder\nmapping: ead\naccess: open\nsettings: {{path: {folder}}}\n"
TITLE_END = "</unittitle>"


def workspace(place: Path, folder: Path) -> Path:
    """A new workspace with one source: the EAD files of a folder."""
    run(*onestop(place.parent, "init", place.name))
    (place / "sources" / "ead.yml").write_text(SOURCE.format(folder=folder), encoding="utf-8")
    return place


def sync(place: Path) -> Ran:
    """One `onestop sync`."""
    return run(*onestop(place, "sync", "--json"))


def measure(peers: Path, folder: Path, work: Path, rounds: int = ROUNDS) -> tuple[list[Row], Path]:
    """The rows, and the workspace of the last full run."""
    shutil.copytree(folder, work / "ead")
    whole, filled = full(peers, work / "ead", work, rounds)
    return [whole, night(filled, work, whole.ours), one_change(filled, work / "ead")], filled


def full(peers: Path, folder: Path, work: Path, rounds: int) -> tuple[Row, Path]:
    """The whole folder into a new workspace, and by the opponent into its index."""
    places = (workspace(work / f"full{number}", folder) for number in count())
    made: list[Path] = []
    turns = in_turns(
        {
            "ours": lambda: sync(_noted(places, made)),
            "peer": lambda: run(sys.executable, peers / "ead_ingest.py", folder, "--processes", "2"),
        },
        rounds,
    )
    for old in made[:-1]:
        shutil.rmtree(old)
    source = [ran.document["sources"][0] for ran in turns["ours"]]
    peer = [ran.document for ran in turns["peer"]]
    ours, intake = middle([ran.seconds for ran in turns["ours"]]), middle([said["seconds"] for said in source])
    row = Row(
        "whole sync of data/ead",
        "s",
        ours,
        middle([said["seconds"] for said in peer]),
        goal=5.0,
        detail={
            "records": source[-1]["indexed"],
            "peer_components": peer[-1]["searchable"],
            "runs": [round(ran.seconds, 2) for ran in turns["ours"]],
            "peer_runs": [said["seconds"] for said in peer],
            "peer_with_process_start": middle([ran.seconds for ran in turns["peer"]]),
            "cpu": middle([ran.cpu_seconds for ran in turns["ours"]]),
            "peer_cpu": middle([ran.cpu_seconds for ran in turns["peer"]]),
            "peak_rss_mib": max(ran.peak_mib for ran in turns["ours"]),
            "peer_peak_rss_mib": peer[-1]["peak_rss_mib"],
        },
        where=[f"{intake / ours:.0%} reading, mapping, storing", f"{1 - intake / ours:.0%} start, links, index"],
    )
    return row, made[-1]


def night(filled: Path, work: Path, full_seconds: float, rounds: int = NIGHTS) -> Row:
    """A night in which nothing changed, to the full run, both less an empty sync."""
    (work / "nothing").mkdir()
    empty = workspace(work / "empty", work / "nothing")
    sync(empty)
    turns = in_turns({"night": lambda: sync(filled), "empty": lambda: sync(empty)}, rounds)
    source = turns["night"][-1].document["sources"][0]
    if source["unchanged"] == 0 or source["indexed"]:
        raise Failed(f"a night without changes changed something: {source}")
    bare = middle([ran.seconds for ran in turns["empty"]])
    quiet = middle([ran.seconds for ran in turns["night"]])
    return Row(
        "a night without changes",
        "s",
        round(quiet - bare, 3),
        round(full_seconds - bare, 3),
        goal=0.05,
        detail={"night": quiet, "empty_sync": bare, "full": full_seconds, "intake": source["seconds"]},
    )


def one_change(filled: Path, folder: Path, rounds: int = ROUNDS) -> Row:
    """One record changed in its file, until `onestop sync` is done and the change is found."""
    seconds = []
    for turn in range(rounds):
        word = f"probeword{turn}"
        file = next(_changed(folder, word))
        ran = sync(filled)
        seconds.append(ran.seconds)
        found = run(*onestop(filled, "search", word, "--json")).document["total"]
        if found != 1:
            raise Failed(f"{found} records are found by the new title in {file}")
    return Row("one changed record, by onestop sync", "s", middle(seconds))


def _noted(places: Iterator[Path], made: list[Path]) -> Path:
    made.append(next(places))
    return made[-1]


def _changed(folder: Path, word: str) -> Iterator[Path]:
    """Append a word to the last title of the smallest file that has one; gives the file."""
    for file in sorted(folder.rglob("*.xml"), key=lambda file: (file.stat().st_size, file)):
        head, end, tail = file.read_bytes().rpartition(TITLE_END.encode())
        if end:
            file.write_bytes(head + f" {word}".encode() + end + tail)
            yield file
