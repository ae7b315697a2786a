"""Names: the gazetteer component against spaCy's EntityRuler with the same 50,000 names; what a night of names costs.

The names are CBDB's (most are of two or three characters) and stand in the same 4,000 Chinese texts for both, which are
segmented before the clock runs. The nights are those of the step over the finding aids and these texts.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from spacy.language import Language

from mappings.record import Authority, Dates, Record, checksum, encode
from pipelines.enrichment.entries import Entry, entry_of
from pipelines.enrichment.gazetteer import Gazetteer
from pipelines.enrichment.languages import GazetteerComponent, chinese_pipeline
from pipelines.enrichment.step import enrich
from pipelines.record_store import RecordStore
from pipelines.workers import Workers
from tests.benchmarks.places import finding_aids
from tests.benchmarks.rows import Row, in_turns, middle
from tests.enrichment.measure import descriptions

NAMES = 50_000
TEXTS = 2_000
ROUNDS = 3
NEW = 100
SEED = 20261126


def measure(folder: Path | None = None) -> list[Row]:
    """The rows. Raises Missing without the corpus."""
    people = list(_people((folder or finding_aids()).parent))
    texts = list(_texts([record.title for record in people]))
    return [_component(people, texts), *_nights(people, texts)]


def _people(corpus: Path) -> Iterator[Record]:
    """Persons of CBDB as authority records, as many as have different names."""
    with closing(sqlite3.connect(corpus / "thematic/cbdb-persons/cbdb_persons.sqlite")) as database:
        rows = database.execute(
            "SELECT person_id, name, born_year, died_year FROM person GROUP BY name ORDER BY person_id LIMIT ?",
            (NAMES,),
        )
        for number, name, born, died in rows:
            dates = Dates("", born, died) if born or died else None
            yield Record(str(number), name, kind="thematic", dates=dates, authority=Authority("person"))


def _texts(names: Sequence[str]) -> Iterator[str]:
    """Marked descriptions, in each of which two names are set in."""
    chance = random.Random(SEED)
    written = [one["text"] for one in descriptions() if one["id"].startswith("zh")]
    for number in range(TEXTS):
        text = written[number % len(written)]
        at = chance.randrange(len(text))
        yield f"{text[:at]}，{chance.choice(names)}，{text[at:]}，與{chance.choice(names)}友善。"


def _component(people: Sequence[Record], texts: Sequence[str]) -> Row:
    """Documents a second through each component alone."""
    entries = [entry for record in people if (entry := entry_of("people", record))]
    nlp = chinese_pipeline()
    ours, theirs = GazetteerComponent(Gazetteer(entries)), _entity_ruler(nlp, entries)
    found: dict[str, int] = {}

    def play(name: str, component: Any) -> float:
        docs = [nlp.make_doc(text) for text in texts]
        begun = time.perf_counter()
        for doc in docs:
            component(doc)
        seconds = time.perf_counter() - begun
        found[name] = sum(len(doc.user_data["found"]) + len(doc.ents) for doc in docs)
        return len(docs) / seconds

    rates = in_turns({"ours": lambda: play("ours", ours), "theirs": lambda: play("theirs", theirs)}, ROUNDS)
    return Row(
        "gazetteer of 50,000 names",
        "docs/s",
        middle(rates["ours"]),
        middle(rates["theirs"]),
        goal=15,
        goal_is="at least",
        detail={"names": len(entries), "texts": len(texts), "found": found["ours"], "found_by_ruler": found["theirs"]},
    )


def _entity_ruler(nlp: Language, entries: Sequence[Entry]) -> Any:
    """spaCy's own, with its faster kind of patterns: phrases, cut into words by the tokenizer of the texts."""
    ruler: Any = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": entry.name} for entry in entries])
    return ruler


def _nights(people: Sequence[Record], texts: Sequence[str]) -> Iterator[Row]:
    """The first night over all texts, one without anything new, and one with a hundred new texts."""
    files = [Record(str(at), "卷", description={"note": text}) for at, text in enumerate(texts)]
    with tempfile.TemporaryDirectory(prefix="bench-names-") as folder, Workers() as workers:
        store = RecordStore(folder)
        _put(store, "people", people)
        _put(store, "files", files)
        first = enrich(store, "first", [], workers=workers).seconds
        quiet = enrich(store, "second", [], workers=workers).seconds
        _put(store, "new", files[:NEW])
        new = enrich(store, "third", [], workers=workers)
    rate = round((len(people) + len(files)) / first, 1)
    detail = {"records": len(people) + len(files), "described": len(files), "seconds": round(first, 2)}
    yield Row("names, first night", "records/s", rate, detail=detail)
    yield Row("names, a night without anything new", "s", round(quiet, 3), round(first, 3), goal=0.05)
    yield Row("names, a night with 100 new records", "s", round(new.seconds, 3), detail={"read": new.read})


def _put(store: RecordStore, source: str, records: Sequence[Record]) -> None:
    """Rows as the intake writes them."""
    payloads = [encode(record) for record in records]
    ids = [record.source_id for record in records]
    with store.begin("bench") as commit:
        commit.add("source", {"action": ["index"], "record": ['{"title": "", "access": null}']}, source)
        columns: dict[str, Any] = {
            "item": ids,
            "source_id": ids,
            "action": ["index"] * len(ids),
            "checksum": [checksum(payload) for payload in payloads],
            "since": [commit.version] * len(ids),
            "record_kind": [record.kind for record in records],
            "nested": [False] * len(ids),
            "record": payloads,
        }
        commit.add("record", columns, source)
        commit.commit()
