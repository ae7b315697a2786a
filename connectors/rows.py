"""Rows as raw items: what every transport that delivers rows does with them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Any

from pydantic import ConfigDict, RootModel

from connectors.base import RawItem

Scalar = bool | int | float | str | None


class Deleted(RootModel[dict[str, list[Scalar]]]):
    """Setting ``deleted: {column: [values]}``: a row that has one of the values in the column is deleted, or not
    published any more. Values are compared as text without regard to case: ``true`` and ``True`` are one, an empty
    value and none are one.
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, or dotted paths, it looks at."""
        return tuple(self.root)

    def marks(self, values: Mapping[str, Any]) -> bool:
        """Does the source say of this row that it is gone?"""
        return any(_text(value_at(values, column)) in set(map(_text, listed)) for column, listed in self.root.items())


def row_item(key: str, values: dict[str, Any], token: str | None = None) -> RawItem:
    """A row as an item: its columns, and as bytes the same as canonical JSON. `values` hold what JSON can say
    (`plain`).
    """
    return RawItem(key, partial(row_bytes, values), row=values, token=token)


def row_bytes(values: dict[str, Any]) -> BytesIO:
    """A row as canonical JSON: same values, same bytes."""
    return BytesIO(json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode())


def plain(value: Any) -> Any:
    """A value of a database or table as JSON can say it: dates as ISO 8601, decimals and UUIDs as text, bytes as text
    or hexadecimal.
    """
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.hex()
    return str(value)


def value_at(values: Any, path: str) -> Any:
    """What lies at a dotted path (``metadata.title``, ``titles.0``), None when nothing does. A column whose name is the
    whole path comes first; an empty path is the value itself.
    """
    if not path:
        return values
    if isinstance(values, Mapping) and path in values:
        return values[path]
    for part in path.split("."):
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list) and part.isdecimal() and int(part) < len(values):
            values = values[int(part)]
        else:
            return None
    return values


def _text(value: Any) -> str:
    return "" if value is None else str(plain(value)).strip().casefold()
