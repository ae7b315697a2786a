"""Canvases as pages: label, size, where the image is at its owner, and what annotations in the file say of it.

https://iiif.io/api/presentation/3.0/#53-canvas  https://iiif.io/api/presentation/2.1/#canvas  Boxes are in the
canvas's own units, as the page's width and height are. Images and annotation pages named by address are not fetched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mappings.formats.iiif.pairs import pairs
from mappings.formats.iiif.values import (
    MAX_TEXT,
    Json,
    all_objects,
    first,
    identity,
    listed,
    objects,
    plain,
    type_of,
    web_address,
)
from mappings.formats.page_text import page_of
from mappings.languages import code_of
from mappings.record import Page, Word, clean

MAX_PAGES = 20_000
_MAX_ANNOTATIONS = 20_000
_MAX_WORDS = 50_000
"""A page; a newspaper page has ten thousand."""
_SUPPLEMENTING = frozenset({"supplementing", "transcribing"})
_PAINTING = frozenset({"painting", ""})
_XYWH = re.compile(r"xywh=(?:(pixel|percent|pct):)?(-?[\d.]+),(-?[\d.]+),(-?[\d.]+),(-?[\d.]+)")
_TEXT_TYPES = frozenset({"TextualBody", "ContentAsText", "Text"})
Box = tuple[float, float, float, float]


class Canvases(Struct, frozen=True):
    """The pages of a manifest; `numbers` says which page a canvas id is; `elsewhere` are files about a page (ALTO,
    annotations, other texts), as (page number, what it is, address); `notes` what is said of a page by itself.
    """

    pages: tuple[Page, ...]
    numbers: dict[str, int]
    elsewhere: list[tuple[int, str, str]]
    notes: list[tuple[int, str]]


def canvases(manifest: Json) -> Canvases:
    """All canvases in the order of the manifest: ``items``, or the first of ``sequences`` that has any."""
    pages: list[Page] = []
    numbers: dict[str, int] = {}
    elsewhere: list[tuple[int, str, str]] = []
    notes: list[tuple[int, str]] = []
    for canvas in _canvases(manifest):
        if len(pages) >= MAX_PAGES:
            break
        number = len(pages) + 1
        own = identity(canvas)
        if own is not None:
            numbers.setdefault(own, number)
        pages.append(_page(canvas, number))
        elsewhere += [(number, what, address) for what, address in _elsewhere(canvas)]
        notes += [(number, note) for note in _notes(canvas)]
    return Canvases(tuple(pages), numbers, elsewhere, notes)


def _notes(canvas: Json) -> Iterator[str]:
    """``summary`` and ``metadata`` of a canvas, a line each."""
    for key in ("summary", "description"):
        if text := first(canvas.get(key)):
            yield text
    for pair in pairs(canvas):
        value = "; ".join(line for text in pair.values for line in text.value.splitlines())
        yield f"{pair.label}: {value}" if pair.label else value


def _canvases(manifest: Json) -> Iterator[Json]:
    """The canvases of version 3, else those of the first sequence of version 2 that has any."""
    if isinstance(manifest.get("items"), list):
        yield from (one for one in all_objects(manifest["items"]) if type_of(one) in ("Canvas", ""))
        return
    for sequence in objects(manifest.get("sequences")):
        found = list(all_objects(sequence.get("canvases") or []))
        if found:
            yield from found
            return


def _page(canvas: Json, number: int) -> Page:
    """A canvas: transcriptions first, then what others say of it, then nothing."""
    width, height = _number(canvas.get("width")), _number(canvas.get("height"))
    found = [(_rank(one), one) for one in _annotations(canvas)]
    language: str | None = None
    lines: list[tuple[Word, ...]] = []
    for _, annotation in sorted((pair for pair in found if pair[0] is not None), key=lambda pair: pair[0] or 0):
        box = _box(annotation, width or 0.0, height or 0.0)
        for text, spoken in _bodies(annotation):
            language = language or spoken
            lines += _lines(text, box)
    kept = _bounded(lines)
    page = page_of(kept, _label(canvas), width, height, language if kept else None)
    return Page(number, page.text, page.label, None, width, height, page.lines, page.language, url=_image(canvas))


def _label(canvas: Json) -> str | None:
    """``label``, where it says more than "-"."""
    label = first(canvas.get("label"))
    return label if label and any(char.isalnum() for char in label) else None


def _bounded(lines: list[tuple[Word, ...]]) -> list[tuple[Word, ...]]:
    total = 0
    kept = []
    for line in lines:
        total += len(line)
        if total > _MAX_WORDS:
            break
        kept.append(line)
    return kept


def _annotations(canvas: Json) -> Iterator[Json]:
    """Every annotation that stands in the file: painted (``items``, ``images``), and about the canvas."""
    count = 0
    for holder in ("items", "annotations", "images", "otherContent"):
        for outer in all_objects(canvas.get(holder) or []):
            inner = outer.get("items", outer.get("resources"))
            for annotation in all_objects(inner) if isinstance(inner, list) else iter((outer,)):
                for one in (annotation, *_of_layers(annotation)):
                    count += 1
                    if count > _MAX_ANNOTATIONS:
                        return
                    yield one


def _of_layers(annotation: Json) -> Iterator[Json]:
    """Annotations about a painted image itself, or one of the images to choose from."""
    for body in objects(annotation.get("body")):
        for layer in (body, *objects(body.get("items"))):
            for page in objects(layer.get("annotations")):
                yield from all_objects(page.get("items") or [])


def _rank(annotation: Json) -> int | None:
    """0 for the text of the page, 1 for what is said about it; None for what has no words."""
    if not any(True for _ in _bodies(annotation)):
        return None
    motives = {str(one).rpartition(":")[2] for one in listed(annotation.get("motivation"))} or {""}
    return 0 if motives & (_SUPPLEMENTING | _PAINTING) else 1


def _bodies(annotation: Json) -> Iterator[tuple[str, str | None]]:
    """(text, language code) of the bodies that are text; a choice gives all it offers.

    https://www.w3.org/TR/annotation-model/#embedded-textual-body; ``chars`` in version 2.
    """
    waiting = list(reversed([*listed(annotation.get("body")), *objects(annotation.get("resource"))]))
    for _ in range(100):
        if not waiting:
            return
        body = waiting.pop()
        if isinstance(body, dict) and type_of(body) == "Choice":
            waiting += reversed(listed(body.get("items")))
            continue
        if isinstance(body, dict):
            value, language = body.get("value", body.get("chars")), body.get("language")
            if isinstance(value, str) and (type_of(body) in _TEXT_TYPES or "chars" in body):
                text = plain(value[:MAX_TEXT]).words
                if text:
                    spoken = next((one for one in listed(language) if isinstance(one, str)), None)
                    yield text, code_of(spoken) if spoken else None


def _lines(text: str, box: Box | None) -> list[tuple[Word, ...]]:
    """Lines of words, each in the box of the whole: an annotation says no more."""
    place = box or (0.0, 0.0, 0.0, 0.0)
    return [tuple(Word(word, *place) for word in line.split()) for line in text.splitlines() if line.strip()]


def _box(annotation: Json, width: float, height: float) -> Box | None:
    """The part of the canvas an annotation is about: ``xywh`` in pixels or percent (Media Fragments 1.0, 4.2.2)."""
    for target in [*listed(annotation.get("target")), *listed(annotation.get("on"))]:
        for text in _fragments(target):
            found = _XYWH.search(text)
            numbers = [_number(value) for value in found.groups()[1:]] if found else []
            if found and len(numbers) == 4 and None not in numbers:
                x, y, w, h = (number or 0.0 for number in numbers)
                if found[1] in ("percent", "pct"):
                    x, y, w, h = x * width / 100, y * height / 100, w * width / 100, h * height / 100
                return x, y, w, h
    return None


def _fragments(target: Any) -> Iterator[str]:
    """The texts of a target that may hold a fragment: its id, that of its source, its selectors."""
    if isinstance(target, str):
        yield target
    elif isinstance(target, dict):
        for selector in listed(target.get("selector")):
            if isinstance(selector, dict):
                inner = selector.get("default")
                values = (selector.get("value"), inner.get("value") if isinstance(inner, dict) else None)
                yield from (value for value in values if isinstance(value, str))
        for holder in (target, target.get("source"), target.get("full")):
            if own := identity(holder):
                yield own


def _image(canvas: Json) -> str | None:
    """Where the page's picture (or sound) lies at its owner: the first painted body, else its image service."""
    for annotation in _annotations(canvas):
        for given in [*objects(annotation.get("body")), *objects(annotation.get("resource"))]:
            body = _depicted(given)
            if type_of(body) not in _TEXT_TYPES and (address := web_address(identity(body)) or _of_service(body)):
                return address
    return None


