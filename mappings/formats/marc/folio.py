"""Items of the FOLIO library system, which wraps MARC records in its own JSON: as fields 852 of the record.

https://github.com/folio-org/mod-inventory-storage/blob/master/ramls/item.json
"""

from __future__ import annotations

from typing import Any

from pymarc import Field

from mappings.formats.marc.model import make_field

_MOST = 10_000


def item_fields(wrapper: Any) -> list[Field]:
    """One 852 for each item, or for each holdings record when no item is told; none for what is no such wrapper."""
    if not isinstance(wrapper, dict):
        return []
    holdings = [entry for entry in _list(wrapper, "holdings") if isinstance(entry, dict)]
    items = [entry for entry in _list(wrapper, "items") if isinstance(entry, dict)]
    summaries = [field for entry in holdings for field in _statements(entry)]
    return summaries + [field for entry in items or holdings if (field := _item(entry)) is not None]


def _list(value: dict[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found[:_MOST] if isinstance(found, list) else []


def _item(entry: dict[str, Any]) -> Field | None:
    """Library, shelving location, call number, enumeration, barcode."""
    subfields = [
        ("b", _text(entry, "location", "effectiveLocation", "library", "name")),
        ("c", _text(entry, "location", "effectiveLocation", "name")),
        ("h", _text(entry, "callNumber", "callNumber") or _text(entry, "callNumber")),
        ("i", _text(entry, "enumeration")),
        ("p", _text(entry, "barcode")),
    ]
    return make_field("852", "  ", [(code, value) for code, value in subfields if value])


def _statements(entry: dict[str, Any]) -> list[Field]:
    """What a holdings record says it has, as textual holdings (866)."""
    found = []
    for statement in _list(entry, "holdingsStatements"):
        if isinstance(statement, dict):
            said = [("a", _text(statement, "statement")), ("z", _text(statement, "note"))]
            found.append(make_field("866", "  ", [(code, value) for code, value in said if value]))
    return [field for field in found if field is not None and field.subfields]


def _text(value: Any, *keys: str) -> str:
    """The text at the end of a path of keys, "" when there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
