"""A question as engines get it: parsed, with the viewer's rights compiled in. There is no plan without rights."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal

from indexer.errors import IndexPartial
from indexer.fields import FACET_VALUES, PAGE, WRITTEN_FACETS
from indexer.query import Sort
from mappings import made
from mappings.access import LEVELS, Viewer
from mappings.text import fold


@dataclass(frozen=True, slots=True)
class Term:
    """One thing looked for: a word (any form), a phrase, an exact form or the beginning of a word; `field` limits
    where.

    `text` is as typed, `folded` as compared, `at` where `text` begins in what was typed (-1 when it was not typed). A
    Han word and every phrase match as strings; a Latin word by its stem.
    Terms that are ``near`` are for spelling alone: they match words of a description within the `near_distance`.
    """

    text: str
    folded: str
    kind: Literal["word", "phrase", "exact", "prefix", "near", "number"] = "word"
    field: str | None = None
    at: int = dataclasses.field(default=-1, compare=False)


def near_distance(folded: str) -> int:
    """Slips (a letter more, less or other, two neighbours changed over) within which another word is near."""
    return 1 if len(folded) < 8 else 2


@dataclass(frozen=True, slots=True)
class Every:
    """Matches everything."""


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class Most:
    """At least `at_least` of the terms: how a sentence is read, and what is left when no record has all words."""

    parts: tuple[Node, ...]
    at_least: int


@dataclass(frozen=True, slots=True)
class Ids:
    """One of these resources."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Form:
    """Texts in which a form is written: a token of `mappings.forms`."""

    token: str


@dataclass(frozen=True, slots=True)
class InOne:
    """All of the part in one text: in the description, or in the page's own text."""

    part: Node


@dataclass(frozen=True, slots=True)
class Read:
    """Texts that were read: descriptions by id of their resource, pages by id and number."""

    descriptions: frozenset[str]
    pages: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several ways to say or to mean one thing, as typed first: matches like `Or`, scores as its best part does,
    and any other than the first for less (`OTHER_WAY`).
    """

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Resources dated within these years, both ends included; undated ones are not."""

    year_from: int
    year_to: int


@dataclass(frozen=True, slots=True)
class Code:
    """Resources one of whose codes has this key (`mappings.reference_codes.key`), however it is written."""

    key: str


OTHER_WAY = 0.5
"""What another way to say a thing counts in the score, as a share of what was typed."""


@dataclass(frozen=True, slots=True)
class Key:
    """Resources that are suggested under this key (`indexer.suggest_keys`), or, as a `prefix`, under one that begins
    so."""

    key: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Inside:
    """Resources dated wholly within these years, both ends included."""

    year_from: int
    year_to: int


Node = Term | Every | And | Or | Not | Most | Ids | Either | Span | Inside | Code | Key | Form | InOne | Read


def is_of_pages(term: Term) -> bool:
    """Can this term stand on a page itself? Titles, names and the like are asked of descriptions alone."""
    return term.field in (None, PAGE.name)


def may_be_of_pages(leaf: Term | InOne) -> bool:
    """Can what is looked for stand on a page itself?"""
    return isinstance(leaf, InOne) or is_of_pages(leaf)


def is_phrase(node: Node) -> bool:
    """Is it a phrase by itself?"""
    return isinstance(node, Term) and node.kind == "phrase"


def terms(node: Node) -> Iterator[Term]:
    """The terms a match should show: all but the excluded ones."""
    for leaf in leaves(node):
        yield from terms(leaf.part) if isinstance(leaf, InOne) else (leaf,)


def leaves(node: Node) -> Iterator[Term | InOne]:
    """What is looked for in texts, but what is excluded: terms, and what has to stand in one text."""
    if isinstance(node, Term | InOne):
        yield node
    elif isinstance(node, And | Or | Most | Either):
        for part in node.parts:
            yield from leaves(part)


def changed(node: Node, change: Callable[[Term], Node]) -> Node:
    """The tree with every term changed."""
    match node:
        case Term():
            return change(node)
        case And(parts) | Or(parts) | Either(parts):
            return type(node)(tuple(changed(part, change) for part in parts))
        case Most(parts, at_least):
            return Most(tuple(changed(part, change) for part in parts), at_least)
        case Not(part):
            return Not(changed(part, change))
        case _:
            return node


