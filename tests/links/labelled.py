"""Two catalogues of the same holdings, and which records of them are one thing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from mappings.record import Record
from mappings.text import STOP_WORDS, fold, runs
from tests.links.holdings import Group
from tests.links.variants import Hand, sibling

SEED = 20261126
_BOTH, _LEFT_ONLY = 0.75, 0.875


@dataclass
class Labelled:
    """Records by catalogue and group, and the pairs (id in the left, id in the right) that are one thing.

    `alike` are units that a cataloguer could not tell from another of their own catalogue: same title, same dates, same
    collection, or no title at all. They stay in, to mislead; whether they are joined counts neither for nor against.
    """

    left: list[Group] = field(default_factory=list)
    right: list[Group] = field(default_factory=list)
    truth: set[tuple[str, str]] = field(default_factory=set)
    alike: set[str] = field(default_factory=set)


def labelled(groups: Iterable[Group], seed: int = SEED) -> Labelled:
    """The set made of some groups; each group has its own dice, so one more changes none of the others."""
    found = Labelled()
    for number, group in enumerate(groups):
        dice = random.Random(f"{seed}.{number}")
        hand = Hand(dice, dice.random() < 0.5, dice.choices([9, 1, 0], [70, 15, 15])[0])
        _split(group, number, hand, found)
    return found


def _split(group: Group, number: int, hand: Hand, found: Labelled) -> None:
    titles = {one.title: "" for record in group for one in record.ancestors}
    titles = {title: hand.heading(title) for title in titles}
    times = Counter(map(_looks, group))
    left: Group = []
    right: Group = []
    for at, record in enumerate(group):
        one, other, chance = f"l{number}.{at}", f"r{number}.{at}", hand.dice.random()
        here, there = chance < _LEFT_ONLY, chance < _BOTH or chance >= _LEFT_ONLY
        if here:
            left.append(replace(record, source_id=one))
        if there:
            right.append(hand.record(record, other, titles))
        if here and there:
            found.truth.add((one, other))
        if times[_looks(record)] > 1 or record.supplied_title:
            found.alike.update((one, other))
        if here and hand.dice.random() < (0.05 if there else 0.6):
            near, kept = sibling(record, hand.dice)
            if _looks(near) not in times:
                right.append(hand.record(near, f"s{number}.{at}", titles, kept))
    found.left.append(left)
    found.right.append(right)


def _looks(record: Record) -> tuple[object, ...]:
    """What a cataloguer tells units of one collection apart by."""
    words = tuple(sorted(word for word in runs(fold(record.title)) if word not in STOP_WORDS))
    dates = record.dates
    return words, dates and (dates.start, dates.end, dates.earliest, dates.latest), record.ancestors[:1]
