"""docs/formats.md names every format, column and sidecar key, docs/connectors.md every transport and its settings."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from connectors.registry import CONNECTORS
from mappings.crosswalks import names
from mappings.formats.sidecar import KEYS
from mappings.formats.table.plan import OWN
from mappings.registry import MAPPINGS

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
TRANSPORTS = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")
SETTINGS = [
    (name, model.alias or field)
    for name, target in CONNECTORS.items()
    for field, model in getattr(
        import_module(target.partition(":")[0]), target.partition(":")[2]
    ).settings_model.model_fields.items()
]


@pytest.mark.parametrize("word", sorted({*OWN, *KEYS}))
def test_every_word_is_documented(word: str) -> None:
    assert re.search(rf"`{word}`", PAGE)


@pytest.mark.parametrize(("name", "setting"), SETTINGS)
def test_every_setting_is_documented_with_its_transport(name: str, setting: str) -> None:
    section = re.search(rf"(?ms)^## {name}\n.*?(?=^## |\Z)", TRANSPORTS)
    assert section is not None
    assert f"`{setting}`" in section[0]


@pytest.mark.parametrize("name", names())
def test_every_crosswalk_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_format_has_its_section(name: str) -> None:
    assert f"## `mapping: {name}`" in PAGE
