"""Access words: what a note on access or on copies says, when it says it clearly.

Coded words are looked up first (`mappings.access_words`); of a note the values are the six.

The rule. A note is read sentence by sentence; of those that say something clear, the strictest counts. A restriction on
a part ("Folder 2 is restricted") restricts the whole unit, since nobody says where the part begins; an opening of a
part opens nothing. What is said of carriers and copies ("the CD is not available"), or with "may", is not clear. "Until
2050" opens on 1 January 2050, a full date on that day; a closure for so many years with no year to count from has no
day. Whatever is not clear says nothing and stays as text, because a wrong "open" would show what is closed.
"""

from __future__ import annotations

import datetime as dt
import re

from mappings.access import STRICTNESS, Access, Level, only
from mappings.access_words import coded
from mappings.access_words import copying as coded_use
from mappings.remember import remember


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SENTENCES = re.compile(r"[.;!](?=\s|$)|[。；！\n]")
_UNCLEAR = _any(
    r"\bmay (?:not )?be\b",
    r"\bnot (?:been )?(?:preserved|processed)\b",
    r"\b(?:CD|DVD|VHS|tape|cassette|carrier|disc|disk|film|scroll)'?s?\b",
    r"\b(?:cop(?:y|ies)|surrogates?|originals?|negatives)\b",
    r"\bcopyright\b",
    r"原件|复制件|複製件",
)
_PART = _any(
    r"\b(?:some|portions?|parts? of|certain|several|selected|individual|following series)\b",
    r"\b(?:apart from|except|exception|unless|other than)\b",
    r"\b(?:folders?|box(?:es)?|series|items?|pages?|volumes?) [\dIVX]+\b",
    r"部分|其中|除外|以外|个别|個別",
)
_CLOSED = _any(
    r"\b(?:is|are|remains?) (?:currently )?(?:closed|sealed|embargoed)\b",
    r"^(?:closed|sealed|embargoed)\b",
    r"\bnot (?:currently |yet )?open\b",
    r"\bnot (?:currently )?available\b",
    r"\bunavailable\b",
    r"\b\d+-year restriction\b",
    r"\brestricted (?:for )?(?:a period of )?\d+ years\b",
    r"^no (?:public )?access\b",
    r"不开放|不開放|未开放|未開放|封闭|封閉|不对外|不對外|不予|不公开|不公開|延期开放|延期開放|^控制",
)
_RESTRICTED = _any(
    r"\b(?:permission|approval|authori[sz]ation)\b.*\b(?:required|needed|necessary)\b",
    r"\brequires?\b.*\b(?:permission|approval|authori[sz]ation)\b",
    r"\b(?:permission|approval|authori[sz]ation) required\b",
    r"^(?:access )?restricted\b",
    r"\b(?:is|are) restricted\b",
    r"\b(?:on|by|upon) application\b",
    r"限制|受限|申请|申請|介绍信|介紹信|批准|审批|審批",
)
_ONSITE = _any(
    r"\breading rooms?\b",
    r"\bon-?site\b",
    r"\bin person\b",
    r"\bby appointment\b",
    r"到[馆館]|[馆館][内內]|现场|現場|预约|預約",
)
_REGISTERED = _any(r"\bregistered (?:readers|users|researchers)\b", r"实名|實名|注册|註冊|登录|登錄")
_OPEN = _any(
    r"\bopen (?:for|to)\b",
    r"\bopen (?:and available )?without (?:any )?restrictions?\b",
    r"\bopen and available\b",
    r"^(?:fully )?open(?: access)?$",
    r"\bunrestricted\b",
    r"\bnot restricted\b",
    r"\bno (?:known )?(?:access )?restrictions?\b",
    r"\bfreely (?:available|accessible)\b",
    r"^(?:are |is )?(?:currently )?available(?: (?:for|to) \w+)?$",
    r"\bavailable (?:for research|to (?:all )?researchers|to the public)\b",
    r"^none$",
    r"(?:^|[已可全向予部会會外])(?:开放|開放|公开|公開)(?:利用|使用|查阅|查閱|阅览|閱覽)?$|[无無不]限制",
)
_UNTIL = _any(
    r"\b(?:until|till|through)\s+(?P<en>.{4,30})",
    r"\b(?:will )?(?:be )?open(?:s|ed)?\b.{0,30}?\b(?:on|in|from)\s+(?P<opens>(?:\w+ ){0,2}\d.{0,20})",
    r"至\s*(?P<zh>\d{4}.{0,8})",
)
_LONGEST_SENTENCE = 1000
_LONGEST_PROVISION = 100
_PROVISION = re.compile(
    r"(?:依|根据|根據|依据|依據)?(?:《[^《》]+》|[\u3400-\u9fff]{1,20}[法例则則规規])"
    r"\s*第\s*[\d〇零一二三四五六七八九十百]+\s*[条條](?:\s*第\s*[\d一二三四五六七八九十]+\s*[款项項目])*"
)
_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})")
_MONTH_DAY = re.compile(
    r"\b([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})|\b(\d{1,2}) ([a-z]{3})[a-z]*\.?,? (\d{4})", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@remember(8192, longest=2000)
def statement(text: str) -> Access | None:
    """The access a note states clearly, with the note as its reason; None when it says nothing clear. Never raises."""
    known = coded(text)
    if known is not None:
        return known
    sentences = (sentence.strip(" .,:") for sentence in _SENTENCES.split(text[:20_000]))
    found = [access for sentence in sentences if sentence and (access := _of_sentence(sentence)) is not None]
    if not found:
        return None
    value, _, opens_on = max(found, key=lambda access: (access[1], access[2] or dt.date.max))
    return Access(value, text[:500], opens_on)


def provision(text: str) -> str | None:
    """The note when it does nothing but name a provision: 《中华人民共和国档案法》第二十七条, 檔案法第18條第1款."""
    return text.strip() if len(text) < _LONGEST_PROVISION and _PROVISION.fullmatch(text.strip()) else None


def _of_sentence(sentence: str) -> tuple[Level, int, dt.date | None] | None:
    value = _value(sentence[:_LONGEST_SENTENCE])
    if value is None:
        return None
    opens_on = _opens_on(sentence) if value in ("closed", "restricted") else None
    if opens_on is not None and not _RESTRICTED_BY_PERMISSION.search(sentence):
        value = "closed"  # "restricted until 2041": until then nobody, after it everybody
    return value, STRICTNESS[value], opens_on if value == "closed" else None


_RESTRICTED_BY_PERMISSION = _any(r"\b(?:permission|approval|authori[sz]ation|application)\b")


def _value(sentence: str) -> Level | None:
    """The first of the values, from the strictest to the loosest, whose words occur; parts and conditions as the rule
    says.
    """
    if _UNCLEAR.search(sentence):
        return None
    free = _OPEN.search(sentence) is not None and re.search(
        r"\bno\b|\bnot restricted\b|\bwithout\b|[无無不]限制", sentence, re.IGNORECASE
    )
    closed = _CLOSED.search(sentence) is not None
    restricted = not free and _RESTRICTED.search(sentence) is not None
    if _PART.search(sentence):
        return "restricted" if closed or restricted else None
    if closed:
        return "closed"
    if restricted:
        return "restricted"
    if _ONSITE.search(sentence):
        return "onsite"
    if _REGISTERED.search(sentence):
        return "registered"
    return "open" if _OPEN.search(sentence) else None


def _opens_on(sentence: str) -> dt.date | None:
    """The day a closure ends, if the sentence names one."""
    found = _UNTIL.search(sentence)
    if found is None:
        return None
    when = next(group for group in found.groups() if group)
    try:
        return _day(when)
    except ValueError:
        return None


def _day(when: str) -> dt.date | None:
    if match := _DAY.search(when):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _MONTH_DAY.search(when):
        name, day, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        if name.lower() in _MONTHS:
            return dt.date(int(year), _MONTHS.index(name.lower()) + 1, int(day))
    if match := _YEAR.search(when):
        return dt.date(int(match[1]), 1, 1)
    return None


_COPYING = r"(?:reproduc\w*|duplicat\w*|photocop\w*|photograph(?:ing|y|ed)|cop(?:y|ying|ied|ies)|scan(?:ning|ned|s)?)"
_USE_FORBIDDEN = _any(
    rf"\b{_COPYING}\b.{{0,80}}\b(?:prohibited|forbidden|(?:not|never) (?:be )?(?:permitted|allowed|possible|made))\b",
    rf"\b(?:no|not|never) (?:be )?{_COPYING}\b",
    r"(?:不得|禁止|不可|不予|不提供|謝絕|谢绝|不准)(?:[^。；]{0,6})(?:复制|複製|拍照|翻拍|复印|影印|扫描|掃描|拍攝|拍摄)",
)
_USE_ON_REQUEST = _any(
    rf"\b{_COPYING}\b.{{0,120}}\b(?:requires?|needs?|only (?:with|by|upon)|subject to)\b.{{0,60}}"
    r"\b(?:permis+ion|approval|consent|authori[sz]ation)\b",
    rf"\b(?:permission|approval|consent|authori[sz]ation)\b.{{0,60}}\bto (?:[a-z]+ or )?{_COPYING}\b",
    r"^repository permission is required for use\b",
    r"(?:复制|複製|复印|影印|拍照|翻拍)[^。；]{0,12}(?:须|需|應|应|经|經)[^。；]{0,10}(?:批准|同意|许可|許可|申请|申請)",
    r"(?:经|經)[^。；]{0,10}(?:批准|同意|许可|許可)[^。；]{0,8}(?:方可|后|後|始得|可)(?:复制|複製|复印|影印|拍照)",
)
_USE_FREE = _any(
    rf"\bno (?:known )?restrictions? (?:on|to) (?:the )?(?:use|{_COPYING})\b",
    r"\bin the public domain\b",
    r"\btransferred to the public domain\b",
    rf"\b{_COPYING}\b.{{0,40}}\bwithout (?:any )?restrictions?\b",
    r"^(?:可|可以|允许|允許)(?:自由)?(?:复制|複製|复印|影印|拍照)",
)


@remember(8192, longest=2000)
def copying(text: str) -> Access | None:
    """Who may have copies, as a note on use and reproduction states it clearly; the strictest sentence counts, and what
    is said of publishing and of who owns the copyright says nothing of copies. Never raises.
    """
    known = coded_use(text)
    if known is not None:
        return known
    sentences = [sentence.strip(" .,:") for sentence in _SENTENCES.split(text[:20_000])]
    found = (_of_use(sentence[:_LONGEST_SENTENCE]) for sentence in sentences if sentence)
    levels: list[Level] = [level for level in found if level is not None]
    if not levels:
        return None
    strictest: Level = max(levels, key=STRICTNESS.__getitem__)
    return only(strictest, text[:500])


_USE_UNSURE = _any(
    r"\bmay (?:not )?be (?:some|subject|restricted|required)\b", r"\bpublish\b(?! or reproduce)", r"\bpresumed\b"
)


def _of_use(sentence: str) -> Level | None:
    if _USE_UNSURE.search(sentence):
        return None
    part = _PART.search(sentence) is not None
    if _USE_FORBIDDEN.search(sentence):
        return "restricted" if part else "closed"
    if _USE_ON_REQUEST.search(sentence):
        return "restricted"
    return "open" if not part and _USE_FREE.search(sentence) else None
