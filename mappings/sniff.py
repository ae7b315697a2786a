"""Which format a file is, told by its first bytes; the name decides only between kinds of plain text.

`sniff` answers with a name of `mappings.registry`, whether or not that format is there yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from msgspec import Struct

HEAD = 64 * 1024
"""Bytes looked at."""
PAGES = frozenset({"alto", "hocr", "page", "image"})
"""Formats of which the files of one folder are one volume."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_MISC = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([\w.-]+)")
_IMAGES = (
    rb"\xff\xd8\xff", rb"\x89PNG\r\n\x1a\n", rb"GIF8[79]a", rb"II\*\x00", rb"MM\x00\*", rb"II\+\x00", rb"MM\x00\+",
    rb"RIFF.{4}WEBP", rb"\x00\x00\x00\x0cjP  ", rb"\xff\x4f\xff\x51", rb"BM.{12}[\x0c\x28\x40\x6c\x7c]\x00\x00\x00",
)  # fmt: skip
_IMAGE = re.compile(b"|".join(_IMAGES), re.DOTALL)
_LEADER = re.compile(rb"\s*\d{5}[\x20-\x7e]{7}[\d ]{5}[\x20-\x7e]{3}4[\x20-\x7e]{3}\d")
_LOOSE_LEADER = re.compile(rb"\s*[\d ]{5}[acdnposx][a-z][a-z0-9 ][\x20-\x7e]{16}")
_ENVELOPES = frozenset({
    "oai-pmh", "records", "record", "collection", "metadata", "listrecords", "rdf", "getrecord", "export",
})  # fmt: skip
_MARC = re.compile(r"<(?:[\w.-]+:)?(?:leader|controlfield|datafield)\b")
_DC = re.compile(
    r"<(?:[\w.-]+:)?dc[\s>]|<(?:dc|dcterms):\w+|<(?:[\w.-]+:)?dim[\s>]|<dim:|<(?:\w+:)?qualifieddc\b"
    r"|datacite\.org/schema"
)
_BARE = frozenset({"resource", "oai_datacite", "dim", "dcterms"})  # what a repository gives of one record
_INNER = re.compile(r"<(?:[\w.-]+:)?(ead|mets|mods|eac-cpf|alto|PcGts)[\s>]")
_ROOTS = {
    "ead": "ead", "eac-cpf": "eac", "alto": "alto", "pcgts": "page", "mets": "mets", "mods": "mods",
    "modscollection": "mods", "dc": "dc", "qualifieddc": "dc",
}  # fmt: skip
_OCR = re.compile(r"""class\s*=\s*["'][^"']*\bocr_page\b|name\s*=\s*["']ocr-(?:system|capabilities)""")
_IIIF = re.compile(r"iiif\.io/api/presentation|\"@?type\"\s*:\s*\"(?:sc:)?(?:Manifest|Collection|AnnotationPage)\"")
_GEOJSON = re.compile(r"\"type\"\s*:\s*\"(?:FeatureCollection|Feature|GeometryCollection)\"")
_TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".parquet", ".jsonl", ".ndjson"})
_TEXT_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".org", ".text", ""})
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINES_SEEN = 20


class Head(Struct, frozen=True):
    """The start of a file: its bytes, the same as text, the lower-case local name of the XML root, and the suffix."""

    data: bytes
    text: str
    root: str | None
    suffix: str


def sniff(data: bytes, name: str = "") -> str | None:
    """The format of a file from its first `HEAD` bytes; None when it is none we know."""
    head = _head(data[:HEAD], PurePosixPath(name).suffix.lower())
    return next((answer for test in _TESTS if (answer := test(head)) is not None), None) if data else None


def unread(data: bytes) -> tuple[str | None, str | None]:
    """What a file is that `sniff` has no format for, and what to do with it; None where nothing is known."""
    for marks, what, hint in _UNREAD:
        if data.startswith(marks):
            return what, hint
    if data[257:262] == b"ustar":
        return "an archive of files (tar)", _UNPACK
    root = _head(data[:HEAD], "").root
    if root == "html":
        return "HTML without recognised text", None
    return (f"XML whose root element is {root[:80]}", None) if root is not None else (None, None)