def _depicted(body: Json) -> Json:
    """The picture itself: the first of a choice, the source of a part."""
    if type_of(body) == "Choice" or "default" in body:
        body = next(iter([*objects(body.get("default")), *objects(body.get("items"))]), body)
    source = body.get("source")
    return source if isinstance(source, dict) else body


def _of_service(body: Json) -> str | None:
    """The whole image by a service of the Image API (https://iiif.io/api/image/3.0/#4-image-requests)."""
    for service in objects(body.get("service")):
        if address := web_address(identity(service)):
            size = "max" if type_of(service).endswith("3") else "full"
            return f"{address.rstrip('/')}/full/{size}/0/default.jpg"
    return None


def _elsewhere(canvas: Json) -> Iterator[tuple[str, str]]:
    """Files about the page: ``seeAlso`` and ``rendering`` (ALTO, PDF, plain text), annotation pages only named."""
    for key in ("seeAlso", "rendering"):
        for resource in objects(canvas.get(key)):
            if own := identity(resource):
                what = first(resource.get("label")) or clean(resource.get("format")) or key
                yield ("ALTO" if _is_alto(resource) else what), own
    for key in ("annotations", "otherContent"):
        for resource in listed(canvas.get(key)):
            about = resource if isinstance(resource, dict) else {}
            stands_here = "items" in about or "resources" in about
            if not stands_here and (own := identity(resource)):
                yield first(about.get("label")) or "annotations", own


def _is_alto(resource: Json) -> bool:
    """Is a linked file ALTO, as its profile or label says?"""
    said = (resource.get("profile"), resource.get("dcterms:conformsTo"), first(resource.get("label")))
    return any("alto" in str(one).casefold() for one in said if one)


def _number(value: Any) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