def typed_terms(node: Node) -> Iterator[Term]:
    """The terms of a match in the form they were typed: of several ways to say one thing the first."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or | Most):
        for part in node.parts:
            yield from typed_terms(part)
    elif isinstance(node, Either) and node.parts:
        yield from typed_terms(node.parts[0])


def words_of(node: Node) -> list[Term]:
    """The terms that may stand in running text, as they are looked for there."""
    return [replace(term, field=None) for term in terms(node) if term.field in (None, "page", "text")]


@dataclass(frozen=True, slots=True)
class Rights:
    """What a viewer may see, as a filter: made from a `Viewer` in one place, `rights_of`.

    `scope` chooses the documents one may know of; `levels` the access values whose text and images one may read
    whatever
    the day; closed ones count as readable once `today` has reached their opening date. Where one may not read, the
    released copy stands in place of the text (`masked`), unless its release is among the `ended` ones; None: nobody can
    tell which these are, so no copy is read. In `places` one reads all that one may know of, but nobody reads what is
    `shut`: copies made to order that were taken back.
    """

    scope: Literal["reader", "staff"]
    levels: frozenset[str]
    today: dt.date
    ended: frozenset[str] | None = frozenset()
    places: frozenset[str] = frozenset()

    @property
    def masked(self) -> frozenset[str]:
        """The access values of texts of which one reads the de-identified copy; of closed ones until they open."""
        return frozenset() if self.ended is None else _LEVELS - self.levels

    @property
    def shut(self) -> frozenset[str]:
        """Where nobody reads (`mappings.made`)."""
        return made.shut(self.ended)


_LEVELS = frozenset(LEVELS)


def rights_of(viewer: Viewer, today: dt.date, ended: frozenset[str] | None = frozenset()) -> Rights:
    """The one place where a viewer becomes a filter. `ended` are the ids of releases and of copies made to order that
    stand no more.
    """
    scope: Literal["reader", "staff"] = "staff" if viewer.knows_internal else "reader"
    return Rights(scope, viewer.readable_levels(), today, ended, viewer.places())


def apart(place: str) -> str:
    """What a page of the copy says of where it belongs (``place``): who reads the text there does not read the copy."""
    return f"not:{place}"


def masked(value: str) -> str:
    """What a page of the copy says it is (``content``), where a page of the text says the access value itself."""
    return f"masked:{value}"


PlanSort = Sort | Literal["archival", "weight"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine is asked: a tree of terms, rights, filters, years, order and the slice of hits wanted.

    `within` limits to one resource and all that is below it, `parent` to units directly below one, `before` to those
    that stand before a place in their order, `member` to the resource that holds a record (``SOURCE:SOURCE_ID``) or
    answers to a former id, `authorities` to authority records that answer to one of these keys
    (`mappings.authorities`). `standing` are filters beside `filters`, of the same fields perhaps, and all of them
    hold. `facet_text` limits facet values to those that hold it, in any script. `rank` adds to the score of what
    matches, each node its own score times its weight, `bonus` the weight alone; neither matches anything by itself. A
    word in `rank` counts by its stem or as a word of the dictionary (`Engine.frequencies`). `folded` shows
    near-identical hits as one (`indexer.folding`); `grouped` gives fonds in place of hits, and `size` and `offset`
    count them. `descriptions` leaves pages out.
    """

    rights: Rights
    node: Node = Every()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    within: str | None = None
    parent: str | None = None
    before: int | None = None
    member: str | None = None
    authorities: tuple[str, ...] = ()
    standing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rank: tuple[tuple[Node, float], ...] = ()
    bonus: tuple[tuple[Node, float], ...] = ()
    sort: PlanSort = "relevance"
    size: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()
    facet_text: str = ""
    histogram: bool = False
    pages_per_hit: int = 3
    folded: bool = False
    grouped: bool = False
    descriptions: bool = False


@dataclass(slots=True)
class PageHit:
    """A page that matches: the page number within its resource, and what is stored for a hit (number, label, text)."""

    score: float
    stored: dict[str, Any]


@dataclass(slots=True)
class Hit:
    """A resource that matches: its score and what is stored for a hit, its best pages and how many match, and what is
    stored for the hits that are folded under it. `siblings` counts all near-identical siblings that match, also those
    further behind.
    """

    score: float
    stored: dict[str, Any]
    pages: list[PageHit] = field(default_factory=list)
    page_hits: int = 0
    folded: list[dict[str, Any]] = field(default_factory=list)
    siblings: int = 0


