"""The workspace of the cases - some of the samples and the records written out beside this file - and its answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from indexer.query import Query
from onestop.wiring import Workspace
from tests.relevance.cases import Case
from tests.relevance.line import EMBEDDED, make, onestop

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"
SAMPLE_SOURCES = ("land_files", "land_volumes", "ncsu", "ncsu_typescripts", "nlm", "tang_poems", "tang_poets")
WRITTEN = "written"
DEPTH = 60
"""Hits looked at."""
_SOURCE = """\
title: Records written out for the cases
connector: folder
mapping: table
holder: Millbrook and Yunjiang
access: open
settings: {path: written}
columns: {id: id, reference_code: id, parent: parent, level: level, title: title, creator: creator, dates: dates,
          subject: subject, person: person, place: place, text: text}
split: {subject: ";", person: ";"}
"""


def cases_workspace(folder: Path, engine: str = EMBEDDED) -> Path:
    """Makes and fills the workspace in a folder that is empty, or does not exist yet."""
    make(folder, engine)
    shutil.copytree(SAMPLES / "data", folder / "data")
    shutil.copy(SAMPLES / "synonyms.txt", folder)
    for name in SAMPLE_SOURCES:
        shutil.copy(SAMPLES / "sources" / f"{name}.yml", folder / "sources")
    (folder / WRITTEN).mkdir()
    shutil.copy(HERE / "records.csv", folder / WRITTEN)
    (folder / "sources" / f"{WRITTEN}.yml").write_text(_SOURCE, encoding="utf-8")
    onestop(folder, "sync")
    return folder


def found(here: Workspace, case: Case) -> list[str]:
    """The hits of a case, in order, as its expectation names them: by the first record that speaks for each."""
    year_from, year_to = case.years or (None, None)
    answer = here.searcher.search(Query(case.text, {}, year_from, year_to, size=DEPTH), here.viewer(None))
    return [_name(hit["sources"][0]) for hit in answer["hits"]]


def surprises(here: Workspace, cases: tuple[Case, ...]) -> list[str]:
    """A line for every case that does not hold and should, and for every one that holds and is said not to."""
    lines = []
    for case in cases:
        hits = found(here, case)
        if case.expect.holds(hits) == bool(case.failing):
            state = f"holds now, though it was said: {case.failing}" if case.failing else "does not hold"
            lines.append(f"{case.text!r} ({case.because}): {case.expect}: {state}; found {', '.join(hits[:6])}")
    return lines


def _name(source: dict[str, str]) -> str:
    return source["source_id"] if source["source"] == WRITTEN else f"{source['source']}:{source['source_id']}"
