"""The real records the labelled set is made of, mapped by the product: groups of records that stand together.

A group is one finding aid, one list or one slice of a catalogue: what a cataloguer sees as siblings.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from connectors.base import RawItem
from connectors.registry import connector
from mappings.base import MappingOptions
from mappings.record import Record
from mappings.registry import mapping

Group = list[Record]
MOST_OF_ONE_AID = 400
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "data"
LAND_HOLDER = "國有財產局檔案室"
_LAND_FILES = MappingOptions(
    holder=LAND_HOLDER,
    columns={
        "id": "档号",
        "reference_code": "档号",
        "title": "题名",
        "creator": "责任者",
        "dates": "成文日期",
        "page_count": "页数",
    },
)
_SAMPLE_FILES = MappingOptions(
    holder="云江档案馆",
    columns={
        "id": "档号",
        "reference_code": "档号",
        "fonds": "全宗号",
        "parent": "上级档号",
        "level": "层级",
        "title": "题名",
        "creator": "责任者",
        "dates": "成文日期",
        "extent": "数量及单位",
    },
)
_REGISTER = MappingOptions(
    holder=LAND_HOLDER,
    columns={
        "id": "id",
        "title": "舊土地地號",
        "creator": "使用單位",
        "dates": "土地取得日期",
    },
    fixed={"kind": "thematic", "level": "entry"},
)
_WORKS = MappingOptions(
    holder="漢籍圖書館", columns={"id": "id", "title": "title", "creator": "author", "dates": "dynasty"}
)


def samples() -> Iterator[Group]:
    """What may be copied, and is, into the repository: finding aids, a file list, newspaper titles."""
    yield from _by_item(_mapped("ead", SAMPLES / "finding_aids", MappingOptions()))
    yield [record for _, record in _mapped("table", SAMPLES / "file_list", _SAMPLE_FILES)]


def corpus(data: Path) -> Iterator[Group]:
    """The shared corpus: finding aids, MARC, file lists, land registers, Chinese works."""
    yield from _by_item(_mapped("ead", data / "ead", MappingOptions()))
    marc = [record for _, record in _mapped("marc", data / "marc", MappingOptions(holder="University Library"))]
    yield [record for record in marc if record.authority is None]
    yield _rows((data / "csv/dat18-style-derived").glob("*utf8bom.csv"), _LAND_FILES)
    yield _features(data / "thematic/taiwan-land-register/1994_estate.geojson")
    yield _works(data / "csv/chinese-text-catalogues/textref-kanripo.csv")


def _mapped(name: str, folder: Path, options: MappingOptions) -> Iterator[tuple[str, Record]]:
    reader = mapping(name, options)
    for item in connector("folder", {"path": str(folder)}, Path()).read(None):
        assert isinstance(item, RawItem)
        for outcome in reader.records([item]):
            if isinstance(outcome, Record):
                yield item.name, outcome


def _by_item(records: Iterator[tuple[str, Record]]) -> Iterator[Group]:
    """A group per file, of large ones a stretch: siblings stay beside each other."""
    groups: dict[str, Group] = {}
    for item, record in records:
        groups.setdefault(item, []).append(record)
    for item, group in groups.items():
        start = random.Random(item).randrange(max(1, len(group) - MOST_OF_ONE_AID))
        yield group[start : start + MOST_OF_ONE_AID]


def _table(rows: Sequence[dict[str, object]], options: MappingOptions) -> Group:
    lines = b"\n".join(msgspec.json.encode(row) for row in rows)
    item = RawItem("rows.jsonl", lambda: io.BytesIO(lines))
    return [outcome for outcome in mapping("table", options).records([item]) if isinstance(outcome, Record)]


def _rows(files: Iterator[Path], options: MappingOptions) -> Group:
    rows: list[dict[str, object]] = []
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows += csv.DictReader(stream)
    return _table(rows, options)


def _features(file: Path) -> Group:
    found = msgspec.json.decode(file.read_bytes())["features"]
    rows = [{"id": str(at), **feature["properties"]} for at, feature in enumerate(found)]
    return _table([row for row in rows if row.get("舊土地地號")], _REGISTER)


def _works(file: Path, most: int = 4_000) -> Group:
    """One edition of each work: catalogues of one house name the edition elsewhere. Same titles by others stay in."""
    works: dict[str, dict[str, object]] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            work = row["primary_id"].partition("/")[0]
            works.setdefault(work, {"id": work, **{key: row[key] for key in ("title", "dynasty", "author")}})
    step = max(1, len(works) // most)
    return _table(list(works.values())[::step], _WORKS)
