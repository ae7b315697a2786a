"""The embedded engine: a folder, searched in process by tantivy.

Tokens come ready from `indexer.documents`, joined by spaces, and go through the whitespace analyzer. What this
engine cannot do by
itself - pages folded under their resource - is two queries: pages first, then resources that match or own a
matching page.
"""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import tantivy
from tantivy import Document, Index, Order, Query, Schema, SchemaBuilder, Searcher, SearchResult

from indexer.engines.siblings import Families, is_family
from indexer.engines.tantivy_query import Compiler
from indexer.errors import EngineUnavailable, IndexDamaged, IndexMissing, IndexVersionMismatch
from indexer.fields import FACET_VALUES, FACETS, FILTERS, HEADINGS, SCHEMA_VERSION, TEXTS, facet_field
from indexer.plan import Answer, Every, Hit, PageHit, Plan, Rights, count_hits

HEAP = 96_000_000
"""Bytes a writer may fill before it flushes a segment: fewer segments, faster facets."""
SEGMENT_VALUES = 65_000
"""Values a segment reports when there are several. With tantivy's default, counts of wide facets are wrong."""
SPARE_VALUES = 280
"""Facet values asked for beyond the twenty shown, so that ties at the edge can be told by value (they cost a few
microseconds)."""
PAGES_MOST = 100_000
"""Pages of one resource that are listed as matching."""
PAGES_RANKED = 200
"""Best pages looked at for one answer; matching and counting see all of them."""
OFFSET_MOST = 100_000
"""Hits that may be passed over: tantivy makes room for all of them. Beyond, a page is empty."""
MARKER = "marker"
_DECADE_VALUES = 2_000


