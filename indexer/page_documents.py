"""Index documents of pages, and of texts that are too long to be kept beside a hit.

A page is two documents. What is searched stands with what a hit shows, its text as far as `KEPT`; the *sheet* holds the
page itself, words and boxes, and is read only when the page is opened: lists of hits never read it. A page longer than
`PART_SIZE` has a sheet for each part, and these can be searched, so that a word deep inside is shown without reading
all of it. The rest of a long description is kept in such parts, too (page number 0).

A page of a released de-identified copy has documents of its own beside those of the text, under the same number. One
of both is read by whoever may know of the page, never both: the copy says for which access value it stands in
(`indexer.plan.masked`) and until when, and what is masked in it has no tokens.

keys: ``number``, ``order`` (which part, from 1), ``content``, ``opens`` and ``place`` (who may read), of a copy
``shuts`` (the day it gives way to the text) and ``release`` (its id), ``hit`` (``id``, ``number``, ``label``, ``text``,
``parts``, of a copy ``masks``), ``full`` (``number``, ``source``, ``source_id``, ``page``, ``part``, ``parts``, of a
copy ``masks``, ``release``, ``mask``: its image).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from indexer.fields import ABOUT, DESCRIPTION, FORMS, PAGE, PAGE_FORMS, PART, PATH
from indexer.layers import OF_LEVEL, layered, of_audience, of_copy
from indexer.plan import apart, masked
from indexer.resource import Member, id_number, where
from indexer.running import BLACK, Running, Span, blackened, running_page
from mappings.access import Access
from mappings.deidentification import CopyPage
from mappings.formats.page_text import line_text
from mappings.forms import forms
from mappings.record import Page, Word
from mappings.text import GAP, fold, spelled, words_and_grams

KEPT = 20_000
"""Characters of a text kept with a hit: bounds the cost of showing it, whatever the size of the text."""
PART_SIZE = 100_000
"""Characters of a text that are read or shown at a time."""

Part = tuple[Page, list[Span]]
"""A part of a page, and what is masked in its text."""

ABOUT_TOKENS = 1_000
"""Of a description, with every page of it: a thousand words on pages of two hundred are a fifth of the index."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Shelf:
    """What all pages of a record have in common: their resource, who finds them, who may read them."""

    resource: str
    viewers: tuple[str, ...]
    member: Member
    access: Access
    shared: dict[str, Any]

    def page(self, number: int, page: Page, copied: CopyPage | None = None) -> tuple[bytes, list[bytes]]:
        """The document in which a page is found, and its sheets; of the page `copied` of the released copy when one is
        given.
        """
        masks = copied.masks if copied else ()
        shown = running_page(page)
        whole = blackened(shown, masks)
        words, grams = whole.layers()
        parts = _masked_parts(page, masks)
        hit = {
            "id": self.resource,
            "number": number,
            "label": page.label,
            "text": shown.text[:KEPT],
            "parts": len(parts),
            "cut": len(shown.text) > KEPT,
        }
        if copied:
            hit["masks"] = _black_stretches(whole.text[:KEPT])
        own = PAGE.within(self._layer(copied))
        document = {
            **layered(self.shared, of_audience(self.viewers)),
            **self._kept("page", number, copied),
            "owner": id_number(self.resource),
            own.word_layer: " ".join(words),
            own.gram_layer: " ".join(grams),
            PAGE_FORMS: " ".join(sorted(forms(page_values(whole)))),
            "hit": _packed(hit),
        }
        sheets = [self._sheet(number, part, at, len(parts), copied) for at, part in enumerate(parts, 1)]
        return orjson.dumps(document), sheets

    def _sheet(self, number: int, one: Part, part: int, parts: int, copied: CopyPage | None) -> bytes:
        page, masks = one
        stored = {
            "number": number,
            "source": self.member.source,
            "source_id": self.member.record.source_id,
            "page": page,
            "part": part,
            "parts": parts,
        }
        if copied and self.member.released:
            stored |= {"masks": masks, "release": self.member.released.release, "mask": copied.image}
        document = {**self._kept("sheet", number, copied), "order": part, "full": b64encode(_encode(stored)).decode()}
        if parts > 1:
            words, grams = blackened(running_page(page), masks).layers()
            own = PART.within(self._layer(copied))
            document |= {own.word_layer: " ".join(words), own.gram_layer: " ".join(grams)}
        return orjson.dumps(document)

    def _layer(self, copied: CopyPage | None) -> str:
        return of_copy(self.viewers) if copied else OF_LEVEL[self.access.value]

    def _kept(self, kind: str, number: int, copied: CopyPage | None) -> dict[str, Any]:
        kept: dict[str, Any] = {
            "id": self.resource,
            "scope": [f"{kind}:{viewer}" for viewer in self.viewers],
            "number": number,
            "content": self.access.value,
        }
        if self.access.value == "closed" and self.access.opens_on:
            kept["shuts" if copied else "opens"] = self.access.opens_on.toordinal()
        kept["place"] = [apart(place) if copied else place for place in where(self.member)]
        if copied and self.member.released:
            kept |= {"content": masked(self.access.value), "release": self.member.released.release}
        return kept


