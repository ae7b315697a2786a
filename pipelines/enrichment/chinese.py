"""Rules for Chinese texts, both scripts: they look at folded text, so each is written once.

They are the forms in which descriptions introduce people, bodies and places, not grammar: what has no such form is left
to the gazetteer. Precision comes first: a rule that is right less than nine times of ten has no place here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

from mappings.text import HAN, fold
from pipelines.enrichment.found import Found
from pipelines.enrichment.words import words

_HAN_RUN = re.compile(f"[{HAN}]+")
_H = f"[{HAN}]"
_STOP = r"[\s,.;:!?。、；：「」『』()\[\]]"


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern over folded text: its Han characters are folded; H is any, NAME a family name and one or two more."""
    folded = _HAN_RUN.sub(lambda run: fold(run[0]), text)
    return re.compile(folded.replace("NAME", _name()).replace("STOP", _STOP).replace("H", _H))


@cache
def _name() -> str:
    double = "|".join(sorted(fold(name) for name in words("zh_surnames_of_two")))
    single = "".join(sorted(map(fold, words("zh_surnames"))))
    return f"(?:(?:{double}|[{single}])H{{1,2}}?)"


_LEAST_LINES, _MOST_OF = 4, 0.8


def is_verse(folded: str) -> bool:
    """Lines of five or seven characters throughout: before 人 and 州 verse has other words than descriptions have."""
    lines = _HAN_RUN.findall(folded)
    if len(lines) < _LEAST_LINES:
        return False
    return any(sum(len(line) == length for line in lines) >= _MOST_OF * len(lines) for length in (5, 7))


# Persons

_LINKED = "友善|善|齊名|同時|倡和|唱和|輩|相|交|爲友|為友|為詩友|爲詩友|等"
_PERSONS = (
    _pattern(rf"(?:^|{_STOP})(?P<name>NAME),?字(?=H)"),
    _pattern(r"^(?P<name>NAME),(?=(?:H{2,6}人[,。;也]|H{1,4}(?:人|時|朝|年|中|末|初)|字|號|生於|生卒|官))"),
    _pattern(r"[為爲](?P<name>NAME)所"),
    _pattern(r"(?P<name>H{2,3}?)(?:先生|女士|大人|夫人|小姐)(?=STOP|$|的|之)"),
    _pattern(r"(?:STOP|^)(?:後世稱|世稱|賜號|號|諡|謚|師|嗣)?(?P<name>H{2,4}?(?:和尚|禪師|大師|上人|法師))"),
    _pattern(rf"(?:與|和|同|善|訪|因善)(?P<name>NAME)(?={_LINKED}|、NAME(?:{_LINKED}))"),
    _pattern(rf"(?:與|和|及)NAME、(?P<name>NAME)(?={_LINKED})"),
    _pattern(
        r"(?:總督|巡撫|知府|知縣|知州|刺史|節度使|宰相|侍郎|尚書|市長|縣長|省長|主席|總統|校長|部長|局長)"
        r"(?P<name>NAME)(?=STOP|$|奏|薦|為|爲|曰|等|撰|書|所|請|之)"
    ),
)
_NOT_PERSONS = _pattern(
    "^(?:.*[縣市省州府區鄉鎮村山寺院局處廳署部司年月日時朝代人中])$|^(?:時|常|和|相|同|于|後|前|向|從|方|安|平|全|應|高).?$"
)
_CLERIC = _pattern("(?:和尚|禪師|大師|上人|法師)$")


def persons(folded: str) -> Iterator[Found]:
    """People by what introduces them: 字, 人, a title, an office, being named with others."""
    for pattern in _PERSONS:
        for found in pattern.finditer(folded):
            name = found["name"]
            if _CLERIC.search(name) or (name[0] in _family() and not _NOT_PERSONS.match(name)):
                yield Found(found.start("name"), found.end("name"), "person")


@cache
def _family() -> frozenset[str]:
    """Characters that begin a family name."""
    return frozenset(fold(name)[0] for name in words("zh_surnames") | words("zh_surnames_of_two"))


# Places

_POSTED = "為爲授遷除調拜貶終徙歷官擢補守"
_SEATS = "刺史|節度使|觀察使|太守|長史|別駕|少尹|參軍|知府|知縣|知州|總督|巡撫|布政使|縣令|縣丞|縣尉|都督"
_PLACES = (
    _pattern(r"(?P<name>H州)(?=STOP|$|刺史|長史|參軍|別駕|人|H)"),
    _pattern(r"(?:STOP|^|於|于|在|至|赴)(?P<name>H[郡府])(?=STOP|$|人)"),
    _pattern(rf"[{_POSTED}](?P<name>H{{2}})[尉令丞尹](?=STOP|$)"),
    _pattern(rf"(?:STOP|[{_POSTED}])(?P<name>H{{2}}縣?)(?:{_SEATS})"),
    _pattern(r"(?:^|STOP)(?:本|一作)?(?P<name>H{2}|H{2}[縣州府])人(?=STOP|$)"),
    _pattern(r"(?:STOP)(?P<name>H{2})H{2}人(?=STOP|$)"),
    _pattern(r"(?:STOP)H{2}(?P<name>H{2})人(?=STOP|$)"),
    _pattern(r"[住隱居歸赴登遊游](?P<name>H{1,3}[山寺觀])(?=STOP|$|,|修|置|採|為|爲)"),
)
_NOT_PLACES = _pattern(
    "^[本諸各數知神中兩此是某全外該大一二三四五六七八九十百]州$"
    "|^(?:中書|尚書|太史|太常|大理|國子|祕書|秘書|光祿|司農|太府|鴻臚|宗正|衛尉|太僕|少府|將作|內侍|殿中|太子|都水|令尹|校|都|縣|出|遷|為|爲|授|歷|累)"
    "|(?:本|一作).$|^[何不世時後前晚初盛中南北東西]?[唐宋元明清漢隋晉梁陳周]$|[時代朝宗僧]$|[^萬]年$"
    "|[從出移還歸]鎮$|[貶遷拜授除爲為歷任轉]|^[諸各連]|^[或曰字號名其為爲有之與又]|^(?:三峽|同時|何許|外國|婦女|當時|後世|前人|古今|天下|諸|各)"
)
_ADMINISTERED = "省市縣區鄉鎮"
_NOT_ADMINISTERED = frozenset(map(fold, words("zh_not_administered")))


