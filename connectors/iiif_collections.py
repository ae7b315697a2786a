"""The manifests of a collection and of the collections in it (IIIF Presentation API 2 and 3), each once.

https://iiif.io/api/presentation/3.0/#51-collection and https://iiif.io/api/presentation/2.1/#collection
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.base import SkipItem, StopSource
from connectors.iiif_documents import Json, address_of, document, key_of, type_of
from connectors.web import Web, again, shown

_LISTS = {"items": "", "members": "", "collections": "Collection", "manifests": "Manifest"}
"""Properties with members, and the type of those that do not state one."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A collection whose members are not known, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Step:
    """A collection to look into: its document, or where that is."""

    url: str
    depth: int
    found: Json | None = None


class Walk:
    """Every manifest below a collection, in the order of the documents, the nearest first where one is named twice."""

    def __init__(self, web: Web, depth: int, most: int) -> None:
        self._web, self._depth, self._most = web, depth, most
        self._seen: set[str] = set()

    def manifests(self, url: str, root: Json) -> Iterator[str | Unread]:
        """Addresses of manifests; collections that cannot be read are told in their place. Raises RetryLater, and
        StopSource when there are too many.
        """
        self._seen.add(key_of(url))
        waiting = [_Step(url, 0, root)]
        while waiting:
            step = waiting.pop()
            if step.depth > self._depth:
                yield Unread(key_of(step.url), f"it lies deeper than settings.depth, {self._depth}")
                continue
            try:
                base, found = (step.url, step.found) if step.found is not None else self._opened(step.url)
            except SkipItem as error:
                yield Unread(key_of(step.url), str(error))
                continue
            deeper: list[_Step] = []
            yield from self._members(base, found, step.depth, deeper)
            waiting.extend(reversed(deeper))

    def _opened(self, url: str) -> tuple[str, Json]:
        base, found = again(lambda: document(self._web, url, SkipItem))
        if type_of(found) not in ("Collection", "CollectionPage", "Layer"):
            raise SkipItem(f"{shown(url)} is no collection but of type {type_of(found)[:80]!r}")
        return base, found

    def _members(self, base: str, found: Json, depth: int, deeper: list[_Step]) -> Iterator[str]:
        for member, kind in _members(found):
            url = address_of(member, base)
            if kind == "Collection" and _has_members(member):
                deeper.append(_Step(url or base, depth + 1, member))
            elif url is not None and kind in ("Collection", "Manifest") and self._is_new(url):
                if kind == "Manifest":
                    yield url
                else:
                    deeper.append(_Step(url, depth + 1))
        for name in ("first", "next"):  # pages of a collection, version 2.1
            page = address_of(found.get(name), base)
            if page is not None and self._is_new(page):
                deeper.append(_Step(page, depth))

    def _is_new(self, url: str) -> bool:
        """Is it named for the first time? Collections that hold each other end here."""
        key = key_of(url)
        if key in self._seen:
            return False
        self._seen.add(key)
        if len(self._seen) > self._most:
            reason = f"the collection names more than {self._most} manifests and collections"
            raise StopSource(f"{reason}; raise settings.max_manifests if it may")
        return True


def _members(found: Json) -> Iterator[tuple[Any, str]]:
    for name, usual in _LISTS.items():
        listed = found.get(name)
        for member in listed if isinstance(listed, list) else []:
            yield member, type_of(member) or usual


def _has_members(member: Any) -> bool:
    """Does a collection inside another stand there with what it holds?"""
    return isinstance(member, dict) and any(isinstance(member.get(name), list) and member[name] for name in _LISTS)
