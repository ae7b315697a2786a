"""Titles and texts of the shared corpus, mostly Chinese and Japanese, as records for an engine."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.resource import Member, Resource, mint
from mappings.access import Access
from mappings.record import Record

Said = tuple[str, str]
"""A title and a text."""
_OPEN = Access("open")


def said(corpus: Path) -> Iterator[Said]:
    """Everything, in a fixed order; about 150,000 in all."""
    return chain(poems(corpus), catalogues(corpus), papers(corpus), passages(corpus), library(corpus), persons(corpus))


def poems(corpus: Path) -> Iterator[Said]:
    """A thousand Tang poems and the lives of poets, traditional."""
    for poem in json.loads((corpus / "thematic/tang-poets/poet.tang.10000.json").read_text(encoding="utf-8")):
        yield poem["title"], "\n".join((poem["author"], *poem["paragraphs"]))
    for poet in json.loads((corpus / "thematic/tang-poets/authors.tang.json").read_text(encoding="utf-8")):
        yield poet["name"], poet["desc"]


def catalogues(corpus: Path) -> Iterator[Said]:
    """Editions of classical texts, and what the catalogue of the Kanseki Repository says of works."""
    with (corpus / "csv/chinese-text-catalogues/textref-kanripo.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["title"], " ".join((row["dynasty"], row["author"], row["edition"]))
    for file_ in sorted((corpus / "chinese/kanripo-catalog").rglob("*.[to][xr][tg]")):
        for line in file_.read_text(encoding="utf-8", errors="replace").split("\n"):
            if len(line) > 4 and not line.startswith((":", "#")):
                yield line.lstrip("* "), ""


def papers(corpus: Path) -> Iterator[Said]:
    """Abstracts of research papers, simplified."""
    for file in sorted((corpus / "thematic/chinese-research-papers/ts").iterdir()):
        for line in file.read_text(encoding="utf-8").splitlines():
            _, text, title = line.split("\t")
            yield title, text


def passages(corpus: Path) -> Iterator[Said]:
    """The passages of CMRC and the abstracts of Cranfield."""
    for name in ("cmrc2018-trial", "cranfield"):
        for line in (corpus / f"retrieval/{name}/corpus.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row.get("title") or "-", row["text"]


def library(corpus: Path) -> Iterator[Said]:
    """The fields of a library's MARC records, original script among them."""
    for file in sorted((corpus / "marc/searchworks").rglob("*.json*")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if not line.startswith('{"leader'):
                continue
            for field in json.loads(line)["fields"]:
                for value in field.values():
                    if isinstance(value, dict):
                        yield " ".join(part for sub in value["subfields"] for part in sub.values()), ""


def persons(corpus: Path) -> Iterator[Said]:
    """Names of persons of Chinese history."""
    with closing(sqlite3.connect(corpus / "thematic/cbdb-persons/cbdb_persons.sqlite")) as database:
        table = next(row[0] for row in database.execute("select name from sqlite_master where type = 'table'"))
        for row in database.execute(f"select * from {table}"):
            texts = [value for value in row if isinstance(value, str)]
            yield max(texts, key=lambda text: not text.isascii()), " ".join(texts)


def index(engine: Engine, texts: Iterable[Said]) -> list[Said]:
    """Index each as a record, by its place; what was indexed."""
    kept: list[Said] = []
    writer = engine.writer()
    for title, text in texts:
        record = Record(str(len(kept)), title or "-", description={"note": text} if text else {})
        writer.add(documents(Resource(mint("t", record.source_id), (Member("t", "Texts", record, _OPEN),)), mint))
        kept.append((title or "-", text))
    writer.commit(1)
    writer.close()
    engine.refresh()
    return kept
