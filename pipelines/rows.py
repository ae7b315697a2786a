"""Rows of the record store: their kinds, their columns, and what makes two of them the same thing
(`docs/record-store.md`).
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

RowKind = Literal[
    "item",
    "record",
    "page",
    "problem",
    "payload",
    "finding",
    "reading",
    "enriched",
    "pair",
    "link",
    "redirect",
    "linked",
    "policy",
    "access",
    "source",
    "run",
    "released",
    "masked",
]
KEYS: dict[RowKind, tuple[str, ...]] = {
    "item": ("source", "item"),
    "record": ("source", "source_id"),
    "page": ("source", "source_id", "page"),
    "payload": ("source", "item"),
    "finding": ("source", "source_id", "page"),
    "reading": ("source_id",),
    "pair": ("source_id",),
    "link": ("source", "source_id"),
    "redirect": ("source_id",),
    "access": ("source", "source_id"),
    "source": ("source",),
    "run": ("run", "source"),
    "released": ("source", "source_id"),
    "masked": ("source", "source_id", "page"),
}
"""What makes two rows of a kind the same thing; of `problem`, `linked`, `enriched` and `policy` rows all stay."""

SCHEMA = pa.schema(
    [
        ("version", pa.int64()),
        ("run", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("source", pa.string()),
        ("item", pa.string()),
        ("source_id", pa.string()),
        ("action", pa.string()),
        ("checksum", pa.string()),
        ("signature", pa.string()),
        ("since", pa.int64()),
        ("page", pa.int32()),
        ("copy", pa.int32()),
        ("record_kind", pa.string()),
        ("nested", pa.bool_()),
        ("link_keys", pa.list_(pa.string())),
        ("resource", pa.string()),
        ("record", pa.string()),
        ("problems", pa.string()),
        ("raw", pa.string()),
        ("records", pa.int32()),
        ("skipped", pa.int32()),
        ("failed", pa.int32()),
        ("pages", pa.int32()),
        ("token", pa.string()),
        ("payload", pa.binary()),
        ("blocks", pa.list_(pa.string())),
    ]
)
FIRST_NAMES = frozenset(SCHEMA.names) - {"token", "payload", "blocks"}
"""The columns of the first stores; what came later is null in their files."""
PRUNED = ("version", "source", "item", "source_id")
"""Columns by whose ends readers leave out files and row groups."""
