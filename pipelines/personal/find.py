"""All rules over a text, a record, a page: pure functions, the same input gives the same spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from mappings.deidentification import Kind
from mappings.record import Ancestor, Dates, Name
from pipelines.personal.births import births, births_in_column
from pipelines.personal.contacts import addresses, emails
from pipelines.personal.numbers import numbers
from pipelines.personal.registers import is_civil, names_in_column
from pipelines.personal.spans import Span, apart, narrow

VERSION: Final = "1"
"""Of the rules: another one has every record looked at again."""
_NUMBER: Final = re.compile(r"[0-9][0-9()\[\]. -]{5}|[A-Z][0-9]{6}")
_HOUSE: Final = re.compile(r"[号號]|[A-Za-z] (?:St|Ave|R(?:oa)?d|Boul|Blvd|La?n|Dr|C(?:our)?t|Sq|Pl|Ter|Cres)")


class Finding(Struct, frozen=True, omit_defaults=True):
    """A span with the field it stands in: ``title``, ``description.NAME``, ``staff_notes.NAME``, ``values.LABEL``, or
    ``text`` of a page. Offsets count characters.
    """

    field: str
    start: int
    end: int
    kind: Kind
    rule: str
    confidence: float


class Described(Struct, frozen=True):
    """What is looked at of a record; its JSON holds more."""

    title: str
    description: dict[str, str] = {}
    staff_notes: dict[str, str] = {}
    values: dict[str, str] = {}
    names: tuple[Name, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    dates: Dates | None = None


def in_text(text: str) -> list[Span]:
    """Everything but what only a column can say."""
    return apart(_spans(narrow(text)))


def _spans(text: str) -> Iterator[Span]:
    if _NUMBER.search(text):
        yield from numbers(text)
    if "@" in text:
        yield from emails(text)
    if _HOUSE.search(text):
        yield from addresses(text)
    yield from births(text)


def in_record(record: Described) -> list[Finding]:
    """Everything in a record, pages left out."""
    found = [_finding("title", span) for span in in_text(record.title)]
    for name, texts in (("description", record.description), ("staff_notes", record.staff_notes)):
        for key, text in texts.items():
            found += [_finding(f"{name}.{key}", span) for span in in_text(text)]
    return found + [_finding(f"values.{label}", span) for label, span in _in_values(record)]


def in_page(text: str) -> list[Finding]:
    """Everything on a page."""
    return [_finding("text", span) for span in in_text(text)]


def _in_values(record: Described) -> Iterator[tuple[str, Span]]:
    civil, latest = None, record.dates.end if record.dates else None
    for label, value in record.values.items():
        if civil is None:
            civil = is_civil(record.title, *record.values, *_about(record))
        columns = (*births_in_column(label, narrow(value)), *names_in_column(label, value, civil, latest))
        yield from ((label, span) for span in apart((*_spans(narrow(value)), *columns)))


def _about(record: Described) -> Iterator[str]:
    yield from (ancestor.title for ancestor in record.ancestors)
    yield from (name.name for name in record.names if name.type == "genre")


def _finding(field: str, span: Span) -> Finding:
    return Finding(field, span.start, span.end, span.kind, span.rule, span.confidence)
