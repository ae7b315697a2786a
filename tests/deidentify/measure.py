"""How much personal data is found, on 300 passages in which it is marked: recall and precision, for both halves.

`labelled.jsonl` holds 150 Chinese passages (simplified and traditional) and 150 English ones as registers, judgments,
medical papers, personnel files and letters have them; all persons, numbers and addresses are invented. They were
written and marked before any rule. The development half was looked at while rules were made; of the held-out half only
the score was seen. Marked are whole names of persons without their titles (a Chinese family name before a title is
not marked, an English one is), dates of birth to the month at least, and numbers that name a person or reach one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.deidentify.classes import class_of_words
from pipelines.deidentify.find import spans_of

HERE = Path(__file__).parent
KINDS = ("id_number", "phone", "bank_card", "birth_date", "name")
HALVES = ("development", "held_out")
GOALS = {"id_number": 0.98, "phone": 0.98, "bank_card": 0.98, "birth_date": 0.98, "name": 0.90}
"""Recall."""


class Score(NamedTuple):
    """Counts of spans: marked, of these wholly covered by found ones of their kind, of these wholly masked as whatever
    kind; found, of these right to the character.
    """

    marked: int = 0
    covered: int = 0
    masked: int = 0
    found: int = 0
    right: int = 0

    def plus(self, other: Score) -> Score:
        return Score(*(one + two for one, two in zip(self, other, strict=True)))

    @property
    def recall(self) -> float:
        return self.covered / self.marked if self.marked else 1.0

    @property
    def hidden(self) -> float:
        return self.masked / self.marked if self.marked else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


Scores = dict[tuple[str, str, str], Score]
"""By language, half and kind."""


def passages() -> Iterator[dict[str, Any]]:
    """The marked passages."""
    for line in (HERE / "labelled.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def found_in(passage: dict[str, Any]) -> set[tuple[int, int, str]]:
    """What is found in one, as the only page of a record with its title."""
    [spans] = spans_of([passage["text"]], class_of_words([passage["title"]]) is not None)
    return {(span.start, span.end, span.kind) for span in spans}


def scores(some: Iterable[dict[str, Any]] | None = None) -> Scores:
    """How well they are found."""
    told: Scores = {}
    for passage in passages() if some is None else some:
        marked = {(start, end, kind) for start, end, kind in passage["spans"]}
        for kind, score in _scored(found_in(passage), marked):
            key = (passage["id"][:2], passage["set"], kind)
            told[key] = told.get(key, Score()).plus(score)
    return told


def total(told: Scores, half: str, kind: str, language: str | None = None) -> Score:
    """The sum of scores of a half and a kind."""
    chosen = (
        score
        for (of, half_of, name), score in told.items()
        if (half_of, name) == (half, kind) and language in (None, of)
    )
    return sum_of(chosen)


def sum_of(some: Iterable[Score]) -> Score:
    """All of them together."""
    added = Score()
    for score in some:
        added = added.plus(score)
    return added


def _scored(found: set[tuple[int, int, str]], marked: set[tuple[int, int, str]]) -> Iterator[tuple[str, Score]]:
    masked = _places(found)
    for kind in KINDS:
        wanted, given = [one for one in marked if one[2] == kind], [one for one in found if one[2] == kind]
        of_kind = _places(given)
        yield (
            kind,
            Score(
                len(wanted),
                sum(_places([one]) <= of_kind for one in wanted),
                sum(_places([one]) <= masked for one in wanted),
                len(given),
                sum(one in marked for one in given),
            ),
        )


def _places(spans: Iterable[tuple[int, int, str]]) -> set[int]:
    return {at for start, end, _ in spans for at in range(start, end)}
