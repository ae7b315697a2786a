"""How alike two records are, as a cataloguer would compare them: field by field, each with its share in the score.

Every field is judged to one of a few levels (`compare`), and every level has a weight (`WEIGHTS`, in log-odds, fitted
on pairs of known truth: `docs/linking.md`). Their sum is the score as log-odds: the model of Fellegi and Sunter (1969).
A field that one side does not have says nothing, except a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp
from typing import Any

from msgspec import Struct
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio, token_sort_ratio

from mappings.blocks import LONGEST
from mappings.record import Dates, Record
from mappings.reference_codes import normalise
from mappings.remember import remember
from mappings.text import STOP_WORDS, fold, is_han, runs

BASE = 2.6
"""The log-odds of a pair that nothing more is known of than that each is the other's best."""
WEIGHTS: dict[str, float] = {
    "code.differs": -0.16,
    "code.ends": 1.22,
    "collection.differs": -2.0,
    "collection.near": -0.6,
    "collection.same": -0.29,
    "containers.differs": -4.18,
    "containers.ends": -0.66,
    "containers.same": 2.36,
    "creator.differs": -4.0,
    "creator.near": -0.2,
    "creator.same": 0.2,
    "dates.day": 0.37,
    "dates.overlap": -3.47,
    "dates.unsaid": -1.82,
    "dates.within": -5.0,
    "dates.years": -0.72,
    "extent.differs": -1.63,
    "extent.same": 0.0,
    "extent.unit": -0.39,
    "holder.differs": -3.7,
    "holder.same": 0.11,
    "level.differs": -1.43,
    "level.same": 1.01,
    "numbers.part": -3.51,
    "numbers.same": 0.24,
    "parent.differs": -2.86,
    "parent.near": -0.7,
    "parent.same": 0.02,
    "title.differs": -1.82,
    "title.differs-short": -1.82,
    "title.far": -4.01,
    "title.far-short": -3.23,
    "title.part": 0.1,
    "title.part-short": -0.4,
    "title.part-typo": -0.1,
    "title.part-typo-short": -1.24,
    "title.reordered": 3.3,
    "title.reordered-short": 1.98,
    "title.same": 4.11,
    "title.same-short": 2.85,
    "title.typo": 3.27,
    "title.typo-short": 2.4,
    "title.unlike": -4.38,
    "title.unlike-short": -3.22,
}
"""``field.level`` to its share in log-odds."""
_NEAR, _FAR = 80.0, 55.0  # per cent of two titles
_HAN_NUMBER = re.compile("[〇零一二三四五六七八九十百千]+|[上中下](?=[卷冊册编編集部])|(?<=[卷冊册编編集部])[上中下]")
_ROMAN = re.compile("[ivxl]{1,6}")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_WORDY = re.compile(r"[^\W\d_]+")


class Field(Struct, frozen=True):
    """One field of two records: what each says, to what level they agree, and the share of that in the score."""

    name: str
    level: str
    one: str = ""
    other: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a record is compared, folded: made once for each record."""

    title: str
    text: str
    words: tuple[str, ...]
    numbers: frozenset[str]
    dates: Dates | None
    date_words: frozenset[str]
    creators: tuple[tuple[str, frozenset[str]], ...]
    extent: str
    code: str
    containers: str
    collection: str
    parent: str
    level: str
    kind: str
    holder: str


def traits(record: Record, holder: str | None = None) -> Traits:
    """The traits of a record; `holder` is that of its source, used when the record names none."""
    title = record.title[:LONGEST]
    words = _words(title)
    above = [ancestor.title[:LONGEST] for ancestor in record.ancestors]
    creators = tuple(
        (name.name, _name_words(name.name)) for name in record.names if name.role == "creator" and name.name
    )[:8]
    return Traits(
        title=title,
        text=" ".join(words),
        words=words,
        numbers=_numbers(words),
        dates=record.dates,
        date_words=_date_words(record.dates),
        creators=creators,
        extent=record.extent or next((one.extent for one in record.holdings if one.extent), ""),
        code=record.reference_code or "",
        containers="; ".join(" ".join(one.containers) for one in record.holdings if one.containers)[:LONGEST],
        collection=above[0] if above else "",
        parent=above[-1] if len(above) > 1 else "",
        level=record.level or "",
        kind=record.kind,
        holder=record.holder or holder or "",
    )


def _words(title: str) -> tuple[str, ...]:
    found = runs(fold(title))
    return tuple(word for word in found if word not in STOP_WORDS) or tuple(found)


def _date_words(dates: Dates | None) -> frozenset[str]:
    """What a title may say of the dates: one catalogue writes them there, the other does not."""
    if dates is None:
        return frozenset()
    years = (str(year) for year in (dates.start, dates.end) if year is not None)
    return frozenset((*runs(fold(dates.text[:LONGEST])), *years))


def _numbers(words: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for word in words:
        if is_han(word):
            found.update(_HAN_NUMBER.findall(word))
        elif any(char.isdigit() for char in word) or _ROMAN.fullmatch(word) or len(word) == 1:
            found.add(word.lstrip("0") or "0")
    return frozenset(found)


def _name_words(name: str) -> frozenset[str]:
    """The words of a name without dates and initials; Han names as one word."""
    found = [run for run in runs(fold(name)) if not any(char.isdigit() for char in run)]
    return frozenset(run for run in found if len(run) > 1 or is_han(run))


def contradict(one: Traits, other: Traits) -> bool:
    """Do they say two things that cannot both be true of one unit: dates without a day in common, other numbers in the
    title? Whatever else agrees is then what siblings have in common.
    """
    if _dates_level(one.dates, other.dates) == "differs":
        return True
    return _numbers_level(one, other) == "differs"


def compare(one: Traits, other: Traits) -> list[Field]:
    """Every field that both have something to say about, the title first."""
    found = [
        _field("title", _title_level(one, other), one.title, other.title),
        _field("numbers", _numbers_level(one, other), _listed(one.numbers), _listed(other.numbers)),
        _field("dates", _dates_level(one.dates, other.dates), _date_text(one.dates), _date_text(other.dates)),
        _field("creator", _creator_level(one, other), _creators(one), _creators(other)),
        _field("collection", _text_level(one.collection, other.collection), one.collection, other.collection),
        _field("parent", _text_level(one.parent, other.parent), one.parent, other.parent),
        _field("extent", _extent_level(one.extent, other.extent), one.extent, other.extent),
        _field("code", _code_level(one.code, other.code), one.code, other.code),
        _field("containers", _code_level(one.containers, other.containers), one.containers, other.containers),
        _field("level", _plain_level(one.level, other.level), one.level, other.level),
        _field("holder", _plain_level(normalise(one.holder), normalise(other.holder)), one.holder, other.holder),
    ]
    return [field for field in found if field.level]


def odds(fields: Iterable[Field]) -> float:
    """Log-odds that two records are one: 0 is as likely as not."""
    return BASE + sum(field.share for field in fields)


def probability(log_odds: float) -> float:
    """Log-odds as a number between 0 and 1."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, log_odds))))


