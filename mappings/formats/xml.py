"""One way to parse XML from outside: no network, no DTD, no entities from outside, no huge trees, damage reported with
its place.
"""

from __future__ import annotations

import codecs
import re
from io import BytesIO
from typing import Any, BinaryIO

from lxml import etree
from lxml.etree import _Element as Element

from mappings.record import Problem

# "internal": entities declared in the file itself are replaced, within libxml2's amplification limit; all others are
# not.
SAFE: dict[str, Any] = {
    "recover": True,
    "no_network": True,
    "load_dtd": False,
    "resolve_entities": "internal",
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": False,
}


KEPT = "what could be read was kept; repair the file and run again"


_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_HEAD = 400
"""Bytes at the beginning in which a file declares its encoding."""
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")


def parse(payload: bytes) -> tuple[Element | None, Problem | None]:
    """(root or None, what is wrong with the file or None)."""
    parser = etree.XMLParser(**SAFE)
    source = Sound(BytesIO(payload))
    try:
        root = etree.parse(source, parser).getroot()
    except (etree.LxmlError, ValueError, LookupError) as error:
        return None, first_error(parser.error_log) or Problem("damaged-xml", f"not well-formed: {error}", KEPT)
    return root, first_error(parser.error_log) or source.problem


class Sound:
    """A stream of XML without bytes that its encoding does not have, when that is UTF-8.

    libxml2, told to recover, hands such bytes over as they are, and then not even the name of an element can be asked
    for. They are read as Windows-1252, which most of them are; `problem` says where the first one was.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_plain: bool | None = None
        self._line = 1
        self.pieces = 0
        self.problem: Problem | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, about as many as asked for."""
        piece = self._stream.read(size)
        self.pieces += 1
        if self._is_plain is None:
            while len(piece) < _HEAD and (more := self._stream.read(_HEAD)):
                piece += more
            self._is_plain = _is_other(piece)
            self._decoder = codecs.getincrementaldecoder("utf-8")("as-windows-1252")
        if self._is_plain or self._decoder is None:
            return piece
        if piece.isascii() and not self._decoder.getstate()[0] and piece:
            self._line += piece.count(b"\n")
            return piece
        return self._mended(piece, self._decoder)

    def _mended(self, piece: bytes, decoder: codecs.IncrementalDecoder) -> bytes:
        before = decoder.getstate()[0]
        mended = decoder.decode(piece, final=not piece).encode()
        if self.problem is None and mended != (before + piece)[: len(mended)]:
            at = next(at for at, pair in enumerate(zip(mended, before + piece, strict=False)) if pair[0] != pair[1])
            line = self._line + mended.count(b"\n", 0, at)
            reason = "bytes that are not UTF-8; they were read as Windows-1252"
            self.problem = Problem("bad-bytes", reason, "save the file in UTF-8", f"line {line}")
        self._line += mended.count(b"\n")
        return mended if mended or not piece else self.read(1)  # nothing would mean the end


class Pruning:
    """May the tree that an ``iterparse`` grows be changed while it grows? Not any more once the file is damaged.

    libxml2, told to recover, may then still hold an element that has ended, and would go on in freed memory. What
    follows the damage stays in memory, at most `MOST_KEPT` elements of it.
    """

    MOST_KEPT = 1_000_000

    def __init__(self, events: Any, source: Sound) -> None:
        self._events = events
        self._source = source
        self._pieces = -1
        self._entries = 0
        self._kept = 0
        self._is_damaged = False

    def is_damaged(self) -> bool:
        """Has an error been met? They come with a piece of the file, before the elements in it are delivered."""
        if not self._is_damaged and self._pieces != self._source.pieces:
            self._pieces = self._source.pieces
            log = self._events.error_log
            self._is_damaged = len(log) > self._entries and first_error(log[self._entries :]) is not None
            self._entries = len(log)
        return self._is_damaged

    def may_cut(self) -> bool:
        """Asked for each element that has ended. Raises ValueError when too much had to be kept."""
        if not self.is_damaged():
            return True
        self._kept += 1
        if self._kept > self.MOST_KEPT:
            raise ValueError("too much follows the damage to be read without risk")
        return False


def _is_other(head: bytes) -> bool:
    """Is the file in another encoding than UTF-8, by its mark or declaration?"""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:200]:
        return True
    found = _DECLARED.search(head[:_HEAD])
    return found is not None and found[1].decode("ascii").lower() not in _UTF8


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 as those of Windows-1252; the five it lacks are U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("as-windows-1252", _as_windows_1252)


def first_error(log: Any) -> Problem | None:
    """The first error libxml2 recovered from, with its place; undeclared prefixes do not count."""
    for entry in log:
        if entry.level >= etree.ErrorLevels.ERROR and entry.domain != etree.ErrorDomains.NAMESPACE:
            reason = f"not well-formed: {entry.message.strip()[:200]}"
            return Problem("damaged-xml", reason, KEPT, f"line {entry.line}, column {entry.column}")
    return None


class _LocalNames(dict[object, str]):
    """Tag -> local name, worked out once per tag; nodes that are no elements have none."""

    def __missing__(self, tag: object) -> str:
        name = tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""
        if len(self) < 10_000:  # a hostile file may invent names without end
            self[tag] = name
        return name


LOCAL = _LocalNames()
