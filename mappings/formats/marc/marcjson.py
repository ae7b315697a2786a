"""MARC-in-JSON: an array, one object, JSON lines, or objects one after the other; records inside other JSON (FOLIO).

https://rossfsinger.com/blog/2010/09/a-proposal-to-serialize-marc-in-json/  Raw control characters inside strings, which
strict JSON forbids, are read: exports have them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from pymarc import Field

from mappings.base import Failed
from mappings.formats.marc.folio import item_fields
from mappings.formats.marc.model import MarcRecord, bad_tags, make_field, nothing_in
from mappings.formats.reading import read_up_to
from mappings.formats.table.decoding import decode
from mappings.record import Problem, clean

LARGEST = 128 * 2**20
"""Bytes of a file that is one JSON text and so has to be in memory as a whole; JSON lines may be longer."""
_DECODER = json.JSONDecoder(strict=False)
_BETWEEN = re.compile(r"[\s,\[\]\ufeff\x1e]*")
_NEXT_RECORD = re.compile(r'\{\s*"(?:leader|fields)"')
_DEEPEST = 6
_SIGNS = (b'"fields"', b'"leader"')
_REPAIR = "correct the JSON there, or export the file again"


def read(stream: BinaryIO) -> Iterator[MarcRecord | Failed]:
    """Every record; nothing for JSON of something else.

    One that cannot be read is told with its line, and those behind it are read.
    """
    first = stream.readline(LARGEST)
    while first and not first.strip(b" \t\r\n,\xef\xbb\xbf"):
        first = stream.readline(LARGEST)
    numbers = _Numbers()
    if _is_whole_record(first):
        line = first
        at = 1
        while line:
            yield from _records_in(line, numbers, at)
            line = stream.readline(LARGEST)
            at += 1
        return
    rest = read_up_to(stream, LARGEST)
    if not any(sign in text for sign in _SIGNS for text in (first, rest)):
        return
    if len(rest) >= LARGEST:
        reason = f"more than {LARGEST} bytes of JSON in one piece"
        yield Failed(Problem("too-large", reason, "write one record a line (JSON lines)"))
        return
    yield from _records_in(first + rest, numbers, 1)


class _Numbers:
    """Counts the records of a file."""

    def __init__(self) -> None:
        self.last = 0

    def next(self, line: int) -> str:
        self.last += 1
        return f"record {self.last}, line {line}"


def _is_whole_record(line: bytes) -> bool:
    """Is this line a JSON object with fields by itself, as in JSON lines?"""
    if b'"fields"' not in line or not line.lstrip(b"\xef\xbb\xbf").startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line, strict=False), dict)
    except (ValueError, RecursionError):
        return False


def _records_in(payload: bytes, numbers: _Numbers, line: int) -> Iterator[MarcRecord | Failed]:
    """The records of a JSON text; behind damage, from the next object that begins like a record."""
    decoded = decode(payload)
    if decoded is None:
        yield Failed(Problem("damaged-json", "the text has NUL bytes", _REPAIR, numbers.next(line)))
        return
    text = decoded.lines
    at = _BETWEEN.match(text, 0).end()  # type: ignore[union-attr]
    counted = 0
    while at < len(text):
        line += text.count("\n", counted, at)
        counted = at
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            reason = f"not JSON: {str(error)[:200] or 'nested too deeply'}"
            yield Failed(Problem("damaged-json", reason, _REPAIR, numbers.next(line)))
            following = _NEXT_RECORD.search(text, at + 1)
            if following is None:
                return
            at = following.start()
            continue
        yield from _marc_in(value, numbers, line)
        at = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]


def _marc_in(value: Any, numbers: _Numbers, line: int) -> Iterator[MarcRecord | Failed]:
    """The records in a JSON value; when it has none, a failure for the whole of it."""
    found = list(_objects(value, 0))
    if not found:
        reason = "the JSON object is no MARC record: it has no list of fields"
        yield Failed(Problem("empty-record", reason, "take it out of the file", numbers.next(line)))
    for record in found:
        extra = item_fields(value) if len(found) == 1 and value is not record else []
        yield _record(record, numbers.next(line), extra)


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Objects with a list of fields, whatever wraps them (FOLIO: ``source_record``, ``parsedRecord.content``)."""
    if isinstance(value, dict) and isinstance(value.get("fields"), list):
        yield value
    elif depth < _DEEPEST and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects(inner, depth + 1)


def _record(value: dict[str, Any], position: str, extra: list[Field]) -> MarcRecord | Failed:
    fields: list[Field] = []
    bad: list[str] = []
    for entry in value["fields"]:
        for tag, content in entry.items() if isinstance(entry, dict) else ():
            field = _field(tag, content)
            if field is not None:
                fields.append(field)
            else:
                bad.append(tag)
    problems = bad_tags(bad, position)
    if not fields:
        return nothing_in(problems, position)
    leader = value.get("leader")
    return MarcRecord(leader if isinstance(leader, str) else "", [*fields, *extra], position, problems)


def _field(tag: str, content: Any) -> Field | None:
    """``{"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "..."}]}}``, ``{"001": "..."}``."""
    if not isinstance(content, dict):
        return make_field(tag, "  ", (), _said(content))
    inner = content.get("subfields")
    subfields = [
        (code[:1], _said(value))
        for part in (inner if isinstance(inner, list) else ())
        if isinstance(part, dict)
        for code, value in part.items()
    ]
    indicators = "".join((_said(content.get(key)) or " ")[:1] for key in ("ind1", "ind2"))
    return make_field(tag, indicators, subfields)


def _said(value: Any) -> str:
    """A value as text: JSON may have numbers, lists and nothing where MARC has text only."""
    if isinstance(value, str):
        return value
    return clean(json.dumps(value, ensure_ascii=False)) or "" if value is not None else ""