def _schema() -> Schema:
    builder = SchemaBuilder()
    for name in ("id", "fonds", "sort_date", "sort_code"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("scope", "content", "above", "parent", "record", "authority", "code_key"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for field in TEXTS:
        if field.words:
            builder.add_text_field(field.word_layer, tokenizer_name="whitespace", index_option="freq")
        if field.grams:
            builder.add_text_field(field.gram_layer, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(HEADINGS, tokenizer_name="whitespace", index_option="basic")
    for name in FILTERS:
        builder.add_text_field(facet_field(name), tokenizer_name="raw", index_option="basic", fast=name in FACETS)
    for name in ("from", "to", "opens", "order", "number"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("store_version", "schema_version"):
        builder.add_integer_field(name, stored=True)
    for name in ("hit", "full", "staff"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


class TantivyEngine:
    """An index in a folder. Several processes may read it while one writes; readers see a new commit at their next
    question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index: Index | None = None
        self._stamp: tuple[int, int] | None = None
        self._searcher: Searcher | None = None
        self._compiler: Compiler | None = None
        self._version: int | None = None
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._families: Families | None = None

    def store_version(self) -> int | None:
        if not self._exists():
            return None
        self.refresh()
        return self._version

    def refresh(self) -> None:
        """Look at the newest commit, if there is one since the last look (a stat of one file)."""
        try:
            state = (self.folder / "meta.json").stat()
        except OSError as error:
            raise IndexMissing(f"There is no index in {self.folder} yet. Run `onestop sync` to build it.") from error
        stamp = (state.st_mtime_ns, state.st_ino)
        if stamp == self._stamp and self._searcher is not None:
            return
        if self._index is None:
            self._index = self._open()
        else:
            self._reload(self._index)
        searcher = self._index.searcher()
        self._version = self._check_marker(searcher, self._index.schema)
        self._searcher, self._stamp = searcher, stamp
        self._compiler = Compiler(self._index.schema)
        self._answers.clear()
        self._families = Families(searcher)

    def writer(self) -> TantivyWriter:
        """Begin writing; an index folder of another version is begun anew (it is only a view of the record store)."""
        try:
            if self._exists():
                self.refresh()
        except IndexVersionMismatch:
            self._discard()
        self.folder.mkdir(parents=True, exist_ok=True)
        index = self._index or (self._open() if self._exists() else Index(_schema(), path=str(self.folder)))
        try:
            writer = index.writer(HEAP, 1)
            # A writer that was stopped in its commit leaves files behind whose names this one would choose again.
            writer.garbage_collect_files()
        except ValueError as error:
            if "Lock" not in str(error):
                raise _unwritable(self.folder, error) from error
            raise EngineUnavailable(
                f"Another process is writing the index in {self.folder}; try again when it is done."
            ) from error
        self._index = index
        return TantivyWriter(self.folder, writer)

    def search(self, plan: Plan) -> Answer:
        self.refresh()
        compiler, searcher = self._ready()
        if is_family(plan) and (answer := self._of_family(plan)) is not None:
            return answer
        if plan.offset > OFFSET_MOST:
            plan = replace(plan, offset=0, size=0)
        pages = self._matching_pages(plan)
        query = compiler.resources(plan, pages.counts, pages.best)
        hits, total = self._hits(searcher, query, plan)
        answer = Answer(total, [Hit(score, stored) for score, stored in hits])
        if total == len(hits):
            count_hits(answer, plan)
        elif plan.facets or plan.histogram:
            self._count(answer, compiler.matching(plan, pages.counts), plan)
        if pages.counts:
            self._attach_pages(answer, plan, pages.counts)
        return answer

    def _of_family(self, plan: Plan) -> Answer | None:
        """Units below one, or how many they are, from the order that is kept of many of them."""
        compiler, families = self._ready()[0], self._families
        family = families.asked(plan, lambda: compiler.matching(plan, {})) if families else None
        if family is None:
            return None
        total = family.total if plan.before is None else family.before(plan.before)
        found = family.page(plan.offset, plan.size) if plan.size else []
        return Answer(total, [Hit(0.0, _stored(document)) for document in found])

    def get(self, resource_id: str, rights: Rights) -> dict[str, Any] | None:
        self.refresh()
        compiler, searcher = self._ready()
        found = searcher.search(compiler.one(resource_id, rights), 1, count=False).hits
        if not found:
            return None
        document = searcher.doc(found[0][1])
        whole = document
        if not document.get_first("full"):
            whole = searcher.doc(searcher.search(compiler.whole(resource_id, rights), 1, count=False).hits[0][1])
        staff = whole.get_first("staff") if rights.scope == "staff" else None
        return {"hit": _stored(document), "full": staff or whole.get_first("full")}

    def page(self, resource_id: str, number: int, rights: Rights, part: int = 1) -> dict[str, Any] | None:
        self.refresh()
        compiler = self._ready()[0]
        found = self._documents(compiler.sheet(resource_id, number, part, rights), 1)
        return _stored(found[0], "full") if found else None

    def page_numbers(self, resource_id: str, plan: Plan) -> list[int]:
        self.refresh()
        compiler, searcher = self._ready()
        if isinstance(plan.node, Every):
            return []
        query = compiler.pages(plan, within=resource_id)
        hits: Any = searcher.search(query, PAGES_MOST, count=False, order_by_field="number", order=Order.Asc).hits
        return [number for number, _ in hits]

    def page_hits(self, resource_id: str, numbers: Sequence[int], rights: Rights) -> list[PageHit]:
        self.refresh()
        if not numbers:
            return []
        found = self._documents(self._ready()[0].some_pages(resource_id, numbers, rights), len(numbers), "number")
        return [PageHit(0.0, _stored(document)) for document in found]

    def parts(self, resource_id: str, number: int, plan: Plan, size: int) -> list[dict[str, Any]]:
        self.refresh()
        found = self._documents(self._ready()[0].parts(resource_id, number, plan), size, "order")
        return [_stored(document, "full") for document in found]

    def _documents(self, query: Query, size: int, order: str | None = None) -> list[Document]:
        """The first documents a query finds, by a field when one is named."""
        searcher = self._ready()[1]
        if order is None:
            found = searcher.search(query, size, count=False)
        else:
            found = searcher.search(query, size, count=False, order_by_field=order, order=Order.Asc)
        return [searcher.doc(address) for _, address in found.hits]

    def _ready(self) -> tuple[Compiler, Searcher]:
        if self._compiler is None or self._searcher is None:
            raise IndexMissing(f"There is no index in {self.folder} yet. Run `onestop sync` to build it.")
        return self._compiler, self._searcher

    def _exists(self) -> bool:
        return (self.folder / "meta.json").exists()

    def _open(self) -> Index:
        try:
            return Index.open(str(self.folder))
        except ValueError as error:
            raise self._damaged(error) from error

    def _reload(self, index: Index) -> None:
        try:
            index.reload()
        except ValueError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: ValueError) -> IndexDamaged | EngineUnavailable:
        if "PermissionDenied" in str(error):
            return EngineUnavailable(
                f"The index in {self.folder} may not be opened; check owner and mode of the folder and of what is in "
                "it: readers, too, write its lock file."
            )
        return IndexDamaged(
            f"The index in {self.folder} cannot be read ({_line(error)}). Run `onestop sync --full`: it is built again "
            "from the records."
        )

    def _discard(self) -> None:
        self._index = self._searcher = self._stamp = None
        shutil.rmtree(self.folder)

    def _check_marker(self, searcher: Searcher, schema: Schema) -> int | None:
        """The store version of the marker document; an index without one was never committed by us."""
        try:
            found = searcher.search(Query.term_query(schema, "scope", MARKER), 1).hits
        except ValueError:
            raise IndexVersionMismatch(self._mismatch("an unknown schema")) from None
        if not found:
            if searcher.num_docs:
                raise IndexVersionMismatch(self._mismatch("an unknown schema"))
            return None
        marker = searcher.doc(found[0][1])
        if marker.get_first("schema_version") != SCHEMA_VERSION:
            raise IndexVersionMismatch(self._mismatch(f"schema {marker.get_first('schema_version')}"))
        version = marker.get_first("store_version")
        return version if isinstance(version, int) else None

    def _mismatch(self, found: str) -> str:
        return (
            f"The index in {self.folder} was built by another version of onestop "
            f"({found}; this one needs schema {SCHEMA_VERSION}). "
            "Run `onestop sync --full` to build it again from the records."
        )

    def _hits(self, searcher: Searcher, query: Query, plan: Plan) -> tuple[list[tuple[float, dict[str, Any]]], int]:
        order = {"date": "sort_date", "reference_code": "sort_code", "archival": "order"}.get(plan.sort)
        if order is None:
            found = searcher.search(query, max(plan.size, 1), count=True, offset=plan.offset)
        else:
            found = searcher.search(
                query, max(plan.size, 1), count=True, offset=plan.offset, order_by_field=order, order=Order.Asc
            )
        ranked = found.hits[: plan.size]
        return [
            (score if order is None else 0.0, _stored(searcher.doc(address))) for score, address in ranked
        ], _counted(found)

    def _count(self, answer: Answer, query: Query, plan: Plan) -> None:
        tables = self._tables(query, plan)
        cut = {name: _terms(name, SEGMENT_VALUES, True) for name in plan.facets if _cut_in_a_tie(tables[name])}
        if cut:
            tables = {**tables, **self._aggregate(query, cut)}
        for name in plan.facets:
            pairs = [(-bucket["doc_count"], bucket["key"]) for bucket in tables[name]["buckets"]]
            pairs.sort()
            answer.facets[name] = [(key, -count) for count, key in pairs[:FACET_VALUES]]
        if plan.histogram:
            answer.decades = sorted((int(bucket["key"]), bucket["doc_count"]) for bucket in tables["decade"]["buckets"])

    def _tables(self, query: Query, plan: Plan) -> dict[str, Any]:
        """Facet tables; those of the page everybody opens first (everything, unfiltered) are kept until the next
        commit."""
        several = self._ready()[1].num_segments > 1
        wanted = {name: _terms(name, FACET_VALUES + SPARE_VALUES, several) for name in plan.facets}
        if plan.histogram:
            wanted["decade"] = _terms("decade", _DECADE_VALUES, several)
        if (
            not isinstance(plan.node, Every)
            or plan.filters
            or plan.within
            or plan.parent
            or plan.year_from is not None
            or plan.year_to is not None
        ):
            return self._aggregate(query, wanted)
        key = f"{plan.rights.scope}:{sorted(wanted)}"
        if key not in self._answers:
            self._answers[key] = self._aggregate(query, wanted)
        return self._answers[key]

    def _aggregate(self, query: Query, wanted: dict[str, Any]) -> dict[str, Any]:
        return self._ready()[1].aggregate(query, wanted)

    def _matching_pages(self, plan: Plan) -> _Pages:
        compiler, searcher = self._ready()
        if isinstance(plan.node, Every) or not searcher.doc_freq("scope", f"page:{plan.rights.scope}"):
            return _Pages({}, {})
        query = compiler.pages(plan)
        ranked = searcher.search(query, PAGES_RANKED, count=True)
        if not _counted(ranked):
            return _Pages({}, {})
        table = searcher.aggregate(
            query, {"id": {"terms": {"field": "id", "size": SEGMENT_VALUES, "segment_size": SEGMENT_VALUES}}}
        )
        counts = {bucket["key"]: bucket["doc_count"] for bucket in table["id"]["buckets"]}
        owners = self._owners(ranked.hits)
        best: dict[str, float] = {}
        for (score, _), owner in zip(ranked.hits, owners, strict=True):
            best.setdefault(owner, score)
        return _Pages(counts, best)

    def _owners(self, hits: list[tuple[float, Any]]) -> list[str]:
        searcher = self._ready()[1]
        return [_stored(searcher.doc(address))["id"] for _, address in hits]

    def _attach_pages(self, answer: Answer, plan: Plan, counts: dict[str, int]) -> None:
        shown = {hit.stored["id"]: hit for hit in answer.hits if hit.stored["id"] in counts}
        if not shown or not plan.pages_per_hit:
            return
        compiler, searcher = self._ready()
        for identifier, hit in shown.items():
            hit.page_hits = counts[identifier]
            found = searcher.search(compiler.pages(plan, within=identifier), plan.pages_per_hit, count=False).hits
            hit.pages = [PageHit(score, _stored(searcher.doc(address))) for score, address in found]


class _Pages:
    """Matching pages: how many each resource has, and the best score of the best-ranked ones."""

    __slots__ = ("best", "counts")

    def __init__(self, counts: dict[str, int], best: dict[str, float]) -> None:
        self.counts = counts
        self.best = best


def _stored(document: Document, field: str = "hit") -> dict[str, Any]:
    """The JSON stored in a field of a document."""
    loaded: dict[str, Any] = orjson.loads(document.get_first(field) or b"{}")
    return loaded


def _counted(result: SearchResult) -> int:
    """The exact number of matches (`count` is missing from tantivy's stubs)."""
    count: int = result.count  # type: ignore[attr-defined]
    return count


def _terms(name: str, size: int, several_segments: bool) -> dict[str, Any]:
    wanted: dict[str, Any] = {"field": facet_field(name), "size": size}
    if several_segments:
        wanted["segment_size"] = SEGMENT_VALUES
    return {"terms": wanted}


def _cut_in_a_tie(table: dict[str, Any]) -> bool:
    """Were values left out that occur as often as the last one shown?"""
    buckets = table["buckets"]
    if not table.get("sum_other_doc_count") or len(buckets) <= FACET_VALUES:
        return False
    return bool(buckets[-1]["doc_count"] == buckets[FACET_VALUES - 1]["doc_count"])


class TantivyWriter:
    """One writing session on the folder."""

    def __init__(self, folder: Path, writer: tantivy.IndexWriter) -> None:
        self._folder = folder
        self._writer = writer

    def delete(self, resource_ids: Iterable[str]) -> None:
        for resource_id in resource_ids:
            self._writer.delete_documents_by_term("id", resource_id)

    def clear(self) -> None:
        self._writer.delete_all_documents()

    def add(self, documents: Iterable[bytes]) -> None:
        with self._writing():
            for document in documents:
                self._writer.add_json(document.decode())

    def commit(self, store_version: int) -> None:
        """The marker document goes into the same commit: tantivy-py offers no commit payload."""
        self._writer.delete_documents_by_term("scope", MARKER)
        marker = {"id": MARKER, "scope": [MARKER], "store_version": store_version, "schema_version": SCHEMA_VERSION}
        with self._writing():
            self._writer.add_json(orjson.dumps(marker).decode())
            self._writer.commit()

    def close(self) -> None:
        with suppress(ValueError):  # a writer that failed has nothing to take back: it never got to its commit
            self._writer.rollback()
            self._writer.wait_merging_threads()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise _unwritable(self._folder, error) from error


def _unwritable(folder: Path, error: ValueError) -> EngineUnavailable:
    return EngineUnavailable(
        f"The index in {folder} cannot be written ({_line(error)}); make room on the disk, then run `onestop sync` "
        "again: until then it shows what it showed."
    )


def _line(error: ValueError) -> str:
    """The first line of what tantivy says, without the contents of files that it quotes."""
    return (str(error).splitlines() or [type(error).__name__])[0].partition(" Content: ")[0][:300].rstrip(".")
