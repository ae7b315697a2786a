"""Formats told by the first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.sniff import HEAD, sniff, unread

KINDS: dict[str, tuple[bytes, str, str | None]] = {
    "EAD": (b"<?xml version='1.0'?><!-- x --><!DOCTYPE ead [<!ENTITY a 'b'>]><ead>", "", "ead"),
    "EAD with a prefix": (b"<e:ead xmlns:e='x'>", "", "ead"),
    "EAC": (b"<eac-cpf xmlns='urn:isbn:1-931666-33-4'>", "", "eac"),
    "ALTO in UTF-16": ("\ufeff<alto>".encode("utf-16-le"), "", "alto"),
    "PAGE": (b"\xef\xbb\xbf<PcGts>", "", "page"),
    "METS": (b"<mets:mets>", "", "mets"),
    "METS in an answer of OAI-PMH": (b"<OAI-PMH><record><metadata><mets ", "", "mets"),
    "MODS": (b"<modsCollection>", "", "mods"),
    "Dublin Core": (b"<oai_dc:dc>", "", "dc"),
    "DSpace's own, of one record": (b"<dim:dim xmlns:dim='http://www.dspace.org/xmlns/dspace/dim'>", "", "dc"),
    "DCMI terms, of one record": (b"<oai_dcterms:dcterms xmlns:x='y'><dcterms:title>", "", "dc"),
    "DataCite in an envelope": (b"<oai_datacite xmlns='http://schema.datacite.org/oai/oai-1.0/'>", "", None),
    "DataCite of one record": (b"<oai_datacite><resource xmlns='http://datacite.org/schema/kernel-4'>", "", "dc"),
    "Dublin Core in an answer": (b"<OAI-PMH><metadata><oai_dc:dc ><dc:title>", "", "dc"),
    "MARCXML": (b"<collection xmlns='http://www.loc.gov/MARC21/slim'><record><leader>", "", "marc"),
    "ISO 2709": (b"00714cam a2200205 a 4500001001300000\x1e", "", "marc"),
    "ISO 2709 with a damaged leader": (b"  714cam a22      a 45  001\x1e", "", "marc"),
    "MARC-in-JSON": (b'{"leader":"00714cam","fields":[]}', "", "marc"),
    "hOCR": (b"<html><body><div class='ocr_page'>", "", "hocr"),
    "hOCR by its head": (b"<!DOCTYPE html><html><head><meta name='ocr-system' content='x'>", "", "hocr"),
    "HTML": (b"<html><body>", "a.html", None),
    "PDF after a mark": (b"\xef\xbb\xbf\n%PDF-1.4", "", "pdf"),
    "JPEG": (b"\xff\xd8\xff\xe0", "", "image"),
    "TIFF": (b"MM\x00*", "", "image"),
    "JPEG 2000": (b"\x00\x00\x00\x0cjP  \r\n", "", "image"),
    "WebP": (b"RIFF\0\0\0\0WEBP", "", "image"),
    "IIIF": (b'{"@context": "http://iiif.io/api/presentation/3/context.json"', "", "iiif"),
    "GeoJSON": (b'{"type": "FeatureCollection"', "", "geojson"),
    "GEDCOM": (b"\xef\xbb\xbf0 HEAD\n1 SOUR", "", "gedcom"),
    "GEDCOM in UTF-16": ("0 HEAD\n".encode("utf-16"), "", "gedcom"),
    "JSON": (b'[{"title": "x"}]', "a.json", "table"),
    "JSON lines": (b'{"title": "x"}\n{"title": "y"}', "a.jsonl", "table"),
    "Parquet": (b"PAR1", "", "table"),
    "XLSX": (b"PK\x03\x04....[Content_Types].xml", "", "table"),
    "another archive": (b"PK\x03\x04....a.txt", "", None),
    "CSV": (b"a,b\n1,2\n", "a.csv", "table"),
    "CSV without a suffix": (b"a,b,c\n1,2,3\n4,5,6\n", "", "table"),
    "CSV in GBK": ("题名,日期\n".encode("gbk"), "a.csv", "table"),
    "text": ("* 經部\n** 易類\n".encode(), "KR1a.txt", "text"),
    "text of another suffix": (b"hello", "a.log", None),
    "bytes": (bytes(range(256)), "a.txt", None),
    "other XML": (b"<svg/>", "a.svg", None),
    "other JSON": (b"{broken", "a.json", None),
    "nothing": (b"", "a.csv", None),
}


@pytest.mark.parametrize(("data", "name", "kind"), KINDS.values(), ids=KINDS)
def test_kinds(data: bytes, name: str, kind: str | None) -> None:
    assert sniff(data, name) == kind


@given(st.binary(max_size=200), st.sampled_from(["", "a.csv", "a.xml", "a.txt", "a.json", "a.iso"]))
def test_any_bytes_are_told_or_not(data: bytes, name: str) -> None:
    sniff(data, name)


@pytest.mark.parametrize("data", [b"<!--" * 16_000, b"<?" * 32_000, b"<!DOCTYPE a [" * 5_000, b"[" * HEAD, b"<" * HEAD])
def test_hostile_starts_take_no_time(data: bytes) -> None:
    assert sniff(data, "a.xml") in (None, "table")


FOLDERS: dict[str, dict[str | None, int]] = {
    # what the README of the corpus says lies there; None is what no mapping reads
    "digitised/alto-official-samples": {"alto": 21, "image": 1, None: 1},
    "digitised/chinese-woodblock-page-xml": {"page": 169},
    "digitised/newspapers-alto-hocr": {"alto": 26, "hocr": 4, "text": 6, None: 1},
    "digitised/ocr-images-multilingual": {"image": 30},
    "digitised/ocrd-mets-page": {"mets": 9, "page": 10, "alto": 4, "image": 13, "text": 33},
    "digitised/pdf-chinese": {"pdf": 1},
    "digitised/pdf-samples": {"pdf": 27, "image": 11},
    "ead/ead2002-nyu": {"ead": 43},
    "ead/ead2002-archivesspace": {"ead": 12},
    "ead/ead2002-arclight": {"ead": 8},
    "ead/ead2002-saa-samples": {"ead": 2},
    "ead/ead3-ncsu": {"ead": 36},
    "ead/ead3-saa-samples": {"ead": 7, "eac": 1},
    "ead/eac-cpf-archivesspace": {"eac": 13},
    "marc/pymarc": {"marc": 17},
    "marc/searchworks": {"marc": 39, "table": 1},  # a FOLIO record whose MARC begins later than we look
    "marc/archivesspace": {"marc": 23},
    "marc/cnmarc-derived": {"marc": 2},
    "csv/atom-import-samples": {"table": 10},
    "csv/archivesspace-bulk-import": {"table": 24},
    "csv/chinese-text-catalogues": {"table": 1},
    "csv/dat18-style-derived": {"table": 3},
    "csv/trove-newspaper-titles": {"table": 2},
    "chinese/kanripo-catalog": {"text": 54},
    "chinese/place-codes": {"table": 6},
    "iiif/cookbook": {"iiif": 111, "alto": 4, None: 3},
    "iiif/large": {"iiif": 5},
    "oai/archivesspace": {"dc": 7, "ead": 2, "marc": 2, "mods": 2},
    "oai/sickle": {"dc": 18, None: 1},
    "oai/mit-transmogrifier": {"dc": 28, "mets": 5, None: 2},
    "thematic/cbdb-persons": {"table": 3, None: 1},
    "thematic/chinese-calendar": {None: 1},
    "thematic/taiwan-land-register": {"geojson": 3},
    "thematic/chinese-research-papers": {"table": 3},
    "thematic/tang-poets": {"table": 2},
    "thematic/genealogy-gedcom": {"gedcom": 6, "table": 1},
    "bad/csv-frictionless": {"table": 17, None: 2},
    "bad/iiif": {"iiif": 1},
    "bad/marc-pymarc": {"marc": 8},
    "bad/marc-truncated": {"marc": 2},
    "bad/ocr-broken": {"alto": 2, "hocr": 6},
    "bad/pdf-encrypted": {"pdf": 1},
    "bad/xlsx-archivesspace": {"table": 2},
    "bad/zip": {None: 4},
    "bad/xml-xxe-bombs": {None: 4},
}


@pytest.mark.corpus
@pytest.mark.parametrize(("folder", "expected"), FOLDERS.items(), ids=FOLDERS)
def test_the_formats_of_the_corpus(corpus: Path, folder: str, expected: dict[Any, int]) -> None:
    found: dict[str | None, int] = {}
    for path in (corpus / folder).rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                kind = sniff(stream.read(HEAD), path.name)
            found[kind] = found.get(kind, 0) + 1
    assert found == expected


UNREAD = {
    "ZIP": (b"PK\x03\x04rest", "an archive of files (ZIP)", "unpack it"),
    "gzip": (b"\x1f\x8b\x08", "compressed", "unpack it"),
    "tar": (b"a.txt".ljust(257, b"\0") + b"ustar\x0000", "an archive of files (tar)", "unpack it"),
    "database": (b"SQLite format 3\0...", "a SQLite database", "make a source with connector: sql of it"),
    "HTML": (b"<!DOCTYPE html><html><body>x</body></html>", "HTML without recognised text", None),
    "XML of somebody": (b"<?xml version='1.0'?><lolz>x</lolz>", "XML whose root element is lolz", None),
    "nothing known": (b"\x01\x02\x03", None, None),
}


@pytest.mark.parametrize(("payload", "what", "hint"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_read_is_named(payload: bytes, what: str | None, hint: str | None) -> None:
    assert unread(payload) == (what, hint)
