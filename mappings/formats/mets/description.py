"""What a ``dmdSec`` says of the whole, in MODS, Dublin Core, DSpace's DIM or DataCite, as those mappings read it."""

from __future__ import annotations

from lxml.etree import _Element as Element
from msgspec.structs import replace

from mappings.formats import dublin_core, mods
from mappings.formats.described import Described
from mappings.formats.xml import LOCAL


def described(element: Element) -> Described:
    """What a ``dmdSec`` (or any element around a description) says; without a code of its own, its shelf mark is it."""
    said = _said(element)
    marks = [mark for holding in said.holdings for mark in holding.containers]
    return replace(said, reference_code=marks[0]) if marks and said.reference_code is None else said


def _said(element: Element) -> Described:
    for inner in element.iter():
        name = LOCAL[inner.tag]
        if name == "mods":
            return mods.described(inner)
        if name in ("dim", "resource") or (name == "dc" and len(inner)):
            return dublin_core.described(inner)
    return dublin_core.described(next(element.iter("{*}xmlData"), element))
