"""A typed question as what is asked for: its words, and the years, kinds, languages, names, intents and codes in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from indexer.fields import HEADING_FIELDS
from indexer.language import Parsed
from indexer.plan import And, Code, Either, Every, Node, Not, Or, Rights, Span, Term, terms, typed_terms
from indexer.synonyms import Synonyms, form_of
from indexer.understanding.asking import FILLER, asking, is_request
from indexer.understanding.codes import typed_code
from indexer.understanding.kinds import kinds, languages
from indexer.understanding.piece import Piece, apart
from indexer.understanding.tree import Part, Widened, parts_of, widened
from indexer.understanding.years import years

Json = dict[str, Any]
ALL = "all"
"""The name of all readings together, for who wants the words and nothing else."""
CODE = "code"
SHORT = 3
"""Things asked for up to which a request is no sentence: "do you have anything about the Farm Bureau?" asks for all."""
LONGEST = 300
"""Characters of a question that is read; a longer text is no question."""
LIFT = 1.0
"""Weight in the ranking of words that are not asked for but say something (a certificate)."""
CODE_FIRST = 1000.0
"""Weight of the one whose code was typed: it stands first whatever else holds the same words."""
NAMED_FIELDS = (*HEADING_FIELDS, "title", "text")


@dataclass(frozen=True, slots=True)
class Understood:
    """What is asked for, and what is shown of how it was read.

    `parsed` is the text as it was typed. `asked` must match; `each` has the same parts as were typed, for asking most
    of them, which of a `sentence` is enough from the start. `rank` adds to the score. `spans` are the years that some
    of the words mean beside other things, `code` is the key of the reference code the text is. `words` are those asked
    for, as typed.
    """

    parsed: Parsed
    asked: Node
    each: Node
    words: tuple[str, ...]
    readings: tuple[Json, ...] = ()
    expanded: dict[str, list[str]] | None = None
    sentence: bool = False
    rank: tuple[tuple[Node, float], ...] = ()
    spans: tuple[Span, ...] = ()
    code: str | None = None

    @property
    def is_read(self) -> bool:
        """Is there anything beside the words?"""
        return self.asked is not self.each


def understood(
    text: str, parsed: Parsed, rights: Rights, synonyms: Synonyms, plain: Collection[str] = (), expand: bool = True
) -> Understood:
    """What a typed text means to a viewer, without the readings of these keys (`plain`), and without other names unless
    they are to be looked for (`expand`).
    """
    if isinstance(parsed.node, Every) or len(text) > LONGEST:
        return Understood(parsed, parsed.node, parsed.node, parsed.words, sentence=parsed.sentence)
    node = _with_fields(parsed.node, synonyms, rights) if expand else parsed.node
    parts = list(_parts(node, text))
    names = [piece for piece in synonyms.pieces(parts, text, rights) if piece.key not in plain] if expand else []
    readings = [piece for piece in _readings(text, plain) if not _is_excluded(piece, node)]
    found = widened(node, text, _ordered(names, readings))
    code = None if CODE in plain or ALL in plain else typed_code(text)
    rank = tuple((lifted, LIFT) for lifted in found.lifting)
    asked = found.asked
    if code is not None:
        asked, rank = Either((asked, Code(code))), (*rank, (Code(code), CODE_FIRST))
    words = tuple(dict.fromkeys(term.text for term in typed_terms(asked)))
    return Understood(
        parsed,
        asked,
        found.each,
        words,
        tuple(piece.reading for piece in found.read if piece.kind != "name"),
        _expanded(found.read, node),
        parsed.sentence and not _is_short_request(found),
        rank,
        _spans(found.read) if isinstance(found.asked, And) else (),
        code,
    )


def _is_short_request(found: Widened) -> bool:
    """Is hardly anything asked for beside the words of asking?"""
    units = len(found.asked.parts) if isinstance(found.asked, And) else 1
    return units <= SHORT and any(map(is_request, found.read))


def _spans(read: Iterable[Piece]) -> tuple[Span, ...]:
    """The years that are meant beside other things."""
    return tuple(
        span
        for piece in read
        for span in (piece.meaning.parts if isinstance(piece.meaning, Either) else (piece.meaning,))
        if isinstance(span, Span)
    )


def _readings(text: str, plain: Collection[str]) -> list[Piece]:
    """What the words mean, the surest first."""
    if ALL in plain:
        return []
    dates = years(text)
    rest: Iterable[Piece] = (*languages(text), *kinds(text, dates), *asking(text))
    return [piece for piece in (*dates, *rest) if piece.key not in plain]


def _is_excluded(piece: Piece, node: Node) -> bool:
    """Does a piece stand in words that are not wanted?"""
    if isinstance(node, Not):
        return any(piece.start < term.at + len(term.text) and piece.end > term.at for term in terms(node.part))
    return isinstance(node, And | Or) and any(_is_excluded(piece, part) for part in node.parts)


def _ordered(names: list[Piece], readings: list[Piece]) -> list[Piece]:
    """All pieces, each place taken once: a name that holds a reading before it, others after the years."""
    whole = [name for name in names if any(_holds(name, reading) for reading in readings)]
    dates = [piece for piece in readings if piece.kind == "years"]
    rest = [piece for piece in readings if piece.kind != "years"]
    return apart([*whole, *dates, *names, *rest])


def _holds(name: Piece, piece: Piece) -> bool:
    longer = name.end - name.start > piece.end - piece.start
    return longer and name.start <= piece.start and name.end >= piece.end and piece.kind != FILLER


def _parts(node: Node, text: str) -> Iterator[Part]:
    if isinstance(node, Or):
        for group in node.parts:
            yield from _parts(group, text)
    else:
        yield from parts_of(node, text)


def _with_fields(node: Node, synonyms: Synonyms, rights: Rights) -> Node:
    """The tree with the other names of what is asked in one field: ``creator:蘇東坡``."""
    match node:
        case Term(field=str() as field, kind="word" | "phrase") if field in NAMED_FIELDS:
            others = synonyms.of(node.text, rights)
            return Either((node, *(form_of(other, field) for other in others))) if others else node
        case And(parts):
            found = tuple(_with_fields(part, synonyms, rights) for part in parts)
            return node if all(new is old for new, old in zip(found, parts, strict=True)) else And(found)
        case Or(parts):
            found = tuple(_with_fields(part, synonyms, rights) for part in parts)
            return node if all(new is old for new, old in zip(found, parts, strict=True)) else Or(found)
    return node


def _expanded(read: Iterable[Piece], node: Node) -> dict[str, list[str]]:
    """The names that other names are looked for, with these; also those in one field."""
    found = {piece.text: list(piece.says["others"]) for piece in read if piece.says.get("others")}
    for part in node.parts if isinstance(node, And | Or) else (node,):
        if isinstance(part, Either) and isinstance(part.parts[0], Term) and part.parts[0].field:
            found[part.parts[0].text] = [other.text for other in part.parts[1:] if isinstance(other, Term)]
    return found
