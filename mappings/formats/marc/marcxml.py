"""MARCXML, one record after the other: a collection, a single record, or records inside OAI-PMH; any namespace or none.

https://www.loc.gov/standards/marcxml/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree
from lxml.etree import _Element as Element
from msgspec import structs
from pymarc import Field

from mappings.base import Failed, Skipped
from mappings.formats.marc.model import MarcRecord, bad_tags, make_field, nothing_in
from mappings.formats.xml import KEPT, LOCAL, SAFE, Pruning, Sound, first_error
from mappings.record import Problem, clean

_LIKELY = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?(?:record|collection|OAI-PMH)[\s/>]")
"""XML without any of these elements in its first bytes is no MARC and not parsed: it may be large."""
_READ = "onestop-read"
"""Set on what wraps a record that was read; the record itself is gone from the tree by then."""
_PARTS = frozenset({"leader", "controlfield", "datafield"})
_REPAIR = "correct the record in the source"


def read(stream: BinaryIO, head: bytes) -> Iterator[MarcRecord | Failed | Skipped]:
    """Every ``record`` with MARC in it, wherever it stands; what is wrong with the file is said on the last one.

    Nothing is yielded for XML of something else; `head` are the first bytes of the stream.
    """
    likely = list(_LIKELY.finditer(head.replace(b"\0", b"")))
    if not likely:
        return
    records = _Records(stream, {found[1].decode("ascii") for found in likely if found[1]})
    held: MarcRecord | Failed | Skipped | None = None
    for outcome in records:
        if held is not None:
            yield held
        held = outcome
    damage = records.damage
    if isinstance(held, MarcRecord) and damage is not None:
        held.problems = (*held.problems, damage)
    if held is not None:
        yield held
    if damage is not None and not isinstance(held, MarcRecord):
        hint = "no record behind this place could be read; repair the file and run again"
        yield Failed(structs.replace(damage, hint=hint))


class _Records:
    """Iterating gives the records of a stream; `damage` is known when it is over."""

    def __init__(self, stream: BinaryIO, prefixes: set[str]) -> None:
        wanted = ["{*}record", *(f"{prefix}:record" for prefix in sorted(prefixes))]  # a prefix nobody declared stays
        self._sound = Sound(stream)
        self._events = etree.iterparse(self._sound, events=("end",), tag=wanted, **SAFE)
        self._pruning = Pruning(self._events, self._sound)
        self.damage: Problem | None = None

    def __iter__(self) -> Iterator[MarcRecord | Failed | Skipped]:
        number = 0
        finished: Element | None = None
        try:
            for _, element in self._events:
                if finished is not None and self._pruning.may_cut():
                    _drop(finished)
                finished = element
                outcome = _outcome(element, number + 1)
                if outcome is not None:
                    number += 1
                    yield outcome
        except (etree.LxmlError, ValueError, LookupError, RecursionError) as error:
            self.damage = Problem("damaged-xml", f"not well-formed: {str(error) or type(error).__name__}", KEPT)
        self.damage = first_error(self._events.error_log) or self.damage or self._sound.problem


def _is_marc(element: Element) -> bool:
    return any(LOCAL[child.tag] in _PARTS for child in element)


def _outcome(element: Element, number: int) -> MarcRecord | Failed | Skipped | None:
    """A record; for one of OAI-PMH without MARC in it, why; None for one that only wraps a record read before."""
    position = f"record {number}, line {element.sourceline}"
    if _is_marc(element):
        for above in element.iterancestors():
            if LOCAL[above.tag] == "record":
                above.set(_READ, "")
        return _record(element, position)
    if element.get(_READ) is not None:
        return None
    children = {LOCAL[child.tag]: child for child in element}
    header = children.get("header")
    if header is None:
        return Failed(Problem("empty-record", "the record has no field", _REPAIR, position))
    if header.get("status") == "deleted":
        problem = Problem("deleted-record", "the source marks this record as deleted", "nothing", position)
        return Skipped(problem, _identifier(header))
    inner = [LOCAL[child.tag] for child in children.get("metadata", ())]
    reason = f"the record holds {inner[0] if inner else 'nothing'}, not MARC"
    return Skipped(Problem("wrong-format", reason, "harvest another metadata format", position), _identifier(header))


def _identifier(header: Element) -> str | None:
    return next((clean(child.text) for child in header if LOCAL[child.tag] == "identifier"), None)


def _record(element: Element, position: str) -> MarcRecord | Failed:
    leader = ""
    fields: list[Field] = []
    bad: list[str] = []
    for child in element:
        name = LOCAL[child.tag]
        if name == "leader":
            leader = child.text or ""
        elif name in ("controlfield", "datafield"):
            tag = (child.get("tag") or "").strip()
            field = _field(tag, child)
            if field is not None:
                fields.append(field)
            else:
                bad.append(tag)
    problems = bad_tags(bad, position)
    return MarcRecord(leader, fields, position, problems) if fields else nothing_in(problems, position)


def _field(tag: str, element: Element) -> Field | None:
    subfields = [
        ((inner.get("code") or " ")[:1], "".join(inner.itertext()))
        for inner in element
        if LOCAL[inner.tag] == "subfield"
    ]
    indicators = (element.get("ind1") or " ")[:1] + (element.get("ind2") or " ")[:1]
    return make_field(tag, indicators, subfields, element.text or "" if not subfields else "")


def _drop(element: Element) -> None:
    """Take a record that was read out of the tree, so that memory does not grow with the file."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
