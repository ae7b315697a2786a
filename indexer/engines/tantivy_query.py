"""Our plans as tantivy queries. What must match is asked of the grams and stems; what ranks is added beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from tantivy import Occur, Query, Schema

from indexer import layers, scoring
from indexer.documents import AUDIENCES, DECADE_LIMIT, heading_tokens
from indexer.fields import (
    DESCRIPTION,
    FILTER,
    FORMS,
    HEADING_FIELDS,
    HEADINGS,
    KEYS,
    PAGE,
    PAGE_FORMS,
    QUERY_FIELDS,
    TEXTS,
    TextField,
    filter_key,
)
from indexer.layers import Fields
from indexer.plan import (
    OTHER_WAY,
    And,
    Code,
    Either,
    Every,
    Form,
    Ids,
    InOne,
    Inside,
    Key,
    Most,
    Node,
    Not,
    Or,
    Plan,
    Read,
    Rights,
    Span,
    Term,
    apart,
    is_phrase,
    leaves,
    masked,
    may_be_of_pages,
    near_distance,
    words_of,
)
from indexer.query import YEARS
from indexer.resource import id_number
from mappings.text import STOP_WORDS, is_han, is_open, phrase, stem

MOST_DECADES = 20
"""Decades of a span that are looked for one by one."""
FEW_OWNERS = 80
_TEXT_BY_NAME = {field.name: field for field in TEXTS}
Tokens = list[str | tuple[int, str]]


class Compiler:
    """Makes queries for one schema.

    `count` gives the number of documents a query finds in the commit that is searched. Conditions of rights that all
    documents meet, which is most of them most of the time, are dear: what the commit shows to be the same and cheaper
    is asked instead, and where it does not show it, the condition stands.
    """

    def __init__(self, schema: Schema, count: Callable[[Query], int]) -> None:
        self._schema = schema
        self._count = count
        self._said: dict[str, bool] = {}
        self._all_readable: dict[Rights, bool] = {}

    def resources(self, plan: Plan, matching: Query) -> Query:
        """The match set, with what scores beside it."""
        parts = [(Occur.Must, matching)]
        lifts = () if isinstance(plan.node, Every) else plan.rank
        fields = layers.descriptions(plan.rights)
        lifting = [(_boosted(self._lifting(node, fields), weight), is_phrase(node)) for node, weight in lifts]
        if not isinstance(plan.node, Every):
            parts += [(Occur.Should, query) for query in self._rank(plan.node, fields)]
            parts += [(Occur.Should, query) for query, phrased in lifting if not phrased]
            parts += [(Occur.Should, self._flat(node, weight, fields)) for node, weight in plan.bonus]
        ranked = Query.boolean_query(parts)
        for phrase_query in (query for query, phrased in lifting if phrased):
            # One inside the other, positions are looked at in hits only, and not wherever the words stand side by side.
            ranked = Query.boolean_query([(Occur.Must, ranked), (Occur.Should, phrase_query)])
        return ranked

    def matching(
        self, plan: Plan, page_counts: Iterable[int], page_scores: Mapping[int, float] = MappingProxyType({})
    ) -> Query:
        """Resources that match by description, or own one of the pages found (by number): the match set, which totals
        and facets count. Pages score where a score is given."""
        parts = [(Occur.Must, query) for query in self._filters(plan)]
        if not isinstance(plan.node, Every):
            parts.append((Occur.Must, self._matched(plan, page_counts, page_scores)))
        return Query.boolean_query([*parts, self._audience(plan)])

    def _audience(self, plan: Plan) -> tuple[Occur, Query]:
        """Limits to what the viewer may know of: what is hidden is left out where the rest of the query finds nothing
        but resource documents and each of them is either hidden or not; else what is theirs is asked for."""
        scope, filtered = plan.rights.scope, any(plan.filters.values()) or any(values for _, values in plan.standing)
        if (_is_described(plan.node) or filtered) and self._says_all(scope):
            return Occur.MustNot, self._term("scope", f"hidden:{scope}")
        return Occur.Must, _silent(self._term("scope", f"resource:{scope}"))

    def _says_all(self, scope: str) -> bool:
        """Does every resource document say whether it is for this audience or hidden from it?"""
        if scope not in self._said:
            theirs, hidden = self._term("scope", f"resource:{scope}"), self._term("scope", f"hidden:{scope}")
            whole = _any([self._term("scope", f"resource:{audience}") for audience in AUDIENCES])
            self._said[scope] = self._count(theirs) + self._count(hidden) == self._count(whole)
        return self._said[scope]

    def _lifting(self, node: Node, fields: Fields) -> Query:
        """What a node of the ranking scores where it matches."""
        match node:
            case Term(kind="word", field=None):
                return _any([self._term(field.word_layer, stem(node.folded)) for field in fields])
            case Term() | Key() | Code():
                return self.match(node, fields)
        matched = (Occur.Must, self.match(node, fields))
        return Query.boolean_query([matched, *((Occur.Should, query) for query in self._rank(node, fields))])

    def _flat(self, node: Node, amount: float, fields: Fields) -> Query:
        return Query.const_score_query(self.match(node, fields), amount)

    def _matched(self, plan: Plan, page_counts: Iterable[int], page_scores: Mapping[int, float]) -> Query:
        scored = [Query.const_score_query(self._term("paged", owner), score) for owner, score in page_scores.items()]
        others = [owner for owner in page_counts if owner not in page_scores]
        described = self.match(plan.node, layers.descriptions(plan.rights))
        return _any([described, *scored, *self._owners(others)])

    def _owners(self, owners: Sequence[int]) -> Iterable[Query]:
        """Resources by number, without a score. A set of terms costs as much as eighty of them before it begins."""
        if len(owners) > FEW_OWNERS:
            yield _silent(Query.term_set_query(self._schema, "paged", list(owners)))
        else:
            yield from (_silent(self._term("paged", owner)) for owner in owners)

    def of_owner(self, pages: Query, resource_id: str) -> Query:
        """Those of the pages that belong to one resource."""
        return Query.boolean_query(
            [(Occur.Must, pages), (Occur.Must, _silent(self._term("owner", id_number(resource_id))))]
        )

    def pages(self, plan: Plan) -> Query:
        """Pages these rights may read that hold all words, alone or together with their description, and at least
        one themselves."""
        fields, texts = layers.pages(plan.rights), layers.own_pages(plan.rights)
        own = [self.match(leaf, texts) for leaf in leaves(plan.node) if may_be_of_pages(leaf)]
        parts = [
            (Occur.Must, self.match(plan.node, fields)),
            (Occur.Must, _silent(_any(own))),
            *((Occur.Should, query) for query in self._rank(plan.node, fields)),
        ]
        if not self._reads_all(plan.rights):
            parts.append((Occur.Must, _silent(self._readable(plan.rights, "page"))))
        if plan.within is not None:
            parts.append((Occur.Must, _silent(self._term("above", plan.within))))
        return Query.boolean_query(parts)

    def described(self, node: Node, rights: Rights) -> Query:
        """Resources whose description matches by itself."""
        return _all([self._term("scope", f"resource:{rights.scope}"), self.match(node, layers.descriptions(rights))])

    def paged(self, node: Node, rights: Rights) -> Query:
        """Pages whose own text matches."""
        return _all([self._readable(rights, "page"), self.match(node, layers.own_pages(rights))])

    def with_heading(self, field: str, value: str) -> Query:
        """Descriptions for everyone that have a heading."""
        return _all([self._term("scope", "resource:reader"), self._term(FILTER, filter_key(field, value))])

    def one(self, resource_id: str, rights: Rights) -> Query:
        """The resource document of an id that these rights may know of."""
        return _all([self._term("id", resource_id), self._term("scope", f"resource:{rights.scope}")])

    def whole(self, resource_id: str, rights: Rights) -> Query:
        """The document with the whole record of a resource that is too large to stand with its hit."""
        return _all([self._term("id", resource_id), self._term("scope", f"full:{rights.scope}")])

    def sheet(self, resource_id: str, number: int, part: int, rights: Rights) -> Query:
        """A part of a page that these rights may read."""
        place = [self._term("id", resource_id), self._term("number", number), self._term("order", part)]
        return _all([*place, self._readable(rights, "sheet")])

    def some_pages(self, resource_id: str, numbers: Sequence[int], rights: Rights) -> Query:
        """These pages of a resource, as far as these rights may read them."""
        chosen = _any([self._term("number", number) for number in numbers])
        return _all([self._term("id", resource_id), chosen, self._readable(rights, "page")])

    def parts(self, resource_id: str, number: int, plan: Plan) -> Query:
        """The parts of a page that hold a term; of a description with number 0."""
        scope = self._readable(plan.rights, "sheet") if number else self._term("scope", f"rest:{plan.rights.scope}")
        fields = layers.parts(plan.rights, of_page=number > 0)
        holds = _any([self._term_query(term, fields) for term in words_of(plan.node)])
        return _all([self._term("id", resource_id), self._term("number", number), scope, holds])

    def below(self, query: Query, above: Iterable[str]) -> Query:
        """What of a query is one of these units or below one of them."""
        units = Query.term_set_query(self._schema, "above", sorted(above))
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, _silent(units))])

    def of_fonds(self, keys: Iterable[int]) -> Query:
        """What belongs to one of these fonds, each named by its number."""
        return _silent(Query.term_set_query(self._schema, "fonds_key", list(keys)))

    def ordered_as(self, codes: Iterable[str]) -> Query:
        """What sorts as one of these reference codes."""
        return Query.term_set_query(self._schema, "sort_code", list(codes))

    def match(self, node: Node, fields: Fields) -> Query:
        """The query of a tree: which documents match."""
        match node:
            case And(parts):
                return self._and(parts, fields)
            case Or(parts):
                return _any([self.match(part, fields) for part in parts])
            case Either():
                return Query.disjunction_max_query(self._ways(node, fields))
            case Key(key, prefix):
                return self._key(key, prefix)
            case Most(parts, at_least):
                found = [(Occur.Should, self.match(part, fields)) for part in parts]
                return Query.boolean_query(found, minimum_number_should_match=at_least)
            case Not(part):
                return Query.boolean_query(
                    [(Occur.Must, _silent(Query.all_query())), (Occur.MustNot, self.match(part, fields))]
                )
            case InOne(part):
                apart: list[Fields] = [(field,) for field in fields]
                return _any([self.match(part, one) for one in apart])
            case _:
                return self._leaf(node, fields)

    def _leaf(self, node: Every | Term | Ids | Span | Inside | Code | Form | Read, fields: Fields) -> Query:
        match node:
            case Every():
                return Query.all_query()
            case Term():
                return self._term_query(node, fields)
            case Ids(ids):
                return _silent(self._ids(ids))
            case Span():
                return self._span(node, fields)
            case Inside(year_from, year_to):
                return _all([_silent(self._range("from", year_from, None)), _silent(self._range("to", None, year_to))])
            case Code(key):
                return Query.const_score_query(self._term("code_key", key), scoring.TOLD)
            case Form(token):
                return _silent(self._term(PAGE_FORMS if layers.are_pages(fields) else FORMS, token))
            case Read(descriptions, pages):
                return _silent(self._numbered(pages) if layers.are_pages(fields) else self._ids(descriptions))

    def _key(self, key: str, prefix: bool) -> Query:
        found = self._beginning(KEYS, key) if prefix else self._term(KEYS, key)
        return Query.const_score_query(found, scoring.TOLD)

    def _and(self, parts: Sequence[Node], fields: Fields) -> Query:
        """All of the parts. Where years are one way to say a part, the others are asked with each way: an intersection
        skips what it need not look at, a union within it is drawn up whole (11 ms, not .05, on 200,000 resources).
        """
        dated = next((place for place, part in enumerate(parts) if _is_dated(part)), None)
        compiled = [
            (Occur.MustNot, self.match(part.part, fields))
            if isinstance(part, Not)
            else (Occur.Must, self.match(part, fields))
            for place, part in enumerate(parts)
            if place != dated
        ]
        if all(isinstance(part, Not) for part in parts):
            compiled.append((Occur.Must, _silent(Query.all_query())))
        if dated is None:
            return Query.boolean_query(compiled)
        ways = self._ways(parts[dated], fields)
        return Query.disjunction_max_query([Query.boolean_query([*compiled, (Occur.Must, way)]) for way in ways])

    def _ways(self, either: Node, fields: Fields) -> list[Query]:
        """The ways to say one thing; what was typed counts most."""
        first, *others = (self.match(part, fields) for part in (either.parts if isinstance(either, Either) else ()))
        return [first, *(_boosted(other, OTHER_WAY) for other in others)]

    def _span(self, span: Span, fields: Fields) -> Query:
        """What is dated within some years, found by its decades where it has them: of a resource's span of more than
        `DECADE_LIMIT` decades only the first are kept.
        """
        first = span.year_from // 10 * 10
        within = [
            *([self._range("from", None, span.year_to)] if span.year_to < YEARS[-1] else ()),
            *([self._range("to", span.year_from, None)] if span.year_from > YEARS[0] else ()),
        ] or [self._range("from", None, None)]
        if layers.are_pages(fields) or span.year_to - span.year_from > MOST_DECADES * 10:
            return Query.const_score_query(_all(within), scoring.DATED)
        decades = [
            self._term(FILTER, filter_key("decade", str(decade))) for decade in range(first, span.year_to + 1, 10)
        ]
        long_ago = self._range("from", None, first - (DECADE_LIMIT - 1) * 10 - 1)
        found = _any([_all([_any(decades), *within]), _all([long_ago, *within])])
        return Query.const_score_query(found, scoring.DATED)

    def _term_query(self, term: Term, fields: Fields) -> Query:
        if term.field is None:
            return _any([_boosted(self._in_field(term, field), field.weight) for field in fields])
        asked = _TEXT_BY_NAME.get(QUERY_FIELDS[term.field])
        if asked is not None:
            found = layers.beside(fields, asked)
            return _any([_boosted(self._in_field(term, field), field.weight) for field in found])
        return self._heading(term, term.field) if layers.are_descriptions(fields) else Query.empty_query()

    def _heading(self, term: Term, field: str) -> Query:
        options = [self._term(FILTER, filter_key(field, term.text))] if field != "creator" else []
        if field in HEADING_FIELDS and (tokens := heading_tokens(field, term.folded)):
            options.append(_all([self._term(HEADINGS, token) for token in tokens]))
        return Query.const_score_query(_any(options), scoring.TOLD) if options else Query.empty_query()

    def _in_field(self, term: Term, field: TextField) -> Query:
        if term.kind == "prefix":
            return self._beginning(field.gram_layer, term.folded)
        if term.kind == "near":
            return self._near(term, field) if field.name == DESCRIPTION.name else Query.empty_query()
        if term.kind == "number":
            return self._term(field.gram_layer, term.folded)
        if term.kind == "word" and not is_han(term.folded) and field.words and term.folded not in STOP_WORDS:
            return self._term(field.word_layer, stem(term.folded))
        found = self._phrase(term, field)
        return _silent(found) if term.kind == "word" and is_han(term.folded) and term.field is None else found

    def _near(self, term: Term, field: TextField) -> Query:
        distance = near_distance(term.folded)
        return Query.fuzzy_term_query(self._schema, field.gram_layer, term.folded, distance)

    def _phrase(self, term: Term, field: TextField) -> Query:
        wanted = phrase(term.folded)
        if not wanted:
            return Query.empty_query()
        if len(wanted) == 1:
            token = wanted[0][1]
            if is_open(token) and field.words:
                return self._term(field.word_layer, token)
            if is_open(token):
                return self._beginning(field.gram_layer, token)
            return self._term(field.gram_layer, token)
        query = self._phrase_query(wanted, field)
        return _boosted(query, scoring.PAIR) if is_han(term.folded) else query

    def _phrase_query(self, wanted: list[tuple[int, str]], field: TextField) -> Query:
        exact: Tokens = list(wanted)
        if not any(is_open(token) for _, token in wanted):
            return Query.phrase_query(self._schema, field.gram_layer, exact)
        patterns: Tokens = [
            (position, token + ".?" if is_open(token) else re.escape(token)) for position, token in wanted
        ]
        return Query.regex_phrase_query(self._schema, field.gram_layer, patterns)

    def _rank(self, node: Node, fields: Fields) -> Iterable[Query]:
        """What adds to the score without being asked for."""
        for (name, token), weight in scoring.weights(node, fields).items():
            yield _boosted(self._term(name, token), weight)

    def _filters(self, plan: Plan) -> Iterable[Query]:
        for name, values in (*plan.filters.items(), *plan.standing):
            yield _silent(_any([self._term(FILTER, filter_key(name, value)) for value in values]))
        if plan.within is not None:
            yield _silent(self._term("above", plan.within))
        if plan.parent is not None:
            yield _silent(self._term("parent", plan.parent))
        if plan.before is not None:
            yield _silent(self._range("order", None, plan.before - 1))
        if plan.member is not None:
            yield _silent(self._term("record", plan.member))
        if plan.authorities:
            yield _silent(Query.term_set_query(self._schema, "authority", list(plan.authorities)))
        if plan.year_to is not None:
            yield _silent(self._range("from", None, plan.year_to))
        if plan.year_from is not None:
            yield _silent(self._range("to", plan.year_from, None))

    def _reads_all(self, rights: Rights) -> bool:
        """May these rights read every page there is? Text of pages is found in page documents alone."""
        if rights not in self._all_readable:
            whole = _any([self._term("scope", f"page:{audience}") for audience in AUDIENCES])
            self._all_readable[rights] = self._count(self._readable(rights, "page")) == self._count(whole)
        return self._all_readable[rights]

    def _readable(self, rights: Rights, kind: str) -> Query:
        options = [self._term("content", level) for level in sorted(rights.levels)]
        options.append(self._range("opens", None, rights.today.toordinal()))
        if rights.places:
            options.append(Query.term_set_query(self._schema, "place", sorted(rights.places)))
        if rights.masked:
            options.append(self._of_copies(rights))
        allowed = _all([self._term("scope", f"{kind}:{rights.scope}"), _any(options)])
        if not rights.shut:
            return allowed
        shut = Query.term_set_query(self._schema, "place", sorted(rights.shut))
        return Query.boolean_query([(Occur.Must, allowed), (Occur.MustNot, shut)])

    def _of_copies(self, rights: Rights) -> Query:
        """Of released copies what these rights read in place of the text."""
        copies = _any([self._term("content", masked(level)) for level in sorted(rights.masked)])
        opened = self._range("shuts", None, rights.today.toordinal())
        ended = [Query.term_set_query(self._schema, "release", sorted(rights.ended))] if rights.ended else []
        full = [Query.term_set_query(self._schema, "place", sorted(map(apart, rights.places)))] if rights.places else []
        return Query.boolean_query([(Occur.Must, copies), *((Occur.MustNot, one) for one in (opened, *ended, *full))])

    def _ids(self, ids: Iterable[str]) -> Query:
        return Query.term_set_query(self._schema, "id", sorted(ids))

    def _numbered(self, pages: Iterable[tuple[str, int]]) -> Query:
        numbers: dict[str, list[int]] = {}
        for owner, number in sorted(pages):
            numbers.setdefault(owner, []).append(number)
        return _any(
            [
                _all([self._term("id", owner), Query.term_set_query(self._schema, "number", of_owner)])
                for owner, of_owner in numbers.items()
            ]
        )

    def _range(self, field: str, low: int | None, high: int | None) -> Query:
        from tantivy import FieldType

        return Query.range_query(self._schema, field, FieldType.Integer, low, high)

    def _beginning(self, field: str, beginning: str) -> Query:
        """Terms that begin so: with no letter otherwise. An expression for the same takes .2 ms to be compiled."""
        return Query.fuzzy_term_query(self._schema, field, beginning, 0, prefix=True)

    def _term(self, field: str, value: str | int) -> Query:
        return Query.term_query(self._schema, field, value, index_option="freq")


def _is_dated(node: Node) -> bool:
    return isinstance(node, Either) and any(isinstance(part, Span) for part in node.parts)


def _is_described(node: Node) -> bool:
    """Does a tree match nothing but resource documents, whatever there is? Fields of a description are theirs alone;
    years are not, which pages have of their resource."""
    match node:
        case Term(field=field):
            return field != PAGE.name
        case Inside() | Code() | Key():
            return True
        case InOne(part):
            return _is_described(part)
        case And(parts):
            return any(_is_described(part) for part in parts)
        case Or(parts) | Either(parts) | Most(parts):
            return all(_is_described(part) for part in parts)
    return False


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries]) if queries else Query.empty_query()


def _all(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _silent(query: Query) -> Query:
    """A condition that does not score."""
    return Query.const_score_query(query, 0.0)


def _boosted(query: Query, weight: float) -> Query:
    return query if weight == 1.0 else Query.boost_query(query, weight)
