"""Old Chinese book lists in outlines: codes and responsibility in headings, people and editions in sections.

"KR2k0002 禁扁-元-王士點" is a code, a title, a dynasty and an author; below the heading, 人物 holds the people with
their dynasties and what they did, 版本 the editions. What is told in such sections belongs to the work above them.
"""

from __future__ import annotations

import re

from msgspec import Struct

from mappings.dates import NOTHING, parse
from mappings.formats.text.outline import Heading, plain
from mappings.record import Dates, Name, clean

PEOPLE, EDITIONS, COPIES, NOTES = "people", "editions", "copies", "notes"
SECTIONS = {
    "人物": PEOPLE,
    "責任者": PEOPLE,
    "责任者": PEOPLE,
    "版本": EDITIONS,
    "电子版": COPIES,
    "電子版": COPIES,
    "work notes": NOTES,
    "comments": NOTES,
    "notes": NOTES,
    "附注": NOTES,
    "附註": NOTES,
    "備註": NOTES,
    "备注": NOTES,
}
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CODES = re.compile(rf"((?:[A-Z]{{1,4}}\d[\w*]*[ \t]+)+)(?=\S*[{_HAN}])")
_TWO_SCRIPTS = re.compile(rf"([{_HAN}][^A-Za-z]*?)[ \t]+([A-Z][A-Za-z'’ ,-]+)$")
_SAID = re.compile(rf"([^-].*?)-([{_HAN}]{{0,4}})-([{_HAN}○□]{{0,10}})")
_RESPONSIBLE = re.compile(r"[（(]([^（）()]{0,12})[）)]\s*([^,，（(]{1,40})")


_BEFORE = re.compile(r"(?<!\d)-(\d{1,4})")  # -145 is 145 BC: the list counts no year 0


class Title(Struct, frozen=True):
    """A heading taken apart: its title, the code before it, the romanised title behind it, dynasty and author."""

    text: str | None
    code: str | None = None
    romanised: str | None = None
    dynasty: str | None = None
    author: str | None = None


def title(heading: Heading) -> Title:
    """The code before a Chinese title and what follows it: a romanised form, or dynasty and author after hyphens."""
    text = plain(heading.text)
    found = _CODES.match(text)
    code = found[1].split()[0].rstrip("*") if found is not None else None
    rest = text[found.end() :] if found is not None else text
    both = _TWO_SCRIPTS.fullmatch(rest.strip())
    if both is not None:
        return Title(clean(both[1]), code, clean(both[2]))
    said = _SAID.fullmatch(rest.strip())
    if said is not None and code is not None:
        return Title(clean(said[1]), code, None, clean(said[2]), clean(said[3]))
    return Title(clean(rest), code)


class Person(Struct, frozen=True):
    """Somebody responsible: the name (闕名 where it is lost), dynasty, what was done (撰, 注), the years of life as
    written.
    """

    name: str
    dynasty: str | None = None
    functions: tuple[str, ...] = ()
    life: str | None = None

    def heading(self) -> Name:
        """A creator, with what was done as relator."""
        return Name(self.name, "person", "creator", "、".join(self.functions) or None)


def person(heading: Heading) -> Person | None:
    """A heading below 人物."""
    name = clean(plain(heading.text))
    if name is None:
        return None
    fields = heading.fields
    return Person(
        name,
        clean(next(iter(fields.get("DYNASTY", [])), None)),
        tuple(dict.fromkeys(text for value in fields.get("FUNCTION", []) if (text := clean(value)))),
        clean(next(iter(fields.get("DATES", [])), None)),
    )


def responsible(heading: Heading, named: Title) -> list[Person]:
    """For works that have no section of people: ``_RESP``, （dynasty）name one after the other, else the heading."""
    found = [
        Person(name, clean(dynasty))
        for value in heading.fields.get("_RESP", [])
        for dynasty, text in _RESPONSIBLE.findall(value)
        if (name := clean(text)) is not None
    ]
    return found or ([Person(named.author, named.dynasty)] if named.author else [])


def dates(people: list[Person]) -> Dates | None:
    """When a work was made, as far as a book list tells: in the dynasty, or the lifetime, of the first named person."""
    for one in people:
        text = ", ".join(part for part in (one.dynasty, one.life) if part)
        if text:
            years = parse(_BEFORE.sub(r"\1 BC", one.life)) if one.life else NOTHING
            return Dates(text, *(years if years != NOTHING else parse(one.dynasty or "")))
    return None


def edition(heading: Heading) -> str | None:
    """A heading below 版本 with its fields: "SBCK: 上海涵芬樓藏宋刊本"."""
    name = clean(plain(heading.text))
    told = [text for values in heading.fields.values() for value in values if (text := clean(plain(value)))]
    return ": ".join(part for part in (name, "; ".join(told)) if part) or None
