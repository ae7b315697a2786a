"""Other names of what was typed: from a file of the house, and from the authority records a viewer may know of.

The file has a line for each thing, its names joined by ``=``: ``北平 = 北京 = Peking``. After a ``#`` stands a remark.
Every name finds the others; a name that stands in two lines has those of both. It is read again when it changes; a line
that cannot be followed is left out and named (`SynonymFile.problems`), and the others count.

An authority answers for a name when it is the only one that has it: a name of two persons is not expanded.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from indexer.engines.base import Engine
from indexer.errors import IndexPartial
from indexer.plan import Either, Node, Plan, Rights, Term
from indexer.resource import Resource
from indexer.understanding.piece import Piece
from indexer.understanding.tree import Part
from mappings.authorities import compared, forms, named
from mappings.text import RUN, fold, is_han

MOST_FORMS = 8
"""Other names of one thing that are looked for."""
LONGEST_NAME = 6
"""Words of a typed name."""
LARGEST_FILE = 4_000_000
"""Bytes of a file of synonyms."""
_CANDIDATES = 24
_ANSWERING = 100
_REMEMBERED = 2_048
_resource = msgspec.json.Decoder(Resource)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the file that cannot be followed, from 1, and why."""

    line: int
    reason: str


class SynonymFile:
    """The names of a file. Safe to share between threads; a file that is not there has none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._names: dict[str, tuple[str, ...]] = {}
        self._problems: tuple[Problem, ...] = ()

    @property
    def stamp(self) -> tuple[int, int] | None:
        """Changes with the file; None without one."""
        self._refresh()
        return self._stamp

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the file, line by line."""
        self._refresh()
        return self._problems

    def names(self) -> dict[str, tuple[str, ...]]:
        """The other names of every name, which is as it compares (`mappings.authorities.compared`)."""
        self._refresh()
        return self._names

    def _refresh(self) -> None:
        if self._file is None:
            return
        try:
            state = self._file.stat()
        except OSError:
            self._stamp, self._names, self._problems = None, {}, ()
            return
        stamp = (state.st_mtime_ns, state.st_size)
        if stamp != self._stamp:
            self._names, self._problems = _read(self._file, state.st_size)
            self._stamp = stamp


def _read(file: Path, size: int) -> tuple[dict[str, tuple[str, ...]], tuple[Problem, ...]]:
    if size > LARGEST_FILE:
        return {}, (Problem(1, f"the file has more than {LARGEST_FILE:,} bytes"),)
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return {}, (Problem(1, f"the file cannot be read as UTF-8 text: {error}"),)
    names: dict[str, dict[str, None]] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        found, problem = _names_of(line)
        if problem:
            problems.append(Problem(number, problem))
        for name in found:
            others = {other: None for other in found if compared(other) != compared(name)}
            names.setdefault(compared(name), {}).update(others)
    return {name: tuple(others)[:MOST_FORMS] for name, others in names.items()}, tuple(problems)


