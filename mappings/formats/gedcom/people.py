"""Persons and families of a GEDCOM file: who belongs to whom, what is told of them, and who may know it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from mappings.access import Access
from mappings.formats.gedcom.events import Event, below, dated, died, events, first_years, may_live, written, written_in
from mappings.formats.gedcom.lines import shown
from mappings.formats.table.plan import lined
from mappings.record import Authority, Dates, Name, Problem, Record, Relation, Variant, clean

_ENOUGH = 2000  # relations or notes of one record; a file made to fill memory has more
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_NAME_PIECES = ("NPFX", "GIVN", "SPFX", "SURN", "NSFX")


class _Kin(Struct, frozen=True):
    """A family's members by their identifiers."""

    husbands: tuple[str, ...]
    wives: tuple[str, ...]
    children: tuple[str, ...]
    events: tuple[Event, ...]


class Tree:
    """What must be known of all before any is told: names, families, notes and sources, and who may be alive."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.names: dict[str, str] = {}
        self.families: dict[str, _Kin] = {}
        self.texts: dict[str, str] = {}
        self.living: frozenset[str] = frozenset()
        self._events: dict[str, list[Event]] = {}
        self._dates: list[int] = []
        self._contested: set[str] = set()

    def add(self, record: Any) -> None:
        """Take note of one record."""
        xref = record.xref_id
        self._dates += _dates_of_file(record)
        if xref is None:
            return
        if record.tag == "INDI":
            if xref in self._events:
                self._contested.add(xref)
            self.names[xref] = next((heading for heading, _ in names(record)), shown(xref))
            self._events[xref] = events(record)
        elif record.tag == "FAM":
            husbands, wives, children = (tuple(pointers(record, tag)) for tag in ("HUSB", "WIFE", "CHIL"))
            self.families[xref] = _Kin(husbands, wives, children, tuple(events(record)))
        elif record.tag in ("NOTE", "SNOTE", "SOUR", "REPO"):
            text = lined(record.value) or below(record, "TITL") or below(record, "NAME") or below(record, "ABBR")
            self.texts[xref] = text or shown(xref)

    def settle(self) -> None:
        """Work out who may be alive: nobody with an end, and nobody whose first event, or the first of a family
        or child of his, lies more than 110 years before the file.
        """
        reference = written_in(self._dates)
        known = {xref: list(first_years(found)) for xref, found in self._events.items()}
        for kin in self.families.values():
            years = list(first_years(list(kin.events)))
            years += [year for child in kin.children for year in first_years(self._events.get(child, []))]
            for parent in (*kin.husbands, *kin.wives):
                if parent in known:
                    known[parent] += years
        living = {xref for xref, found in self._events.items() if not died(found) and may_live(known[xref], reference)}
        self.living = frozenset(
            living | self._contested
        )  # of two persons with one identifier nobody knows which is meant

    def source_id(self, xref: str | None, line: int) -> str:
        """The file and the record's own identifier, which does not change when others are added before it."""
        return f"{self._path}#{shown(xref)}" if xref else f"{self._path}#line-{line}"

    def relation(self, xref: str, kind: str) -> Relation:
        return Relation(self.names.get(xref, shown(xref)), kind, self.source_id(xref, 0))

    def text(self, record: Any) -> str | None:
        """The text of a note or source: of the record it points to, or its own."""
        value = record.value if isinstance(record.value, str) else getattr(record, "xref_id", None)
        xref = _pointer(record)
        if xref is not None:
            return self.texts.get(xref)
        return lined(value)


def _dates_of_file(record: Any) -> Iterator[int]:
    """Years of ``HEAD.DATE`` and ``CHAN``: when the file, or a record, was written."""
    path = "DATE" if record.tag == "HEAD" else "CHAN/DATE"
    found = record.sub_tag(path, follow=False)
    if found is not None:
        yield from (year for year in dated(found.value)[1] if year is not None)


def _pointer(record: Any) -> str | None:
    """What a pointer points to, whether its target is there or not."""
    value = getattr(record, "value", None)
    return (
        value if isinstance(value, str) and value.startswith("@") and value.endswith("@") and len(value) > 2 else None
    )


def pointers(record: Any, tag: str) -> Iterator[str]:
    """The identifiers that records of a tag point to."""
    for inner in record.sub_tags(tag, follow=False):
        xref = _pointer(inner)
        if xref is not None:
            yield xref


