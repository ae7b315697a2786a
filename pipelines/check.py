"""A look at a source before it is trusted: a few items, the records they give, what they leave unmapped. Writes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec.structs import replace

from connectors.base import Connector, Listed, SourceError, StopSource
from connectors.registry import connector
from mappings.access import effective
from mappings.base import Outcome, Skipped
from mappings.dates import is_unread
from mappings.record import Problem, Record
from mappings.registry import mapping
from pipelines.items import PATIENCE, Unit, read_unit, units
from pipelines.patience import Patience
from pipelines.proposal import proposal
from pipelines.source import SourceSpec

ITEMS = 5
"""Items looked at: enough to see a wrong column, few enough to answer at once."""
PAGES_SHOWN = 3


def check_source(spec: SourceSpec, limit: int = 20) -> dict[str, Any]:
    """What `onestop source check NAME --json` prints: up to `limit` records of the first items, and what is wrong with
    them.

    Keys: source, title, connector, mapping, items (keys looked at), records, records_seen, unmapped, dates_unread (date
    texts that name no time we understand), problems, access (what holds for records that state nothing), access_note,
    crosswalk and proposal (`pipelines.proposal`). Raises SourceError when the source cannot be read at all.
    """
    found: dict[str, Any] = {
        "source": spec.name,
        "title": spec.title,
        "connector": spec.connector,
        "mapping": spec.mapping,
        "items": [],
        "records": [],
        "records_seen": 0,
        "unmapped": [],
        "dates_unread": [],
        "problems": [],
        "access": spec.access or "restricted",
        "access_note": _access_note(spec),
    }
    for unit in islice(_first_units(spec), ITEMS):
        found["items"].append(unit.key)
        _look_at(unit, spec, limit, found)
    for name in ("unmapped", "dates_unread"):
        found[name] = list(dict.fromkeys(found[name]))
    return found | proposal(spec, _first_units(spec) if spec.mapping == "table" else ())


def _access_note(spec: SourceSpec) -> str:
    if spec.access:
        return f"records that state nothing: {spec.access}, as the source file says"
    return "stated nowhere: descriptions for everyone, text and images on application only"


def _first_units(spec: SourceSpec) -> Iterator[Unit]:
    """The items of a source, in order."""
    try:
        unit = mapping(spec.mapping, spec.options()).unit
    except ValueError as error:
        raise StopSource(str(error)) from None
    transport = connector(spec.connector, spec.settings, spec.base)
    for entry in units(_told(transport), "file" if transport.separate else unit):
        if isinstance(entry, Unit):
            yield entry


def _told(transport: Connector) -> Iterator[Listed]:
    """What the transport lists; its first answer is waited for a little."""
    first, others = Patience(PATIENCE).ask(lambda: _begun(transport.read(None)))
    if first is not None:
        yield first
        yield from others


def _begun(listing: Iterator[Listed]) -> tuple[Listed | None, Iterator[Listed]]:
    return next(listing, None), listing


def _look_at(unit: Unit, spec: SourceSpec, limit: int, found: dict[str, Any]) -> None:
    """Map one item, as far as its first `limit` records: a volume or a large table must not keep anyone waiting."""
    try:
        _, contents = read_unit(unit)
    except (SourceError, OSError) as error:
        found["problems"].append(_problem(unit.key, Problem("unreadable", str(error))))
        return
    for outcome in islice(mapping(spec.mapping, spec.options()).records(contents), limit):
        _note(outcome, unit, spec, limit, found)


def _note(outcome: Outcome, unit: Unit, spec: SourceSpec, limit: int, found: dict[str, Any]) -> None:
    if not isinstance(outcome, Record):
        skipped = {"action": "skipped" if isinstance(outcome, Skipped) else "failed"}
        found["problems"].append(_problem(unit.key, outcome.problem) | skipped)
        return
    found["records_seen"] += 1
    if len(found["records"]) < limit:
        found["records"].append(_shown(outcome, spec))
    found["problems"] += [_problem(unit.key, problem) for problem in outcome.problems]
    found["unmapped"] += _unmapped(outcome, spec)
    if outcome.dates is not None and is_unread(outcome.dates):
        found["dates_unread"].append(outcome.dates.text)


def _unmapped(record: Record, spec: SourceSpec) -> list[str]:
    """Columns that go into no field. They are kept as values of the row, under their own name."""
    named = {name for names in spec.columns.values() for name in ([names] if isinstance(names, str) else names)}
    mapped = {name.casefold().strip() for name in named}
    if record.kind == "thematic" and not mapped:
        return []
    return [label for label in record.values if label.casefold().strip() not in mapped]


def _shown(record: Record, spec: SourceSpec) -> dict[str, Any]:
    """A record as JSON can say it, with the access that holds for it, and no more than a few pages."""
    few = tuple(replace(copy, pages=tuple(copy.pages[:PAGES_SHOWN])) for copy in record.copies)
    shown: dict[str, Any] = msgspec.to_builtins(replace(record, copies=few))
    shown["access"] = msgspec.to_builtins(effective(record.access, spec.access))
    return shown


def _problem(item: str, problem: Problem) -> dict[str, Any]:
    shown = {"item": item, "position": problem.position, "code": problem.code}
    return shown | {"reason": problem.reason, "hint": problem.hint}
