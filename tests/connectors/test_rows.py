"""What every transport that delivers rows does with them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from connectors.rows import Deleted, plain, row_bytes, row_item, value_at

VALUES = {"a": {"b": [10, {"c": "deep"}]}, "a.b": "a column of that name", "n": None}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", VALUES),
        ("a.b", "a column of that name"),
        ("a.b.0", 10),
        ("a.b.1.c", "deep"),
        ("a.b.2", None),
        ("a.b.-1", None),
        ("n", None),
        ("n.x", None),
        ("none", None),
    ],
)
def test_what_lies_at_a_path(path: str, expected: Any) -> None:
    assert value_at(VALUES, path) == expected


@pytest.mark.parametrize(
    ("value", "listed", "is_gone"),
    [
        ("Deleted", ["deleted"], True),
        (" deleted ", ["deleted"], True),
        ("deleted by Ann", ["deleted"], False),
        (True, ["true"], True),
        (1, ["1"], True),
        (1, [True], False),
        (None, [""], True),
        ("", [None], True),
        ("x", [], False),
        (dt.date(2026, 1, 2), ["2026-01-02"], True),
    ],
)
def test_which_rows_are_gone(value: Any, listed: list[Any], is_gone: bool) -> None:
    rule = Deleted.model_validate({"state": listed})
    assert rule.marks({"id": 1, "state": value}) is is_gone
    assert rule.columns == ("state",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "2026-01-02T03:04:00+00:00"),
        (dt.time(3, 4), "03:04:00"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ("卷".encode(), "卷"),
        (memoryview(b"\xff\x00"), "ff00"),
        ([1], [1]),
        (None, None),
    ],
)
def test_values_as_json_can_say_them(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_the_same_values_are_the_same_bytes() -> None:
    assert row_bytes({"b": 1, "a": "卷"}).read() == row_bytes({"a": "卷", "b": 1}).read() == '{"a":"卷","b":1}'.encode()


def test_a_row_is_an_item_with_its_token() -> None:
    item = row_item("7", {"id": 7}, "v1")
    assert (item.key, item.row, item.token) == ("7", {"id": 7}, "v1")