def names(record: Any) -> Iterator[tuple[str, str | None]]:
    """(name, kind) of each ``NAME``: surname first, as headings are; what is between slashes is the surname."""
    for inner in record.sub_tags("NAME", follow=False):
        value = inner.value if isinstance(inner.value, tuple) else ()
        given, surname, after = (*value, "", "", "")[:3]
        rest = " ".join(part for part in (given, after) if part)
        between = "" if _HAN.fullmatch(surname + rest) else ", "
        heading = clean(between.join(part for part in (surname, rest) if part))
        if heading is None:
            heading = clean(" ".join(text for piece in _NAME_PIECES if (text := below(inner, piece))))
        if heading is not None:
            yield heading, below(inner, "TYPE")
        for tag, kind in (("NICK", "nickname"), ("ROMN", "romanised"), ("FONE", "phonetic"), ("TRAN", "translated")):
            if (text := below(inner, tag)) is not None:
                yield text.replace("/", ""), kind


class _Told:
    """What persons and families have in common."""

    def __init__(self, tree: Tree, record: Any, line: int) -> None:
        self._tree = tree
        self._record = record
        self._xref: str = record.xref_id or ""
        self._line = line
        self._events = events(record)

    def _places(self) -> Iterator[Name]:
        """Places of its events, with the event as relator."""
        for event in self._events:
            if event.place is not None:
                yield Name(event.place, "place", "name", event.name)

    def _description(self) -> dict[str, str]:
        """Events one a line, notes, sources, numbers of other systems."""
        noted = [self._tree.text(inner) for inner in self._inside(("NOTE", "SNOTE"))]
        cited = [self._tree.text(inner) for inner in self._inside(("SOUR",))]
        numbers = [
            f"{tag}: {text}"
            for tag in ("REFN", "RIN", "AFN", "RFN", "UID", "_UID", "EXID")
            for inner in self._record.sub_tags(tag, follow=False)
            if (text := written(inner)) is not None
        ]
        return {
            field: "\n".join(dict.fromkeys(texts))
            for field, found in (
                ("events", [event.told() for event in self._events]),
                ("note", noted),
                ("sources", cited),
                ("other_identifiers", numbers),
            )
            if (texts := [text for text in found if text is not None])
        }

    def _inside(self, tags: tuple[str, ...]) -> Iterator[Any]:
        """Records of these tags in this one and in its events and names."""
        stack, count = list(reversed(self._record.sub_records)), 0
        while stack and count < _ENOUGH:
            inner = stack.pop()
            if inner.tag in tags:
                count += 1
                yield inner
            else:
                stack.extend(reversed(inner.sub_records))

    def _split(self, relations: Iterable[tuple[str, Relation]]) -> tuple[tuple[Relation, ...], dict[str, str]]:
        """Relations everyone may know, and those to the living, for staff."""
        known: list[Relation] = []
        hidden: list[str] = []
        for xref, relation in relations:
            if xref in self._tree.living:
                hidden.append(f"{relation.kind}: {relation.name}")
            elif len(known) < _ENOUGH:
                known.append(relation)
        notes = {"relations": "\n".join(hidden)} if hidden else {}
        return tuple(dict.fromkeys(known)), notes


_LIVING = Access("internal", "may be alive: no death is known, and nothing of more than 110 years ago")
_LIVING_MEMBER = Access("internal", "a member of the family may be alive")


