"""What holds for any text."""

from __future__ import annotations

import datetime as dt

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import given
from hypothesis import strategies as st

from mappings.dates import NOTHING, dated, parse, read
from mappings.dates.eras import eras
from tests.mappings.dates import (
    test_calendars,
    test_chinese,
    test_doubt,
    test_figures,
    test_finding_aids,
    test_sources,
    test_words,
)

_MODULES = (test_calendars, test_chinese, test_doubt, test_figures, test_finding_aids, test_sources, test_words)
TEXTS = [text for module in _MODULES for table in module.CASES.values() for text in table]
_JOINTS = [
    "-",
    "/",
    " to ",
    "至",
    ", ",
    " ",
    "ca. ",
    "before ",
    "以前",
    "[",
    "]",
    "?",
    "..",
    "年",
    "月",
    "閏",
    "前",
    "BC",
    "0",
    "19",
]
_TEXT = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from([*TEXTS, *_JOINTS]), max_size=6).map("".join), st.sampled_from(TEXTS)
)


@given(_TEXT)
def test_nothing_raises_and_a_reading_is_in_order(text: str) -> None:
    reading = read(text)
    start, end = parse(text)
    assert start is None or end is None or start <= end
    assert all(year is None or -10_000 < year < 10_000 for year in (start, end))
    assert (reading.precision is None) == ((start, end) == NOTHING)
    assert reading.open_end <= (end is None) and reading.open_start <= (start is None)


@given(_TEXT)
def test_years_days_and_records_agree(text: str) -> None:
    reading, dates = read(text), dated(text)
    assert (dates.start, dates.end) == parse(text)
    assert [day and int(day[:-6]) for day in (reading.earliest, reading.latest)] == [dates.start, dates.end]
    assert dates.earliest in (None, reading.earliest) and dates.latest in (None, reading.latest)


@given(st.dates(min_value=dt.date(1583, 1, 1), max_value=dt.date(2199, 12, 31)))
def test_a_day_is_read_as_itself_however_it_is_written(day: dt.date) -> None:
    iso = day.isoformat()
    for text in (
        iso,
        f"{day:%Y%m%d}",
        f"{iso}T12:00:00Z",
        f"{day.day} {day:%B} {day.year}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.year} {day:%b} {day.day}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert (read(text).earliest, read(text).latest) == (iso, iso), text


@given(
    st.dates(min_value=dt.date(1583, 1, 1), max_value=dt.date(2199, 12, 31)),
    st.dates(min_value=dt.date(1583, 1, 1), max_value=dt.date(2199, 12, 31)),
)
def test_a_range_of_days_is_from_the_first_to_the_last(one: dt.date, other: dt.date) -> None:
    first, last = sorted((one.isoformat(), other.isoformat()))
    reading = read(f"{first}/{last}")
    assert (reading.earliest, reading.latest) == (first, last)


@given(st.data())
def test_every_year_of_every_era_is_counted_from_its_first(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(name for name in eras() if not name.isascii())))
    era = data.draw(st.sampled_from(eras()[name]))
    number = data.draw(st.integers(1, min(era.length, 400)))
    if not 0 < era.first + number - 1 < 2200:
        return
    start, end = parse(f"{era.state}{name}{number}年")
    assert start is not None and end is not None and start <= era.first + number - 1 <= end


_YEAR = st.integers(1000, 2099).map(str)
_MONTH = st.tuples(_YEAR, st.integers(1, 12)).map(lambda pair: f"{pair[0]}-{pair[1]:02d}")
_DAY = st.dates(min_value=dt.date(1000, 1, 1), max_value=dt.date(2099, 12, 31)).map(dt.date.isoformat)
_POINT = st.one_of(
    _YEAR,
    _MONTH,
    _DAY,
    st.tuples(_YEAR, st.sampled_from("?~")).map("".join),
    st.integers(100, 209).map(lambda decade: f"{decade}X"),
    st.integers(10, 20).map(lambda century: f"{century}XX"),
)
_EDTF = st.one_of(
    _POINT, st.tuples(_POINT, _POINT).map("/".join), _POINT.map("{}/..".format), _POINT.map("../{}".format)
)


@given(_EDTF)
def test_edtf_is_read_as_the_edtf_library_reads_it(text: str) -> None:
    """Years of both readings. Parts that overlap or stand in the wrong order (100X/1000) we read as a whole."""
    try:
        theirs = parse_edtf(text)
    except (EDTFParseException, TypeError):  # ../100X breaks the library
        return
    start, end = parse(text)
    ends = [None if part == ".." else part for part in (text.split("/") * 2)[:2]]
    lower = None if ends[0] is None else theirs.lower_strict().tm_year
    upper = None if ends[1] is None else theirs.upper_strict().tm_year
    if lower is not None and upper is not None:
        (_, first_ends), (second_begins, _) = parse(ends[0] or ""), parse(ends[1] or "")
        if (first_ends or 0) > upper or (second_begins or 0) < lower:
            return
    assert (start, end) == (lower, upper)
