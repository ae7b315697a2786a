"""How another cataloguer would have written a record, and records that only look like it."""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from mappings.dates import dated
from mappings.record import Ancestor, Dates, Name, Record
from mappings.text import fold, is_han

_MONTHS = list(calendar.month_name)
_OPENERS = re.compile(r"^(?:the|papers of|records of|correspondence of|關於|关于)\s*", re.IGNORECASE)
_HAN_NUMERALS = "〇零一二三四五六七八九十百千上中下甲乙丙丁"
_SHORT_FORMS = {
    "correspondence": "corresp.",
    "department": "dept.",
    "university": "univ.",
    "association": "assn.",
    "committee": "cttee.",
    "photograph": "photo",
    "photographs": "photos",
    "miscellaneous": "misc.",
    "company": "co.",
    "and": "&",
}


@dataclass
class Hand:
    """A cataloguer: `dice` decides, `script` says whether Han text is written in simplified characters, `depth` how
    many levels above a unit their catalogue names: 0 for a plain list.
    """

    dice: random.Random
    script: bool
    depth: int

    def record(
        self, record: Record, source_id: str, titles: dict[str, str], kept: frozenset[str] = frozenset()
    ) -> Record:
        """The same unit in this catalogue. `titles` are those of collections and series as it writes them, `kept` what
        is not left out: without it nobody could tell the unit from another.
        """
        dates = record.dates if "dates" in kept else self._dates(record.dates)
        title = self._title(record, dates)
        return replace(
            record,
            source_id=source_id,
            title=title,
            dates=dates,
            names=record.names if "names" in kept else self._names(record.names),
            extent=self._extent(record.extent),
            reference_code=self._code(record.reference_code),
            fonds=None,
            identifiers=(),
            holder=record.holder if self.dice.random() < 0.7 else None,
            level=record.level if self.dice.random() < 0.7 else None,
            holdings=record.holdings if self.dice.random() < 0.4 else (),
            ancestors=self._ancestors(record, titles),
            description={},
        )

    def heading(self, title: str) -> str:
        """A title of a collection or series in this catalogue."""
        return self._script(self.dice.choice([_as_is, _as_is, _without_opener, _punctuated])(title, self.dice))

    def _title(self, record: Record, dates: Dates | None) -> str:
        title = record.title
        for _ in range(self.dice.choice([0, 0, 1, 1, 1, 2])):
            title = self.dice.choice(_TITLE_CHANGES)(title, self.dice)
        if dates is not None and self.dice.random() < 0.15:
            title = f"{title}, {dates.text}"
        return self._script(title) or record.title

    def _script(self, title: str) -> str:
        return "".join(fold(char) if is_han(char) else char for char in title) if self.script else title

    def _dates(self, dates: Dates | None) -> Dates | None:
        if dates is None:
            return None
        change = self.dice.choices([_as_is_dates, _otherwise, _only_years, _no_dates], [40, 25, 20, 15])[0]
        return change(dates, self.dice)

    def _names(self, names: tuple[Name, ...]) -> tuple[Name, ...]:
        change = self.dice.choices([_as_is_name, _inverted, _with_dates, None], [40, 20, 15, 25])[0]
        if change is None:
            return tuple(name for name in names if name.role != "creator")
        return tuple(replace(name, name=self._script(change(name.name, self.dice))) for name in names)

    def _extent(self, extent: str | None) -> str | None:
        if extent is None or self.dice.random() < 0.3:
            return None
        return extent if self.dice.random() < 0.6 else f"{self.dice.choice(['0.4', '0.8', '1.5'])} linear metres"

    def _code(self, code: str | None) -> str | None:
        if code is None or self.dice.random() < 0.6:
            return None
        own = self.dice.random() < 0.4
        return f"LG {self.dice.randrange(10_000)}" if own else f"Nr. {'/'.join(re.findall(r'[0-9]+', code))}"

    def _ancestors(self, record: Record, titles: dict[str, str]) -> tuple[Ancestor, ...]:
        return tuple(replace(one, title=titles[one.title]) for one in record.ancestors[: self.depth])


def sibling(record: Record, dice: random.Random) -> tuple[Record, frozenset[str]]:
    """Another unit that looks like this one - the next number, another year, another creator - and the field that says
    so.
    """
    changes = {"title": _next_number, "dates": _other_year, "names": _other_creator}
    made = {name: other for name, change in changes.items() if (other := change(record, dice)) is not None}
    if not made:
        return _bare(record, title=f"{record.title} 2"), frozenset({"title"})
    chosen = dice.choice(sorted(made))
    return made[chosen], frozenset({chosen})


def _next_number(record: Record, dice: random.Random) -> Record | None:
    found = list(re.finditer(r"\d+", record.title))
    if not found:
        return None
    match = found[-1]
    number = str(int(match[0][:9]) + dice.choice([1, 2, 10])).zfill(len(match[0][:9]))
    return _bare(record, title=record.title[: match.start()] + number + record.title[match.end() :])


