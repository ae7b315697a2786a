"""Who is meant by a name that several go by: those whose time fits the record's, then those from a place it names.

A description dated 1905 does not speak of somebody born in 1920; it may speak of somebody dead for two generations.
Where several are left, none is chosen: the mention keeps them as candidates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mappings.dates import parse
from mappings.record import Dates, Mention
from mappings.text import fold
from pipelines.enrichment.entries import Entry
from pipelines.enrichment.found import GAZETTEER, Found

REMEMBERED = 60
"""Years after death in which a record may still speak of somebody: files about estates, graves and honours."""
CANDIDATES = 5
"""Homonyms that a mention keeps."""
Years = tuple[int, int]
_DATED = re.compile(
    "[\u4e00-\u9fff]{2}(?:[元一二三四五六七八九十廿卅]{1,4}[年載载]|[初中末間间])|(?<!\\d)1\\d{3}(?!\\d)|(?<!\\d)20\\d{2}(?!\\d)"
)
_LONGEST_ERA = 60


def years_of(dates: Dates | None, texts: Sequence[str]) -> Years | None:
    """The years a record speaks of: its own, else those that its texts name; None when nothing says."""
    if dates is not None and dates.start is not None:
        return dates.start, dates.start if dates.end is None else dates.end
    spans = [_span(found[0]) for text in texts for found in _DATED.finditer(text)]
    known = [span for span in spans if span is not None]
    return (min(start for start, _ in known), max(end for _, end in known)) if known else None


def _span(text: str) -> Years | None:
    start, end = parse(text)
    if start is None or end is None or end - start > _LONGEST_ERA:
        return None
    return start, end


def fits(entry: Entry, years: Years) -> bool:
    """Could a record of these years speak of it? What has no years always fits."""
    if entry.start is not None and years[1] < entry.start:
        return False
    return entry.end is None or years[0] <= entry.end + REMEMBERED


class Resolver:
    """Mentions of one record from what was found in its texts."""

    def __init__(self, entries: Sequence[Entry], years: Years | None, texts: Sequence[str]) -> None:
        self._entries = entries
        self._years = years
        self._folded = fold("\n".join(texts))

    def holds(self, found: Found) -> bool:
        """Does what is known of the record allow this claim? A gazetteer's needs somebody who fits its time, and for a
        short name more than that.
        """
        if found.by != GAZETTEER:
            return True
        meant = self._meant(found)
        return bool(meant) and (not found.is_weak or self._is_dated(meant))

    def mention(self, field: str, text: str, found: Found) -> Mention:
        """The mention of a claim that holds."""
        written = text[found.start : found.end]
        meant = self._meant(found) if found.by == GAZETTEER else []
        name, authority, candidates = _authorised(written, meant)
        return Mention(name, found.type, written, field, found.start, found.end, authority, candidates)

    def _meant(self, found: Found) -> list[Entry]:
        entries = [self._entries[number] for number in found.entries]
        if (years := self._years) is not None:
            entries = [entry for entry in entries if fits(entry, years)]
        if len(entries) > 1:
            near = [entry for entry in entries if any(place in self._folded for place in entry.near)]
            return near or entries
        return entries

    def _is_dated(self, meant: list[Entry]) -> bool:
        """Is it one whose years are known, in a record whose years are known?"""
        return self._years is not None and len(meant) == 1 and meant[0].start is not None


def _authorised(written: str, meant: list[Entry]) -> tuple[str, str | None, tuple[str, ...]]:
    """(name, authority, candidates): of nobody known what is written, of homonyms the name they share."""
    if len(meant) == 1:
        return meant[0].name, meant[0].key, ()
    names = {entry.name for entry in meant}
    return names.pop() if len(names) == 1 else written, None, tuple(entry.key for entry in meant[:CANDIDATES])
