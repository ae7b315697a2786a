"""Files in ZIP and tar archives of a folder, as items of their own.

A member's key is the key of its archive, ``!/`` and its path in it: ``2024/scans.zip!/p/001.xml``. An archive in an
archive is opened, too, one deeper is not. What must not be unpacked (links, devices, paths that lead out, what grows a
thousandfold) is an item that cannot be opened and says why; so is an archive that is damaged, beside what can be read.

No archive is unpacked to find out that nothing has changed. The directory of a ZIP holds size and CRC-32 of every
member: they are its token. Of a tar, the checksum of the whole file and the place of the member are. What lies in
archives is remembered in the cursor: those that must be unpacked to be listed (compressed tars, archives in archives)
are not unpacked for it while they are the same, and of one that is damaged later it is known what is not gone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from connectors.archive_members import BIGGEST, MEMBERS, Archive, Member, Unfolding, Unreadable, kept
from connectors.archive_tar import TarArchive
from connectors.archive_zip import ZipArchive
from connectors.base import RawItem, SkipItem

SEPARATOR = "!/"
_DEPTH = 2
_REMEMBERED = 20_000
"""Members that a cursor holds at most, about 2 MB; archives beyond that are unpacked each time to be listed."""
_ENDINGS = {
    ".zip": "zip", ".tar": "tar", ".tar.gz": "gz", ".tgz": "gz", ".tar.bz2": "bz2", ".tbz2": "bz2", ".tbz": "bz2",
    ".tar.xz": "xz", ".txz": "xz",
}  # fmt: skip


def is_archive(name: str) -> bool:
    """By its name; what only looks like one says so when it is opened."""
    return _kind(name) is not None


def open_member(path: Path, key: str, chain: tuple[str, ...]) -> BinaryIO:
    """The bytes of a member: of the one named last, in the archives named before, in the archive at `path`. Raises
    SkipItem.
    """
    try:
        if not 1 <= len(chain) <= _DEPTH:
            raise Unreadable("there is no such file in it")
        archive = _at(path, chain[:-1])
        member = archive.members.get(chain[-1])
        if member is None:
            raise Unreadable("there is no such file in it")
        if member.refusal is not None:
            raise Unreadable(member.refusal)
        return cast(BinaryIO, io.BufferedReader(Unfolding(_said(key, archive.pieces(member.name)))))
    except Unreadable as error:
        raise SkipItem(f"{key!r} cannot be read: {error}") from None


def _said(key: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, and what goes wrong with them in a sentence."""
    try:
        yield from pieces
    except Unreadable as error:
        raise SkipItem(f"{key!r} cannot be read: {error}") from None


