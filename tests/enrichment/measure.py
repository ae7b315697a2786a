"""How well names are found, on 200 descriptions marked by hand: precision and recall by type, for both halves.

`labelled.jsonl` holds 100 Chinese and 100 English descriptions of the licences named in NOTICE, drawn by chance and
marked before any rule was written. The development half was looked at while rules were made, the test half was not.
What is marked: whole names, the longest one (no place within the name of a body); persons without their titles, but
monks as they are called (文智大師); offices of two characters and more, with their bureau; places from the province to
the township and natural ones, not streets or lots. Not marked: a bare family or given name, what stands in 《》.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mappings.record import Authority, Dates, Mention, Name, Record
from pipelines.enrichment.entries import Entry, entry_of
from pipelines.enrichment.gazetteer import Gazetteer
from pipelines.enrichment.languages import Finder
from pipelines.enrichment.mentions import mentions_of

HERE = Path(__file__).parent
TYPES = ("person", "organisation", "place", "office", "event")


class Score(NamedTuple):
    """Counts of names: found and right to the character, found, marked; `near` overlap a marked one of their type."""

    right: int = 0
    near: int = 0
    found: int = 0
    marked: int = 0

    def plus(self, other: Score) -> Score:
        return Score(*(one + two for one, two in zip(self, other, strict=True)))

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.marked if self.marked else 1.0


def descriptions() -> Iterator[dict[str, Any]]:
    """The marked descriptions."""
    for line in (HERE / "labelled.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def mentions(finder: Finder, description: dict[str, Any]) -> tuple[Mention, ...]:
    """What is found in one, as part of a record of its years."""
    years = description["years"]
    dates = Dates("", *years) if years else None
    if description["field"] == "title":
        record = Record("x", description["text"], dates=dates)
    else:
        record = Record("x", "-", dates=dates, description={"note": description["text"]})
    return mentions_of(record, finder)


def scores(finder: Finder) -> dict[tuple[str, str, str], Score]:
    """Scores by language, half and type."""
    found: dict[tuple[str, str, str], Score] = {}
    for one in descriptions():
        marked = {(start, end, kind) for start, end, kind in one["names"]}
        for kind, score in _scored({(m.start, m.end, m.type) for m in mentions(finder, one)}, marked):
            key = (one["id"][:2], one["set"], kind)
            found[key] = found.get(key, Score()).plus(score)
    return found


def _scored(found: set[tuple[int, int, Any]], marked: set[tuple[int, int, Any]]) -> Iterator[tuple[str, Score]]:
    counts = Counter(kind for _, _, kind in found), Counter(kind for _, _, kind in marked)
    for kind in TYPES:
        right = sum(one in marked for one in found if one[2] == kind)
        near = sum(
            any(one[2] == other[2] and one[0] < other[1] and other[0] < one[1] for other in marked)
            for one in found
            if one[2] == kind
        )
        yield kind, Score(right, near, counts[0][kind], counts[1][kind])


def total(found: dict[tuple[str, str, str], Score], *, half: str, language: str = "", kind: str = "") -> Score:
    """The sum of the scores of a half, of one language and type or of all."""
    score = Score()
    for (of_language, of_half, of_kind), one in found.items():
        if of_half == half and language in ("", of_language) and kind in ("", of_kind):
            score = score.plus(one)
    return score


def table(found: dict[tuple[str, str, str], Score]) -> Iterable[str]:
    """Lines of text: language, half and type, precision and recall with their counts."""
    yield f"{'':30}precision          overlapping  recall"
    for half in ("development", "test"):
        for language in ("zh", "en", ""):
            for kind in (*TYPES, "") if language else ("",):
                score = total(found, half=half, language=language, kind=kind)
                if score.found or score.marked:
                    yield _line(f"{half:12} {language or 'both':5}{kind or 'all':13}", score)


def _line(title: str, score: Score) -> str:
    near = score.near / score.found if score.found else 1.0
    exact = f"{score.precision:.3f} ({score.right}/{score.found})"
    return f"{title:30}{exact:19}{near:.3f}        {score.recall:.3f} ({score.right}/{score.marked})"


def gazetteers(file: Path, corpus: Path) -> Path:
    """A gazetteer of CBDB's persons and the divisions of China, as the corpus has them, written to a file."""
    Gazetteer([*_persons(corpus), *_divisions(corpus)]).save(file)
    return file


def _persons(corpus: Path) -> Iterator[Entry]:
    with closing(sqlite3.connect(corpus / "thematic/cbdb-persons/cbdb_persons.sqlite")) as database:
        rows = database.execute("SELECT person_id, name, born_year, died_year, native_place FROM person")
        for number, name, born, died, place in rows:
            dates = Dates("", born, died) if born or died else None
            places = (Name(place, "place"),) if place else ()
            yield from _entry(
                "cbdb", Record(str(number), name, dates=dates, names=places, authority=Authority("person"))
            )


def _divisions(corpus: Path) -> Iterator[Entry]:
    for name in ("provinces", "cities", "areas"):
        with (corpus / f"chinese/place-codes/{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield from _entry(name, Record(row["code"], row["name"], authority=Authority("place")))


def _entry(source: str, record: Record) -> Iterator[Entry]:
    if (entry := entry_of(source, record)) is not None:
        yield entry
