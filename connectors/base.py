"""How raw items leave a source: the port every transport implements, and errors named by what to do next.

A connector moves bytes and knows nothing of formats. It lists what is there as `RawItem`s, in a stable order, with a
stable key per item; the pipeline decides by checksum what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol


class SourceError(Exception):
    """Root of all errors of this package. The message names the source and item and says what to check."""


class RetryLater(SourceError):
    """Timeout, 429, 5xx: wait and try again within a time budget; `after` are the seconds the source asks for
    (HTTP ``Retry-After``), None when it asks for none.
    """

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after

    def __reduce__(self) -> tuple[type[RetryLater], tuple[str, float | None]]:
        return (RetryLater, (str(self), self.after))


class SkipItem(SourceError):
    """One unreadable item: keep a row that says so and go on."""


class StopSource(SourceError):
    """Wrong settings, no permission: nothing else of this source will work."""


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as it lies in its source.

    `key` is stable within the source (path or primary key, ``/`` separated); `name` equals it for files. `row` holds
    the columns when the transport delivers rows. `opener` gives a fresh binary stream each time; it travels to worker
    processes, so it is a `functools.partial` of a module's function over plain values. `version` is a cheap change
    token (size and mtime) or None: a hint. `token` is one that the source vouches for (ETag, version id, datestamp):
    the same token means the same bytes, and the item is not opened to find out.
    """

    key: str
    opener: Callable[[], BinaryIO]
    size: int = 0
    version: str | None = None
    row: dict[str, Any] | None = field(default=None)
    token: str | None = None

    @property
    def name(self) -> str:
        return self.key

    def open(self) -> BinaryIO:
        """A fresh stream of the bytes. Raises SkipItem or RetryLater."""
        return self.opener()


@dataclass(frozen=True, slots=True)
class Gone:
    """An item the source says it has deleted, or does not publish any more."""

    key: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """In a listing: everything before this has been told, and a run that starts at `cursor` loses nothing. The pipeline
    stores it with the items before it, so a run that is killed goes on from here.
    """

    cursor: str


Listed = RawItem | Gone | Checkpoint


class Connector(Protocol):
    """A transport. Settings are validated when it is made (StopSource otherwise)."""

    remote: bool
    """True when opening an item asks somebody else: what failed is kept with its bytes, and read ahead."""

    separate: bool
    """True when an item is a document or row by itself: never a file that makes one item with others of its folder."""

    complete: bool
    """After `read`: True when it listed everything there is, so that what is missing has been deleted."""

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Everything (or everything since `cursor`), in a stable order, streaming. Raises RetryLater, StopSource."""
        ...

    def next_cursor(self) -> str | None:
        """Where the next run may start, after `read` was exhausted; None for transports without one."""
        ...

    def keys(self) -> Iterator[str]:
        """The key of every item there is now, without contents: what `complete` cannot tell is found by comparing.
        Raises RetryLater, StopSource.
        """
        ...

    def fetch(self, key: str) -> BinaryIO:
        """The bytes of one item by key, confined to the source. Raises SkipItem when there is no such item."""
        ...