_UNPACK = "unpack it"
_UNREAD: tuple[tuple[tuple[bytes, ...], str, str | None], ...] = (
    ((b"PK\x03\x04", b"PK\x05\x06"), "an archive of files (ZIP)", _UNPACK),
    ((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"), "compressed", _UNPACK),
    ((b"7z\xbc\xaf", b"Rar!"), "an archive of files", _UNPACK),
    ((b"SQLite format 3\0",), "a SQLite database", "make a source with connector: sql of it"),
    ((b"\xd0\xcf\x11\xe0",), "an old Excel or Word file", "save it as .xlsx, CSV or PDF"),
)


def _head(data: bytes, suffix: str) -> Head:
    encoding = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    if encoding is None:
        encoding = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(data[:2], "utf-8")
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    return Head(data, text, _root(text), suffix)


def _root(text: str) -> str | None:
    """The first element, declarations and comments passed over."""
    at = 0
    while found := _MISC.match(text, at):
        at = found.end()
    root = _ROOT.match(text, at)
    return root[1].lower() if root else None


def _binary(head: Head) -> str | None:
    """PDF (the mark may come late), images, Parquet, workbooks; other archives and databases are nothing we read."""
    if b"%PDF-" in head.data[:1024]:
        return "pdf"
    if _IMAGE.match(head.data):
        return "image"
    if head.data.startswith(b"PAR1"):
        return "table"
    if head.data.startswith(b"PK\x03\x04") and (b"xl/" in head.data or b"[Content_Types].xml" in head.data):
        return "table"
    return None


def _marc(head: Head) -> str | None:
    """ISO 2709: a leader of 24 characters, and separators; a damaged leader is told by those alone."""
    if _LEADER.match(head.data) or (b"\x1e" in head.data[:20000] and _LOOSE_LEADER.match(head.data)):
        return "marc"
    return "marc" if head.suffix in (".mrc", ".marc", ".iso") and b"\x1e" in head.data else None


def _xml(head: Head) -> str | None:
    """By the root; of an envelope, by what is in it."""
    if head.root is None:
        return None
    if head.root in _ROOTS:
        return _ROOTS[head.root]
    if head.root in _BARE and _DC.search(head.text):
        return "dc"
    if head.root == "html":
        return "hocr" if _OCR.search(head.text) else None
    if head.root not in _ENVELOPES:
        return None
    inner = _INNER.search(head.text)
    if inner:
        return _ROOTS[inner[1].lower()]
    if _MARC.search(head.text):
        return "marc"
    return "dc" if head.root == "oai-pmh" or _DC.search(head.text) else None  # answers without records have rows, too


def _soup(head: Head) -> str | None:
    """hOCR that begins with anything but its root."""
    return "hocr" if head.root is not None and head.root != "html" and "ocr_page" in head.text else None


def _gedcom(head: Head) -> str | None:
    return "gedcom" if re.match(r"\s*0\s+HEAD\b", head.text) else None


def _json(head: Head) -> str | None:
    """IIIF, GeoJSON, MARC-in-JSON by their keys; any other JSON is a table."""
    start = head.text.lstrip()[:1]
    if start not in ("{", "["):
        return None
    if _IIIF.search(head.text):
        return "iiif"
    if _GEOJSON.search(head.text):
        return "geojson"
    if re.search(r"\"leader\"\s*:", head.text) and re.search(r"\"fields\"\s*:", head.text):
        return "marc"
    if not re.match(r"\s*(?:\[\s*[\[{\"\]]|\{\s*[\"}])", head.text):
        return None
    return "table" if _printable(head) else None


def _plain(head: Head) -> str | None:
    """Plain text: a table by its suffix or its even columns, else a text."""
    if head.root is not None or not _printable(head) or not head.text.strip():
        return None
    if head.suffix in _TABLE_SUFFIXES:
        return "table"
    if _is_even(head.text):
        return "table"
    return "text" if head.suffix in _TEXT_SUFFIXES else None


def _printable(head: Head) -> bool:
    """Next to no control characters but those of text (tab, line ends, escape)."""
    seen = head.text[:4096]
    return len(_CONTROLS.findall(seen)) * 100 <= len(seen) or _is_wide(head.data)


def _is_wide(data: bytes) -> bool:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    return data[1:200:2].count(0) > 80 or data[0:200:2].count(0) > 80


def _is_even(text: str) -> bool:
    """Do the first lines have the same number (one at least) of tabs, or (two at least) of commas?"""
    lines = [line for line in text.splitlines()[:_LINES_SEEN] if line.strip()]
    if len(lines) < 3:
        return False
    return any(len({line.count(mark) for line in lines}) == 1 and lines[0].count(mark) >= n for mark, n in _MARKS)


_MARKS = (("\t", 1), (",", 2), (";", 2))
_TESTS: tuple[Callable[[Head], str | None], ...] = (_binary, _marc, _xml, _soup, _gedcom, _json, _plain)
"""In this order: what is certain first."""
