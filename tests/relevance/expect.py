"""What a case expects of the hits of its query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Expectation(Protocol):
    """Something that the named hits, in order, fulfil or not; reads as words when printed."""

    def holds(self, found: Sequence[str]) -> bool: ...


@dataclass(frozen=True, slots=True)
class First:
    """These are the first hits, in this order."""

    names: tuple[str, ...]

    def holds(self, found: Sequence[str]) -> bool:
        return tuple(found[: len(self.names)]) == self.names

    def __str__(self) -> str:
        return f"first {', '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Among:
    """All of these are among the first `places` hits."""

    places: int
    names: tuple[str, ...]

    def holds(self, found: Sequence[str]) -> bool:
        return set(self.names) <= set(found[: self.places])

    def __str__(self) -> str:
        return f"{', '.join(self.names)} among the first {self.places}"


@dataclass(frozen=True, slots=True)
class Before:
    """One is found, and before the others, which may be missing."""

    name: str
    others: tuple[str, ...]

    def holds(self, found: Sequence[str]) -> bool:
        if self.name not in found:
            return False
        place = found.index(self.name)
        return all(other not in found or found.index(other) > place for other in self.others)

    def __str__(self) -> str:
        return f"{self.name} before {', '.join(self.others)}"


@dataclass(frozen=True, slots=True)
class Absent:
    """None of these is found."""

    names: tuple[str, ...]

    def holds(self, found: Sequence[str]) -> bool:
        return set(self.names).isdisjoint(found)

    def __str__(self) -> str:
        return f"without {', '.join(self.names)}"


def first(*names: str) -> First:
    return First(names)


def among(places: int, *names: str) -> Among:
    return Among(places, names)


def before(name: str, *others: str) -> Before:
    return Before(name, others)


def absent(*names: str) -> Absent:
    return Absent(names)