def _other_year(record: Record, dice: random.Random) -> Record | None:
    if record.dates is None or record.dates.start is None or not 100 < record.dates.start < 2100:
        return None
    year = record.dates.start + dice.choice([-3, -1, 1, 2, 7])
    return _bare(record, dates=dated(str(year)))


def _other_creator(record: Record, dice: random.Random) -> Record | None:
    creators = [name for name in record.names if name.role == "creator"]
    if not creators:
        return None
    other = "趙子明" if is_han(creators[0].name[:1]) else "Winterbottom, Agnes"
    return _bare(record, names=(Name(other, role="creator"),))


def _bare(record: Record, **changes: object) -> Record:
    """What a sibling has of its own is not that of the other: no number, no carrier."""
    return replace(record, **{"reference_code": None, "identifiers": (), "holdings": (), **changes})  # type: ignore[arg-type]


# Titles


def _as_is(title: str, dice: random.Random) -> str:
    return title


def _without_opener(title: str, dice: random.Random) -> str:
    return _OPENERS.sub("", title) or title


def _abbreviated(title: str, dice: random.Random) -> str:
    """The end left out, but never a number: that would be another unit."""
    for mark in (": ", "; ", " (", "（", "，", " - ", " -- "):
        head, found, tail = title.partition(mark)
        if found and len(head) >= (4 if is_han(head[:1]) else 10) and not _has_number(tail):
            return head
    words = title.split()
    if len(words) >= 4 and not _has_number(words[-1]):
        return " ".join(words[:-1]).rstrip(",;:&")
    if len(words) == 1 and is_han(title[:1]) and len(title) >= 8 and not _has_number(title[-1]):
        return title[:-1]
    return title


def _short_forms(title: str, dice: random.Random) -> str:
    return " ".join(_SHORT_FORMS.get(word.lower(), word) for word in title.split())


def _punctuated(title: str, dice: random.Random) -> str:
    changed = title.replace(" - ", ": ").replace("、", "，").replace("（", "(").replace("）", ")").replace("&", "and")
    return changed.upper() if title.isascii() and dice.random() < 0.3 else changed.rstrip(".") + "."


def _reordered(title: str, dice: random.Random) -> str:
    head, comma, tail = title.partition(", ")
    return f"{tail} {head}" if comma and head and tail else title


def _typo(title: str, dice: random.Random) -> str:
    """A letter doubled, left out or swapped in a word of six; of a long Han title one character left out."""
    if is_han(title[:1]):
        places = [at for at, char in enumerate(title) if is_han(char) and char not in _HAN_NUMERALS]
        at = dice.choice(places) if len(places) >= 7 else len(title)
        return title[:at] + title[at + 1 :]
    words = title.split(" ")
    long = [at for at, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not long:
        return title
    at = dice.choice(long)
    word, place = words[at], dice.randrange(1, len(words[at]) - 2)
    slips: list[Callable[[], str]] = [
        lambda: word[:place] + word[place] + word[place:],
        lambda: word[:place] + word[place + 1 :],
        lambda: word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    ]
    words[at] = dice.choice(slips)()
    return " ".join(words)


_TITLE_CHANGES = (_without_opener, _abbreviated, _short_forms, _punctuated, _punctuated, _reordered, _typo)


def _has_number(text: str) -> bool:
    return any(char.isdigit() or char in _HAN_NUMERALS for char in text)


# Dates


def _as_is_dates(dates: Dates, dice: random.Random) -> Dates | None:
    return dates


def _no_dates(dates: Dates, dice: random.Random) -> Dates | None:
    return None


def _only_years(dates: Dates, dice: random.Random) -> Dates | None:
    if dates.start is None or dates.start < 100:
        return dates
    return dated(str(dates.start) if dates.end in (None, dates.start) else f"{dates.start}-{dates.end}")


def _otherwise(dates: Dates, dice: random.Random) -> Dates | None:
    if dates.earliest is None or dates.earliest != dates.latest:
        known = _only_years(dates, dice)
        return known if known is None or known.start is None else dated(f"ca. {known.text}")
    year, month, day = dates.earliest.split("-")[-3:]
    chinese = f"{year}年{int(month)}月{int(day)}日"
    forms = (f"{int(day)} {_MONTHS[int(month)]} {year}", f"{year}{month}{day}", chinese)
    return dated(dice.choice(forms))


# Names


def _as_is_name(name: str, dice: random.Random) -> str:
    return name


def _inverted(name: str, dice: random.Random) -> str:
    head, comma, tail = name.partition(", ")
    return f"{tail} {head}" if comma and not any(char.isdigit() for char in name) else name


def _with_dates(name: str, dice: random.Random) -> str:
    return f"{name}, {dice.randrange(1820, 1930)}-" if not any(char.isdigit() for char in name) else name
