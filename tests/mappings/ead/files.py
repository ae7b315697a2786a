"""Finding aids for tests, written in place."""

from __future__ import annotations

from mappings.base import MappingOptions
from mappings.formats.ead import EadMapping
from mappings.record import Record
from tests.contracts.mapping_contract import records

MAPPING = EadMapping(MappingOptions())
NAMESPACES = {
    "EAD 2002": ' xmlns="urn:isbn:1-931666-22-9" xmlns:xlink="http://www.w3.org/1999/xlink"',
    "EAD3": ' xmlns="http://ead3.archivists.org/schema/"',
    "EAD3 undeprecated": ' xmlns="http://ead3.archivists.org/schema/undeprecated/"',
    "none": "",
}


def finding_aid(dsc: str = "", top: str = "", attributes: str = "", root: str = "", after: str = "") -> bytes:
    """A finding aid with these components, `top` beside the title of the fonds, `after` behind the components."""
    return (
        f"<ead{root}><archdesc level='fonds'{attributes}><did><unittitle>Papers</unittitle><unitid>F 1</unitid></did>"
        f"{top}<dsc>{dsc}</dsc>{after}</archdesc></ead>"
    ).encode()


def of(payload: bytes, mapping: EadMapping = MAPPING) -> dict[str, Record]:
    """The records of a file by what follows ``#`` in their source id; the fonds is ""."""
    return {record.source_id.partition("#")[2]: record for record in records(mapping, ("a.xml", payload))}


def component(did: str = "", rest: str = "", attributes: str = "") -> Record:
    """The record of one component."""
    return of(finding_aid(f"<c id='x'{attributes}><did>{did}</did>{rest}</c>"))["x"]
