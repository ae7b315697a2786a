"""UNIMARC and CNMARC, told from MARC 21 by their content."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.record import Dates, Identifier
from tests.mappings.marc.build import UNIMARC, record_of

GENERAL = "100 ## $a 20240101{}m  y0chiy50    ea"
TITLE = "200 1# $a 題名"

FIELDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "title and responsibility": (
        ["200 1# $a 題名 $e 副題 $h 卷一 $i 序 $f 李白著"],
        {"title": "題名 : 副題. 卷一, 序", "description": {"responsibility": "李白著"}}
    ),
    "pinyin and parallel title": (
        ["200 1# $a 題名 $9 ti ming $d Title"], {"title": "題名", "description": {"parallel_title": "Title\nti ming"}}
    ),
    "publication": (
        [TITLE, "210 ## $a 北京 $c 中华书局 $d 1982"],
        {"dates": Dates("1982", 1982, 1982), "description": {"publication": "北京 : 中华书局, 1982"}},
    ),
    "publication, new form": ([TITLE, "214 #0 $d 1982"], {"dates": Dates("1982", 1982, 1982)}),
    "coded date": ([GENERAL.format("d1982    "), TITLE], {"dates": Dates("1982", 1982, 1982)}),
    "coded span": ([GENERAL.format("g19821990"), TITLE], {"dates": Dates("1982-1990", 1982, 1990)}),
    "language": ([TITLE, "101 0# $a chi $a eng"], {"languages": ("zh", "en")}),
    "numbers": (
        [TITLE, "010 ## $a 7-101-00001-2 $d CNY10", "011 ## $a 1009-2129"],
        {"identifiers": (Identifier("isbn", "7-101-00001-2"), Identifier("issn", "1009-2129"))},
    ),
    "extent": ([TITLE, "215 ## $a 201页 $c 图 $d 20cm $e 光盘1张"], {"extent": "201页 : 图 ; 20cm + 光盘1张"}),
    "notes": (
        [TITLE, "330 ## $a 摘要", "327 1# $a 卷一 $a 卷二", "305 ## $a 據刻本"],
        {"description": {"note": "據刻本", "contents": "卷一 卷二", "abstract": "摘要"}},
    ),
    "set": ([TITLE, "461 #0 $1 2001 $a 叢書 $v 3"], {"description": {"host": "叢書 3"}}),
    "series": ([TITLE, "410 #0 $t 叢書 $v 3"], {"description": {"series": "叢書 3"}}),
    "class mark": ([TITLE, "690 ## $a I207.22 $v 4"], {"description": {"classification": "I207.22"}}),
    "genre": ([TITLE, "608 ## $a 地图 $2 x"], {"formats": ("地图",)}),
    "access": ([TITLE, "371 0# $a 不开放"], {"description": {"access_conditions": "不开放"}}),
    "no title": (["517 1# $a 別名"], {"title": "別名", "supplied_title": True}),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), FIELDS.values(), ids=FIELDS)
def test_fields(lines: list[str], expected: dict[str, Any]) -> None:
    general = [] if lines[0].startswith("100") else [GENERAL.format("u         ")]
    record = record_of(*general, *lines, leader=UNIMARC)
    assert {key: getattr(record, key) for key in expected} == expected


NAMES = {
    "dynasty first": ("701 #0 $c 西晉 $a 竺法護 $4 譯", [("(西晉)竺法護", "person", "creator", "譯")]),
    "pinyin": (
        "701 #0 $a 魯迅 $9 Lu Xun",
        [("魯迅", "person", "creator", None), ("Lu Xun", "person", "creator", None)],
    ),
    "entry and rest of a name": (
        "700 #1 $a Asimov $b , Isaac $4 070", [("Asimov, Isaac", "person", "creator", "author")]
    ),
    "name without punctuation": (
        "700 #1 $a Asimov $b Isaac $f 1920-1992", [("Asimov, Isaac, 1920-1992", "person", "creator", None)]
    ),
    "secondary": ("702 #1 $a Scaglia $b , Cesare $4 730", [("Scaglia, Cesare", "person", "name", "translator")]),
    "body": ("711 02 $a 北京大学 $b 图书馆", [("北京大学. 图书馆", "organisation", "creator", None)]),
    "family": ("720 ## $a Medici $4 390", [("Medici", "family", "creator", "former owner")]),
    "subject": ("606 0# $a 诗歌 $x 研究 $y 中国", [("诗歌 -- 研究 -- 中国", "subject", "subject", None)]),
    "place": ("607 ## $a 湖南", [("湖南", "place", "subject", None)]),
    "person as subject": (
        "600 #0 $a 李白 $x 研究", [("李白", "person", "subject", None), ("李白 -- 研究", "subject", "subject", None)]
    ),
    "words": ("610 0# $a 唐詩 $a 宋詩", [("唐詩", "subject", "subject", None), ("宋詩", "subject", "subject", None)]),
}  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), NAMES.values(), ids=NAMES)
def test_names(line: str, expected: list[tuple[str, ...]]) -> None:
    record = record_of(TITLE, line, leader=UNIMARC)
    assert [(name.name, name.type, name.role, name.relator) for name in record.names] == expected


def test_holdings_of_cnmarc() -> None:
    record = record_of(TITLE, "905 ## $a CN0001 $b 10023 $d I207 $e 12", leader=UNIMARC)
    (held,) = record.holdings
    assert (held.containers, held.location, held.barcode) == (("I207 12",), "CN0001", "10023")


TOLD = {
    "by its title": (["200 1# $a 題名"], "題名"),
    "by its general data": ([GENERAL.format("d1982    "), "210 ## $d 1982"], "1982"),
    "MARC 21 by its title": (["100 1# $a Li, Bai", "245 10 $a Title"], "Title"),
    "MARC 21 by 008": (["008 890106s1961    ja a     b    001 0 jpn d", "200 ## $a local"], "1961"),
}


@pytest.mark.parametrize(("lines", "title"), TOLD.values(), ids=TOLD)
def test_the_family_is_told_by_the_content(lines: list[str], title: str) -> None:
    assert record_of(*lines, leader=UNIMARC).title == title