class Person(_Told):
    """An ``INDI`` record."""

    def record(self, number: int, holder: str | None, problems: tuple[Problem, ...]) -> Record:
        """The authority record; of one who may be alive it is internal, and others do not name him."""
        forms = list(names(self._record))
        title = forms[0][0] if forms else None
        alive = self._xref in self._tree.living or not self._xref
        relations = list(self._relations())
        known, hidden = self._split(relations)
        if alive:
            known, hidden = tuple(dict.fromkeys(relation for _, relation in relations)), {}
        source_id = self._tree.source_id(self._xref or None, self._line)
        return Record(
            source_id=source_id,
            title=title or source_id,
            kind="thematic",
            supplied_title=title is None,
            holder=holder,
            dates=self._dates(),
            names=tuple(dict.fromkeys((*self._places(), *self._occupations()))),
            description=self._description(),
            staff_notes=hidden,
            position=number,
            unit=self._tree.source_id(None, 0).partition("#")[0],
            access=_LIVING if alive else None,
            problems=problems,
            authority=Authority(
                "person",
                (),
                tuple(dict.fromkeys(Variant(name, kind) for name, kind in forms if name != title)),
                known,
            ),
        )

    def _dates(self) -> Dates | None:
        """Birth or baptism to death or burial (ISAAR(CPF) 5.2.1)."""
        begin = self._first("BIRT", "CHR", "BAPM")
        end = self._first("DEAT", "BURI", "CREM")
        if begin is None and end is None:
            return None
        text = " - ".join((begin.date or "" if begin else "", end.date or "" if end else "")).strip()
        start, stop = begin.years[0] if begin else None, end.years[1] if end else None
        if end is not None and stop is None:
            stop = end.years[0]
        if begin is not None and start is None:
            start = begin.years[1]
        return Dates(text, start, stop)

    def _first(self, *tags: str) -> Event | None:
        return next((event for tag in tags for event in self._events if event.tag == tag and event.date), None)

    def _occupations(self) -> Iterator[Name]:
        for inner in self._record.sub_tags("OCCU", follow=False):
            if (text := written(inner)) is not None:
                yield Name(text, "function", "name", "occupation")

    def _relations(self) -> Iterator[tuple[str, Relation]]:
        """(identifier, relation) of parents, spouses, children and associates."""
        for family in pointers(self._record, "FAMC"):
            kin = self._tree.families.get(family)
            if kin is not None:
                yield from ((xref, self._tree.relation(xref, "father")) for xref in kin.husbands)
                yield from ((xref, self._tree.relation(xref, "mother")) for xref in kin.wives)
        for family in pointers(self._record, "FAMS"):
            kin = self._tree.families.get(family)
            if kin is not None:
                spouses = [xref for xref in (*kin.husbands, *kin.wives) if xref != self._xref]
                yield from ((xref, self._tree.relation(xref, "spouse")) for xref in spouses)
                yield from ((xref, self._tree.relation(xref, "child")) for xref in kin.children)
        for inner in self._record.sub_tags("ASSO", follow=False):
            xref = _pointer(inner)
            if xref is not None:
                kind = below(inner, "RELA") or below(inner, "ROLE") or "associate"
                yield xref, self._tree.relation(xref, kind)


class Family(_Told):
    """A ``FAM`` record: a couple and its children, an authority record of the type family."""

    def record(self, number: int, holder: str | None, problems: tuple[Problem, ...]) -> Record:
        """The authority record, called by its couple; internal when one of its members may be alive."""
        kin = self._tree.families.get(self._xref) or _Kin((), (), (), ())
        couple = [self._tree.relation(xref, "").name for xref in (*kin.husbands, *kin.wives)]
        members = [
            *((xref, self._tree.relation(xref, "husband")) for xref in kin.husbands),
            *((xref, self._tree.relation(xref, "wife")) for xref in kin.wives),
            *((xref, self._tree.relation(xref, "child")) for xref in kin.children),
        ]
        parents_live = any(xref in self._tree.living for xref in (*kin.husbands, *kin.wives))
        known, hidden = self._split(members)
        if parents_live:
            known, hidden = tuple(dict.fromkeys(relation for _, relation in members)), {}
        source_id = self._tree.source_id(self._xref or None, self._line)
        return Record(
            source_id=source_id,
            title=" and ".join(couple[:4]) or source_id,
            kind="thematic",
            supplied_title=True,
            holder=holder,
            dates=self._dates(),
            names=tuple(dict.fromkeys(self._places())),
            description=self._description(),
            staff_notes=hidden,
            position=number,
            unit=self._tree.source_id(None, 0).partition("#")[0],
            access=_LIVING_MEMBER if parents_live else None,
            problems=problems,
            authority=Authority("family", (), (), known),
        )

    def _dates(self) -> Dates | None:
        """From the marriage to its end, where one is told."""
        begin = next((event for event in self._events if event.tag == "MARR" and event.date), None)
        end = next((event for event in self._events if event.tag in ("DIV", "ANUL") and event.date), None)
        if begin is None:
            return None
        text = f"{begin.date} - {end.date}" if end is not None else f"{begin.date}"
        return Dates(text, begin.years[0], end.years[1] if end is not None else None)
