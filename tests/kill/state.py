"""What a reader of store and index can tell, to compare two workspaces by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tantivy

from pipelines.publish import SHOWN_KINDS
from pipelines.record_store import RecordStore


def state(folder: Path) -> dict[str, Any]:
    """All that a reader of store and index can tell: current rows without version and run, and every document."""
    store = RecordStore(folder / "records")
    found: dict[str, Any] = {
        "records": _rows(store, "record", ("source", "source_id", "item", "checksum", "record")),
        "pages": _rows(store, "page", ("source", "source_id", "page", "item", "checksum")),
        "items": _rows(store, "item", ("source", "item", "checksum", "records", "skipped", "failed")),
        "links": _rows(store, "link", ("source", "source_id", "resource", "link_keys")),
        "redirects": _rows(store, "redirect", ("source_id", "resource")),
    }
    index = tantivy.Index.open(str(folder / "index"))
    searcher = index.searcher()
    addresses = searcher.search(tantivy.Query.all_query(), searcher.num_docs).hits
    documents = [searcher.doc(address).to_dict() for _, address in addresses]
    [[shown]] = [document["store_version"] for document in documents if "store_version" in document]
    assert store.version_of(SHOWN_KINDS) <= shown <= store.version
    found["documents"] = sorted(str(sorted(one.items())) for one in documents if "store_version" not in one)
    return found


def _rows(store: RecordStore, kind: Any, columns: tuple[str, ...]) -> list[str]:
    return sorted(map(str, store.current(kind, list(columns)).to_pylist()))
