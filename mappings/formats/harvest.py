"""Descriptions in XML by themselves, in collections of any name, or in OAI-PMH responses: one after the other.

A finished description leaves the tree before the next one is read, so memory does not grow with the file.
https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import BinaryIO, ClassVar, Literal

from lxml import etree
from lxml.etree import _Element as Element
from msgspec import Struct, structs

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.markup import part
from mappings.formats.table.rows import EMPTY, Joined
from mappings.formats.xml import KEPT, LOCAL, SAFE, Pruning, Sound, first_error
from mappings.record import Problem, Record, clean

_LEAVE_OUT = "choose another mapping or a glob that leaves it out"
_REPAIR = "nothing of it could be read; repair the file and run again"
_LONGEST_ID = 500
_HEAD = 1 << 16


class Place(Struct, frozen=True):
    """Where a description stands: the file, its number in it from 1, the identifier of its OAI header."""

    path: str
    number: int
    header: str | None = None

    def source_id(self, own: str | None) -> str:
        """The header's identifier, else the description's own, else the file, with the number from the second on."""
        stated = self.header or own
        if stated is not None and len(stated) <= _LONGEST_ID:
            return stated
        return self.path if self.number == 1 else f"{self.path}#{self.number}"


class Stream:
    """Iterating gives the outermost elements of the wanted names, and OAI records whole.

    `root`, `error` (code and text of an OAI error) and `damage` are known when the iteration is over.
    """

    def __init__(self, source: BinaryIO, wanted: frozenset[str]) -> None:
        self._sound = Sound(source)
        self._events = etree.iterparse(self._sound, events=("start", "end"), **SAFE)
        self._pruning = Pruning(self._events, self._sound)
        self._wanted = wanted | {"record"}
        self.root: str | None = None
        self.error: tuple[str, str] | None = None
        self.damage: Problem | None = None

    def __iter__(self) -> Iterator[Element]:
        current: Element | None = None
        try:
            for event, element in self._events:
                self.root = self.root or LOCAL[element.tag]
                if event == "start":
                    if current is None and LOCAL[element.tag] in self._wanted:
                        current = element
                elif current is None:
                    self._note(element)
                    self._forget(element)
                elif element is current:
                    current = None
                    yield element
                    self._forget(element)
        except (etree.LxmlError, ValueError, LookupError) as error:
            self.damage = Problem("damaged-xml", f"not well-formed: {str(error) or type(error).__name__}", KEPT)
        self.damage = first_error(self._events.error_log) or self.damage or self._sound.problem
        if current is not None:  # the file ends inside it
            yield current

    def _forget(self, element: Element) -> None:
        """Free what a finished element holds, and the empty ones before it."""
        if not self._pruning.may_cut():
            return
        element.clear(keep_tail=False)
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]

    def _note(self, element: Element) -> None:
        if LOCAL[element.tag] == "error" and self.error is None and self.root == "OAI-PMH":
            self.error = clean(element.get("code")) or "unknown", clean(element.text) or ""


def outermost(element: Element, names: frozenset[str]) -> list[Element]:
    """The descendants of these names that stand in none of their like."""
    found: list[Element] = []
    inside: set[Element] = set()
    for inner in element.iterdescendants():
        if inner.getparent() in inside:
            inside.add(inner)
        elif LOCAL[inner.tag] in names:
            found.append(inner)
            inside.add(inner)
    return found


class HarvestMapping(ABC):
    """A mapping of one kind of element, wherever it stands; a subclass says which and what it becomes."""

    unit: ClassVar[Literal["file", "folder"]] = "file"
    format_name: ClassVar[str]
    wanted: ClassVar[frozenset[str]]

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    @abstractmethod
    def outcome(self, element: Element, place: Place) -> Outcome:
        """What one description becomes."""

    def describes(self, element: Element) -> bool:
        """Is a ``record`` without OAI header a description itself?"""
        return False

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One outcome for each description; a damaged file gives what could be read and says so on its last record."""
        for content in contents:
            with content.open() as stream:
                head = stream.read(_HEAD)
                if not head.strip():
                    yield Skipped(Problem("empty-file", "the file is empty", EMPTY), content.name)
                    continue
                source = io.BufferedReader(Joined(head, stream))
                yield from _File(self, content.name, Stream(source, self.wanted)).outcomes()


