"""The de-identified layer of a record: what a reader may be given of it once staff released it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from msgspec import Struct

from mappings.deidentification import KINDS, CopyPage, ImageMask, Kind, Mark, Release
from mappings.record import Page, Record, checksum, encode
from pipelines.deidentify.find import spans_of
from pipelines.deidentify.masks import MaskedPage, Masking, masked_page
from pipelines.deidentify.pseudonyms import Pseudonyms
from pipelines.personal.spans import Span

_AGAIN: Final = 0.7
LAYOUT: Final = "1"
"""Of masked pages as they are made from the same marks: another one makes them anew."""


class Proposal(Struct, frozen=True):
    """What the rules propose to mask. `text` is what stands there: personal data, for staff eyes only."""

    mark: Mark
    text: str
    rule: str
    confidence: float


class LayerPage(Struct, frozen=True):
    """A page of the layer. `image` is None where there is none, where it cannot be masked (a page without words, words
    without places), and where it is another item than those that were released.
    """

    masked: MaskedPage
    image: ImageMask | None

    @property
    def page(self) -> Page:
        """The page as it may be read and indexed: masked text and words, no image, no address."""
        return self.masked.page

    def kept(self) -> CopyPage:
        """The page as it is kept for readers."""
        return CopyPage(self.page, self.masked.stretches(), self.image)


class DeidentifiedLayer(Struct, frozen=True):
    """Text and pages of a record as they were released, in the order of `Record.pages`. Its description is none of it:
    that is read by everyone who may know of the record.
    """

    version: str
    released: str
    pages: tuple[LayerPage, ...]


def text_version(record: Record) -> str:
    """Tells a record's pages from any others: a word, a box or another image makes another version."""
    return checksum(LAYOUT.encode(), *map(encode, record.pages))


def proposals(
    record: Record, with_names: bool, masked: Sequence[Mark] = (), found: Sequence[Sequence[Span]] | None = None
) -> list[Proposal]:
    """What is to be looked at in a record before a copy is released, page by page. `with_names`: it is about private
    persons (`pipelines.deidentify.classes.class_of` says which class of them). `masked`: spans that are to be masked,
    such as those staff added; wherever their text stands again, it is proposed, too. `found` is what the rules find in
    it (`pipelines.deidentify.find.spans_of`), if that is known.
    """
    texts = [page.text for page in record.pages]
    found = spans_of(texts, with_names) if found is None else found
    by_page = {number: list(marks) for number, marks in groupby(sorted(masked), key=lambda mark: mark.page)}
    again = _again(texts, by_page)
    return [
        Proposal(Mark(number, span.start, span.end, span.kind), text[span.start : span.end], span.rule, span.confidence)
        for number, (text, spans) in enumerate(zip(texts, found, strict=True), 1)
        for span in sorted([*spans, *_free(again(text), [*spans, *by_page.get(number, ())])])
    ]


def _again(texts: Sequence[str], by_page: Mapping[int, list[Mark]]) -> Callable[[str], list[Span]]:
    """Finds in a text what stands at these marks; Latin words whole, nothing of a single character."""
    kinds: dict[str, Kind] = {}
    for number, marks in by_page.items():
        for mark in marks:
            said = texts[number - 1][mark.start : mark.end].strip() if number <= len(texts) else ""
            if len(said) > 1:
                kinds[said] = mark.kind
    if not kinds:
        return lambda text: []
    words = sorted(kinds, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])" for word in words))
    return lambda text: [Span(*one.span(), kinds[one[0]], "again", _AGAIN) for one in pattern.finditer(text)]


def _free(spans: Iterable[Span], taken: Sequence[Span | Mark]) -> list[Span]:
    """Those that touch none of the others."""
    return [one for one in spans if all(one.end <= other.start or other.end <= one.start for other in taken)]


def deidentified(record: Record, release: Release | None) -> DeidentifiedLayer | None:
    """The layer of a record with all its pages; None when no copy is released, or when the released one is of another
    text, so that somebody has to look at it again.
    """
    if release is None or release.version != text_version(record):
        return None
    pages = record.pages
    by_page = {
        number: _maskings(pages[number - 1].text, marks)
        for number, marks in groupby(sorted(release.marks), key=lambda mark: mark.page)
        if 0 < number <= len(pages)
    }
    names = Pseudonyms(
        page.text[mask.start : mask.end]
        for number, page in enumerate(pages, 1)
        for mask in by_page.get(number, ())
        if mask.kind == "name"
    )
    made = (_layer_page(page, by_page.get(number, []), names, release) for number, page in enumerate(pages, 1))
    return DeidentifiedLayer(release.version, release.at, tuple(made))


def _maskings(text: str, marks: Iterable[Mark]) -> list[Masking]:
    """Marks in order, without the blanks at their ends; where two overlap, what either covers is masked as the surer
    kind.
    """
    kept: list[Masking] = []
    for mark in sorted(marks, key=lambda one: (one.start, -one.end)):
        said = text[max(mark.start, 0) : mark.end]
        start = max(mark.start, 0) + len(said) - len(said.lstrip())
        end, kind = start + len(said.strip()), mark.kind
        if kept and start < kept[-1].end:
            before = kept.pop()
            surer = min(before.kind, kind, key=KINDS.index)
            kept.append(Masking(before.start, max(before.end, end), surer))
        elif start < end:
            kept.append(Masking(start, end, kind))
    return kept


def _layer_page(page: Page, masks: list[Masking], names: Pseudonyms, release: Release) -> LayerPage:
    masked = masked_page(page, masks, names)
    if page.image is None or masked.boxes is None or page.image not in release.images:
        return LayerPage(masked, None)
    digest = release.images[page.image]
    return LayerPage(masked, ImageMask(page.image, digest, page.frame, page.width, page.height, masked.boxes))
