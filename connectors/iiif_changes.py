"""What has happened to manifests, by a stream of activities: IIIF Change Discovery API 1.0.

https://iiif.io/api/discovery/1.0/#activity-streams-processing-algorithm, which reads from the newest page back. What it
finds is told here in the order in which it happened, so that a run can go on where it was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.base import StopSource
from connectors.iiif_documents import Json, address_of, document, key_of, type_of
from connectors.web import Web, again, shown


@dataclass(frozen=True, slots=True)
class Change:
    """The newest that happened to a manifest, and when, as ISO 8601 in UTC."""

    url: str
    is_gone: bool
    at: str | None


@dataclass(frozen=True, slots=True)
class _Activity:
    kind: str
    at: str | None
    said: Json
    base: str


class Stream:
    """One reading of a stream. `newest` is the time of the newest activity, None in a stream that tells no times."""

    def __init__(self, web: Web, url: str, root: Json) -> None:
        self._web, self._url, self._root = web, url, root
        self._own = {key_of(url), key_of(address_of(root, url) or url)}
        self.newest: str | None = None

    def changes(self, since: str | None) -> list[Change]:
        """The newest change of each manifest at or after `since`, the oldest first. Raises RetryLater, StopSource."""
        found: dict[str, Change] = {}
        only_gone = False
        for activity in self._backwards():
            if activity.at is not None:
                if since is not None and activity.at < since:
                    break
                self.newest = max(self.newest or activity.at, activity.at)
            if activity.kind == "Refresh":
                if since is None:
                    break
                only_gone = True
                continue
            for change in self._of(activity, only_gone):
                found.setdefault(key_of(change.url), change)
        ordered = list(reversed(found.values()))
        return (
            ordered if any(change.at is None for change in ordered) else sorted(ordered, key=lambda one: one.at or "")
        )

    def _backwards(self) -> Iterator[_Activity]:
        """All activities, the newest first."""
        seen: set[str] = set()
        url, page = self._url, self._root
        if (last := address_of(self._root.get("last"), self._url)) is not None:
            url, page = self._page(last, seen)
        while True:
            items = page.get("orderedItems")
            if not isinstance(items, list):
                raise StopSource(f"{shown(url)} has no orderedItems; check that it follows Change Discovery 1.0")
            for item in reversed(items):
                if isinstance(item, dict):
                    yield _Activity(type_of(item), _moment(item), item, url)
            before = address_of(page.get("prev"), url)
            if before is None:
                return
            url, page = self._page(before, seen)

    def _page(self, url: str, seen: set[str]) -> tuple[str, Json]:
        if url in seen:
            raise StopSource(f"{shown(url)} comes twice: the pages of the stream lead in a circle; tell its publisher")
        seen.add(url)
        return again(lambda: document(self._web, url))

    def _of(self, activity: _Activity, only_gone: bool) -> Iterator[Change]:
        """What an activity means for manifests: that which comes before that which goes."""
        for reference, is_gone in (
            (None if only_gone else self._arriving(activity), False),
            (None if only_gone and activity.kind == "Move" else self._leaving(activity), True),
        ):
            if reference is not None and (url := _manifest(reference, activity.base)) is not None:
                yield Change(url, is_gone, activity.at)

    def _arriving(self, activity: _Activity) -> Any:
        if activity.kind == "Move":
            return activity.said.get("target")
        is_added = activity.kind == "Add" and self._is_here(activity.said.get("target"), activity.base)
        return activity.said.get("object") if is_added or activity.kind in ("Create", "Update") else None

    def _leaving(self, activity: _Activity) -> Any:
        is_removed = activity.kind == "Remove" and self._is_here(activity.said.get("origin"), activity.base)
        return activity.said.get("object") if is_removed or activity.kind in ("Delete", "Move") else None

    def _is_here(self, place: Any, base: str) -> bool:
        """Is something added to, or removed from, this very stream? It is when nothing else is said."""
        url = address_of(place, base)
        return url is None or key_of(url) in self._own


def _manifest(reference: Any, base: str) -> str | None:
    """The address of a manifest; None for any other kind of thing."""
    return address_of(reference, base) if type_of(reference) in ("Manifest", "") else None


def _moment(activity: Json) -> str | None:
    """When it ended (began, for a refresh), as a text that sorts."""
    said: Any = activity.get("endTime", activity.get("startTime"))
    try:
        moment = datetime.fromisoformat(said)
        known = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return known.astimezone(UTC).isoformat(timespec="microseconds")
    except (TypeError, ValueError, OverflowError):
        return None
