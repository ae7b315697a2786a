"""Released de-identified copies as they lie in the store: of each a row that says which release it is, and one a page
(`mappings.deidentification.CopyPage`). Written by `pipelines.deidentify.step`; what is indexed and shown comes from
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from mappings.decisions import Key
from mappings.deidentification import CopyPage, ReleasedCopy
from pipelines.pages import CurrentPages
from pipelines.record_store import KEYS, RecordStore

decode_copy = msgspec.json.Decoder(ReleasedCopy).decode
decode_copy_page = msgspec.json.Decoder(CopyPage).decode


def released_copies(store: RecordStore) -> dict[Key, str]:
    """The records a copy of which is shown: JSON of a `ReleasedCopy` without its pages."""
    rows = store.current("released", ["source", "source_id", "record"]).to_pylist()
    return {(row["source"], row["source_id"]): row["record"] for row in rows}


def copy_pages(store: RecordStore, source: str, source_ids: Sequence[str]) -> CurrentPages:
    """The pages of these copies, to be read in pieces."""
    return CurrentPages(partial(store.row_groups, "masked", source=source, source_ids=list(source_ids)), KEYS["masked"])


def with_copy_pages(released: str | None, pages: Sequence[str]) -> ReleasedCopy | None:
    """The copy with some of its pages."""
    if released is None:
        return None
    return msgspec.structs.replace(decode_copy(released), pages=tuple(map(decode_copy_page, pages)))
