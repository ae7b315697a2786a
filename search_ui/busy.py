"""What keeps a record now - a loan, a repair, a copy being made, another reader - as hits and records say it.

The desk is asked once for a page of hits. Search and records go on without an answer: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from service_desk.stacks.busy import Busy
from service_desk.stacks.finding import Thing

NEEDS_ORIGINAL: Final = ("consult", "onsite", "copy", "apply")
"""Ways to a record for which its original is needed; the first that a record has says what keeps it."""


class BusyNow(Protocol):
    """Asks the desk (`onestop.busy.HouseBusy`). Never raises: a desk that does not answer keeps nothing busy."""

    def state(self) -> Hashable:
        """Everything the answers depend on, for whoever remembers what was drawn with them."""
        ...

    def __call__(self, things: Sequence[Thing]) -> Mapping[str, Busy]:
        """What keeps these records, by id."""
        ...


class NothingBusy:
    """For houses without stacks."""

    def state(self) -> Hashable:
        """Always the same."""
        return None

    def __call__(self, things: Sequence[Thing]) -> Mapping[str, Busy]:
        """Nothing."""
        return {}


def of_hits(busy: BusyNow, hits: Iterable[dict[str, Any]]) -> Mapping[str, Busy]:
    """What keeps the records of these hits, in one question."""
    things = [thing_of(hit) for hit in hits]
    return busy(things) if things else {}


def thing_of(found: dict[str, Any]) -> Thing:
    """A hit or a record as far as its place goes."""
    top = found["ancestors"][0] if found.get("ancestors") else None
    fonds = (top.get("reference_code") or top.get("title")) if top else None
    named = (name for held in found.get("holdings") or () for name in held.get("containers") or ())
    return Thing(found["id"], found.get("reference_code"), fonds, next(iter(named), None))
