"""The OAI-PMH transport on the responses of real repositories, and on any bytes at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.base import Checkpoint, Gone, RawItem, StopSource
from connectors.oai_repository import BrokenPage, Page, header_of, identifier_in, metadata_in, metadata_of
from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping
from tests.connectors.test_oai_pmh import frame, harvester, listed, patient
from tests.services.oai_server import OaiServer

REAL = Path(__file__).resolve().parents[1] / "services" / "oai"
OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture
def server() -> Iterator[OaiServer]:
    with OaiServer() as started:
        yield started


def scripted(folder: Path, first: str) -> Any:
    """Answers of the files of a folder; a resumption token is the name of a file there, as in sickle's."""

    def answer(asked: dict[str, str]) -> bytes | None:
        if asked["verb"] in ("ListRecords", "ListIdentifiers"):
            return (folder / asked.get("resumptionToken", first)).read_bytes()
        return (folder / f"{asked['verb']}.xml").read_bytes() if asked["verb"] == "Identify" else None

    return answer


def test_the_pages_of_sickle(server: OaiServer) -> None:
    server.scripted = scripted(REAL / "sickle", "ListRecords.xml")
    made = harvester(server)
    told = list(made.read(None))
    assert [sum(isinstance(entry, kind) for entry in told) for kind in (RawItem, Gone, Checkpoint)] == [5, 3, 3]
    server.scripted = scripted(REAL / "sickle", "ListIdentifiers.xml")
    assert len(list(made.keys())) > 0


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("badArgument.xml", "refuses the request .badArgument.*it offers oai_dc"),
        ("cannotDisseminateFormat.xml", "refuses the request .cannotDisseminateFormat.*it offers oai_dc"),
        ("noSetHierarchy.xml", "it has no sets; take out settings.set"),
        ("idDoesNotExist.xml", "refuses the request .idDoesNotExist"),
        ("undefinedError.xml", "refuses the request"),
        ("badResumptionToken.xml", "does not take its resumption token"),
        ("ListRecordsBroken.xml", "is not well-formed XML"),
    ],
)
def test_every_error_of_sickle(server: OaiServer, file: str, said: str) -> None:
    server.scripted = lambda asked: (REAL / "sickle" / file).read_bytes() if asked["verb"] == "ListRecords" else None
    made = harvester(server)
    error = [listed(made)[1] for _ in range(3)][-1]
    assert isinstance(error, StopSource)
    assert re.search(said, str(error))
    assert "\n" not in str(error)


def test_nothing_matches_at_sickle(server: OaiServer) -> None:
    server.scripted = lambda asked: (
        (REAL / "sickle/noRecordsMatch.xml").read_bytes() if asked["verb"] == "ListRecords" else None
    )
    made = harvester(server)
    assert list(made.read(None)) == []
    assert made.complete


def records_in(path: Path) -> list[bytes]:
    """The OAI records of a file, whatever is around them; one that is not well-formed as it stands."""
    text = path.read_bytes()
    try:
        root = etree.fromstring(text)
    except etree.XMLSyntaxError:
        return [re.sub(rb"^.*?(<record\b.*</record>).*$", rb"\1", text, flags=re.DOTALL)]
    found = [root] if root.tag == f"{OAI}record" else root.iter(f"{OAI}record")
    return [etree.tostring(one, with_tail=False) for one in found if one.find(f"{OAI}header") is not None]


def read_as(server: OaiServer, entries: list[bytes], name: str) -> list[Any]:
    """The outcomes of the mapping `name` for records that the repository gives."""
    server.scripted = lambda asked: frame(*entries) if asked["verb"] == "ListRecords" else None
    told = [entry for entry in patient(harvester(server)) if isinstance(entry, RawItem)]
    reader = mapping(name, MappingOptions())
    return [outcome for item in told for outcome in reader.records([item])]


@pytest.mark.parametrize(
    ("file", "name", "title"),
    [
        ("archivesspace/getrecord_resource_oai_dc.xml", "dc", None),
        ("archivesspace/getrecord_oai_mods.xml", "mods", None),
        ("archivesspace/getrecord_oai_marc.xml", "marc", None),
        ("archivesspace/getrecord_oai_ead.xml", "ead", None),
        ("transmogrifier/dspace_dim_record_all_fields.xml", "dc", "Time lapse"),
    ],
)
@pytest.mark.parametrize("by", ["name", "auto"])
def test_mappings_read_what_repositories_give(
    server: OaiServer, file: str, name: str, title: str | None, by: str
) -> None:
    found = read_as(server, records_in(REAL / file), name if by == "name" else "auto")
    assert found
    assert all(isinstance(one, Record) and one.title for one in found)
    assert title is None or title in found[0].title


@pytest.mark.corpus
def test_every_real_record_becomes_records(server: OaiServer, corpus: Path) -> None:
    lost: dict[str, int] = {}
    for path in sorted((corpus / "oai").rglob("*.xml")):
        entries = records_in(path) if b"<header" in path.read_bytes() else []
        alive = [entry for entry in entries if b"<metadata" in entry]
        found = read_as(server, alive, "auto") if alive else []
        good = sum(isinstance(one, Record) for one in found)
        if alive and good < len(alive):
            lost[path.name] = len(alive) - good
    assert lost == {}


@given(st.data())
def test_no_bytes_are_more_than_a_broken_page(data: st.DataObject) -> None:
    """Real pages with bytes exchanged, cut out or doubled."""
    name = data.draw(st.sampled_from(["ListRecords.xml", "ListIdentifiers.xml", "Identify.xml", "badArgument.xml"]))
    payload = bytearray((REAL / "sickle" / name).read_bytes())
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(payload) - 1))
        size = data.draw(st.integers(0, 60))
        payload[at : at + size] = data.draw(st.binary(max_size=8)) or bytes(payload[at : at + size]) * 2
    try:
        page = Page(bytes(payload), {"verb": "ListRecords"}, salvage=data.draw(st.booleans()))
    except BrokenPage as error:
        assert str(error)
        return
    for entry in page.entries("record"):
        assert header_of(entry) is not None
        assert metadata_of(entry) != b""
    for piece in page.broken:
        assert isinstance(identifier_in(piece), str) and isinstance(metadata_in(piece), bytes)
    assert page.token is None or page.token
    assert page.date is None or page.date.tzinfo
