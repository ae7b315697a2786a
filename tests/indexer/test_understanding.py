"""Questions as people type them, and what is asked of the index: the words, and what was read beside them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.memory import MemoryEngine
from indexer.language import parse
from indexer.plan import Either, Every, Term, rights_of
from indexer.synonyms import Synonyms
from indexer.understanding.codes import typed_code
from indexer.understanding.question import ALL, LONGEST, Understood, understood
from mappings.access import ANONYMOUS
from tests.indexer.test_language import shape

RIGHTS = rights_of(ANONYMOUS, dt.date(2026, 11, 23))
SYNONYMS = Synonyms(MemoryEngine())

SENTENCES: dict[str, tuple[str, list[str]]] = {
    # typed: the words that are asked for, and the readings
    "1950年代上海的婚姻登记": ("1950 年代 上海 婚姻登记", ["years 1950-1959"]),
    "我爷爷的参军证明": ("参军", ["filler 我爷爷的", "intent certificate"]),
    "光緒二十年的奏摺": ("光緒 二十年 奏摺", ["years 1894-1894", "format memorial"]),
    "民國三十八年 土地": ("民國 三十八年 土地", ["years 1949-1949"]),
    "民国七十三年土地清册": ("民国 七十三年 土地 清册", ["years 1984-1984"]),
    "昭和10年 學校": ("昭和 10 年 學校", ["years 1935-1935"]),
    "民國38 土地": ("民國 38 土地", ["years 1949-1949"]),
    "长寿23号": ("长寿 23 号", []),
    "康熙 奏摺": ("康熙 奏摺", ["years 1662-1722"]),
    "上海光緒年間的奏摺": ("上海 光緒年間 奏摺", ["years 1875-1908", "format memorial"]),
    "19世紀末上海": ("19 世紀末 上海", ["years 1861-1900"]),
    "三十年代的电影海报": ("三十 年代 电影海报", ["years 1930-1939"]),
    "20世纪三十年代的电影": ("20 世纪 三十 年代 电影", ["years 1930-1939"]),
    "上世纪五十年代的学校": ("上世纪 五十年代 学校", ["years 1950-1959"]),
    "1911年前的铁路": ("1911 年前 铁路", ["years -1910"]),
    "1911年以前的铁路": ("1911 以前 铁路", ["years -1911"]),
    "1949年以后的土地": ("1949 以后 土地", ["years 1949-"]),
    "1949年之后的土地改革档案": ("1949 之后 土地改革 档案", ["years 1950-"]),
    "清末民初的学堂": ("清末 民初 学堂", ["years 1844-1921"]),
    "清代奏摺": ("清代 奏摺", ["years 1644-1911", "format memorial"]),
    "明代的地契": ("明代 地契", ["years 1368-1644", "format deed"]),
    "大同元年的卷宗": ("大同 元年 卷宗", ["years 535 806 947 1932"]),
    "天順元年 卷宗": ("天順 元年 卷宗", ["years 1328 1457"]),
    "一九五八年大炼钢铁": ("一九五八年 大炼钢铁", ["years 1958-1958"]),
    "二〇〇一年的户籍资料": ("二〇〇 一年 户籍 资料", ["years 2001-2001"]),
    "1900-1920年铁路": ("1900 1920 铁路", ["years 1900-1920"]),
    "宣統元年至三年的奏摺": ("宣統 元年至 三年 奏摺", ["years 1909-1911", "format memorial"]),
    "1920年至1930年的信件": ("1920 至 1930 信件", ["years 1920-1930", "format letter"]),
    "1920至1930年之间的信件": ("1920 至 1930 之间 信件", ["years 1920-1930", "format letter"]),
    "请问哪里可以查我父亲的婚姻登记？": ("婚姻登记", ["filler 请问", "filler 哪里可以查", "filler 我父亲的"]),
    "关于上海铁路的档案": ("上海 铁路", ["filler 关于", "filler 档案"]),
    "有没有德文的信件": ("德文 信件", ["filler 有没有", "language de", "format letter"]),
    "我想找1950年代的老照片": ("1950 年代 老照片", ["filler 我想找", "years 1950-1959", "format photograph"]),
    "《我期待》是张雨生和谁的对唱？": ("我期待 张雨生 对唱", []),
    "我家的土地证": ("土地证", ["filler 我家的"]),
    "上海有哪些铁路学校": ("上海 铁路 学校", ["filler 有哪些"]),
    "民国时期的北平市政府": ("民国时期 北平 市政府", ["years 1912-1949"]),
    "如何办理出生证明": ("出生", ["filler 如何办理", "intent certificate"]),
    "怎么查知青下乡的档案": ("知青 下乡", ["filler 怎么查", "filler 档案"]),
    "土地登記複印件": ("土地 登記 複印件", ["intent copy"]),
    "档案馆开放时间": ("档案馆 开放 时间", ["intent hours"]),
    "國民初級中學": ("國民 初級中學", []),
    "鐵路": ("鐵路", []),
    "石碇鄉土地": ("石碇鄉 土地", []),
    "新时代的学校": ("新时代 学校", []),
    "letters about railways before 1911": (
        "letters railways before 1911",
        ["format letter", "filler about", "years -1910"],
    ),
    "photos of the flood": ("photos flood", ["format photograph"]),
    "letters from the 1930s in German": (
        "letters 1930s German",
        ["format letter", "years 1930-1939", "language de"],
    ),
    "maps of Shanghai between 1900 and 1920": (
        "maps Shanghai between 1900 1920",
        ["format map", "years 1900-1920"],
    ),
    "late 19th century photographs of Melbourne": (
        "late 19th century photographs Melbourne",
        ["years 1861-1900", "format photograph"],
    ),
    "I am looking for records about the Farm Bureau": (
        "Farm Bureau",
        ["filler I am looking for", "filler records about"],
    ),
    "how do I get a copy of my grandmother's marriage certificate": (
        "marriage",
        ["filler how do I get", "intent copy", "filler my grandmother's", "intent certificate"],
    ),
    "show me maps of Shanghai": ("maps Shanghai", ["filler show me", "format map"]),
    "Do you have anything about the women's committee?": (
        "women's committee",
        ["filler Do you have anything", "filler about"],
    ),
    "pre-1911 maps of the coast": ("pre-1911 maps coast", ["years -1910", "format map"]),
    "railways since 1949": ("railways since 1949", ["years 1949-"]),
    "coal mines after 1945": ("coal mines after 1945", ["years 1946-"]),
    "from 1900 to 1920 tram lines": ("1900 1920 tram lines", ["years 1900-1920"]),
    "the nineteen thirties in Raleigh": ("nineteen thirties Raleigh", ["years 1930-1939"]),
    "Qing dynasty land deeds": ("Qing dynasty land deeds", ["years 1644-1911"]),
    "Guangxu 20 memorials": ("Guangxu 20 memorials", ["years 1894-1894"]),
    "minutes of the committee, May 1936": ("minutes committee 1936", ["format minutes", "years 1936-1936"]),
    "newspapers from Melbourne in the 1850s": (
        "newspapers Melbourne 1850s",
        ["format newspaper", "years 1850-1859"],
    ),
    "where can I find information about schools in 1936?": (
        "schools 1936",
        ["filler where can I find", "filler information about", "years 1936-1936"],
    ),
    "opening hours": ("opening hours", ["intent hours"]),
    "certificate of incorporation": ("certificate incorporation", ["intent certificate"]),
    "my grandfather's military service": ("military service", ["filler my grandfather's"]),
    "farm bureau": ("farm bureau", []),
    "Farm Bureau 1936": ("Farm Bureau 1936", ["years 1936-1936"]),
    "1982-89 annual reports": ("1982-89 annual reports", ["years 1982-1989"]),
    "between the 1920s and the 1940s strikes": ("between 1920s 1940s strikes", ["years 1920-1949"]),
    "march on washington": ("march washington", []),
    "books in French about China": ("books French China", ["format book", "language fr", "filler about"]),
    "who was mayor in 1911 and 1920": ("mayor 1911 1920", ["years 1911-1911", "years 1920-1920"]),
    "until 1945 Berlin": ("until 1945 Berlin", ["years -1945"]),
    "Z013-1905": ("Z013-1905", []),
    "title:farm before 1911": ("farm before 1911", ["years -1910"]),
    "farm OR coal before 1911": ("farm coal before 1911", ["years -1910"]),
    '"before 1911" farm': ("before 1911 farm", []),
    "railways -before 1911": ("railways 1911", []),
}


def read(text: str, plain: tuple[str, ...] = ()) -> Understood:
    return understood(text, parse(text), RIGHTS, SYNONYMS, plain)


def told(meant: Understood) -> list[str]:
    """Readings as a line each: the kind, and the years, the value or the words."""
    return [f"{one['kind']} {_value(one)}" for one in meant.readings]


def _value(reading: dict[str, object]) -> object:
    if spans := reading.get("spans"):
        return " ".join(str(first) for first, _ in spans)  # type: ignore[attr-defined]
    if reading["kind"] == "years":
        return f"{reading['from'] or ''}-{reading['to'] or ''}"
    return reading.get("value") or reading["text"]


@pytest.mark.parametrize("text", SENTENCES)
def test_is_understood_as(text: str) -> None:
    meant = read(text)
    assert (" ".join(meant.words), told(meant)) == SENTENCES[text]


def test_there_are_enough_sentences_in_both_languages() -> None:
    chinese = sum(not text.isascii() for text in SENTENCES)
    assert len(SENTENCES) >= 60 and chinese >= 30


@pytest.mark.parametrize("text", [text for text, (_, readings) in SENTENCES.items() if readings])
def test_each_reading_can_be_taken_back_and_so_can_all(text: str) -> None:
    meant = read(text)
    for reading in meant.readings:
        assert reading["key"] not in {one["key"] for one in read(text, (reading["key"],)).readings}
    assert read(text, (ALL,)).asked == parse(text).node


def test_a_meaning_stands_beside_the_words_and_what_is_left_out_is_gone() -> None:
    assert shape_of("railways before 1911") == ("and", "railways", ("either", ("and", "before", "1911"), (-9999, 1910)))
    assert shape_of("我爷爷的参军") == "参军"
    assert shape_of("the opening hours") == ("and", "opening", "hours"), "what has no other word is asked for"
    assert shape_of("查1950年代初上海")[-1] == "上海", "what a date leaves of a word stays"


def shape_of(text: str) -> object:
    return shape(read(text).asked)


def test_a_text_that_is_no_question_is_left_alone() -> None:
    for text in ("", "*", "1911 " * LONGEST):
        meant = read(text)
        assert meant.asked == parse(text).node and not meant.readings
    assert isinstance(read("").asked, Every)


CODES = {
    "J1-2-345": "j 1 2 345",
    "J001-002-0345": "j 1 2 345",
    "j1 2 345": "j 1 2 345",
    "Ｊ１／２／３４５": "j 1 2 345",
    "Z013/1/1": "z 13 1 1",
    "MC 00313": "mc 313",
    "Z013": "z 13",
    "全宗12-3-4": "全宗 12 3 4",
    "12-3-4": "12 3 4",
    "1984": None,
    "1936-1999": None,
    "1949-10-01": None,
    "民國38年": None,
    "May 1911": None,
    "box 12": None,
    "apollo 11 mission": None,
    "farm bureau": None,
    '"Z013"': None,
    "1 2": None,
    "x" * 70 + "1": None,
}


@pytest.mark.parametrize("text", CODES)
def test_a_text_that_is_a_code(text: str) -> None:
    assert typed_code(text) == CODES[text]


def test_other_ways_to_name_a_kind_are_asked_for() -> None:
    asked = read("photos of the flood").asked
    first = asked.parts[0]  # type: ignore[union-attr]
    assert isinstance(first, Either)
    assert {part.text for part in first.parts if isinstance(part, Term)} >= {"photos", "photographs", "照片"}


PIECES = [
    "1911",
    "before ",
    "after",
    "1950年代",
    "上海",
    "的",
    "我",
    "爷爷",
    "photos of ",
    "letters ",
    "about ",
    "之间",
    "至",
    "-",
]
PIECES += [
    " ",
    "證明",
    "?",
    '"',
    "title:",
    "光緒",
    "二十年",
    "年",
    "世紀末",
    "the 1930s",
    "in German",
    "OR",
    "AND ",
    "資料",
    "Z01",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_never_fails(text: str) -> None:
    meant = read(text)
    assert len({one["key"] for one in meant.readings}) <= len(text)
    assert all(one["text"].strip() in text for one in meant.readings)


@given(st.text(max_size=60))
def test_never_fails_whatever_the_script(text: str) -> None:
    read(text)
