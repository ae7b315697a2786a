"""Small MARC records, written by pymarc: an independent writer of what the mapping reads."""

from __future__ import annotations

import pymarc

from mappings.base import MappingOptions, Outcome
from mappings.record import Record
from mappings.registry import mapping
from tests.contracts.mapping_contract import mapped

LEADER = "00000nam a2200000 a 4500"
ARCHIVE = "00000npcaa2200000 a 4500"
AUTHORITY = "00000cz  a2200000n  4500"
UNIMARC = "00000nam0 2200000   450 "
MARC = mapping("marc", MappingOptions())


def field(line: str) -> pymarc.Field:
    """A field from ``245 10 $a Title $c Author`` (blank indicators as ``#``), or ``001 12345``."""
    tag, _, rest = line.partition(" ")
    if tag < "010" and tag.isdigit():
        return pymarc.Field(tag=tag, data=rest)
    indicators, _, text = rest.partition(" ")
    subfields = [pymarc.Subfield(part[0], part[1:].strip(" ")) for part in text.split("$")[1:]]
    both = indicators.replace("#", " ")
    return pymarc.Field(tag=tag, indicators=pymarc.Indicators(both[0], both[1]), subfields=subfields)


def marc(*lines: str, leader: str = LEADER) -> pymarc.Record:
    """A record of these fields."""
    return pymarc.Record(leader=leader, fields=[field(line) for line in lines])


def iso2709(*records: pymarc.Record) -> bytes:
    """The records in ISO 2709, in UTF-8."""
    return b"".join(record.as_marc() for record in records)


def marcxml(record: pymarc.Record) -> bytes:
    """The record in MARCXML."""
    return bytes(pymarc.record_to_xml(record))  # type: ignore[no-untyped-call]


def outcomes_of(payload: bytes, name: str = "a.mrc") -> list[Outcome]:
    """What the mapping makes of a file."""
    return mapped(MARC, (name, payload))


def record_of(*lines: str, leader: str = LEADER) -> Record:
    """The one record that these fields become."""
    (outcome,) = outcomes_of(iso2709(marc(*lines, leader=leader)))
    assert isinstance(outcome, Record), outcome
    return outcome
