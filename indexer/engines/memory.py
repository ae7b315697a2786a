"""The reference engine: everything in memory, every match by looking. Slow and plainly right; other engines must
agree with it."""

from __future__ import annotations

import math
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from rapidfuzz.distance import OSA

from indexer.documents import heading_tokens
from indexer.engines.base import Beginning
from indexer.fields import (
    ABOUT,
    DESCRIPTION,
    FILTER,
    FORMS,
    HEADINGS,
    KEYS,
    LIFTING_TEXTS,
    PAGE,
    PAGE_FORMS,
    PART,
    QUERY_FIELDS,
    TEXTS,
    VALUES,
    WEIGHT,
    TextField,
    facet_field,
    filter_key,
)
from indexer.folding import WINDOW, page
from indexer.keys import fonds_of
from indexer.layers import OF_LEVEL
from indexer.plan import (
    MOST_GROUPS,
    OTHER_WAY,
    PER_GROUP,
    And,
    Answer,
    Code,
    Either,
    Every,
    Form,
    Group,
    Hit,
    Ids,
    InOne,
    Inside,
    Key,
    Most,
    Node,
    Not,
    Or,
    PageHit,
    Plan,
    Read,
    Rights,
    Span,
    Term,
    apart,
    leaves,
    masked,
    near_distance,
    ranked,
    terms,
    typed_terms,
    without_filter,
    words_of,
)
from indexer.suggest_keys import audiences, commonest
from mappings.text import STOP_WORDS, is_han, is_open, phrase, stem, words_and_grams

Doc = dict[str, Any]
_DESCRIBED, _PAGED = (DESCRIPTION,), (PAGE, ABOUT)
_LAYERS = tuple(dict.fromkeys(OF_LEVEL.values()))