def _names_of(line: str) -> tuple[list[str], str | None]:
    """The names of a line, or why it has none."""
    said = line.partition("#")[0].strip()
    if not said:
        return [], None
    found = [" ".join(name.split()) for name in said.split("=")]
    if len(found) < 2:
        return [], "a line needs two names or more with = between them: 北平 = 北京"
    for name in found:
        if not compared(name):
            return [], "there is nothing before or after an ="
        if len(compared(name)) < 2:
            return [], f"{name!r} has one character, which stands for too much"
        if len(name) > 100:
            return [], f"{name[:20]!r}... is too long for a name"
    return found, None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a typed name is: its other names, and the authority that says so."""

    others: tuple[str, ...]
    kind: str | None = None
    title: str | None = None
    identifier: str | None = None


class Synonyms:
    """Finds the other names of what is typed. Safe to share between threads."""

    def __init__(self, engine: Engine, file: SynonymFile | None = None) -> None:
        self._engine = engine
        self.file = file or SynonymFile(None)
        self._known: OrderedDict[object, dict[str, _Found]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def version(self) -> Hashable:
        """Changes with what is known, but for the index."""
        return self.file.stamp

    def pieces(self, parts: Sequence[Part], text: str, rights: Rights) -> list[Piece]:
        """The parts, alone or several in a row, that are names with other names; the longest first."""
        names = list(_candidates(parts, text))
        known = self._looked_up(tuple(dict.fromkeys(compared(text[one.start : one.end]) for one in names)), rights)
        found = [
            _piece(text, one, known[name]) for one in names if (name := compared(text[one.start : one.end])) in known
        ]
        found += self._inside(parts)
        return found

    def of(self, text: str, rights: Rights) -> tuple[str, ...]:
        """The other names of one name."""
        name = compared(text)
        found = self._looked_up((name,), rights).get(name)
        return found.others if found else ()

    def _inside(self, parts: Sequence[Part]) -> Iterator[Piece]:
        """Names of the file within a Han word: 北平市 is also 北京市."""
        names = self.file.names()
        for part in parts if names else ():
            term = part.node
            if isinstance(term, Term) and part.start >= 0 and is_han(term.folded):
                for start, end in _substrings(len(term.folded)):
                    others = [other for other in names.get(term.folded[start:end], ()) if is_han(fold(other))]
                    if others:
                        whole = tuple(f"{term.text[:start]}{other}{term.text[end:]}" for other in others)
                        yield _piece(term.text, Part(term, part.start, part.end), _Found(whole), at=part.start)
                        break

    def _looked_up(self, names: tuple[str, ...], rights: Rights) -> dict[str, _Found]:
        listed = self.file.names()
        found = {name: _Found(listed[name]) for name in names if name in listed}
        for name, one in self._authorities(names, rights).items():
            others = (*one.others, *(found[name].others if name in found else ()))
            found[name] = _Found(tuple(dict.fromkeys(others))[:MOST_FORMS], one.kind, one.title, one.identifier)
        return found

    def guess(self) -> Guess:
        """What is known by now, and what would have to be asked."""
        return Guess(self)

    def answers(self, names: tuple[str, ...], rights: Rights) -> bool:
        """Does an authority answer to one of some names, and have others?"""
        return bool(self._authorities(names, rights))

    def _authorities(self, names: tuple[str, ...], rights: Rights) -> dict[str, _Found]:
        """What the authorities say that have one of these names, asked once for each state of the index."""
        try:
            key = (self._engine.store_version(), rights.scope, names)
        except IndexPartial:
            return {}
        known = self._remembered(key)
        if known is not None:
            return known
        try:
            found = self._asked(names, rights)
        except IndexPartial:  # known by the words alone, until all of the index answers
            return {}
        with self._lock:
            self._known[key] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _remembered(self, key: object) -> dict[str, _Found] | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _asked(self, names: tuple[str, ...], rights: Rights) -> dict[str, _Found]:
        keys = _keys(names)
        if not keys:
            return {}
        answer = self._engine.search(who_answers(names, rights)).whole()
        if answer.total > len(answer.hits):  # so many have these names that none of them is known by one
            return {}
        answering: dict[str, dict[str, dict[str, Any]]] = {}
        for hit in answer.hits:
            for key in hit.stored["authority"]["keys"]:
                if key in keys:
                    answering.setdefault(keys[key], {})[hit.stored["id"]] = hit.stored
        alone = {name: next(iter(hits.values())) for name, hits in answering.items() if len(hits) == 1}
        return {name: self._said(name, hit, rights) for name, hit in alone.items()}

    def _said(self, name: str, hit: dict[str, Any], rights: Rights) -> _Found:
        stored = self._engine.get(hit["id"], rights)
        members = _resource.decode(stored["full"]).members if stored else ()
        every = [
            form
            for member in members
            if member.record.authority is not None
            for form in forms(member.record.title, member.record.authority)
        ]
        others = tuple(_other(name, every))[:MOST_FORMS]
        return _Found(others, hit["authority"]["type"], hit["title"], hit["id"])


class Guess(Synonyms):
    """Synonyms as far as they are known, asking nothing: names that were never asked for have no authority. `unknown`
    are those, as they are asked for together."""

    def __init__(self, known: Synonyms) -> None:
        self._engine, self._known, self._lock, self.file = known._engine, known._known, known._lock, known.file
        self.unknown: list[tuple[str, ...]] = []

    def _authorities(self, names: tuple[str, ...], rights: Rights) -> dict[str, _Found]:
        try:
            known = self._remembered((self._engine.store_version(), rights.scope, names))
        except IndexPartial:
            return {}
        if known is None and _keys(names):
            self.unknown.append(names)
        return known or {}


def who_answers(names: tuple[str, ...], rights: Rights) -> Plan:
    """The question for the authorities that answer to one of some names."""
    return Plan(rights, authorities=tuple(_keys(names)), size=_ANSWERING, pages_per_hit=0)


@lru_cache(maxsize=512)
def _keys(names: tuple[str, ...]) -> dict[str, str]:
    """What an authority is found by, with the name it is for."""
    return {key: name for name in names for key in named(name)}


def _other(name: str, every: Iterable[str]) -> Iterator[str]:
    """The forms that find what the name does not: neither the name nor one that holds it, nor a single character."""
    seen: set[str] = set()
    for form in every:
        text = compared(form)
        if len(text) > 1 and text not in seen and not _holds(text, name):
            seen.add(text)
            yield form


def _holds(form: str, name: str) -> bool:
    return name in form if is_han(name) else f" {name} " in f" {form} "


def _candidates(parts: Sequence[Part], text: str) -> Iterator[Part]:
    """Parts in a row that may be a name, the longest first; what stands between them in the text must join them."""
    placed = [part for part in parts if part.start >= 0]
    rows = []
    for first in range(len(placed)):
        for last in range(first, min(first + LONGEST_NAME, len(placed))):
            if last > first and text[placed[last - 1].end : placed[last].start].strip(" -,·・."):
                break
            start, end = placed[first].start, placed[last].end
            if start < end and len(compared(text[start:end])) > 1:
                rows.append(Part(placed[first].node, start, end))
    rows.sort(key=lambda row: (row.start - row.end, row.start))
    yield from rows[:_CANDIDATES]


def _substrings(length: int) -> Iterator[tuple[int, int]]:
    """Places within a word of so many characters, shorter than it, the longest first."""
    for size in range(min(length - 1, 12), 1, -1):
        yield from ((start, start + size) for start in range(length - size + 1))


def _piece(text: str, part: Part, found: _Found, at: int = 0) -> Piece:
    typed = text[part.start - at : part.end - at]
    meaning: Node | None = Either(tuple(form_of(other) for other in found.others)) if found.others else None
    says: dict[str, Any] = {"others": list(found.others)}
    if found.identifier:
        says |= {"value": found.title, "authority": found.identifier}
    return Piece(part.start, part.end, found.kind or "name", typed, meaning, says=says)


def form_of(name: str, field: str | None = None) -> Term:
    """A name as it is looked for: its words in a row."""
    return Term(name, " ".join(RUN.findall(fold(name))), "phrase", field)
