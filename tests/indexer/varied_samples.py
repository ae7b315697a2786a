"""Thousands of resources made from the bundled samples: the records as they are, then copies of them with other words,
years and rights. The same number gives the same resources.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from pathlib import Path

from msgspec.structs import replace

from connectors.base import RawItem
from connectors.registry import connector
from indexer.resource import Member, Resource, mint
from mappings.access import Access, effective
from mappings.record import Ancestor, Copy, Dates, Name, Page, Record
from mappings.registry import mapping
from onestop.sources import load_sources
from pipelines.source import SourceSpec
from tests.benchmarks.growth_corpus import varied

SAMPLES = Path(__file__).parents[2] / "samples"
SOURCES = ("land_files", "land_volumes", "ncsu", "ncsu_typescripts", "newspapers", "nlm", "tang_poems", "tang_poets")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]{4,}|[\u3400-\u9fff]")
_LEVELS = (
    None,
    Access("open"),
    Access("registered"),
    Access("restricted"),
    Access("closed", opens_on=dt.date(2020, 1, 1)),
    Access("closed", opens_on=dt.date(2090, 1, 1)),
    Access("internal"),
)
"""What a copy of a record says of its access, in turns."""


def resources(number: int) -> Iterator[Resource]:
    """So many resources, none joined with another."""
    return islice(_without_end(), number)


def _without_end() -> Iterator[Resource]:
    specs = load_sources(SAMPLES, SOURCES, {})
    found = list(
        {(name, one.source_id): (specs[name], one) for name in SOURCES for one in _records(specs[name])}.values()
    )
    for copy in count():
        for at, (spec, record) in enumerate(found):
            yield _resource(spec, _copied(record, copy, at) if copy else record)


def _records(spec: SourceSpec) -> Iterator[Record]:
    reader = mapping(spec.mapping, spec.options())
    for item in connector(spec.connector, spec.settings, spec.base).read(None):
        if isinstance(item, RawItem):
            yield from (one for one in reader.records([item]) if isinstance(one, Record))


def _resource(spec: SourceSpec, record: Record) -> Resource:
    member = Member(spec.name, spec.title, record, effective(record.access, spec.access))
    return Resource(mint(spec.name, record.source_id), (member,))


def _copied(record: Record, copy: int, at: int) -> Record:
    """A record as a copy has it."""
    return replace(
        record,
        source_id=f"{record.source_id}~{copy}",
        title=_reworded(record.title, copy),
        dates=_later(record.dates, copy),
        names=tuple(_renamed(name, copy) for name in record.names),
        description={label: _reworded(text, copy) for label, text in record.description.items()},
        ancestors=tuple(_above(one, copy) for one in record.ancestors),
        copies=tuple(_reread(one, copy) for one in record.copies),
        access=_LEVELS[(at + copy) % len(_LEVELS)] or record.access,
    )


def _reworded(text: str, copy: int) -> str:
    return _WORD.sub(lambda found: _other(found[0], copy), text)


@cache
def _other(word: str, copy: int) -> str:
    return varied(word, copy)


def _later(dates: Dates | None, copy: int) -> Dates | None:
    if dates is None or dates.start is None or dates.end is None:
        return dates
    return replace(dates, start=dates.start + copy, end=dates.end + copy)


def _renamed(name: Name, copy: int) -> Name:
    return replace(name, name=_reworded(name.name, copy)) if copy % 2 else name


def _above(ancestor: Ancestor, copy: int) -> Ancestor:
    return replace(ancestor, source_id=f"{ancestor.source_id}~{copy}", title=_reworded(ancestor.title, copy))


def _reread(one: Copy, copy: int) -> Copy:
    return replace(one, pages=tuple(_said(page, copy) for page in one.pages))


def _said(page: Page, copy: int) -> Page:
    """A page with other words, whose places are not kept."""
    return replace(page, text=_reworded(page.text, copy), lines=(), divided=())
