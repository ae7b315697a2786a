"""Authority records, descriptions of harvests, genealogies, features and outlines: ours against naive counters.

The other side is a regular expression over the bytes, `json`, `csv` or `sqlite3`: none of them knows our parsers.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from connectors.base import RawItem
from connectors.registry import connector
from mappings.base import MappingOptions, Outcome, Skipped
from mappings.record import Record
from mappings.registry import mapping
from tests.corpus_counts.table import Count

PERSONS = MappingOptions(
    columns={"id": "primary_id", "title": "person_name", "dates": ["born_year", "died_year"], "place": "jiguan"},
    fixed={"authority": "person"},
)
DATABASE = MappingOptions(
    columns={"title": "name", "dates": ["born_year", "died_year"], "place": "native_place"},
    fixed={"authority": "person"},
)
POETS = MappingOptions(
    columns={"id": "id", "title": "name", "administrative_history": "desc"}, fixed={"authority": "person"}
)


def items(path: Path, glob: str = "**/*") -> list[RawItem]:
    """The files of a folder, or one file, as the folder transport gives them."""
    found = connector("folder", {"path": str(path), "glob": glob}, Path()).read(None)
    return [item for item in found if isinstance(item, RawItem)]


def outcomes(name: str, path: Path, glob: str = "**/*", options: MappingOptions | None = None) -> list[Outcome]:
    """What one mapping makes of all files."""
    made = mapping(name, options or MappingOptions())
    return [outcome for item in items(path, glob) for outcome in made.records([item])]


def records(found: list[Outcome]) -> list[Record]:
    return [outcome for outcome in found if isinstance(outcome, Record)]


def skipped(found: list[Outcome], code: str) -> int:
    return sum(isinstance(outcome, Skipped) and outcome.problem.code == code for outcome in found)


def payloads(path: Path, glob: str = "**/*") -> list[bytes]:
    return (
        [file.read_bytes() for file in sorted(path.glob(glob)) if file.is_file()]
        if path.is_dir()
        else [path.read_bytes()]
    )


def matches(pattern: bytes, found: list[bytes]) -> int:
    return sum(len(re.findall(pattern, payload)) for payload in found)


def rows(corpus: Path) -> Iterator[Count]:
    """All counts of these formats."""
    yield from _eac(corpus / "ead")
    yield from _harvests(corpus / "oai")
    yield from _gedcom(corpus / "thematic/genealogy-gedcom")
    yield from _features(corpus / "thematic/taiwan-land-register")
    yield from _outlines(corpus / "chinese/kanripo-catalog")
    yield from _texts(corpus / "digitised/newspapers-alto-hocr/multi_txt")
    yield from _persons(corpus / "thematic")


def _eac(folder: Path) -> Iterator[Count]:
    found = outcomes("eac", folder)
    made, read = records(found), payloads(folder)
    every = [payload for payload in read if re.search(rb"<(?:\w+:)?eac-cpf[\s>]", payload)]
    agents = [payload for payload in every if not re.search(rb"<maintenanceStatus>(?:deleted|cancelled)", payload)]
    yield Count("eac", "records", len(made), matches(rb"<(?:\w+:)?eac-cpf[\s>]", agents), "regex")
    yield Count("eac", "withdrawn", skipped(found, "deleted-in-source"), len(every) - len(agents), "regex")
    related = sum(len(record.authority.relations) for record in made if record.authority)
    entries = [re.sub(rb"(?s)<!--.*?-->", b"", payload) for payload in agents]
    agent = rb"(?s)<cpfRelation[^>]*>.*?<relationEntry.*?</cpfRelation>"
    yield Count("eac", "related agents, each once", related, _each_once(entries, agent), "regex")
    resources = [record.description["related_material"] for record in made if "related_material" in record.description]
    count = sum(text.count("\n") + 1 for text in resources)
    resource = rb"(?s)<resourceRelation.*?</resourceRelation>"
    yield Count("eac", "related resources, each once", count, _each_once(entries, resource, _resource), "regex")
    forms = [record.authority for record in made if record.authority]
    names = sum(1 + len(one.headings) + len(one.variants) for one in forms)
    entry = rb"(?s)<nameEntry[\s>].*?</nameEntry>"
    yield Count("eac", "names, each once", names, _each_once(entries, entry, _parts), "regex")
    yield Count("eac", "files of another format", skipped(found, "wrong-format"), len(read) - len(every), "regex")


def _spaced(text: bytes) -> bytes:
    """White space, and the marks of a catalogue around words that do not sort (U+0098, U+009C), out of the way."""
    return re.sub(rb"\s+", b" ", re.sub(rb"\xc2[\x98\x9c]", b"", text)).strip()


def _parts(entry: bytes) -> bytes:
    return b"".join(map(_spaced, re.findall(rb"(?s)<part[^>]*>(.*?)</part>", entry)))


def _resource(relation: bytes) -> bytes:
    said = re.search(rb"(?s)<relationEntry[^>]*>(.*?)</relationEntry>", relation)
    return b"".join(sorted(re.findall(rb'(?:href|arcrole)="[^"]*"', relation))) + (_spaced(said[1]) if said else b"")


def _each_once(payloads: list[bytes], pattern: bytes, key: Callable[[bytes], bytes] = _spaced) -> int:
    """Different matches of a pattern in each payload, summed up."""
    return sum(len({key(found) for found in re.findall(pattern, payload)}) for payload in payloads)


def _harvests(folder: Path) -> Iterator[Count]:
    read = payloads(folder)
    dc = outcomes("dc", folder)
    roots = rb"(?s)<(?:\w+:)?(?:dc|dcterms|dim|resource)[\s>]|<record[^>]*>\s*<dc:\w+>[^<]"
    yield Count("dc", "records", len(records(dc)), matches(roots, read), "regex")
    deleted = matches(rb'(?s)<record[^>]*>\s*<header status="deleted"', read)
    yield Count("dc", "deleted", skipped(dc, "deleted-in-source"), deleted, "regex")
    errors = sum(outcome.problem.code == "oai-error" for outcome in dc if not isinstance(outcome, Record))
    yield Count("dc", "answers that are errors", errors, matches(rb"<error ", read), "regex")
    heads = rb"(?s)<record[^>]*>\s*<header[^>]*>\s*<identifier>([^<]*)"
    ids = [found.decode() for payload in read for found in re.findall(heads, payload)]
    taken = sum(outcome.source_id in set(ids) for outcome in dc)
    yield Count("dc", "OAI records, a row each", taken, len(ids), "regex")
    mods = outcomes("mods", folder)
    yield Count("mods", "records", len(records(mods)), matches(rb"<(?:\w+:)?mods[\s>]", read), "regex")
    topics = sum(name.role == "subject" for record in records(mods) for name in record.names)
    yield Count("mods", "subjects", topics, _subjects(read), "regex")


def _subjects(read: list[bytes]) -> int:
    """Subjects of MODS that are no genre, each once in its record."""
    total = 0
    for payload in read:
        for one in re.findall(rb"(?s)<(?:\w+:)?mods[\s>].*?</(?:\w+:)?mods>", payload):
            found = re.findall(rb"(?s)<(?:\w+:)?subject[^>]*>(.*?)</(?:\w+:)?subject>", one)
            texts = {
                (re.sub(rb"\s+|<[^>]*>", b" ", text).strip(), text[:20].strip())
                for text in found
                if b"genre>" not in text
            }
            total += sum(bool(text) for text, _ in texts)
    return total


def _gedcom(folder: Path) -> Iterator[Count]:
    found = outcomes("gedcom", folder, "*.ged")
    lines: Counter[str] = Counter()
    for payload in payloads(folder, "*.ged"):
        text = payload.decode("utf-16" if payload[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1")
        lines.update(re.findall(r"(?m)^0 @[^@\r\n]+@ (\w+)", text))
    types = Counter(record.authority.type for record in records(found) if record.authority)
    yield Count("gedcom", "persons", types["person"], lines["INDI"], "regex")
    yield Count("gedcom", "families", types["family"], lines["FAM"], "regex")
    others = sum(lines.values()) - lines["INDI"] - lines["FAM"]
    yield Count("gedcom", "supporting records", skipped(found, "supporting-record"), others, "regex")


def _features(folder: Path) -> Iterator[Count]:
    made = records(outcomes("geojson", folder))
    features = [feature for file in sorted(folder.iterdir()) for feature in json.loads(file.read_bytes())["features"]]
    yield Count("geojson", "features", len(made), len(features), "json")
    shaped = sum(feature["geometry"] is not None for feature in features)
    yield Count("geojson", "features with a geometry", sum("coordinates" in one.values for one in made), shaped, "json")
    filled = sum(value not in ("", None) for feature in features for value in feature["properties"].values())
    cells = sum(len(one.values.keys() - {"geometry", "coordinates", "bounding box"}) for one in made)
    yield Count("geojson", "properties with a value", cells, filled, "json")


_SECTIONS = {"人物", "版本", "电子版", "電子版", "Work notes", "Comments"}


def _outlines(folder: Path) -> Iterator[Count]:
    found = outcomes("text", folder)
    headings, sections, titles, people = 0, 0, 0, 0
    for payload in payloads(folder):
        text = payload.decode("utf-8")
        titles += bool(re.search(r"(?m)^#\+TITLE:", text))
        inside, kind = 0, ""
        for stars, words in re.findall(r"(?m)^(\*+) +(.*?)[ \t\r]*$", text):
            headings += 1
            if inside and len(stars) <= inside:
                inside = 0
            if not inside and words in _SECTIONS and len(stars) > 1:
                inside, kind = len(stars), words
            elif inside and kind == "人物" and len(stars) == inside + 1:
                people += 1
            sections += bool(inside)
    taken = len(found) - titles
    yield Count("text", "headings of outlines, sections aside", taken, headings - sections, "regex")
    yield Count("text", "titles of outlines", sum("#" not in one.source_id for one in records(found)), titles, "regex")
    named = sum(bool(name.relator) or name.type == "person" for one in records(found) for name in one.names)
    yield Count("text", "people of works", named, people, "regex", PEOPLE_NOTE)


PEOPLE_NOTE = "one work names its author in its heading alone (KR4e0245)"


def _texts(folder: Path) -> Iterator[Count]:
    made = records(outcomes("text", folder))
    read = payloads(folder)
    yield Count("text", "plain texts", len(made), len(read), "files")
    words = sum(len(word.text.split()) for one in made for page in one.pages for line in page.lines for word in line)
    yield Count(
        "text", "words of plain texts", words, sum(len(one.decode("utf-8").split()) for one in read), "str.split"
    )


def _persons(folder: Path) -> Iterator[Count]:
    file = folder / "cbdb-persons/cbdb_persons_sample.csv"
    made = records(outcomes("table", file, options=PERSONS))
    listed = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
    yield Count("table", "persons of a CSV", sum(one.authority is not None for one in made), len(listed), "csv")
    born = sum(row["born_year"] not in ("", "0") for row in listed)
    yield Count(
        "table",
        "births of a CSV",
        sum(one.dates is not None and one.dates.start is not None for one in made),
        born,
        "csv",
    )
    yield from _database(folder / "cbdb-persons/cbdb_persons.sqlite")
    poets = folder / "tang-poets/authors.tang.json"
    lives = records(outcomes("table", poets, options=POETS))
    yield Count(
        "table", "poets", sum(one.authority is not None for one in lives), len(json.loads(poets.read_bytes())), "json"
    )


def _database(file: Path) -> Iterator[Count]:
    made = mapping("table", DATABASE)
    source = connector("sql", {"url": f"sqlite:///{file}", "table": "person"}, Path())
    ours: Counter[str] = Counter()
    for item in filter(lambda entry: isinstance(entry, RawItem), source.read(None)):
        for outcome in made.records([item]):
            assert isinstance(outcome, Record)
            ours["persons"] += outcome.authority is not None
            ours["births"] += outcome.dates is not None and outcome.dates.start is not None
            ours["deaths"] += outcome.dates is not None and outcome.dates.end is not None
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    query = "select count(*), count(born_year), count(died_year) from person"
    theirs = database.execute(query).fetchone()
    database.close()
    for what, number in zip(("persons", "births", "deaths"), theirs, strict=True):
        yield Count("table", f"{what} of a database", ours[what], number, "sqlite3")
