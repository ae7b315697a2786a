"""The lines of a GEDCOM file in any of its encodings, mended so that a strict reader takes them all.

A line that has no level and tag continues the one before it (long notes are often wrapped by hand), a level that jumps
is drawn in. Whatever was mended is a problem with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from mappings.formats.table.decoding import decode
from mappings.record import Problem

_LINE = re.compile(r"\s*(\d{1,2})\s+(?:(@[^@\s][^@]*@)\s+)?([A-Za-z0-9_-]+)(?: (.*))?", re.DOTALL)
_CHAR = re.compile(rb"^\s*1\s+CHAR\s+([\w-]+)", re.MULTILINE)
_POINTER = re.compile(r"@(?=[^A-Za-z0-9@][^@]*@\s*$)")
_BEFORE = "00"  # the reader wants identifiers that begin with a letter or digit; GEDCOM 7 allows an underscore
_CONTINUES = ("CONT", "CONC")
HINT = "export the file again, or correct this line"


class Lines(Struct, frozen=True):
    """A mended file in UTF-8, with the number of the original line of each level-0 record and what was mended."""

    payload: bytes
    starts: tuple[int, ...]
    problems: dict[int, Problem]
    encoding: Problem | None = None


def is_gedcom(payload: bytes) -> bool:
    """Does a file begin with ``0 HEAD``, in one byte a character or two?"""
    return re.match(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*0 +HEAD\b", payload[:200].replace(b"\0", b"")) is not None


def mended(payload: bytes) -> Lines:
    """All lines of a file that `is_gedcom`."""
    text, problem = _text(payload)
    written: list[str] = []
    starts: list[int] = []
    problems: dict[int, Problem] = {}
    level, previous = -1, ""
    for number, line in _numbered(text):
        found = _LINE.fullmatch(line)
        wrong = _wrong(found, level, previous)
        if wrong is not None and starts:
            problems.setdefault(starts[-1], Problem("damaged-gedcom", wrong, HINT, f"line {number}"))
        level, xref, tag, value = _parts(found, line, level, previous)
        if level == 0:
            starts.append(number)
        if level == 1 and tag == "CHAR" and len(starts) == 1:
            value = "UTF-8"
        written.append(" ".join(part for part in (str(level), xref, tag, value) if part))
        previous = tag
    written.append("0 TRLR\n")
    return Lines("\n".join(written).encode("utf-8", "replace"), tuple(starts), problems, problem)


def shown(xref: str) -> str:
    """An identifier as its file writes it, without the signs around it."""
    bare = xref.strip("@")
    return bare[2:] if bare.startswith(_BEFORE) and not bare[2:3].isalnum() else bare


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, blank ones left out; LF, CRLF and CR all end one."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line.strip():
            yield number, line


def _wrong(found: re.Match[str] | None, level: int, previous: str) -> str | None:
    if found is None:
        return "a line has no level and tag; it was taken for the rest of the line before it"
    stated = int(found[1])
    if stated > level + 1 or (stated == level + 1 and previous in _CONTINUES and found[3] not in _CONTINUES):
        return f"the level {stated} follows {level}; it was drawn in"
    return None


def _parts(found: re.Match[str] | None, line: str, level: int, previous: str) -> tuple[int, str, str, str]:
    """(level, identifier, tag, value) as the strict reader wants them."""
    inside = level if previous in _CONTINUES else level + 1
    if found is None:
        return max(inside, 1), "", "CONT", line.strip()
    xref = _POINTER.sub(f"@{_BEFORE}", found[2]) if found[2] else ""
    value = found[4] or ""
    if value.startswith("@"):
        value = _POINTER.sub(f"@{_BEFORE}", value, 1)
    if found[3] in _CONTINUES:
        return max(inside, 1), xref, found[3], value
    deepest = level if previous in _CONTINUES else level + 1
    return min(int(found[1]), deepest), xref, found[3], value


def _text(payload: bytes) -> tuple[str, Problem | None]:
    """ANSEL where the header says so and the bytes are not UTF-8 beyond doubt; else what the bytes show."""
    stated = _CHAR.search(payload[:20_000])
    if stated is None or stated[1].upper() != b"ANSEL" or payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = decode(payload)
        return (found.lines if found is not None else payload.decode("utf-8", "replace")).lstrip("\ufeff"), None
    try:
        text = payload.decode("utf-8")
        if not payload.isascii():
            reason = "the file declares ANSEL but is UTF-8; it was read as UTF-8"
            return text, Problem("wrong-encoding", reason, "correct its CHAR line", "line 1")
        return text, None
    except UnicodeDecodeError:
        import ged4py  # noqa: F401  registers the codec

        return unicodedata.normalize("NFC", payload.decode("gedcom", "replace")), None
