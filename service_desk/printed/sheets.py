"""A printed document as parts in their order: what the template draws, whatever kind of document it is."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct

Language = Literal["en", "zh-Hans", "zh-Hant"]
Script = Literal["Hans", "Hant"]


class House(Struct, frozen=True):
    """Who issues the document: `lines` are address and ways to reach it; `site` its public address without a slash at
    the end, empty where it has none; `script` how Han characters are drawn in documents in English.
    """

    name: str
    lines: tuple[str, ...] = ()
    site: str = ""
    script: Script = "Hans"


class Facts(Struct, frozen=True, tag="facts"):
    """Labels and their values."""

    rows: tuple[tuple[str, str], ...]


class Heading(Struct, frozen=True, tag="heading"):
    text: str


class Paragraph(Struct, frozen=True, tag="text"):
    """Lines of text; `is_small` for what stands below."""

    text: str
    is_small: bool = False


class Listed(Struct, frozen=True, tag="list"):
    items: tuple[str, ...]


class Table(Struct, frozen=True, tag="table"):
    """`widths` are fractions; `right` are the columns whose values stand to the right, counted from 0."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: tuple[int, ...] = ()
    foot: tuple[str, ...] = ()


class Quote(Struct, frozen=True, tag="quote"):
    """Words of a record, whose they are, and the address where they are read."""

    text: str
    source: str
    link: str = ""


class Code(Struct, frozen=True, tag="code"):
    """An address as a QR code, with what it is for; `facts` stand beside it."""

    address: str
    caption: str
    facts: tuple[tuple[str, str], ...] = ()


class Signed(Struct, frozen=True, tag="signed"):
    """Where somebody signs or a seal is put."""

    lines: tuple[str, ...]


Part = Facts | Heading | Paragraph | Listed | Table | Quote | Code | Signed


class Sheet(Struct, frozen=True):
    """A document that can be printed. `footer` stands on each page beside its number."""

    title: str
    number: str
    language: Language
    house: House
    issued: dt.datetime
    parts: tuple[Part, ...]
    footer: str = ""
