"""Workspaces over an archive of any size: its sources, a run, and a night in which a little changed."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.ingest import TITLE_END
from tests.benchmarks.programs import Ran, onestop, run

SOURCES = {
    "ead": "mapping: ead\naccess: open\nsettings: {{path: {folder}/ead}}\n",
    "catalogue": "mapping: table\naccess: open\nsettings: {{path: {folder}/csv, glob: '**/textref*.csv'}}\n"
    "columns: {{id: primary_id, title: title, creator: author}}\n",
    "newspapers": "mapping: table\naccess: open\nsettings: {{path: {folder}/csv, glob: '**/*locations.csv'}}\n"
    "columns: {{id: title_id, title: newspaper_title}}\n",
    "marc": "mapping: marc\naccess: open\nsettings: {{path: {folder}/marc}}\n",
}
CHANGED = 0.01


def workspace(place: Path, folder: Path) -> Path:
    """A new workspace with a source for each kind of file there is."""
    run(*onestop(place.parent, "init", place.name))
    for name, text in SOURCES.items():
        if (folder / ("csv" if "csv" in text else name)).is_dir():
            said = f"title: {name}\nconnector: folder\n" + text.format(folder=folder)
            (place / "sources" / f"{name}.yml").write_text(said, encoding="utf-8")
    return place


def sync(place: Path) -> Ran:
    """One `onestop sync`; that some items are no records (exit code 1) is part of the corpus."""
    command = " ".join(onestop(place, "sync", "--json"))
    return run("bash", "-c", f"{command} || test $? = 1")


def indexed(ran: Ran) -> int:
    """Records that a sync indexed."""
    return sum(source["indexed"] for source in ran.document["sources"])


def change(folder: Path) -> None:
    """A word more in the last title of every hundredth finding aid."""
    files = sorted((folder / "ead").rglob("*.xml"))
    for file in files[:: round(1 / CHANGED)]:
        head, end, tail = file.read_bytes().rpartition(TITLE_END.encode())
        if end:
            file.write_bytes(head + b" changedword" + end + tail)
