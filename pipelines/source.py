"""What the nightly run has to know of a source: the contract's source file, and where relative paths begin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

import mappings
from mappings.access import Level
from mappings.base import MappingOptions
from mappings.record import checksum


@dataclass(frozen=True, slots=True)
class Errors:
    """How many items or records of one run may fail before the source is stopped: in all, one after the other, as a
    share of what was read (looked at from the hundredth on). None: no limit.
    """

    total: int | None = None
    in_a_row: int | None = 1000
    share: float | None = None


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source by name: transport, format, and what is said about all of its records (contract, "Source file").

    `base` is the folder relative paths in `settings` are taken from. `min_records` and `max_records` bound what a
    healthy run finds; outside of them nothing of the run is published. `reconcile` are the days after which a source
    that tells only changes is asked for all its keys, `patience` the minutes a run waits for it in all. `ocr` names how
    page images without text are read (`pipelines.ocr`), None for not at all; `enrich` whether names and personal data
    are looked for. Not `braked`: whatever it gives no more goes, however much that is.
    """

    name: str
    title: str
    connector: str
    mapping: str
    holder: str | None = None
    access: Level | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, str | list[str]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    split: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    crosswalk: str | None = None
    min_records: int | None = None
    max_records: int | None = None
    errors: Errors = Errors()
    reconcile: float = 7
    patience: float = 10
    ocr: str | None = None
    enrich: bool = True
    braked: bool = True
    base: Path = Path()

    def options(self) -> MappingOptions:
        """What the mapping is told."""
        return MappingOptions(self.holder, self.columns, self.values, self.split, self.fixed, self.crosswalk)

    def signature(self) -> str:
        """Changes when the same bytes could give other records: another mapping, other options, another version of its
        code.
        """
        return checksum(
            self.mapping.encode(), msgspec.json.encode(self.options(), order="sorted"), mapping_code().encode()
        )


@cache
def mapping_code() -> str:
    """A digest of the mappings' own files: an upgrade that touches them reads every item again, with nobody having to
    say so.
    """
    digest = hashlib.blake2b(digest_size=16)
    for folder in mappings.__path__:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in (".py", ".txt", ".yml"):
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
