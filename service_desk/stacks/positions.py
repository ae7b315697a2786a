"""Where places stand: the way from the building down, and the order in which one walks past them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk.stacks.tables import Place

DEEPEST: Final = 40
"""Places within places that are followed up; the register keeps them from standing in themselves."""
_BATCH: Final = 500
_NUMBERS = re.compile(r"(\d+)")


class Positions:
    """The places of these numbers, and all they stand in: a question a level."""

    def __init__(self, session: Session, ids: Iterable[int]) -> None:
        self._places: dict[int, Place] = {}
        wanted = set(ids)
        for _ in range(DEEPEST):
            wanted -= self._places.keys()
            if not wanted:
                break
            for batch in _batches(sorted(wanted)):
                rows = session.scalars(select(Place).where(Place.id.in_(batch)))
                self._places |= {row.id: row for row in rows}
            wanted = {place.parent_id for place in self._places.values() if place.parent_id is not None}

    def place(self, place_id: int) -> Place:
        """The place of a number."""
        return self._places[place_id]

    def above(self, place_id: int) -> list[Place]:
        """What a place stands in, the outermost first."""
        found: list[Place] = []
        above = self._places[place_id].parent_id
        while above is not None and len(found) < DEEPEST:
            found.append(self._places[above])
            above = self._places[above].parent_id
        return found[::-1]

    def path(self, place_id: int) -> tuple[str, ...]:
        """Titles of what a place stands in, the outermost first."""
        return tuple(place.title for place in self.above(place_id))

    @staticmethod
    def sorting(path: Sequence[str], title: str) -> tuple[tuple[tuple[int, int, str], ...], ...]:
        """The order of a walk: number by number, so that shelf 10 comes after shelf 9."""
        return tuple(map(natural, (*path, title)))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A text so that its numbers sort as numbers."""
    parts = _NUMBERS.split(text.casefold())
    return tuple((0, int(part[:18]), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
