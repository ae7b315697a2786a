"""MARC records, links and original script of the corpus, counted by readers that know nothing of the mapping.

ISO 2709: record terminators, and fields as pymarc reads them. MARCXML: start tags and regular expressions.
MARC-in-JSON: the json module. What these find in a record must stand somewhere in what the mapping made of that record.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymarc

from mappings.base import Failed, MappingOptions, Outcome
from mappings.record import Record, encode
from mappings.registry import mapping
from tests.contracts.mapping_contract import mapped
from tests.corpus_counts.table import Count

Fields = list[tuple[str, list[tuple[str, str]]]]
"""(tag, subfields) of the data fields of a record."""
_RECORD = re.compile(r"<(?:[\w-]+:)?record[\s>](?:(?!<(?:[\w-]+:)?record[\s>]).)*?</(?:[\w-]+:)?record>", re.DOTALL)
_FIELD = re.compile(r"<(?:[\w-]+:)?datafield\s([^>]*)>(.*?)</(?:[\w-]+:)?datafield>", re.DOTALL)
_SUBFIELD = re.compile(r"<(?:[\w-]+:)?subfield\s[^>]*code=[\"'](.)[\"'][^>]*>(.*?)</", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def iso2709_fields(payload: bytes) -> list[Fields]:
    """What pymarc reads, in UTF-8 where the leader says so or the bytes are."""
    found = []
    for raw in payload.split(b"\x1d"):
        if not raw.strip():
            continue
        record = pymarc.Record(raw + b"\x1d", force_utf8=_is_utf8(raw), hide_utf8_warnings=True)
        found.append(
            [
                (field.tag, [(part.code, part.value) for part in field.subfields])
                for field in record.fields
                if not field.control_field
            ]
        )
    return found


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x1b" not in raw


def marcxml_fields(payload: bytes) -> list[Fields]:
    """What regular expressions find."""
    text = _COMMENT.sub("", payload.decode("utf-8"))
    return [
        [
            (tag[1], [(code, html.unescape(value)) for code, value in _SUBFIELD.findall(inner)])
            for attributes, inner in _FIELD.findall(record)
            if (tag := re.search(r"""tag=["'](...)["']""", attributes))
        ]
        for record in _RECORD.findall(text)
    ]


def json_fields(payload: bytes) -> list[Fields]:
    """What the json module finds: a list, lines, one object, or one of FOLIO."""
    text = payload.decode("utf-8")
    try:
        values = json.loads(text, strict=False)
    except ValueError:
        values = [json.loads(line, strict=False) for line in text.splitlines() if line.strip()]
    if isinstance(values, dict):
        values = values.get("source_record", [values])
    return [
        [
            (tag, _json_subfields(content))
            for entry in value["fields"]
            for tag, content in entry.items()
            if _is_data(tag)
        ]
        for value in values
    ]


def _json_subfields(content: Any) -> list[tuple[str, str]]:
    return [(code, value) for part in content["subfields"] for code, value in part.items()]


def _is_data(tag: str) -> bool:
    return not tag.startswith("00")


READERS: dict[str, tuple[str, Callable[[bytes], list[Fields]], tuple[str, ...]]] = {
    "ISO 2709": ("pymarc", iso2709_fields, (".dat", ".iso")),
    "MARCXML": ("regular expressions", marcxml_fields, (".xml",)),
    "MARC-in-JSON": ("json", json_fields, (".json", ".jsonl")),
}


def rows(corpus: Path) -> Iterator[Count]:
    """Records by three ways of counting, then addresses (856 $u) and original script (880)."""
    terminators, outcomes = 0, 0
    for folder, ending in (
        ("marc", ".dat"),
        ("marc", ".iso"),
        ("bad/marc-pymarc", ".dat"),
        ("bad/marc-pymarc", ".mrc"),
    ):
        for path in sorted((corpus / folder).rglob(f"*{ending}")):
            terminators += path.read_bytes().count(b"\x1d")
            outcomes += len(_outcomes(path))
    yield Count("MARC, ISO 2709", "records and failures", outcomes, terminators, "terminators 1D")
    for name, (reader, fields_of, endings) in READERS.items():
        yield from _read(corpus, name, reader, fields_of, endings)
    yield _authorities(corpus)
    yield _oai(corpus)
    yield _truncated(corpus)


