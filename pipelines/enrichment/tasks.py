"""What worker processes do with stored records: read their descriptions for names. spaCy is imported with the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mappings.record import Record, decode_record, encode

if TYPE_CHECKING:
    from pipelines.enrichment.languages import Finder

Models = tuple[tuple[str, str], ...]
"""(language, trained pipeline) pairs."""
Row = tuple[int, str, str]
"""(row number, source, JSON) of a record."""


@dataclass(frozen=True, slots=True)
class NamesTask:
    """Records to look for names in: rows of batch `batch`; the gazetteer is a file of this run."""

    gazetteer: str
    models: Models
    batch: int
    rows: tuple[Row, ...]
    alone: bool = False

    @property
    def size(self) -> int:
        return sum(len(record) for _, _, record in self.rows)

    def split(self) -> list[NamesTask]:
        """A task per record, for finding the one that kills its worker."""
        return [NamesTask(self.gazetteer, self.models, self.batch, (row,)) for row in self.rows]

    def run(self) -> Iterator[list[tuple[int, bytes]]]:
        """(row number, new JSON) of the records that name others than they said before."""
        finder = _finder(self.gazetteer, self.models)
        with finder.batch():
            changed = [(at, with_names(source, decode_record(record), finder)) for at, source, record in self.rows]
        yield [(number, encode(record)) for number, record in changed if record is not None]


def with_names(source: str, record: Record, finder: Finder) -> Record | None:
    """The record with the names found in it; None when those are what it says already."""
    from pipelines.enrichment.mentions import mentions_of

    found = mentions_of(record, finder, f"{source}:{record.source_id}")
    return None if found == record.mentions else replace(record, mentions=found)


def without_names(record: str) -> bytes | None:
    """The JSON of a record with no names found in it; None when it had none."""
    known = decode_record(record)
    return encode(replace(known, mentions=())) if known.mentions else None


@lru_cache(maxsize=1)
def _finder(gazetteer: str, models: Models) -> Finder:
    """Loaded once a process and run: the file's name is new with every run."""
    from pipelines.enrichment.languages import Finder

    return Finder(Path(gazetteer), dict(models))
