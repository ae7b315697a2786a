"""What of a date a record keeps."""

from __future__ import annotations

import pytest

from mappings.dates import dated, is_unread, joined
from mappings.record import Dates, Record, encode

KEPT: dict[str, Dates] = {
    "1901": Dates("1901", 1901, 1901),
    "1901-1939": Dates("1901-1939", 1901, 1939),
    "5 May 1944": Dates("5 May 1944", 1944, 1944, "1944-05-05", "1944-05-05"),
    "since May 1950": Dates("since May 1950", 1950, None, "1950-05-01", None),
    "before 2 June 1950": Dates("before 2 June 1950", None, 1950, None, "1950-06-02"),
    "1939-June 1941": Dates("1939-June 1941", 1939, 1941, "1939-01-01", "1941-06-30"),
    "光緒二十年十二月": Dates("光緒二十年十二月", 1894, 1895, "1894-12-27", "1895-01-25"),
    "1950-": Dates("1950-", 1950, None),
    "undated": Dates("undated"),
}


@pytest.mark.parametrize(("text", "expected"), KEPT.items(), ids=KEPT)
def test_days_are_kept_when_they_say_more_than_the_years(text: str, expected: Dates) -> None:
    assert dated(text) == expected


JOINED: dict[str, tuple[list[str], tuple[int | None, int | None, str | None, str | None]]] = {
    "nothing": ([], (None, None, None, None)),
    "years": (["1901", "1911"], (1901, 1911, None, None)),
    "a day and a year": (["1901-05-02", "1911"], (1901, 1911, "1901-05-02", "1911-12-31")),
    "a year that holds the day": (["1901", "1901-05-02"], (1901, 1901, None, None)),
    "two days": (["1901-05-02", "1901-03-04"], (1901, 1901, "1901-03-04", "1901-05-02")),
    "undated beside a day": (["undated", "1901-05-02"], (1901, 1901, "1901-05-02", "1901-05-02")),
    "an open end gives way": (["1901-", "1905"], (1901, 1905, None, None)),
    "open ends": (["1901-", "since May 1903"], (1901, None, None, None)),
}


@pytest.mark.parametrize(("parts", "expected"), JOINED.values(), ids=JOINED)
def test_several_dates_are_one_from_the_first_to_the_last(
    parts: list[str], expected: tuple[int | None, int | None, str | None, str | None]
) -> None:
    found = joined("; ".join(parts), map(dated, parts))
    assert (found.start, found.end, found.earliest, found.latest) == expected


def test_unread_is_what_names_no_time_and_does_not_say_so() -> None:
    assert [is_unread(dated(text)) for text in ("Reagan Years", "undated", "n.d.", "1901", "before 1900")] == [
        True, False, False, False, False,
    ]  # fmt: skip


def test_whole_years_take_no_more_room_than_before() -> None:
    assert b"earliest" not in encode_dates("1901-1939") and b"earliest" in encode_dates("May 1901")


def encode_dates(text: str) -> bytes:
    return encode(Record("1", "One", dates=dated(text)))
