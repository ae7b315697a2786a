"""Which row of a table is its header, and which header means what when the source file does not say."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from mappings.formats.table.recognise import recognised
from mappings.formats.table.rows import folded

# Headers of common list and import templates (DA/T 18, ISAD(G) CSV of AtoM, ArchivesSpace, plain library lists) by
# field.
KNOWN = {
    "id": "id 序号 編號 编号 legacyid primary_id uuid",
    "reference_code": "档号 檔號 索书号 referencecode reference_code identifier unitid unit_id callnumber shelfmark",
    "fonds": "全宗号 全宗號 fonds",
    "title": "题名 題名 正题名 案卷题名 文件题名 题目 題目 标题 標題 名称 名稱 title name",
    "dates": "成文日期 形成时间 形成時間 文件日期 起止日期 日期 年代 date dates eventdates capture_date",
    "creator": "责任者 責任者 作者 著者 形成单位 creator creators author authors",
    "level": "著录级别 著錄級別 层次 層次 level levelofdescription",
    "subject": "主题词 主題詞 关键词 關鍵詞 主题 主題 subject subjects subjectaccesspoints keywords",
    "person": "人名 persons person nameaccesspoints",
    "place": "地名 地点 地點 place places placeaccesspoints",
    "organisation": "机构 機構 组织 組織 organisation organization",
    "language": "语种 語種 语言 語言 language languages",
    "extent": "页数 頁數 件数 件數 extent extentandmedium",
    "access": "开放状态 開放狀態 开放 公开 access",
    "location": "存放位置 架位 库位 庫位 location physicalobjectlocation",
    "containers": "盒号 盒號 箱号 箱號 box container containers",
    "format": "载体类型 載體類型 文种 文種 format genre",
    "scope_and_content": "摘要 内容 內容 提要 abstract scopeandcontent description",
    "note": "备注 備註 附注 附註 note notes remarks",
    "retention_period": "保管期限",
    "security_class": "密级 密級",
    "isbn": "isbn",
    "issn": "issn",
    "link": "url link 链接 鏈接",
}


_MEANING = {folded(name): field for field, names in KNOWN.items() for name in names.split()}


def guessed(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Field -> header for a table nobody described; the first header of a meaning has it."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        field = _MEANING.get(folded(name))
        if field is not None:
            found.setdefault(field, (name,))
    return found


def find_header(rows: Sequence[Sequence[Any]], wanted: frozenset[str]) -> int | None:
    """The row with most of the wanted headers; without any, the one that a crosswalk knows, the one with most known
    headers; else the first that is as full as usual.
    """
    filled = [[text for cell in row if (text := _text(cell))] for row in rows]
    widest = max(map(len, filled), default=0)
    if widest == 0:
        return None
    if not wanted and (place := _first_recognised(filled)) is not None:
        return place
    keys = {folded(name) for name in wanted}
    for known, least in ((keys, 1), (_MEANING.keys(), 2)):
        scores = [len({folded(text) for text in row} & known) for row in filled]
        if max(scores) >= least:
            return scores.index(max(scores))
    return next(place for place, row in enumerate(filled) if len(row) * 2 >= widest)


def _first_recognised(rows: Sequence[Sequence[str]]) -> int | None:
    return next((place for place, row in enumerate(rows) if len(row) > 1 and recognised(row)), None)


def _text(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint that names the header most like a missing one."""
    listed = list(names)
    near = difflib.get_close_matches(name, listed, 1, 0.5)
    if near:
        return f"the nearest header is {near[0]!r}"
    return f"the headers are: {', '.join(listed[:20])}" if listed else "the table has no headers"
