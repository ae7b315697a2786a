"""Cases hold as they say, the judged sets are as good as the accepted run, and every accepted loss has its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from onestop.wiring import Workspace
from tests.relevance import accepted
from tests.relevance.asked import surprises
from tests.relevance.cases import CASES
from tests.relevance.expect import absent, among, before, first
from tests.relevance.judged import HELD, SETS, TUNED, cmrc, cranfield, half

HAN_CASES = sum(any("\u4e00" <= char <= "\u9fff" for char in case.text) for case in CASES)


def test_every_case_is_as_it_says(synced_cases: Path) -> None:
    """In one test, since filling the workspace takes longer than all its questions."""
    with Workspace(synced_cases, {}) as here:
        assert surprises(here, CASES) == []


def test_there_are_enough_cases_of_both_scripts() -> None:
    assert len(CASES) >= 120
    assert 0.4 < HAN_CASES / len(CASES) < 0.6


def test_expectations() -> None:
    found = ["a", "b", "c"]
    assert first("a", "b").holds(found) and not first("b").holds(found)
    assert among(2, "b", "a").holds(found) and not among(2, "c").holds(found)
    assert before("b", "c", "x").holds(found) and not before("b", "a").holds(found) and not before("x").holds(found)
    assert absent("x").holds(found) and not absent("x", "c").holds(found)


@pytest.mark.corpus
@pytest.mark.parametrize("make", [cranfield, cmrc])
def test_no_loss_without_a_reason(make: accepted.Make, corpus: Path, tmp_path: Path) -> None:
    """Losses are accepted with a reason: ``make relevance ACCEPT="..."``."""
    judged = make(corpus)
    now = accepted.measured(judged, tmp_path / judged.name)
    assert accepted.losses(judged.name, now, accepted.read()) == []


@pytest.mark.corpus
def test_every_set_was_accepted(corpus: Path) -> None:
    assert set(accepted.read()["sets"]) == {make(corpus).name for make in SETS}


def test_every_accepted_loss_has_a_reason() -> None:
    assert all(loss["reason"].strip() for loss in accepted.read()["losses"])


def test_losses_and_changes_are_told() -> None:
    measures = {"ndcg@10": 0.5, "mrr@10": 0.5, "recall@100": 0.5}
    old = {"sets": {"s": {"tuned": measures, "held": measures, "below": {"1": 0.2, "2": 0.9}}}}
    now = {"tuned": measures, "held": {**measures, "mrr@10": 0.4}, "below": {"1": 0.25}}
    (loss,) = accepted.losses("s", now, old)
    assert loss == {"set": "s", "half": "held", "measure": "mrr@10", "from": 0.5, "to": 0.4}
    assert accepted.changes(now, old["sets"]["s"]) == [("2", 0.9, 1.0), ("1", 0.2, 0.25)]
    assert accepted.losses("new", now, old) == []


def test_the_halves_are_halves() -> None:
    parts = [half(str(number)) for number in range(1_000)]
    assert 450 < parts.count(TUNED) < 550 and set(parts) == {TUNED, HELD}
