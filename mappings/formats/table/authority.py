"""Rows that describe a name instead of material: ISAAR(CPF) 5.1, and ISDIAH 5.1 for institutions."""

from __future__ import annotations

from typing import cast, get_args

from mappings.formats.table.plan import Cells
from mappings.record import AgentType, Authority, Variant

TYPES: tuple[str, ...] = get_args(AgentType)


def authority(cells: Cells) -> Authority | None:
    """The authority a row describes, when a column or `fixed` says ``authority``: person, organisation, family, place,
    subject, ...; None for a row about material. An unknown type is a name.

    `variants` are the other forms of the name; the kind of each is the header of its column.
    """
    stated = cells.one("authority")
    if stated is None:
        return None
    return Authority(cast(AgentType, stated if stated in TYPES else "name"), variants=_variants(cells))


def _variants(cells: Cells) -> tuple[Variant, ...]:
    """ISAAR(CPF) 5.1.3-5.1.5."""
    separator = cells.separator("variants")
    return tuple(
        Variant(name, header)
        for header, text in cells.labelled("variants")
        for piece in (text.split(separator) if separator else (text,))
        if (name := piece.strip())
    )
