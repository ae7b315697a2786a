"""Names of private persons in the rows of civil and land registers: columns that say whose name they hold, in records
whose title or labels say what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipelines.personal.births import EARLIEST
from pipelines.personal.spans import Span

_GENRE: Final = re.compile(
    r"婚姻|[结結]婚|离婚|離婚|出生[登證证]|死亡|[户戶][籍口]|保甲|[学學]籍|病[历歷]|地籍|土地登[记記]|房[产產]登[记記]"
    r"|所有[权權]|marriages?\b|births?\b|deaths?\b|baptisms?\b|burials?\b|divorces?\b|civil regist|census|land regist"
    r"|parish regist|naturali[sz]ation|patients?\b",
    re.IGNORECASE,
)
_ALWAYS: Final = re.compile(
    r"(?:原|土地|[现現])?所有[权權]人(?:姓名)?|新郎|新娘|亡者|死者|[户戶]主(?:姓名)?|承[租买買]人|出[卖賣]人|groom|bride|deceased",
    re.IGNORECASE,
)
"""Labels that say the genre themselves."""
_NAMED: Final = re.compile(
    r"姓名|名字|本人|父(?:亲|親)?(?:姓名)?|母(?:亲|親)?(?:姓名)?|配偶(?:姓名)?|[当當]事人|[证證]婚人|介[绍紹]人|申[请請]人"
    r"|(?:full )?name|surname|father|mother|spouse|husband|wife|witness(?:es)?|applicant|owner",
    re.IGNORECASE,
)
_BODY: Final = re.compile(
    r"公司|[会會]$|[会會]社|[学學]校|政府|公所|[党黨]|[银銀]行|[局院厂廠社部厅廳署]$|[团團]|\b(?:Ltd|Inc|Co|Company|Corporation|"
    r"Bank|Church|Council|Society|Trust|University|Department)\b"
)
_ONE: Final = re.compile(r"[^、，,;；/|\n]+")
_CHINESE_NAME: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,6})?")
_WESTERN_NAME: Final = re.compile(r"(?:[A-Z][\w'’.-]{0,24} ){1,3}[A-Z][\w'’-]{1,24}")


def is_civil(*said: str) -> bool:
    """Does a title, a genre or a label say that these are such registers?"""
    return any(_GENRE.search(one) for one in said)


def names_in_column(label: str, value: str, civil: bool, latest: int | None) -> Iterator[Span]:
    """The persons in one column of a row. `latest` is the last year of the record, None when it has none."""
    bare = label.strip()
    if not (_ALWAYS.fullmatch(bare) or (civil and _NAMED.fullmatch(bare))) or (latest or EARLIEST) < EARLIEST:
        return
    for found in _ONE.finditer(value[:500]):
        text = found[0].strip()
        start = found.start() + found[0].find(text)
        if not _BODY.search(text) and (_CHINESE_NAME.fullmatch(text) or _WESTERN_NAME.fullmatch(text)):
            yield Span(start, start + len(text), "name", "register", 0.8)
