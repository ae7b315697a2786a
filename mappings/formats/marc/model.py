"""A MARC record as the field functions see it, whatever carried it: leader, fields, 880 fields beside their partners.

The fields are pymarc's. Text is in Unicode's composed form, for the same letter must not be two letters to a search.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from pymarc import Field, Indicators, Subfield

from mappings.record import Problem, clean

Pairs = Iterable[tuple[str, str]]
_TAG = re.compile(r"[0-9A-Za-z]{3}", re.ASCII)
_LINK = re.compile(r"([0-9A-Za-z]{3})-(\d{2,4})", re.ASCII)
_UNLINKED = frozenset({"00", "000", "0000"})
_ISBD = re.compile(r"(?:\s*[/:;,=+])+\s*$")
_FINAL_STOP = re.compile(r"(?<=[^\W\d_]{3})\.$|(?<=[)\]\d\u3000-\u9fff])\.$")
_ABBREVIATED = re.compile(r"\b(?:Inc|Corp|Ltd|Bros|etc|Dept|Assoc|Univ|Prof)\.$")
_PUNCTUATION = tuple("/:;,.=+-([")
_OPENING = tuple("(:;=/,")
_CONTROL_CODES = frozenset("0125678=?")
"""Subfields that link, number or name a source instead of describing
(https://www.loc.gov/marc/bibliographic/ecbdcntf.html), and two that one vendor adds."""


class Linked(Struct, frozen=True):
    """A field to be read first, and the same in another script, if there is that."""

    field: Field
    parallel: Field | None = None


def make_field(tag: str, indicators: str, subfields: Pairs, data: str = "") -> Field | None:
    """A field of pymarc's; None when the tag is none. A control field whose text came in subfields has it as its data,
    any other field whose text came without has it as $a.
    """
    if not _TAG.fullmatch(tag):
        return None
    parts = [Subfield(code, _composed(value)) for code, value in subfields]
    if tag < "010" and tag.isdigit():
        return Field(tag=tag, data=_composed(data) or "".join(part.value for part in parts))
    if not parts and data:
        parts = [Subfield("a", _composed(data))]
    both = (indicators + "  ")[:2]
    return Field(tag=tag, indicators=Indicators(both[0], both[1]), subfields=parts)


def _composed(value: str) -> str:
    return value if value.isascii() else unicodedata.normalize("NFC", value)


class MarcRecord:
    """One record: `position` says where in the item, `problems` what was wrong with it."""

    __slots__ = ("_scripts", "_tags", "leader", "position", "problems")

    def __init__(self, leader: str, fields: Iterable[Field], position: str, problems: Iterable[Problem] = ()) -> None:
        self.leader = (leader + " " * 24)[:24]
        self.position = position
        self.problems = tuple(problems)
        self._tags: dict[str, list[Field]] = {}
        self._scripts: list[tuple[str, str, Field]] = []
        for field in fields:
            self._tags.setdefault(field.tag, []).append(field)
        for field in self._tags.get("880", ()):
            self._add_script(field)

    def _add_script(self, field: Field) -> None:
        """An 880, under the tag it stands for (https://www.loc.gov/marc/bibliographic/bd880.html)."""
        found = _LINK.match(field.get("6", ""))
        if found is None or found[1] == "880":
            return
        same = make_field(found[1], f"{field.indicator1}{field.indicator2}", field.subfields)
        if same is not None:
            self._scripts.append((found[1], found[2], same))

    @property
    def tags(self) -> frozenset[str]:
        """The tags that occur, those that 880 fields stand for included."""
        return frozenset(self._tags) | {tag for tag, _, _ in self._scripts}

    def control(self, tag: str) -> str:
        """The data of the first control field of that tag, as it is; "" when there is none."""
        for field in self._tags.get(tag, ()):
            return field.data or ""
        return ""

    def fields(self, *tags: str) -> list[Field]:
        """The fields of these tags, tag by tag, each with its form in another script: original script first."""
        return [
            field for linked in self.linked(*tags) for field in (linked.field, linked.parallel) if field is not None
        ]

    def linked(self, *tags: str) -> list[Linked]:
        """The fields of these tags, tag by tag, each with its form in another script: original script first."""
        found: list[Linked] = []
        for tag in tags:
            scripts = [(number, field) for name, number, field in self._scripts if name == tag]
            used: set[int] = set()
            for field in self._tags.get(tag, ()):
                found += _with_scripts(field, scripts, used)
            found += [Linked(field) for _, field in scripts if id(field) not in used]
        return found


def _with_scripts(field: Field, scripts: list[tuple[str, Field]], used: set[int]) -> Iterator[Linked]:
    """A field and the 880 fields with its occurrence number; further ones follow on their own."""
    number = _LINK.match(field.get("6", "")) if scripts and not field.control_field else None
    partners = [
        script
        for other, script in scripts
        if number is not None and other == number[2] and other not in _UNLINKED and id(script) not in used
    ]
    used.update(id(script) for script in partners)
    if not partners:
        yield Linked(field)
        return
    first, *others = partners
    yield Linked(field, first) if _is_latin(first) and not _is_latin(field) else Linked(first, field)
    for other in others:
        yield Linked(other)


def _is_latin(field: Field) -> bool:
    """Is there no letter beyond Latin in it? (U+024F ends Latin Extended-B; 1E00-1EFF is Latin Extended Additional.)"""
    return not any(
        char.isalpha() and char > "\u024f" and not "\u1e00" <= char <= "\u1eff" and not "\u02b0" <= char <= "\u036f"
        for part in field.subfields
        if part.code not in _CONTROL_CODES
        for char in part.value
    )


def text(field: Field, codes: str, separator: str = " ") -> str | None:
    """The text of these subfields in the order of the record."""
    return clean(separator.join(part.value for part in field.subfields if part.code in codes))


def isbd(field: Field, signs: Mapping[str, str]) -> str | None:
    """The text of subfields with the punctuation of ISBD between them, supplied where the record leaves it out: `signs`
    maps the code of a subfield to what precedes it (https://www.ifla.org/g/isbd-rg/).
    """
    said = ""
    for part in field.subfields:
        value = clean(part.value) if part.code in signs else None
        if value is not None:
            sign = " " if said.endswith(_PUNCTUATION) or value.startswith(_OPENING) else signs[part.code]
            said += f"{sign}{value}" if said else value
    return trimmed(said)


def whole(field: Field, without: str = "") -> str | None:
    """All of a field's text but its control subfields; what $3 says it concerns stands first."""
    said = clean(
        " ".join(
            part.value
            for part in field.subfields
            if part.code not in _CONTROL_CODES and part.code != "3" and part.code not in without
        )
    )
    concerns = trimmed(text(field, "3"))
    return f"{concerns}: {said}" if said and concerns else said


def trimmed(value: str | None) -> str | None:
    """Without the punctuation that ISBD sets between areas, and without a full stop unless it ends an abbreviation."""
    if not value:
        return None
    value = _ISBD.sub("", value)
    if value.endswith(".") and not _ABBREVIATED.search(value):
        value = _FINAL_STOP.sub("", value)
    return value or None


def each(field: Field, code: str) -> list[str]:
    """The values of a repeatable subfield that have text."""
    return [value for part in field.subfields if part.code == code and (value := clean(part.value))]