@dataclass(slots=True)
class Group:
    """A fonds that has hits: how many, and its best ones."""

    total: int
    hits: list[Hit]


@dataclass(slots=True)
class Answer:
    """What an engine answers: exact total and facet counts over the match set, ordered hits of the slice; how many hits
    are folded under others, or the groups of the slice and whether more follow. `partial`: some of the servers that
    hold the index did not answer in time, and what they hold is missing.

    A facet whose filter is set counts as if that filter were not: what each of its values would give.
    """

    total: int
    hits: list[Hit]
    folded: int = 0
    groups: list[Group] = field(default_factory=list)
    more_groups: bool = False
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    decades: list[tuple[int, int]] = field(default_factory=list)
    partial: bool = False

    def whole(self) -> Answer:
        """This answer, for who cannot say that it is partial. Raises IndexPartial when it is."""
        if self.partial:
            raise IndexPartial(
                "A part of the index is on servers that do not answer now, and this cannot be told without it; try "
                "again in a minute."
            )
        return self


PAGES_RANKED = 200
"""Best pages looked at for one answer; matching and counting see all of them."""
PER_GROUP = 3
"""Hits shown of each fonds."""
MOST_GROUPS = 500
"""Fonds that can be paged through: of so many, the best hits of one say nothing any more."""


def without_filter(plan: Plan, name: str) -> Plan:
    """The same question without one filter."""
    return replace(plan, filters={other: values for other, values in plan.filters.items() if other != name})


def without_hits(plan: Plan) -> Plan:
    """The same question, of which only the number of hits is wanted."""
    return replace(
        plan,
        size=0,
        offset=0,
        sort="relevance",
        rank=(),
        bonus=(),
        facets=(),
        histogram=False,
        pages_per_hit=0,
        folded=False,
        grouped=False,
    )


def count_hits(answer: Answer, plan: Plan) -> None:
    """Decades, and facets whose filter is not set, of an answer whose hits are all there: counted from what is stored
    with them, without the engine.
    """
    tables: dict[str, dict[str, int]] = {}
    for hit in answer.hits:
        for name, values in hit.stored["facets"].items():
            table = tables.setdefault(name, {})
            for value in values:
                table[value] = table.get(value, 0) + 1
    for name in plan.facets:
        if name not in plan.filters:
            answer.facets[name] = ranked(name, tables[name].items(), plan.facet_text) if name in tables else []
    if plan.histogram and "decade" in tables:
        answer.decades = sorted((int(value), count) for value, count in tables["decade"].items())


def ranked(facet: str, counts: Iterable[tuple[str, int]], text: str = "") -> list[tuple[str, int]]:
    """The facet values to show: by count, then value, at most twenty; only those that hold `text`, if one is asked for.

    Forms of one value (`WRITTEN_FACETS`) count together. A resource has one form of a value, so the sum is what the
    filter returns.
    """
    pairs = list(counts)
    if facet in WRITTEN_FACETS and len(pairs) > 1:
        pairs = _as_one(pairs)
    if text:
        wanted = fold(text)
        pairs = [pair for pair in pairs if wanted in fold(pair[0])]
    if len(pairs) > FACET_VALUES:
        least = sorted(map(_COUNT, pairs))[-FACET_VALUES]
        pairs = [pair for pair in pairs if pair[1] >= least]
    pairs.sort()
    pairs.sort(key=_COUNT, reverse=True)  # leaves those of one count in the order of their values
    return pairs[:FACET_VALUES]


_COUNT = itemgetter(1)


def _as_one(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Forms of one value as its commonest form, with the sum of their counts."""
    forms: dict[str, list[tuple[str, int]]] = {}
    for form, pair in zip(map(_folded, map(itemgetter(0), pairs)), pairs, strict=True):
        forms.setdefault(form, []).append(pair)
    if len(forms) == len(pairs):
        return pairs
    return [(min(same, key=lambda pair: (-pair[1], pair[0]))[0], sum(map(_COUNT, same))) for same in forms.values()]


_folded = lru_cache(maxsize=65_536)(fold)
"""Values of facets come again with every answer."""
