"""Slow on purpose, and quick in tests, which are not about it: digests of document numbers. Those of passwords are
quick where a desk is opened with a hasher.
"""

from __future__ import annotations

from typing import Final

from service_desk import documents

SLOW: Final = dict(documents._COST)
"""What a digest costs in the product."""


def make_digests_cheap() -> None:
    """From now on, in this process."""
    documents._COST["n"] = 2
