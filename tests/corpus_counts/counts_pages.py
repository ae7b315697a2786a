"""Page formats of the corpus counted twice: by our mappings, and by regular expressions, Pillow and `mets:div`s.

The naive readers know the start tags and nothing else: no namespaces, no reading order, no parser that mends anything.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from connectors.registry import connector
from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping
from pipelines.items import Unit, read_unit, units
from tests.corpus_counts.table import Count

HOCR = "digitised/newspapers-alto-hocr"
WOODBLOCK = "digitised/chinese-woodblock-page-xml"
OCRD = "digitised/ocrd-mets-page"
PHOTOS = "digitised/ocr-images-multilingual"
TIFFS = "digitised/pdf-samples"
REGEX = "regular expressions"
_TAG = re.compile(r"<[^>]*>")


def rows(corpus: Path) -> Iterator[Count]:
    """Every count of the page formats."""
    yield from _hocr(corpus)
    yield from _woodblock(corpus)
    yield from _page_words(corpus)
    yield from _mets(corpus)
    yield from _images(corpus)


@cache
def volumes(name: str, folder: Path) -> tuple[Record, ...]:
    """All records a mapping gives of a folder, by the way a run takes."""
    made = mapping(name, MappingOptions())
    found: list[Record] = []
    for unit in units(connector("folder", {"path": str(folder)}, Path()).read(None), made.unit):
        assert isinstance(unit, Unit)
        found += [outcome for outcome in made.records(read_unit(unit)[1]) if isinstance(outcome, Record)]
    return tuple(found)


def _sum(records: tuple[Record, ...], of: Callable[[Any], int]) -> int:
    return sum(of(page) for record in records for page in record.pages)


def _texts(folder: Path, suffix: str, must: str) -> list[str]:
    found = [path.read_text("utf-8") for path in sorted(folder.rglob(f"*{suffix}"))]
    return [text for text in found if must in text]


def _hocr(corpus: Path) -> Iterator[Count]:
    """Pages; lines with a word; words, those divided at a line end once."""
    ours, texts = volumes("hocr", corpus / HOCR), _texts(corpus / HOCR, ".html", "ocr_page")
    lines = [line for text in texts for line in _hocr_lines(text)]
    divided = sum(
        before[-1].endswith("\u00ad") and len(before[-1]) > 1 and after[0][:1].isalpha()
        for text in texts
        for before, after in _pairs(_hocr_lines(text))
    )
    emptied = sum(
        len(after) == 1 and before[-1].endswith("\u00ad") and after[0][:1].isalpha()
        for text in texts
        for before, after in _pairs(_hocr_lines(text))
    )
    yield Count("hocr", "pages", _sum(ours, lambda page: 1), sum(len(_classes(t, "ocr_page")) for t in texts), REGEX)
    yield Count("hocr", "lines", _sum(ours, lambda page: len(page.lines)), len(lines) - emptied, REGEX)
    words = sum(map(len, lines)) - divided
    yield Count("hocr", "words", _sum(ours, lambda page: sum(map(len, page.lines))), words, REGEX)


def _classes(text: str, name: str) -> list[str]:
    return re.findall(rf"""class\s*=\s*["']{name}["']""", text)


def _hocr_lines(text: str) -> list[list[str]]:
    """The words of each line that has any."""
    pieces = re.split(r"""<span[^>]*class\s*=\s*["']ocr_line["'][^>]*>""", text)[1:]
    found = re.compile(r"""<span[^>]*class\s*=\s*["']ocrx_word["'][^>]*>(.*?)</span>""", re.DOTALL)
    lines = [[html.unescape(_TAG.sub("", word)).strip() for word in found.findall(piece)] for piece in pieces]
    return [words for line in lines if (words := [word for word in line if word.strip("\u00ad")])]


def _pairs(lines: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    return list(itertools.pairwise(lines))


def _woodblock(corpus: Path) -> Iterator[Count]:
    """Pages, lines with text, and characters."""
    ours, texts = volumes("page", corpus / WOODBLOCK), _texts(corpus / WOODBLOCK, ".xml", "<PcGts")
    lines = [line for text in texts for line in _page_lines(text)]
    yield Count("page", "woodblock pages", _sum(ours, lambda page: 1), sum(t.count("<Page ") for t in texts), REGEX)
    yield Count("page", "woodblock lines", _sum(ours, lambda page: len(page.lines)), len(lines), REGEX)
    characters = sum(len("".join(line.split())) for line in lines)
    yield Count(
        "page", "woodblock characters", _sum(ours, lambda page: len("".join(page.text.split()))), characters, REGEX
    )


def _page_lines(text: str) -> list[str]:
    """The text of each line that has one and no words of its own."""
    lines = re.findall(r"<(?:pc:)?TextLine[ >].*?</(?:pc:)?TextLine>", text, re.DOTALL)
    found = [re.search(r"<(?:pc:)?Unicode>(.*?)</", line, re.DOTALL) for line in lines]
    return [said for one in found if one and (said := html.unescape(one[1]).strip())]


def _page_words(corpus: Path) -> Iterator[Count]:
    """Letters and marks of the words of ground truth, however they are grouped into words."""
    ours = [record for record in volumes("page", corpus / OCRD / "kant_aufklaerung_1784") if "PAGE" in record.source_id]
    letters = 0
    for text in _texts(corpus / OCRD / "kant_aufklaerung_1784/data/OCR-D-GT-PAGE", ".xml", "<PcGts"):
        words = re.findall(r"<Word[ >].*?</Word>", text, re.DOTALL)
        found = [re.findall(r"<Unicode>(.*?)</Unicode>", word, re.DOTALL)[-1] for word in words]
        letters += sum(map(_letters, map(html.unescape, found)))
    yield Count(
        "page",
        "letters of ground truth",
        _sum(tuple(ours), lambda page: _letters(page.text)),
        letters,
        REGEX,
    )


def _letters(text: str) -> int:
    """Without blanks and hyphens, since divided words are put together."""
    return len(re.sub(r"[\s\u2e17=-]", "", text))


def _mets(corpus: Path) -> Iterator[Count]:
    """Objects, and pages by ``div``s of that type; those of the one whose files all lie elsewhere are only counted."""
    ours = volumes("mets", corpus / OCRD)
    texts = _texts(corpus / OCRD, ".xml", "<mets:mets")
    pages = sum(len(re.findall(r"""<mets:div[^>]*TYPE=["']page["']""", text)) for text in texts)
    yield Count("mets", "objects", len(ours), len(texts), REGEX)
    yield Count("mets", "pages", sum(copy.page_count for record in ours for copy in record.copies), pages, REGEX)
    here = {str(path.relative_to(corpus / OCRD)) for path in (corpus / OCRD).rglob("*") if path.is_file()}
    named = {page.image for record in ours for page in record.pages if page.image}
    yield Count("mets", "images of pages that are there", len(named & here), len(named), "the file system")
    dspace = corpus / "oai/mit-transmogrifier"
    objects = sum(len(re.findall(r"<mets[\s>]", text)) for text in _texts(dspace, ".xml", "loc.gov/METS"))
    yield Count("mets", "objects of DSpace", len(volumes("mets", dspace)), objects, REGEX)


def _images(corpus: Path) -> Iterator[Count]:
    """Pages by frames, and their area."""
    from PIL import Image

    for folder in (PHOTOS, TIFFS):
        kept = [page for record in volumes("image", corpus / folder) for page in record.pages]
        frames = area = 0
        for name in {page.image for page in kept}:
            with Image.open(corpus / folder / str(name)) as image:
                frames += getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
                area += image.width * image.height
        images = [
            p for p in (corpus / folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif", ".tiff")
        ]
        second = len(images) - len({path.with_suffix("") for path in images})
        where = folder.rpartition("/")[2]
        yield Count("image", f"pages of {where}", len(kept), frames, "Pillow")
        yield Count("image", f"files of {where}", len({p.image for p in kept}) + second, len(images), "the file system")
        ours = sum(int((page.width or 0) * (page.height or 0)) for page in kept)
        yield Count("image", f"pixels of {where}", ours, area, "Pillow")