def _read(
    corpus: Path, name: str, reader: str, fields_of: Callable[[bytes], list[Fields]], endings: tuple[str, ...]
) -> Iterator[Count]:
    counts = {"records": [0, 0], "addresses (856 $u)": [0, 0], "fields in original script (880)": [0, 0]}
    for path in sorted(path for path in (corpus / "marc").rglob("*") if path.suffix in endings):
        theirs, ours = fields_of(path.read_bytes()), _outcomes(path)
        for key, found, expected in (("records", len(ours), len(theirs)), *_contained(theirs, ours)):
            counts[key][0] += found
            counts[key][1] += expected
    for what, (found, expected) in counts.items():
        if expected:
            yield Count(f"MARC, {name}", what, found, expected, reader)


def _contained(theirs: list[Fields], ours: list[Outcome]) -> Iterator[tuple[str, int, int]]:
    """(what, how many of their values stand in our record of the same place, how many they are)."""
    for fields, outcome in zip(theirs, ours, strict=True):
        said = _flat(encode(outcome).decode() if isinstance(outcome, Record) else str(outcome))
        urls = [value for tag, subfields in fields if tag == "856" for code, value in subfields if code == "u"]
        scripts = [text for tag, subfields in fields if tag == "880" and (text := _first(subfields))]
        for what, values in (("addresses (856 $u)", urls), ("fields in original script (880)", scripts)):
            flat = list(filter(None, map(_flat, values)))
            yield what, sum(value in said for value in flat), len(flat)


def _first(subfields: list[tuple[str, str]]) -> str | None:
    """The first $a of an 880 that says what it is linked to."""
    if not any(code == "6" and re.match(r"\d{3}-\d\d", value) for code, value in subfields):
        return None
    return next((value for code, value in subfields if code == "a"), None)


def _flat(text: str) -> str:
    """Letters and digits alone: white space, punctuation and the escapes of JSON do not count."""
    return "".join(char for char in text.replace("\\", "") if char.isalnum())


def _outcomes(path: Path) -> list[Outcome]:
    return mapped(mapping("marc", MappingOptions()), (path.name, path.read_bytes()))


def _authorities(corpus: Path) -> Count:
    """Records whose leader says that they are authorities, in MARCXML."""
    found = expected = 0
    for path in sorted((corpus / "marc").rglob("*.xml")):
        expected += len(re.findall(rb"<(?:[\w-]+:)?leader[^>]*>.{6}z", path.read_bytes()))
        found += sum(isinstance(outcome, Record) and outcome.authority is not None for outcome in _outcomes(path))
    note = "one has no heading and fails (no-heading)"
    return Count("MARC, MARCXML", "authorities", found, expected, "leader/06 by regular expression", note)


def _oai(corpus: Path) -> Count:
    """Responses of OAI-PMH with MARC in their metadata."""
    found = expected = 0
    for path in sorted((corpus / "oai").rglob("*.xml")):
        text = path.read_bytes()
        expected += len(re.findall(rb"<(?:[\w-]+:)?leader>", text))
        found += sum(isinstance(outcome, Record) for outcome in _outcomes(path))
    return Count("MARC, OAI-PMH", "records", found, expected, "tags <leader>")


def _truncated(corpus: Path) -> Count:
    """A file cut off within a record, and one with junk between records: the cut record counts besides."""
    found = expected = 0
    for path in sorted((corpus / "bad" / "marc-truncated").glob("*.mrc")):
        expected += path.read_bytes().count(b"\x1d")
        found += sum(not isinstance(outcome, Failed) for outcome in _outcomes(path))
    return Count("MARC, cut off", "records", found, expected + 1, "terminators 1D, and the record cut off")
