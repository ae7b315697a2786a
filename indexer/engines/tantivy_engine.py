"""The embedded engine: a folder, searched in process by tantivy.

Tokens come ready from `indexer.documents`, joined by spaces, and go through the whitespace analyzer. What this
engine cannot do by
itself - pages folded under their resource - is two queries: pages first, then resources that match or own a
matching page.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import orjson
import tantivy
from tantivy import DocAddress, Document, Index, Order, Query, Schema, SchemaBuilder, Searcher

from indexer.engines.base import Beginning
from indexer.engines.facet_counts import SEGMENT_VALUES, FacetCounts, Profiles, Table
from indexer.engines.first_pages import FirstPages, is_everything
from indexer.engines.marker import MARKER, marker
from indexer.engines.siblings import Families, is_family
from indexer.engines.tantivy_query import Compiler
from indexer.engines.tantivy_ranks import Ranked, Ranking, counted
from indexer.errors import EngineUnavailable, IndexDamaged, IndexMissing, IndexVersionMismatch
from indexer.fields import (
    DESCRIPTION,
    FACETS,
    FILTER,
    FORMS,
    HEADINGS,
    KEYS,
    PAGE_FORMS,
    PROFILES,
    SCHEMA_VERSION,
    VALUES,
    WEIGHT,
    facet_field,
)
from indexer.layers import every_field
from indexer.plan import (
    PAGES_RANKED,
    PER_GROUP,
    Answer,
    Every,
    Group,
    Hit,
    Node,
    PageHit,
    Plan,
    Rights,
    Term,
    count_hits,
    ranked,
    without_filter,
    without_hits,
)
from indexer.resource import id_number
from indexer.suggest_keys import audiences, commonest
from mappings.text import stem

HEAP = 96_000_000
"""Bytes a writer may fill before it flushes a segment: fewer segments, faster facets."""
PAGES_MOST = 100_000
"""Pages of one resource that are listed as matching."""


Counted = tuple[dict[str, list[tuple[str, int]]], list[tuple[int, int]]]
"""Facets and decades of an answer."""


def _schema() -> Schema:
    builder = SchemaBuilder()
    for name in ("id", "fonds", "sort_code"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (
        FILTER,
        "scope",
        "content",
        "place",
        "release",
        "above",
        "parent",
        "record",
        "authority",
        "code_key",
        VALUES,
        KEYS,
    ):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for field in every_field():
        if field.words:
            builder.add_text_field(field.word_layer, tokenizer_name="whitespace", index_option="freq")
        if field.grams:
            builder.add_text_field(field.gram_layer, tokenizer_name="whitespace", index_option="position")
    for name in FACETS:
        builder.add_text_field(facet_field(name), tokenizer_name="raw", index_option="basic", fast=True)
    _add_sets(builder)
    _add_numbers(builder)
    for name in ("hit", "full", "staff"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


def _add_numbers(builder: SchemaBuilder) -> None:
    for name in ("from", "to", "opens", "shuts", "order", "number", "owner", "fonds_key", WEIGHT, *PROFILES):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("sort_date", "alike", "twin"):
        builder.add_integer_field(name, fast=True)
    builder.add_integer_field("paged", indexed=True)
    for name in ("store_version", "schema_version"):
        builder.add_integer_field(name, stored=True)


def _add_sets(builder: SchemaBuilder) -> None:
    """Fields that are tokens without places or counts."""
    for name in (HEADINGS, FORMS, PAGE_FORMS):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")


class TantivyEngine:
    """An index in a folder. Several processes may read it while one writes; readers see a new commit at their next
    question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._meta = str(folder / "meta.json")
        self._index: Index | None = None
        self._stamp: tuple[int, int] | None = None
        self._searcher: Searcher | None = None
        self._compiler: Compiler | None = None
        self._version: int | None = None
        self._profiles = Profiles()
        self._counts: FacetCounts | None = None
        self._everything: dict[tuple[object, ...], Counted] = {}
        self._first_pages = FirstPages()
        self._families: Families | None = None

    def store_version(self) -> int | None:
        if not self._exists():
            return None
        self.refresh()
        return self._version

    def refresh(self) -> None:
        """Look at the newest commit, if there is one since the last look (a stat of one file)."""
        try:
            state = os.stat(self._meta)  # noqa: PTH116  # a path would be put together anew for each question
        except OSError as error:
            raise self._missing() from error
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
        self._compiler = Compiler(self._index.schema, lambda query: counted(searcher.search(query, 1, count=True)))
        self._counts = FacetCounts(searcher, self._index.schema, self._profiles)
        self._everything = {}
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
        searcher = self._ready()[1]
        if plan.authorities:
            known = tuple(key for key in plan.authorities if searcher.doc_freq("authority", key))
            if not known:
                return Answer(0, [])
            plan = replace(plan, authorities=known)
        if is_family(plan) and (answer := self._of_family(plan)) is not None:
            return answer
        return self._first_pages.answer(plan, lambda: self._stamp, self._found)

    def _found(self, plan: Plan) -> Answer:
        compiler, searcher = self._ready()
        pages = self._matching_pages(plan)
        matching = compiler.matching(plan, pages.counts)
        answer = self._ranked(Ranking(searcher, compiler, self._scored(plan, matching, pages), plan), plan)
        if answer.total == len(answer.hits):
            count_hits(answer, plan)
        elif plan.facets or plan.histogram:
            self._count(answer, matching, plan)
        for name in plan.facets:
            if name in plan.filters:
                self._count_freely(answer, compiler.matching(without_filter(plan, name), pages.counts), plan, name)
        if pages.counts:
            self._attach_pages(answer, plan, pages)
        if families := [hit for hit in answer.hits if hit.folded and hit.stored["ancestors"]]:
            self._count_siblings(families, compiler.matching(plan, pages.counts))
        return answer

    def _scored(self, plan: Plan, matching: Query, pages: _Pages) -> Query:
        """The match set with its scores, where they are needed."""
        compiler = self._ready()[0]
        if not plan.size or plan.sort != "relevance":
            return matching
        by_pages = compiler.matching(plan, pages.counts, pages.scores()) if pages.counts else matching
        return compiler.resources(plan, by_pages)

    def _of_family(self, plan: Plan) -> Answer | None:
        """Units below one, or how many they are, from the order that is kept of many of them."""
        compiler, families = self._ready()[0], self._families
        family = families.asked(plan, lambda: compiler.matching(plan, ())) if families else None
        if family is None:
            return None
        total = family.total if plan.before is None else family.before(plan.before)
        found = family.page(plan.offset, plan.size) if plan.size else []
        return Answer(total, [Hit(0.0, _stored(document)) for document in found])

    def get(self, resource_id: str, rights: Rights, whole: bool = False) -> dict[str, Any] | None:
        self.refresh()
        compiler, searcher = self._ready()
        found = searcher.search(compiler.one(resource_id, rights), 1, count=False).hits
        if not found:
            return None
        document = searcher.doc(found[0][1])
        source = document
        if whole or not document.get_first("full"):
            source = next(iter(self._documents(compiler.whole(resource_id, rights), 1)), document)
        staff = source.get_first("staff") if rights.scope == "staff" else None
        return {"hit": _stored(document), "full": staff or source.get_first("full")}

    def values(self, beginning: str, rights: Rights, limit: int) -> list[tuple[str, int]]:
        self.refresh()
        searcher = self._ready()[1]
        counts: Counter[str] = Counter()
        for audience in audiences(rights.scope):
            for term, count in searcher.terms_with_prefix(VALUES, audience + beginning, limit=limit):
                counts[term[1:]] += count
        return commonest(counts, limit)

    def foresee(self, plans: Iterable[Plan], beginnings: Iterable[Beginning] = ()) -> None:
        """Asking costs no way."""

    def counts(self, plans: Sequence[Plan]) -> list[int]:
        return [self.search(without_hits(plan)).total for plan in plans]

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
        query = compiler.of_owner(compiler.pages(plan), resource_id)
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

    def frequencies(self, terms: Sequence[Term]) -> list[int]:
        self.refresh()
        return list(map(self._frequency, terms))

    def _frequency(self, term: Term) -> int:
        compiler, searcher = self._ready()
        if term.field is not None:
            return counted(searcher.search(compiler.with_heading(term.field, term.text), 1, count=True))
        return searcher.doc_freq(DESCRIPTION.word_layer, stem(term.folded))

    def texts(self, node: Node, rights: Rights) -> Iterator[tuple[str, int | None]]:
        self.refresh()
        compiler, searcher = self._ready()
        for query in (compiler.described(node, rights), compiler.paged(node, rights)):
            total = counted(searcher.search(query, 1, count=True))
            for hit in _hits_of(searcher, query, total):
                yield hit["id"], hit.get("number")

    def _ready(self) -> tuple[Compiler, Searcher]:
        if self._compiler is None or self._searcher is None:
            raise self._missing()
        return self._compiler, self._searcher

    def _missing(self) -> IndexMissing:
        return IndexMissing(f"There is no index in {self.folder} yet. Run `onestop sync` to build it.")

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

    def _ranked(self, ranking: Ranking, plan: Plan) -> Answer:
        """The slice that is wanted, with what is stored for its hits."""
        if plan.grouped:
            _, total = ranking.slice(0, 0)
            found, more = ranking.groups(plan.offset, plan.size, PER_GROUP)
            groups = [Group(group.total, list(map(self._hit, group.hits))) for group in found]
            return Answer(total, [], groups=groups, more_groups=more)
        if plan.folded:
            hits, total, hidden = ranking.folded(plan.offset, plan.size)
            return Answer(total, list(map(self._hit, hits)), hidden)
        hits, total = ranking.slice(plan.offset, plan.size)
        return Answer(total, list(map(self._hit, hits)))

    def _hit(self, ranked: Ranked) -> Hit:
        stored = self._ready()[1].doc
        hit = Hit(ranked.score, _stored(stored(ranked.address)))
        hit.folded = [_stored(stored(address)) for address in ranked.folded]
        return hit

    def _count_siblings(self, hits: Sequence[Hit], query: Query) -> None:
        """How many of the match set are near-identical with each of the hits: counted below their parents only."""
        compiler, searcher = self._ready()
        below = compiler.below(query, {hit.stored["ancestors"][-1]["id"] for hit in hits})
        wanted = {"alike": {"terms": {"field": "alike", "size": SEGMENT_VALUES, "segment_size": SEGMENT_VALUES}}}
        counts = {
            bucket["key"]: bucket["doc_count"] for bucket in searcher.aggregate(below, wanted)["alike"]["buckets"]
        }
        for hit in hits:
            hit.siblings = counts[hit.stored["alike"][0]] - 1

    def _count(self, answer: Answer, query: Query, plan: Plan) -> None:
        """Facets and decades; those of the page everybody opens first (everything, unfiltered) are kept until the next
        commit."""
        if not is_everything(plan):
            facets, answer.decades = self._counted_facets(query, plan, answer.total)
        else:
            kept, key = self._everything, (plan.rights.scope, plan.facets, plan.histogram)
            if key not in kept:
                kept[key] = self._counted_facets(query, plan, answer.total)
            facets, answer.decades = kept[key]
        answer.facets |= facets

    def _counted_facets(self, query: Query, plan: Plan, total: int) -> Counted:
        names = [name for name in plan.facets if name not in plan.filters]
        wanted = tuple(dict.fromkeys((*names, "decade") if plan.histogram else names))
        tables = self._counted_in(query, wanted, total, bool(plan.facet_text))
        decades = sorted((int(value), count) for value, count in tables["decade"]) if plan.histogram else []
        return {name: ranked(name, tables[name], plan.facet_text) for name in names}, decades

    def _count_freely(self, answer: Answer, query: Query, plan: Plan, name: str) -> None:
        """A facet over a wider match set than that of the answer."""
        most = self._ready()[1].num_docs
        table = self._counted_in(query, (name,), most, bool(plan.facet_text))[name]
        answer.facets[name] = ranked(name, table, plan.facet_text)

    def _counted_in(self, query: Query, facets: tuple[str, ...], total: int, whole: bool = False) -> dict[str, Table]:
        if self._counts is None:
            raise self._missing()
        return self._counts.tables(query, facets, total, whole)

    def _matching_pages(self, plan: Plan) -> _Pages:
        compiler, searcher = self._ready()
        if isinstance(plan.node, Every) or plan.descriptions:
            return NO_PAGES
        if not searcher.doc_freq("scope", f"page:{plan.rights.scope}"):
            return NO_PAGES
        query = compiler.pages(plan)
        found = searcher.search(query, PAGES_RANKED, count=True)
        hits = found.hits
        if not hits:
            return NO_PAGES
        owners = cast("list[int]", searcher.fast_field_values("owner", [address for _, address in hits]))
        best: dict[int, list[PageFound]] = {}
        for owner, page in zip(owners, hits, strict=True):
            best.setdefault(owner, []).append(page)
        if counted(found) == len(hits):
            return _Pages(query, {owner: len(pages) for owner, pages in best.items()}, best)
        wanted = {"owner": {"terms": {"field": "owner", "size": SEGMENT_VALUES, "segment_size": SEGMENT_VALUES}}}
        table = searcher.aggregate(query, wanted)["owner"]
        return _Pages(query, {bucket["key"]: bucket["doc_count"] for bucket in table["buckets"]}, best)

    def _attach_pages(self, answer: Answer, plan: Plan, pages: _Pages) -> None:
        """Best pages of each hit: those among the best of all, or, where these are too few, by asking again."""
        compiler, searcher = self._ready()
        hits = [*answer.hits, *(hit for group in answer.groups for hit in group.hits)]
        for hit in hits if plan.pages_per_hit else ():
            owner = id_number(hit.stored["id"])
            hit.page_hits = pages.counts.get(owner, 0)
            wanted = min(hit.page_hits, plan.pages_per_hit)
            found = pages.best.get(owner, [])[:wanted]
            if len(found) < wanted:
                query = compiler.of_owner(pages.query, hit.stored["id"])
                found = searcher.search(query, wanted, count=False).hits
            hit.pages = [PageHit(score, _stored(searcher.doc(address))) for score, address in found]


