"""Manifests of IIIF: one, those of a collection, or those a stream of changes tells of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, ClassVar

from pydantic import BaseModel, Field

from connectors.base import Checkpoint, Gone, Listed, RawItem, SkipItem, SourceError, StopSource
from connectors.iiif_changes import Change, Stream
from connectors.iiif_collections import Unread, Walk
from connectors.iiif_documents import Json, document, key_of, type_of
from connectors.web import Address, Answer, Web, WebSettings, ask, open_item, shown

_GONE = frozenset({410})
_ASKED_AT_ONCE = 4
_AHEAD = 16
_IN_VAIN = 8
"""Manifests in a row without an entity tag, after which the server is not asked for any more in this run."""
_TOLD_TOGETHER = 500


class IiifSettings(WebSettings):
    """`url` of a manifest, a collection, or a stream of changes; `depth` of collections in collections, and how many
    there may be.
    """

    url: Address
    depth: int = Field(default=10, ge=0, le=100)
    max_manifests: int = Field(default=100_000, ge=1)


class IiifConnector:
    """Transport ``iiif``: a manifest is an item."""

    settings_model: ClassVar[type[BaseModel]] = IiifSettings
    remote = True
    separate = True

    def __init__(self, settings: IiifSettings, base: Path) -> None:
        self._settings = settings
        self._web = settings.web(settings.url)
        self._cursor: str | None = None
        self.complete = True

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Every manifest in the order of the collection; of a stream of changes, what happened since the cursor in its
        order. Raises StopSource or RetryLater.
        """
        self._cursor, self.complete = None, False
        url, root = self._root()
        if type_of(root) == "OrderedCollection":
            yield from self._happened(url, root, cursor)
            return
        is_whole = True
        for entry in self._with_tokens(self._manifests(url, root)):
            if isinstance(entry, Unread):
                is_whole = False
                yield RawItem(f"{entry.key}/", partial(_refuse, entry.key, entry.reason))
            else:
                yield entry
        self.complete = is_whole

    def next_cursor(self) -> str | None:
        """The time of the newest activity; None for what is no stream of changes."""
        return self._cursor

    def keys(self) -> Iterator[str]:
        """The keys of all manifests. Raises StopSource or RetryLater."""
        return (key_of(url) for url in self._addresses())

    def fetch(self, key: str) -> BinaryIO:
        """One manifest, looked for in the whole collection or stream. Raises SkipItem when it is not there."""
        for url in self._addresses():
            if key_of(url) == key:
                return open_item(self._web, url)
        raise SkipItem(f"{key!r} is not a manifest of this source")

    def _root(self) -> tuple[str, Json]:
        url, root = document(self._web, self._settings.url)
        if type_of(root) not in ("Manifest", "Collection", "OrderedCollection"):
            kind = f"of type {type_of(root)[:80]!r}" if type_of(root) else "without a type"
            raise StopSource(f"{shown(url)} is {kind}, neither manifest, collection nor stream of changes of IIIF")
        return url, root

    def _addresses(self) -> Iterator[str]:
        url, root = self._root()
        if type_of(root) == "OrderedCollection":
            changes = Stream(self._web, url, root).changes(None)
            yield from (change.url for change in changes if not change.is_gone)
            return
        yield from (entry for entry in self._manifests(url, root) if isinstance(entry, str))

    def _manifests(self, url: str, root: Json) -> Iterator[str | Unread]:
        if type_of(root) == "Manifest":
            return iter([self._settings.url])
        return Walk(self._web, self._settings.depth, self._settings.max_manifests).manifests(url, root)

    def _happened(self, url: str, root: Json, cursor: str | None) -> Iterator[Listed]:
        stream = Stream(self._web, url, root)
        changes = stream.changes(cursor)
        if any(change.at is None for change in changes):
            yield from self._untimed(changes)
        else:
            yield from self._timed(changes)
        self._cursor = _not_to_come(stream.newest) if stream.newest is not None else cursor
        self.complete = cursor is None

    def _untimed(self, changes: list[Change]) -> Iterator[Listed]:
        yield from (Gone(key_of(change.url)) for change in changes if change.is_gone)
        for entry in self._with_tokens(change.url for change in changes if not change.is_gone):
            assert not isinstance(entry, Unread)
            yield entry

    def _timed(self, changes: list[Change]) -> Iterator[Listed]:
        """The time of the last change is the token: a stream tells of every change."""
        for number, change in enumerate(changes, 1):
            key = key_of(change.url)
            yield Gone(key) if change.is_gone else self._item(change.url, f"changed {change.at}")
            if number % _TOLD_TOGETHER == 0:
                yield Checkpoint(_not_to_come(str(change.at)))

    def _item(self, url: str, token: str | None) -> RawItem:
        return RawItem(key_of(url), partial(open_item, self._web, url), version=token, token=token)

    def _with_tokens(self, found: Iterable[str | Unread]) -> Iterator[RawItem | Gone | Unread]:
        """Items with the token of their server, asked for some ahead and a few at once, in their order."""
        tags = _Tags(self._web)
        for entry, answer in _ahead(iter(found), tags.ask):
            if isinstance(entry, Unread):
                yield entry
            elif answer is not None and answer.status in _GONE:
                yield Gone(key_of(entry))
            else:
                yield self._item(entry, tags.of(answer))


class _Tags:
    """Entity tags of manifests, as long as their server gives any. A time of change is no token here: manifests are
    made when asked for, of parts with times of their own.
    """

    def __init__(self, web: Web) -> None:
        self._web = web
        self._in_vain = 0

    def ask(self, url: str) -> Answer | None:
        """What a server says of a manifest without sending it; None when that fails, which will be told when it is
        read.
        """
        if self._in_vain >= _IN_VAIN:
            return None
        try:
            return ask(self._web, url, SkipItem, method="HEAD", accept=_GONE)
        except SourceError:
            return None

    def of(self, answer: Answer | None) -> str | None:
        token = answer.token if answer is not None else None
        tag = token if token is not None and token.startswith("etag ") else None
        self._in_vain = 0 if tag is not None else self._in_vain + 1
        return tag


def _ahead(
    entries: Iterator[str | Unread], asking: Callable[[str], Answer | None]
) -> Iterator[tuple[str | Unread, Answer | None]]:
    """Each entry with what was answered to its address."""
    waiting: deque[tuple[str | Unread, Future[Answer | None] | None]] = deque()
    askers = ThreadPoolExecutor(_ASKED_AT_ONCE, "iiif")
    try:
        while True:
            for entry in islice(entries, _AHEAD - len(waiting)):
                waiting.append((entry, askers.submit(asking, entry) if isinstance(entry, str) else None))
            if not waiting:
                return
            entry, answering = waiting.popleft()
            yield entry, answering.result() if answering is not None else None
    finally:
        askers.shutdown(wait=True, cancel_futures=True)


def _not_to_come(moment: str) -> str:
    """A time, or now if that is earlier: of an activity dated wrongly, the next run must not wait for that date."""
    return min(moment, datetime.now(UTC).isoformat(timespec="microseconds"))


def _refuse(key: str, reason: str) -> BinaryIO:
    raise SkipItem(f"the collection {key!r} cannot be read: {reason}")
