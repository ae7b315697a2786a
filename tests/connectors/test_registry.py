"""The registry of transports: a name, settings, a base; mistakes are named."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from connectors.base import StopSource
from connectors.registry import CONNECTORS, connector


@pytest.mark.parametrize("target", CONNECTORS.values())
def test_every_transport_can_be_imported_and_says_its_settings(target: str) -> None:
    module, _, name = target.partition(":")
    kind = getattr(import_module(module), name)
    assert kind.__doc__
    assert kind.settings_model.__doc__
    assert kind.settings_model.model_config["extra"] == "forbid"


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("foldr", {}, "'foldr' is not known.*did you mean 'folder'.*folder, .*sql"),
        ("folder", {}, "'path' is missing"),
        ("folder", {"path": "x", "glbo": "*"}, "'glbo' is not known.*did you mean 'glob'.*path, glob"),
        ("folder", {"path": 3}, "'path' of connector folder is wrong"),
    ],
)
def test_a_mistake_is_one_sentence(name: str, settings: dict[str, object], said: str) -> None:
    with pytest.raises(StopSource, match=said) as caught:
        connector(name, settings, Path())
    assert "\n" not in str(caught.value)
