"""The counts, which several tests look at."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.corpus_counts.table import Count

Counted = Callable[[str], tuple[Count, ...]]


@pytest.fixture(scope="session")
def counted(corpus: Path) -> Counted:
    """The rows of a module that counts, by its name; each counts once."""
    return cache(lambda name: tuple(import_module(f"tests.corpus_counts.{name}").rows(corpus)))
