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
    """Timeout, 429, 5xx: wait and try again within a time budget."""


class SkipItem(SourceError):
    """One unreadable item: keep a row that says so and go on."""


class StopSource(SourceError):
    """Wrong settings, no permission: nothing else of this source will work."""


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as it lies in its source.

    `key` is stable within the source (path or primary key, ``/`` separated); `name` equals it for files. `row` holds
    the columns when the transport delivers rows. `opener` gives a fresh binary stream each time. `version` is a cheap
    change token (size and mtime, ETag) or None.
    """

    key: str
    opener: Callable[[], BinaryIO]
    size: int = 0
    version: str | None = None
    row: dict[str, Any] | None = field(default=None)

    @property
    def name(self) -> str:
        return self.key

    def open(self) -> BinaryIO:
        """A fresh stream of the bytes. Raises SkipItem or RetryLater."""
        return self.opener()


@dataclass(frozen=True, slots=True)
class Gone:
    """An item the source says it has deleted."""

    key: str


class Connector(Protocol):
    """A transport. Settings are validated when it is made (StopSource otherwise)."""

    complete: bool
    """True when `read` lists everything there is, so that what is missing has been deleted."""

    def read(self, cursor: str | None) -> Iterator[RawItem | Gone]:
        """Everything (or everything since `cursor`), in a stable order, streaming."""
        ...

    def next_cursor(self) -> str | None:
        """Where the next run may start, after `read` was exhausted; None for transports without one."""
        ...

    def fetch(self, key: str) -> BinaryIO:
        """The bytes of one item by key, confined to the source. Raises SkipItem when there is no such item."""
        ...
