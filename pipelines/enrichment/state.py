"""What the step has done and with what: its row of kind ``enriched``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec

COMPONENT = "names"
"""`source_id` of the rows."""


class State(Struct, frozen=True):
    """`version`: up to which names are looked for, -1 for none yet. `off`: sources left alone; `hidden`: sources whose
    records are internal unless they say otherwise; `sources`: those with authority records.
    """

    signature: str = ""
    off: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    version: int = -1
    sources: tuple[str, ...] = ()

    @classmethod
    def read(cls, store: RecordStore) -> State:
        """Of the last row; an empty state when there is none."""
        rows = store.rows("enriched", ["version", "source_id", "signature", "raw"]).to_pylist()
        own = [row for row in rows if row["source_id"] == COMPONENT]
        if not own:
            return cls()
        last = own[-1]
        said = msgspec.json.decode(last["raw"], type=_Said)
        return cls(last["signature"], said.off, said.hidden, last["version"], said.sources)

    def then(self, store: RecordStore, specs: Collection[SourceSpec], signature: str) -> State:
        """What has to hold after this run: the same, unless sources or rules changed."""
        told = {spec.name: spec.enrich for spec in specs}
        off = {name for name in self.off if name not in told} | {name for name, on in told.items() if not on}
        rows = store.current("source", ["source", "record"]).to_pylist()
        hidden = [row["source"] for row in rows if msgspec.json.decode(row["record"])["access"] == "internal"]
        return replace(self, signature=signature, off=tuple(sorted(off)), hidden=tuple(sorted(hidden)))

    def may_go_on(self, now: State) -> bool:
        """Does what was found still hold, so that only what is new has to be looked at?"""
        return self.version >= 0 and (self.signature, self.hidden) == (now.signature, now.hidden)

    def toggled(self, now: State) -> set[str]:
        """Sources that are left alone now and were not, or the other way round."""
        return set(self.off) ^ set(now.off)

    def with_sources(self, sources: Collection[str]) -> State:
        """The state with the sources of authority records."""
        return replace(self, sources=tuple(sorted(sources)))

    def row(self) -> dict[str, list[Any]]:
        """Its row, as columns."""
        said = msgspec.json.encode(_Said(self.off, self.hidden, self.sources)).decode()
        return {"action": ["index"], "source_id": [COMPONENT], "signature": [self.signature], "raw": [said]}


class _Said(Struct, frozen=True):
    off: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
