"""Every status is mapped, and docs/relay.md says the same as the code."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from service_desk import machine, vocabularies
from service_desk.legs import machine as legs
from service_desk.vocabularies import LEGS, REQUESTS, Aeon, Folio, Iso10161, Iso18626

PAGE = (Path(__file__).parents[2] / "docs" / "relay.md").read_text(encoding="utf-8")


def test_every_status_is_mapped():
    assert REQUESTS.keys() == set(machine.STATUSES)
    assert LEGS.keys() == set(legs.STATUSES)


@pytest.mark.parametrize("table", [REQUESTS, LEGS], ids=["requests", "legs"])
def test_words_are_of_their_vocabularies(table):
    for words in table.values():
        assert words.iso10161 in get_args(Iso10161) and words.iso18626 in get_args(Iso18626)
        assert words.aeon in get_args(Aeon) and words.folio in get_args(Folio)


@pytest.mark.parametrize("table", [REQUESTS, LEGS], ids=["requests", "legs"])
def test_the_page_says_the_same(table):
    for status, words in table.items():
        row = f"| `{status}` | {words.iso10161} | {words.iso18626} | {words.aeon} | {words.folio} |"
        assert row in PAGE, row


def test_open_and_closed_agree():
    """What is closed here is open nowhere else, and the other way round."""
    for status, words in REQUESTS.items():
        assert words.folio.startswith("Closed") == (status in machine.CLOSED), status
    assert vocabularies.LEGS["taken_back"].iso18626 == "Cancelled"