def places(key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every archive a key may lie in, with the way from there: folders, too, may end with ``!``."""
    parts = key.split(SEPARATOR)
    for count in range(1, len(parts)):
        outer = SEPARATOR.join(parts[:count])
        if is_archive(outer):
            yield outer, tuple(parts[count:])


@dataclass(slots=True)
class Listing:
    """One listing of a folder's archives. What was in a damaged archive before is told as items that cannot be opened;
    `whole` turns False when nobody knows any more what that was.
    """

    remembered: dict[str, Any]
    forgot: bool = False
    whole: bool = True
    _outer: str = ""
    _is_hurt: bool = False
    _kept: dict[str, Any] = field(default_factory=dict)
    _room: int = field(default_factory=lambda: _REMEMBERED)

    @classmethod
    def since(cls, cursor: str | None) -> Listing:
        """A listing that knows what an earlier one remembered. A cursor of something else is none."""
        try:
            found = json.loads(cursor or "{}")
            return cls(found.get("archives", {}), bool(found.get("more")))
        except (ValueError, AttributeError):
            return cls({})

    def cursor(self) -> str | None:
        """What is to be remembered."""
        said = {"archives": self._kept} | ({"more": True} if self._room < 0 else {})
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")) if self._kept or self._room < 0 else None

    def items(self, path: Path, key: str) -> Iterator[RawItem]:
        """The members of an archive, sorted by name."""
        self._outer, self._is_hurt = key, False
        told = set()
        try:
            token = "" if _kind(path.name) == "zip" else _digest(path)
            for item in self._members(path, key, (), token, iter(range(MEMBERS))):
                told.add(item.key)
                yield item
        except (Unreadable, OSError) as error:
            yield self._damaged(key, str(error))
        if self._is_hurt:
            yield from self._lost(key, told)

    def _lost(self, key: str, told: set[str]) -> Iterator[RawItem]:
        """What was in a damaged archive when it was whole; it stays remembered until the archive is repaired."""
        for name, before in self.remembered.items():
            if name != key and not name.startswith(f"{key}{SEPARATOR}"):
                continue
            self._kept[name] = before
            for inner in (f"{name}{SEPARATOR}{member[0]}" for member in before["members"]):
                if inner not in told and inner not in self.remembered:
                    yield RawItem(inner, partial(_refuse, f"{inner!r} cannot be read: its archive is damaged"))

    def _members(
        self, path: Path, key: str, chain: tuple[str, ...], token: str, budget: Iterator[int]
    ) -> Iterator[RawItem]:
        members, damage = self._listed(path, key, chain, token)
        for member in members:
            way, inner = (*chain, member.name), f"{key}{SEPARATOR}{member.name}"
            if member.refusal is None and len(way) < _DEPTH and is_archive(member.name):
                yield from self._inner(path, inner, way, member.token, budget)
                continue
            _take(budget)
            yield RawItem(inner, partial(open_member, path, inner, way), member.size, member.token, token=member.token)
        if damage is not None:
            yield self._damaged(key, damage)

    def _inner(
        self, path: Path, key: str, chain: tuple[str, ...], token: str, budget: Iterator[int]
    ) -> Iterator[RawItem]:
        _take(budget)
        try:
            yield from self._members(path, key, chain, token, budget)
        except _TooMany:
            raise
        except Unreadable as error:
            yield self._damaged(key, str(error))

    def _listed(self, path: Path, key: str, chain: tuple[str, ...], token: str) -> tuple[list[Member], str | None]:
        """The members with tokens of their own, and the damage; from memory when the archive is still the same."""
        kind = _kind(key)
        must_unpack = bool(chain) or kind not in ("zip", "tar")
        known = self.remembered.get(key) if must_unpack else None
        if known is not None and known["token"] == token:
            members, damage = [Member(*entry) for entry in known["members"]], known["damage"]
        else:
            archive = _at(path, chain)
            found = sorted(archive.members.values(), key=lambda member: member.name)
            members = found if kind == "zip" else [replace(one, token=f"{token} {one.token}") for one in found]
            damage = archive.damage
        if len(members) > self._room:
            self._room = -1
        else:
            self._room -= len(members)
            self._kept[key] = {"token": token, "members": [astuple(one) for one in members], "damage": damage}
        return members, damage

    def _damaged(self, key: str, reason: str) -> RawItem:
        """The archive itself as an item, apart from its members and from the pages that lie beside it."""
        self._is_hurt = True
        self.whole = self.whole and not (self.forgot and self._outer not in self.remembered)
        return RawItem(f"{key}{SEPARATOR}", partial(_refuse, f"{key!r} cannot be read as an archive: {reason}"))


class _TooMany(Unreadable):
    """Members of an archive and all in it."""


def _take(budget: Iterator[int]) -> None:
    if next(budget, None) is None:
        raise _TooMany(f"it has more than {MEMBERS} members; split it")


def _at(path: Path, chain: tuple[str, ...]) -> Archive:
    """The archive at a place, opened once a process. Raises Unreadable."""
    try:
        found = path.stat()
        return _opened(path, chain, (found.st_size, found.st_mtime_ns, found.st_ino, os.getpid()))
    except OSError as error:
        raise Unreadable(f"{error.strerror or error}; check its owner and mode, and the temporary folder") from None


@lru_cache(maxsize=4)
def _opened(path: Path, chain: tuple[str, ...], stamp: tuple[int, ...]) -> Archive:
    """`stamp` tells versions of the file and processes apart: a file that is open is not shared with a fork."""
    if not chain:
        return _archive(path.open("rb"), _kind(path.name))
    outer = _opened(path, chain[:-1], stamp)
    member = outer.members.get(chain[-1])
    if member is None or member.refusal is not None:
        raise Unreadable("there is no such archive in it")
    return _archive(kept(outer.pieces(member.name), BIGGEST), _kind(member.name))


def _archive(source: BinaryIO, kind: str | None) -> Archive:
    """Raises Unreadable."""
    if kind == "zip":
        return ZipArchive(source)
    if kind is None:
        raise Unreadable("it is no archive")
    return TarArchive(source, None if kind == "tar" else kind)


def _kind(name: str) -> str | None:
    lower = name.lower()
    return next((kind for ending, kind in _ENDINGS.items() if lower.endswith(ending)), None)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, partial(hashlib.blake2b, digest_size=16)).hexdigest()


def _refuse(sentence: str) -> BinaryIO:
    raise SkipItem(sentence)
