"""Names: the gazetteer component against spaCy's EntityRuler with the same 50,000 names; what a night of names costs.

The Chinese names are CBDB's (most of two or three characters), the English ones made up; names are set into the marked
descriptions. The nights are those of the step over the persons and these texts.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice, product
from pathlib import Path
from typing import Any

from spacy.language import Language

from mappings.record import Authority, Dates, Record, checksum, encode
from pipelines.enrichment.entries import entry_of
from pipelines.enrichment.gazetteer import Gazetteer
from pipelines.enrichment.languages import GazetteerComponent, chinese_pipeline, english_pipeline
from pipelines.enrichment.step import enrich
from pipelines.enrichment.words import words
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
    titles, made_up = [record.title for record in people], _made_up()
    texts = list(_chinese(titles))
    return [
        _against_ruler("gazetteer of 50,000 names, English", _bare("en"), made_up, list(_english(made_up))),
        _against_ruler("gazetteer of 50,000 names, Chinese", _bare("zh"), titles, texts),
        *_nights(people, texts),
    ]


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


def _chinese(names: Sequence[str]) -> Iterator[str]:
    """Marked descriptions, in each of which two names are set in."""
    chance = random.Random(SEED)
    written = [one["text"] for one in descriptions() if one["id"].startswith("zh")]
    for number in range(TEXTS):
        text = written[number % len(written)]
        at = chance.randrange(len(text))
        yield f"{text[:at]}，{chance.choice(names)}，{text[at:]}，與{chance.choice(names)}友善。"


def _english(names: Sequence[str]) -> Iterator[str]:
    """Marked descriptions, with a name at the end of every other one."""
    chance = random.Random(SEED)
    written = [one["text"][:90] for one in descriptions() if one["id"].startswith("en")]
    for number in range(TEXTS):
        yield written[number % len(written)] + (f" by {chance.choice(names)}." if number % 2 else "")


def _made_up() -> list[str]:
    """Given names of our list with family names made of syllables."""
    syllables = (
        "bar",
        "den",
        "fol",
        "gri",
        "hal",
        "ker",
        "lan",
        "mor",
        "nes",
        "pol",
        "rad",
        "son",
        "tov",
        "wick",
        "zan",
    )
    families = ["".join(parts).capitalize() for parts in product(syllables, repeat=2)]
    given = sorted(words("en_forenames"))
    return [" ".join(name) for name in islice(product(given, families), NAMES)]


def _against_ruler(title: str, nlp: Language, names: Sequence[str], texts: Sequence[str]) -> Row:
    """Documents a second of processor time: our component on Docs, and a pipeline of the same tokenizer and spaCy's
    EntityRuler on texts.

    The ruler has the faster kind of patterns, phrases. `ruler_alone` leaves out its tokenizer.
    """
    records = (Record(str(at), name, authority=Authority("person")) for at, name in enumerate(names))
    entries = [entry for record in records if (entry := entry_of("names", record))]
    gazetteer = GazetteerComponent(Gazetteer(entries))
    ruler: Any = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": entry.name} for entry in entries])
    played = in_turns(
        {
            "ours": lambda: _rate(gazetteer, [nlp.make_doc(text) for text in texts]),
            "alone": lambda: _rate(ruler, [nlp.make_doc(text) for text in texts]),
            "pipeline": lambda: _rate(nlp, texts),
        },
        ROUNDS,
    )
    docs = [nlp(text) for text in texts]
    found = sum(len(gazetteer(doc).user_data["found"]) for doc in docs)
    by_ruler = sum(len(doc.ents) for doc in docs)
    ours, alone, pipeline = (middle(played[name]) for name in ("ours", "alone", "pipeline"))
    detail = {
        "names": len(entries),
        "texts": len(texts),
        "found": found,
        "found_by_ruler": by_ruler,
        "ruler_alone": alone,
    }
    return Row(title, "docs/s", ours, pipeline, goal=15, goal_is="at least", detail={**detail, "ruler_alone": alone})


def _bare(language: str) -> Language:
    """A pipeline of nothing but our tokenizer."""
    nlp = chinese_pipeline() if language == "zh" else english_pipeline()
    for name in nlp.pipe_names:
        nlp.remove_pipe(name)
    return nlp


def _rate(component: Callable[[Any], Any], texts: Sequence[Any]) -> float:
    """Documents a second of processor time: the same on a busy machine."""
    begun = time.process_time()
    for text in texts:
        component(text)
    return len(texts) / (time.process_time() - begun)


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
