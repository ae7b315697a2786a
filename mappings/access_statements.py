"""Access words: what a note on access says, as one of the six values, when it says it clearly.

The rule: a note is read sentence by sentence, and a sentence counts only when it speaks of the whole unit ("Folder 2 is restricted", "some
files", copies and carriers do not). The strictest clear sentence wins. A closure with a year opens on the first of January after it
("until 2025": 1 January 2025; "until 31 May 2030": the day itself). A closure for so many years from creation, with no year to
count from, is closed without a day. Whatever is not clear says nothing here and stays as text: a wrong "open" would show what is closed.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from mappings.access import STRICTNESS, Access, Level

_SENTENCE = re.compile(r"[.;!。；！\n]+(?=\s|$|[\u4e00-\u9fff])|[。；！]")
_FLAGS = re.IGNORECASE

# Sentences that speak of a part, of carriers or copies, or of a condition: never a statement on the unit as a whole.
_PARTIAL = re.compile(
    r"\b(some|portions?|parts? of|certain|several|selected|individual|following|apart from|except|exception|unless|other than|many|most"
    r"|(?:folders?|box(?:es)?|series|items?|files?|pages?|volumes?) \d|in series|in box"
    r"|(?:physical |original )?(?:cd|dvd|vhs|tape|cassette|carrier|disc|disk)s?|originals?|negatives?|copies|copy|surrogates?|may be)\b"
    r"|部分|其中|除外|以外|除.{1,20}外|个别|個別|原件",
    _FLAGS,
)
_UNTIL = re.compile(
    r"(?:closed|restricted|embargoed|sealed|unavailable|not open|not available|permission required)\b.{0,60}?\b(?:until|till|through|before)\s+(.{4,40})"
    r"|(?:封闭|封閉|限制|不开放|不開放|延期开放|延期開放|控制).{0,6}?至\s*(.{4,20})"
    r"|(?:opens?|will be open(?:ed)?|available)\b.{0,40}?\b(?:on|in|from|after)\s+(.{4,30})",
    _FLAGS,
)
_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_RULES: tuple[tuple[Level, re.Pattern[str]], ...] = (
    (
        "closed",
        re.compile(
            r"\b(?:is|are|remains?) (?:currently )?(?:closed|sealed)\b|^(?:closed|sealed|embargoed)\b|\bnot (?:currently )?open(?: to| for)?\b"
            r"|\bclosed (?:for|to) (?!.*\bopen\b)|\b\d+-year restriction|^restricted (?:for )?\d+ years\b"
            r"|\b(?:currently )?(?:not available|unavailable)(?: for (?:viewing|research|use))?\b|^no access\b|\bclosed to (?:the )?public\b"
            r"|不开放|不開放|未开放|未開放|封闭|封閉|不对外|不對外|不予公开|不予公開|延期开放|延期開放|^控制|不公开|不公開",
            _FLAGS,
        ),
    ),
    (
        "restricted",
        re.compile(
            r"\b(?:written |prior |repository )*(?:permission|approval|authori[sz]ation)(?: is)? required\b"
            r"|\bpermission (?:of|from) .{2,60} (?:is )?(?:required|needed|necessary)\b|\brequires? (?:the )?(?:prior )?(?:written )?(?:permission|approval)\b"
            r"|^restricted(?:\b(?! to use)|:)|\b(?:is|are) restricted\b|^access restricted|\baccess (?:to .{1,80} )?is restricted\b"
            r"|\bon application\b|\bby application\b"
            r"|限制(?:利用|查阅|查閱|使用|开放|開放|公开|公開)|^限制$|受限|依申请|依申請|凭介绍信|憑介紹信|须经批准|須經批准|经批准|經批准|申请利用|申請閱覽|申請應用",
            _FLAGS,
        ),
    ),
    (
        "onsite",
        re.compile(
            r"\b(?:reading room|on-?site|in person)\b(?!.*\bor online\b).*|\bonsite only\b|到馆(?:利用|查阅)|到館(?:利用|查閱|閱覽)|馆内(?:利用|查阅)|館內(?:利用|閱覽)|现场查阅|現場閱覽",
            _FLAGS,
        ),
    ),
    ("onsite", re.compile(r"\b(?:viewing |available |open |access )*(?:for viewing )?by appointment(?: only)?\b|预约(?:查阅|利用)|預約(?:查閱|閱覽)", _FLAGS)),
    ("registered", re.compile(r"\bregistered (?:readers|users|researchers)\b|实名(?:利用|查阅)|實名(?:利用|查閱)|注册(?:用户|读者)|登录(?:后)?查阅", _FLAGS)),
    (
        "open",
        re.compile(
            r"\b(?:is|are|fully|currently)? ?open (?:for|to) (?:research|researchers|the public|use|consultation|scholars|all|public|access|study|users)\b"
            r"|\bopen(?:ed)? (?:and available |for use )?without (?:any )?restrictions?\b|\bunrestricted\b|^(?:fully )?open(?: access)?$"
            r"|\bno (?:known )?(?:access )?restrictions?\b(?: on access)?|\bthere are no (?:access )?restrictions\b|\bnot restricted\b|\bfreely (?:available|accessible)\b"
            r"|^(?:currently )?available(?: for (?:viewing|research|use|consultation))?$|\bavailable (?:for research|to researchers|without restriction)s?\b"
            r"|\bopen and available\b|\bopen for use\b"
            r"|^(?:开放|開放|公开|公開|全部开放|全部開放|已开放|已開放|可公开|可公開|公开利用|公開利用|对外开放|對外開放|向社会开放|向社會開放|开放利用|開放利用|准予开放|准|可開放|可开放)$|无限制|無限制|不限制",
            _FLAGS,
        ),
    ),
)
_ADVANCE = re.compile(r"\b(advance notice|hours? (?:advance )?notice|please contact|must be (?:made|produced|secured))\b", _FLAGS)


@lru_cache(maxsize=8192)
def statement(text: str) -> Access | None:
    """The access a note states clearly, with the note as its reason; None when it says nothing clear. Never raises."""
    found = [access for sentence in _SENTENCE.split(text[:20_000]) if (access := _sentence(sentence.strip())) is not None]
    if not found:
        return None
    strictest = max(found, key=lambda access: STRICTNESS[access.value])
    return Access(strictest.value, text[:500], strictest.opens_on)
