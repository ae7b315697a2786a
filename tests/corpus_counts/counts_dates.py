"""How many of the corpus's dates are read, folder by folder, and what is not:
`python -m tests.corpus_counts.counts_dates`.

Dates are taken as they stand by plain readers that know nothing of the mappings: elements, attributes, columns and keys
by their names.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from mappings.dates import read

COMMONEST = 20
_ELEMENTS = {"unitdate", "datesingle", "fromdate", "todate", "fromDate", "toDate"}
_MARC_DATES = {"260": "c", "264": "c", "245": "f"}
_COLUMNS = re.compile(
    r"^(?!.*(?:type|label|certainty|era|calendar|mandate))(?:.*date.*|.*日期|.*時間|dynasty)$", re.IGNORECASE
)
_ORG_DRAWER = re.compile(r"^\s*:(?:DATES?|DYNASTY):\s*(.+?)\s*$", re.MULTILINE)
_GEDCOM = re.compile(r"^\s*\d+ DATE (.+?)\s*$", re.MULTILINE)
_OAI = re.compile(r"<(?:\w+:)?(?:date\w*|issued|created)(?: [^>]*)?>([^<]+)<")
_PARSER = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=True)


@dataclass(frozen=True)
class DatesRead:
    """The dates of a folder: texts written; of these read, said to be undated, and unread, with the commonest."""

    folder: str
    present: int
    read: int
    undated: int
    unread: int
    commonest: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """Unread among all, 0 to 1."""
        return self.unread / self.present if self.present else 0.0


def listing(corpus: Path) -> Iterator[DatesRead]:
    """One line a folder of `corpus` that has dates."""
    for pattern, texts in _FOLDERS.items():
        for folder in sorted(corpus.glob(pattern)):
            if folder.is_dir() and (found := Counter(texts(folder))):
                yield counted(folder.relative_to(corpus).as_posix(), found)


def counted(folder: str, texts: Counter[str]) -> DatesRead:
    """What becomes of each text, as often as it stands there."""
    read_, undated = 0, 0
    unread: Counter[str] = Counter()
    for text, times in texts.items():
        reading = read(text)
        if reading.precision is not None:
            read_ += times
        elif reading.undated:
            undated += times
        else:
            unread[text] = times
    lost = sum(unread.values())
    return DatesRead(folder, texts.total(), read_, undated, lost, tuple(unread.most_common(COMMONEST)))


def _files(folder: Path, *endings: str) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in endings)


def _elements(folder: Path) -> Iterator[str]:
    """EAD and EAC-CPF: date elements."""
    for path in _files(folder, ".xml"):
        for element in etree.parse(str(path), _PARSER).iter():
            if isinstance(element.tag, str) and etree.QName(element).localname in _ELEMENTS:
                text = " ".join("".join(element.itertext()).split())
                if text:
                    yield text


def _marc(folder: Path) -> Iterator[str]:
    """MARCXML and MARC in JSON: publication dates and inclusive dates."""
    for path in _files(folder, ".xml", ".json"):
        text = path.read_text("utf-8", "replace")
        for tag, code in _MARC_DATES.items():
            for field in re.findall(rf'tag="{tag}".*?</', text, re.DOTALL):
                yield from re.findall(rf'code="{code}">([^<]+)<', field + "/")
            for field in re.findall(rf'"{tag}"\s*:\s*\{{(.*?)\]', text, re.DOTALL):
                yield from re.findall(rf'"{code}"\s*:\s*"([^"]+)"', field)


def _columns(folder: Path) -> Iterator[str]:
    """Columns of CSV files that are called dates."""
    csv.field_size_limit(1 << 24)
    for path in _files(folder, ".csv"):
        payload = path.read_bytes()
        try:
            text = payload.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = payload.decode("gb18030")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            for name, value in row.items():
                if name and isinstance(value, str) and value.strip() and _COLUMNS.fullmatch(name.strip()):
                    yield value.strip()


def _keys(folder: Path) -> Iterator[str]:
    """Keys of JSON files that are called dates, and IIIF metadata under such a label."""
    for path in _files(folder, ".json", ".geojson"):
        try:
            yield from _of_json(json.loads(path.read_text("utf-8", "replace")))
        except ValueError:
            continue


def _of_json(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and inner.strip() and (_COLUMNS.fullmatch(key) or key == "navDate"):
                yield inner.strip()
            yield from _of_json(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_json(inner)


def _matches(pattern: re.Pattern[str], *endings: str) -> Callable[[Path], Iterator[str]]:
    def texts(folder: Path) -> Iterator[str]:
        for path in _files(folder, *endings):
            payload = path.read_bytes()
            encoding = "utf-16" if payload[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
            yield from (text.strip() for text in pattern.findall(payload.decode(encoding, "replace")) if text.strip())

    return texts


def _persons(folder: Path) -> Iterator[str]:
    """Dynasties of the China Biographical Database."""
    for path in _files(folder, ".sqlite"):
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
            yield from (text for (text,) in database.execute("SELECT dynasty FROM person WHERE dynasty IS NOT NULL"))


_FOLDERS: dict[str, Callable[[Path], Iterator[str]]] = {
    "ead/*": _elements,
    "marc/*": _marc,
    "csv/*": _columns,
    "chinese/*": _matches(_ORG_DRAWER, ".txt", ".org"),
    "iiif/*": _keys,
    "oai/*": _matches(_OAI, ".xml"),
    "thematic/cbdb-persons": _persons,
    "thematic/taiwan-land-register": _keys,
    "thematic/genealogy-gedcom": _matches(_GEDCOM, ".ged"),
}


def main() -> None:
    corpus = Path(os.environ.get("ONESTOP_CORPUS", Path(__file__).resolve().parents[3] / "shared" / "data"))
    for line in listing(corpus):
        print(
            f"{line.folder:40} {line.present:7,} dates, {line.read:7,} read, {line.undated:6,} undated, "
            f"{line.unread:5,} unread ({line.share:.2%})"
        )
        for text, times in line.commonest:
            print(f"{times:12,}  {text[:80]}")


if __name__ == "__main__":
    main()
