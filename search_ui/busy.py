"""What keeps a record now - a loan, a repair, a copy being made, another reader - as hits and records say it.

The desk is asked once for a page of hits. Search and records go on without an answer: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from service_desk.stacks.busy import Busy
from service_desk.stacks.finding import Thing

Json = dict[str, Any]
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


def told(busy: BusyNow, answer: Json) -> Json:
    """An answer for programs - a page of hits, or one record - with what keeps each: ``busy``, null for what can be
    had. One question for all of them. Not changed: answers are remembered.
    """
    kept = of_hits(busy, _hits(answer))
    if "available" in answer:
        return _with(answer, kept)
    made = dict(answer)
    for name in ("hits", "items"):
        if name in answer:
            made[name] = [_with(hit, kept) for hit in answer[name]]
    if answer.get("groups"):
        made["groups"] = [{**one, "hits": [_with(hit, kept) for hit in one["hits"]]} for one in answer["groups"]]
    return made


def _hits(answer: Json) -> list[Json]:
    if "available" in answer:
        return [answer]
    groups = (hit for group in answer.get("groups") or () for hit in group["hits"])
    return [*answer.get("hits", ()), *answer.get("items", ()), *groups]


def _with(hit: Json, kept: Mapping[str, Busy]) -> Json:
    found = kept.get(hit["id"])
    stage = found.stage.model_dump(by_alias=True) if found is not None and found.stage is not None else None
    until = found.until.isoformat() if found is not None and found.until is not None else None
    return {**hit, "busy": {"kind": found.kind, "until": until, "stage": stage} if found is not None else None}


def thing_of(found: dict[str, Any]) -> Thing:
    """A hit or a record as far as its place goes."""
    top = found["ancestors"][0] if found.get("ancestors") else None
    fonds = (top.get("reference_code") or top.get("title")) if top else None
    named = (name for held in found.get("holdings") or () for name in held.get("containers") or ())
    return Thing(found["id"], found.get("reference_code"), fonds, next(iter(named), None))
