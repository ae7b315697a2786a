"""ISO 2709, read by what cannot lie: terminators. Leader and directory are believed only where they agree with them.

pymarc's reader goes by the lengths in leader and directory and ends, or cuts values short, where these are wrong; real
files have wrong leaders, lengths counted in characters, junk between records and records cut off. Here a record ends at
its terminator (1D), or where the leader of another begins; its directory ends at the first field terminator (1E); a
field is where its directory entry says if terminators stand around it, else the next piece between terminators.

https://www.loc.gov/marc/specifications/specrecstruc.html
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from msgspec import Struct
from pymarc import Field

from mappings.base import Failed
from mappings.formats.marc.encodings import Charset, Charsets, odd_characters
from mappings.formats.marc.model import MarcRecord, bad_tags, make_field, nothing_in
from mappings.formats.reading import read_up_to
from mappings.record import Problem

END_OF_FIELD, END_OF_RECORD, SUBFIELD = b"\x1e", b"\x1d", b"\x1f"
LONGEST = 8 * 2**20
"""Bytes of one record. The format ends at 99,999; systems that go beyond it write the terminators all the same."""
_PIECE = 1 << 20
_LEADER = re.compile(rb"\d{5}[^\d\x00-\x1f]{2}[\x20-\x7e]{5}\d{5}[\x20-\x7e]{7}(?=[0-9A-Z]{3}[\d ]{9}|\x1e)")
"""Length, status, type, level and indicators' numbers, base address, the rest; then a directory entry, or none."""
_DIRECTORY = re.compile(rb"[\x00\x1a\r\n\t]*([\x20-\x7e]{24})[0-9A-Za-z]{3}\d{9}")
"""What begins a piece with a directory, whatever its leader says."""
_ENTRY = 12
_LINE_ENDS = b"\x00\x1a\r\n\t"
_PADDING = _LINE_ENDS + b" "
"""What exports fill up with: nothing of a record."""
_MOST_FIELDS = 20_000
_REPAIR = "export the record again, or correct it in the source"


class Chunk(Struct, frozen=True):
    """The bytes of one record without its terminator, where they begin, and whether the terminator was there."""

    data: bytes
    offset: int
    ended: bool = True
    problems: tuple[Problem, ...] = ()


def looks_like_iso2709(head: bytes) -> bool:
    """Is there a leader with a directory, or at least text with the terminators of the format?"""
    if _LEADER.match(head.lstrip(_PADDING)) or _starts(head):
        return True
    return END_OF_FIELD in head and SUBFIELD in head and b"\0" not in head


def read(stream: BinaryIO) -> Iterator[MarcRecord | Failed]:
    """Every record of a file in turn; the place of each is told as ``record 17, byte 23456``."""
    head = read_up_to(stream, _PIECE)
    charsets = Charsets(head)
    number = 0
    for chunk in _separated(_terminated(stream, head)):
        if not chunk.problems and not chunk.data.strip(_PADDING):
            continue
        number += 1
        yield _record(chunk, f"record {number}, byte {chunk.offset}", charsets)


def _terminated(stream: BinaryIO, held: bytes) -> Iterator[Chunk]:
    """The pieces between record terminators; of one that is too long none of it, but that it was there."""
    offset = 0  # of `held` in the file
    while True:
        *whole, rest = held.split(END_OF_RECORD)
        for piece in whole:
            yield Chunk(piece, offset)
            offset += len(piece) + 1
        rest, ended = _completed(stream, rest)
        if len(rest) > LONGEST and not ended:
            reason = f"no record ends within {LONGEST} bytes; it was left out up to the next terminator"
            yield Chunk(b"", offset, False, (Problem("too-large", reason, _REPAIR),))
            held, passed = _skip(stream)
            offset += len(rest) + passed
        elif ended:
            held = rest
        else:
            if rest:
                yield Chunk(rest, offset, False)
            return


def _completed(stream: BinaryIO, begun: bytes) -> tuple[bytes, bool]:
    """What was begun and what follows, up to a piece with a terminator; False when none came, or not soon enough."""
    pieces = [begun]
    length = len(begun)
    while length <= LONGEST and (piece := stream.read(_PIECE)):
        pieces.append(piece)
        length += len(piece)
        if END_OF_RECORD in piece:
            return b"".join(pieces), True
    return b"".join(pieces), False


