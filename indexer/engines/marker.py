"""The one document of an index that says what it shows; committed with the documents it speaks of."""

from __future__ import annotations

from typing import Any

from indexer.fields import SCHEMA_VERSION

MARKER = "marker"
"""Its id, and the scope in which it is found."""


def marker(store_version: int) -> dict[str, Any]:
    """The marker of an index that shows this version of the record store."""
    return {"id": MARKER, "scope": [MARKER], "store_version": store_version, "schema_version": SCHEMA_VERSION}
