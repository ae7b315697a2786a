"""Pages for a reader: what a hit shows of them, one opened with the words sought, and those of a volume that match."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from indexer.engines.base import Engine
from indexer.highlight import Highlighter, Span, marked, merged
from indexer.plan import Plan, Rights
from indexer.running import BLACK, Running, blackened, running_page
from mappings.deidentification import CopyPage, ImageMask
from mappings.record import Divided, Page, Word, decode_page
from mappings.text import is_han

PASSAGE = 80
"""Characters of the passage a page hit shows."""
Json = dict[str, Any]


class Copied(NamedTuple):
    """A page of a released copy: of which source and release it is, and itself; `is_whole` when it is not too long to
    be kept in one piece."""

    source: str
    release: str
    page: CopyPage
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of an index, as somebody may read them."""

    engine: Engine
    rights: Rights

    def hit(self, stored: Json, highlighter: Highlighter, plan: Plan) -> Json:
        """A page as a hit shows it: number, label, the words in context, how often they are on the page (None when it
        is too long to be counted).
        """
        text = stored["text"]
        found = highlighter.spans(_searched(text, stored.get("masks", ())))
        passage = highlighter.cut(text, found, PASSAGE) if found else self._deep(stored, highlighter, plan)
        return {
            "number": stored["number"],
            "label": stored["label"],
            "times": None if stored["cut"] else max(len(found), 1),
            "highlights": [passage] if passage else [],
        }

    def _deep(self, stored: Json, highlighter: Highlighter, plan: Plan) -> str | None:
        """A passage from further on than what is kept with the hit, or round a part of a divided word."""
        for sheet in self._read(stored, plan, 1):
            page, whole = _page(sheet), _whole(sheet)
            if not sheet.get("masks"):
                if passage := highlighter.passage(whole.text, PASSAGE):
                    return passage
            elif found := highlighter.spans(whole.text):
                return highlighter.cut(running_page(page).text, found, PASSAGE)
            if found := spans_of(whole, highlighter):
                return highlighter.cut(page.text.replace("\n", " "), found, PASSAGE)
        return None

    def _read(self, stored: Json, plan: Plan, size: int) -> list[Json]:
        """The sheet of a page; of a long one those of the parts that hold words of a plan."""
        identifier, number = stored["id"], stored["number"]
        if stored["parts"] > 1:
            return self.engine.parts(identifier, number, plan, size)
        return [sheet for sheet in (self.engine.page(identifier, number, self.rights),) if sheet]

    def text_passage(self, identifier: str, highlighter: Highlighter, plan: Plan) -> str | None:
        """A passage of a long description from further on than what is kept with its hit."""
        parts = self.engine.parts(identifier, 0, plan, 1)
        return highlighter.passage(parts[0]["text"]) if parts else None

    def opened(
        self, identifier: str, number: int, highlighter: Highlighter, plan: Plan, part: int | None
    ) -> Json | None:
        """A page with its words and boxes, or a part of a long one: the first that holds words of the plan when none is
        asked for. None when it may not be read.
        """
        sheet = self.engine.page(identifier, number, self.rights, part or 1)
        if sheet and sheet["parts"] > 1 and part is None:
            sheet = next(iter(self.engine.parts(identifier, number, plan, 1)), sheet)
        return _opened(sheet, highlighter) if sheet else None

    def found(self, identifier: str, numbers: Sequence[int], highlighter: Highlighter, plan: Plan) -> list[Json]:
        """Some pages of a resource as hits."""
        hits = self.engine.page_hits(identifier, numbers, self.rights)
        return [self.hit(hit.stored, highlighter, plan) for hit in hits]


def spans_of(whole: Running, highlighter: Highlighter) -> list[Span]:
    """Where the words sought stand in the stored text of a page: over line ends, and as parts of divided words."""
    found = [whole.stored(span) for span in highlighter.spans(whole.text)]
    found += [split.span for split in whole.splits if highlighter.spans(" ".join(split.parts))]
    return merged(found)


