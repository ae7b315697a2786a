"""A MARC record as the field functions see it, whatever carried it: leader, fields, 880 fields beside their partners.

The fields are pymarc's. Text is in Unicode's composed form, for the same letter must not be two letters to a search.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from pymarc import Field, Indicators, Subfield

from mappings.base import Failed
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


def bad_tags(tags: list[str], position: str) -> list[Problem]:
    """What is said of fields whose tag is none, all together."""
    if not tags:
        return []
    reason = f"{len(tags)} fields have a tag that is none, like {tags[0][:20]!r}; they were left out"
    return [Problem("bad-tag", reason, "correct the record in its source", position)]


def nothing_in(problems: list[Problem], position: str) -> Failed:
    """Why a record has no field: what is wrong with those it had, or that it had none."""
    hint = "take it out of the file, or correct it in its source"
    return Failed(problems[0] if problems else Problem("empty-record", "the record has no field", hint, position))


class MarcRecord:
    """One record: `position` says where in the item, `problems` what was wrong with it."""

    __slots__ = ("_linked", "leader", "position", "problems")

    def __init__(self, leader: str, fields: Iterable[Field], position: str, problems: Iterable[Problem] = ()) -> None:
        self.leader = (leader + " " * 24)[:24]
        self.position = position
        self.problems = tuple(problems)
        plain: dict[str, list[Field]] = {}
        for field in fields:
            plain.setdefault(field.tag, []).append(field)
        scripts = _scripts(plain.get("880", ()))
        self._linked = {
            tag: [*_paired(plain.get(tag, ()), scripts.get(tag, {})), *_left(scripts.get(tag, {}))]
            for tag in [*plain, *(tag for tag in scripts if tag not in plain)]
        }

    @property
    def tags(self) -> frozenset[str]:
        """The tags that occur, those that 880 fields stand for included."""
        return frozenset(self._linked)

    def control(self, tag: str) -> str:
        """The data of the first control field of that tag, as it is; "" when there is none."""
        for linked in self._linked.get(tag, ()):
            return linked.field.data or ""
        return ""

    def fields(self, *tags: str) -> list[Field]:
        """The fields of these tags, tag by tag, each with its form in another script: original script first."""
        return [
            field
            for tag in tags
            for linked in self._linked.get(tag, ())
            for field in (linked.field, linked.parallel)
            if field is not None
        ]

    def linked(self, *tags: str) -> list[Linked]:
        """The fields of these tags, tag by tag, each with its form in another script: original script first."""
        return [linked for tag in tags for linked in self._linked.get(tag, ())]


Numbered = dict[str, list[Field]]
"""The 880 fields that stand for one tag, by occurrence number; those of one number in their order."""


def _scripts(fields: Iterable[Field]) -> dict[str, Numbered]:
    """880 fields under the tag they stand for (https://www.loc.gov/marc/bibliographic/bd880.html)."""
    found: dict[str, Numbered] = {}
    for field in fields:
        link = _LINK.match(field.get("6", ""))
        if link is None or link[1] == "880" or link[1] < "010":
            continue
        same = make_field(link[1], f"{field.indicator1}{field.indicator2}", field.subfields)
        if same is not None:
            found.setdefault(link[1], {}).setdefault(link[2], []).append(same)
    return found


def _paired(fields: Iterable[Field], scripts: Numbered) -> Iterator[Linked]:
    """Each field with the 880 of its occurrence number, which is taken out; further ones follow on their own."""
    for field in fields:
        link = _LINK.match(field.get("6", "")) if scripts and not field.control_field else None
        partners = scripts.pop(link[2], None) if link is not None and link[2] not in _UNLINKED else None
        if not partners:
            yield Linked(field)
            continue
        first, *others = partners
        yield Linked(field, first) if _is_latin(first) and not _is_latin(field) else Linked(first, field)
        yield from map(Linked, others)


def _left(scripts: Numbered) -> Iterator[Linked]:
    """The 880 fields without a partner: fields in their own right."""
    return (Linked(field) for fields in scripts.values() for field in fields)


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
