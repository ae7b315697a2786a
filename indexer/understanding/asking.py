"""How people ask: the words of asking (show me, 我想查), of having to do with (about, 关于), of whose matter it is (my
grandfather's, 我爷爷的), which no record holds; and what they want besides finding (a certificate, a copy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.understanding.piece import Piece, word_edges
from mappings.dates.patterns import READ
from mappings.text import fold

FILLER, INTENT = "filler", "intent"
_KIN = (
    r"(?:great[- ])*grand(?:father|mother|parents?|pa|ma|dad)|father|mother|parents|dad|mum|mom|uncle|aunt|brother"
    r"|sister|husband|wife|family|ancestors?|relatives?"
)
_ENGLISH = (
    r"\b(?:please\s+)?(?:can|could)\s+(?:you|i)\s+(?:please\s+)?(?:find|show|give|get|see|have)(?:\s+me)?\b",
    r"\b(?:please\s+)?(?:show|find|give|get)\s+me\b",
    r"\b(?:i\s+am|i['’]?m|we\s+are|am)?\s*(?:looking|searching)\s+for\b",
    r"\b(?:i|we)\s+(?:want|need|would\s+like)(?:\s+to\s+(?:see|find|know|have|get|read)(?:\s+about)?)?\b",
    r"\b(?:do\s+you|does\s+the\s+archives?|have\s+you)\s+(?:have|hold|got)(?:\s+any(?:thing)?)?\b",
    r"\b(?:is|are)\s+there\s+(?:any(?:thing)?|some)?",
    r"\bwhere\s+(?:can|do)\s+i\s+(?:find|get|see)\b",
    r"\bhow\s+(?:can|do)\s+i\s+(?:find|get|obtain)\b",
    r"\b(?:any|some|every)(?:thing)\b",
)
_ABOUT = (
    r"(?:\b(?:records|documents|materials?|files|papers|information|sources|items|archives|archival\s+material)\s+)?"
    r"\b(?:about|concerning|regarding|relating\s+to|related\s+to|on\s+the\s+subject\s+of|to\s+do\s+with|dealing\s+with)\b"
)
_MINE = rf"\b(?:my|our)\s+(?:late\s+)?(?:{_KIN})(?:['’]s)?(?![\w])|\b(?:my|our)\b"
_HAN_KIN = (
    "曾祖父|曾祖母|太爷爷|太奶奶|外祖父|外祖母|祖父|祖母|爷爷|奶奶|外公|外婆|姥爷|姥姥|父亲|母亲|爸爸|妈妈|父母|丈夫|妻子"
    "|叔叔|伯父|舅舅|姑姑|哥哥|弟弟|姐姐|妹妹|祖先|先人|家人|亲人|亲戚|家族|爸|妈"
)
_HAN_MINE = rf"(?:我们?|本人|俺)(?:家?的(?:{_HAN_KIN})?|家?(?:{_HAN_KIN})|家)的?"
_HAN_ASK = (
    "请问|请帮我|帮我|(?:我们?)?想要?(?:查找|查询|查阅|了解|知道|找到|查|找|看)?(?:一下|一查)?|(?:我们?)?要(?:查找|查询|查|找)"
    "|(?:查找|查询|寻找|检索|搜索)(?:一下)?|查一下|找一下|(?:哪里|哪儿)(?:可以|能)?(?:查到|找到|查|找)|有没有|有无|是否有"
    "|(?:怎么样?|怎样|如何)(?:办理|申请|领取|开具|补办|查询|查找|查阅|查|找)"
)
_HAN_QUESTION = "什么是|有哪些|有什么|怎么样?|怎样|如何|能不能|能否|可不可以|可以|什么|哪些|哪里|哪儿"
_HAN_ABOUT = "(?:和|与|跟)?(?:有关|关于|相关|涉及)的?|方面的?"
_HAN_THINGS = "(?<=的)(?:档案|资料|材料|文件|文献|史料|记录|信息|内容|东西)(?=$|[^\u4e00-\u9fff]|吗|呢|有)"
_ASKING = re.compile("|".join(_ENGLISH))
_MINES = re.compile(_MINE)
_ABOUTS = re.compile(_ABOUT)
_HAN_WORDS = {
    "ask": re.compile(fold(_HAN_ASK)),
    "question": re.compile(fold(_HAN_QUESTION)),
    "mine": re.compile(fold(_HAN_MINE)),
    "about": re.compile(fold(_HAN_ABOUT)),
    "things": re.compile(fold(_HAN_THINGS)),
}
INTENTS = {
    "certificate": re.compile(
        r"\b(?:certificates?|certified\s+cop(?:y|ies)|proof)(?:\s+of)?\b|(?:开具?|办理?|补办)?(?:证明书|证明材料|证明信?)|补办"
    ),
    "copy": re.compile(r"\b(?:cop(?:y|ies)|scans?|photocop(?:y|ies))\s+of\b|复印件?|复制件?|扫描件"),
    "visit": re.compile(
        r"\b(?:visit|consult|reading\s+room|make\s+an\s+appointment)\b|到馆|预约|借阅|调阅|阅览室|查档"
    ),
    "hours": re.compile(r"\b(?:opening|open)\s+(?:hours|times)\b|开放时间|开馆时间|上班时间|几点开门|营业时间"),
}
"""What is wanted of the archive besides finding; the words are those of asking when somebody asks."""
_TITLE = re.compile("《[^》]*》|「[^」]*」|『[^』]*』")
"""What is quoted is said by somebody else."""
_QUESTION = re.compile("[?？]")


def asking(text: str) -> list[Piece]:
    """The words of asking in a typed text, and what is asked for besides finding; in order of place."""
    folded = fold(text)
    edges = word_edges(folded)
    folded = _TITLE.sub(lambda title: READ * len(title[0]), folded)
    fillers = [*_english(text, folded), *_chinese(text, folded, edges)]
    is_asked = bool(_QUESTION.search(text)) or any(piece.lifts or is_request(piece) for piece in fillers)
    return [*_intents(text, folded, edges, is_asked), *fillers]


def is_request(piece: Piece) -> bool:
    """Are these words of somebody who wants something of the archive, rather than of a question about the world?"""
    return piece.kind == FILLER and piece.says["what"] in ("ask", "mine")


def _english(text: str, folded: str) -> Iterator[Piece]:
    for what, pattern in (("ask", _ASKING), ("mine", _MINES), ("about", _ABOUTS)):
        for match in pattern.finditer(folded):
            yield _filler(text, match, what)


def _chinese(text: str, folded: str, edges: set[int]) -> Iterator[Piece]:
    if folded.isascii():
        return
    for what, pattern in _HAN_WORDS.items():
        for match in pattern.finditer(folded):
            if {match.start(), match.end()} <= edges and match[0].strip("的"):
                yield _filler(text, match, what)


def _filler(text: str, match: re.Match[str], what: str) -> Piece:
    start, end = match.span()
    return Piece(
        start, end, FILLER, text[start:end].strip(), left_out=True, lifts=what == "things", says={"what": what}
    )


def _intents(text: str, folded: str, edges: set[int], is_asked: bool) -> Iterator[Piece]:
    for name, pattern in INTENTS.items():
        for match in pattern.finditer(folded):
            if match.end() in edges:  # it may end a word: 出生证明
                start, end = match.span()
                yield Piece(start, end, INTENT, text[start:end], left_out=is_asked, lifts=True, says={"value": name})
