"""The large archive that finding is measured on: catalogues repeated with varied words, Chinese abstracts, volumes of
pages; as our index, and as the opponents' JSON Lines.

usage: python -m tests.benchmarks.finding_corpus DATA WORKSPACE FOLD PAGES      prints what was written as one JSON line

Finding aids, two catalogues (one of 17,124 Chinese titles) and library records grow as `growth_corpus` has it: copy 0
is the corpus itself, in copy `k` rare words are others. Abstracts and pages are cut and varied in the same way. An
opponent gets every resource and every page as a document of its own, with the text that ours shows of it. Pages have
text and no boxes: an opponent holds none.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

from connectors.base import RawItem
from connectors.registry import connector
from indexer.documents import document_stream
from indexer.engines import open_engine
from indexer.fields import FACETS, facet_field
from indexer.resource import Member, Resource, mint
from mappings.access import effective
from mappings.base import MappingOptions
from mappings.record import Copy, Page, Record
from mappings.registry import mapping
from tests.benchmarks.growth_corpus import Corpus, varied, write

HISTOGRAM = "histogram"
PEER_FACETS = (*FACETS, HISTOGRAM)
"""The opponents' facets; the last one stands for our histogram."""
CORPUS = "corpus.jsonl"
VOLUME = 50
"""Pages of a volume; every hundredth volume has 2,000."""
LARGE_VOLUME = 2_000
FREQUENT = 300
"""Words and Han characters of abstracts and pages that stay as they are in every copy."""
_TOKEN = re.compile(r"[^\W\d_\u3400-\u9fff]{4,}|[\u3400-\u9fff]|(?:[^\w\u3400-\u9fff]|[\d_])+|.", re.S)
TABLES = {
    "catalogue": ("**/textref*.csv", {"id": "primary_id", "title": "title", "creator": "author"}),
    "newspapers": ("**/*locations.csv", {"id": "title_id", "title": "newspaper_title"}),
}
"""Tables of the growing corpus: source, its files, its columns."""


class Texts:
    """Texts of which any number of copies can be had, each with words of its own."""

    def __init__(self, texts: Sequence[str]) -> None:
        cut = [_TOKEN.findall(text) for text in texts]
        times = Counter(token for tokens in cut for token in tokens if token.isalpha())
        common = {token for token, _ in times.most_common(FREQUENT)}
        self._numbers = {token: number for number, token in enumerate(dict.fromkeys(t for ts in cut for t in ts))}
        self._varies = [token.isalpha() and token not in common for token in self._numbers]
        self._cut = [[self._numbers[token] for token in tokens] for tokens in cut]

    def copy(self, number: int) -> list[str]:
        """All texts as a copy has them; copy 0 is what was given."""
        words = zip(self._numbers, self._varies, strict=True)
        table = [varied(token, number) if number and varies else token for token, varies in words]
        return ["".join(map(table.__getitem__, tokens)) for tokens in self._cut]


def resources(data: Path, fold: int, pages: int) -> Iterator[Resource]:
    """The archive, one resource a record, as unlinked sources give them."""
    corpus = Corpus(data)
    for number in range(fold):
        with tempfile.TemporaryDirectory(prefix="finding-") as place:
            write(corpus, Path(place), [number])
            for source, record in _catalogued(Path(place)):
                yield _resource(source, record)
    for source, record in (*_abstracts(data, fold), *_volumes(data, pages)):
        yield _resource(source, record)


def _resource(source: str, record: Record) -> Resource:
    member = Member(source, source, record, effective(record.access, "open"))
    return Resource(mint(source, record.source_id), (member,))


def _catalogued(folder: Path) -> Iterator[tuple[str, Record]]:
    yield from read("ead", folder / "ead", "ead")
    if (folder / "marc").is_dir():
        yield from read("marc", folder / "marc", "marc")
    for source, (files, columns) in TABLES.items():
        yield from read(source, folder / "csv", "table", files, MappingOptions(columns=dict(columns)))


