"""The marked passages, and how much of what is marked in them is found."""

from __future__ import annotations

import pytest

from tests.deidentify.measure import GOALS, KINDS, Score, passages, scores, total


def test_what_is_marked_is_there() -> None:
    marked = list(passages())
    assert [sum(one["id"].startswith(language) for one in marked) for language in ("zh", "en")] == [150, 150]
    assert sum(one["set"] == "held_out" for one in marked) == 150
    for one in marked:
        ends = 0
        for start, end, kind in one["spans"]:
            assert ends <= start < end <= len(one["text"]) and kind in KINDS
            assert one["text"][start:end].strip() == one["text"][start:end]
            ends = end


def test_each_passage_is_one_of_its_kind() -> None:
    """No two are one template with other numbers: without digits and names, none stands twice."""
    bare = set()
    for one in passages():
        text = one["text"]
        for start, end, _ in reversed(one["spans"]):
            text = text[:start] + text[end:]
        bare.add(text)
    assert len(bare) == 300


def test_scores_count_what_is_covered_and_what_is_right() -> None:
    assert Score(1, 1, 1, 2, 0).plus(Score(1, 0, 1, 0, 0)) == Score(2, 1, 2, 2, 0)
    assert (Score(4, 3, 4, 2, 1).recall, Score(4, 3, 4, 2, 1).hidden, Score(4, 3, 4, 2, 1).precision) == (0.75, 1, 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_recall_and_precision(kind: str) -> None:
    told = scores()
    assert total(told, "development", kind).recall >= GOALS[kind]
    assert total(told, "held_out", kind).recall >= LEAST[kind]
    assert total(told, "held_out", kind).precision >= 0.85


LEAST = {"id_number": 0.98, "phone": 0.98, "bank_card": 0.98, "birth_date": 0.97, "name": 0.92}
"""What is held, on the half that was not looked at; the goals stand in `tests.deidentify.measure`."""
