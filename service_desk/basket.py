"""What a reader has collected, to be asked for at once: ids, kept as a draft of the form named ``basket``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from mappings.access import ANONYMOUS, Viewer
from service_desk.drafts import Drafts
from service_desk.errors import Conflict, NotFound
from service_desk.forms import BASKET
from service_desk.hits import frozen
from service_desk.ports import FrozenHit, Holdings

FORM: Final = "basket"
_ID_BOUND: Final = 300


class Basket:
    """One for each account, or else for each browser."""

    def __init__(self, drafts: Drafts, holdings: Holdings) -> None:
        self._drafts = drafts
        self._holdings = holdings

    def ids(self, viewer: Viewer, visitor: str | None = None) -> tuple[str, ...]:
        """What was collected, in that order."""
        return _ids(self._drafts.load(FORM, viewer, visitor))

    def hits(self, viewer: Viewer, visitor: str | None = None) -> tuple[FrozenHit, ...]:
        """The same as this viewer may know it; what is not there for them any more is left out."""
        found = []
        for one in self.ids(viewer, visitor):
            with suppress(NotFound):
                found.append(frozen(self._holdings, one, viewer))
        return tuple(found)

    def add(self, resource_id: str, viewer: Viewer, visitor: str | None = None) -> int:
        """Collect a record; how many there are then. Raises NotFound, Conflict when there are as many as can be asked
        for at once.
        """
        hit = frozen(self._holdings, resource_id[:_ID_BOUND], viewer)

        def added(body: dict[str, Any]) -> Mapping[str, Any]:
            kept = _ids(body)
            if hit.id not in kept and len(kept) >= BASKET:
                raise Conflict(f"At most {BASKET} records are asked for at once: ask for these first.")
            return {"records": [*kept, *([] if hit.id in kept else [hit.id])]}

        self._drafts.change(FORM, added, viewer, visitor)
        return len(self.ids(viewer, visitor))

    def merge(self, viewer: Viewer, visitor: str | None) -> int:
        """Who signs in goes on with what they collected before, behind what their account holds already; how many there
        are then. What there is no room for stays with the browser.
        """
        theirs, before = self.ids(viewer), self.ids(ANONYMOUS, visitor)
        if viewer.name is None or not before:
            return len(theirs)
        taken: list[str] = []

        def merged(body: dict[str, Any]) -> Mapping[str, Any]:
            kept = _ids(body)
            taken[:] = dict.fromkeys((*kept, *before))
            return {"records": taken[:BASKET]}

        self._drafts.change(FORM, merged, viewer)
        left = taken[BASKET:]
        if left:
            self._drafts.save(FORM, {"records": left}, ANONYMOUS, visitor)
        else:
            self._drafts.delete(FORM, ANONYMOUS, visitor)
        return min(len(taken), BASKET)

    def remove(self, resource_ids: Iterable[str], viewer: Viewer, visitor: str | None = None) -> None:
        """Put these back."""
        gone = set(resource_ids)
        if gone.isdisjoint(self.ids(viewer, visitor)):
            return

        def left(body: dict[str, Any]) -> Mapping[str, Any]:
            return {"records": [one for one in _ids(body) if one not in gone]}

        self._drafts.change(FORM, left, viewer, visitor)

    def clear(self, viewer: Viewer, visitor: str | None = None) -> None:
        """Put everything back."""
        self._drafts.delete(FORM, viewer, visitor)


def _ids(body: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(one) for one in body.get("records") or ())
