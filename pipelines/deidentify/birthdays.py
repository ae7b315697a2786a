"""Days of birth in records that are masked: those of `pipelines.personal`, and what stands where forms, registers and
case papers put them. Those of before 1900 stay: nobody born then lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from mappings.text import fold
from pipelines.personal.births import EARLIEST
from pipelines.personal.spans import Span

_HAN_DIGIT: Final = "〇○零一二三四五六七八九"
_NUMBER: Final = rf"(?:\d{{1,3}}|[元十廿卅{_HAN_DIGIT}]{{1,4}})"
_ERAS: Final = {"民国": 1911, "昭和": 1925, "大正": 1911, "明治": 1867, "宣统": 1908, "光绪": 1874, "康德": 1933}
"""The year before the first of each."""
_YEAR: Final = (
    rf"(?:(?P<western>(?:18|19|20)\d\d|[一二][{_HAN_DIGIT}]{{3}}|(?<![0-9])\d\d"
    rf"|(?<![{_HAN_DIGIT}十])[二三四五六七八九][{_HAN_DIGIT}]) ?年"
    rf"|(?P<era>民[国國]|昭和|大正|明治|宣[统統]|光[绪緒]|康德)(?P<ahead>前)?(?P<of_era>{_NUMBER}) ?年"
    rf"|(?P<dotted>(?:18|19|20)\d\d|(?<![0-9])[2-9]\d)(?= ?[-./]))"
)
_RECKONED: Final = (
    r"(?:[(（]?(?:[农農旧舊阴陰夏公国國][历曆]|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥])[)）]?){0,2}"
)
"""By which calendar, and the year in the cycle of sixty."""
_MONTH: Final = rf"{_RECKONED} ?(?:[闰閏]?{_NUMBER} ?月|正月|[冬腊臘]月)"
_DAY: Final = rf"(?:{_NUMBER} ?[日号號]|初[一二三四五六七八九十] ?日?|[十廿卅二三][十一二三四五六七八九]{{0,2}})"
_ZH: Final = rf"(?P<date>{_YEAR}(?:(?<=年) ?{_MONTH}(?: ?{_DAY})?| ?[-./] ?\d{{1,2}}(?: ?[-./] ?\d{{1,2}})?)(?![0-9]))"
_BEFORE: Final = (
    r"(?:出生(?:日期|年月日?|[时時][间間]|地[^0-9]{0,8}|[于於])?|出\s?生|[诞誕降]生[于於]?|生[于於]|生日|生辰|[诞誕]辰|生年(?:月日?)?|生卒年?|[实實]?[为為]?生期)"
    r"[:： 為为是亦误報报,，实實]{0,8}"
)
_PEOPLE: Final = r"(?:[汉漢满滿回苗壮壯]|[\u4e00-\u9fff]{1,4}族)"
_SEX: Final = rf"(?:[男女]|{_PEOPLE})[,，  /]{{1,3}}(?:{_PEOPLE}[,，  /]{{1,3}})?"
_AFTER: Final = (
    r" ?(?:(?:[上下]午|[凌清]晨|[子丑寅卯辰巳午未申酉戌亥][时時]|\d{1,2} ?[时時点點])[^,，。]{0,6}?)?"
    r"(?:出\s?生|出世|[诞誕降]生|生(?![产產活效])|[产產娩诞誕][下子一]|分娩|[顺順][产產])"
)
_MONTH_EN: Final = (
    r"(?i:Jan(?:uary|y)?|Feb(?:ruary|y)?|Mar(?:ch)?|Apr(?:il|l)?|May|June?|July?|Aug(?:ust|t)?|Sept?(?:ember|r)?"
    r"|Oct(?:ober|r)?|Nov(?:ember|r)?|Dec(?:ember|r)?)\.?"
)
_ROMAN: Final = r"(?i:I{1,3}|IV|VI{0,3}|IX|XI{0,2})"
_ORDINAL: Final = r"\d{1,2}(?:st|nd|rd|th)?\.?"
_EN: Final = (
    rf"(?P<date>\d{{1,2}}(?P<mark>[-./ ]){_ROMAN}(?P=mark)(?P<y6>\d{{4}}|\d{{2}})"
    rf"|(?P<y7>(?:18|19|20)\d\d),? {_MONTH_EN} \d{{1,2}}"
    rf"|{_ORDINAL}(?: day)?(?: of)?[ /-]?{_MONTH_EN},?[ /-]?(?:A\.?D\.? |in the year )?"
    r"(?:(?P<y1>\d{4}|\d{2})|['’](?P<y9>\d\d))"
    rf"|{_MONTH_EN} {_ORDINAL},? (?:(?P<y2>\d{{4}}|\d{{2}})|['’](?P<y8>\d\d))|{_MONTH_EN},? (?P<y3>\d{{4}})"
    r"|(?P<y4>(?:18|19|20)\d\d)[-./]\d{1,2}[-./]\d{1,2}"
    r"|\d{1,2}(?P<sign> ?[-./] ?)\d{1,2}(?P=sign)(?P<y5>\d{4}|\d{2}))(?![0-9])"
)
_ORDINAL_WORD: Final = (
    r"(?:(?:twenty|thirty)[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
_IN_WORDS: Final = (
    rf"(?P<date>(?i:{_ORDINAL_WORD}) (?:day )?(?:of )?{_MONTH_EN},? (?:in the year )?(?:of our Lord )?"
    r"(?:one thousand )?"
    r"(?P<words>(?i:(?:nine ?teen|nine|twenty|two) ?(?:hundred)?(?: and)?(?:[- ](?:[a-z]{3,9}))(?:[- ][a-z]{3,5})?)))"
)
"""A day as deeds and registers write it out, of the twentieth century or later."""
_SAID_EN: Final = (
    r"(?<![A-Za-z])(?:[Bb]orn|BORN|[Bb]\.|b(?= [(0-9])|[Nn]at(?:us|a)?\.?|[Dd]ate of [Bb]irth|DATE OF BIRTH"
    r"|D\.?O\.?B\.?|[Dd]\.?o\.?b\.?|D(?:/| of )B|[Bb]irth(?: ?da(?:te|y))?|[Dd]elivered of|was delivered|[Gg]ave birth"
    r"|[Cc]onfined|saw the light|into the world)"
)
_SAME_SENTENCE: Final = r"(?:[^.;\n]|(?<=St|Mt|Dr|Mr|Co)\.|(?<=Mrs)\.|(?<=birth)\.|(?<=[apm])\.|(?<=\d)\.(?=\d))"
"""A character that ends no sentence, abbreviations and times of day being what they are."""
_BORN_THEN: Final = (
    r"(?:,? (?:s?he|(?:an?|the|his|her|their) (?:son|daughter|child|boy|girl|infant|twins)) was born"
    r"|,? ?\(?(?:date of )?birth\)?(?![- ]?(?:cert|reg))| (?:is|was) (?:given|stated) as (?:his|her|the) date of birth)"
)
_RULES: Final = (
    ("said-zh", 0.95, re.compile(_BEFORE + _ZH)),
    ("before-born", 0.95, re.compile(_ZH + _AFTER)),
    ("child-born", 0.7, re.compile(rf"(?<![A-Za-z])(?:[Tt]win|[Bb]irth)[^.\n]{{0,64}}?[ ,;:(]{_EN}")),
    ("near-born", 0.6, re.compile(rf"(?:出生(?:日期|年月日?|[时時][间間])|生日)[^。;；\n]{{0,24}}?{_ZH}")),
    ("sex-zh", 0.8, re.compile(_SEX + _ZH)),
    ("sex-en", 0.8, re.compile(rf"(?<![A-Za-z])(?:M|F|[Mm]ale|[Ff]emale|[Bb]oy|[Gg]irl)[,;/ ]{{1,3}}{_EN}")),
    ("said-words", 0.9, re.compile(rf"{_SAID_EN}[^.;\n]{{0,60}}?[ ,:(]{_IN_WORDS}")),
    ("born-then", 0.9, re.compile(rf"{_EN}{_BORN_THEN}")),
    (
        "said-en",
        0.95,
        re.compile(rf"{_SAID_EN}[ :.…–-]{{0,40}}(?:(?:in|at|on|about|to|is|was|the|c\.|ca\.) ){{0,3}}{_EN}"),
    ),
    ("born-somewhere", 0.9, re.compile(rf"{_SAID_EN}{_SAME_SENTENCE}{{0,60}}?[ ,:(]{_EN}")),
)
_BEHIND_NAME: Final = (
    re.compile(rf"[,，(（ \u3000/]{{1,2}}{_ZH}(?=[,，)）;； \u3000/—–-]+\S)"),
    re.compile(rf" ?\({_EN}\)"),
    re.compile(rf",? (?:aged )?\d{{1,3}} ?\({_EN}\)"),
    re.compile(rf"[,;/] ?{_EN}(?=[,;/] ?[a-z])"),
    re.compile(rf" ?\| ?{_EN}(?= ?\|)"),
    re.compile(rf" {{2,}}{_EN}(?= {{2,}}\S)"),
)
_DIGITS: Final = {char: str(number) for number, char in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}


def birthdays(text: str) -> Iterator[Span]:
    """Dates of birth in narrow text (`Flow`); spans may overlap."""
    for rule, sure, pattern in _RULES:
        for found in pattern.finditer(text):
            if _year(found) >= EARLIEST:
                yield Span(*found.span("date"), "birth_date", rule, sure)


def birthdays_of(text: str, names: Iterable[Span]) -> Iterator[Span]:
    """Dates right behind a name, where lists and registers have that of birth; not those that end a text, as under a
    signature.
    """
    for name in names:
        for pattern in _BEHIND_NAME:
            found = pattern.match(text, name.end)
            if found and _year(found) >= EARLIEST:
                yield Span(*found.span("date"), "birth_date", "behind-name", 0.6)


def _year(found: re.Match[str]) -> int:
    """The year of a date; one of two digits counts as one of the twentieth century."""
    parts = found.groupdict()
    if parts.get("words"):
        return EARLIEST
    if parts.get("era"):
        before, years = _ERAS[fold(parts["era"])], _han_number(parts["of_era"])
        return before + 1 - years if parts["ahead"] else before + years
    names = ("western", "dotted", "y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8", "y9")
    written = next((value for name in names if (value := parts.get(name))), "0")
    year = int("".join(_DIGITS.get(char, char) for char in written))
    return year + EARLIEST if len(written) == 2 else year


def _han_number(written: str) -> int:
    """A number below a hundred: 3, 元, 十二, 三十七, 廿一, 五五."""
    if written.isdigit():
        return int(written)
    spread = written.replace("元", "一").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = spread.partition("十")
    if not ten:
        return int("".join(_DIGITS.get(char, "0") for char in spread) or 0)
    return int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0"))
