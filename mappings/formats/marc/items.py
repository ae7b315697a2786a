"""Holdings and items: 852, 866-868, 876-878 of MARC 21, and the item fields of common systems, as carriers on a shelf.

https://www.loc.gov/marc/holdings/  A reader writes the call number on the slip; where it stands, barcode and nonpublic
notes are for staff.
"""

from __future__ import annotations

import re

from msgspec import Struct, structs
from pymarc import Field

from mappings.formats.marc.model import MarcRecord, each, text, trimmed
from mappings.formats.marc.numbers import shelf_mark
from mappings.record import Holding, clean

_CODE = re.compile(r"[A-Z][A-Za-z]{0,3}(?:-[A-Za-z0-9]+)*|[A-Z][A-Za-z0-9-]{1,12}", re.ASCII)
"""A MARC organisation code or the like: "DLC", "NyNyUA", "RU-RKP"."""


class Layout(Struct, frozen=True):
    """Which subfields of an item field say what; a field without any of `needs` is no item field."""

    call: str
    location: str
    barcode: str
    note: str = ""
    needs: str = ""


ITEMS = {
    "952": Layout(call="o", location="bac", barcode="p", note="z", needs="op"),  # Koha
    "999": Layout(call="a", location="ml", barcode="i", needs="i"),  # SirsiDynix
}
UNIMARC_ITEMS = {
    "905": Layout(call="fsde", location="a", barcode="b", needs="abdefs"),  # CNMARC, local holdings
    "930": Layout(call="a", location="bc", barcode="", needs="a"),  # SUDOC
    "995": Layout(call="k", location="bce", barcode="f", needs="kf"),  # Recommandation 995
    "899": Layout(call="", location="12", barcode="", needs="12"),  # SBN: library and collection
}


def holdings(record: MarcRecord) -> tuple[Holding, ...]:
    """852 begins a holding; textual holdings (866-868) and items (876-878) that follow in number belong to it by $8,
    else to the only one.

    https://www.loc.gov/marc/holdings/hd852.html  https://www.loc.gov/marc/holdings/hd866868.html
    """
    found = [_location(field) for field in record.fields("852")]
    places = [_link(field) for field in record.fields("852")]
    loose: list[Holding] = []
    for field in record.fields("866", "867", "868"):
        if said := trimmed(text(field, "az")):
            at = _belongs(field, places)
            if at is None:
                loose.append(Holding(extent=said))
            else:
                joined = f"{found[at].extent}; {said}" if found[at].extent else said
                found[at] = structs.replace(found[at], extent=joined)
    items = [_item(field, found, places) for field in record.fields("876", "877", "878")]
    kept = [holding for at, holding in enumerate(found) if not any(at == place for place, _ in items)]
    return _unique([*kept, *(item for _, item in items), *loose, *local_items(record, ITEMS)])


def _location(field: Field) -> Holding:
    """852: $h-$m call number, $z public note, $p barcode; $a $b $c $e are where it is."""
    call = shelf_mark(field)
    concerns, public = trimmed(text(field, "3")), trimmed(text(field, "z"))
    return Holding(
        containers=(call,) if call else (),
        note="; ".join(part for part in (concerns, public) if part) or None,
        location=", ".join(value for code in "abce" for value in each(field, code)) or None,
        barcode=text(field, "p"),
    )


def _link(field: Field) -> str:
    """$8 ties fields together: the number before the point (https://www.loc.gov/marc/holdings/echdcntf.html)."""
    return re.split(r"[.\\]", field.get("8", ""))[0].strip()


def _belongs(field: Field, places: list[str]) -> int | None:
    link = _link(field)
    if link and link in places:
        return places.index(link)
    return 0 if len(places) == 1 else None


def _item(field: Field, found: list[Holding], places: list[str]) -> tuple[int | None, Holding]:
    """876-878: $p barcode, $3 what it is, $t copy, $z public note; shelved as its 852 says.

    https://www.loc.gov/marc/holdings/hd876878.html
    """
    at = _belongs(field, places)
    above = found[at] if at is not None else Holding()
    piece = trimmed(text(field, "3"))
    return at, Holding(
        containers=above.containers + ((piece,) if piece else ()),
        extent=above.extent,
        note=trimmed(text(field, "z")) or above.note,
        location=text(field, "l") or above.location,
        barcode=text(field, "p"),
    )


def local_items(record: MarcRecord, layouts: dict[str, Layout]) -> list[Holding]:
    """Item fields as library systems export them, by their layout."""
    return [
        holding
        for tag, layout in layouts.items()
        for field in record.fields(tag)
        if any(field.get(code) for code in layout.needs) and (holding := _local(field, layout))
    ]


def _local(field: Field, layout: Layout) -> Holding | None:
    call = clean(" ".join(value for code in layout.call for value in each(field, code)[:1]))
    location = ", ".join(value for code in layout.location for value in each(field, code)) or None
    note = text(field, layout.note)
    barcode = text(field, layout.barcode)
    return Holding((call,) if call else (), None, None, note, location, barcode)


def _unique(found: list[Holding]) -> tuple[Holding, ...]:
    empty = Holding()
    return tuple(dict.fromkeys(holding for holding in found if holding != empty))


def holder(record: MarcRecord) -> str | None:
    """852 $a, or its $b where $a is only a code, which says nothing to a reader.

    https://www.loc.gov/marc/bibliographic/bd852.html
    """
    for field in record.fields("852"):
        name, part = trimmed(text(field, "a")), trimmed(text(field, "b"))
        if name is None:
            continue
        if not _CODE.fullmatch(name):
            return name
        if part and " " in part:
            return part
    return None
