"""From an EAC-CPF record to an authority record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from lxml import etree
from lxml.etree import _Element as Element

from mappings.access import Access
from mappings.base import Outcome, Skipped
from mappings.formats.eac import description, identity, relations
from mappings.formats.harvest import HarvestMapping, Place
from mappings.formats.markup import part
from mappings.formats.xml import LOCAL
from mappings.record import Authority, Problem, Record

_TAKEN = "internal-part"
_DRAFTS = frozenset({"inprocess", "draft"})


class EacMapping(HarvestMapping):
    """Mapping ``eac``: one authority record for each EAC-CPF record, all its identities in it."""

    format_name: ClassVar[str] = "EAC-CPF"
    wanted: ClassVar[frozenset[str]] = frozenset({"eac-cpf", "eac"})

    def outcome(self, element: Element, place: Place) -> Outcome:
        """The authority record; one its agency has deleted or cancelled, or that says nothing, is skipped."""
        control = element.find("{*}control")
        source_id = place.source_id(part(control, "recordId"))
        status = _status(control, "maintenanceStatus")
        if status.startswith("deleted") or status == "cancelled":
            reason = f"its agency has withdrawn the record: {status}"
            return Skipped(Problem("deleted-in-source", reason, "nothing to do", f"record {place.number}"), source_id)
        identities = list(element.iterdescendants("{*}identity"))
        if not identities:
            problem = Problem("empty-file", "the record identifies nobody: it has no identity", "export it again")
            return Skipped(problem, source_id)
        staff = _internal(element)
        return self._record(element, control, identities, source_id, staff, place)

    def _record(
        self,
        element: Element,
        control: Element | None,
        identities: list[Element],
        source_id: str,
        staff: dict[str, str],
        place: Place,
    ) -> Record:
        forms = identity.names(identities)
        descriptions = list(element.iterdescendants("{*}description"))
        members = [member for holder in descriptions for member in description.members(holder)]
        exist = [when for member in members if LOCAL[member.tag] == "existDates" and (when := identity.dates(member))]
        identifiers, others = description.identifiers(control, identities)
        return Record(
            source_id=source_id,
            title=forms.title or source_id,
            kind="thematic",
            supplied_title=forms.title is None,
            holder=self._options.holder or description.agency(control),
            dates=exist[0] if exist else None,
            names=tuple(dict.fromkeys(description.names(members))),
            languages=description.languages(members),
            description=_paragraphs(
                [
                    *description.notes(members),
                    *(("functions", text) for text in relations.functions(element)),
                    *(("related_material", text) for text in relations.resources(element)),
                    *(("other_identifiers", text) for text in others),
                    *(("sources", text) for text in description.sources(control)),
                    ("processing", description.rules(control)),
                ]
            ),
            staff_notes=staff,
            identifiers=tuple(identifiers),
            position=place.number - 1,
            unit=place.path,
            access=_access(element, control),
            authority=Authority(
                identity.entity_type(identities), forms.headings, forms.variants, relations.relations(element)
            ),
        )


def _access(record: Element, control: Element | None) -> Access | None:
    """A record for an internal audience, or still in process, is for staff; any other is as open as its source."""
    if record.get("audience") == "internal":
        return Access("internal", 'audience="internal"')
    status = _status(control, "publicationStatus")
    return Access("internal", f"publicationStatus {status}") if status in _DRAFTS else None


def _status(control: Element | None, name: str) -> str:
    """A status in small letters: an element in 1.x, an attribute of ``control`` in 2.0."""
    if control is None:
        return ""
    return (control.get(name) or part(control, name) or "").casefold()


def _internal(record: Element) -> dict[str, str]:
    """Take out what EAC 2.0 marks as `@audience` internal; its text is for staff only."""
    found: list[tuple[str, str | None]] = []
    for element in list(record.iterdescendants()):
        above = (outer.get("audience") for outer in element.iterancestors())
        if element.get("audience") == "internal" and "internal" not in above:
            name = LOCAL[element.tag]
            found.append((description.NOTES.get(name, name), description.paragraphs(element)))
            element.tag = _TAKEN
    etree.strip_elements(record, _TAKEN, with_tail=False)
    return _paragraphs(found)


def _paragraphs(found: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """Field -> its paragraphs, each once."""
    fields: dict[str, dict[str, None]] = {}
    for field, text in found:
        if text is not None:
            fields.setdefault(field, {})[text] = None
    return {field: "\n".join(texts) for field, texts in fields.items()}
