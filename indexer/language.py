"""The query language of the box: what was typed becomes a tree of terms.

Words, ``"phrase"``, ``="exact form"``, ``field:value``, ``AND OR NOT``, ``-word``, ``word*``, ``*`` alone for
everything. AND binds closer
than OR; between two words stands AND. A slip never fails: what cannot be read as an operator is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from indexer.field_names import field_of
from indexer.fields import FACETS, HEADING_FIELDS
from indexer.plan import And, Either, Every, Most, Node, Not, Or, Term, terms
from indexer.sentences import is_sentence
from mappings import spellings
from mappings.text import RUN, STOP_WORDS, fold, is_han, segment, spelled

MAX_TERMS = 64
"""Terms of one query; what is typed beyond is left out, and said so."""
HAN_STOP = frozenset("的之了和与及在是有吗呢哪谁把被年月日")
_LEXEME = re.compile(
    r"""(?P<minus>(?<!\S)-(?=\S))?
        (?:(?P<field>\w+)[:：](?=\S))?
        (?:(?P<equals>=)?["“”„](?P<quoted>[^"“”„]*)["“”„] | (?P<bare>[^\s"“”„]+) | (?P<stray>["“”„]))""",
    re.VERBOSE,
)
_EMPTY_FIELD = re.compile(r"(?<!\S)-?(\w+)[:：](?!\S)")
_OPERATORS = {"AND", "OR", "NOT"}
_SCHEME_NAMES = "ark arxiv doi ftp hdl http https isbn issn mailto orcid uri urn viaf"
_SCHEMES = frozenset(_SCHEME_NAMES.split())
"""Before a colon, what no field is meant by."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`node` is what must match; `words` what was understood, in order; `sentence` that most words are enough from
    the start."""

    node: Node
    words: tuple[str, ...]
    sentence: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: Literal["word", "phrase", "exact", "operator"]
    text: str
    at: int
    field: str | None = None
    minus: bool = False


def parse(text: str) -> Parsed:
    """The tree of a typed query; never raises. A query without any word is everything (``*`` or blank) or nothing
    but punctuation."""
    lexemes = list(_lexemes(text))
    reader = _Reader(lexemes)
    node = reader.read()
    notes = (*_slips(text, lexemes), *(("too-long",) if reader.left <= 0 else ()))
    plain = isinstance(node, And) and all(map(_is_plain, node.parts))
    sentence = plain and isinstance(node, And) and is_sentence(text, len(node.parts))
    return Parsed(node, tuple(dict.fromkeys(term.text for term in terms(node))), sentence, notes)


def _is_plain(part: Node) -> bool:
    """Is it a word, and nothing else?"""
    if isinstance(part, Either):
        return _is_plain(part.parts[-1])
    return isinstance(part, Term) and part.kind == "word" and not part.field


def relax(node: Node, share: float) -> Node | None:
    """The same query asking for most words only, or None when nothing can be dropped. What is excluded stays
    excluded; of a Han word any pair of neighbouring characters is enough."""
    parts = node.parts if isinstance(node, And) else (node,)
    wanted = tuple(_in_pairs(part) for part in parts if not isinstance(part, Not))
    if len(wanted) < 2 and wanted == parts:
        return None
    most = Most(wanted, max(1, min(len(wanted) - 1, round(len(wanted) * share))))
    excluded = tuple(part for part in parts if isinstance(part, Not))
    return And((most, *excluded)) if excluded else most


def _in_pairs(node: Node) -> Node:
    """A Han word as any of its pairs: where the dictionary cut it wrongly, or a reader says it otherwise."""
    if isinstance(node, Either):
        return Either((_in_pairs(node.parts[0]), *node.parts[1:]))
    if (
        not isinstance(node, Term)
        or node.kind != "word"
        or node.field
        or len(node.folded) < 3
        or not is_han(node.folded)
    ):
        return node
    pairs = zip(pairwise(node.text), pairwise(node.folded), strict=True)
    return Or((node, *(Term("".join(text), "".join(folded)) for text, folded in pairs)))


def _lexemes(text: str) -> Iterator[_Lexeme]:
    for match in _LEXEME.finditer(text):
        field, minus = match["field"], bool(match["minus"])
        known = field_of(field) if field else None
        group = "bare" if match["quoted"] is None else "quoted"
        if (found := match[group]) is None:
            continue
        if field and not known:  # what is no field is a word, with what hangs on it
            at, typed = match.start("field"), text[match.start("field") : match.end(group)]
            typed = typed if group == "bare" else f"{field}:{found}"
        else:
            at, typed = match.start(group), found
        if group == "quoted":
            yield _Lexeme("exact" if match["equals"] else "phrase", typed, at, known, minus)
        elif found in _OPERATORS and not field and not minus:
            yield _Lexeme("operator", found, at)
        else:
            yield _Lexeme("word", typed, at, known, minus)


def _slips(text: str, lexemes: list[_Lexeme]) -> Iterator[str]:
    """What was meant as syntax and is none: codes of sentences for the reader."""
    if any(match["stray"] for match in _LEXEME.finditer(text)):
        yield "unfinished-quotation"
    if any(_is_lone(lexemes, place) for place, lexeme in enumerate(lexemes) if lexeme.kind == "operator"):
        yield "lone-operator"
    if any(_is_unknown(match["field"], match["bare"] or "") for match in _LEXEME.finditer(text) if match["field"]):
        yield "unknown-field"
    if any(field_of(name) for name in _EMPTY_FIELD.findall(text)):
        yield "empty-field"


def _is_lone(lexemes: list[_Lexeme], place: int) -> bool:
    """Does an operator stand without the words it joins? NOT may follow another one, and begin."""
    before = lexemes[place - 1].kind if place else "operator"
    after = lexemes[place + 1] if place + 1 < len(lexemes) else None
    if after is None or (after.kind == "operator" and after.text != "NOT"):
        return True
    return before == "operator" and lexemes[place].text != "NOT"


def _is_unknown(field: str, value: str) -> bool:
    """Was a word before a colon meant as a field? An address, an identifier and a time of day have one, too."""
    is_word = field.isascii() and field.isalpha() and len(field) > 2
    return is_word and field_of(field) is None and field.lower() not in _SCHEMES and not value.startswith("/")


class _Reader:
    """Recursive descent over the lexemes: or-groups of and-groups of (excluded) terms."""

    def __init__(self, lexemes: list[_Lexeme]) -> None:
        self.lexemes = lexemes
        self.at = 0
        self.left = MAX_TERMS

    def read(self) -> Node:
        groups = [self._group()]
        while self._take("OR"):
            groups.append(self._group())
        found = [group for group in groups if group is not None]
        if not found:
            return Every() if all(lexeme.text in ("*", "") for lexeme in self.lexemes) else Or(())
        return found[0] if len(found) == 1 else Or(tuple(found))

    def _group(self) -> Node | None:
        parts: list[Node] = []
        while self.at < len(self.lexemes) and not self._next_is("OR"):
            if self._take("AND"):
                continue
            excluded = self._take("NOT")
            if self.at < len(self.lexemes):
                parts += self._parts(excluded)
        required = _without_stop_words(parts)
        if required and all(isinstance(part, Not) for part in required):
            required.insert(0, Every())
        if not required:
            return None
        return required[0] if len(required) == 1 else And(tuple(required))

    def _parts(self, excluded: bool) -> list[Node]:
        lexeme = self.lexemes[self.at]
        self.at += 1
        if lexeme.kind == "operator":
            lexeme = _Lexeme("word", lexeme.text, lexeme.at)
        if lexeme.text == "*" and lexeme.kind == "word":
            return [Every()] if len(self.lexemes) == 1 else []
        words = list(_terms_of(lexeme))[: self.left]
        self.left -= len(words)
        found = _with_other_spellings(words, lexeme)
        if not found or not (excluded or lexeme.minus):
            return found
        return [Not(found[0] if len(found) == 1 else And(tuple(found)))]

    def _next_is(self, operator: str) -> bool:
        lexeme = self.lexemes[self.at]
        return lexeme.kind == "operator" and lexeme.text == operator

    def _take(self, operator: str) -> bool:
        if self.at < len(self.lexemes) and self._next_is(operator):
            self.at += 1
            return True
        return False


def _without_stop_words(parts: list[Node]) -> list[Node]:
    """Stop words are not asked for, unless there is nothing else."""
    kept = [
        part
        for part in parts
        if not (isinstance(part, Term) and part.kind == "word" and part.folded in STOP_WORDS and not part.field)
    ]
    return kept or parts


def _with_other_spellings(words: list[Term], lexeme: _Lexeme) -> list[Node]:
    """A compound also as one word, initials as a word, an elided word without its article. Where Han words stand beside
    it each word is asked for by itself, so that most of them can be enough.
    """
    if lexeme.kind != "word" or not all(word.kind == "word" and not is_han(word.folded) for word in words):
        return list(words)
    folded = spelled(fold(lexeme.text))
    end = len(folded.rstrip("-,;:!?)'"))
    others = dict.fromkeys(one.token for one in spellings.words(folded) if one.end >= end)
    if not others:
        return list(words)
    typed = words[0] if len(words) == 1 else And(tuple(words))
    if "." in folded:
        typed = Term(lexeme.text, folded, "phrase", lexeme.field)
    return [Either((typed, *(Term(lexeme.text, other, "word", lexeme.field) for other in others)))]


def _terms_of(lexeme: _Lexeme) -> Iterator[Term]:
    folded = spelled(fold(lexeme.text))
    if len(folded) != len(lexeme.text):  # offsets are of what is compared
        lexeme = replace(lexeme, text=folded)
    found = list(RUN.finditer(folded))
    last = found[-1][0] if found else ""
    if lexeme.field in FACETS and lexeme.field not in HEADING_FIELDS:
        yield Term(lexeme.text, folded, "word", lexeme.field, lexeme.at)
    elif not found:
        return
    elif lexeme.kind == "phrase" or lexeme.kind == "exact":
        yield Term(lexeme.text, folded, lexeme.kind, lexeme.field, lexeme.at)
    elif folded.endswith("*") and not is_han(last):
        yield Term(lexeme.text, last, "prefix", lexeme.field, lexeme.at)
    elif _hangs_together([match[0] for match in found]):
        yield Term(lexeme.text, folded, "phrase", lexeme.field, lexeme.at)
    else:
        for match in found:
            yield from _terms_of_run(match[0], match.start(), lexeme)


def _hangs_together(found: list[str]) -> bool:
    """Codes and dates (Z013-1-001, 1984年5月, 第12號) are one thing; a hyphenated word, a list or a sentence is
    several."""
    if len(found) < 2 or not any(run[0].isdigit() for run in found):
        return False
    return all(len(run) <= (1 if is_han(run) else 20) for run in found)


def _terms_of_run(run: str, start: int, lexeme: _Lexeme) -> Iterator[Term]:
    """The words of a run; `text` is what was typed, which folding left at the same offsets."""
    for offset, word in han_words(run) if is_han(run) else [(0, run)]:
        at = start + offset
        yield Term(lexeme.text[at : at + len(word)], word, "word", lexeme.field, lexeme.at + at)


def han_words(run: str) -> list[tuple[int, str]]:
    """A typed Han run as the strings that must be found, with their offsets.

    Dictionary words, single characters kept with the word beside them: a name the dictionary does not know falls
    into single
    characters (石碇|乡), which asked for apart would match anything.
    """
    words: list[tuple[int, str]] = []
    at, joinable = 0, False
    for word in segment(run):
        if word not in HAN_STOP:
            if joinable and words and (len(word) == 1 or len(words[-1][1]) == 1):
                words[-1] = (words[-1][0], words[-1][1] + word)
            else:
                words.append((at, word))
        joinable = word not in HAN_STOP
        at += len(word)
    return words or [(0, run)]
