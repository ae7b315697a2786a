"""What groups of columns say in one row: dates, carriers, names, extents, addresses and notes.

The parts of each group: *dates* text, from, to, label; *containers* type, indicator, type_2, indicator_2 ..., barcode,
location, form; *names* name, rest, type, role, relator, authority; *extent* number, type, summary, details, dimensions;
*link* url, title, format, published; *note* text, type, label, published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from mappings.dates import dated, joined
from mappings.formats.media import media_type
from mappings.formats.table.groups import pieces
from mappings.formats.table.plan import Cells, Plan
from mappings.record import AgentType, Copy, Dates, Holding, Name

UNPUBLISHED = frozenset({"false", "f", "no", "n", "0", "draft", "否"})
"""Words in a column that says whether something is published: these say it is not."""
STAFF_NOTE = "staff_note"
_TYPES: tuple[str, ...] = get_args(AgentType)
_Parts = dict[str, str]


class Together:
    """What the groups of one row say, by field of the record."""

    __slots__ = ("_cells", "copies", "description", "extents", "formats", "holdings", "names", "staff", "when")

    def __init__(self, cells: Cells | None = None, plan: Plan | None = None) -> None:
        self.when: list[Dates] = []
        self.holdings: list[Holding] = []
        self.names: list[Name] = []
        self.formats: list[str] = []
        self.extents: list[str] = []
        self.copies: list[Copy] = []
        self.description: dict[str, str] = {}
        self.staff: list[str] = []
        if cells is not None and plan is not None:
            self._cells = cells
            self._gather(plan)

    def _gather(self, plan: Plan) -> None:
        filled = (header for header, cell in self._cells.raw.items() if cell is not None and cell != "")
        texts = {header: text for header in filled if (text := self._cells.text(header)) is not None}
        takers: dict[str, Callable[[_Parts], None]] = {
            "dates": self._date,
            "containers": self._holding,
            "names": self._name,
            "extent": self._extent,
            "link": self._link,
            "note": self._note,
        }
        for group in plan.groups:
            take = takers[group.spec.field]
            for parts in pieces(group, texts):
                take({part: text for part, text in parts.items() if text not in self._cells.recipe.nothing})

    def dates(self) -> Dates | None:
        """All dates as one: the texts, labelled when there are several, and the years they span."""
        if not self.when:
            return None
        return joined("; ".join(dict.fromkeys(one.text for one in self.when)), self.when)

    def _date(self, parts: _Parts) -> None:
        """An expression as written, else begin and end; the years are those of begin and end where they are given."""
        first, last = parts.get("from"), parts.get("to")
        stated = " - ".join(dict.fromkeys(filter(None, (first, last))))
        text = parts.get("text") or stated
        if not text:
            return
        label = self._cells.translated("date_label", parts.get("label", ""))
        shown = f"{text} ({label})" if label else text
        sides = [dated(side) for side in (first, last) if side]
        if any(side.start is not None or side.end is not None for side in sides):
            self.when.append(joined(shown, sides))
        else:
            self.when.append(joined(shown, (dated(text),)))

    def _holding(self, parts: _Parts) -> None:
        """ "box 12", "folder 3", from the outermost in; a container type without number is one, too."""
        named = []
        for level in ("", "_2", "_3"):
            words = (parts.get(f"type{level}"), parts.get(f"indicator{level}"))
            if any(words):
                named.append(" ".join(dict.fromkeys(filter(None, words))))
        holding = Holding(tuple(named), None, parts.get("form"), None, parts.get("location"), parts.get("barcode"))
        if holding != Holding():
            self.holdings.append(holding)

    def _name(self, parts: _Parts) -> None:
        """A heading; a role that is neither creator nor subject is its relator."""
        heading = ", ".join(filter(None, (parts.get("name"), parts.get("rest"))))
        if not heading:
            return
        kind = self._cells.translated("type", parts.get("type", "name"))
        if kind == "genre":
            self.formats.append(heading)
            return
        said = self._cells.translated("role", parts.get("role", ""))
        role, relator = said.casefold(), parts.get("relator")
        if role not in ("creator", "subject", "name"):
            role, relator = "name", relator or said or None
        made = Name(heading, kind if kind in _TYPES else "name", role, relator, parts.get("authority"))  # type: ignore[arg-type]
        if made not in self.names:
            self.names.append(made)

    def _extent(self, parts: _Parts) -> None:
        """ "2 linear feet (5 boxes)"; parts of a whole and dimensions follow."""
        amount = " ".join(filter(None, (parts.get("number"), parts.get("type", "").replace("_", " "))))
        if (summary := parts.get("summary")) is not None:
            amount = f"{amount} ({summary})" if amount else summary
        rest = (parts.get("details"), parts.get("dimensions"))
        if text := "; ".join(filter(None, (amount, *rest))):
            self.extents.append(text)

    def _link(self, parts: _Parts) -> None:
        """The address of a digital object; one that is not published is for staff."""
        url = parts.get("url")
        if url is None:
            return
        if _is_unpublished(parts):
            self.staff.append(" ".join(filter(None, ("not published:", parts.get("title"), url))))
        else:
            self.copies.append(Copy(url=url, title=parts.get("title"), format=parts.get("format") or media_type(url)))

    def _note(self, parts: _Parts) -> None:
        """A note under the element its type is translated to; one that is not published is for staff."""
        text, kind = parts.get("text"), parts.get("type") or parts.get("kind") or "note"
        if text is None:
            return
        field = self._cells.translated("note", kind)
        if label := parts.get("label"):
            text = f"{label}: {text}"
        if field == STAFF_NOTE or _is_unpublished(parts):
            self.staff.append(text if field == STAFF_NOTE else f"{field.replace('_', ' ')}: {text}")
        else:
            before = self.description.get(field)
            self.description[field] = text if before is None else f"{before}\n{text}"


def _is_unpublished(parts: _Parts) -> bool:
    return parts.get("published", "").casefold() in UNPUBLISHED