class MemoryEngine:
    """An index that lives as long as the process."""

    def __init__(self) -> None:
        self.documents: list[Doc] = []
        self._store_version: int | None = None

    def store_version(self) -> int | None:
        return self._store_version

    def refresh(self) -> None:
        """Commits are visible at once."""

    def writer(self) -> MemoryWriter:
        return MemoryWriter(self)

    def publish(self, documents: list[Doc], store_version: int) -> None:
        """What a writer commits."""
        self.documents, self._store_version = documents, store_version

    def get(self, resource_id: str, rights: Rights, whole: bool = False) -> Doc | None:
        docs = [doc for doc in self.documents if doc["id"] == resource_id]
        doc = next((doc for doc in docs if f"resource:{rights.scope}" in doc["scope"]), None)
        if doc is None:
            return None
        apart = next((full for full in docs if f"full:{rights.scope}" in full["scope"]), doc)
        return stored(doc, apart if whole or "full" not in doc else doc, rights)

    def page(self, resource_id: str, number: int, rights: Rights, part: int = 1) -> Doc | None:
        for doc in self._of_page(resource_id, number, rights, "sheet"):
            if doc["order"] == part:
                return _json(doc["full"])
        return None

    def values(self, beginning: str, rights: Rights, limit: int) -> list[tuple[str, int]]:
        wanted = tuple(audience + beginning for audience in audiences(rights.scope))
        counts = Counter(term[1:] for doc in self.documents for term in doc.get(VALUES, ()) if term.startswith(wanted))
        return commonest(counts, limit)

    def page_numbers(self, resource_id: str, plan: Plan) -> list[int]:
        if isinstance(plan.node, Every):
            return []
        mine = (doc for doc in self.documents if doc["id"] == resource_id and _readable_page(doc, plan.rights))
        return sorted(doc["number"] for doc in mine if _page_matches(plan.node, doc))

    def page_hits(self, resource_id: str, numbers: Sequence[int], rights: Rights) -> list[PageHit]:
        docs = [doc for number in sorted(set(numbers)) for doc in self._of_page(resource_id, number, rights, "page")]
        return [PageHit(0.0, _json(doc["hit"])) for doc in docs]

    def parts(self, resource_id: str, number: int, plan: Plan, size: int) -> list[Doc]:
        docs = list(self._of_page(resource_id, number, plan.rights, "sheet" if number else "rest"))
        found = [doc for doc in docs if any(_term_in(term, doc, (PART,)) for term in words_of(plan.node))]
        return [_json(doc["full"]) for doc in sorted(found, key=lambda doc: int(doc["order"]))[:size]]

    def _of_page(self, resource_id: str, number: int, rights: Rights, kind: str) -> Iterator[Doc]:
        for doc in self.documents:
            mine = doc["id"] == resource_id and doc.get("number") == number
            if mine and f"{kind}:{rights.scope}" in doc["scope"] and (kind == "rest" or _may_read(doc, rights)):
                yield doc

    def texts(self, node: Node, rights: Rights) -> Iterator[tuple[str, int | None]]:
        for doc in self.documents:
            if f"resource:{rights.scope}" in doc["scope"] and matches(node, doc, _DESCRIBED):
                yield doc["id"], None
            elif _readable_page(doc, rights) and matches(node, doc, (PAGE,)):
                yield doc["id"], doc["number"]

    def foresee(self, plans: Iterable[Plan], beginnings: Iterable[Beginning] = ()) -> None:
        """Asking costs no way."""

    def counts(self, plans: Sequence[Plan]) -> list[int]:
        return [len(self._matched(plan, self._pages(plan))) for plan in plans]

    def search(self, plan: Plan) -> Answer:
        pages = self._pages(plan)
        matched = self._matched(plan, pages)
        hits = [
            (self._score(plan, doc) + max((page.score for page in pages.get(doc["id"], [])), default=0.0), doc)
            for doc in matched
        ]
        _sort(hits, plan)
        answer = _ranked([_hit(score, doc, pages.get(doc["id"], []), plan) for score, doc in hits], plan)
        answer.facets = {
            name: _facet(self._matched(without_filter(plan, name), pages), name, plan.facet_text)
            for name in plan.facets
        }
        answer.decades = _decades(matched) if plan.histogram else []
        return answer

    def _matched(self, plan: Plan, pages: dict[str, list[PageHit]]) -> list[Doc]:
        return [
            doc
            for doc in self.documents
            if f"resource:{plan.rights.scope}" in doc["scope"]
            and _passes(doc, plan)
            and (doc["id"] in pages or matches(plan.node, doc, _DESCRIBED))
        ]

    def frequencies(self, terms: Sequence[Term]) -> list[int]:
        return list(map(self._frequency, terms))

    def _frequency(self, term: Term) -> int:
        described = (doc for doc in self.documents if "resource:reader" in doc["scope"])
        if term.field is not None:
            return sum(filter_key(term.field, term.text) in doc.get(FILTER, ()) for doc in described)
        token = stem(term.folded)
        return sum(token in doc.get(DESCRIPTION.word_layer, "").split(" ") for doc in described)

    def _pages(self, plan: Plan) -> dict[str, list[PageHit]]:
        if isinstance(plan.node, Every) or plan.descriptions:
            return {}
        found: dict[str, list[PageHit]] = {}
        for doc in self.documents:
            if not _readable_page(doc, plan.rights) or (plan.within is not None and plan.within not in doc["above"]):
                continue
            if _page_matches(plan.node, doc):
                found.setdefault(doc["id"], []).append(PageHit(self._score(plan, doc), _json(doc["hit"])))
        for pages in found.values():
            pages.sort(key=lambda page: (-page.score, page.stored["number"]))
        return found

    def _score(self, plan: Plan, doc: Doc) -> float:
        """Enough of a ranking to order: weight and rarity of the terms found, field by field."""
        fields = _PAGED if "number" in doc else _DESCRIBED
        kind = "page" if "number" in doc else "resource"
        known = [other for other in self.documents if f"{kind}:{plan.rights.scope}" in other["scope"]]
        seen = [other for other in known if kind == "resource" or _may_read(other, plan.rights)]
        total = max(1, len(seen))
        score = 0.0
        typed = set(typed_terms(plan.node))
        for term in terms(plan.node):
            frequency = sum(_term_in(term, other, fields) for other in seen)
            rarity = math.log(1 + total / (1 + frequency))
            lifting = () if "number" in doc else LIFTING_TEXTS
            score += (
                (1.0 if term in typed else OTHER_WAY)
                * rarity
                * sum(field.weight for field in (*fields, *lifting) if _lifted(term, doc, field))
            )
        lifts = (*plan.rank, *plan.bonus) if fields == _DESCRIBED else ()
        return score + sum(weight for node, weight in lifts if matches(node, doc, fields))


class MemoryWriter:
    """Works on a copy; `commit` publishes it."""

    def __init__(self, engine: MemoryEngine) -> None:
        self._engine = engine
        self._documents = list(engine.documents)

    def delete(self, resource_ids: Iterable[str]) -> None:
        gone = set(resource_ids)
        self._documents = [doc for doc in self._documents if doc["id"] not in gone]

    def clear(self) -> None:
        self._documents = []

    def add(self, documents: Iterable[bytes]) -> None:
        self._documents += [orjson.loads(document) for document in documents]

    def commit(self, store_version: int) -> dict[str, str]:
        self._engine.publish(list(self._documents), store_version)
        return {}

    def close(self) -> None:
        """Nothing to let go of."""


