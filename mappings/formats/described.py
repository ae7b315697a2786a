"""What a description says, whichever of MODS, Dublin Core or DataCite says it, and the record it makes."""

from __future__ import annotations

import datetime as dt
import re

from msgspec import Struct
from msgspec.structs import replace

from mappings.access import Access, together
from mappings.access_statements import copying, statement
from mappings.access_words import waits
from mappings.dates import dated, joined
from mappings.formats.media import media_type
from mappings.identifiers import typed
from mappings.languages import code_of, codes_of
from mappings.record import Copy, Dates, Holding, Identifier, Kind, Name, Record, clean


class Described(Struct, frozen=True, omit_defaults=True):
    """The parts of a record that a description gives; the fields are those of `mappings.record.Record`.

    `identifiers` has no links of `copies`; a record adds them.
    """

    title: str | None = None
    kind: Kind = "physical"
    level: str | None = None
    reference_code: str | None = None
    holder: str | None = None
    dates: Dates | None = None
    names: tuple[Name, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    extent: str | None = None
    description: dict[str, str] = {}
    identifiers: tuple[Identifier, ...] = ()
    holdings: tuple[Holding, ...] = ()
    copies: tuple[Copy, ...] = ()
    access: Access | None = None

    def record(self, source_id: str, unit: str, position: int, holder: str | None = None) -> Record:
        """The record of this description; without a title it is called by its date or code (ISAD(G) 3.1.2)."""
        supplied = self.dates.text if self.dates is not None else self.reference_code or source_id
        links = (Identifier("link", copy.url) for copy in self.copies if copy.url)
        return Record(
            source_id=source_id,
            title=self.title or supplied,
            kind=self.kind,
            supplied_title=self.title is None,
            level=self.level,
            reference_code=self.reference_code,
            holder=holder or self.holder,
            dates=self.dates,
            names=self.names,
            languages=self.languages,
            formats=self.formats,
            extent=self.extent,
            description=self.description,
            identifiers=tuple(dict.fromkeys((*self.identifiers, *links))),
            holdings=self.holdings,
            copies=self.copies,
            position=position,
            unit=unit,
            access=self.access,
        )


class Gathering:
    """A description while its elements are read, in any order. Every text is cleaned; blank ones change nothing."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.kind: Kind = "physical"
        self.level: str | None = None
        self.holder: str | None = None
        self.names: list[Name] = []
        self.formats: list[str] = []
        self.holdings: list[Holding] = []
        self.copies: list[Copy] = []
        self._codes: list[str] = []
        self._identifiers: list[Identifier] = []
        self._languages: list[str] = []
        self._extents: list[str] = []
        self._dates: list[tuple[int, Dates]] = []
        self._access: list[Access] = []
        self._notes: dict[str, list[str]] = {}

    def note(self, field: str, text: str | None, label: str | None = None) -> None:
        """A paragraph of a description field, `label` before it where the field does not say what it is."""
        if text is not None:
            whole = f"{label}: {text}" if label else text
            paragraphs = self._notes.setdefault(field, [])
            if whole not in paragraphs:
                paragraphs.append(whole)

    def name(self, name: Name) -> None:
        if name not in self.names:
            self.names.append(name)

    def date(self, rank: int, text: str | None, coded: str | None = None) -> None:
        """A date as it is shown, and as it is `coded` beside that; of several, those of the lowest rank are the
        record's.
        """
        if text is None:
            return
        read = dated(coded) if coded else Dates(text)
        self._dates.append((rank, dated(text) if read.start is read.end is None else replace(read, text=text)))

    def extent(self, text: str | None) -> None:
        if text is not None and text not in self._extents:
            self._extents.append(text)

    def format(self, text: str | None) -> None:
        if text is not None and text not in self.formats:
            self.formats.append(text)

    def language(self, text: str | None) -> None:
        """A code or name; a sentence that names languages gives them, any other stays a note; script codes say none."""
        if text is None:
            return
        code = code_of(text)
        found = [code] if code is not None else codes_of(text)
        self._languages += [one for one in found if one not in self._languages]
        if not found and not _SCRIPT.fullmatch(text):
            self.note("language_note", text)

    def identifier(self, text: str | None, kind: str | None = None) -> None:
        """A typed identifier; else the first is the reference code, those after it and of stated kinds a note."""
        if text is None:
            return
        found = typed(text, kind)
        if found is not None:
            if found not in self._identifiers:
                self._identifiers.append(found)
        elif kind is None or kind.casefold() in _LOCAL_CODES:
            self._codes.append(text)
        else:
            self.note("other_identifiers", text, kind)

    def copy(self, url: str, title: str | None = None) -> None:
        if url.startswith(("http://", "https://")) and all(copy.url != url for copy in self.copies):
            self.copies.append(Copy(url=url, title=title, format=media_type(url)))

    def access(self, text: str | None) -> bool:
        """Access words; True when they say something clear."""
        found = statement(text) if text is not None else None
        if found is not None:
            self._access.append(found)
        return found is not None

    def copying(self, text: str | None) -> None:
        """Words on use: who may have copies, when they say so clearly."""
        found = copying(text) if text is not None else None
        if found is not None:
            self._access.append(found)

    def restrict(self, access: Access) -> None:
        self._access.append(access)

    def done(self) -> Described:
        """All of it together."""
        codes = list(dict.fromkeys(self._codes))
        for text in codes[1:]:
            self.note("other_identifiers", text)
        for text in self.titles[1:]:
            if text != self.titles[0]:
                self.note("other_titles", text)
        return Described(
            title=self.titles[0] if self.titles else None,
            kind=self.kind,
            level=self.level,
            reference_code=codes[0] if codes else None,
            holder=self.holder,
            dates=_joined(self._dates),
            names=tuple(self.names),
            languages=tuple(self._languages),
            formats=tuple(self.formats),
            extent="; ".join(self._extents) or None,
            description={field: "\n".join(texts) for field, texts in self._notes.items()},
            identifiers=tuple(self._identifiers),
            holdings=tuple(self.holdings),
            copies=tuple(self.copies),
            access=_stated(self._access),
        )


def _stated(found: list[Access]) -> Access | None:
    """All statements as one; an embargo without a day has that of another statement."""
    if any(access.opens_on for access in found):
        found = [access for access in found if not waits(access)]
    return together(found)


_SCRIPT = re.compile(r"[A-Z][a-z]{3}")
_LOCAL_CODES = frozenset({"local", "call number", "callnumber", "shelfmark", "accession number", "other", "none"})


def _joined(found: list[tuple[int, Dates]]) -> Dates | None:
    if not found:
        return None
    best = min(rank for rank, _ in found)
    main = list(dict.fromkeys(date for rank, date in found if rank == best))
    whole = joined("; ".join(dict.fromkeys(date.text for date in main)), main)
    if any(date.start is None and date.end is not None for date in main):
        whole = replace(whole, start=None, earliest=None)
    if any(date.end is None and date.start is not None for date in main):
        whole = replace(whole, end=None, latest=None)
    return whole


def opening_day(text: str | None) -> dt.date | None:
    """The first day after an embargo to a day, month or year written as ISO 8601: a month or year is over first."""
    found = _DAY.match(text) if text is not None else None
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if year is not None and month is not None and day is not None:
            return dt.date(year, month, day)
        if year is not None and month is not None and month < 12:
            return dt.date(year, month + 1, 1)
        return dt.date((year or 0) + 1, 1, 1)
    except ValueError:
        return None


_DAY = re.compile(r"\s*(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?!\d)", re.ASCII)


def file_address(url: str | None) -> bool:
    """Is this the web address of a file that can be shown, and so of a copy?"""
    return url is not None and url.startswith(("http://", "https://")) and media_type(url) is not None


def embargo(text: str | None) -> Access | None:
    """A closure that ends on a day the description names."""
    opens = opening_day(text)
    return Access("closed", clean(f"embargo until {text}"), opens) if opens is not None else None
