"""Files below a folder, or below a folder of a bucket, and how they get from one to the other: byte for byte, read back
at their new place and compared by SHA-256.

What lies at the new place already is compared instead of copied, so a copy that was broken off goes on where it was.
Nothing is overwritten but what the caller names.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mappings.bucket import Bucket, BucketErrors
from onestop.errors import OnestopError

AT_ONCE = 4
"""Files under way at the same time: the way to a server takes longer than the bytes."""
_PIECE = 1 << 20
_PART_BYTES = 64 << 20
_RETRIES = 5
"""Some six seconds for a server that is away: whoever runs the command sees the sentence and runs it again."""
Tell = Callable[[int, int], None]
"""Called with how many files are through, of how many."""


class PlaceOccupied(OnestopError):
    """What was to be filled holds something else."""


class PlaceFailed(OnestopError):
    """A place does not answer, or lost or changed what was put there."""


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int = -1, /) -> bytes: ...


class Tree(Protocol):
    """Files by their path below a place. Each call raises PlaceFailed, or OSError with the name of a file."""

    def sizes(self) -> dict[str, int]:
        """Every file with its bytes."""
        ...

    def opened(self, path: str) -> AbstractContextManager[Readable]:
        """A file, open for the length of the block."""
        ...

    def put(self, path: str, stream: Readable, size: int) -> None:
        """Keep a file, all of it or nothing."""
        ...


def tree_at(place: Path | Bucket) -> Tree:
    """The files at a place."""
    return FolderTree(place) if isinstance(place, Path) else BucketTree(place)


class FolderTree:
    """Files below a folder; those whose names begin with a dot are half-written ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def sizes(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for folder, _, names in os.walk(self._folder):
            for name in names:
                if not name.startswith("."):
                    file = Path(folder, name)
                    found[file.relative_to(self._folder).as_posix()] = file.stat().st_size
        return found

    @contextmanager
    def opened(self, path: str) -> Iterator[Readable]:
        with (self._folder / path).open("rb") as stream:
            yield stream

    def put(self, path: str, stream: Readable, size: int) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with beside.open("xb") as file:
                for piece in _pieces(stream):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


class BucketTree:
    """Objects below the folder of a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._client = bucket.client(_RETRIES)

    def __str__(self) -> str:
        return str(self._bucket)

    def sizes(self) -> dict[str, int]:
        start = self._bucket.key("")
        with self._asking():
            found = self._client.list_objects(self._bucket.name, prefix=start, recursive=True)
            return {str(each.object_name)[len(start) :]: each.size or 0 for each in found if not each.is_dir}

    @contextmanager
    def opened(self, path: str) -> Iterator[Readable]:
        with self._asking():
            answer = self._client.get_object(self._bucket.name, self._bucket.key(path))
            try:
                yield answer
            finally:
                answer.close()
                answer.release_conn()

    def put(self, path: str, stream: Readable, size: int) -> None:
        with self._asking():
            name = self._bucket.key(path)
            self._client.put_object(self._bucket.name, name, stream, size, part_size=_PART_BYTES)  # type: ignore[arg-type]  # it only reads

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except BucketErrors as error:
            raise PlaceFailed(f"{self._bucket}: {self._bucket.reason(error)}.") from None


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: bytes, how many files were there already, and the SHA-256 of each."""

    bytes: int
    found: int
    digests: Mapping[str, str]

    @property
    def files(self) -> int:
        return len(self.digests)

    @property
    def digest(self) -> str:
        """Of all files."""
        return digest_of(self.digests.items())


def check_target(target: Tree, there: Mapping[str, int], known: Mapping[str, int], replaced: Collection[str]) -> None:
    """Raises PlaceOccupied when a place holds a file that is not `known`, or one of another size."""
    strange = sorted(path for path in there if path not in known)
    changed = sorted(path for path in there if path in known and there[path] != known[path] and path not in replaced)
    if strange or changed:
        example = (strange or changed)[0]
        raise PlaceOccupied(
            f"{target} holds {len(there):,} files, and they are not these ({example} is another one); "
            "move them away, or name an empty place."
        )


def copy(
    source: Tree,
    target: Tree,
    names: Sequence[str],
    *,
    last: Sequence[str] = (),
    before: Copied | None = None,
    replaced: Collection[str] = (),
    tell: Tell = lambda done, total: None,
) -> Copied:
    """Copy files, those in `last` one after the other when all others are there. What was copied `before` is not
    looked at again; only `replaced` ones may differ from what is there.

    Raises PlaceOccupied, PlaceFailed.
    """
    sizes, there = source.sizes(), target.sizes()
    missing = sorted({*names, *last} - sizes.keys())
    if missing:
        raise PlaceFailed(f"{source} lacks {missing[0]}, which it should hold; put it back from a backup.")

    def one(path: str) -> tuple[str, str, bool]:
        return _copy_one(source, target, path, sizes[path], path in there, path in replaced)

    known = dict(before.digests) if before else {}
    names = [path for path in names if path not in known]
    done: list[tuple[str, str, bool]] = []
    total = len(names) + len(last)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        try:
            for result in threads.map(one, names):
                done.append(result)
                tell(len(done), total)
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    for path in last:
        done.append(one(path))
        tell(len(done), total)
    digests = known | {path: digest for path, digest, _ in done}
    found = (before.found if before else 0) + sum(was_there for _, _, was_there in done)
    return Copied(sum(sizes[path] for path in digests), found, digests)


def digest_of(files: Iterable[tuple[str, str]]) -> str:
    """One digest of many (path, SHA-256): of the lines that `sha256sum` would print for them, sorted by path."""
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def _copy_one(
    source: Tree, target: Tree, path: str, size: int, is_there: bool, may_replace: bool
) -> tuple[str, str, bool]:
    """(path, SHA-256, whether it was there)."""
    if is_there:
        digest = _digest(target, path)
        if digest == _digest(source, path):
            return path, digest, True
        if not may_replace:
            raise PlaceOccupied(f"{target} holds another {path}; move it away, or name an empty place.")
    with source.opened(path) as stream:
        hashed = _Hashed(stream)
        target.put(path, hashed, size)
    if _digest(target, path) != hashed.digest:
        raise PlaceFailed(f"{path} did not arrive at {target} as it was sent; check that place, then do it again.")
    return path, hashed.digest, False


class _Hashed:
    """A stream that knows the SHA-256 of what was read of it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self._hash.update(piece)
        return piece

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _digest(tree: Tree, path: str) -> str:
    with tree.opened(path) as stream:
        hashed = _Hashed(stream)
        for _ in _pieces(hashed):
            pass
    return hashed.digest


def _pieces(stream: Readable) -> Iterator[bytes]:
    return iter(lambda: stream.read(_PIECE), b"")