def _field(name: str, level: str, one: str, other: str) -> Field:
    return Field(name, level, one, other, WEIGHTS.get(f"{name}.{level}", 0.0))


# Levels; "" where one side says nothing


def _title_level(one: Traits, other: Traits) -> str:
    """same, reordered, part (one leaves words out), typo, near, differs (each has words the other has not), far.

    With ``-short`` where the title has so little to it that many records may have it.
    """
    size = min(_weight(one.words), _weight(other.words))
    return _titles_agree(one, other) + ("-short" if size < 3 else "")


def _weight(words: Iterable[str]) -> float:
    """How much a title says: words, three Han characters counted as one."""
    return sum(len(word) / 3 if is_han(word) else 1.0 for word in words)


def _titles_agree(one: Traits, other: Traits) -> str:
    if one.words == other.words:
        return "same"
    if sorted("".join(one.words)) == sorted("".join(other.words)):
        return "reordered"
    left, right, misspelt = _left_over(one, other)
    if not left and not right:
        return "typo" if misspelt else "same"
    if not left or not right:
        return "part-typo" if misspelt else "part"
    alike = max(ratio(one.text, other.text), token_sort_ratio(one.text, other.text))
    return "differs" if alike >= _NEAR else "unlike" if alike >= _FAR else "far"


def _left_over(one: Traits, other: Traits) -> tuple[list[str], list[str], bool]:
    """The words of each that the other does not have, and whether some had to be taken for misspelt."""
    dates = one.date_words | other.date_words
    left = [word for word in _without(one.words, other.words) if word not in dates]
    right = [word for word in _without(other.words, one.words) if word not in dates]
    misspelt = False
    for word in list(left):
        near = next((mine for mine in right if _is_misspelt(word, mine)), None)
        if near is None:
            continue
        left.remove(word)
        right.remove(near)
        misspelt = True
    return _han_left_over(left, right, misspelt)


def _han_left_over(left: list[str], right: list[str], misspelt: bool) -> tuple[list[str], list[str], bool]:
    """The same for Han text, where a word is a whole run: what has to be put in or taken out to make one the other."""
    ours, theirs = "".join(filter(is_han, left)), "".join(filter(is_han, right))
    if not ours or not theirs:
        return left, right, misspelt
    left, right = [word for word in left if not is_han(word)], [word for word in right if not is_han(word)]
    for step in Levenshtein.opcodes(ours, theirs):
        gone, come = ours[step.src_start : step.src_end], theirs[step.dest_start : step.dest_end]
        if step.tag != "equal" and max(len(gone), len(come)) == 1 and not misspelt and _is_within(step, ours, theirs):
            misspelt = True
        elif step.tag != "equal":
            left += [gone] if gone else []
            right += [come] if come else []
    return left, right, misspelt


def _is_within(step: Any, ours: str, theirs: str) -> bool:
    """Is a change neither at the beginning nor at the end? There one character more is another work (經, 經註)."""
    inside = step.src_start > 0 and step.src_end < len(ours)
    return bool(inside and step.dest_start > 0 and step.dest_end < len(theirs))


