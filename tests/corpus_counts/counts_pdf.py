"""PDF and IIIF of the corpus, counted by us and without any of our code: bytes of PDF, JSON walked naively."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping
from tests.contracts.mapping_contract import mapped
from tests.corpus_counts.table import Count

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page(?!\w)")
_FILE = re.compile(rb"/Type\s*/EmbeddedFile(?!\w)")
_ENTRY = re.compile(rb"/Title\b(?:(?!/Title\b|endobj).){1,600}?/Parent\b|/Parent\b[^<>]*?/Title\b", re.DOTALL)
_BYTES = "bytes, streams inflated with zlib"
_NOT_SHOWN = frozenset(
    {"placeholderCanvas", "accompanyingCanvas", "structures", "start", "target", "on", "partOf", "source"}
)
_CANVASES = frozenset({"Canvas", "sc:Canvas"})
_FILE_ADDRESS = re.compile(r'"@?id": "https?://[^"]*(?:\.|/full/)')
_ALTO = re.compile(r'"https?://www.loc.gov/standards/alto/[^"]*"')
_WALK = "JSON walked naively"


def rows(corpus: Path) -> Iterator[Count]:
    """Files, pages, outline entries, attachments of PDF; manifests, canvases, images, annotated words, ALTO of IIIF."""
    yield from _pdf(corpus / "digitised")
    yield from _iiif(corpus / "iiif")


def _pdf(folder: Path) -> Iterator[Count]:
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for path in sorted(folder.glob("pdf-*/**/*.pdf")):
        payload = path.read_bytes()
        record = _records("pdf", path)[0]
        labels = (("outline entries", "contents"), ("attachments", "attachments"))
        lines = {what: len(record.description.get(key, "").splitlines()) for what, key in labels}
        ours.update({"files": 1, "pages": len(record.pages), **lines})
        theirs.update({"files": payload.startswith(b"%PDF-"), **_counted(payload)})
    for what in ours:
        yield Count("pdf", what, ours[what], theirs[what], _BYTES)


def _counted(payload: bytes) -> dict[str, int]:
    """What the bytes say, those in compressed streams too; valid as none of these files keeps objects out of use."""
    opened = [payload]
    for stream in _STREAM.findall(payload):
        try:
            opened.append(zlib.decompressobj().decompress(stream, 5_000_000))
        except zlib.error:
            continue
    whole = b"\n".join(opened)
    entries = len(_ENTRY.findall(whole))
    return {
        "pages": len(_PAGE.findall(whole)),
        "outline entries": entries,
        "attachments": len(_FILE.findall(whole)),
    }


def _iiif(folder: Path) -> Iterator[Count]:
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.json")):
        for record in _records("iiif", path):
            ours["records"] += 1
            ours["pages"] += len(record.pages)
            ours["images and sounds"] += sum(page.url is not None for page in record.pages)
            ours["words of annotations"] += sum(len(line) for page in record.pages for line in page.lines)
            ours["links to ALTO"] += record.description.get("page_files", "").count(": ALTO: ")
        theirs.update(_walked(json.loads(path.read_bytes())))
    for what in ours:
        yield Count("iiif", what, ours[what], theirs[what], _WALK)


def _walked(loaded: Any) -> dict[str, int]:
    """Counts of a manifest or collection; nothing for other files."""
    kind = loaded.get("type", loaded.get("@type"))
    if kind not in ("Manifest", "sc:Manifest", "Collection", "sc:Collection"):
        return {}
    canvases = list(_canvases(loaded))
    return {
        "records": 1,
        "pages": len(canvases),
        "images and sounds": sum(bool(_FILE_ADDRESS.search(_painted(one))) for one in canvases),
        "words of annotations": sum(_words(one) for one in canvases),
        "links to ALTO": sum(len(_ALTO.findall(json.dumps(one))) for one in canvases),
    }


def _canvases(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _canvases(one)
    elif isinstance(value, dict):
        if value.get("type", value.get("@type")) in _CANVASES:
            yield value
            return
        for key, one in value.items():
            if key not in _NOT_SHOWN:
                yield from _canvases(one)


def _painted(canvas: dict[str, Any]) -> str:
    """What is painted on a canvas, as text."""
    bodies: list[Any] = [image.get("resource") for image in canvas.get("images", [])]
    for page in canvas.get("items", []):
        bodies += [annotation.get("body") for annotation in page.get("items", [])]
    return json.dumps([body for body in bodies if isinstance(body, dict) and body.get("type") != "TextualBody"])


def _words(value: Any) -> int:
    """Words of all textual bodies below, tags taken out by the plainest rule."""
    if isinstance(value, list):
        return sum(map(_words, value))
    if not isinstance(value, dict):
        return 0
    if value.get("type") == "TextualBody":
        return len(re.sub(r"<[^>]*>", " ", value.get("value", "")).split())
    return sum(_words(one) for key, one in value.items() if key not in _NOT_SHOWN)


def _records(name: str, path: Path) -> list[Record]:
    found = mapped(mapping(name, MappingOptions()), (path.name, path.read_bytes()))
    return [outcome for outcome in found if isinstance(outcome, Record)]