def _black_stretches(text: str) -> list[Span]:
    """Where a blackened text is black."""
    return [found.span() for found in re.finditer(f"{BLACK}+", text)]


def carried(document: dict[str, Any]) -> dict[str, Any]:
    """What the page documents of a resource have of it: where it stands, its years, and its description as far as pages
    carry it, so that a word of a page and a year of its volume are found together."""
    return {
        ABOUT.word_layer: _first(document[DESCRIPTION.word_layer], document.get(PATH.word_layer, "")),
        ABOUT.gram_layer: _first(document[DESCRIPTION.gram_layer], document.get(PATH.gram_layer, "")),
        FORMS: _first_forms(document),
        "above": document["above"],
        **{end: document[end] for end in ("from", "to") if end in document},
    }


def _first_forms(document: dict[str, Any]) -> str:
    """Of the forms a description is written in, those of what pages have of it."""
    grams = document[DESCRIPTION.gram_layer]
    if grams.count(" ") < ABOUT_TOKENS:
        return str(document[FORMS])
    carried = _first(grams, document.get(PATH.gram_layer, ""))
    units = {*carried.split(" "), *carried}
    return " ".join(form for form in document[FORMS].split(" ") if spelled(fold(form.strip("!|"))) in units)


def _first(tokens: str, path: str) -> str:
    """The first tokens of a description, and the titles above it, which stand at its end."""
    first = tokens.split(" ", ABOUT_TOKENS)
    return tokens if len(first) <= ABOUT_TOKENS else " ".join([*first[:ABOUT_TOKENS], GAP, path])


def page_values(whole: Running) -> list[str]:
    """The texts of a page that are searched: as it runs, and both parts of divided words."""
    return [whole.text, *(" ".join(split.parts) for split in whole.splits)]


def rest_of_text(resource: str, viewers: Sequence[str], text: str) -> Iterator[bytes]:
    """A description beyond what its hit shows, in parts that can be searched."""
    for part, (start, end) in enumerate(cuts(text, KEPT), 1):
        words, grams = words_and_grams(text[start:end])
        own = PART.within(of_audience(viewers))
        yield orjson.dumps(
            {
                "id": resource,
                "scope": [f"rest:{viewer}" for viewer in viewers],
                "number": 0,
                "order": part,
                own.word_layer: " ".join(words),
                own.gram_layer: " ".join(grams),
                "full": _packed({"number": 0, "text": text[start:end]}),
            }
        )


def _masked_parts(page: Page, masks: Sequence[Span]) -> list[Part]:
    """The parts of a page, each with the stretches of its text that are masked."""
    parts, start = [], 0
    for part in parts_of(page):
        start = max(page.text.find(part.text, start), start)
        end = start + len(part.text)
        within = [(max(mask[0], start) - start, min(mask[1], end) - start) for mask in masks]
        parts.append((part, [one for one in within if one[0] < one[1]]))
        start = end
    return parts


def parts_of(page: Page) -> list[Page]:
    """A page in parts of about `PART_SIZE` characters, most pages in one; lines stay whole where they are no longer."""
    if len(page.text) <= PART_SIZE:
        return [page]
    if not page.lines:
        return [replace(page, text=page.text[start:end]) for start, end in cuts(page.text)]
    parts: list[list[tuple[int, tuple[Word, ...]]]] = [[]]
    length = 0
    for at, line in enumerate(page.lines):
        for piece in _pieces(line):
            size = sum(len(word.text) + 1 for word in piece)
            if parts[-1] and length + size > PART_SIZE:
                parts.append([])
                length = 0
            parts[-1].append((at, piece))
            length += size
    return [_part(page, lines) for lines in parts]


def cuts(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Stretches of about `PART_SIZE` characters from `start` on, which end with a line or word where they can."""
    while start < len(text):
        end = min(start + PART_SIZE, len(text))
        if end < len(text):
            gap = max(text.rfind("\n", start + PART_SIZE // 2, end), text.rfind(" ", start + PART_SIZE // 2, end))
            end = gap + 1 if gap > 0 else end
        yield start, end
        start = end


def _part(page: Page, lines: Sequence[tuple[int, tuple[Word, ...]]]) -> Page:
    """Some lines of a page; the last piece of a line has the rest of its divided word."""
    last = {at: place for place, (at, _) in enumerate(lines)}
    divided = tuple(replace(one, line=last[one.line]) for one in page.divided if one.line in last)
    words = tuple(piece for _, piece in lines)
    return replace(page, text="\n".join(map(line_text, words)), lines=words, divided=divided)


def _pieces(line: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """A line; one of a megabyte in pieces, its longest words cut."""
    if sum(len(word.text) for word in line) <= PART_SIZE:
        yield line
        return
    for word in line:
        for start, end in cuts(word.text):
            yield (replace(word, text=word.text[start:end]),)


def _packed(stored: dict[str, Any]) -> str:
    return b64encode(orjson.dumps(stored)).decode()