PageFound = tuple[float, DocAddress]


class _Pages:
    """Matching pages by the number of their resource: how many each has, and those among the best of all, best
    first; and the query that finds them."""

    __slots__ = ("best", "counts", "query")

    def __init__(self, query: Query, counts: dict[int, int], best: dict[int, list[PageFound]]) -> None:
        self.query = query
        self.counts = counts
        self.best = best

    def scores(self) -> dict[int, float]:
        """The best score of each resource that has one of the best pages."""
        return {owner: pages[0][0] for owner, pages in self.best.items()}


NO_PAGES = _Pages(Query.empty_query(), {}, {})


def _hits_of(searcher: Searcher, query: Query, total: int) -> Iterator[dict[str, Any]]:
    """What is stored for hits, of all documents that match, in no order."""
    if total:
        for _, address in searcher.search(query, total, count=False).hits:
            yield _stored(searcher.doc(address))


def _stored(document: Document, field: str = "hit") -> dict[str, Any]:
    """The JSON stored in a field of a document."""
    loaded: dict[str, Any] = orjson.loads(document.get_first(field) or b"{}")
    return loaded


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

    def commit(self, store_version: int) -> dict[str, str]:
        """The marker document goes into the same commit: tantivy-py offers no commit payload."""
        self._writer.delete_documents_by_term("scope", MARKER)
        with self._writing():
            self._writer.add_json(orjson.dumps(marker(store_version)).decode())
            self._writer.commit()
        return {}

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