def _json(value: str) -> Doc:
    loaded: Doc = orjson.loads(b64decode(value))
    return loaded


def stored(doc: Doc, full: Doc, rights: Rights) -> Doc:
    """The stored parts of a resource document, and of the one with its whole record, that the viewer may have."""
    staff = full.get("staff") if rights.scope == "staff" else None
    return {"hit": _json(doc["hit"]), "full": b64decode(staff or full["full"])}


def _readable_page(doc: Doc, rights: Rights) -> bool:
    return f"page:{rights.scope}" in doc["scope"] and _may_read(doc, rights)


def _may_read(doc: Doc, rights: Rights) -> bool:
    if not rights.shut.isdisjoint(doc["place"]):
        return False
    today = rights.today.toordinal()
    if doc["content"] in map(masked, rights.masked):
        stands = doc.get("shuts", math.inf) > today and doc["release"] not in (rights.ended or ())
        return stands and not any(apart(place) in doc["place"] for place in rights.places)
    if doc["content"] in rights.levels or doc.get("opens", math.inf) <= today:
        return True
    return not rights.places.isdisjoint(doc["place"])


def _passes(doc: Doc, plan: Plan) -> bool:
    for name, values in (*plan.filters.items(), *plan.standing):
        if not {filter_key(name, value) for value in values} & set(doc[FILTER]):
            return False
    if plan.within is not None and plan.within not in doc["above"]:
        return False
    if plan.parent is not None and doc.get("parent") != plan.parent:
        return False
    if plan.before is not None and doc.get("order", 0) >= plan.before:
        return False
    if plan.member is not None and plan.member not in doc.get("record", ()):
        return False
    if plan.authorities and not set(plan.authorities) & set(doc.get("authority", ())):
        return False
    if plan.year_from is None and plan.year_to is None:
        return True
    if "from" not in doc:
        return False
    return (plan.year_to is None or doc["from"] <= plan.year_to) and (
        plan.year_from is None or doc["to"] >= plan.year_from
    )


def matches(node: Node, doc: Doc, fields: tuple[TextField, ...]) -> bool:
    """Does the document match the tree, looking for words in these fields?"""
    match node:
        case Not(part):
            return not matches(part, doc, fields)
        case And(parts):
            return all(matches(part, doc, fields) for part in parts)
        case Or(parts) | Either(parts):
            return any(matches(part, doc, fields) for part in parts)
        case Most(parts, at_least):
            return sum(matches(part, doc, fields) for part in parts) >= at_least
        case InOne(part):
            return any(matches(part, doc, (field,)) for field in fields)
        case _:
            return _leaf_matches(node, doc, fields)


def _leaf_matches(
    node: Every | Term | Ids | Span | Inside | Code | Key | Form | Read, doc: Doc, fields: tuple[TextField, ...]
) -> bool:
    match node:
        case Every():
            return True
        case Term():
            return _term_in(node, doc, fields)
        case Ids(ids):
            return doc["id"] in ids
        case Span() | Inside():
            return _is_dated(node, doc)
        case Code() | Key():
            return _has_key(node, doc)
        case Form(token):
            return token in doc.get(PAGE_FORMS if PAGE in fields else FORMS, "").split(" ")
        case Read(descriptions, pages):
            return (doc["id"], doc["number"]) in pages if PAGE in fields else doc["id"] in descriptions


def _is_dated(node: Span | Inside, doc: Doc) -> bool:
    if "from" not in doc:
        return False
    if isinstance(node, Span):
        return bool(doc["from"] <= node.year_to and doc["to"] >= node.year_from)
    return bool(node.year_from <= doc["from"] and doc["to"] <= node.year_to)


def _has_key(node: Code | Key, doc: Doc) -> bool:
    if isinstance(node, Code):
        return node.key in doc.get("code_key", ())
    return any(own == node.key or (node.prefix and own.startswith(node.key)) for own in doc.get(KEYS, ()))


def _page_matches(node: Node, doc: Doc) -> bool:
    own = any(matches(leaf, doc, (PAGE,)) for leaf in leaves(node))
    return own and matches(node, doc, _PAGED)


def _term_in(term: Term, doc: Doc, fields: tuple[TextField, ...]) -> bool:
    if term.field is None:
        return any(_in_field(term, doc, field) for field in fields)
    asked = next((field for field in TEXTS if field.name == QUERY_FIELDS[term.field]), None)
    if asked is not None:
        return (PAGE if asked is PAGE else DESCRIPTION) in fields and _in_field(term, doc, asked)
    if filter_key(term.field, term.text) in doc.get(FILTER, ()):
        return True
    wanted = heading_tokens(term.field, term.folded)
    return bool(wanted) and set(wanted) <= set(doc.get(HEADINGS, "").split(" "))