def places(folded: str, tokens: Sequence[tuple[int, str]]) -> Iterator[Found]:
    """Places by level (省 府 州 縣 市 鎮 鄉), and by who comes from there, governs there or lives there."""
    for pattern in _PLACES:
        for found in pattern.finditer(folded):
            if not _NOT_PLACES.search(found["name"]):
                yield Found(found.start("name"), found.end("name"), "place")
    yield from _administered(tokens)


def _administered(tokens: Sequence[tuple[int, str]]) -> Iterator[Found]:
    """Words that end in the name of a level; what the segmentation cut off before it belongs to it."""
    levels = fold(_ADMINISTERED)
    for number, (start, word) in enumerate(tokens):
        if word[-1] not in levels or word in _NOT_ADMINISTERED:
            continue
        if 3 <= len(word) <= 4 and not _NOT_PLACES.search(word):
            yield Found(start, start + len(word), "place")
        elif len(word) == 1 and number:
            at, before = tokens[number - 1]
            if len(before) == 2 and before + word not in _NOT_ADMINISTERED and _is_name(before):
                yield Found(at, start + 1, "place")


def _is_name(word: str) -> bool:
    return _HAN_RUN.fullmatch(word) is not None and word not in _between() and word[-1] not in fold(_ADMINISTERED)


# Organisations

_BODIES = _pattern(
    "股份有限公司|有限公司|公司|銀行|委員會|基金會|總會|協會|學會|商會|公會|農會|漁會|工會|代表會|議會|政府|總督府|公所|分社|支社|總社|服務社|合作社"
    "|出版社|通訊社|報社|會社|大學(?!士)|中學|小學|學校|學院|醫院|研究院|研究所|圖書館|博物館|檔案館|電台|廣播電臺|公署|財產局|鐵路局|警察局|郵政局|電報局|稅務局"
    "|教育局|衛生局|公安局|地政局|工務局|專賣局|管理局|司令部|法院|檢察院|國民黨|共產黨|民主進步黨|同盟會|聯合會|放送協會"
)
_LONGEST_BODY = 26
_GENERIC = _pattern(
    "^(?:該|本|各|某|此|貴|全|原|同|無|鄉|鎮|市|縣|省|區|村|里|鄉鎮|縣市|鄉民|鎮民|市民|縣民|人民|中央|地方|國民|代表|分|總|支|有限|股份|股份有限|民眾|服務|大|中|小|研究|管理|委員|聯合)*"
    "(?:公司|銀行|委員會|基金會|總會|協會|學會|商會|公會|農會|漁會|工會|代表會|議會|政府|公所|分社|支社|總社|服務社|合作社|出版社|通訊社|報社|會社|大學(?!士)|中學|小學|學校|學院|醫院|研究院"
    "|研究所|圖書館|博物館|檔案館|電台|公署|司令部|法院|檢察院|財產局|警察局|管理局|局)$"
)


@cache
def _between() -> frozenset[str]:
    return frozenset(map(fold, words("zh_apart")))


def organisations(folded: str, tokens: Sequence[tuple[int, str]]) -> Iterator[Found]:
    """Bodies by the word for their kind at the end; they begin after what cannot be part of a name."""
    ends = [start + len(word) for start, word in tokens]
    for found in _BODIES.finditer(folded):
        last = bisect_left(ends, found.end())
        if last == len(ends) or ends[last] - found.end() > 1:
            continue
        start = _beginning(tokens, last, found.start())
        if not _GENERIC.match(folded[start : found.end()]):
            yield Found(start, found.end(), "organisation")


def _beginning(tokens: Sequence[tuple[int, str]], last: int, kind_at: int) -> int:
    """Where the name begins whose kind stands at `kind_at`, in the words up to the one numbered `last`."""
    start = kind_at
    for at, word in reversed(tokens[: last + 1]):
        if at >= kind_at:
            continue
        if word in _between() or not _HAN_RUN.fullmatch(word) or kind_at - at > _LONGEST_BODY:
            break
        start = at
    return start


# Events

_EVENTS = _pattern(
    r"(?:STOP|^|經|於|于|在|因|參加|與|及)(?P<name>H{2,4}(?:起義|事變|事件|戰爭|戰役|條約|慘案|暴動|罷工|之亂|之役|之變|政變))"
    r"|(?:STOP)(?P<revolt>H{2}亂)(?=STOP)"
)
_NOT_EVENTS = _pattern("^(?:這|此|該|一|各|本|發生|發動|參加|內|戰|叛|大|騷|動|昏|淫)")


def events(folded: str) -> Iterator[Found]:
    """Wars, risings and treaties that are called by a name."""
    for found in _EVENTS.finditer(folded):
        group = "name" if found["name"] else "revolt"
        if not _NOT_EVENTS.match(found[group]):
            yield Found(found.start(group), found.end(group), "event")
