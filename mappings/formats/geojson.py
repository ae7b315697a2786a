"""GeoJSON: a feature is a row of a table, its geometry told in words.

https://www.rfc-editor.org/rfc/rfc7946  Feature collections, single features, and features one a line (GeoJSONL, or text
sequences, https://www.rfc-editor.org/rfc/rfc8142). Dates stay as written: time stamps in UTC may name the day before.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from msgspec import structs

from mappings.base import Content, MappingOptions, Outcome
from mappings.formats.reading import read_up_to
from mappings.formats.table.columnar import flat, json_place
from mappings.formats.table.decoding import decode
from mappings.formats.table.mapping import TableMapping
from mappings.formats.table.plan import Plan
from mappings.formats.table.rows import EMPTY, NotATable, Row
from mappings.record import Problem, Record

_LARGEST = 256 * 2**20
_LONGEST_LINE = 16 * 2**20
_LONGEST_PIECE = 60  # characters of a property that is part of a supplied title, and how many of them
_PIECES = 4
_MEASURE = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|[\d.]+° [NS].*|\d{4}-\d\d-\d\dT.*|true|false", re.IGNORECASE)
_FEATURE_ID = "feature id"
_GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
_OTHER = "choose another mapping or a glob that leaves it out"


class GeoJsonMapping(TableMapping):
    """Mapping ``geojson``: the options are those of tables, columns are properties; entries are thematic unless the
    source file says otherwise.
    """

    def __init__(self, options: MappingOptions) -> None:
        if "kind" not in options.columns:
            options = structs.replace(options, fixed={"kind": "thematic", **options.fixed})
        super().__init__(options)

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """One outcome for each feature; one without a title is called by its first properties."""
        for outcome in super().records(contents):
            yield _titled(outcome) if isinstance(outcome, Record) else outcome

    def rows(self, stream: BinaryIO, name: str) -> Iterator[Row]:
        """A row for each feature: its properties, then ``geometry``, ``coordinates`` and ``bounding box``."""
        head = stream.readline(_LONGEST_LINE)
        if not head.strip(b"\xef\xbb\xbf\x1e \t\r\n"):
            head += stream.readline(_LONGEST_LINE)
        if not head.strip():
            raise NotATable("empty-file", "the file is empty", EMPTY)
        if _is_line(head):
            return _lines(head, stream)
        payload = head + read_up_to(stream, _LARGEST + 1 - len(head))
        if len(payload) > _LARGEST:
            raise NotATable("too-large", "the file is larger than 256 MiB", "write one feature a line", broken=True)
        return _whole(payload, name)

    def plan(self, cells: dict[str, Any]) -> Plan:
        """The plan of a table; the feature's own id is its id where no property is."""
        made = super().plan(cells)
        if "id" in made.columns or _FEATURE_ID not in cells:
            return made
        return structs.replace(made, columns={**made.columns, "id": (_FEATURE_ID,)})


def _titled(record: Record) -> Record:
    """Titles supplied from a row's number say nothing; its first short properties say where and what it is."""
    if not record.supplied_title or record.title != record.source_id:
        return record
    texts = (text for text in record.values.values() if len(text) <= _LONGEST_PIECE and not _MEASURE.fullmatch(text))
    title = ", ".join(islice(texts, _PIECES))
    return structs.replace(record, title=title) if title else record


