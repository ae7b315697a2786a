"""Which characters the bytes of an ISO 2709 record are: UTF-8, MARC-8, GB18030 (GBK), Big5, or a single-byte encoding.

Leader/09 says "a" for Unicode and blank for MARC-8 in MARC 21 (https://www.loc.gov/marc/bibliographic/bdleader.html)
and nothing in UNIMARC; it is often wrong. So the bytes decide: what decodes as UTF-8 is UTF-8, since other text does so
by accident only when it is a word long; what cannot be MARC-8 is what a look at all such records of the file says.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct
from pymarc.marc8 import marc8_to_unicode

from mappings.formats.table.decoding import guess
from mappings.record import Problem

_RECODE = "convert the file to UTF-8, or correct leader position 09"
_NOT_ANSEL = re.compile(rb"[\x80-\x87\x8a-\x8c\x8f-\xa0\xaf\xbb\xc9-\xdf\xfc\xfd\xff]")
"""Bytes that stand for nothing in ANSEL (https://www.loc.gov/marc/specifications/codetables/ExtendedLatin.html)."""
_HIGH_PAIR = re.compile(rb"[\x80-\xff]{2}")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROLS = re.compile(rb"[\x00-\x1f]+")
_ESCAPE = rb"(?:\$[,)-]?|[(,)-])?[1-4BENQSbgps]"
"""What follows an escape character, with the sets that MARC-8 has
(https://www.loc.gov/marc/specifications/speccharmarc8.html, "Technique 2")."""
_ANSEL_IN_FULL = re.compile(rb"\x1b([()])!E")
_STRAY_ESCAPE = re.compile(rb"\x1b(?!" + _ESCAPE + rb")")
_SHORT_ESCAPE = re.compile(rb"\x1b([1-4BENQSbgp])")
"""Technique 1, written as technique 2: the library takes what follows a short escape for text, whatever it is."""
_MULTIBYTE = re.compile(rb"\x1b(?:\$,?|[(,])?1([^\x1b\x1e\x1f]*)")
_LONG_RUNS = 0.4  # share of bytes beyond ASCII that follow another: 0 to .2 in MARC-8 of Latin, .9 in Cyrillic and GBK


class Charset(Struct, frozen=True):
    """How to read the values of a record, and what is to be said of it."""

    name: str
    decode: Callable[[bytes], str]
    problem: Problem | None = None


class Charsets:
    """The encodings of one file; `head` are its first bytes, from which those that nothing declares are guessed."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._guessed: str | None = None

    def of(self, data: bytes, declared: str, marc21: bool) -> Charset:
        """The encoding of one record; `declared` is leader/09, which counts in MARC 21 only."""
        if data.isascii() and b"\x1b" not in data:
            return Charset("ascii", _utf8)
        if b"\x1b" not in data and _decodes(data, "utf-8"):
            wrong = marc21 and declared != "a"
            return Charset("utf-8", _utf8, _mismatch("MARC-8", "UTF-8") if wrong else None)
        if declared == "a" and _mostly_utf8(data):
            return Charset("utf-8", _utf8_or_marc8, odd_characters())
        if _may_be_marc8(data):
            said = _mismatch("UTF-8", "MARC-8") if marc21 and declared == "a" else None
            return Charset("marc-8", marc8, odd_characters() if _is_broken(data) else said)
        name = self._legacy(data)
        said = _mismatch("UTF-8" if declared == "a" else "MARC-8", name) if marc21 else None
        problem = said if _decodes(data, name) else odd_characters()
        return Charset(name, lambda value: value.decode(name, "replace"), problem)

    def _legacy(self, data: bytes) -> str:
        """What the undeclared records of the file are in, if this one can be; else what it looks like by itself."""
        if self._guessed is None:
            odd = [
                record
                for record in self._head.split(b"\x1d")
                if not _decodes(record, "utf-8") and not _may_be_marc8(record)
            ]
            self._guessed = _guess(b"\n".join(odd)) or _guess(data) or "cp1252"
        return self._guessed if _decodes(data, self._guessed) else _guess(data) or self._guessed


def _guess(data: bytes) -> str | None:
    return guess(_CONTROLS.sub(b"\n", data)) if data else None


def _mismatch(declared: str, found: str) -> Problem:
    reason = f"the leader says {declared}, the text is {found}; it was read as {found}"
    return Problem("wrong-encoding", reason, _RECODE, field="LDR/09")


def odd_characters() -> Problem:
    """What is said of a record in which some bytes could not be read."""
    reason = "some bytes are no characters of the record's encoding; they were replaced"
    return Problem("bad-characters", reason, "correct them in the source; the rest of the record was kept")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    """Are there sequences of UTF-8, and fewer bytes that are none?"""
    read = data.decode("utf-8", "replace")
    return read.count("\ufffd") < sum(char > "\x7f" for char in read) / 2


def _may_be_marc8(data: bytes) -> bool:
    """Escape sequences, or letters beyond ASCII and diacritics as ANSEL has them: one before each letter."""
    if b"\x1b" in data:
        return True
    if _NOT_ANSEL.search(data):
        return False
    high = len(_HIGH.findall(data))
    return 2 * len(_HIGH_PAIR.findall(data)) <= _LONG_RUNS * high


def _is_broken(data: bytes) -> bool:
    """MARC-8 with an escape that means nothing, or with a part of an East Asian character."""
    return bool(_STRAY_ESCAPE.search(data)) or any(len(found[1]) % 3 for found in _MULTIBYTE.finditer(data))


def _utf8(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _utf8_or_marc8(value: bytes) -> str:
    """A record of both: a value that is no UTF-8 may be MARC-8 of before the conversion, if it has its signs."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return marc8(value) if b"\x1b" in value else value.decode("utf-8", "replace")


def marc8(value: bytes) -> str:
    """MARC-8 to Unicode, East Asian characters included (https://www.loc.gov/marc/specifications/speccharmarc8.html)."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    value = _STRAY_ESCAPE.sub(b"", _ANSEL_IN_FULL.sub(b"\x1b\\1E", value))
    value = _SHORT_ESCAPE.sub(b"\x1b(\\1", value.replace(b"\x1bs", b"\x1b(B"))
    value = _MULTIBYTE.sub(_whole_characters, value)
    try:
        return str(marc8_to_unicode(value, hide_utf8_warnings=True))
    except (UnicodeDecodeError, ValueError, LookupError):
        return value.decode("utf-8", "replace")


def _whole_characters(found: re.Match[bytes]) -> bytes:
    """East Asian characters are three bytes each; what is left over of a damaged one would be taken for others."""
    run = found[0]
    extra = len(found[1]) % 3
    return run[: len(run) - extra] if extra else run
