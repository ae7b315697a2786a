"""Golden records: real inputs give exactly the outcomes kept beside them.

An input is a file below ``tests/golden/<mapping>``, or a folder ``NAME.item`` whose files are one item together; what
it gives is kept beside it as ``NAME.golden.json``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mappings.base import MappingOptions
from mappings.registry import mapping
from tests.contracts.mapping_contract import mapped

GOLDEN = Path(__file__).parents[1] / "golden"
KEPT = ".golden.json"
ITEM = ".item"
OPTIONS = {
    "alto": MappingOptions(holder="Newspaper Archive"),
    "table": MappingOptions(
        holder="East Wing Archive",
        columns={
            "id": "档号",
            "reference_code": "档号",
            "fonds": "全宗号",
            "title": "题名",
            "dates": "成文日期",
            "creator": "责任者",
        },
        fixed={"level": "file"},
    ),
    "table/crosswalks": MappingOptions(holder="East Wing Archive"),
}


def inputs() -> Iterator[Path]:
    """The files, and the folders that are items."""
    for path in sorted(GOLDEN.glob("*/**/*")):
        if (path.is_dir() and path.suffix == ITEM) or (
            path.is_file() and not path.name.endswith(KEPT) and not any(up.suffix == ITEM for up in path.parents)
        ):
            yield path


def files(path: Path) -> list[tuple[str, bytes]]:
    """(name, bytes) of every file of an input, named from the folder of its mapping."""
    home = GOLDEN / path.relative_to(GOLDEN).parts[0]
    inside = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return [(file.relative_to(home).as_posix(), file.read_bytes()) for file in inside]


INPUTS = list(inputs())


@pytest.mark.parametrize("path", INPUTS, ids=[path.relative_to(GOLDEN).as_posix() for path in INPUTS])
def test_golden_records(path: Path) -> None:
    kind = path.relative_to(GOLDEN).parts[0]
    options = OPTIONS.get(path.parent.relative_to(GOLDEN).as_posix()) or OPTIONS.get(kind, MappingOptions())
    found = mapped(mapping(kind, options), *files(path))
    given = [
        {"outcome": type(outcome).__name__, **msgspec.json.decode(msgspec.json.encode(outcome))} for outcome in found
    ]
    kept = path.with_name(path.name + KEPT)
    if os.environ.get("ONESTOP_GOLDEN") == "write":
        kept.write_text(json.dumps(given, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert given == json.loads(kept.read_text("utf-8"))
