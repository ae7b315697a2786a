"""The engine on a cluster: OpenSearch or Elasticsearch, which shard and replicate the index; asked by its alias."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from indexer.engines.base import Beginning
from indexer.engines.cluster import bodies, queries, walk
from indexer.engines.cluster.address import ClusterAddress
from indexer.engines.cluster.asked import Batch, Habit, answered
from indexer.engines.cluster.build import go_back
from indexer.engines.cluster.connection import connect
from indexer.engines.cluster.dsl import Query
from indexer.engines.cluster.index import Index, Lenient, raw, stored
from indexer.engines.cluster.writer import ClusterWriter
from indexer.engines.first_pages import FirstPages
from indexer.engines.foreseen import Foreseen, key_of
from indexer.fields import VALUES
from indexer.plan import Answer, Every, Node, PageHit, Plan, Rights, Term, without_hits
from indexer.suggest_keys import audiences, commonest

TRIES = 3
"""How often a question is put while what it found is replaced by a commit at the same moment."""
_NUMBER = [{"number": {"order": "asc"}}]
_ORDER = [{"order": {"order": "asc"}}]
_SPECIAL = frozenset('.?+*|{}[]()"\\#@&<>~^$-')
"""What means something in an expression of Lucene."""
Document = dict[str, Any]


class ClusterEngine:
    """An index behind an alias. Safe to share between threads; readers see a new commit within a second."""

    def __init__(self, address: ClusterAddress) -> None:
        self.address = address
        self._connection = connect(address)
        self._index = Index(self._connection)
        self._first_pages, self._habit, self._foreseen = FirstPages(), Habit(), Foreseen()

    def store_version(self) -> int | None:
        return self._index.version()

    def refresh(self) -> None:
        self._index.forget()

    def writer(self) -> ClusterWriter:
        """Begin writing. Raises EngineUnavailable when another run writes, or what stands there is not ours."""
        return ClusterWriter(self._connection, self._index.forget)

    def go_back(self) -> str:
        """See `KeepsLast`."""
        said = go_back(self._connection)
        self._index.forget()
        return said

    def search(self, plan: Plan) -> Answer:
        return self._first_pages.answer(plan, self._index.state, self._found)

    def _found(self, plan: Plan) -> Answer:
        foreseen: Answer | None = self._foreseen.take(key_of(plan))
        if foreseen is not None:
            return foreseen
        for _ in range(TRIES):
            answer, is_whole = answered(self._index, [plan], self._habit)[0]
            if is_whole or answer.partial:
                break
        return answer

    def counts(self, plans: Sequence[Plan]) -> list[int]:
        asked = list(map(without_hits, plans))
        known = [self._foreseen.take(key_of(plan)) for plan in asked]
        unknown = [plan for plan, answer in zip(asked, known, strict=True) if answer is None]
        found = iter(answered(self._index, unknown, self._habit))
        return [(answer or next(found)[0]).total for answer in known]

    def foresee(self, plans: Iterable[Plan], beginnings: Iterable[Beginning] = ()) -> None:
        wanted = {key_of(plan): plan for plan in plans}
        values: dict[Beginning, Counter[str]] = {asked: Counter() for asked in beginnings}
        beside = Batch()
        for asked, counts in values.items():
            _ask_values(beside, asked, counts)
        found = answered(self._index, list(wanted.values()), self._habit, beside)
        for asked, counts in values.items():
            self._foreseen.keep(asked, counts)
        for key, (answer, is_whole) in zip(wanted, found, strict=True):
            if is_whole or answer.partial:
                self._foreseen.keep(key, answer)

    def frequencies(self, terms: Sequence[Term]) -> list[int]:
        if not terms:
            return []
        asked = {str(at): queries.described_by(term) for at, term in enumerate(terms)}
        body = {"size": 0, "track_total_hits": False, "aggs": {"terms": {"filters": {"filters": asked}}}}
        counted = self._index.search_parts([body])[0]["aggregations"]["terms"]["buckets"]
        return [counted[str(at)]["doc_count"] for at in range(len(terms))]

    def values(self, beginning: str, rights: Rights, limit: int) -> list[tuple[str, int]]:
        counts: Counter[str] | None = self._foreseen.take((beginning, rights, limit))
        if counts is None:
            asked, counts = Batch(), Counter()
            _ask_values(asked, (beginning, rights, limit), counts)
            asked.send(Lenient(self._index))
        return commonest(counts, limit)

    def get(self, resource_id: str, rights: Rights, whole: bool = False) -> Document | None:
        found = self._first(queries.of_scope(resource_id, f"resource:{rights.scope}"), "hit", "full", "staff")
        if found is None:
            return None
        source = found
        if whole or raw(found, "full") is None:
            source = self._first(queries.of_scope(resource_id, f"full:{rights.scope}"), "full", "staff") or found
        staff = raw(source, "staff") if rights.scope == "staff" else None
        return {"hit": stored(found), "full": staff or raw(source, "full")}

    def page(self, resource_id: str, number: int, rights: Rights, part: int = 1) -> Document | None:
        found = self._first(queries.sheet(resource_id, number, part, rights), "full")
        return stored(found, "full") if found else None

    def page_numbers(self, resource_id: str, plan: Plan) -> list[int]:
        if isinstance(plan.node, Every):
            return []
        query = queries.of_owner(queries.pages(plan), resource_id)
        return [hit["sort"][1] for hit in walk.every_document(self._index, query)]

    def page_hits(self, resource_id: str, numbers: Sequence[int], rights: Rights) -> list[PageHit]:
        if not numbers:
            return []
        found = self._stored(queries.some_pages(resource_id, numbers, rights), len(numbers), _NUMBER)
        return [PageHit(0.0, stored(hit)) for hit in found]

    def parts(self, resource_id: str, number: int, plan: Plan, size: int) -> list[Document]:
        found = self._stored(queries.parts(resource_id, number, plan), size, _ORDER, "full")
        return [stored(hit, "full") for hit in found]

    def texts(self, node: Node, rights: Rights) -> Iterator[tuple[str, int | None]]:
        for hit in walk.every_document(self._index, queries.described(node, rights)):
            yield hit["sort"][0], None
        for hit in walk.every_document(self._index, queries.paged(node, rights)):
            yield hit["sort"][0], hit["sort"][1]

    def _first(self, query: Query, *fields: str) -> Document | None:
        """What is stored of the document a query finds. Raises IndexPartial when nobody can tell."""
        return self._index.first(bodies.kept(query, 1, *fields))

    def _stored(self, query: Query, size: int, order: list[Document] | None, *fields: str) -> list[Document]:
        """What is stored of the first documents a query finds."""
        more = {"sort": order} if order else {}
        hits: list[Document] = self._index.search([bodies.kept(query, size, *fields, **more)])[0]["hits"]["hits"]
        return hits


def _ask_values(batch: Batch, asked: Beginning, counts: Counter[str]) -> None:
    """Count the commonest terms of suggestions that begin so, for each audience the rights belong to."""
    beginning, rights, limit = asked

    def take(answer: Document) -> None:
        for bucket in answer["aggregations"]["values"]["buckets"]:
            counts[bucket["key"][1:]] += bucket["doc_count"]

    for audience in audiences(rights.scope):
        batch.add(_values(audience + beginning, limit), take)


def _values(beginning: str, limit: int) -> Document:
    """The commonest terms of suggestions that begin so."""
    escaped = "".join(f"\\{char}" if char in _SPECIAL else char for char in beginning)
    counted = {"terms": {"field": VALUES, "size": limit, "include": f"{escaped}.*"}}
    return {**bodies.search({"prefix": {VALUES: {"value": beginning}}}, 0), "aggs": {"values": counted}}
