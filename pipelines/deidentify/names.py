"""Names of persons in the texts of one record: found by rule in each, then looked for in all of them.

Who is named in full on one page, may stand on another by family name alone, or where no rule would see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mappings.text import HAN, fold
from pipelines.deidentify import chinese, english
from pipelines.personal.spans import Span

_HAN: Final = re.compile(f"[{HAN}]")
_SURE_ENOUGH: Final = 0.75
"""Of a name that is looked for elsewhere: doubtful ones would spread."""
_REPEATED: Final = 0.7


def persons(texts: Sequence[str]) -> list[list[Span]]:
    """Names in each of these running texts (`Flow`); spans of one text do not overlap."""
    found = [_by_rule(text) for text in texts]
    if len(texts) > 1:
        said = frozenset(fold(name) for name in _sure_names(texts, found) if _HAN.search(name))
        found = [_by_rule(text, said) for text in texts]
    known = {fold(text[span.start : span.end]) for text, spans in zip(texts, found, strict=True) for span in spans}
    repeated = _repeated(known, _sure_names(texts, found))
    if repeated is None:
        return found
    return [sorted([*spans, *_again(text, spans, repeated)]) for text, spans in zip(texts, found, strict=True)]


def _sure_names(texts: Sequence[str], found: Sequence[Sequence[Span]]) -> set[str]:
    return {
        text[span.start : span.end]
        for text, spans in zip(texts, found, strict=True)
        for span in spans
        if span.confidence >= _SURE_ENOUGH
    }


def _by_rule(text: str, known: frozenset[str] = frozenset()) -> list[Span]:
    spans = [Span(start, end, "name", "zh", sure) for start, end, sure in chinese.persons(text, known)]
    spans += [Span(start, end, "name", "en", sure) for start, end, sure in english.persons(text)]
    return sorted(spans)


def _repeated(known: set[str], sure: set[str]) -> re.Pattern[str] | None:
    """Whole Chinese names that were found anywhere, and the words of sure Latin ones."""
    han = {name for name in known if _HAN.search(name)}
    latin = {part for name in sure if not _HAN.search(name) for part in english.parts_of(name)}
    said = sorted(map(re.escape, han), key=len, reverse=True)
    said += [rf"\b{re.escape(word)}\b" for word in sorted(latin, key=len, reverse=True)]
    return re.compile("|".join(said)) if said else None


def _again(text: str, spans: Sequence[Span], repeated: re.Pattern[str]) -> Iterator[Span]:
    """Further places of known names: Chinese ones in either script, Latin ones as they were written."""
    taken = bytearray(len(text))
    for span in spans:
        taken[span.start : span.end] = b"\1" * (span.end - span.start)
    for looked_at in {text, fold(text)} if _HAN.search(text) else {text}:
        for found in repeated.finditer(looked_at):
            start, end = found.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                yield Span(start, end, "name", "repeated", _REPEATED)
