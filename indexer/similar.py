"""Records like one: what it is about - its names and the rarest of its words - asked for among all the others.

Only descriptions are looked at. What is asked for is taken from what the viewer may see of the record, and asked with
the viewer's rights, so nothing comes of records they may not know of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from indexer.engines.base import Engine
from indexer.folding import fold as folded
from indexer.plan import And, Hit, Ids, Most, Node, Not, Or, Plan, Rights, Term
from mappings.text import RUN, STOP_WORDS, fold, is_han, segment, stem

SHOWN: Final = 6
"""Similar records that are shown."""
NAMES: Final = ("person", "organisation", "place", "subject")
"""Headings that say what a record is about, the most telling kind first."""
MOST_NAMES: Final = 8
MOST_WORDS: Final = 8
CANDIDATES: Final = 60
"""Words and names whose rarity is looked up, and hits that are looked through for some that may be shown."""
TEXT: Final = 4_000
"""Characters of a description that words are taken from."""
WORD_SHARE: Final = 0.4
"""Share of the words that must be there where no name is."""
COMMON: Final = 0.05
FEW: Final = 20
"""Share of the descriptions, and number where there are few, in which a word says nothing any more."""
REASONS: Final = 3
"""Values of one kind that are told as a reason."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Similar:
    """A record like another: its hit, and what both have in common, ``{"kind", "values"}`` each, kinds of names first
    and ``word`` last."""

    hit: Hit
    reasons: list[Json]


def similar(engine: Engine, stored: Json, rights: Rights, limit: int = SHOWN) -> list[Similar]:
    """The records most like the one whose hit is `stored`, best first: without itself, the units above and below it,
    and near-identical ones.
    """
    everything = engine.counts([Plan(rights)])[0]
    names, words = _names(engine, stored), _words(engine, stored, max(FEW, round(everything * COMMON)))
    node = _asked(names, words)
    if node is None:
        return []
    others = Not(Ids(frozenset({stored["id"], *(above["id"] for above in stored["ancestors"])})))
    plan = Plan(rights, And((node, others)), size=CANDIDATES, pages_per_hit=0, descriptions=True)
    found = [hit for hit in engine.search(plan).whole().hits if _may_be_shown(hit.stored, stored)]
    best = [found[ranks[0]] for ranks in folded([tuple(hit.stored["alike"]) for hit in found])]
    return [Similar(hit, _reasons(stored, hit.stored, words)) for hit in best[:limit]]


def _asked(names: list[Term], words: list[Term]) -> Node | None:
    """One of the names, or a good part of the words; None when that would be next to nothing."""
    parts: list[Node] = list(names)
    if len(words) > 1:
        parts.append(Most(tuple(words), max(2, round(len(words) * WORD_SHARE))))
    return Or(tuple(parts)) if parts else None


def _names(engine: Engine, stored: Json) -> list[Term]:
    headings = [(kind, name) for kind in NAMES for name in stored["facets"].get(kind, ())][:CANDIDATES]
    return _rarest(engine, (Term(name, fold(name), "word", kind) for kind, name in headings), MOST_NAMES)


def _words(engine: Engine, stored: Json, most: int) -> list[Term]:
    """Of the title, and what is said more than once; none that stand in more than so many descriptions."""
    titled = dict.fromkeys(_said(stored["title"]))
    counted = Counter(_said(stored["text"][:TEXT])).most_common(CANDIDATES)
    candidates = dict.fromkeys([*titled, *(word for word, times in counted if times > 1)])
    return _rarest(engine, [Term(word, word) for word in candidates][:CANDIDATES], MOST_WORDS, most)


def _rarest(engine: Engine, candidates: Iterable[Term], limit: int, most: float = inf) -> list[Term]:
    """Those that fewest others have; what nobody else has leads nowhere."""
    wanted = list(candidates)
    counted = sorted(zip(engine.frequencies(wanted), wanted, strict=True), key=lambda pair: pair[0])
    return [term for count, term in counted if 1 < count <= most][:limit]


def _said(text: str) -> Iterator[str]:
    """Words that can tell one text from another: no numbers, no stop words, no single characters."""
    for match in RUN.finditer(fold(text)):
        run = match[0]
        for word in segment(run) if is_han(run) else (run,):
            if len(word) > 1 and not any(char.isdigit() for char in word) and word not in STOP_WORDS:
                yield word


def _may_be_shown(other: Json, stored: Json) -> bool:
    """Neither below it nor near-identical with it."""
    below = any(above["id"] == stored["id"] for above in other["ancestors"])
    keys = {key for key in stored["alike"] if key is not None}
    return not below and not keys.intersection(other["alike"])


def _reasons(stored: Json, other: Json, words: list[Term]) -> list[Json]:
    reasons: list[Json] = []
    for kind in NAMES:
        theirs = other["facets"].get(kind, ())
        if both := [name for name in stored["facets"].get(kind, ()) if name in theirs]:
            reasons.append({"kind": kind, "values": both[:REASONS]})
    theirs = {stem(word) for word in _said(f"{other['title']}\n{other['text'][:TEXT]}")}
    told = fold(" ".join(value for reason in reasons for value in reason["values"]))
    if both := [term.text for term in words if stem(term.folded) in theirs and term.folded not in told]:
        reasons.append({"kind": "word", "values": both[:REASONS]})
    return reasons
