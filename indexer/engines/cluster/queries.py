"""Our plans in the query language that OpenSearch and Elasticsearch share. What must match is asked of the grams and
stems; what ranks is added beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from indexer import layers, scoring
from indexer.documents import heading_tokens
from indexer.engines.cluster import phrases
from indexer.engines.cluster.dsl import (
    EVERYTHING,
    NOTHING,
    Query,
    all_of,
    any_of,
    best_of,
    boosted,
    boundary,
    constant,
    one_of,
    silent,
    term,
)
from indexer.fields import (
    DESCRIPTION,
    FILTER,
    FORMS,
    HEADING_FIELDS,
    HEADINGS,
    KEYS,
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
from mappings.text import STOP_WORDS, is_han, phrase, stem

_TEXT_BY_NAME = {field.name: field for field in TEXTS}


def resources(plan: Plan, matched: Query) -> Query:
    """The match set, with what scores beside it."""
    if isinstance(plan.node, Every):
        return matched
    fields = layers.descriptions(plan.rights)
    lifts = [(boosted(_lifting(node, fields), weight), is_phrase(node)) for node, weight in plan.rank]
    beside = [
        *_rank(plan.node, fields),
        *(query for query, phrased in lifts if not phrased),
        *(constant(match(node, fields), weight) for node, weight in plan.bonus),
    ]
    ranked = all_of([matched], lifted=beside)
    for query in (query for query, phrased in lifts if phrased):
        # One inside the other, positions are looked at in hits only, and not wherever the words stand side by side.
        ranked = all_of([ranked], lifted=[query])
    return ranked


def matching(plan: Plan, owners: Iterable[str] = (), scores: Mapping[str, float] = MappingProxyType({})) -> Query:
    """Resources that match by description, or own one of the pages found: the match set, which totals and facets count.
    Pages score where a score is given."""
    parts = [silent(term("scope", f"resource:{plan.rights.scope}")), *_filters(plan)]
    if isinstance(plan.node, Every):
        return all_of([EVERYTHING, *parts])
    scored = [constant(term("id", owner), score) for owner, score in scores.items()]
    others = [owner for owner in owners if owner not in scores]
    ways = [match(plan.node, layers.descriptions(plan.rights)), *scored, *([one_of("id", others)] if others else [])]
    return all_of([any_of(ways), *parts])


def pages(plan: Plan) -> Query:
    """Pages these rights may read that hold all words, alone or together with their description, and at least one
    themselves."""
    fields, texts = layers.pages(plan.rights), layers.own_pages(plan.rights)
    own = [match(leaf, texts) for leaf in leaves(plan.node) if may_be_of_pages(leaf)]
    parts = [match(plan.node, fields), silent(any_of(own)), readable(plan.rights, "page")]
    if plan.within is not None:
        parts.append(silent(term("above", plan.within)))
    return all_of(parts, lifted=list(_rank(plan.node, fields)))


def of_owner(found: Query, resource_id: str) -> Query:
    """Those of some documents that belong to one resource."""
    return all_of([found, silent(term("id", resource_id))])


def described(node: Node, rights: Rights) -> Query:
    """Resources whose description matches by itself."""
    return all_of([silent(term("scope", f"resource:{rights.scope}")), silent(match(node, layers.descriptions(rights)))])


def paged(node: Node, rights: Rights) -> Query:
    """Pages whose own text matches."""
    return all_of([readable(rights, "page"), silent(match(node, layers.own_pages(rights)))])


def of_scope(resource_id: str, scope: str) -> Query:
    """The documents of a resource that are found as something."""
    return all_of([silent(term("id", resource_id)), silent(term("scope", scope))])


def sheet(resource_id: str, number: int, part: int, rights: Rights) -> Query:
    """A part of a page that these rights may read."""
    place = [silent(term("id", resource_id)), silent(term("number", number)), silent(term("order", part))]
    return all_of([*place, readable(rights, "sheet")])


def some_pages(resource_id: str, numbers: Sequence[int], rights: Rights) -> Query:
    """These pages of a resource, as far as these rights may read them."""
    return all_of([silent(term("id", resource_id)), one_of("number", numbers), readable(rights, "page")])


def parts(resource_id: str, number: int, plan: Plan) -> Query:
    """The parts of a page that hold a term; of a description with number 0."""
    scope = readable(plan.rights, "sheet") if number else silent(term("scope", f"rest:{plan.rights.scope}"))
    fields = layers.parts(plan.rights, of_page=number > 0)
    holds = silent(any_of([_term_query(wanted, fields) for wanted in words_of(plan.node)]))
    return all_of([silent(term("id", resource_id)), silent(term("number", number)), scope, holds])


def described_by(wanted: Term) -> Query:
    """Descriptions for everyone in which a word stands, or a heading in the field of the term."""
    if wanted.field is not None:
        return all_of([silent(term("scope", "resource:reader")), term(FILTER, filter_key(wanted.field, wanted.text))])
    return term(DESCRIPTION.word_layer, stem(wanted.folded))


def readable(rights: Rights, kind: str) -> Query:
    """Pages, or sheets, that these rights may read."""
    opened = boundary("opens", None, rights.today.toordinal())
    copies = [_of_copies(rights)] if rights.masked else []
    there = [one_of("place", sorted(rights.places))] if rights.places else []
    allowed = any_of([one_of("content", sorted(rights.levels)), opened, *there, *copies])
    shut = [one_of("place", sorted(rights.shut))] if rights.shut else []
    return all_of([silent(term("scope", f"{kind}:{rights.scope}")), silent(allowed)], but=shut)


def _of_copies(rights: Rights) -> Query:
    """Of released copies what these rights read in place of the text."""
    ended = [one_of("release", sorted(rights.ended))] if rights.ended else []
    opened = boundary("shuts", None, rights.today.toordinal())
    full = [one_of("place", sorted(map(apart, rights.places)))] if rights.places else []
    return all_of([one_of("content", sorted(map(masked, rights.masked)))], but=[opened, *ended, *full])


def match(node: Node, fields: Fields) -> Query:
    """The query of a tree: which documents match."""
    match node:
        case And(parts):
            return _and(parts, fields)
        case Or(parts):
            return any_of([match(part, fields) for part in parts])
        case Either((typed, *others)):
            ways = (boosted(match(other, fields), OTHER_WAY) for other in others)
            return best_of([match(typed, fields), *ways])
        case Most(parts, at_least):
            found = [match(part, fields) for part in parts]
            return {"bool": {"should": found, "minimum_should_match": at_least}} if at_least else EVERYTHING
        case Not(part):
            return all_of([silent(EVERYTHING)], but=[match(part, fields)])
        case InOne(part):
            return any_of([match(part, (field,)) for field in fields])
        case _:
            return _leaf(node, fields)


def _and(parts: Sequence[Node], fields: Fields) -> Query:
    wanted = [match(part, fields) for part in parts if not isinstance(part, Not)]
    excluded = [match(part.part, fields) for part in parts if isinstance(part, Not)]
    return all_of(wanted or [silent(EVERYTHING)], but=excluded)


def _leaf(node: Node, fields: Fields) -> Query:
    match node:
        case Term():
            return _term_query(node, fields)
        case Ids(ids):
            return one_of("id", sorted(ids))
        case Span(year_from, year_to):
            return constant(_dated(boundary("from", None, year_to), boundary("to", year_from, None)), scoring.DATED)
        case Inside(year_from, year_to):
            return silent(_dated(boundary("from", year_from, None), boundary("to", None, year_to)))
        case Code(key):
            return constant(term("code_key", key), scoring.TOLD)
        case Key(key, prefix):
            return constant({"prefix": {KEYS: {"value": key}}} if prefix else term(KEYS, key), scoring.TOLD)
        case Form(token):
            return silent(term(PAGE_FORMS if layers.are_pages(fields) else FORMS, token))
        case Read(descriptions, numbered):
            return silent(_numbered(numbered)) if layers.are_pages(fields) else one_of("id", sorted(descriptions))
    return EVERYTHING


def _dated(*bounds: Query) -> Query:
    return all_of(bounds)


def _numbered(wanted: Iterable[tuple[str, int]]) -> Query:
    numbers: dict[str, list[int]] = {}
    for owner, number in sorted(wanted):
        numbers.setdefault(owner, []).append(number)
    return any_of(
        [all_of([silent(term("id", owner)), one_of("number", of_owner)]) for owner, of_owner in numbers.items()]
    )


def _term_query(wanted: Term, fields: Fields) -> Query:
    if wanted.field is None:
        return any_of([boosted(_in_field(wanted, field), field.weight) for field in fields])
    asked = _TEXT_BY_NAME.get(QUERY_FIELDS[wanted.field])
    if asked is not None:
        found = layers.beside(fields, asked)
        return any_of([boosted(_in_field(wanted, field), field.weight) for field in found])
    return _heading(wanted, wanted.field) if layers.are_descriptions(fields) else NOTHING


def _heading(wanted: Term, field: str) -> Query:
    options = [term(FILTER, filter_key(field, wanted.text))] if field != "creator" else []
    if field in HEADING_FIELDS and (tokens := heading_tokens(field, wanted.folded)):
        options.append(all_of([term(HEADINGS, token) for token in tokens]))
    return constant(any_of(options), scoring.TOLD) if options else NOTHING


def _in_field(wanted: Term, field: TextField) -> Query:
    grams, word = field.gram_layer, wanted.folded
    match wanted.kind:
        case "prefix":
            return {"prefix": {grams: {"value": word}}}
        case "near":
            return _near(word, field) if field.name == DESCRIPTION.name else NOTHING
        case "number":
            return term(grams, word)
        case "word" if not is_han(word) and field.words and word not in STOP_WORDS:
            return term(field.word_layer, stem(word))
    found = _phrase(wanted, field)
    return silent(found) if wanted.kind == "word" and is_han(word) and wanted.field is None else found


def _near(word: str, field: TextField) -> Query:
    said = {"value": word, "fuzziness": near_distance(word), "max_expansions": 1_000, "rewrite": "constant_score"}
    return {"fuzzy": {field.gram_layer: said}}


def _phrase(wanted: Term, field: TextField) -> Query:
    tokens = phrase(wanted.folded)
    if len(tokens) < 2:
        words = field.word_layer if field.words else None
        return phrases.single(tokens[0][1], words, field.gram_layer) if tokens else NOTHING
    found = phrases.phrase_query(tokens, field.gram_layer)
    return boosted(found, scoring.PAIR) if is_han(wanted.folded) else found


def _lifting(node: Node, fields: Fields) -> Query:
    """What a node of the ranking scores where it matches."""
    match node:
        case Term(kind="word", field=None):
            return any_of([term(field.word_layer, stem(node.folded)) for field in fields])
        case Term() | Key() | Code():
            return match(node, fields)
    return all_of([match(node, fields)], lifted=list(_rank(node, fields)))


def _rank(node: Node, fields: Fields) -> Iterator[Query]:
    """What adds to the score without being asked for."""
    for (name, token), weight in scoring.weights(node, fields).items():
        yield boosted(term(name, token), weight)


def _filters(plan: Plan) -> Iterator[Query]:
    for name, values in (*plan.filters.items(), *plan.standing):
        yield one_of(FILTER, [filter_key(name, value) for value in values])
    if plan.within is not None:
        yield silent(term("above", plan.within))
    if plan.parent is not None:
        yield silent(term("parent", plan.parent))
    if plan.before is not None:
        yield boundary("order", None, plan.before - 1)
    if plan.member is not None:
        yield silent(term("record", plan.member))
    if plan.authorities:
        yield one_of("authority", plan.authorities)
    if plan.year_to is not None:
        yield boundary("from", None, plan.year_to)
    if plan.year_from is not None:
        yield boundary("to", plan.year_from, None)