def _skip(stream: BinaryIO) -> tuple[bytes, int]:
    """What follows the next record terminator, and how many bytes were passed over."""
    passed = 0
    while piece := stream.read(_PIECE):
        end = piece.find(END_OF_RECORD)
        if end >= 0:
            return piece[end + 1 :], passed + end + 1
        passed += len(piece)
    return b"", passed


def _separated(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Records that lack the terminator between them, told by the leader of the second; junk before a leader is cut."""
    for chunk in chunks:
        starts = _starts(chunk.data)
        if not starts:
            yield chunk
            continue
        junk = chunk.data[: starts[0]]
        problems = chunk.problems
        if junk.strip(_PADDING):
            reason = f"{len(junk)} bytes that belong to no record stand before this one; they were left out"
            problems = (*problems, Problem("junk-between-records", reason, "clean the file"))
        for start, end in zip(starts, [*starts[1:], len(chunk.data)], strict=True):
            ended = chunk.ended or end < len(chunk.data)
            missing = () if end == len(chunk.data) else (_unterminated(chunk.offset + end),)
            yield Chunk(chunk.data[start:end], chunk.offset + start, ended, (*problems, *missing))
            problems = ()


def _starts(data: bytes) -> list[int]:
    """Where leaders begin: a leader, and behind it a directory of whole entries that a field terminator ends."""
    starts: list[int] = []
    at, end = 0, -1
    if found := _DIRECTORY.match(data):
        end = data.find(END_OF_FIELD)
        if (end - found.start(1) - 24) % _ENTRY == 0:
            starts.append(found.start(1))
            at = end + 1
    while found := _LEADER.search(data, at):
        start = found.start()
        if end < start:
            end = data.find(END_OF_FIELD, start)
        if end < 0:
            break
        begins = (end - start - 24) % _ENTRY == 0
        if begins:
            starts.append(start)
        at = end + 1 if begins else start + 1
    return starts


def _unterminated(offset: int) -> Problem:
    reason = f"the record has no terminator; the next one begins at byte {offset}"
    return Problem("bad-length", reason, _REPAIR, field="LDR/00-04")


def _record(chunk: Chunk, position: str, charsets: Charsets) -> MarcRecord | Failed:
    """One record, or why there is none."""
    if any(problem.code == "too-large" for problem in chunk.problems):
        return Failed(_placed(chunk.problems[0], position))
    data = chunk.data.lstrip(_LINE_ENDS)
    base = data.find(END_OF_FIELD)
    if base < 24:
        return Failed(_no_directory(chunk, position))
    leader = data[:24].decode("ascii", "replace")
    entries = _directory(data[24:base])
    problems = [*chunk.problems, *_leader_problems(data, base, chunk.ended)]
    values, matched = _values(data, base + 1, entries)
    if matched:
        problems.append(matched)
    charset = charsets.of(data, leader[9], any(tag == "245" for tag, _, _ in entries))
    if charset.problem:
        problems.append(charset.problem)
    fields = _fields(values, charset, problems)
    if charset.problem is None and _has_replaced(data, fields):
        problems.append(odd_characters())
    if not fields:
        return nothing_in([_placed(problem, position) for problem in problems if problem.code == "bad-tag"], position)
    return MarcRecord(leader, fields, position, [_placed(problem, position) for problem in problems])


def _placed(problem: Problem, position: str) -> Problem:
    return Problem(problem.code, problem.reason, problem.hint, position, problem.field)


def _no_directory(chunk: Chunk, position: str) -> Problem:
    """Nothing with a leader and a directory: a beginning cut off, or bytes of something else."""
    if not chunk.ended:
        reason = f"the file ends within the leader or directory of this record, {len(chunk.data)} bytes into it"
        return Problem("truncated-record", reason, "fetch the file again", position)
    reason = f"no leader and directory in {len(chunk.data)} bytes: found {chunk.data[:24]!r}"
    return Problem("bad-leader", reason, _REPAIR, position)


def _leader_problems(data: bytes, base: int, ended: bool) -> Iterator[Problem]:
    """Leader/00-04 is the length, leader/12-16 where the data begin (specrecstruc, "Leader")."""
    if not ended:
        reason = f"the file ends within this record, {len(data)} bytes into it; the fields up to there were kept"
        yield Problem("truncated-record", reason, "fetch the file again")
    elif data[:5] != b"%05d" % (len(data) + 1) and len(data) < 99_999:
        reason = f"the leader says {_shown(data[:5])} bytes, the record has {len(data) + 1}"
        yield Problem("bad-length", reason, _REPAIR, field="LDR/00-04")
    if data[12:17] != b"%05d" % (base + 1):
        reason = f"the leader says that the data begin at {_shown(data[12:17])}, they begin at {base + 1}"
        yield Problem("bad-leader", reason, _REPAIR, field="LDR/12-16")


def _shown(digits: bytes) -> str:
    return repr(digits.decode("latin-1"))


def _directory(raw: bytes) -> list[tuple[str, int, int]]:
    """(tag, length, start) of each entry; what is no number is -1."""
    entries = []
    for place in range(0, min(len(raw), _ENTRY * _MOST_FIELDS), _ENTRY):
        entry = raw[place : place + _ENTRY]
        length, start = entry[3:7], entry[7:12]
        entries.append(
            (
                entry[:3].decode("latin-1"),
                int(length) if length.isdigit() else -1,
                int(start) if start.isdigit() else -1,
            )
        )
    return entries


def _values(
    data: bytes, base: int, entries: list[tuple[str, int, int]]
) -> tuple[list[tuple[str, bytes]], Problem | None]:
    """Each field with its bytes: where the directory says, or when it is wrong piece by piece in its order."""
    stated = [(tag, data[base + start : base + start + length]) for tag, length, start in entries if start >= 0]
    exact = len(stated) == len(entries) and all(
        value.endswith(END_OF_FIELD) and value.find(END_OF_FIELD) == len(value) - 1 for _, value in stated
    )
    if exact:
        left = len(data) - base - sum(len(value) for _, value in stated)
        reason = f"{left} bytes of the record stand in no directory entry; they were left out"
        return [(tag, value[:-1]) for tag, value in stated], Problem(
            "bad-directory", reason, _REPAIR
        ) if left > 0 else None
    pieces = data[base:].split(END_OF_FIELD)
    if pieces and not pieces[-1].strip():
        pieces.pop()
    tags = [tag for tag, _, _ in entries]
    reason = f"the directory does not fit the data: {len(tags)} entries, {len(pieces)} fields; they were taken in order"
    return list(zip(tags, pieces, strict=False)), Problem("bad-directory", reason, _REPAIR)


def _fields(values: list[tuple[str, bytes]], charset: Charset, problems: list[Problem]) -> list[Field]:
    """The fields with a tag that is one; that there were others is told."""
    found, bad = [], []
    for tag, value in values:
        field = _field(tag, value, charset)
        if field is not None:
            found.append(field)
        else:
            bad.append(tag)
    problems += bad_tags(bad, "")
    return found


def _has_replaced(data: bytes, fields: list[Field]) -> bool:
    """Is there U+FFFD, put there by us or by an earlier conversion?"""
    if "\ufffd".encode() in data:
        return True
    return any(
        "\ufffd" in (field.data or "") or any("\ufffd" in part.value for part in field.subfields) for field in fields
    )


def _field(tag: str, value: bytes, charset: Charset) -> Field | None:
    """Indicators, then subfields; missing indicators are blanks, more than two are not taken over."""
    first, *parts = value.split(SUBFIELD)
    if not parts:
        return make_field(tag, "  ", (), charset.decode(first))
    subfields = [_subfield(part, charset) for part in parts if part]
    return make_field(tag, first[:2].decode("latin-1"), subfields)


def _subfield(part: bytes, charset: Charset) -> tuple[str, str]:
    """Code and text. A code with a diacritic, which some exports have, is the letter without it; before a code, what
    is no letter is left out.
    """
    if part[:1].isascii():
        return part[:1].decode("ascii"), charset.decode(part[1:])
    whole = charset.decode(part)
    letter = unicodedata.normalize("NFKD", whole[:1])[:1]
    if letter.isascii() and letter:
        return letter, whole[1:]
    return whole[1:2] or "?", whole[2:]
