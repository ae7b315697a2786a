"""Several plans asked together: each step of all of them is one request.

The steps: pages that match, beside resources whose description matches (the answer, if there are no such pages);
resources that match or own one of those pages; then what is stored for the hits, and what belongs to them. So a page of
hits takes one way to the cluster where neither pages match nor hits are folded, two as a rule, three where both is so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from indexer.engines.cluster import bodies, facets, queries, walk
from indexer.engines.cluster.bodies import FAR, Body, Rank
from indexer.engines.cluster.dsl import Query, all_of, one_of
from indexer.engines.cluster.index import Asks, Index, Lenient, stored
from indexer.folding import page
from indexer.plan import Answer, Every, Group, Hit, PageHit, Plan, ranked, without_filter

LATELY = 0.1
"""What one question counts in what is expected of the next."""
Take = Callable[[Body], None]


class Batch:
    """Searches that go together, each with who takes its answer."""

    def __init__(self) -> None:
        self._asked: list[tuple[Body, Take]] = []

    def add(self, body: Body, take: Take) -> None:
        self._asked.append((body, take))

    def send(self, index: Asks) -> None:
        """Raises as `Index.search` does."""
        if self._asked:
            for (_, take), answer in zip(self._asked, index.search([body for body, _ in self._asked]), strict=True):
                take(answer)


@dataclass(slots=True)
class _Found:
    """A hit to be shown: its place, and the places folded under it."""

    rank: Rank
    folded: list[Rank] = field(default_factory=list)


class Asked:
    """One plan on its way to an answer."""

    def __init__(self, index: Asks, plan: Plan) -> None:
        self._index, self.plan = index, plan
        self.answer = Answer(0, [])
        self.owners: dict[str, int] = {}
        self._best: dict[str, list[Rank]] = {}
        self._matched: Query = {}
        self._ranks: list[Rank] = []
        self._doubtful: list[tuple[str, Query]] = []
        self._found: list[_Found] = []
        self._groups: list[tuple[list[_Found], int]] = []
        self._hits: dict[str, Any] = {}
        self._more_pages: dict[str, list[PageHit]] = {}
        self._alike: dict[int, int] = {}

    # Which pages, which resources

    def asks_pages(self) -> bool:
        """Can pages match? Text of pages is asked of documents of their own."""
        return not isinstance(self.plan.node, Every) and not self.plan.descriptions

    def ask_pages(self, batch: Batch) -> None:
        batch.add(bodies.pages(self.plan), self._take_pages)

    def _take_pages(self, answer: Body) -> None:
        hits = bodies.read(answer["hits"]["hits"], scored=True)
        for rank in hits:
            self._best.setdefault(rank.resource, []).append(rank)
        table = answer["aggregations"]["owners"]
        if answer["hits"]["total"]["value"] == len(hits):
            self.owners = dict(Counter(rank.resource for rank in hits))
        elif table["sum_other_doc_count"]:
            self.owners = walk.every_owner(self._index, self.plan)
        else:
            self.owners = dict(facets.table(table))

    def ask_ranks(self, batch: Batch) -> None:
        plan, owners = self.plan, self.owners
        scores = {owner: best[0].score for owner, best in self._best.items()}
        self._matched = queries.matching(plan, owners, {} if plan.sort != "relevance" or not plan.size else scores)
        self._doubtful = []
        batch.add(bodies.ranks(plan, self._matched), self._take_ranks)
        for name in plan.facets:
            if name in plan.filters:
                matched = queries.matching(without_filter(plan, name), owners)
                body = {**bodies.search(matched, 0), "aggs": {name: facets.of_facet(name, bool(plan.facet_text))}}
                batch.add(body, self._taker(name, matched))

    def _taker(self, name: str, matched: Query) -> Take:
        return lambda answer: self._take_facet(name, matched, answer["aggregations"][name])

    def _take_ranks(self, answer: Body) -> None:
        self.answer.total = answer["hits"]["total"]["value"]
        self._ranks = bodies.read(answer["hits"]["hits"], scored=self.plan.sort == "relevance")
        counted = answer.get("aggregations", {})
        for name in self.plan.facets:
            if name in counted:
                self._take_facet(name, self._matched, counted[name])
        if "histogram" in counted:
            self.answer.decades = sorted((int(value), count) for value, count in facets.table(counted["histogram"]))

    def _take_facet(self, name: str, matched: Query, counted: Body) -> None:
        whole = bool(self.plan.facet_text)
        if facets.is_certain(name, counted, whole):
            self.answer.facets[name] = ranked(name, facets.table(counted), self.plan.facet_text)
        else:
            self._doubtful.append((name, matched))

    # Which of them are shown

    def settle(self) -> None:
        """Count what is in doubt, and choose the hits of the slice."""
        if self._doubtful:
            for name, table in walk.every_value(self._index, self._doubtful).items():
                self.answer.facets[name] = ranked(name, table, self.plan.facet_text)
        if not self.plan.size:
            return
        if self.plan.grouped:
            self._choose_groups()
        elif self.plan.folded:
            self._choose_folded()
        elif self.plan.offset + self.plan.size > FAR:
            self._found = self._behind(self.plan.offset, self.plan.size)
        else:
            self._found = [_Found(rank) for rank in self._ranks]

    def _choose_groups(self) -> None:
        shown = self._ranks[: self.plan.size]
        self._groups = [([_Found(rank) for rank in group.inner], group.inner_total) for group in shown]
        self.answer.more_groups = len(self._ranks) > self.plan.size

    def _choose_folded(self) -> None:
        ranks, plan = self._ranks, self.plan
        asked = page([tuple(_first(rank, name) for name in bodies.FOLDED) for rank in ranks], plan.offset, plan.size)
        self.answer.folded = asked.hidden
        self._found = [_Found(ranks[best], [ranks[at] for at in others]) for best, *others in asked.shown]
        if asked.size and self.answer.total > len(ranks):
            self._found += self._behind(asked.offset, asked.size)

    def _behind(self, offset: int, size: int) -> list[_Found]:
        """Ranks that the first search did not reach."""
        if offset >= self.answer.total:
            return []
        if offset + size > FAR:
            return [_Found(rank) for rank in walk.far(self._index, self.plan, self._matched, offset, size)]
        body = {**bodies.ranks(bodies.bare(self.plan, size), self._matched), "from": offset}
        found = self._index.search([body])[0]["hits"]["hits"]
        return [_Found(rank) for rank in bodies.read(found, scored=self.plan.sort == "relevance")]

    # What they show

    def _shown(self) -> Iterator[_Found]:
        yield from self._found
        for found, _ in self._groups:
            yield from found

    def ask_details(self, batch: Batch) -> None:
        ranks = [rank for found in self._shown() for rank in (found.rank, *found.folded)]
        self._hits = {rank.document: stored({"fields": rank.fields}) for rank in ranks if "hit" in rank.fields}
        documents = [rank.document for rank in ranks if rank.document not in self._hits]
        documents += [rank.document for found in self._shown() for rank in self._pages_of(found.rank) or ()]
        if documents:
            batch.add(bodies.of_documents(documents), self._take_hits)
        for found in self._shown():
            if self._pages_of(found.rank) is None:
                self._ask_pages_of(found.rank, batch)
        keys = {key for found in self._found if found.folded and (key := _first(found.rank, "alike")) is not None}
        if keys:
            alike = all_of([self._matched, one_of("alike", sorted(keys))])
            counted = {"alike": {"terms": {"field": "alike", "size": len(keys)}}}
            batch.add({**bodies.search(alike, 0), "aggs": counted}, self._take_alike)

    def _pages_of(self, rank: Rank) -> list[Rank] | None:
        """The best pages of a hit, as far as they are among the best of all; None when they have to be asked for."""
        wanted = min(self.owners.get(rank.resource, 0), self.plan.pages_per_hit)
        best = self._best.get(rank.resource, [])[:wanted]
        return best if len(best) == wanted else None

    def _ask_pages_of(self, rank: Rank, batch: Batch) -> None:
        wanted = min(self.owners[rank.resource], self.plan.pages_per_hit)

        def take(answer: Body) -> None:
            found = answer["hits"]["hits"]
            self._more_pages[rank.resource] = [PageHit(hit["sort"][0], stored(hit)) for hit in found]

        batch.add(bodies.best_pages(self.plan, rank.resource, wanted), take)

    def _take_hits(self, answer: Body) -> None:
        self._hits |= {hit["_id"]: stored(hit) for hit in answer["hits"]["hits"]}

    def _take_alike(self, answer: Body) -> None:
        buckets = answer["aggregations"]["alike"]["buckets"]
        self._alike = {bucket["key"]: bucket["doc_count"] for bucket in buckets}

    def finished(self) -> tuple[Answer, bool]:
        """The answer, and whether all of its hits were still there when they were read."""
        self.answer.hits = list(filter(None, map(self._hit, self._found)))
        self.answer.groups = [Group(total, list(filter(None, map(self._hit, found)))) for found, total in self._groups]
        hits = [*self.answer.hits, *(hit for group in self.answer.groups for hit in group.hits)]
        shown = sum(1 + len(found.folded) for found in self._shown())
        there = sum(1 + len(hit.folded) for hit in hits)
        return self.answer, shown == there

    def _hit(self, found: _Found) -> Hit | None:
        rank = found.rank
        if rank.document not in self._hits:
            return None
        hit = Hit(rank.score, self._hits[rank.document], page_hits=self.owners.get(rank.resource, 0))
        hit.folded = [self._hits[one.document] for one in found.folded if one.document in self._hits]
        hit.siblings = self._alike.get(_first(rank, "alike"), 1) - 1 if found.folded else 0
        best = [(page.score, self._hits.get(page.document)) for page in self._pages_of(rank) or ()]
        hit.pages = self._more_pages.get(rank.resource) or [PageHit(score, page) for score, page in best if page]
        return hit


class Habit:
    """Do questions lately find pages? Then pages are asked for by themselves first: what would be asked beside them
    would be asked again. Safe to share between threads: it is a guess.
    """

    def __init__(self) -> None:
        self._share = 0.0

    @property
    def finds_pages(self) -> bool:
        return self._share > 0.5

    def saw(self, found: bool) -> None:
        """A question that pages could answer did find some, or none."""
        self._share += (found - self._share) * LATELY


def answered(
    index: Index, plans: Sequence[Plan], habit: Habit, beside: Batch | None = None
) -> list[tuple[Answer, bool]]:
    """The answers to some plans, each with whether it is whole; with the first request goes what is asked `beside`
    them. Raises as `Index.search` does."""
    parts = Lenient(index)
    asked = [Asked(parts, plan) for plan in plans]
    _find(parts, asked, habit, beside or Batch())
    last = Batch()
    for one in asked:
        one.settle()
        one.ask_details(last)
    last.send(parts)
    for one in asked:
        one.answer.partial = parts.is_partial
    return [one.finished() for one in asked]


def _find(index: Asks, asked: Sequence[Asked], habit: Habit, first: Batch) -> None:
    """Pages and resources, in one step or in two."""
    paged = {id(one) for one in asked if one.asks_pages()}
    later = paged if habit.finds_pages else set()
    second = Batch()
    for one in asked:
        if id(one) in paged:
            one.ask_pages(first)
        if id(one) not in later:
            one.ask_ranks(first)
    first.send(index)
    for one in asked:
        if id(one) in later or one.owners:
            one.ask_ranks(second)
        if id(one) in paged:
            habit.saw(bool(one.owners))
    second.send(index)


def _first(rank: Rank, name: str) -> Any:
    found = rank.fields.get(name)
    return found[0] if found else None
