"""From the components of a finding aid to records: identity, inheritance, problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import BinaryIO, ClassVar, Literal

from lxml.etree import _Element as Element
from msgspec import structs

from mappings.access import ANONYMOUS, Access, inherit, together
from mappings.access_statements import copying, statement
from mappings.access_words import coded
from mappings.base import Content, Failed, MappingOptions, Outcome, Skipped
from mappings.formats.ead import did, holdings, names, notes
from mappings.formats.ead.stream import Events, Open, Parts, Scan, prepared
from mappings.formats.ead.text import paragraphs
from mappings.record import Ancestor, Dates, Problem, Record, clean
from mappings.seen import Seen

_INTERNAL = Access("internal", 'audience="internal"')
_LEAVE_OUT = "choose another mapping or a glob that leaves it out"
_REPAIR = "nothing of it could be read; repair the file and run again"
_PHYSICAL = frozenset({"physdesc", "physdescstructured", "physdescset"})


class _Unit:
    """What is known of a component when the first one inside it begins: its own identification, and what it hands down.

    `plain` is the nearest access statement that is not internal; `line` are the ancestors of what is inside.
    """

    __slots__ = ("access", "code", "dates", "fonds", "holder", "line", "plain", "source_id", "supplied", "title")

    def __init__(self) -> None:
        self.source_id = ""
        self.title = ""
        self.supplied = False
        self.code: str | None = None
        self.dates: Dates | None = None
        self.fonds: str | None = None
        self.holder: str | None = None
        self.access: Access | None = None
        self.plain: Access | None = None
        self.line: tuple[Ancestor, ...] = ()


class EadMapping:
    """Mapping ``ead``."""

    unit: ClassVar[Literal["file", "folder"]] = "file"

    def __init__(self, options: MappingOptions) -> None:
        self._options = options

    def records(self, contents: Sequence[Content]) -> Iterator[Outcome]:
        """Every component, those inside one before it; a damaged file gives what could be read and says so on its last
        record.
        """
        for content in contents:
            yield from _FindingAid(content, self._options.holder).outcomes()


class _FindingAid:
    """One file on its way to records."""

    def __init__(self, content: Content, holder: str | None) -> None:
        self._content = content
        self._path = content.name
        self._outside = _Unit()
        self._outside.holder = holder
        self._used = Seen()
        self._late: dict[int, Access | None] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Every record; what is wrong with the file as a whole is said on the last one, the fonds."""
        with self._content.open() as stream:
            payload, scan = prepared(stream)
        if payload is not None and not payload.getbuffer().nbytes:
            yield Skipped(Problem("empty-file", "the file is empty", _LEAVE_OUT), self._path)
            return
        if scan.late:
            self._read_ahead(payload, scan)
        held: Record | None = None
        with self._stream(payload) as source:
            events = Events(source, scan)
            for begins, component in events:
                if begins:
                    self._hand_down(component)
                    continue
                if held is not None:
                    yield held
                held = self._record(component)
        problems = tuple(problem for problem in (scan.problem, events.damage) if problem)
        if held is None:
            yield self._nothing(events, problems)
        else:
            yield structs.replace(held, problems=held.problems + problems) if problems else held

    def _stream(self, payload: BytesIO | None) -> BinaryIO:
        return self._content.open() if payload is None else BytesIO(payload.getbuffer())

    def _read_ahead(self, payload: BytesIO | None, scan: Scan) -> None:
        """An access note may stand behind the components it governs: collect those first."""
        with self._stream(payload) as source:
            for begins, component in Events(source, scan):
                if not begins and component.children and (own := _stated(component.parts)):
                    self._late[component.number] = own

    def _nothing(self, events: Events, problems: tuple[Problem, ...]) -> Outcome:
        """Why a file gave no record: not EAD, an authority record, empty, or broken."""
        root = events.root
        if root is None:
            if not self._path.lower().endswith((".xml", ".ead")):
                return Skipped(Problem("wrong-format", "the file is not XML", _LEAVE_OUT), self._path)
            problem = problems[0] if problems else Problem("not-xml", "the file is not XML")
            return Failed(structs.replace(problem, hint=_REPAIR), self._path)
        if root == "eac-cpf":
            return Skipped(Problem("eac-cpf", "an authority record, not a finding aid", _LEAVE_OUT), self._path)
        if root != "ead":
            reason = f"the root element is {root}, not ead"
            return Skipped(Problem("wrong-format", reason, _LEAVE_OUT), self._path)
        if problems:
            return Failed(structs.replace(problems[0], hint=_REPAIR), self._path)
        reason = "the finding aid describes nothing: it has no archdesc"
        return Skipped(Problem("empty-file", reason, _LEAVE_OUT), self._path)

    def _unit(self, component: Open) -> _Unit:
        """Identify a component; inherit what its containing one hands down."""
        above: _Unit = component.parent.context if component.parent else self._outside
        unit = _Unit()
        component.context = unit
        parts = component.parts
        unit.dates = did.dates(parts)
        title = did.title(parts)
        unit.supplied = title is None
        unit.title = title or did.supplied_title(unit.dates, above.title)
        unit.code, component.identifiers, component.codes = did.codes(parts)
        unit.holder = self._outside.holder or did.holder(parts) or above.holder
        unit.fonds = above.fonds or (unit.code if component.parent is None else None)
        unit.source_id = self._source_id(component)
        self._resolve_access(component, unit, above)
        return unit

    def _resolve_access(self, component: Open, unit: _Unit, above: _Unit) -> None:
        """The nearest statement; below an internal one only ``audience="external"`` makes a component known again."""
        own = self._late.get(component.number) or _stated(component.parts)
        unit.plain = inherit(own, above.plain)
        audience = component.element.get("audience")
        if audience == "internal" or component.internal:
            unit.access = _INTERNAL
        elif above.access is not None and above.access.value == "internal" and audience != "external":
            unit.access = inherit(None, above.access)
        else:
            unit.access = unit.plain

    def _source_id(self, component: Open) -> str:
        """Path, ``#`` and the id, or the position in the tree when there is none or it is taken."""
        own = clean(component.element.get("id"))
        if component.parent is None and not self._used:
            self._used.add("")
            return self._path
        if own is not None and own not in self._used:
            self._used.add(own)
            return f"{self._path}#{own}"
        place = component.place or str(component.number)
        if own is not None:
            reason = f"the id {own!r} occurs twice in this file; the position {place} was used instead"
            component.problems = (Problem("duplicate-id", reason, "make ids unique", f"component {place}", "id"),)
        while place in self._used:
            place += "~2"
        self._used.add(place)
        return f"{self._path}#{place}"

    def _hand_down(self, component: Open) -> None:
        above: _Unit = component.parent.context if component.parent else self._outside
        unit = self._unit(component)
        internal = not ANONYMOUS.may_describe(unit.access) if unit.access is not None else False
        level = did.level(component.element)
        unit.line = (*above.line, Ancestor(unit.source_id, unit.title, level, unit.code, internal))

    def _record(self, component: Open) -> Record:
        parts = component.parts
        unit = component.context or self._unit(component)
        above: _Unit = component.parent.context if component.parent else self._outside
        headings = names.creators(parts) if "origination" in parts else []
        genres: list[str] = []
        if "controlaccess" in parts:
            subjects, genres = names.subjects(parts)
            headings = headings + subjects
        copies = holdings.copies(parts)
        description = notes.description(parts)
        if component.codes:
            description["other_identifiers"] = "; ".join(component.codes)
        return Record(
            source_id=unit.source_id,
            title=unit.title,
            supplied_title=unit.supplied,
            level=did.level(component.element),
            reference_code=unit.code,
            fonds=unit.fonds,
            holder=unit.holder,
            dates=unit.dates,
            names=names.unique(headings),
            languages=did.languages(parts) if "langmaterial" in parts else (),
            formats=tuple(dict.fromkeys(genres)),
            extent=did.extent(parts) if _PHYSICAL & parts.keys() else None,
            description=description,
            staff_notes=notes.staff_notes(component.staff) if component.staff else {},
            identifiers=(*component.identifiers, *holdings.links(copies)),
            holdings=holdings.holdings(parts),
            copies=copies,
            ancestors=above.line,
            position=component.number,
            unit=self._path,
            access=unit.access,
            problems=component.problems,
        )


def _stated(parts: Parts) -> Access | None:
    """What the component's own notes on access and on use say clearly, the strictest for each question; a type that is
    a word of a vocabulary counts as a note.

    https://www.loc.gov/ead/EAD3taglib/EAD3.html#elem-accessrestrict, #elem-userestrict
    """
    found = [_said(element, statement) for element in parts.get("accessrestrict", ())]
    found += [_said(element, copying) for element in parts.get("userestrict", ())]
    return together(access for access in found if access is not None)


def _said(element: Element, read: Callable[[str], Access | None]) -> Access | None:
    kind = coded(element.get("localtype") or element.get("type"))
    told = read(paragraphs(element) or "")
    return together(access for access in (kind, told) if access is not None)