class _File:
    """One file on its way to outcomes."""

    def __init__(self, mapping: HarvestMapping, path: str, stream: Stream) -> None:
        self._mapping = mapping
        self._path = path
        self._stream = stream
        self._number = 0

    def outcomes(self) -> Iterator[Outcome]:
        held: Outcome | None = None
        for element in self._stream:
            for outcome in self._of(element):
                if held is not None:
                    yield held
                held = outcome
        damage = self._stream.damage
        if held is None:
            yield self._nothing(damage)
        elif damage is None:
            yield held
        elif isinstance(held, Record):
            yield structs.replace(held, problems=(*held.problems, damage))
        else:
            yield held
            yield Failed(damage, self._path)

    def _of(self, element: Element) -> Iterator[Outcome]:
        """A description alone, or those of an OAI record."""
        if LOCAL[element.tag] != "record":
            yield self._one(element, None)
            return
        header = element.find("{*}header")
        identifier = part(header, "identifier")
        if header is not None and header.get("status") == "deleted":
            reason = "the archive that published this record has withdrawn it"
            yield Skipped(Problem("deleted-in-source", reason, "nothing to do", self._next()), identifier or self._path)
            return
        found = outermost(element, self._mapping.wanted)
        if not found and self._mapping.describes(element):
            found = [element]
        if not found:
            yield self._empty(element, header, identifier)
        for inner in found:
            yield self._one(inner, identifier)
            identifier = None  # further descriptions of one record go by their own ids or numbers

    def _one(self, element: Element, header: str | None) -> Outcome:
        self._number += 1
        return self._mapping.outcome(element, Place(self._path, self._number, header))

    def _next(self) -> str:
        self._number += 1
        return f"record {self._number}"

    def _empty(self, element: Element, header: Element | None, identifier: str | None) -> Outcome:
        """A record in another format, one without text, or a header alone."""
        where = self._next()
        source_id = identifier or f"{self._path}#{self._number}"
        holder = element.find("{*}metadata")
        inside = next(
            (child for child in (element if holder is None else holder) if LOCAL[child.tag] != "header"), None
        )
        name = self._mapping.format_name
        if header is None and not any(text.strip() for text in element.itertext()):
            problem = Problem("empty-file", "the record has no text", "take it out, or fill it in", where)
            return Skipped(problem, source_id)
        if inside is not None:
            reason = f"the record holds {LOCAL[inside.tag]}, not {name}"
            return Skipped(Problem("wrong-format", reason, _LEAVE_OUT, where), source_id)
        hint = f"ask for the records with a metadata prefix of {name}"
        return Failed(Problem("no-metadata", "the record has a header and no description", hint, where), source_id)

    def _nothing(self, damage: Problem | None) -> Outcome:
        """Why a file gave no outcome: an OAI error or answer without records, another format, empty, broken."""
        stream = self._stream
        if stream.error is not None:
            code, text = stream.error
            problem = Problem("oai-error", f"the answer is an error: {code} {text}".strip(), "correct the request")
            return (Skipped if code == "noRecordsMatch" else Failed)(problem, self._path)
        if stream.root is None:
            if self._path.lower().endswith(".xml") and damage is not None:
                return Failed(structs.replace(damage, hint=_REPAIR), self._path)
            return Skipped(Problem("wrong-format", "the file is not XML", _LEAVE_OUT), self._path)
        reason = f"nothing in the file is {self._mapping.format_name}; its root element is {stream.root}"
        if damage is not None:
            return Failed(structs.replace(damage, hint=_REPAIR), self._path)
        return Skipped(Problem("wrong-format", reason, _LEAVE_OUT), self._path)
