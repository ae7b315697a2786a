"""Finding aids: fonds, components and addresses of digital objects, against an XML parser that knows no namespaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from connectors.base import RawItem
from connectors.registry import connector
from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping
from tests.corpus_counts.table import Count

COMPONENTS = {"c", *(f"c{number:02}" for number in range(1, 13))}
READER = "expat"


def rows(corpus: Path) -> Iterator[Count]:
    """Counts over data/ead. What an authority record quotes is no finding aid: files of another root are left out."""
    folder = corpus / "ead"
    ours, theirs = _ours(folder), _theirs(folder)
    for what in ("fonds", "components", "other XML, skipped"):
        yield Count("ead", what, ours[what], theirs[what], READER)


def _ours(folder: Path) -> Counter[str]:
    counted: Counter[str] = Counter()
    reader = mapping("ead", MappingOptions())
    for item in connector("folder", {"path": str(folder)}, Path()).read(None):
        assert isinstance(item, RawItem)
        for outcome in reader.records([item]):
            if not isinstance(outcome, Record):
                counted["other XML, skipped"] += 1
            else:
                counted["components" if outcome.ancestors else "fonds"] += 1
    return counted


def _theirs(folder: Path) -> Counter[str]:
    counted: Counter[str] = Counter()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        root, tags = _tags(file.read_bytes())
        if root != "ead":
            counted["other XML, skipped"] += 1
            continue
        counted["fonds"] += tags["archdesc"]
        counted["components"] += sum(tags[name] for name in COMPONENTS)
    return counted


def _tags(payload: bytes) -> tuple[str, Counter[str]]:
    """(root, how often each local name starts) as far as the file is well-formed."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, _: found.append(tag.rpartition(":")[2])
    try:
        parser.Parse(payload, True)
    except expat.ExpatError:
        assert found and found[0] != "ead"  # one authority record gives an attribute twice
    return found[0], Counter(found)
