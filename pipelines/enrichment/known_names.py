"""The gazetteer of a store: its authority records, and which names came or went since the last run.

Records that only staff may know of give no names: a public description must not tell what they are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import ahocorasick
import pyarrow as pa
import pyarrow.compute as pc

from mappings.access import ANONYMOUS, Level, effective
from mappings.record import decode_record
from mappings.text import fold
from pipelines.enrichment.entries import Entry, entry_of
from pipelines.enrichment.gazetteer import Gazetteer
from pipelines.enrichment.state import State
from pipelines.record_store import KEYS, RecordStore
from pipelines.tables import newest, only

_MARK = '"authority":{'
"""In the JSON of every authority record, and of no other but by chance."""
_COLUMNS = ("version", "source", "source_id", "action", "record")


class Change:
    """Names that came, went or mean somebody else: what has one in it has to be looked at again."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for form in forms:
            self._automaton.add_word(form, True)
        self._automaton.make_automaton()

    def __bool__(self) -> bool:
        return len(self._automaton) > 0

    def concerns(self, record: str) -> bool:
        """Does one of the names stand in the JSON of a record?"""
        return next(self._automaton.iter(fold(record)), None) is not None


class KnownNames:
    """The authorities of a store. `sources` are those that hold some, `change` what differs from the state before."""

    def __init__(self, store: RecordStore, before: State, now: State) -> None:
        self._store, self._hidden = store, frozenset(now.hidden)
        goes_on = before.may_go_on(now)
        self.sources = set(before.sources) if goes_on else set()
        changed = self._changed(before.version if goes_on else -1)
        self.change = Change(self._forms(changed, before.version) if goes_on else ())

    def save(self, file: Path) -> int:
        """Build the gazetteer and write it to a file; how many names it has."""
        gazetteer = Gazetteer(sorted(self._entries()))
        gazetteer.save(file)
        return len(gazetteer)

    def _entries(self) -> Iterator[Entry]:
        for source in sorted(self.sources):
            for table in self._store.newest_groups("record", _COLUMNS, source=source):
                yield from self._of(table).values()

    def _changed(self, after: int) -> dict[str, dict[str, Entry | None]]:
        """By source: what became of each record since a version, None for what is no authority now. Sources with
        authorities among them are noted.
        """
        found: dict[str, dict[str, Entry | None]] = {}
        for table in self._store.newest_groups("record", _COLUMNS, after=after):
            now = self._of(table)
            self.sources.update(source for source, _ in now)
            if after >= 0:
                for key in zip(table["source"].to_pylist(), table["source_id"].to_pylist(), strict=True):
                    found.setdefault(key[0], {})[key[1]] = now.get(key)
        return {source: keys for source, keys in found.items() if source in self.sources}

    def _forms(self, changed: dict[str, dict[str, Entry | None]], version: int) -> Iterator[str]:
        """The forms of authorities that are others than they were up to a version."""
        for source, entries in changed.items():
            rows = self._store.rows("record", _COLUMNS, source=source, source_ids=entries)
            rows = rows.filter(pc.less_equal(rows["version"], version))
            before = self._of(rows.take(newest(rows, KEYS["record"])))
            for source_id, now in entries.items():
                was = before.get((source, source_id))
                if was != now:
                    yield from (was.forms if was else ())
                    yield from (now.forms if now else ())

    def _of(self, table: pa.Table) -> dict[tuple[str, str], Entry]:
        """The authorities among some rows, those whose description readers may read."""
        table = only(table, pc.not_equal(table["action"], "delete"))
        table = table.filter(pc.match_substring(table["record"], _MARK))
        found: dict[tuple[str, str], Entry] = {}
        for row in table.to_pylist():
            record = decode_record(row["record"])
            default: Level | None = "internal" if row["source"] in self._hidden else None
            entry = entry_of(row["source"], record)
            if entry is not None and ANONYMOUS.may_describe(effective(record.access, default)):
                found[row["source"], row["source_id"]] = entry
        return found