def _page(sheet: Json) -> Page:
    return decode_page(msgspec.json.encode(sheet["page"]))


def copied(sheet: Json | None) -> Copied | None:
    """The page of a released copy that a sheet is; None for one of a text."""
    if sheet is None or "release" not in sheet:
        return None
    mask = sheet["mask"] and msgspec.convert(sheet["mask"], ImageMask)
    page = CopyPage(_page(sheet), tuple((start, end) for start, end in sheet["masks"]), mask)
    return Copied(sheet["source"], sheet["release"], page, sheet["parts"] == 1)


def _whole(sheet: Json) -> Running:
    """The text of a page as it is searched: of a copy without what is masked."""
    return blackened(running_page(_page(sheet)), sheet.get("masks", ()))


def _searched(text: str, black: Sequence[Span]) -> str:
    """The running text of a page hit as it is searched."""
    for start, end in black:
        text = text[:start] + BLACK * (end - start) + text[end:]
    return text


def _opened(sheet: Json, highlighter: Highlighter) -> Json:
    page = _page(sheet)
    found = spans_of(_whole(sheet), highlighter)
    return {
        "number": sheet["number"],
        "label": page.label,
        "text": page.text,
        "width": page.width,
        "height": page.height,
        "language": page.language,
        "image": bool(page.image or sheet.get("mask")),
        "deidentified": "release" in sheet,
        "url": page.url,
        "read_by": page.read_by,
        "confidence": _confidence(page) if page.read_by else None,
        "lines": list(_lines(page, found)),
        "highlights": [marked(page.text, found)] if found else [],
        "hits": len(found),
        "part": sheet["part"],
        "parts": sheet["parts"],
    }


def _lines(page: Page, found: Sequence[Span]) -> Iterator[list[Json]]:
    """Lines of words with their boxes. Of a match `hit` says which it is on the page, from 1, and `boxes` where it is:
    on both lines of a divided word, and on the characters alone of a longer Han word.
    """
    starts = [start for start, _ in found]
    rests = _rests(page)
    at = 0
    for number, line in enumerate(page.lines):
        row = []
        for place, word in enumerate(line, 1):
            at += page.text.startswith(" ", at)
            end = at + len(word.text)
            hit = bisect_right(starts, end - 1)
            match = hit > 0 and found[hit - 1][1] > at
            row.append({"text": word.text, **_box(word), "match": match})
            if match:
                parts = [_share(word, found[hit - 1][0] - at, found[hit - 1][1] - at)]
                if place == len(line):
                    parts += map(_box, rests.get(number, ()))
                row[-1] |= {"hit": hit, "boxes": parts}
            at = end
        yield row
        at += 1


def _box(place: Word | Divided) -> Json:
    return {"x": place.x, "y": place.y, "w": place.width, "h": place.height}


def _share(word: Word, start: int, end: int) -> Json:
    """The box of some characters of a word: Han characters share it evenly along its longer side, other words are
    whole.
    """
    box, length = _box(word), len(word.text)
    start, end = max(start, 0), min(end, length)
    if end - start < length and all(map(is_han, word.text)):
        place, side = ("y", "h") if word.height > word.width else ("x", "w")
        step = box[side] / length
        box[place], box[side] = round(box[place] + step * start, 2), round(step * (end - start), 2)
    return box


def _rests(page: Page) -> dict[int, list[Divided]]:
    """The rests of divided words by the line the word stands in."""
    rests: dict[int, list[Divided]] = {}
    for divided in page.divided:
        rests.setdefault(divided.line, []).append(divided)
    return rests


def _confidence(page: Page) -> float | None:
    """How sure whoever read a page is of it, 0 to 1: the mean over its characters; None when nobody says."""
    said = [(len(word.text), word.confidence) for line in page.lines for word in line if word.confidence is not None]
    total = sum(length for length, _ in said)
    return round(sum(length * sure for length, sure in said) / total, 2) if total else None
