"""From a file of IIIF to records: a manifest is one, a collection is one with those of its members that stand in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.iiif.describing import Place, record_of
from mappings.formats.iiif.values import Json, all_objects, identity, type_of
from mappings.formats.reading import read_up_to
from mappings.record import Ancestor, Problem

LARGEST = 64 << 20
_DEEPEST = 20
_LEAVE_OUT = "choose a glob that leaves it out"
_MEMBERS = ("items", "members", "collections", "manifests")


class IiifMapping:
    """Mapping ``iiif``."""

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """The records of each file, a collection before its members."""
        for content in contents:
            yield from self._file(content)

    def _file(self, content: Content) -> Iterator[Outcome]:
        name = content.name
        with content.open() as stream:
            payload = read_up_to(stream, LARGEST + 1)
        if len(payload) > LARGEST:
            reason = f"the file is larger than {LARGEST >> 20} MiB"
            yield Failed(Problem("too-large", reason, "divide the collection"), name)
        elif not payload.strip():
            yield Skipped(Problem("empty-file", "the file is empty", _LEAVE_OUT), name)
        else:
            loaded, problem = _loaded(payload, name)
            if problem is not None:
                yield problem
            elif (other := _other(loaded)) is not None:
                yield Skipped(other, name)
            else:
                yield from _File(name, self._options).records(loaded)


class _File:
    """One file on its way to records."""

    def __init__(self, name: str, options: MappingOptions) -> None:
        self._name = name
        self._options = options
        self._used: set[str] = set()
        self._position = 0

    def records(self, resource: Json, above: tuple[Ancestor, ...] = (), place: str = "") -> Iterator[Outcome]:
        """The record of a manifest or collection, then those of its members that stand in the file."""
        source_id = self._source_id(resource, place)
        self._position += 1
        where = Place(self._name, source_id, self._position, above)
        record = record_of(resource, where, self._options)
        yield record
        if type_of(resource) != "Collection" or len(above) >= _DEEPEST:
            return
        line = (*above, Ancestor(source_id, record.title, record.level, record.reference_code))
        for number, member in embedded(resource):
            yield from self.records(member, line, f"{place}.{number}" if place else str(number))

    def _source_id(self, resource: Json, place: str) -> str:
        """The path; for a member ``#`` and its id, or its position where it has none or it is taken."""
        if not place:
            return self._name
        own = f"{self._name}#{identity(resource) or place}"
        if own in self._used:
            own = f"{self._name}#{place}"
        self._used.add(own)
        return own


def embedded(collection: Json) -> Iterator[tuple[int, Json]]:
    """Members that stand in the file with what they consist of, by their number among all; those only named are no
    records.
    """
    members = (member for key in _MEMBERS for member in all_objects(collection.get(key) or []))
    for number, member in enumerate(members, 1):
        kind = type_of(member)
        parts = _MEMBERS if kind == "Collection" else ("items", "sequences")
        if kind in ("Collection", "Manifest") and any(isinstance(member.get(part), list) for part in parts):
            yield number, member


def _loaded(payload: bytes, name: str) -> tuple[Any, Outcome | None]:
    """The JSON of a file, or why there is none. Deep nesting stops the parser, not the process."""
    try:
        return json.loads(payload), None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        reason = f"not JSON: {error.msg}"
    except (ValueError, RecursionError) as error:
        where, reason = "", f"not JSON: {str(error)[:200]}"
    if not name.lower().endswith((".json", ".jsonld")) and payload.lstrip()[:1] not in (b"{", b"["):
        return None, Skipped(Problem("wrong-format", "the file is not JSON", _LEAVE_OUT), name)
    return None, Failed(Problem("damaged-json", reason, "correct it there, or fetch it again", where), name)


def _other(loaded: Any) -> Problem | None:
    """Why a JSON file is neither manifest nor collection."""
    kind = type_of(loaded)
    if kind in ("Manifest", "Collection"):
        return None
    if kind in ("AnnotationPage", "AnnotationList"):
        reason = f"annotations ({kind}) that belong to a page of a manifest elsewhere, not a manifest"
        return Problem("annotation-page", reason, "embed them in the manifest to have their text, or leave them out")
    said = f"it is of type {kind[:80]!r}" if kind else "it has no type"
    return Problem("wrong-format", f"the JSON is neither manifest nor collection of IIIF: {said}", _LEAVE_OUT)
