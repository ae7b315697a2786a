"""What the words that were asked for count in the score, token by token: the same on every engine that has BM25.

Whether a word matches is told elsewhere; here is what each of its tokens adds where it stands. A Han word counts by
its dictionary words, the pairs and the single characters in it, so that what the dictionary cuts elsewhere still
counts; a Latin word scores by its stem as it matches, and here a little more in a title and in the form that was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from indexer.fields import DESCRIPTION, LIFTING_TEXTS, TextField
from indexer.plan import OTHER_WAY, And, Either, Most, Node, Or, Term
from mappings.text import is_han, stem, words_and_grams

PAIR = 0.5
"""A pair of neighbouring Han characters, as a share of a word. CMRC (tuned half) MRR@10 .983 at .5, .984 at .7; papers
by discipline nDCG@10 .191 and .188."""
CHARACTER = 0.5
"""A single Han character, as a share of a word. CMRC .983 at .3, .983 at .5, .984 at .7; disciplines .181, .191, .196;
verses .999, .999, 1."""
EXACT = 0.2
"""A Latin word in the form that was typed, as a share of its stem. Cranfield (tuned half) nDCG@10 .371 at 0, .378 at
.2, .381 at .4; on the other half .374, .369, .367."""

DATED = 4.0
"""The score of being dated in the years that were asked for: that of a word of middling rarity."""
TOLD = 6.0
"""The score of a heading, a code or a whole title that was asked for: that of a rare word. Not by how many have it:
these are counted over all there are, and a score would tell of what its reader may not know."""

Fields = tuple[TextField, ...]
Weights = dict[tuple[str, str], float]
"""By index field and token."""


def weights(node: Node, fields: Fields) -> Weights:
    """What the tokens of a tree's words add to the score of a document that is looked at in these fields."""
    match node:
        case Term(kind="word", field=None):
            fields = tuple(field for field in fields if field.weight)
            within = [field.layer for field in fields if field.name == DESCRIPTION.name]
            lifting = tuple(field.within(layer) for layer in within for field in LIFTING_TEXTS)
            return (_han if is_han(node.folded) else _latin)(node.folded, fields, lifting)
        case And(parts) | Or(parts) | Most(parts):
            return _together(weights(part, fields) for part in parts)
        case Either((typed, *others)):
            ways = (weights(other, fields) for other in others)
            shared = ({token: weight * OTHER_WAY for token, weight in way.items()} for way in ways)
            return _together((weights(typed, fields), *shared))
    return {}


def _together(found: Iterable[Weights]) -> Weights:
    """Each token with the most it counts."""
    most: Weights = {}
    for tokens in found:
        for token, weight in tokens.items():
            most[token] = max(weight, most.get(token, 0.0))
    return most


def _han(folded: str, fields: Fields, lifting: Fields) -> Weights:
    found: Weights = {}
    for token in words_and_grams(folded)[0]:
        share = 1.0 if len(token) > 1 or len(folded) == 1 else CHARACTER
        found |= {(field.word_layer, token): field.weight * share for field in (*fields, *lifting)}
    pairs = [one + other for one, other in pairwise(folded)]
    return found | {(field.gram_layer, pair): field.weight * PAIR for field in fields for pair in pairs}


def _latin(folded: str, fields: Fields, lifting: Fields) -> Weights:
    found = {(field.word_layer, stem(folded)): field.weight for field in lifting}
    return found | {(field.gram_layer, folded): field.weight * EXACT for field in fields}
