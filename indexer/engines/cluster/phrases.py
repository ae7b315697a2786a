"""Strings in the grams of a field: every position with the tokens that may stand there.

The grams of a run of Han characters are its pairs, then its last character alone (`mappings.text`). So a character
that stands alone in a question is, where another one of it follows at once, that character alone or the pair with the
next; at the end it is every pair that it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise, product

from indexer.engines.cluster.dsl import NOTHING, Query, all_of, any_of, silent, term
from mappings.text import is_han, is_open

MOST_PHRASES = 64
"""Phrases one string is asked as: two for each place in it where Han characters are set apart by a blank."""
EXPANSIONS = 65_536
"""Pairs that one character may begin."""
Alternatives = list[tuple[str, ...]]


def phrase_query(wanted: Sequence[tuple[int, str]], field: str) -> Query:
    """Texts with these tokens of `mappings.text.phrase`, two or more, in a row."""
    places = alternatives(wanted)
    in_a_row = _begun if is_open(wanted[-1][1]) else _whole
    return any_of([in_a_row(tokens, field) for tokens in _combined(places)])


def _whole(tokens: Sequence[str], field: str) -> Query:
    if len(tokens) == 1:
        return term(field, tokens[0])
    return {"match_phrase": {field: {"query": " ".join(tokens)}}}


def _begun(tokens: Sequence[str], field: str) -> Query:
    """The last token is the beginning of one. All those that begin so would add up in the score, as if each stood
    there: so what stands before it scores.
    """
    said = {"query": " ".join(tokens), "max_expansions": EXPANSIONS}
    return all_of([_whole(tokens[:-1], field), silent({"match_phrase_prefix": {field: said}})])


def alternatives(wanted: Sequence[tuple[int, str]]) -> Alternatives:
    """The tokens that may stand at each position from the first to the last; a character left open at the very end
    stands there as it is."""
    found: Alternatives = []
    for (position, token), (following, after) in pairwise(wanted):
        found.append(_opened(token, after) if is_open(token) else (token,))
        if following > position + 1:  # the end of a run: its last character alone, or the pair with what follows
            found.append(_opened(token[-1], after))
    return [*found, (wanted[-1][1],)]


def _opened(character: str, after: str) -> tuple[str, ...]:
    """What a character is that the token `after` follows."""
    return (character, character + after[0]) if is_han(after) else (character,)


def _combined(places: Alternatives) -> list[tuple[str, ...]]:
    """Every way to take one token of each place, as far as they can be asked."""
    return list(islice(product(*places), MOST_PHRASES))


def single(token: str, words: str | None, grams: str) -> Query:
    """Texts with one token: a word, or where single characters are words, that; else every gram that begins so."""
    if not token:
        return NOTHING
    if is_open(token) and words:
        return term(words, token)
    if is_open(token):
        return {"prefix": {grams: {"value": token}}}
    return term(grams, token)
