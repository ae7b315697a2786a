"""A store that records are put into as the intake does, and the step run on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.access import Access
from mappings.record import Authority, Dates, Mention, Name, Record, Variant, checksum, decode_record, encode
from pipelines.enrichment.step import Enriched, enrich
from pipelines.record_store import RecordStore
from pipelines.source import SourceSpec
from pipelines.workers import Workers


class Night:
    """A store, and the nights it goes through."""

    def __init__(self, folder: Path, workers: Workers) -> None:
        self.store = RecordStore(folder / "records")
        self.off: set[str] = set()
        self.sources: set[str] = set()
        self._workers = workers

    def put(self, source: str, *records: Record, access: str | None = None) -> Night:
        """What an intake writes of these records."""
        self.sources.add(source)
        payloads = [encode(record) for record in records]
        with self.store.begin("run") as commit:
            row = {"title": source, "access": access}
            commit.add(
                "source", {"action": ["index"], "record": [str(row).replace("'", '"').replace("None", "null")]}, source
            )
            columns: dict[str, Any] = {
                "item": [record.source_id for record in records],
                "source_id": [record.source_id for record in records],
                "action": ["index"] * len(records),
                "checksum": [checksum(payload) for payload in payloads],
                "since": [commit.version] * len(records),
                "record_kind": [record.kind for record in records],
                "nested": [False] * len(records),
                "link_keys": [["doi\x1f1"]] * len(records),
                "blocks": [["b"]] * len(records),
                "problems": [None] * len(records),
                "record": payloads,
            }
            commit.add("record", columns, source)
            commit.commit()
        return self

    def take(self, source: str, source_id: str) -> Night:
        with self.store.begin("run") as commit:
            commit.add("record", {"source_id": [source_id], "item": [source_id], "action": ["delete"]}, source)
            commit.commit()
        return self

    def enrich(self, **options: Any) -> Enriched:
        specs = [SourceSpec(name, name, "folder", "ead", enrich=name not in self.off) for name in sorted(self.sources)]
        return enrich(self.store, "run", specs, workers=self._workers, **options)

    def record(self, source: str, source_id: str) -> Record:
        found = self.store.get(source, source_id)
        assert found is not None
        return found

    def mentions(self, source: str, source_id: str) -> list[tuple[str, str, str | None]]:
        """(type, name, authority) of what is found in a record."""
        return [(one.type, one.name, one.authority) for one in self.record(source, source_id).mentions]

    def state(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """What a later run and the index see of every record: all but when it was written."""
        columns = ["source", "source_id", "checksum", "since", "record_kind", "link_keys", "blocks", "record"]
        rows = self.store.current("record", columns).to_pylist()
        found = {(row["source"], row["source_id"]): tuple(map(str, list(row.values())[2:])) for row in rows}
        assert all(decode_record(value[-1]) for value in found.values())
        return found


def person(
    source_id: str, name: str, *years: int, place: str = "", variants: tuple[str, ...] = (), access: Any = None
) -> Record:
    """An authority record of a person."""
    return Record(
        source_id,
        name,
        kind="thematic",
        dates=Dates("-".join(map(str, years)), *years) if years else None,
        names=(Name(place, "place"),) if place else (),
        authority=Authority("person", (), tuple(map(Variant, variants))),
        access=Access(access) if access else None,
    )


def described(source_id: str, text: str, *years: int) -> Record:
    """A record of material with a note."""
    return Record(source_id, "卷宗", dates=Dates("", *years) if years else None, description={"note": text})


def spans(mentions: tuple[Mention, ...], record: Record) -> list[str]:
    """The texts at the offsets of mentions."""
    texts = {"title": record.title, **record.description}
    return [texts[one.field][one.start : one.end] for one in mentions]


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Two real worker processes for all tests."""
    with Workers() as pool:
        yield pool


@pytest.fixture
def night(tmp_path: Path, workers: Workers) -> Night:
    return Night(tmp_path, workers)