def _in_field(term: Term, doc: Doc, field: TextField) -> bool:
    grams = _tokens(doc, field, grams=True)
    if term.kind == "prefix":
        return any(gram.startswith(term.folded) for gram in grams)
    if term.kind == "number":
        return term.folded in grams
    if term.kind == "near":
        return field is DESCRIPTION and any(_is_near(gram, term.folded) for gram in grams)
    if term.kind == "word" and not is_han(term.folded) and field.words and term.folded not in STOP_WORDS:
        return stem(term.folded) in _tokens(doc, field)
    return _phrase_in(phrase(term.folded), grams)


def _tokens(doc: Doc, field: TextField, *, grams: bool = False) -> list[str]:
    """The tokens of a text, in whichever of the layers it is kept: what is not for the viewer is not looked at."""
    kept = (field.within(layer) for layer in _LAYERS)
    names = (one.gram_layer if grams else one.word_layer for one in kept)
    return next((str(doc[name]).split(" ") for name in names if name in doc), [""])


def _is_near(gram: str, folded: str) -> bool:
    return OSA.distance(gram, folded) <= near_distance(folded)


def _lifted(term: Term, doc: Doc, field: TextField) -> bool:
    """Does a term count in this field? Where nothing is matched, its words are enough."""
    if field.grams:
        return _in_field(term, doc, field)
    words = _tokens(doc, field)
    return any(token in words for token in words_and_grams(term.folded)[0])


def _phrase_in(wanted: list[tuple[int, str]], grams: list[str]) -> bool:
    if not wanted:
        return False
    return any(all(_gram_is(grams, at + position, token) for position, token in wanted) for at in range(len(grams)))


def _gram_is(grams: list[str], at: int, token: str) -> bool:
    if at >= len(grams):
        return False
    return grams[at] == token or (is_open(token) and grams[at].startswith(token))


def _sort(hits: list[tuple[float, Doc]], plan: Plan) -> None:
    last = "\U0010ffff"
    if plan.sort == "weight":
        hits.sort(key=lambda hit: (-hit[1].get(WEIGHT, 0), hit[1]["id"]))
    elif plan.sort == "relevance":
        hits.sort(key=lambda hit: (-hit[0], hit[1]["id"]))
    elif plan.sort == "archival":
        hits.sort(key=lambda hit: (hit[1].get("order", 0), hit[1]["id"]))
    else:
        key = {"date": "sort_date", "reference_code": "sort_code"}[plan.sort]
        hits.sort(key=lambda hit: (hit[1].get(key, last), hit[1]["id"]))


def _hit(score: float, doc: Doc, pages: list[PageHit], plan: Plan) -> Hit:
    return Hit(score, _json(doc["hit"]), pages[: plan.pages_per_hit], len(pages))


def _ranked(hits: list[Hit], plan: Plan) -> Answer:
    """The slice of a ranking that is wanted."""
    reach = slice(plan.offset, plan.offset + plan.size)
    if plan.grouped:
        fonds: dict[str, list[Hit]] = {}
        for hit in hits:
            fonds.setdefault(fonds_of(hit.stored)["id"], []).append(hit)
        groups = [Group(len(found), found[:PER_GROUP]) for found in fonds.values()][:MOST_GROUPS]
        return Answer(len(hits), [], groups=groups[reach], more_groups=len(groups) > reach.stop)
    if plan.folded:
        asked = page([tuple(hit.stored["alike"]) for hit in hits[:WINDOW]], plan.offset, plan.size)
        for best, *others in asked.shown:
            hits[best].folded = [hits[at].stored for at in others]
            own = hits[best].stored["alike"][0]
            hits[best].siblings = sum(hit.stored["alike"][0] == own for hit in hits) - 1 if own and others else 0
        behind = hits[asked.offset : asked.offset + asked.size]
        return Answer(len(hits), [*(hits[best] for best, *_ in asked.shown), *behind], asked.hidden)
    return Answer(len(hits), hits[reach])


def _facet(matched: list[Doc], name: str, text: str) -> list[tuple[str, int]]:
    counts = Counter(value for doc in matched for value in doc.get(facet_field(name), ()))
    return ranked(name, counts.items(), text)


def _decades(matched: list[Doc]) -> list[tuple[int, int]]:
    counts = Counter(int(value) for doc in matched for value in doc.get(facet_field("decade"), ()))
    return sorted(counts.items())