def read(
    source: str, folder: Path, name: str, files: str = "**/*", options: MappingOptions | None = None
) -> Iterator[tuple[str, Record]]:
    """The records of files below a folder, each with the source it is said to be of."""
    reader = mapping(name, options or MappingOptions())
    items = connector("folder", {"path": str(folder), "glob": files}, folder).read(None)
    outcomes = (outcome for item in items if isinstance(item, RawItem) for outcome in reader.records([item]))
    yield from ((source, record) for record in outcomes if isinstance(record, Record))


def _abstracts(data: Path, fold: int) -> Iterator[tuple[str, Record]]:
    file = data / "thematic/chinese-research-papers/ts/dev.tsv"
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    texts = Texts([text for _, abstract, title in rows for text in (title, abstract)])
    for number in range(fold):
        copy = texts.copy(number)
        for row, (title, abstract) in enumerate(zip(copy[::2], copy[1::2], strict=True)):
            description = {"scope_and_content": abstract}
            yield "papers", Record(f"{number}.{row}", title, kind="thematic", description=description)


def _volumes(data: Path, pages: int) -> Iterator[tuple[str, Record]]:
    titles = [record.title for _, record in read("c", data / "csv", "table", *_table("catalogue"))]
    texts, name, number = _page_texts(data, pages), cycle(titles), 0
    while volume := list(islice(texts, LARGE_VOLUME if number % 100 == 99 else VOLUME)):
        made = tuple(Page(at, text) for at, text in enumerate(volume, 1))
        copy = Copy(page_count=len(made), pages=made)
        yield "scans", Record(f"v{number}", f"{next(name)} {number}", kind="digital", copies=(copy,))
        number += 1


def _table(source: str) -> tuple[str, MappingOptions]:
    files, columns = TABLES[source]
    return files, MappingOptions(columns=dict(columns))


def _page_texts(data: Path, count: int) -> Iterator[str]:
    """Texts of real pages, Chinese and European, as often as needed, each time with other words."""
    found = [
        page.text
        for name, folder in (("page", "chinese-woodblock-page-xml"), ("alto", "newspapers-alto-hocr"))
        for _, record in read("scans", data / "digitised" / folder, name, "**/*.xml")
        for copy in record.copies
        for page in copy.pages
        if page.text
    ]
    texts, number = Texts(found), 0
    while count > 0:
        yield from texts.copy(number)[:count]
        count, number = count - len(found), number + 1


def build(data: Path, workspace: Path, fold: int, pages: int) -> dict[str, Any]:
    """Our index in ``WORKSPACE/index`` and the opponents' documents beside it: how many of what, and the seconds the
    index took."""
    engine = open_engine("tantivy:index", workspace)
    writer, busy = engine.writer(), 0.0
    counts = {"resources": 0, "pages": 0}
    with (workspace / CORPUS).open("wb") as out:
        for resource in resources(data, fold, pages):
            begun = time.perf_counter()
            made = list(document_stream(resource, mint))
            writer.add(made)
            busy += time.perf_counter() - begun
            lines = list(peer_documents(made))
            counts["resources"] += 1
            counts["pages"] += len(lines) - 1
            out.writelines(lines)
    begun = time.perf_counter()
    writer.commit(1)
    writer.close()
    return {**counts, "seconds": round(busy + time.perf_counter() - begun, 1)}


def peer_documents(made: Sequence[bytes]) -> Iterator[bytes]:
    """A resource and its pages as an opponent's lines: id, title, text, path and the facets."""
    title: str = ""
    for document in map(orjson.loads, made):
        if "hit" not in document:  # parts of what is long, which an opponent holds in one piece
            continue
        hit = orjson.loads(b64decode(document["hit"]))
        if "page:reader" in document["scope"]:
            yield _line(f"{hit['id']}/{hit['number']}", title, hit["text"], [], {})
        elif "resource:reader" in document["scope"]:
            title = hit["title"]
            facets = {name: document.get(facet_field(name), []) for name in FACETS}
            path = [ancestor["title"] for ancestor in hit["ancestors"]]
            yield _line(hit["id"], title, hit["text"], path, {**facets, HISTOGRAM: facets["decade"]})


def _line(identifier: str, title: str, text: str, path: list[str], facets: dict[str, Any]) -> bytes:
    return orjson.dumps({"id": identifier, "title": title, "text": text, "path": path, **facets}) + b"\n"


if __name__ == "__main__":
    print(json.dumps(build(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