def _without(words: Iterable[str], others: Iterable[str]) -> list[str]:
    left = list(words)
    for word in others:
        if word in left:
            left.remove(word)
    return left


def _is_misspelt(word: str, other: str) -> bool:
    """One slip of the pen in a word of four letters or more, or an abbreviation of it; numbers have none."""
    if len(word) < 2 or len(other) < 2 or not (word.isalpha() and other.isalpha()) or is_han(word) or is_han(other):
        return False
    if len(min(word, other, key=len)) >= 3 and (word.startswith(other) or other.startswith(word)):
        return True
    return len(word) >= 4 and Levenshtein.distance(word, other, score_cutoff=2) <= 1 + (ratio(word, other) >= 85)


def _numbers_level(one: Traits, other: Traits) -> str:
    if one.numbers == other.numbers:
        return "same" if one.numbers else ""
    dates = one.date_words | other.date_words
    ours, theirs = one.numbers - other.numbers - dates, other.numbers - one.numbers - dates
    return "differs" if ours and theirs else "part" if ours or theirs else "same"


def _dates_level(one: Dates | None, other: Dates | None) -> str:
    """day, years, within, overlap, differs; unsaid where only one of them says anything."""
    if one is None or one.start is None or other is None or other.start is None:
        return "" if _is_undated(one) and _is_undated(other) else "unsaid"
    spans = [(dates.start or 0, dates.end if dates.end is not None else dates.start or 0) for dates in (one, other)]
    days = [(dates.earliest, dates.latest) for dates in (one, other)]
    (start, end), (from_, to) = spans
    if end < from_ or to < start or _days_differ(*days):
        return "differs"
    if spans[0] == spans[1]:
        return "day" if days[0] == days[1] and days[0][0] else "years"
    return "within" if (start <= from_ and to <= end) or (from_ <= start and end <= to) else "overlap"


def _is_undated(dates: Dates | None) -> bool:
    return dates is None or dates.start is None


def _days_differ(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Are both said to the day, and no day is in both?"""
    first, last = one
    from_, to = other
    return bool(first and last and from_ and to) and (str(last) < str(from_) or str(to) < str(first))


def _creator_level(one: Traits, other: Traits) -> str:
    if not one.creators or not other.creators:
        return ""
    pairs = [(ours, theirs) for _, ours in one.creators for _, theirs in other.creators]
    if any(ours and ours == theirs for ours, theirs in pairs):
        return "same"
    return "near" if any(_names_near(ours, theirs) for ours, theirs in pairs) else "differs"


def _names_near(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    if ours and theirs and (ours <= theirs or theirs <= ours):
        return True
    return ratio(" ".join(sorted(ours)), " ".join(sorted(theirs))) >= 85


def _text_level(one: str, other: str) -> str:
    """same, near, differs: for titles of what a record is part of."""
    if not one or not other:
        return ""
    if one == other:
        return "same"
    ours, theirs = _title_words(one), _title_words(other)
    if ours == theirs:
        return "same"
    if ours <= theirs or theirs <= ours or token_sort_ratio(" ".join(sorted(ours)), " ".join(sorted(theirs))) >= _NEAR:
        return "near"
    return "differs"


@remember(16_384)
def _title_words(text: str) -> frozenset[str]:
    return frozenset(_words(text))


def _extent_level(one: str, other: str) -> str:
    """same, unit (one number, another unit, or one unit and another number: units are not converted), differs."""
    if not one or not other:
        return ""
    ours, theirs = _measures(one), _measures(other)
    if ours == theirs:
        return "same"
    return "unit" if ours[0] == theirs[0] or ours[1].isdisjoint(theirs[1]) else "differs"


def _measures(text: str) -> tuple[frozenset[str], frozenset[str]]:
    folded = fold(text)
    return frozenset(map(_plain, _DIGITS.findall(folded))), frozenset(w[:4] for w in _WORDY.findall(folded))


def _plain(number: str) -> str:
    return f"{float(number):g}"


def _code_level(one: str, other: str) -> str:
    """same; ends (the last numbers agree); differs."""
    if not one or not other:
        return ""
    if normalise(one) == normalise(other):
        return "same"
    ours, theirs = ([_plain(digits) for digits in _DIGITS.findall(fold(code))] for code in (one, other))
    shorter = min(len(ours), len(theirs), 2)
    return "ends" if shorter and ours[-shorter:] == theirs[-shorter:] else "differs"


def _plain_level(one: str, other: str) -> str:
    return "" if not one or not other else "same" if one == other else "differs"


# What a reader of the evidence is shown


def _listed(numbers: frozenset[str]) -> str:
    return ", ".join(sorted(numbers))


def _date_text(dates: Dates | None) -> str:
    return "" if dates is None else dates.text


def _creators(one: Traits) -> str:
    return "; ".join(name for name, _ in one.creators)


def evidence(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """The fields as they are stored."""
    return [
        {"field": f.name, "level": f.level, "one": f.one, "other": f.other, "share": round(f.share, 2)} for f in fields
    ]
