"""Kinds of material and languages in a question: photos of the flood, 光緒二十年的奏摺, letters in German.

A kind is read only where a question names it as what is wanted ("photos of", 的照片); elsewhere it is a word like any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.plan import Either, Node, Term
from indexer.understanding.piece import Piece
from mappings.languages import code_of
from mappings.text import RUN, fold, is_han, stem

KIND, LANGUAGE = "format", "language"
_TABLE = """
photograph: photos photographs photo photograph pictures snapshots; 照片 相片 像片
letter: letters correspondence letter; 信件 书信 函件 来往信函
map: maps map atlases charts; 地图 舆图 图幅
plan: drawings plans blueprints; 图纸 蓝图
diary: diaries diary; 日记
newspaper: newspapers newspaper; 报纸
poster: posters poster; 海报 宣传画
film: films film footage movies; 影片 电影胶片 录像
recording: recordings recording tapes; 录音 录音带
minutes: minutes; 会议记录 会议纪要
memorial: memorials; 奏折 奏疏
deed: deeds deed; 契约 地契 房契
manuscript: manuscripts manuscript; 手稿 抄本
telegram: telegrams telegram cables; 电报
report: reports; 报告
register: registers register; 登记簿 名册
painting: paintings; 绘画 画作
book: books; 图书 书籍
"""
_FOLLOWED = re.compile(
    r"\s+(?:of|about|from|by|to|in|on|concerning|regarding|relating|showing|depicting|between|before|after|since|until|with|dated)\b"
)
_IN = re.compile(r"\b(?:written\s+)?in\s+(?:the\s+)?([a-z]{4,})(?:\s+language)?\b|\b([a-z]{4,})[- ]language\b")
_ASKED_FOR = ("的", "之", "的老", "的旧")
_HAN_LANGUAGE = re.compile("[\u4e00-\u9fff]{1,4}[文语]")


def _read_table() -> dict[str, tuple[str, tuple[Term, ...]]]:
    """Each name of a kind: the kind, and the other ways to say it."""
    found = {}
    for line in filter(None, _TABLE.splitlines()):
        kind, _, names = line.partition(": ")
        english, chinese = (part.split() for part in names.split(";"))
        by_stem = {stem(fold(name)): name for name in reversed(english)}
        ways = [Term(name, fold(name)) for name in (*by_stem.values(), *chinese)]
        for name in map(fold, (*english, *chinese)):
            others = tuple(way for way in ways if stem(way.folded) != stem(name))
            found[name] = kind, others
    return found


KINDS = _read_table()
_HAN_KINDS = re.compile("|".join(sorted((name for name in KINDS if is_han(name)), key=len, reverse=True)))


def kinds(text: str, years: list[Piece]) -> Iterator[Piece]:
    """The kinds of material that are asked for. `years` are the dates in the text, which one may follow: 1950年照片."""
    folded = fold(text)
    for run in RUN.finditer(folded):
        if run[0] in KINDS and not is_han(run[0]) and _FOLLOWED.match(folded, run.end()):
            yield _kind(text, *run.span(), run[0])
    ends = {piece.end for piece in years}
    for match in _HAN_KINDS.finditer(folded):
        before, after = folded[: match.start()], folded[match.end() : match.end() + 1]
        if (before.endswith(_ASKED_FOR) or match.start() in ends) and (after in ("", "的") or not is_han(after)):
            yield _kind(text, *match.span(), match[0])


def _kind(text: str, start: int, end: int, name: str) -> Piece:
    kind, others = KINDS[name]
    meaning: Node | None = Either(others) if others else None
    return Piece(start, end, KIND, text[start:end], meaning, says={"value": kind})


def languages(text: str) -> Iterator[Piece]:
    """The languages that material is to be in: "in German", 德文."""
    folded = fold(text)
    for match in _IN.finditer(folded):
        if code := code_of(match[1] or match[2]):
            yield _language(text, *match.span(), code)
    for run in RUN.finditer(folded):
        for match in _HAN_LANGUAGE.finditer(run[0]) if is_han(run[0]) else ():
            for start in range(match.start(), match.end() - 1):
                name = text[run.start() + start : run.start() + match.end()]
                if code := code_of(name):
                    yield _language(text, run.start() + start, run.start() + match.end(), code)
                    break


def _language(text: str, start: int, end: int, code: str) -> Piece:
    meaning = Term(code, code, "word", "language")
    return Piece(start, end, LANGUAGE, text[start:end], meaning, says={"value": code})
