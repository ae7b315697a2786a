"""Years understood from dates as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.dates import LONGEST, NOTHING, Span, parse

CASES: dict[str, Span] = {
    # ISO 8601, EAD @normal, EDTF
    "1901": (1901, 1901),
    "1901/1939": (1901, 1939),
    "1901-02": (1901, 1901),
    "1905-06": (1905, 1905),
    "1901-02-03": (1901, 1901),
    "1901-02-03/1905-12-31": (1901, 1905),
    "19830511": (1983, 1983),
    "2017-04-05T00:00:00Z": (2017, 2017),
    "0800": (800, 800),
    "-0043": (-43, -43),
    "-0043/0012": (-43, 12),
    "1950/": (1950, None),
    "1950/9999": (1950, None),
    "1950/..": (1950, None),
    "../1950": (None, 1950),
    "19uu": (1900, 1999),
    "193u": (1930, 1939),
    # ranges as cataloguers write them
    "1901-1939": (1901, 1939),
    "1901 - 1939": (1901, 1939),
    "1901–1939": (1901, 1939),
    "1901 -1902": (1901, 1902),
    "1982-89": (1982, 1989),
    "1898-99": (1898, 1899),
    "1980-1990, bulk 1982-89": (1980, 1990),
    "1900-1950 (bulk 1920-1930)": (1900, 1950),
    "1793, 1801-1810, 1815": (1793, 1815),
    "1999-1998": (1998, 1999),
    "between 1900 and 1910": (1900, 1910),
    "[between 1890 and 1900?]": (1890, 1900),
    "from 1950 to 1960": (1950, 1960),
    "1912 or 1913": (1912, 1913),
    "5 May 1944-6 June 1945": (1944, 1945),
    "Jul 1951-Jan 20, 1952": (1951, 1952),
    "1939 Nov. - 1940 Jan.": (1939, 1940),
    # days and months
    "Sept. 5, 1944": (1944, 1944),
    "27 & 30 Oct. 1987": (1987, 1987),
    "14-15 Apr. 1988": (1988, 1988),
    "12/31/1999": (1999, 1999),
    "31-12-1999": (1999, 1999),
    "2003.05.06": (2003, 2003),
    "Winter 1967": (1967, 1967),
    # uncertain, supplied
    "[1901]": (1901, 1901),
    "[1903?]": (1903, 1903),
    "1901.": (1901, 1901),
    "ca. 1920": (1920, 1920),
    "c.1850": (1850, 1850),
    "c1920": (1920, 1920),
    "circa, 1950": (1950, 1950),
    "circa 1920-1930": (1920, 1930),
    "1950?-1960?": (1950, 1960),
    "ca. 800": (800, 800),
    # decades and centuries
    "1920s": (1920, 1929),
    "1960's": (1960, 1969),
    "mid-1920s": (1920, 1929),
    "1920s-1930s": (1920, 1939),
    "1890s-1920": (1890, 1920),
    "1860-70s": (1860, 1879),
    "19th century": (1801, 1900),
    "early 20th century": (1901, 1940),
    "18th-19th century": (1701, 1900),
    "late 19th-early 20th century": (1861, 1940),
    "2nd century BCE": (-199, -100),
    "190?": (1900, 1909),
    "193-": (1930, 1939),
    "193-?": (1930, 1939),
    "19--": (1900, 1999),
    # open ends
    "1950-": (1950, None),
    "1977-present": (1977, None),
    "since 1950": (1950, None),
    "after 1950": (1950, None),
    "from 1950": (1950, None),
    "before 1900": (None, 1900),
    "pre-1950": (None, 1950),
    "-1950": (None, 1950),
    # before the common era, early years
    "44 BCE": (-43, -43),
    "300-200 BC": (-299, -199),
    "100 BC-50 AD": (-99, 50),
    "AD 800": (800, 800),
    "A.D. 618": (618, 618),
    "800": (800, 800),
    "618-907": (618, 907),
    # nothing understood
    "undated": NOTHING,
    "n.d.": NOTHING,
    "[n.d.]": NOTHING,
    "undated-": NOTHING,
    "": NOTHING,
    "1928-2003, undated": (1928, 2003),
    "1990 and undated": (1990, 1990),
    "box 12": NOTHING,
    "cuid2625": NOTHING,
    "9213": NOTHING,
    "Resource-C01-Date-AT": NOTHING,
    "54.4.30": (1954, 1965),
    "Section 54.4.30": NOTHING,
    # Chinese, plain
    "1984年12月30日": (1984, 1984),
    "１９８４年": (1984, 1984),
    "一九四九年": (1949, 1949),
    "二〇〇八年": (2008, 2008),
    "1949年10月1日至1950年1月": (1949, 1950),
    "1950年以前": (None, 1950),
    "1950年至今": (1950, None),
    "約1950年": (1950, 1950),
    "1980年代": (1980, 1989),
    "20世纪80年代": (1980, 1989),
    "二十世纪三十年代": (1930, 1939),
    "十九世纪": (1801, 1900),
    "公元前221年": (-220, -220),
    "不详": NOTHING,
    # eras
    "民國38年": (1949, 1949),
    "民国六十三年五月": (1974, 1974),
    "民國103年1月": (2014, 2014),
    "民國三十八年至四十二年": (1949, 1953),
    "民國前2年": (1910, 1910),
    "光緒元年": (1875, 1875),
    "光緒二十年": (1894, 1894),
    "光緒三十一年": (1905, 1905),
    "清光緒廿年": (1894, 1894),
    "宣統3年": (1911, 1911),
    "咸豐十一年": (1861, 1861),
    "乾隆六十年": (1795, 1795),
    "康熙年间": (1662, 1722),
    "光緒九十九年": NOTHING,
    "昭和12年": (1937, 1937),
    "大正十二年": (1923, 1923),
}


@pytest.mark.parametrize(("text", "span"), CASES.items(), ids=CASES)
def test_years_understood(text: str, span: Span) -> None:
    assert parse(text) == span


_PIECES = st.sampled_from(
    [
        *CASES,
        "-",
        "/",
        "s",
        "年",
        "世纪",
        "民國",
        "前",
        "ca. ",
        "BCE",
        "century",
        "00",
        "9",
        "until ",
        " 19",
        "至",
        "..",
        "(",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=6).map("".join)))
def test_a_span_never_ends_before_it_begins_and_nothing_raises(text: str) -> None:
    start, end = parse(text)
    assert start is None or end is None or start <= end
    assert all(year is None or -10_000 < year < 10_000 for year in (start, end))


@pytest.mark.parametrize(
    "text",
    ["1" * 100_000, "1901-" * 50_000, "(" * 50_000, "19th-" * 20_000, "民國" * 50_000, "光緒 " * 10 + " " * 400 + "年"],
)
def test_long_text_is_read_to_a_limit(text: str) -> None:
    assert parse(text) == parse(text[:LONGEST])
