"""What there is to look at in a run of one source, and what is not there any more.

Two kinds: what a transport lists, waited for and gone on with when it breaks off; and what was kept of items that
failed or were skipped, for mapping them again without asking anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO, Protocol

import numpy as np

from connectors.base import Checkpoint, Connector, Gone, Listed, RawItem, RetryLater, SourceError
from connectors.registry import connector as connector_of
from mappings.base import Unit as UnitKind
from pipelines.items import Kinds, Unit, storable, units
from pipelines.known import Known
from pipelines.patience import Patience
from pipelines.report import Why
from pipelines.source import SourceSpec
from pipelines.tables import is_among

Entry = Unit | Checkpoint


class Listing(Protocol):
    """What the intake works through."""

    failure: SourceError | None
    """What ended the listing early."""
    listed: set[str]
    """The keys of the items so far."""
    gone: set[str]
    """Known items that the source says it has no longer."""

    def entries(self) -> Iterator[Entry]:
        """The items in their order, each once. Never raises: `failure` says why it ended early."""
        ...

    def missing(self) -> dict[str, Why]:
        """After `entries`: known items that are not there any more, and how that is known. Raises SourceError."""
        ...

    @property
    def next_cursor(self) -> str | None:
        """After `entries`: where the next run may start."""
        ...

    reconciled: str | None
    """When a source that tells only changes was last compared key by key (ISO 8601), None for others."""
    count: int | None
    """After `missing`: the items that the source holds, None when it did not tell them all."""


class SourceListing:
    """What a transport lists. `full` asks for everything, whatever the cursor says."""

    def __init__(
        self, spec: SourceSpec, connector: Connector, unit: UnitKind, known: Known, patience: Patience, full: bool
    ) -> None:
        self._spec, self._connector, self._unit, self._known = spec, connector, unit, known
        self._patience = patience
        self._cursor = None if full else known.cursor
        self._from_start = self._cursor is None
        self._told: set[int] = set()
        self.failure: SourceError | None = None
        self.listed: set[str] = set()
        self.gone: set[str] = set()
        self.reconciled = known.reconciled
        self.count: int | None = None

    @property
    def next_cursor(self) -> str | None:
        return self._connector.next_cursor()

    def entries(self) -> Iterator[Entry]:
        try:
            for entry in units(self._listing(), self._unit, Kinds(self._known.kind)):
                if isinstance(entry, Gone):
                    self._note_gone(entry.key)
                elif isinstance(entry, Checkpoint):
                    yield entry
                elif entry.key not in self.listed:
                    self.listed.add(entry.key)
                    self.gone.discard(entry.key)
                    yield entry
            yield from self._left_over()
        except SourceError as error:
            self.failure = error

    def _note_gone(self, key: str) -> None:
        self.gone.add(key)
        self.listed.discard(key)

    def _listing(self) -> Iterator[Listed]:
        """Everything told; broken off, it goes on from the last checkpoint, without telling anything twice."""
        listing: Iterator[Listed] | None = None

        def told() -> Listed | None:
            nonlocal listing
            if listing is None:
                listing = self._connector.read(self._cursor)
            try:
                return next(listing, None)
            except RetryLater:
                listing = None
                raise

        while (entry := self._patience.ask(told)) is not None:
            if isinstance(entry, Checkpoint):
                self._cursor = entry.cursor
            elif isinstance(entry, RawItem) and self._connector.remote:
                if hash(entry.key) in self._told:
                    continue
                self._told.add(hash(entry.key))
            yield entry

    def _left_over(self) -> Iterator[Unit]:
        """Items that could not be read before and that a source which tells only changes does not tell again."""
        if self._connector.complete:
            return
        for key in self._known.unread():
            if key not in self.listed and key not in self.gone:
                self.listed.add(key)
                yield self._known.kept(key) or Unit(key, (RawItem(key, partial(_fetched, self._spec, key)),))

    def missing(self) -> dict[str, Why]:
        known = set(self._known.items)
        if self._connector.complete:
            self.count = len(self.listed)
            return dict.fromkeys(known - self.listed, "gone from listing")
        found: dict[str, Why] = dict.fromkeys(self.gone & known, "tombstone")
        if self._unit == "file" and self._is_due():
            found |= dict.fromkeys(self._not_at_source(known - self.listed - self.gone), "reconciliation")
            self.reconciled = _now().isoformat(timespec="seconds")
        return found

    def _is_due(self) -> bool:
        """Was the source never compared, or too long ago, or - the clock was put back - in the future?"""
        if self._from_start or self._known.reconciled is None:
            return True
        age = _now() - dt.datetime.fromisoformat(self._known.reconciled)
        return not dt.timedelta() <= age < dt.timedelta(days=self._spec.reconcile)

    def _not_at_source(self, keys: Iterable[str]) -> Iterator[str]:
        """Those of some keys that the source does not have: all its keys as eight bytes each."""
        there = self._patience.ask(lambda: _hashes(self._connector.keys()))
        self.count = len(there)
        ours = sorted(keys)
        is_there = is_among(np.fromiter(map(hash, ours), np.int64, len(ours)), there)
        return (key for key, found in zip(ours, is_there.tolist(), strict=True) if not found)


class KeptItems:
    """What was kept of items that failed or were skipped: bytes, rows, and files that lie where they lay."""

    def __init__(self, spec: SourceSpec, connector: Connector, known: Known) -> None:
        self._spec, self._known, self._is_local = spec, known, not connector.remote
        self.failure: SourceError | None = None
        self.listed: set[str] = set()
        self.gone: set[str] = set()
        self.not_kept: list[str] = []
        """Items of which nothing was kept: the next run has to fetch them."""
        self.next_cursor = known.cursor
        self.reconciled = known.reconciled
        self.count: int | None = None

    def entries(self) -> Iterator[Entry]:
        for key in self._known.troubled():
            unit = self._known.kept(key)
            if unit is None and self._is_local:
                unit = Unit(key, (RawItem(key, partial(_fetched, self._spec, key)),))
            if unit is None:
                self.not_kept.append(key)
                continue
            self.listed.add(key)
            yield unit

    def missing(self) -> dict[str, Why]:
        return {}


def _fetched(spec: SourceSpec, key: str) -> BinaryIO:
    return connector_of(spec.connector, spec.settings, spec.base).fetch(key)


def _hashes(keys: Iterable[str]) -> np.ndarray[Any, Any]:
    found = np.fromiter((hash(storable(key)) for key in keys), np.int64)
    return np.unique(found)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
