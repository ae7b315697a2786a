"""Which of a page's many versions is read and shown.

Text: ground truth before anything else; then groups made for full text; then later groups before earlier ones, because
each step of a workflow adds its group at the end (https://ocr-d.de/en/spec/mets#grouping-files-by-page). Within a group
PAGE, ALTO, hOCR, plain text. Image: what is meant to be looked at (PRESENTATION, DEFAULT, MAX, the scan itself) before
what a step made of it; thumbnails last; cut-outs and straightened pictures do not fit the boxes of the words and serve
only pages without any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mappings.formats.mets.files import File

_TRUTH = re.compile(r"(?:^|[-_ ])GT(?:[-_ ]|$)|GROUND[-_ ]?TRUTH", re.IGNORECASE)
_FULL_TEXT = re.compile(r"FULL[-_ ]?TEXT|(?:^|[-_ ])(?:GDZ)?OCR(?!-D)|ALTO|HOCR|TRANSCRI|TEXT", re.IGNORECASE)
_SEGMENTED = re.compile(r"(?:^|[-_ ])(?:SEG|BIN|IMG|CROP|DESKEW|DENOISE)", re.IGNORECASE)
_SHOWN = re.compile(r"PRESENTATION|DEFAULT|REFERENCE|ACCESS|(?:^|[-_ ])(?:MAX|JPE?GS?)(?:[-_ ]|$)", re.IGNORECASE)
_THUMB = re.compile(r"THUMB|PREVIEW|ICON|(?:^|[-_ ])(?:MIN|TEASER)(?:[-_ ]|$)", re.IGNORECASE)
_SAME_SHAPE = re.compile(r"BIN|DESPECK|DENOISE|GRAY|GREY|NRM|NORMALI[SZ]", re.IGNORECASE)
_OTHER_SHAPE = re.compile(r"CLIP|CROP|DESKEW|DEWARP|(?:^|[-_ ])(?:SEG|REGION|LINE|BLOCK)|THUMB", re.IGNORECASE)
_PART = re.compile(r"region|_line|_block", re.IGNORECASE)
_BY_PRODUCT = re.compile(r"TEXT|LICENSE|THUMB|METADATA", re.IGNORECASE)
_FORMATS = ("page", "alto", "hocr", "html", "plain")


def texts(files: Iterable[File]) -> list[File]:
    """The text files of a page that are here, the best first."""
    here = [file for file in files if file.name is not None and not file.is_image and _may_be_text(file)]
    return sorted(here, key=_text_rank)


def is_plain(file: File) -> bool:
    """Is it text without places, as the METS says it?"""
    return (file.media or "").startswith("text/plain") or (file.name or "").lower().endswith(".txt")


def _may_be_text(file: File) -> bool:
    name = (file.name or "").lower()
    return "xml" in (file.media or "") or (file.media or "").startswith("text/") or name.endswith((".xml", ".hocr"))


def _text_rank(file: File) -> tuple[int, int, int]:
    form = next((at for at, word in enumerate(_FORMATS) if word in (file.media or "")), len(_FORMATS))
    if _TRUTH.search(file.group):
        return 0, form, -file.order
    if _FULL_TEXT.search(file.group) and not _SEGMENTED.search(file.group):
        return 1, -file.order, form
    return (3 if _SEGMENTED.search(file.group) else 2), -file.order, form


def images(files: Iterable[File]) -> list[File]:
    """The images of a page, here or not, the best first."""
    return sorted((file for file in files if file.is_image), key=_image_rank)


def _image_rank(file: File) -> tuple[int, int]:
    if _THUMB.search(file.group):
        return 4, file.order
    if not fits_boxes(file):
        return 3, file.order
    if _SHOWN.search(file.group):
        return 0, file.order
    return (2 if _SAME_SHAPE.search(file.group) else 1), file.order


def fits_boxes(file: File) -> bool:
    """Does the picture show the whole page as it was scanned, so that boxes measured on the scan fit it?"""
    return not _OTHER_SHAPE.search(file.group) and not _PART.search(file.href)


def is_by_product(file: File) -> bool:
    """What DSpace makes beside the thing itself: extracted text, licences, thumbnails."""
    return bool(_BY_PRODUCT.search(file.group))
