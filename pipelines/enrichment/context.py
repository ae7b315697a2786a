"""What stands beside a short Chinese name when it is one: people are introduced, listed and spoken of in set ways."""

from __future__ import annotations

import re

from mappings.text import HAN, fold

_BEFORE = frozenset(fold("與与和及同為爲師嗣訪善薦以由如友兄弟子父孫婿妻詩、，。；：（「著撰"))
_AFTER = re.compile(
    fold(
        "友善|齊名|同時|倡和|唱和|等|輩|曰|云|撰|著|書|編|輯|譯|奏|薦|所|皆|字|號|先生|女士|大人|之子|之孫|之女|之弟|之兄|之從|榜|詩|文集"
    )
    + r"|[\s,.;:!?、。；：」』）)\]]|$"
)
_NOT_HAN = re.compile(rf"[^{HAN}]")


def has_context(folded: str, start: int, end: int) -> bool:
    """Is it introduced on its left and closed on its right? At the very beginning of a text a comma must follow."""
    if not _AFTER.match(folded, end):
        return False
    if start == 0:
        return end < len(folded)
    before = folded[start - 1]
    return before in _BEFORE or _NOT_HAN.match(before) is not None


_NO_PLACE = re.compile(fold(r"[元一二三四五六七八九十廿卅]{1,4}[年載]|[初中末間年]|[郡山段路街區縣河江湖公王侯]"))


def is_other(folded: str, end: int) -> bool:
    """Does what follows make a place's name that of an era, a rank, a street or another place?"""
    return _NO_PLACE.match(folded, end) is not None
