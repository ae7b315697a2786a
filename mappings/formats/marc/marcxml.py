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
from mappings.formats.marc.model import MarcRecord, make_field
from mappings.formats.xml import KEPT, LOCAL, SAFE, first_error
from mappings.record import Problem, clean

_PREFIXED = re.compile(rb"<([A-Za-z_][\w.-]*):record[\s/>]")
_SIGNS = (b"datafield", b"controlfield", b"MARC21", b"OAI-PMH")
"""Damaged XML without any of these in its first bytes was never MARC."""
_PARTS = frozenset({"leader", "controlfield", "datafield"})
_REPAIR = "correct the record in the source"


def read(stream: BinaryIO, head: bytes) -> Iterator[MarcRecord | Failed | Skipped]:
    """Every ``record`` with MARC in it, wherever it stands; what is wrong with the file is said on the last one.

    Nothing is yielded for a file without any, unless it is damaged and was to have some.
    """
    prefixes = {found[1].decode("ascii") for found in _PREFIXED.finditer(head)}
    wanted = ["{*}record", *(f"{prefix}:record" for prefix in sorted(prefixes))]  # a prefix nobody declared stays
    events = etree.iterparse(stream, events=("end",), tag=wanted, **SAFE)
    held: MarcRecord | Failed | Skipped | None = None
    damage: Problem | None = None
    number = 0
    try:
        for _, element in events:
            outcome = _outcome(element, number + 1)
            if outcome is not None:
                number += 1
                if held is not None:
                    yield held
                held = outcome
            if _is_marc(element) or outcome is not None:
                _drop(element)
    except (etree.LxmlError, ValueError, LookupError, RecursionError) as error:
        damage = Problem("damaged-xml", f"not well-formed: {str(error) or type(error).__name__}", KEPT)
    damage = first_error(events.error_log) or damage
    if isinstance(held, MarcRecord) and damage is not None:
        held.problems = (*held.problems, damage)
    if held is not None:
        yield held
    if damage is not None and not isinstance(held, MarcRecord) and any(word in head for word in _SIGNS):
        hint = "no record behind this place could be read; repair the file and run again"
        yield Failed(structs.replace(damage, hint=hint))


def _is_marc(element: Element) -> bool:
    return any(LOCAL[child.tag] in _PARTS for child in element)


def _outcome(element: Element, number: int) -> MarcRecord | Failed | Skipped | None:
    """A record; for a record of OAI-PMH without MARC in it, why; None for one whose MARC was read already."""
    position = f"record {number}, line {element.sourceline}"
    if _is_marc(element):
        return _record(element, position)
    children = {LOCAL[child.tag]: child for child in element}
    header = children.get("header")
    if header is not None and header.get("status") == "deleted":
        problem = Problem("deleted-record", "the source marks this record as deleted", "nothing", position)
        return Skipped(problem, _identifier(header))
    if header is not None and "metadata" in children:
        inner = [LOCAL[child.tag] for child in children["metadata"] if LOCAL[child.tag]]
        if inner and not {"record", "collection"} & set(inner):
            reason = f"the record holds {inner[0]}, not MARC"
            return Skipped(Problem("wrong-format", reason, "harvest another metadata format", position))
    elif header is None and len(element) == 0 and element.getparent() is not None:
        return Failed(Problem("empty-record", "the record has no field", _REPAIR, position))
    return None


def _identifier(header: Element) -> str | None:
    return next((clean(child.text) for child in header if LOCAL[child.tag] == "identifier"), None)


def _record(element: Element, position: str) -> MarcRecord | Failed:
    leader = ""
    fields: list[Field] = []
    problems: list[Problem] = []
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
                reason = f"a {name} has a tag that is none: {tag[:20]!r}; it was left out"
                problems.append(Problem("bad-tag", reason, _REPAIR, f"{position}, line {child.sourceline}"))
    if not fields:
        return problems_or_empty(problems, position)
    return MarcRecord(leader, fields, position, problems)


def problems_or_empty(problems: list[Problem], position: str) -> Failed:
    """Why a record has no field: the first thing wrong with those it had, or that it had none."""
    return Failed(problems[0] if problems else Problem("empty-record", "the record has no field", _REPAIR, position))


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