def _is_line(head: bytes) -> bool:
    """Is the first line a whole feature?"""
    try:
        value = json.loads(head.lstrip(b"\x1e").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("type") == "Feature"


def _lines(head: bytes, stream: BinaryIO) -> Iterator[Row]:
    """Features one a line; one that cannot be read is a row without cells."""
    number, line = 1, head
    while line:
        if line.strip(b"\x1e \t\r\n"):
            yield _line(number, line)
        number, line = number + 1, stream.readline(_LONGEST_LINE)


def _line(number: int, line: bytes) -> Row:
    try:
        return _row(number, json.loads(line.lstrip(b"\x1e").decode("utf-8-sig")), f"line {number}")
    except (ValueError, RecursionError) as error:
        return Row(number, None, (_damage(error, f"line {number}"),))


def _whole(payload: bytes, name: str) -> Iterator[Row]:
    """The features of one document; of a damaged one those before the damage, and a row that could not be read."""
    text = decode(payload)
    if text is None:
        raise NotATable("wrong-format", "the file is not text", _OTHER)
    try:
        value = json.loads(text.lines)
    except (ValueError, RecursionError) as error:
        if not text.lines.lstrip().startswith("{") or '"features"' not in text.lines:
            looks = name.lower().endswith((".geojson", ".json"))
            reason = f"not JSON: {_said(error)}"
            raise NotATable("damaged-json", reason, "correct it there", looks, json_place(error)) from None
        return _salvaged(text.lines, error)
    if isinstance(value, dict) and value.get("type") == "Feature":
        return iter([_row(1, value, "feature 1")])
    features = value.get("features") if isinstance(value, dict) else None
    if not isinstance(features, list):
        kind = value.get("type") if isinstance(value, dict) else type(value).__name__
        raise NotATable("wrong-format", f"the file is JSON, but no GeoJSON features: {str(kind)[:80]}", _OTHER)
    return (_row(number, feature, f"feature {number}") for number, feature in enumerate(features, 1))


def _salvaged(text: str, error: Exception) -> Iterator[Row]:
    """Features read one by one until the damage."""
    decoder = json.JSONDecoder()
    place = text.find("[", text.find('"features"')) + 1
    number = 1
    while 0 < place < len(text):
        while place < len(text) and text[place] in ", \t\r\n":
            place += 1
        try:
            feature, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        yield _row(number, feature, f"feature {number}")
        number += 1
    yield Row(number, None, (_damage(error, f"feature {number}"),))


def _damage(error: Exception, where: str) -> Problem:
    return Problem("damaged-json", f"not JSON: {_said(error)}", "correct it there", where)


def _said(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _row(number: int, feature: Any, where: str) -> Row:
    """The cells of a feature (RFC 7946, 3.2)."""
    if not isinstance(feature, dict):
        problem = Problem("damaged-json", "not a GeoJSON feature", "features are objects with properties", where)
        return Row(number, None, (problem,))
    properties = feature.get("properties")
    cells = flat(properties) if isinstance(properties, dict) else {}
    identifier = feature.get("id")
    if isinstance(identifier, str | int) and _FEATURE_ID not in cells:
        cells[_FEATURE_ID] = identifier
    for key, text in geometry(feature.get("geometry")).items():
        cells[key if key not in cells else f"{key} (geometry)"] = text
    return Row(number, cells)


def geometry(value: Any) -> dict[str, str]:
    """What a geometry is, where its middle lies and how far it reaches; nothing for none.

    The middle is that of the box around it: good enough to find the place, and the same on every machine.
    """
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _GEOMETRIES:
        return {}
    points = list(_points(value))
    if not points:
        return {"geometry": str(kind)}
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    found = {"geometry": str(kind), "coordinates": _place((west + east) / 2, (south + north) / 2)}
    if (west, south) != (east, north):
        found["bounding box"] = f"{_place(west, south)} to {_place(east, north)}"
    return found


def _points(value: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """All positions of a geometry, however deep; what is no finite number is left out."""
    stack: list[Any] = [value]
    while stack:
        inner = stack.pop()
        if isinstance(inner, dict):
            stack += [inner.get("coordinates"), inner.get("geometries")]
        elif isinstance(inner, list) and len(inner) >= 2 and all(map(_is_number, inner[:2])):
            yield float(inner[0]), float(inner[1])
        elif isinstance(inner, list):
            stack += inner


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 and math.isfinite(value)


def _place(x: float, y: float) -> str:
    """A position as readers write it; of another reference system than WGS 84 its plain numbers."""
    if abs(x) > 180 or abs(y) > 90:
        return f"x {x:.2f}, y {y:.2f}"
    return f"{abs(y):.5f}° {'N' if y >= 0 else 'S'}, {abs(x):.5f}° {'E' if x >= 0 else 'W'}"
