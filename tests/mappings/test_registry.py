"""The registry of formats."""

from __future__ import annotations

import pytest

from mappings.base import MappingOptions
from mappings.registry import MAPPINGS, mapping


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_format_is_made_by_name(name: str) -> None:
    made = mapping(name, MappingOptions())
    assert type(made).__doc__
    assert made.unit in ("file", "folder")


def test_an_unknown_format_is_one_sentence_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match=r"'tabel' is not known \(did you mean 'table'\?\); known: alto, ead, .*table"
    ) as caught:
        mapping("tabel", MappingOptions())
    assert "\n" not in str(caught.value)
