"""How well the link step finds what is one thing in a labelled set: precision and recall of what it joins by itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mappings.blocks import blocks
from mappings.record import Record, encode
from pipelines.link import link
from pipelines.record_store import Commit, RecordStore
from pipelines.similar import pairs_of
from tests.links.holdings import Group
from tests.links.labelled import Labelled

Couple = tuple[str, str]


@dataclass(frozen=True)
class Found:
    """What a link step made of a labelled set. Pairs with a unit of `Labelled.alike` are left out of all figures."""

    joined: set[Couple]
    for_review: set[Couple]
    truth: set[Couple]
    seconds: float
    records: int

    @property
    def precision(self) -> float:
        """Of what was joined, the share that is one thing."""
        return len(self.joined & self.truth) / max(1, len(self.joined))

    @property
    def recall(self) -> float:
        """Of what is one thing, the share that was joined."""
        return len(self.joined & self.truth) / max(1, len(self.truth))

    @property
    def reached(self) -> float:
        """Of what is one thing, the share that was joined or laid before people."""
        return len((self.joined | self.for_review) & self.truth) / max(1, len(self.truth))

    def of_half(self, odd: bool) -> Found:
        """The same for groups with odd or even numbers: weights were fitted on the even ones."""

        def half(couples: set[Couple]) -> set[Couple]:
            return {couple for couple in couples if int(couple[0][1:].partition(".")[0]) % 2 == odd}

        return Found(half(self.joined), half(self.for_review), half(self.truth), self.seconds, self.records)


def put(store: RecordStore, source: str, groups: Sequence[Group]) -> None:
    """The records of a catalogue as the intake writes them: without keys, so that only likeness can join them."""
    with store.begin("run") as commit:
        for number, group in enumerate(groups):
            _put_group(commit, source, f"{source}{number}", group)
        commit.commit()


def _put_group(commit: Commit, source: str, item: str, group: Sequence[Record]) -> None:
    columns = {
        "item": [item] * len(group),
        "source_id": [record.source_id for record in group],
        "action": ["index"] * len(group),
        "record_kind": [record.kind for record in group],
        "nested": [bool(record.ancestors) for record in group],
        "blocks": [list(blocks(record)) or None for record in group],
        "since": [commit.version] * len(group),
        "record": [encode(record) for record in group],
    }
    commit.add("record", columns, source)


def measure(labels: Labelled, folder: Path) -> Found:
    """One link step over both catalogues, everything new."""
    store = RecordStore(folder / "records")
    put(store, "left", labels.left)
    put(store, "right", labels.right)
    begun = time.perf_counter()
    link(store, "run")
    seconds = time.perf_counter() - begun
    states: dict[str, set[Couple]] = {"auto": set(), "review": set(), "beaten": set()}
    for pair in pairs_of(store):
        couple = (pair.one[1], pair.other[1])
        if labels.alike.isdisjoint(couple):
            states[pair.state].add(couple)
    truth = {couple for couple in labels.truth if labels.alike.isdisjoint(couple)}
    records = sum(map(len, (*labels.left, *labels.right)))
    return Found(states["auto"], states["review"], truth, seconds, records)
